//! `subnet-tags-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_facts::{Network, Tool};
use seaworthy_fleet::Fleet;
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct SubnetTagsMissing {}

impl Rule for SubnetTagsMissing {
    const META: Meta = Meta {
        id: "subnet-tags-missing",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("subnet_tags_missing.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// Tags by which the cloud provider and the AWS Load Balancer Controller find subnets (their documentation).
const TAGS: [&str; 3] = ["kubernetes.io/role/elb", "kubernetes.io/role/internal-elb", "kubernetes.io/cluster/"];

/// The annotations that name subnets, so that nothing is looked for.
const NAMED: [&str; 2] = ["service.beta.kubernetes.io/aws-load-balancer-subnets", "alb.ingress.kubernetes.io/subnets"];

impl SubnetTagsMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        // With another cluster beside it nobody says whose load balancers these are.
        if fleet.clusters().iter().any(|it| it.tool != Tool::Terraform) {
            return;
        }
        let networks = fleet.sites().iter().flat_map(|site| {
            let home = site.clusters.iter().find_map(|it| site.network(it.network?));
            home.filter(|it| lacks_tags(it))
        });
        for network in networks {
            let Some(balanced) = balanced(fleet) else { return };
            let message = format!(
                "no subnet of `{}` has a tag by which {} finds where to place its load balancer",
                network.name,
                balanced.reference()
            );
            report
                .say_fact(network.handle.block(), message)
                .help(
                    "tag the public subnets `kubernetes.io/role/elb = 1` and the private ones \
                     `kubernetes.io/role/internal-elb = 1`",
                )
                .related(balanced.place(), "wants a load balancer");
        }
    }
}

/// True if all subnets are known, and none has such a tag.
fn lacks_tags(network: &Network<'_>) -> bool {
    let is_tag = |key: &str| TAGS.iter().any(|it| key.starts_with(it));
    !network.is_open
        && !network.subnets.is_empty()
        && network.subnets.iter().all(|it| !it.has_other_tags && !it.tags.iter().any(|(key, _)| is_tag(key)))
}

/// An object for which AWS makes a load balancer and looks for subnets.
fn balanced<'a>(fleet: &Fleet<'a>) -> Option<&'a Object<'a>> {
    let is_aws = |service: &'a Object<'a>| {
        let class = service.str_at("spec.loadBalancerClass");
        service.str_at("spec.type") == Some("LoadBalancer") && class.is_none_or(|it| it.contains("aws"))
    };
    let is_alb = |ingress: &'a Object<'a>| {
        let annotated = ingress.annotation("kubernetes.io/ingress.class").map(|it| it.text());
        ingress.str_at("spec.ingressClassName").or(annotated) == Some("alb")
    };
    let services = fleet.of_kind("", "Service").filter(|it| is_aws(it));
    let mut all = services.chain(fleet.of_kind("networking.k8s.io", "Ingress").filter(|it| is_alb(it)));
    all.find(|it| NAMED.iter().all(|key| it.annotation(key).is_none()))
}
