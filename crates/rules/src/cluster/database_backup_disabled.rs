//! `database-backup-disabled`.

use foldhash::HashSet;
use seaworthy_diagnostic::{Edit, Fix, Level, Safety};
use seaworthy_document::Node;
use seaworthy_facts::Database;
use seaworthy_fleet::Fleet;
use serde::Deserialize;

use crate::environments::{Environment, environment};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DatabaseBackupDisabled {}

impl Rule for DatabaseBackupDisabled {
    const META: Meta = Meta {
        id: "database-backup-disabled",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("database_backup_disabled.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

const BACKUPS: &str = "keep backups for some days (`backup_retention_period`), or select it for AWS Backup";

impl DatabaseBackupDisabled {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        if fleet.facts().has_installed("aws-backup") {
            return;
        }
        let mut said = HashSet::default();
        let sites = fleet.sites().iter().filter(|it| !it.backs_up);
        for database in sites.flat_map(|it| &it.databases).filter(|it| !it.is_copy) {
            let has = |of: Environment| database.words.iter().any(|it| environment(it) == Some(of));
            let is_production = has(Environment::Production);
            // What is rehearsed with, or copied, holds nothing that would be missed either.
            let is_other = [Environment::Trial, Environment::Example, Environment::Rehearsal].into_iter().any(has);
            if (is_other && !is_production) || !said.insert(database.at) {
                continue;
            }
            match database.retention.filter(|it| it.value == Some(0)) {
                Some(retention) if retention.is_default => no_word(database, report),
                Some(retention) => none_kept(database, retention.at, report),
                None if is_production => nothing_left(database, report),
                None => {}
            }
        }
    }
}

fn none_kept(database: &Database<'_>, at: Node<'_>, report: &mut Reporter<'_>) {
    let is_count = at.as_bool().is_none();
    let (why, help) = if is_count { ("are kept for 0 days", BACKUPS) } else { ("are off", "switch its backups on") };
    let message = format!("database `{}` is never backed up: backups {why}", database.name);
    let finding = report.say_fact(at, message).help(help);
    if at.as_int() == Some(0) {
        let edits = vec![Edit { source: at.document().source(), span: at.span(), text: "7".to_owned() }];
        finding.fix(Fix { title: "keep backups for a week".to_owned(), safety: Safety::Unsafe, edits });
    }
}

fn no_word(database: &Database<'_>, report: &mut Reporter<'_>) {
    let message = format!(
        "database `{}` is never backed up: without `backup_retention_period` Terraform keeps backups for 0 days",
        database.name
    );
    report.say_fact(database.at, message).help(BACKUPS);
}

fn nothing_left(database: &Database<'_>, report: &mut Reporter<'_>) {
    let Some(skips) = database.skips_final_snapshot.filter(|it| it.value == Some(true)) else { return };
    // What is not said is off; what only Terraform can tell may be on.
    if database.is_protected.is_some_and(|it| it.value != Some(false)) {
        return;
    }
    let message = format!(
        "nothing is left of database `{}` once it is deleted: no final snapshot, and no protection from that",
        database.name
    );
    report.say_fact(skips.at, message).help("set `deletion_protection`, or let a final snapshot be made");
}
