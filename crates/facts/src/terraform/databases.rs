//! Databases that the provider runs.

use crate::cidr::Cidr;
use crate::sites::{Database, Handle};
use crate::stated::Stated;
use crate::terraform::module::Made;
use crate::terraform::value::Known;
use crate::terraform::{Configuration, WellKnown, stated};

/// The ports that engines listen on where nobody says another (AWS, *Amazon RDS User Guide*).
const PORTS: [(&str, u16); 9] = [
    ("aurora-postgresql", 5432),
    ("aurora", 3306),
    ("postgres", 5432),
    ("mysql", 3306),
    ("mariadb", 3306),
    ("oracle", 1521),
    ("custom-oracle", 1521),
    ("sqlserver", 1433),
    ("docdb", 27017),
];

/// Resources that are databases, their engine where the kind tells it, and the days for which backups are kept where
/// nobody says (the provider's documentation).
const KINDS: [(&str, Option<&str>, i64); 4] = [
    ("aws_db_instance", None, 0),
    ("aws_rds_cluster", None, 1),
    ("aws_docdb_cluster", Some("docdb"), 1),
    ("aws_redshift_cluster", Some("redshift"), 1),
];

pub(super) fn of<'a>(configuration: &Configuration<'_, 'a>) -> Vec<Database<'a>> {
    let mut databases = Vec::new();
    for (kind, engine, kept) in KINDS {
        for made in configuration.of_kind(kind) {
            let mut database = read(configuration, made, engine);
            if made.scope.is_open {
                // It may not be there at all.
                continue;
            }
            database.retention = database.retention.or(Some(Stated::filled(kept, made.body)));
            databases.push(database);
        }
    }
    for made in configuration.of_kind("aws_rds_cluster_instance") {
        let of = configuration.value(made, "cluster_identifier").as_thing().map(|it| it.block);
        let public = configuration.flag(made, "publicly_accessible");
        if let Some(cluster) = databases.iter_mut().find(|it| Some(it.at) == of) {
            cluster.is_public = cluster.is_public.or(public);
        }
    }
    for module in [WellKnown::Rds, WellKnown::Aurora] {
        databases.extend(configuration.calls_of(module).map(|it| read(configuration, it, None)));
    }
    databases.extend(configuration.of_kind("google_sql_database_instance").map(|it| of_google(configuration, it)));
    databases
}

/// A database of Google Cloud: public where it lets the whole world in, kept where its backups are switched on.
fn of_google<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Database<'a> {
    let modules = configuration.modules;
    let mut database = read(configuration, made, None);
    (database.gates, database.retention, database.skips_final_snapshot) = (None, None, None);
    let (settings, _) = modules.blocks(made.body, "settings", &made.scope);
    for (settings, scope) in &settings {
        let (networks, _) = modules.blocks(*settings, "ip_configuration", scope);
        for (body, scope) in &networks {
            for (network, scope) in modules.blocks(*body, "authorized_networks", scope).0 {
                let range = modules.of_body(network, "value", &scope);
                if range.as_text().and_then(|it| Cidr::parse(&it)).is_some_and(|it| it.is_all()) {
                    database.is_public = Some(Stated::said(true, range.at.unwrap_or(network)));
                }
            }
        }
        for (body, scope) in modules.blocks(*settings, "backup_configuration", scope).0 {
            let enabled = modules.of_body(body, "enabled", &scope);
            if enabled.as_bool() == Some(false) {
                database.retention = Some(Stated::said(0, enabled.at.unwrap_or(body)));
            }
        }
    }
    database.is_copy |= made.body.get("master_instance_name").is_some();
    database
}

fn read<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>, engine: Option<&str>) -> Database<'a> {
    let value = |name: &str| configuration.value(made, name);
    let engine = engine.map(str::to_owned).or_else(|| configuration.text(made, "engine"));
    let usual = engine.as_deref().and_then(|engine| PORTS.iter().find(|it| engine.starts_with(it.0))).map(|it| it.1);
    let port = value("port");
    let port = if port.is_null() { usual } else { port.as_int().and_then(|it| u16::try_from(it).ok()) };
    let first = |names: [&str; 3]| names.iter().map(|it| value(it)).find(|it| !it.is_null());
    let identifier = first(["identifier", "cluster_identifier", "name"]);
    let is_copy = !value("replicate_source_db").is_null() || !value("replication_source_identifier").is_null();
    Database {
        at: made.body,
        name: made.name,
        identifier: identifier.as_ref().and_then(|it| it.as_text()).map(std::borrow::Cow::into_owned),
        engine,
        port,
        is_public: configuration.flag(made, "publicly_accessible"),
        retention: stated(&value("backup_retention_period"), made.body, Known::as_int)
            .or_else(|| stated(&value("automated_snapshot_retention_period"), made.body, Known::as_int)),
        skips_final_snapshot: configuration.flag(made, "skip_final_snapshot"),
        is_protected: configuration.flag(made, "deletion_protection"),
        is_copy,
        gates: gates(configuration, made),
        words: words(configuration, made, identifier.as_ref()),
    }
}

/// The security groups before it; none if some are not known.
fn gates<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>) -> Option<Vec<Handle<'a>>> {
    let groups = configuration.value(made, "vpc_security_group_ids").items()?;
    groups.iter().map(|it| it.as_thing().map(Handle::from)).collect()
}

/// What it is called, what its tags say, and what the folders it lies in are called.
fn words<'a>(configuration: &Configuration<'_, 'a>, made: &Made<'a>, identifier: Option<&Known<'a>>) -> Vec<String> {
    let mut texts = vec![made.name.to_owned()];
    texts.extend(identifier.map(|it| it.as_pattern().into_owned()));
    let tags = configuration.value(made, "tags");
    texts.extend(tags.as_map().into_iter().flatten().map(|(_, value)| value.as_pattern().into_owned()));
    let root = configuration.modules.folder(configuration.root);
    texts.extend(root.into_iter().flat_map(|it| it.path.iter().map(|it| (*it).to_owned())));
    let words = texts.iter().flat_map(|text| text.split(|it: char| !it.is_alphanumeric()));
    words.filter(|it| !it.is_empty()).map(str::to_lowercase).collect()
}
