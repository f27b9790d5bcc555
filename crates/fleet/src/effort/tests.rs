//! What is asked of every object of a large fleet must not grow with its square.

use std::fmt::Write;

use seaworthy_object::{Catalog, Object};
use seaworthy_source::{Source, SourceId};

use super::looks;
use crate::{Facts, Fleet, Given, Match, Overrides, Resolution, service_selector};

/// How much is looked at where a question is asked of a fleet made of a text.
fn looks_of(yaml: &str, ask: &dyn Fn(&Fleet<'_>)) -> usize {
    let catalog = Catalog::built_in();
    let mut facts = Facts::default();
    Overrides { complete: Some(true), ..Overrides::default() }.apply(&mut facts);
    let source = Source::new("fleet.yaml", yaml);
    let documents = seaworthy_document::read(&source);
    let documents: Vec<_> = documents.into_iter().map(|it| it.in_source(SourceId(0))).collect();
    let objects: Vec<_> = documents.iter().filter_map(|it| Object::new(it.root()?, &catalog, "default")).collect();
    let fleet = Fleet::new(Given { objects: objects.iter().collect(), ..Given::default() }, &facts, &catalog);
    looks();
    ask(&fleet);
    looks()
}

/// Asks the same of a fleet and of one ten times as large.
fn is_linear(yaml: &dyn Fn(usize) -> String, ask: &dyn Fn(&Fleet<'_>)) {
    let (small, large) = (looks_of(&yaml(200), ask), looks_of(&yaml(2000), ask));
    assert!(small > 0 && large <= small * 12, "{small} looks became {large}");
}

/// So many Deployments, with labels and a request by their number.
fn deployments(count: usize, labels: &dyn Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut yaml, at| {
        let _ = writeln!(
            yaml,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{at}, namespace: default}}\n\
             spec: {{template: {{metadata: {{labels: {}}}, spec: {{containers: [{{name: c, image: 'i:{at}'}}]}}}}}}",
            labels(at)
        );
        yaml
    })
}

/// So many Services, with a selector by their number.
fn services(count: usize, selector: &dyn Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut yaml, at| {
        let selector = selector(at);
        let _ = writeln!(
            yaml,
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: s{at}, namespace: default}}\n\
             spec: {{selector: {selector}}}"
        );
        yaml
    })
}

fn ask_services(fleet: &Fleet<'_>) {
    for service in fleet.of_kind("", "Service") {
        let selector = service_selector(service).unwrap();
        assert_eq!(fleet.pods_of(service).len(), fleet.selected_in_any_definition("default", &selector).len());
        let _: Match<'_> = fleet.matched("default", &selector);
        let _ = fleet.namespaces_selected(&selector);
    }
}

fn ask_pods(fleet: &Fleet<'_>) {
    let all = fleet.of_kind("", "Service").count();
    for pod in fleet.pods() {
        assert!([0, 1, all / 2, all / 2 + 1, all].contains(&fleet.services_of(*pod).len()));
    }
}

#[test]
fn many_services_select_many_pods() {
    let yaml = |count| deployments(count, &|_| "{app: web}".into()) + &services(count, &|_| "{app: web}".into());
    is_linear(&yaml, &ask_services);
    is_linear(&yaml, &ask_pods);
}

#[test]
fn many_services_select_pods_that_differ_in_what_nobody_asks_for() {
    let labels = |at| format!("{{app: web, own: 'o{at}'}}");
    let yaml = |count| deployments(count, &labels) + &services(count, &|_| "{app: web}".into());
    is_linear(&yaml, &ask_services);
    is_linear(&yaml, &ask_pods);
}

#[test]
fn many_services_ask_for_two_labels_that_no_pod_has_both() {
    let labels = |at| if at % 2 == 0 { "{a: '0', b: '0'}".into() } else { "{a: '1', b: '1'}".into() };
    let yaml = |count| deployments(count, &labels) + &services(count, &|_| "{a: '0', b: '1'}".into());
    is_linear(&yaml, &ask_services);
    is_linear(&yaml, &ask_pods);
}

#[test]
fn an_image_is_looked_for_once() {
    let yaml = |count| deployments(count, &|_| "{app: web}".into());
    is_linear(&yaml, &|fleet| {
        for _ in fleet.pods() {
            assert!(!fleet.runs_any_of(&["csi-driver", "csi-plugin"]));
        }
    });
}

#[test]
fn many_names_are_not_there() {
    // Names of hexadecimal digits: their letters tell little.
    let hash = |at: usize| format!("{:08x}", (at as u64 * 2_654_435_761) % (1 << 32));
    let yaml = |count| {
        let config = |at| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{}}}\n", hash(at));
        (0..count).map(config).collect::<String>()
    };
    let ask = |fleet: &Fleet<'_>| {
        for (at, _) in fleet.of_kind("", "ConfigMap").enumerate().step_by(50) {
            let name = format!("k{}", hash(at + (1 << 20)));
            let found = fleet.resolve("", "ConfigMap", Some("default"), &name);
            assert!(matches!(found, Resolution::Broken { .. }), "{found:?}");
            // Rules ask more than once.
            let _ = fleet.resolve("", "ConfigMap", Some("default"), &name);
        }
    };
    let (few, many) = (looks_of(&yaml(10_000), &ask), looks_of(&yaml(20_000), &ask));
    assert!(many <= few * 2, "{few} looks became {many}");
}

#[test]
fn a_slip_in_a_multitude_is_found_among_its_neighbours() {
    let config = |at| format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings-{at:06}-of-shop}}\n");
    let mut yaml: String = (0..6000).map(config).collect();
    yaml += "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings-of-the-queue}\n";
    looks_of(&yaml, &|fleet| {
        let near = |name| fleet.near_name("", "ConfigMap", Some("default"), name);
        assert_eq!(near("settings-of-the-quuee"), Some("settings-of-the-queue"));
        assert_eq!(near("settings-000007-of-shp"), None, "there is a family of them");
    });
}
