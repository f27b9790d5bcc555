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
    use super::ingress_without_class::IngressWithoutClass;
    use super::load_balancer_open_to_world::LoadBalancerOpenToWorld;
    use crate::trial::{fixed, messages};

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

    #[test]
    fn a_class_is_written_in_the_style_of_the_spec() {
        let class = "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}}\n---\n";
        let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec:";
        for (before, after) in [
            (" # b\n  rules: []\n", " # b\n  ingressClassName: nginx\n  rules: []\n"),
            (" {rules: []}\n", " {ingressClassName: nginx, rules: []}\n"),
            (" {\n  rules: []}\n", " {\n  ingressClassName: nginx, rules: []}\n"),
            (" {\"rules\": []}\n", " {\"ingressClassName\": \"nginx\", \"rules\": []}\n"),
        ] {
            let fixed = fixed::<IngressWithoutClass>(&format!("{class}{ingress}{before}"));
            assert_eq!(fixed, format!("{class}{ingress}{after}"));
        }
    }
}
