//! `bare-pod`.

use seaworthy_diagnostic::Level;
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, workload::has_owner};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct BarePod {}

impl Rule for BarePod {
    const META: Meta = Meta {
        id: "bare-pod",
        category: Category::Workload,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("bare_pod.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

impl BarePod {
    fn check<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let Some(kind) = object.at("kind").filter(|_| object.is("", "Pod")) else { return };
        if has_owner(object) || is_static(object) || object.annotation("helm.sh/hook").is_some() {
            return;
        }
        let ends = object.pod().is_some_and(|it| it.runs_to_completion());
        let (loss, help) = if ends {
            ("nothing starts it again on another node", "make it a Job")
        } else {
            (
                "if its node is lost, so is it",
                "make it the template of a Deployment, or of a StatefulSet if it keeps data",
            )
        };
        report.say(kind, format!("{} has no controller: {loss}", object.reference())).help(help);
    }
}

/// True for what the kubelet runs from a file: its mirror, or the parts of a control plane that kubeadm writes.
fn is_static<'a>(pod: &'a Object<'a>) -> bool {
    let from_file = ["config.mirror", "config.source", "config.hash"];
    from_file.iter().any(|it| pod.annotation(&format!("kubernetes.io/{it}")).is_some())
        || pod.namespace() == Some("kube-system") && pod.labels().get("tier") == Some("control-plane")
}
