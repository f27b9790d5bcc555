//! `external-unreachable`.

use foldhash::HashSet;
use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::{Cidr, Database, Ingress, Origin, RangeOf, Site};
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
}

impl ExternalUnreachable {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let Some(nodes) = nodes(fleet).filter(|it| !it.is_empty()) else { return };
        let mut said = HashSet::default();
        // What runs beside a database may be whom it is for.
        for site in fleet.sites().iter().filter(|it| !it.has_compute) {
            for database in &site.databases {
                let Some(admitted) = admitted(site, database) else { continue };
                // Whoever lets in the range of a network means what runs in it; any other range may mean people.
                if !admitted.iter().any(|(_, range, _)| is_of_network(site, range)) {
                    continue;
                }
                let is_reached = admitted.iter().any(|(_, range, _)| nodes.iter().any(|it| it.range.overlaps(range)));
                if let Some((rule, _, _)) = admitted.first().filter(|_| !is_reached)
                    && said.insert(rule.origin)
                {
                    say(database, rule, &admitted, &nodes, report);
                }
            }
        }
    }
}

/// The ranges that nodes of all clusters have addresses of; none if one of them is not known.
fn nodes<'a>(fleet: &Fleet<'a>) -> Option<Vec<Nodes<'a>>> {
    let mut nodes = Vec::new();
    let mut take = |text: Option<&str>, at| {
        for one in text?.split(',') {
            nodes.push(Nodes { range: Cidr::parse(one)?, text: one.trim().to_owned(), at });
        }
        Some(())
    };
    // Clusters of Terraform lie in networks of the sites.
    let stated = fleet.clusters().iter().filter(|it| !it.roots.iter().any(|root| root.document().is_terraform()));
    for cluster in stated {
        let mut ranges = cluster.ranges.iter().filter(|it| it.of == RangeOf::Network).peekable();
        ranges.peek()?;
        for range in ranges {
            take(range.cidr.value, range.cidr.at)?;
        }
    }
    for site in fleet.sites() {
        for home in &site.clusters {
            let network = site.network(home.network?)?;
            for range in &network.ranges {
                take(range.value.as_deref(), range.at)?;
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

fn say(
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
        finding.related_fact(nodes.at, "the network of the nodes");
    }
}
