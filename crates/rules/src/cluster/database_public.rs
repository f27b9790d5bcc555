//! `database-public`.

use foldhash::HashSet;
use seaworthy_diagnostic::{Edit, Fix, Level, Safety};
use seaworthy_facts::Database;
use seaworthy_fleet::{Exposure, Fleet};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DatabasePublic {}

impl Rule for DatabasePublic {
    const META: Meta = Meta {
        id: "database-public",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("database_public.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

impl DatabasePublic {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let mut said = HashSet::default();
        for database in fleet.sites().iter().flat_map(|it| &it.databases) {
            let Some(public) = database.is_public.filter(|it| it.value == Some(true)) else { continue };
            if is_meant(fleet, database) || !said.insert((public.at, database.at)) {
                continue;
            }
            let finding = report
                .say_fact(
                    public.at,
                    format!("database `{}` gets an address that the internet can reach", database.name),
                )
                .help(
                    "keep it inside the network; if it is meant, model it as a service with `exposure: public` in \
                     fleet.yaml",
                );
            if public.at.as_bool().is_some() || public.at.as_str() == Some("true") {
                let edits = vec![Edit {
                    source: public.at.document().source(),
                    span: public.at.span(),
                    text: "false".to_owned(),
                }];
                finding.fix(Fix { title: "keep it inside".to_owned(), safety: Safety::Unsafe, edits });
            }
        }
    }
}

/// True if the model says that it is public.
fn is_meant(fleet: &Fleet<'_>, database: &Database<'_>) -> bool {
    let names = [Some(database.name), database.identifier.as_deref()];
    fleet.declaration().is_some_and(|model| {
        names
            .into_iter()
            .flatten()
            .filter_map(|it| model.service(it))
            .any(|it| it.exposure.is_some_and(|exposure| exposure.value == Exposure::Public))
    })
}
