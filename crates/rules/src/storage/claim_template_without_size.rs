//! `claim-template-without-size`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Object, Version, Versions};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClaimTemplateWithoutSize {}

impl Rule for ClaimTemplateWithoutSize {
    const META: Meta = Meta {
        id: "claim-template-without-size",
        category: Category::Storage,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("claim_template_without_size.md"),
    };
    const CHECK: Check<Self> = Check::Object(Self::check);
}

/// From here on the server refuses the StatefulSet itself.
const SERVER_SAYS_SO: Version = Version::minor_of(34);

impl ClaimTemplateWithoutSize {
    fn check<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let silent = report.versions().intersect(Versions::before(SERVER_SAYS_SO));
        if !object.is("apps", "StatefulSet") || silent.is_empty() {
            return;
        }
        for template in object.field().items_at("spec.volumeClaimTemplates") {
            let name = template.at("metadata.name").map_or("", |it| it.text());
            if template.at("spec.resources.requests.storage").is_some() {
                continue;
            }
            let deepest = ["spec.resources.requests", "spec.resources", "spec"];
            let place = deepest.into_iter().find_map(|path| Some((template.at(path)?, path)));
            let (field, missing) = match place {
                Some((field, "spec.resources.requests")) => (field, "storage"),
                Some((field, "spec.resources")) => (field, "requests"),
                Some((field, _)) => (field, "resources"),
                None => (template, "spec"),
            };
            let message = format!(
                "claim template `{name}` of StatefulSet `{}` requests no storage: \
                 its claims are refused, so no pod starts",
                object.name()
            );
            report
                .say(field.missing(missing), message)
                .help("set `spec.resources.requests.storage` of the template")
                .versions(silent);
        }
    }
}
