//! What lies around a cluster: networks, what may reach what in them, databases, and what changes the number of
//! machines; one site for each configuration that sets them up together.

use seaworthy_document::{Document, Node};
use seaworthy_source::SourceId;

use crate::cidr::Cidr;
use crate::stated::Stated;

/// What one configuration sets up.
#[derive(Debug, Clone, Default)]
pub struct Site<'a> {
    /// Its networks.
    pub networks: Vec<Network<'a>>,
    /// Who lets what in.
    pub gates: Vec<Gate<'a>>,
    /// Its databases.
    pub databases: Vec<Database<'a>>,
    /// What changes the number of machines.
    pub scalings: Vec<Scaling<'a>>,
    /// Groups of machines that run nodes of a cluster, without a document of the cluster.
    pub machines: Vec<Machines<'a>>,
    /// The clusters it makes, each with the network it lies in.
    pub clusters: Vec<Home<'a>>,
    /// True if it joins networks with others: peering, transit gateways, private lines.
    pub joins_networks: bool,
    /// True if it has databases backed up by something else than their own snapshots.
    pub backs_up: bool,
    /// True if it has something of its own that may use its databases: machines, functions, containers.
    pub has_compute: bool,
    /// Ports on which its load balancers listen to the world.
    pub public_ports: Vec<u16>,
}

/// Something of a site, by which others of it name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handle<'a> {
    /// Which of several that are made by one block: the module that it is made in.
    pub(crate) instance: usize,
    /// Its block.
    pub(crate) block: Node<'a>,
}

/// A network of the provider.
#[derive(Debug, Clone)]
pub struct Network<'a> {
    /// By what others name it.
    pub handle: Handle<'a>,
    /// What the configuration calls it.
    pub name: &'a str,
    /// Its ranges of addresses.
    pub ranges: Vec<Stated<'a, String>>,
    /// Its parts.
    pub subnets: Vec<SiteSubnet<'a>>,
    /// True if it may have parts that nobody states.
    pub is_open: bool,
    /// How many zones its parts lie in, as far as that is stated.
    pub zones: usize,
    /// How its private parts reach the world: how many gateways, if that is known, and where it is said.
    pub gateways: Option<Stated<'a, usize>>,
}

/// A part of a network.
#[derive(Debug, Clone)]
pub struct SiteSubnet<'a> {
    /// Where it is stated.
    pub at: Node<'a>,
    /// Its tags: keys and values, [`UNKNOWN`] where a part of them is not known.
    pub tags: Vec<(String, String)>,
    /// True if it may have other tags.
    pub has_other_tags: bool,
}

/// Stands in a text for what only the tool can tell.
pub const UNKNOWN: char = '\u{fffc}';

/// A security group or the like: who may reach what is behind it, on which ports.
#[derive(Debug, Clone)]
pub struct Gate<'a> {
    /// By what others name it.
    pub handle: Handle<'a>,
    /// What the configuration calls it.
    pub name: String,
    /// What it lets in.
    pub ingress: Vec<Ingress<'a>>,
    /// True if it may let in more than is stated.
    pub is_open: bool,
}

/// What a gate lets in.
#[derive(Debug, Clone)]
pub struct Ingress<'a> {
    /// Where it is stated.
    pub at: Node<'a>,
    /// Where it says from where.
    pub origin: Node<'a>,
    /// The first and the last port; none if that is unknown.
    pub ports: Option<(u16, u16)>,
    /// Its protocol.
    pub protocol: Protocol,
    /// From where.
    pub from: Vec<Origin<'a>>,
}

/// A protocol that a gate lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// Every protocol, and with it every port.
    All,
    /// One without ports.
    Other,
    /// It is not known which.
    Unknown,
}

/// From where a gate lets something in.
#[derive(Debug, Clone)]
pub enum Origin<'a> {
    /// From a range of addresses.
    Range(Stated<'a, String>),
    /// From what is behind another gate, or behind itself.
    Gate(Handle<'a>),
    /// From what only the tool can tell.
    Unknown,
}

/// A database that the provider runs.
#[derive(Debug, Clone)]
pub struct Database<'a> {
    /// Where it is stated.
    pub at: Node<'a>,
    /// What the configuration calls it.
    pub name: &'a str,
    /// What the provider calls it, if that is known.
    pub identifier: Option<String>,
    /// Its engine, as the provider calls it.
    pub engine: Option<String>,
    /// The port it listens on.
    pub port: Option<u16>,
    /// True if it has an address that the world can reach.
    pub is_public: Option<Stated<'a, bool>>,
    /// How many days its backups are kept.
    pub retention: Option<Stated<'a, i64>>,
    /// True if nothing is kept when it is deleted.
    pub skips_final_snapshot: Option<Stated<'a, bool>>,
    /// True if it cannot be deleted by accident.
    pub is_protected: Option<Stated<'a, bool>>,
    /// True if it is a copy of another.
    pub is_copy: bool,
    /// The gates before it; none if some are not known.
    pub gates: Option<Vec<Handle<'a>>>,
    /// The words by which it, its tags and its configuration say what it is for: `production`, `staging`, ….
    pub words: Vec<String>,
}

