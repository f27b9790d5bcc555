//! `probe-host-set`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, Pod, Version, Versions};
use serde::Deserialize;

use crate::mending::removal;
use crate::{Category, Check, Meta, Pack, Reporter, Rule};

/// The policy version that brought the control.
const FIRST: Version = Version::minor_of(34);
/// What of a container the kubelet asks over the network.
const HANDLERS: [&str; 5] =
    ["livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"];

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProbeHostSet {}

impl Rule for ProbeHostSet {
    const META: Meta = Meta {
        id: "probe-host-set",
        category: Category::Security,
        level: None,
        packs: &[(Pack::PssBaseline, Level::Error)],
        since: "0.1.0",
        page: page!("probe_host_set.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl ProbeHostSet {
    fn check<'a>(&self, _: Pod<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
        let versions = report.versions().intersect(Versions::since(FIRST));
        for path in HANDLERS.iter().filter(|_| !versions.is_empty()) {
            let Some(handler) = container.at(path) else { continue };
            for key in ["httpGet", "tcpSocket"] {
                let Some(host) = handler.get(key).and_then(|it| it.get("host")).filter(|it| !it.text().is_empty())
                else {
                    continue;
                };
                let (name, text) = (container.name(), host.text());
                report
                    .say(host, format!("`{path}` of container `{name}` asks the host `{text}`"))
                    .label("the kubelet asks from the network of the node, whatever answers there")
                    .versions(versions)
                    .help("leave it out: without it the pod itself is asked; a name belongs into the header `Host`")
                    .mend(removal(host, "Ask the pod itself"));
            }
        }
    }
}
