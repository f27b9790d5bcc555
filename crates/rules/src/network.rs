//! Services, Ingresses and policies.

mod admin_console_exposed;
mod ingress_without_class;
mod load_balancer_open_to_world;
mod node_port_service;

use crate::AnyRule;

pub(crate) fn rules() -> Vec<AnyRule> {
    vec![
        AnyRule::of::<load_balancer_open_to_world::LoadBalancerOpenToWorld>(),
        AnyRule::of::<admin_console_exposed::AdminConsoleExposed>(),
        AnyRule::of::<node_port_service::NodePortService>(),
        AnyRule::of::<ingress_without_class::IngressWithoutClass>(),
    ]
}