/// Something that changes the number of machines.
#[derive(Debug, Clone)]
pub struct Scaling<'a> {
    /// Where it says by what.
    pub at: Node<'a>,
    /// What the configuration calls it.
    pub name: &'a str,
    /// What it goes by: `ASGAverageCPUUtilization`, a schedule, alarms.
    pub by: String,
    /// The machines whose number it changes.
    pub of: Option<Handle<'a>>,
    /// True if it changes the nodes of a managed group.
    pub of_managed_group: bool,
}

/// A scaling group of the provider.
#[derive(Debug, Clone)]
pub struct Machines<'a> {
    /// By what others name it.
    pub handle: Handle<'a>,
    /// What the configuration calls it.
    pub name: &'a str,
    /// How few there may be.
    pub min: Option<Stated<'a, u32>>,
    /// How many there may be.
    pub max: Option<Stated<'a, u32>>,
    /// The zones it names, if it names any: zones or subnets.
    pub zones: Option<Stated<'a, usize>>,
    /// True if they are nodes of Kubernetes, by their tags, their names or what they start with.
    pub are_nodes: bool,
}

/// A cluster and the network it lies in.
#[derive(Debug, Clone)]
pub struct Home<'a> {
    /// Where the cluster is stated.
    pub at: Node<'a>,
    /// The gates of its own.
    pub handle: Handle<'a>,
    /// Its network, if the site makes it.
    pub network: Option<Handle<'a>>,
}

impl<'a> Handle<'a> {
    /// The block that makes it.
    #[must_use]
    pub fn block(self) -> Node<'a> {
        self.block
    }
}

impl<'a> Site<'a> {
    /// The network that a handle names.
    #[must_use]
    pub fn network(&self, handle: Handle<'a>) -> Option<&Network<'a>> {
        self.networks.iter().find(|it| it.handle == handle)
    }

    /// The gate that a handle names.
    #[must_use]
    pub fn gate(&self, handle: Handle<'a>) -> Option<&Gate<'a>> {
        self.gates.iter().find(|it| it.handle == handle)
    }
}

impl Ingress<'_> {
    /// True if it lets TCP to a port in, as far as is known.
    #[must_use]
    pub fn admits(&self, port: u16) -> bool {
        match (self.protocol, self.ports) {
            (Protocol::All, _) => true,
            (Protocol::Tcp, Some((first, last))) => (first..=last).contains(&port),
            _ => false,
        }
    }

    /// True if it may let TCP to a port in, for all that is known.
    #[must_use]
    pub fn may_admit(&self, port: u16) -> bool {
        match self.protocol {
            Protocol::Udp | Protocol::Other => false,
            Protocol::Unknown | Protocol::Tcp => self.ports.is_none_or(|(first, last)| (first..=last).contains(&port)),
            Protocol::All => true,
        }
    }
}

impl<'a> Origin<'a> {
    /// The place, if it is a range that holds every address.
    #[must_use]
    pub fn everywhere(&self) -> Option<Node<'a>> {
        let Origin::Range(range) = self else { return None };
        range.value.as_deref().and_then(Cidr::parse).filter(Cidr::is_all).map(|_| range.at)
    }
}

/// What documents set up around clusters. `file` tells what a source is called.
#[cfg(feature = "terraform")]
#[must_use]
pub fn sites<'a>(documents: &[&'a Document], file: &dyn Fn(SourceId) -> &'a str) -> Vec<Site<'a>> {
    crate::terraform::sites(documents, file)
}

/// What documents set up around clusters: nothing that a build without Terraform can read.
#[cfg(not(feature = "terraform"))]
#[must_use]
pub fn sites<'a>(_documents: &[&'a Document], _file: &dyn Fn(SourceId) -> &'a str) -> Vec<Site<'a>> {
    Vec::new()
}
