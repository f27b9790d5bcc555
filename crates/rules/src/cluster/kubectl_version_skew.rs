//! `kubectl-version-skew`.

use seaworthy_diagnostic::{Edit, Fix, Level};
use seaworthy_object::{Other, Version};
use serde::Deserialize;

use super::kubectl::{Pin, pins};
use crate::configurations::PIPELINES;
use crate::mending;
use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KubectlVersionSkew {}

impl Rule for KubectlVersionSkew {
    const META: Meta = Meta {
        id: "kubectl-version-skew",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("kubectl_version_skew.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

/// kubectl talks to a server one minor older or newer (Kubernetes, "Version Skew Policy").
const SUPPORTED: u8 = 1;

impl KubectlVersionSkew {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        let is_pipeline = matches!(sheet.other(), Some(Other::Foreign(what)) if PIPELINES.contains(&what));
        if !is_pipeline || !report.facts().versions_stated {
            return;
        }
        let clusters: Vec<Version> = report.versions().iter().collect();
        for pin in pins(sheet.document) {
            let away = |of: &Version| of.minor().abs_diff(pin.minor);
            let Some(cluster) = clusters.iter().copied().min_by_key(away).filter(|it| away(it) > SUPPORTED) else {
                continue;
            };
            let count = away(&cluster);
            let message =
                format!("the pipeline installs kubectl 1.{}, {count} minors from the cluster's {cluster}", pin.minor);
            let finding = report
                .say_node(sheet, pin.node, message)
                .at_span(pin.span)
                .label("kubectl is supported one minor from its server, no more")
                .help(format!("install kubectl {cluster}"));
            if clusters.len() == 1 {
                finding.fix(fix(sheet, &pin, cluster));
            }
        }
    }
}

/// The first patch of the cluster's own minor: every minor has one.
fn fix(sheet: Sheet<'_>, pin: &Pin<'_>, cluster: Version) -> Fix {
    let v = if pin.text.starts_with('v') { "v" } else { "" };
    let has_patch = pin.text.matches('.').count() > 1;
    let text = format!("{v}{cluster}{}", if has_patch { ".0" } else { "" });
    let edit = Edit { source: sheet.document.source(), span: pin.span, text };
    mending::by(edit, format!("install kubectl {cluster}"))
}
