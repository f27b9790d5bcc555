//! What Terraform sets up: networks, what may reach what in them, databases, and the nodes of clusters.
//!
//! The files of a folder are one module; modules that others call are read as often as they are called, with what they
//! are given. An expression that leads to literals is worth what they say, and a finding points at the literal; any
//! other is unknown. Nothing is fetched and nothing is run: of modules of the registry the best known are taken at
//! their inputs' words.

mod clusters;
mod databases;
mod expression;
mod folders;
mod functions;
mod gates;
mod machines;
mod module;
mod networks;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;

use seaworthy_document::{Document, Node, NodeId};
use seaworthy_source::SourceId;

use crate::cluster::ClusterDocument;
use crate::sites::{Handle, Site};
use crate::stated::Stated;
use module::{Made, Modules, Scope, THINGS};
use value::{Known, Thing};

/// The sites that files of Terraform set up, one for each configuration that nobody calls.
pub(crate) fn sites<'a>(documents: &[&'a Document], file: &dyn Fn(SourceId) -> &'a str) -> Vec<Site<'a>> {
    let modules = modules_of(documents, file);
    modules.roots().map(|root| Configuration::of(&modules, root).site()).collect()
}

/// The clusters that they make.
pub(crate) fn clusters<'a>(documents: &[&'a Document], file: &dyn Fn(SourceId) -> &'a str) -> Vec<ClusterDocument<'a>> {
    if !documents.iter().any(|it| it.is_terraform()) {
        return Vec::new();
    }
    let modules = modules_of(documents, file);
    modules.roots().flat_map(|root| clusters::of(&Configuration::of(&modules, root))).collect()
}

fn modules_of<'a>(documents: &[&'a Document], file: &dyn Fn(SourceId) -> &'a str) -> Modules<'a> {
    let named: Vec<_> = documents.iter().filter(|it| it.is_terraform()).map(|it| (file(it.source()), *it)).collect();
    Modules::of(&named)
}

/// One configuration, with all it makes.
struct Configuration<'m, 'a> {
    modules: &'m Modules<'a>,
    root: usize,
    resources: Vec<Made<'a>>,
    /// Calls of modules that were not given; of the well-known ones the inputs say what they make.
    calls: Vec<Made<'a>>,
    /// Where the first of each block is among the resources, and behind them among the calls.
    by_block: BTreeMap<Identity, usize>,
}

/// An instance of a module, and a block in a document of a source.
type Identity = (usize, SourceId, NodeId);

fn identity(instance: usize, block: Node<'_>) -> Identity {
    (instance, block.document().source(), block.id())
}

/// Modules of the registry whose inputs are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WellKnown {
    Vpc,
    Eks,
    Rds,
    Aurora,
    SecurityGroup,
}

/// Their names in the registry, and those of their repositories.
const WELL_KNOWN: [(&str, &str, WellKnown); 5] = [
    ("terraform-aws-modules/vpc/aws", "terraform-aws-modules/terraform-aws-vpc", WellKnown::Vpc),
    ("terraform-aws-modules/eks/aws", "terraform-aws-modules/terraform-aws-eks", WellKnown::Eks),
    ("terraform-aws-modules/rds/aws", "terraform-aws-modules/terraform-aws-rds", WellKnown::Rds),
    ("terraform-aws-modules/rds-aurora/aws", "terraform-aws-modules/terraform-aws-rds-aurora", WellKnown::Aurora),
    (
        "terraform-aws-modules/security-group/aws",
        "terraform-aws-modules/terraform-aws-security-group",
        WellKnown::SecurityGroup,
    ),
];

impl WellKnown {
    /// The module that a `source` names; none for the parts that some have beside the whole (`…//modules/…`).
    fn of(source: &str) -> Option<Self> {
        let source = source.split('?').next().unwrap_or(source);
        let whole = source.strip_prefix("registry.terraform.io/").unwrap_or(source).trim_end_matches('/');
        let repository = whole.trim_end_matches(".git");
        let found = WELL_KNOWN.iter().find(|(name, git, _)| whole == *name || repository.ends_with(git));
        found.map(|it| it.2)
    }
}

impl<'m, 'a> Configuration<'m, 'a> {
    fn of(modules: &'m Modules<'a>, root: usize) -> Self {
        let (mut resources, mut calls) = (modules.resources(root), modules.foreign_calls(root));
        if resources.len().max(calls.len()) > THINGS {
            (resources, calls) = (Vec::new(), Vec::new());
        }
        let mut by_block = BTreeMap::new();
        for (at, made) in resources.iter().chain(&calls).enumerate() {
            by_block.entry(identity(made.scope.instance, made.body)).or_insert(at);
        }
        Self { modules, root, resources, calls, by_block }
    }

