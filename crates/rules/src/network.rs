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

#[cfg(test)]
mod tests {
    use super::admin_console_exposed::AdminConsoleExposed;
    use super::load_balancer_open_to_world::LoadBalancerOpenToWorld;
    use crate::trial::messages;

    const SERVICE: &str = "{apiVersion: v1, kind: Service, metadata: {name: s, annotations: {reach: office}}, \
                           spec: {type: LoadBalancer, selector: {app: s}, ports: [{port: 5432}, {port: 9999}]}}";

    #[test]
    fn annotations_keep_a_load_balancer_inside() {
        let count = |options: &str| messages::<LoadBalancerOpenToWorld>(options, SERVICE).len();
        assert_eq!(count("{}"), 1);
        assert_eq!(count(r#"{"annotations": ["reach"]}"#), 0);
        assert_eq!(count(r#"{"annotations": ["reach=office"]}"#), 0);
        assert_eq!(count(r#"{"annotations": ["reach=all", "other"]}"#), 1);
    }

    #[test]
    fn ports_replace_those_that_are_known() {
        let said = |options: &str| messages::<AdminConsoleExposed>(options, SERVICE).join("\n");
        assert!(said("{}").contains("PostgreSQL (port 5432)"));
        assert!(!said("{}").contains("9999"));
        let only = said(r#"{"ports": [9999]}"#);
        assert!(only.contains("9999") && !only.contains("5432"), "{only}");
    }
}
