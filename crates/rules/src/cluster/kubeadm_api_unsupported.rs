//! `kubeadm-api-unsupported`.

use seaworthy_diagnostic::{Edit, Level};
use seaworthy_document::Node;
use seaworthy_facts::Tool;
use seaworthy_fleet::{ClusterDocument, Fleet};
use serde::Deserialize;

use crate::mending;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KubeadmApiUnsupported {}

impl Rule for KubeadmApiUnsupported {
    const META: Meta = Meta {
        id: "kubeadm-api-unsupported",
        category: Category::Cluster,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("kubeadm_api_unsupported.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// The kubeadm that reads each version of its configuration: from the first to the last minor
/// (`validateSupportedVersion` in `cmd/kubeadm/app/util/config/common.go`, and what each release has under
/// `cmd/kubeadm/app/apis/kubeadm`). `v1` is an experiment in 1.37, and so not among them.
const READ: [(&str, u32, u32); 7] = [
    ("v1alpha1", 4, 11),
    ("v1alpha2", 11, 12),
    ("v1alpha3", 12, 14),
    ("v1beta1", 13, 21),
    ("v1beta2", 15, 26),
    ("v1beta3", 22, 36),
    ("v1beta4", 31, NEWEST),
];
const NEWEST: u32 = u32::MAX;
/// Versions so near that one can often be written for the other.
const NEAR: [&str; 3] = ["v1beta1", "v1beta2", "v1beta3"];

impl KubeadmApiUnsupported {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        for cluster in fleet.clusters().iter().filter(|it| it.tool == Tool::Kubeadm) {
            let Some(minor) = minor_of(fleet, cluster) else { continue };
            for root in &cluster.roots {
                let Some(at) = root.get("apiVersion") else { continue };
                let version = at.text().strip_prefix("kubeadm.k8s.io/");
                let Some(&read) = READ.iter().find(|it| Some(it.0) == version) else { continue };
                say(at, read, minor, report);
            }
        }
    }
}

/// What its documents say; where they say nothing at all, what is declared.
fn minor_of(fleet: &Fleet<'_>, cluster: &ClusterDocument<'_>) -> Option<u32> {
    if cluster.version.is_some() {
        return cluster.release().filter(|it| it.0 == 1).map(|it| it.1);
    }
    let facts = fleet.facts();
    let mut declared = facts.versions.iter().filter(|_| facts.versions_stated);
    let one = declared.next()?;
    declared.next().is_none().then(|| one.minor().into())
}

fn say(at: Node<'_>, (version, first, last): (&str, u32, u32), minor: u32, report: &mut Reporter<'_>) {
    if (first..=last).contains(&minor) {
        return;
    }
    let newest = READ.iter().rev().find(|it| (it.1..=it.2).contains(&minor)).map(|it| it.0);
    let message = format!("kubeadm 1.{minor} does not read `{}`", at.text());
    let range = match last {
        NEWEST => format!("`{version}` is read from 1.{first} on"),
        _ => format!("`{version}` is read by 1.{first} to 1.{last}"),
    };
    let finding = report.say_fact(at, message).label(range);
    // kubeadm also makes clusters one minor older than itself.
    if minor + 1 == first {
        finding.level(Level::Error, Level::Info).help(format!("install it with kubeadm 1.{first}"));
        return;
    }
    let Some(newest) = newest else { return };
    let finding = finding.help(format!("write `kubeadm.k8s.io/{newest}`: `kubeadm config migrate` does it"));
    if NEAR.contains(&version) && NEAR.contains(&newest) {
        let edit = Edit { source: at.document().source(), span: at.span(), text: format!("kubeadm.k8s.io/{newest}") };
        finding.fix(mending::by(edit, format!("write {newest}")));
    }
}
