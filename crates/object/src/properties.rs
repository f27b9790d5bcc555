//! What must hold for every object, pod, container, quantity, selector and number-or-text.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use seaworthy_document::Document;
use seaworthy_source::Source;
use serde_json::{Value, json};

use crate::{Catalog, Content, IntOrString, Object, QosClass, Quantity, Role, Selector, contents};

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::built_in);

/// Hands the object that a manifest is to a test.
fn with_object<T>(manifest: &Value, test: impl FnOnce(&Object<'_>) -> T) -> T {
    let source = Source::new("test.json", manifest.to_string());
    let documents: Vec<Document> = seaworthy_document::read(&source);
    match contents(&documents[0], "test.json", &CATALOG, "default") {
        Content::Manifest(manifest) => test(&manifest.objects[0]),
        other => panic!("no object: {other:?}"),
    }
}

/// The same pod in every kind that makes pods.
fn in_every_kind(pod: &Value) -> Vec<Value> {
    let object = |api_version: &str, kind: &str, spec: Value| json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "it"}, "spec": spec});
    let template = json!({"metadata": {"labels": {"app": "it"}}, "spec": pod});
    let plain = json!({"template": template});
    let mut all = vec![
        object("v1", "Pod", pod.clone()),
        object("batch/v1", "CronJob", json!({"jobTemplate": {"spec": plain}})),
        json!({"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "it"}, "template": template}),
    ];
    for (api_version, kind) in [
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "ReplicaSet"),
        ("extensions/v1beta1", "Deployment"),
        ("v1", "ReplicationController"),
        ("batch/v1", "Job"),
        ("argoproj.io/v1alpha1", "Rollout"),
    ] {
        all.push(object(api_version, kind, plain.clone()));
    }
    all
}

#[test]
fn lines_of_an_entry_are_its_own() {
    let cut = |text: &str| {
        let text = format!("apiVersion: apps/v1\nkind: Deployment\n{text}");
        let source = Source::new("test.yaml", text.clone());
        let documents: Vec<Document> = seaworthy_document::read(&source);
        let Content::Manifest(manifest) = contents(&documents[0], "test.yaml", &CATALOG, "default") else { panic!() };
        let lines = manifest.objects[0].at("spec.replicas").unwrap().lines();
        lines.map(|span| text.get(span.range()).unwrap().to_owned())
    };
    assert_eq!(cut("spec:\n  replicas: 2 # two\n  paused: true\n").as_deref(), Some("  replicas: 2 # two\n"));
    assert_eq!(cut("spec:\n  replicas: 2").as_deref(), Some("  replicas: 2"));
    assert_eq!(cut("spec:\n  replicas:\n    2\n  paused: true\n").as_deref(), Some("  replicas:\n    2\n"));
    assert_eq!(cut("spec: {replicas: 2}\n"), None);
    assert_eq!(cut("spec:\n  {replicas: 2,\n  paused: true}\n"), None);
}

fn amount() -> impl Strategy<Value = Option<&'static str>> {
    prop_oneof![3 => Just(None), 1 => Just(Some("0")), 3 => Just(Some("1")), 1 => Just(Some("1000m")), 2 => Just(Some("2"))]
}

fn list() -> impl Strategy<Value = Value> {
    (amount(), amount(), prop::bool::weighted(0.2)).prop_map(|(cpu, memory, disk)| {
        let mut list = serde_json::Map::new();
        for (resource, amount) in [("cpu", cpu), ("memory", memory), ("ephemeral-storage", disk.then_some("1"))] {
            list.extend(amount.map(|amount| (resource.to_owned(), amount.into())));
        }
        list.into()
    })
}

fn resources() -> impl Strategy<Value = Value> {
    let equal = list().prop_map(|list| json!({"requests": list, "limits": list}));
    prop_oneof![
        2 => (list(), list()).prop_map(|(requests, limits)| json!({"requests": requests, "limits": limits})),
        1 => list().prop_map(|limits| json!({"limits": limits})),
        2 => equal,
        2 => Just(json!({"limits": {"cpu": "1", "memory": "2"}})),
        1 => Just(json!({})),
    ]
}

