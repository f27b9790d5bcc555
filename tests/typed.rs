//! Programs that hold typed objects check them as they are.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Service, ServicePort, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use seaworthy::Validator;

fn service(port_name: &str) -> Service {
    Service {
        metadata: ObjectMeta { name: Some("web".to_owned()), ..ObjectMeta::default() },
        spec: Some(ServiceSpec {
            selector: Some(BTreeMap::from([("app".to_owned(), "web".to_owned())])),
            type_: Some(port_name.to_owned()),
            ports: Some(vec![ServicePort { port: 80, ..ServicePort::default() }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

#[test]
fn a_typed_object_is_checked() {
    let validator = Validator::default();
    assert!(validator.check_object(&service("ClusterIP")).unwrap().is_clean());
    let report = validator.check_object(&service("Cluster")).unwrap();
    let finding = report.diagnostics.iter().find(|it| it.rule == "unsupported-value").unwrap();
    assert_eq!(finding.at.path, "spec.type");
    assert_eq!(report.sources[0].slice(finding.at.span), "\"Cluster\"");
}
