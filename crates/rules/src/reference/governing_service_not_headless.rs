//! `governing-service-not-headless`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Use};
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GoverningServiceNotHeadless {}

impl Rule for GoverningServiceNotHeadless {
    const META: Meta = Meta {
        id: "governing-service-not-headless",
        category: Category::Reference,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("governing_service_not_headless.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl GoverningServiceNotHeadless {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        for reference in fleet.references_of(object) {
            if !reference.is_to("", "Service") || reference.role != Use::Governing {
                continue;
            }
            let Some(service) = fleet.object("", "Service", reference.namespace, reference.name) else { continue };
            let mut definitions = fleet.definitions("", "Service", reference.namespace, reference.name);
            if definitions.any(|it| it.str_at("spec.clusterIP") == Some("None")) {
                continue;
            }
            let (set, name) = (reference.object(), service.name());
            report
                .say(
                    reference.field,
                    format!(
                        "Service `{name}`, which governs {}, has a cluster address: names such as `{1}-0.{name}` are promised \
                         for headless Services only",
                        set.reference(),
                        set.name()
                    ),
                )
                .label("not headless")
                .related(service, "has no `clusterIP: None`")
                .help("set `clusterIP: None` (the Service must be made anew), or name a headless Service of its own");
        }
    }
}