fn pod() -> impl Strategy<Value = Value> {
    let containers = |most| prop::collection::vec(resources(), 0..most);
    let init = prop::collection::vec((resources(), any::<bool>()), 0..3);
    let whole = prop_oneof![3 => Just(None), 1 => resources().prop_map(Some)];
    (containers(3), init, containers(2), whole).prop_map(|(ordinary, init, ephemeral, whole)| {
        let named = |name: String, resources: Value| json!({"name": name, "image": "it", "resources": resources});
        let init = init.into_iter().enumerate().map(|(at, (resources, sidecar))| {
            let mut container = named(format!("init-{at}"), resources);
            if sidecar {
                container["restartPolicy"] = "Always".into();
            }
            container
        });
        let list = |what: &str, all: Vec<Value>| -> Vec<Value> {
            all.into_iter().enumerate().map(|(at, it)| named(format!("{what}-{at}"), it)).collect()
        };
        let mut pod = json!({
            "initContainers": init.collect::<Vec<_>>(),
            "containers": list("main", ordinary),
            "ephemeralContainers": list("debug", ephemeral),
        });
        if let Some(whole) = whole {
            pod["resources"] = whole;
        }
        pod
    })
}

type Amounts = BTreeMap<String, i64>;

/// Milli-units of cpu and memory in a list; `None` if the list is not there.
fn amounts(resources: &Value, list: &str) -> Option<Amounts> {
    let list = resources.get(list)?.as_object()?;
    let milli = |text: &str| {
        text.strip_suffix('m').map_or_else(|| text.parse::<i64>().unwrap() * 1000, |it| it.parse().unwrap())
    };
    Some(list.iter().map(|(resource, amount)| (resource.clone(), milli(amount.as_str().unwrap()))).collect())
}

/// What the server makes of a container: limits fill requests.
fn defaulted(container: &Value) -> (Amounts, Amounts) {
    let resources = &container["resources"];
    let limits = amounts(resources, "limits").unwrap_or_default();
    let mut requests = amounts(resources, "requests").unwrap_or_default();
    for (resource, amount) in &limits {
        requests.entry(resource.clone()).or_insert(*amount);
    }
    (requests, limits)
}

/// `ComputePodQOS`, line by line, on a pod as `SetDefaults_Pod` leaves it.
fn qos_by_definition(pod: &Value) -> QosClass {
    let counts = |name: &String| name == "cpu" || name == "memory";
    let all = || ["containers", "initContainers"].into_iter().flat_map(|list| pod[list].as_array().unwrap());
    let (mut requests, mut limits, mut guaranteed) = (Amounts::new(), Amounts::new(), true);
    let mut take = |into_limits: bool, list: &Amounts| {
        let found: Vec<_> = list.iter().filter(|(name, amount)| counts(name) && **amount > 0).collect();
        for (name, amount) in &found {
            *if into_limits { &mut limits } else { &mut requests }.entry((*name).clone()).or_default() += **amount;
        }
        found.len() == 2
    };
    if let Some(whole) = pod.get("resources") {
        let pod_limits = amounts(whole, "limits").unwrap_or_default();
        let mut pod_requests = amounts(whole, "requests").unwrap_or_default();
        if !pod_limits.is_empty() {
            for (resource, amount) in aggregated(pod).iter().chain(&pod_limits).filter(|(name, _)| counts(name)) {
                pod_requests.entry(resource.clone()).or_insert(*amount);
            }
        }
        take(false, &pod_requests);
        let both = take(true, &pod_limits);
        guaranteed = pod_limits.is_empty() || both;
    } else {
        for container in all() {
            let (asked, limited) = defaulted(container);
            take(false, &asked);
            guaranteed &= take(true, &limited);
        }
    }
    if requests.is_empty() && limits.is_empty() {
        return QosClass::BestEffort;
    }
    guaranteed &= requests.iter().all(|(name, amount)| limits.get(name) == Some(amount));
    if guaranteed && requests.len() == limits.len() { QosClass::Guaranteed } else { QosClass::Burstable }
}

/// `AggregateContainerRequests`.
fn aggregated(pod: &Value) -> Amounts {
    let add = |to: &mut Amounts, list: &Amounts| list.iter().for_each(|(k, v)| *to.entry(k.clone()).or_default() += v);
    let max = |to: &mut Amounts, list: &Amounts| {
        for (name, amount) in list {
            let entry = to.entry(name.clone()).or_default();
            *entry = (*entry).max(*amount);
        }
    };
    let (mut sum, mut sidecars, mut init) = (Amounts::new(), Amounts::new(), Amounts::new());
    for container in pod["containers"].as_array().unwrap() {
        add(&mut sum, &defaulted(container).0);
    }
    for container in pod["initContainers"].as_array().unwrap() {
        let mut requests = defaulted(container).0;
        if container["restartPolicy"] == "Always" {
            add(&mut sum, &requests);
            add(&mut sidecars, &requests);
            requests = sidecars.clone();
        } else {
            let mut together = sidecars.clone();
            add(&mut together, &requests);
            requests = together;
        }
        max(&mut init, &requests);
    }
    max(&mut sum, &init);
    sum
}

