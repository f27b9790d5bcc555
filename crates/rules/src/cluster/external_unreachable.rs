//! `external-unreachable`.

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::{Cidr, Database, Ingress, Origin, RangeOf, Site, Tool};
use seaworthy_fleet::Fleet;
use serde::Deserialize;

use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ExternalUnreachable {}

impl Rule for ExternalUnreachable {
    const META: Meta = Meta {
        id: "external-unreachable",
        category: Category::Cluster,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("external_unreachable.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// A range that nodes have addresses of, and where that is said.
struct Nodes<'a> {
    range: Cidr,
    text: String,
    at: Node<'a>,
    /// True if it is of a network that the cluster's own tool makes, and nobody else is in.
    is_own: bool,
    /// True if no document says so, and the tool fills it in.
    is_filled: bool,
}

impl ExternalUnreachable {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let Some(nodes) = nodes(fleet).filter(|it| !it.is_empty()) else { return };
        let is_joined = fleet.sites().iter().any(|it| it.joins_networks);
        let mut said = HashSet::default();
        // What runs beside a database may be whom it is for.
        for site in fleet.sites().iter().filter(|it| !it.has_compute) {
            for database in &site.databases {
                let Some(admitted) = admitted(site, database) else { continue };
                let meets = |range: &Cidr| nodes.iter().find(|it| it.range.overlaps(range));
                let met = admitted.iter().find_map(|it| Some((it.0, meets(&it.1)?)));
                match met {
                    Some((rule, nodes)) if !is_joined && is_apart(site, database, nodes) => {
                        if said.insert(rule.origin) {
                            not_joined(fleet, database, rule, nodes, report);
                        }
                    }
                    Some(_) => {}
                    // A range that is of no network may mean people.
                    None if !admitted.iter().any(|it| is_of_network(site, &it.1)) => {}
                    None => {
                        if let Some((rule, _, _)) = admitted.first().filter(|it| said.insert(it.0.origin)) {
                            shut_out(database, rule, &admitted, &nodes, report);
                        }
                    }
                }
            }
        }
    }
}

/// True if the nodes lie in a network of their own, and the database in another that is closed.
fn is_apart(site: &Site<'_>, database: &Database<'_>, nodes: &Nodes<'_>) -> bool {
    let is_closed = database.is_public.is_none_or(|it| it.value == Some(false));
    nodes.is_own && is_closed && !site.networks.is_empty() && !is_of_network(site, &nodes.range)
}

/// The database lets the nodes in, and nothing leads from their network into its own: certain where all is given.
fn not_joined(
    fleet: &Fleet<'_>,
    database: &Database<'_>,
    rule: &Ingress<'_>,
    nodes: &Nodes<'_>,
    report: &mut Reporter<'_>,
) {
    if !fleet.facts().complete {
        let what = format!("a way from {} to database `{}`", nodes.text, database.name);
        report.unknown_fact(rule.origin, &what, "what joins the two networks may be elsewhere");
        return;
    }
    let message = format!(
        "database `{}` lets in {}, the network of the nodes, and nothing joins that with its own",
        database.name, nodes.text
    );
    report
        .say_fact(rule.origin, message)
        .help("peer the two networks, or put the cluster into the one of the database")
        .related_fact(nodes.at, "the network of the nodes");
}

/// The ranges that nodes of all clusters have addresses of; none if one of them is not known.
fn nodes<'a>(fleet: &Fleet<'a>) -> Option<Vec<Nodes<'a>>> {
    let mut nodes = Vec::new();
    let mut take = |text: Option<&str>, at, is_own, is_filled| {
        for one in text?.split(',') {
            nodes.push(Nodes { range: Cidr::parse(one)?, text: one.trim().to_owned(), at, is_own, is_filled });
        }
        Some(())
    };
    // Clusters of Terraform lie in networks of the sites.
    let stated = fleet.clusters().iter().filter(|it| !it.roots.iter().any(|root| root.document().is_terraform()));
    for cluster in stated {
        let mut ranges = cluster.ranges.iter().filter(|it| it.of == RangeOf::Network).peekable();
        ranges.peek()?;
        let is_new = cluster.network_id.is_none() && cluster.subnets.is_empty();
        for range in ranges {
            let is_own = cluster.tool == Tool::Eksctl && is_new;
            take(range.cidr.value, range.cidr.at, is_own, is_own && range.cidr.is_default)?;
        }
    }
    for site in fleet.sites() {
        for home in &site.clusters {
            let network = site.network(home.network?)?;
            for range in &network.ranges {
                take(range.value.as_deref(), range.at, false, false)?;
            }
        }
    }
    Some(nodes)
}

/// What the gates of a database let in, if that is ranges alone, all of them known, and none of them everything.
fn admitted<'s, 'a>(site: &'s Site<'a>, database: &Database<'a>) -> Option<Vec<(&'s Ingress<'a>, Cidr, &'s str)>> {
    let (port, gates) = (database.port?, database.gates.as_ref()?);
    let mut admitted = Vec::new();
    for handle in gates {
        let gate = site.gate(*handle).filter(|it| !it.is_open)?;
        for rule in gate.ingress.iter().filter(|it| it.may_admit(port)) {
            for from in &rule.from {
                let Origin::Range(range) = from else { return None };
                let text = range.value.as_deref()?;
                let range = Cidr::parse(text).filter(|it| !it.is_all())?;
                admitted.push((rule, range, text));
            }
        }
    }
    Some(admitted)
}

/// True if a range is of a network that the site makes.
fn is_of_network(site: &Site<'_>, range: &Cidr) -> bool {
    let ranges = site.networks.iter().flat_map(|it| &it.ranges).filter_map(|it| it.value.as_deref());
    ranges.filter_map(Cidr::parse).any(|it| it.overlaps(range))
}

/// None of the nodes is let in.
fn shut_out(
    database: &Database<'_>,
    rule: &Ingress<'_>,
    admitted: &[(&Ingress<'_>, Cidr, &str)],
    nodes: &[Nodes<'_>],
    report: &mut Reporter<'_>,
) {
    let listed = |texts: Vec<&str>| {
        let mut texts = texts;
        texts.dedup();
        all_of(&texts)
    };
    let from = listed(admitted.iter().map(|it| it.2).collect());
    let own = listed(nodes.iter().map(|it| it.text.as_str()).collect());
    let message =
        format!("database `{}` lets in {from} alone, and the nodes of the cluster are in {own}", database.name);
    let finding = report
        .say_fact(rule.origin, message)
        .help("put the cluster into that network, or join both and let the range of its nodes in")
        .related_fact(database.at, "the database");
    if let Some(nodes) = nodes.first() {
        let words = if nodes.is_filled { "eksctl makes a network of its own" } else { "the network of the nodes" };
        finding.related_fact(nodes.at, words);
    }
}
