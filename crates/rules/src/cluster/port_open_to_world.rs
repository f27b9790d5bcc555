//! `port-open-to-world`.

use foldhash::HashMap;
use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::{Gate, Ingress, Site};
use seaworthy_fleet::Fleet;
use serde::Deserialize;

use crate::words::all_of;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PortOpenToWorld {
    /// Further ports that the world should not reach.
    ports: Vec<u16>,
}

impl Rule for PortOpenToWorld {
    const META: Meta = Meta {
        id: "port-open-to-world",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("port_open_to_world.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// Ports that the world should not reach, and what answers there.
const PORTS: [(u16, &str); 19] = [
    (22, "ssh"),
    (1433, "SQL Server"),
    (1521, "Oracle"),
    (2379, "etcd"),
    (2380, "etcd's peers"),
    (3306, "MySQL"),
    (3389, "remote desktop"),
    (5432, "PostgreSQL"),
    (5439, "Redshift"),
    (5984, "CouchDB"),
    (6379, "Redis"),
    (API, "the API server"),
    (9042, "Cassandra"),
    (9200, "Elasticsearch"),
    (9300, "Elasticsearch's nodes"),
    (10250, "the kubelet"),
    (10255, "the kubelet, read-only"),
    (11211, "memcached"),
    (27017, "MongoDB"),
];

/// The API server: open on purpose where a load balancer listens to the world for it.
const API: u16 = 6443;

/// A rule that lets in more ports than this means a range.
const FEW: u16 = 4;

/// A place that lets the world in, with what it lets in.
struct Opening<'a> {
    at: Node<'a>,
    name: String,
    ports: Vec<u16>,
    /// Ranges that hold many ports, each once.
    wide: Vec<(u16, u16)>,
    is_declared: bool,
}

/// All such places, in order.
#[derive(Default)]
struct Openings<'a> {
    all: Vec<Opening<'a>>,
    by_place: HashMap<Node<'a>, usize>,
}

impl PortOpenToWorld {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let mut openings = Openings::default();
        for site in fleet.sites() {
            for gate in &site.gates {
                gate.ingress.iter().for_each(|it| self.look(site, gate, it, &mut openings));
            }
        }
        openings.all.iter().for_each(|it| say(it, report));
    }

    /// Takes what a rule lets the world reach to the place that says so.
    fn look<'a>(&self, site: &Site<'a>, gate: &Gate<'a>, ingress: &Ingress<'a>, openings: &mut Openings<'a>) {
        let known = PORTS.iter().map(|it| it.0).chain(self.ports.iter().copied());
        let ports: Vec<u16> = known.filter(|it| ingress.admits(*it)).collect();
        if ports.is_empty() {
            return;
        }
        let is_declared = ports == [API] && site.public_ports.contains(&API);
        for at in ingress.from.iter().filter_map(|it| it.everywhere()) {
            let at = *openings.by_place.entry(at).or_insert_with(|| {
                let name = gate.name.clone();
                openings.all.push(Opening { at, name, ports: Vec::new(), wide: Vec::new(), is_declared: true });
                openings.all.len() - 1
            });
            let Some(opening) = openings.all.get_mut(at) else { continue };
            opening.is_declared &= is_declared;
            match ingress.ports.filter(|(first, last)| last.saturating_sub(*first) > FEW) {
                Some(range) if !opening.wide.contains(&range) => opening.wide.push(range),
                Some(_) => {}
                None => opening.ports.extend(ports.iter().filter(|it| !opening.ports.contains(it)).collect::<Vec<_>>()),
            }
        }
    }
}

fn say(opening: &Opening<'_>, report: &mut Reporter<'_>) {
    let what = |port: &u16| PORTS.iter().find(|it| it.0 == *port).map_or("", |it| it.1);
    let one = |port: &u16| match what(port) {
        "" => port.to_string(),
        what => format!("{port} ({what})"),
    };
    let wide = |(first, last): &(u16, u16)| match (first, last) {
        (0 | 1, &u16::MAX) => "all".to_owned(),
        (first, last) => format!("{first} to {last}"),
    };
    let listed: Vec<String> = opening.wide.iter().map(wide).chain(opening.ports.iter().map(one)).collect();
    let words = match listed.as_slice() {
        [only] if only == "all" => "every port".to_owned(),
        [only] if opening.wide.is_empty() => format!("port {only}"),
        all => format!("ports {}", all_of(&all.iter().map(String::as_str).collect::<Vec<_>>())),
    };
    let message = format!("`{}` lets the whole internet reach {words}", opening.name);
    let level = if opening.is_declared { Level::Info } else { Level::Warning };
    report
        .say_fact(opening.at, message)
        .help("name the ranges that need it: those of the network, of an office or of a VPN")
        .level(Level::Warning, level);
}