    fn site(&self) -> Site<'a> {
        let mut site = Site { networks: networks::of(self), gates: gates::of(self), ..Site::default() };
        site.databases = databases::of(self);
        site.machines = machines::of(self);
        site.scalings = machines::scalings(self);
        site.clusters = networks::homes(self, &site.networks);
        site.joins_networks = self.resources.iter().any(|it| JOINING.iter().any(|kind| it.kind.starts_with(kind)));
        site.backs_up = self.of_kind("aws_backup_selection").next().is_some();
        site.has_compute = self.has_compute();
        site.public_ports = networks::public_ports(self);
        site
    }

    /// True if something of its own may use its databases.
    fn has_compute(&self) -> bool {
        let lies_in_network = |it: &Made<'a>| it.kind != "aws_lambda_function" || it.body.get("vpc_config").is_some();
        self.resources.iter().any(|it| COMPUTE.contains(&it.kind) && lies_in_network(it))
            || self.calls.iter().any(|it| COMPUTE_MODULES.iter().any(|name| it.kind.contains(name)))
    }

    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Made<'a>> {
        self.resources.iter().filter(move |it| it.kind == kind)
    }

    fn calls_of(&self, module: WellKnown) -> impl Iterator<Item = &Made<'a>> {
        self.calls.iter().filter(move |it| WellKnown::of(it.kind) == Some(module))
    }

    /// The value of an attribute of something that is made, or of an input; null if it is not there.
    fn value(&self, made: &Made<'a>, name: &str) -> Known<'a> {
        self.modules.of_body(made.body, name, &made.scope)
    }

    /// The value of an attribute of a block in it.
    fn inner(&self, body: Node<'a>, scope: &Scope<'a>, name: &str) -> Known<'a> {
        self.modules.of_body(body, name, scope)
    }

    fn flag(&self, made: &Made<'a>, name: &str) -> Option<Stated<'a, bool>> {
        stated(&self.value(made, name), made.body, Known::as_bool)
    }

    fn text(&self, made: &Made<'a>, name: &str) -> Option<String> {
        self.value(made, name).as_text().map(std::borrow::Cow::into_owned)
    }

    /// The block of something that a value names, and what kind of thing it is.
    fn made_by(&self, thing: Thing<'a>) -> Option<&Made<'a>> {
        let at = *self.by_block.get(&identity(thing.instance, thing.block))?;
        self.resources.get(at).or_else(|| self.calls.get(at - self.resources.len()))
    }
}

/// Resources that join a network with others (AWS).
const JOINING: [&str; 6] = [
    "aws_vpc_peering_connection",
    "aws_ec2_transit_gateway",
    "aws_vpn_",
    "aws_dx_",
    "aws_networkmanager_",
    "aws_vpclattice_",
];

/// Resources that run programs (AWS).
const COMPUTE: [&str; 8] = [
    "aws_apprunner_service",
    "aws_autoscaling_group",
    "aws_batch_compute_environment",
    "aws_ecs_service",
    "aws_elastic_beanstalk_environment",
    "aws_instance",
    "aws_lambda_function",
    "aws_spot_instance_request",
];

/// Parts of the sources of modules that make some.
const COMPUTE_MODULES: [&str; 6] = ["autoscaling", "batch", "beanstalk", "ec2-instance", "ecs", "lambda"];

impl<'a> From<Thing<'a>> for Handle<'a> {
    fn from(thing: Thing<'a>) -> Self {
        Self { instance: thing.instance, block: thing.block }
    }
}

fn handle<'a>(made: &Made<'a>) -> Handle<'a> {
    Handle { instance: made.scope.instance, block: made.body }
}

/// What a value states; none where nothing stands there.
fn stated<'a, T>(value: &Known<'a>, body: Node<'a>, of: impl Fn(&Known<'a>) -> Option<T>) -> Option<Stated<'a, T>> {
    let at = value.at.unwrap_or(body);
    (!value.is_null()).then(|| Stated { value: of(value), at, is_default: false })
}

/// A text with a mark for what is unknown of it.
fn pattern(value: &Known<'_>) -> String {
    value.as_pattern().into_owned()
}
