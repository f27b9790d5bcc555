//! `etcd-client-auth-disabled`.

use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_object::Other;
use serde::Deserialize;

use crate::configurations::ETCD;
use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct EtcdClientAuthDisabled {}

impl Rule for EtcdClientAuthDisabled {
    const META: Meta = Meta {
        id: "etcd-client-auth-disabled",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("etcd_client_auth_disabled.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

/// Who speaks to a member: where it listens for them, what secures that, and what they are called.
const SIDES: [(&str, &str, &str, &str); 2] = [
    ("listen-client-urls", "client-transport-security", "client", "clients"),
    ("listen-peer-urls", "peer-transport-security", "member", "other members"),
];

/// Switches certificates on; for members the flag of the command line has another name.
const SWITCH: &str = "client-cert-auth";
const FLAG_OF_PEERS: &str = "peer-client-cert-auth";

impl EtcdClientAuthDisabled {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        if sheet.other() != Some(Other::Tool(ETCD)) {
            return;
        }
        let Some(root) = sheet.document.root() else { return };
        for (listens, security, one, all) in SIDES {
            // Where nothing is said a member listens on loopback alone.
            let Some(urls) = root.get(listens).filter(|it| beyond_loopback(it.text()).next().is_some()) else {
                continue;
            };
            if beyond_loopback(urls.text()).any(|it| it.starts_with("http://")) {
                let message = format!("etcd speaks to {all} without TLS: any {one} reads and writes everything");
                report.say_node(sheet, urls, message).help("listen on https, with certificates on both sides");
                continue;
            }
            side(sheet, urls, root.get(security), (one, all), report);
        }
    }
}

fn side<'a>(
    sheet: Sheet<'a>,
    urls: Node<'a>,
    security: Option<Node<'a>>,
    (one, all): (&str, &str),
    report: &mut Reporter<'_>,
) {
    let switch = security.and_then(|it| it.get(SWITCH));
    let misnamed = security.and_then(|it| it.get(FLAG_OF_PEERS));
    if switch.is_some_and(|it| it.as_bool() != Some(false)) {
        return;
    }
    let has_authority = security.is_some_and(|it| it.get("trusted-ca-file").is_some_and(|it| !it.text().is_empty()));
    let Some(at) = switch.or(misnamed).or_else(|| Some(security.unwrap_or(urls)).filter(|_| !has_authority)) else {
        return;
    };
    let (said, level) = if has_authority {
        ("before 3.4; later versions ask for them because of `trusted-ca-file`", Level::Info)
    } else {
        ("whoever reaches the port reads and writes everything", Level::Warning)
    };
    let separator = if has_authority { " " } else { ": " };
    let message = format!("etcd takes {all} without certificates{separator}{said}");
    report
        .say_node(sheet, at, message)
        .help(format!("set `{SWITCH}: true`, and `trusted-ca-file` to the authority that signs for each {one}"))
        .level(Level::Warning, level);
}

/// Those of several URLs that can be reached from elsewhere.
fn beyond_loopback(urls: &str) -> impl Iterator<Item = &str> {
    urls.split(',').map(str::trim).filter(|url| {
        let host = url.split_once("://").map_or(*url, |it| it.1);
        let is_local = ["localhost", "127.", "[::1]"].iter().any(|it| host.starts_with(it));
        !url.is_empty() && !is_local && !url.starts_with("unix")
    })
}