proptest! {
    #[test]
    fn quality_of_service_is_as_defined(pod in pod()) {
        let want = qos_by_definition(&pod);
        for manifest in in_every_kind(&pod) {
            let qos = with_object(&manifest, |object| object.pod().unwrap().qos());
            prop_assert_eq!(qos.class, want, "{}", qos.why);
            prop_assert_eq!(qos.why.is_empty(), want == QosClass::Guaranteed);
        }
    }

    #[test]
    fn requests_are_held_against_limits_as_sums(less in 1i64..5, more in 5i64..9) {
        let container = |name: &str, request: i64, limit: i64| {
            let list = |cpu: i64| json!({"cpu": cpu.to_string(), "memory": "1"});
            json!({"name": name, "image": "it", "resources": {"requests": list(request), "limits": list(limit)}})
        };
        let pod = json!({
            "containers": [container("main-0", less, more), container("main-1", more, less)],
            "initContainers": [],
        });
        prop_assert_eq!(qos_by_definition(&pod), QosClass::Guaranteed);
        for manifest in in_every_kind(&pod) {
            let qos = with_object(&manifest, |object| object.pod().unwrap().qos());
            prop_assert_eq!(qos, crate::qos::Qos { class: QosClass::Guaranteed, why: String::new() });
        }
    }

    #[test]
    fn a_pod_is_a_pod_wherever_it_stands(pod in pod()) {
        let count = |list: &str| pod[list].as_array().unwrap().len();
        for manifest in in_every_kind(&pod) {
            with_object(&manifest, |object| {
                let pod = object.pod().unwrap();
                let of = |role| pod.containers().filter(|it| it.role() == role).count();
                prop_assert_eq!(of(Role::Ordinary), count("containers"));
                prop_assert_eq!(of(Role::Init) + of(Role::Sidecar), count("initContainers"));
                prop_assert_eq!(of(Role::Ephemeral), count("ephemeralContainers"));
                prop_assert_eq!(pod.namespace(), "default");
                for container in pod.containers() {
                    for resource in ["cpu", "memory"] {
                        let limit = container.limit(resource).and_then(Quantity::of);
                        let request = container.request(resource).and_then(Quantity::of);
                        prop_assert!(limit.is_none() || request.is_some(), "a limit fills the request");
                    }
                    let place = container.field().place();
                    prop_assert!(place.path.contains("ontainers["), "{}", place.path);
                }
                Ok(())
            })?;
        }
    }

    #[test]
    fn quantities_are_exact(units in 0i64..1_000_000, nanos in 0i64..1_000_000_000, suffix in "[KMGT]i|[numkMGT]?") {
        let text = format!("{units}.{nanos:09}{suffix}");
        let quantity: Quantity = text.parse().unwrap();
        let base: i128 = i128::from(units) * 1_000_000_000 + i128::from(nanos);
        let (factor, divisor): (i128, i128) = match suffix.as_str() {
            "Ki" => (1 << 10, 1), "Mi" => (1 << 20, 1), "Gi" => (1 << 30, 1), "Ti" => (1 << 40, 1),
            "n" => (1, 1_000_000_000), "u" => (1, 1_000_000), "m" => (1, 1000),
            "k" => (1000, 1), "M" => (1_000_000, 1), "G" => (1_000_000_000, 1), "T" => (1_000_000_000_000, 1),
            _ => (1, 1),
        };
        let up = |value: i128, by: i128| (value + by - 1) / by;
        let exact = up(base * factor, divisor);
        prop_assert_eq!(quantity.nanos(), exact);
        prop_assert_eq!(quantity.milli_value(), up(exact, 1_000_000));
        prop_assert_eq!(quantity.value(), up(exact, 1_000_000_000));
        prop_assert_eq!(quantity.percent(100), quantity);
    }

    #[test]
    fn the_canonical_form_is_stable(text in "[+-]?[0-9]{1,10}(\\.[0-9]{1,10})?([numkMGTPE]|[KMGTPE]i|e-?[0-9])?") {
        let quantity: Quantity = text.parse().unwrap();
        let canonical = quantity.canonical();
        // What is too large for the decimal suffixes loses its exponent: so the server prints it.
        prop_assume!(quantity.nanos().unsigned_abs() < 10u128.pow(30));
        let again: Quantity = canonical.parse().unwrap();
        prop_assert_eq!(&again, &quantity);
        prop_assert_eq!(again.canonical(), canonical.clone());
        prop_assert_eq!(again.to_string(), canonical);
    }

    #[test]
    fn order_and_sum_agree_with_numbers(left in -10_000i64..10_000, right in -10_000i64..10_000) {
        let milli = |value: i64| format!("{value}m").parse::<Quantity>().unwrap();
        let (a, b) = (milli(left), milli(right));
        prop_assert_eq!(a.cmp(&b), left.cmp(&right));
        prop_assert_eq!(a == b, left == right);
        prop_assert_eq!(a.plus(&b), b.plus(&a));
        prop_assert_eq!(a.plus(&b).milli_value(), i128::from(left + right));
        prop_assert_eq!(a.plus(&Quantity::zero()), a);
    }

    #[test]
    fn percentages_are_as_defined(percent in 0i64..400, total in 0i64..100_000, number in any::<i32>()) {
        let text = format!("{percent}%");
        #[expect(clippy::cast_precision_loss, reason = "as in Go, and the numbers are small")]
        let exact = percent as f64 * total as f64 / 100.0;
        #[expect(clippy::cast_possible_truncation, reason = "it is whole")]
        let (up, down) = (exact.ceil() as i64, exact.floor() as i64);
        prop_assert_eq!(IntOrString::String(&text).scaled(total, true), Some(up));
        prop_assert_eq!(IntOrString::String(&text).scaled(total, false), Some(down));
        prop_assert_eq!(IntOrString::Int(number.into()).scaled(total, true), Some(number.into()));
        prop_assert_eq!(IntOrString::String(&total.to_string()).scaled(total, true), None);
    }

    #[test]
    fn selectors_obey_their_algebra(
        labels in prop::collection::btree_map("[a-c]", "[x-z]", 0..4),
        key in "[a-c]",
        values in prop::collection::vec("[x-z]", 1..3),
        equal in prop::collection::btree_map("[a-c]", "[x-z]", 0..3),
    ) {
        let matches = |selector: Value| {
            let manifest = json!({
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "it", "labels": labels}, "selector": selector,
            });
            with_object(&manifest, |object| {
                let selector = Selector::from_label_selector(object.at("selector").unwrap());
                let matches = selector.matches(object.labels());
                assert_eq!(selector.misses(object.labels()).next().is_none(), matches);
                matches
            })
        };
        let one = |operator: &str, values: &[String]| {
            json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]})
        };
        let (is_in, not_in) = (matches(one("In", &values)), matches(one("NotIn", &values)));
        let exists = matches(one("Exists", &[]));
        prop_assert_eq!(is_in, labels.get(&key).is_some_and(|value| values.contains(value)));
        prop_assert_ne!(is_in, not_in);
        prop_assert_eq!(exists, labels.contains_key(&key));
        prop_assert_ne!(exists, matches(one("DoesNotExist", &[])));
        prop_assert!(exists || not_in, "a label that is not there is in no list");
        prop_assert!(matches(json!({})), "what asks nothing matches all");
        prop_assert!(!matches(one("Like", &values)), "an unknown operator matches nothing");
        let plain = matches(json!({"matchLabels": equal}));
        prop_assert_eq!(plain, equal.iter().all(|(key, value)| labels.get(key) == Some(value)));
        let mut both = one("In", &values);
        both["matchLabels"] = json!(equal);
        prop_assert_eq!(matches(both), plain && is_in, "all that is asked must hold");
    }

    #[test]
    fn an_object_is_where_it_says(namespace in prop::option::of("[a-z]{0,3}"), name in "[a-z]{1,5}") {
        let mut manifest = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}});
        if let Some(namespace) = &namespace {
            manifest["metadata"]["namespace"] = json!(namespace);
        }
        let effective = namespace.filter(|it| !it.is_empty()).unwrap_or_else(|| "default".to_owned());
        with_object(&manifest, |object| {
            prop_assert_eq!(object.namespace(), Some(effective.as_str()));
            prop_assert_eq!(object.name(), name.as_str());
            prop_assert!(object.is("", "Service") && !object.is("apps", "Service"));
            Ok(())
        })?;
        manifest["kind"] = json!("Node");
        with_object(&manifest, |object| {
            prop_assert_eq!(object.namespace(), None, "cluster-scoped, whatever it says");
            Ok(())
        })?;
    }
}
