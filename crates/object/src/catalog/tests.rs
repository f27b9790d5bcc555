//! The committed table: that it opens, what it says, and that damage to it is an error.

use std::time::Instant;

use super::table::Table;
use super::*;
use crate::version::{Version, Versions};

fn version(minor: u8) -> Version {
    Version::minor_of(minor)
}

fn kind<'a>(catalog: &'a Catalog, api_version: &str, kind: &str) -> &'a Kind {
    catalog.kind_of(api_version, kind).unwrap_or_else(|| panic!("{api_version} {kind}"))
}

fn field<'a>(catalog: &'a Catalog, ty: &str, name: &str) -> &'a Field {
    let ty = catalog.ty(catalog.type_named(ty).unwrap_or_else(|| panic!("{ty}")));
    ty.field_in(name, Version::NEWEST).unwrap_or_else(|| panic!("{}.{name}", ty.name))
}

#[test]
fn every_type_and_field_decodes() {
    let (table, kinds) = Table::open(SCHEMAS).expect("the committed table opens");
    assert!(kinds.len() > 380, "{} kinds", kinds.len());
    assert!(table.type_count() > 1400, "{} types", table.type_count());
    for index in 0..table.type_count() {
        let ty = table.read_type(TypeId(u16::try_from(index).unwrap())).expect("a type decodes");
        assert!(ty.fields.is_sorted_by(|left, right| left.name <= right.name), "{}", ty.name);
        for name in ty.names() {
            let variants = ty.fields(name);
            let sizes: usize = variants.iter().map(|it| it.versions.len()).sum();
            assert_eq!(sizes, ty.versions_with(name).len(), "variants of {}.{name} overlap", ty.name);
            assert!(ty.versions.contains_all(ty.versions_with(name)), "{}.{name}", ty.name);
        }
        for field in ty.all_fields() {
            assert!(field.versions.contains_all(field.required), "{}.{}", ty.name, field.name);
            let known = field.values.iter().fold(Versions::NONE, |all, it| all.union(it.versions));
            assert!(field.versions.contains_all(known), "{}.{} {:?}", ty.name, field.name, field.values);
        }
    }
    assert!(kinds.is_sorted_by(|left, right| left.name() < right.name()));
    for kind in &kinds {
        assert!(kind.known.contains_all(kind.served), "{} {} {}", kind.name(), kind.known, kind.served);
    }
}

#[test]
fn deployments_are_known_in_every_version() {
    let catalog = Catalog::built_in();
    let deployment = kind(&catalog, "apps/v1", "Deployment");
    assert_eq!((deployment.served, deployment.known), (Versions::ALL, Versions::ALL));
    assert_eq!((deployment.plural, deployment.namespaced, deployment.role), ("deployments", true, Role::Object));
    assert_eq!((deployment.deprecated, deployment.removed, deployment.replacement), (None, None, None));
    assert_eq!(deployment.api_version(), "apps/v1");
    let ty = catalog.type_of(deployment);
    assert_eq!((ty.name, ty.short_name()), ("io.k8s.api.apps.v1.Deployment", "Deployment"));
    assert_eq!(ty.names().collect::<Vec<_>>(), ["apiVersion", "kind", "metadata", "spec", "status"]);
    assert!(ty.fields("spek").is_empty());
}

#[test]
fn removed_kinds_say_when_and_what_instead() {
    let catalog = Catalog::built_in();
    let ingress = kind(&catalog, "extensions/v1beta1", "Ingress");
    assert_eq!(ingress.removed, Some(version(22)));
    assert_eq!(ingress.served, Versions::before(version(22)));
    let warning = ingress.deprecation_warning().expect("it is deprecated");
    let (when, instead) = warning.split_once("; ").expect("it has a replacement");
    assert_eq!(when, "extensions/v1beta1 Ingress is deprecated in v1.14+, unavailable in v1.22+");
    assert_eq!(instead, "use networking.k8s.io/v1 Ingress");
    for (api_version, name, removed) in [
        ("extensions/v1beta1", "Deployment", 16),
        ("apps/v1beta1", "StatefulSet", 16),
        ("apps/v1beta2", "DaemonSet", 16),
        ("networking.k8s.io/v1beta1", "Ingress", 22),
        ("rbac.authorization.k8s.io/v1beta1", "ClusterRole", 22),
        ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", 22),
        ("apiregistration.k8s.io/v1beta1", "APIService", 22),
        ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration", 22),
        ("coordination.k8s.io/v1beta1", "Lease", 22),
        ("scheduling.k8s.io/v1beta1", "PriorityClass", 22),
        ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 22),
        ("storage.k8s.io/v1beta1", "StorageClass", 22),
        ("batch/v1beta1", "CronJob", 25),
        ("policy/v1beta1", "PodDisruptionBudget", 25),
        ("policy/v1beta1", "PodSecurityPolicy", 25),
        ("autoscaling/v2beta1", "HorizontalPodAutoscaler", 25),
        ("autoscaling/v2beta2", "HorizontalPodAutoscaler", 26),
        ("discovery.k8s.io/v1beta1", "EndpointSlice", 25),
        ("events.k8s.io/v1beta1", "Event", 25),
        ("node.k8s.io/v1beta1", "RuntimeClass", 25),
        ("storage.k8s.io/v1beta1", "CSIStorageCapacity", 27),
        ("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema", 29),
        ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema", 32),
    ] {
        let kind = kind(&catalog, api_version, name);
        assert_eq!(kind.removed, Some(version(removed)), "{api_version} {name}");
        assert_eq!(kind.served.newest(), Some(version(removed - 1)), "{api_version} {name}");
    }
}

#[test]
fn endpoints_are_deprecated_in_the_server_s_words() {
    let catalog = Catalog::built_in();
    let endpoints = kind(&catalog, "v1", "Endpoints");
    assert_eq!(
        endpoints.deprecation_warning().as_deref(),
        Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice")
    );
    assert_eq!(endpoints.deprecated_in(), Versions::since(version(33)));
    let status = kind(&catalog, "v1", "ComponentStatus");
    assert_eq!(status.deprecation_warning().as_deref(), Some("v1 ComponentStatus is deprecated in v1.19+"));
    assert_eq!((status.role, status.namespaced), (Role::Part, false));
}

#[test]
fn alpha_and_late_beta_are_known_but_not_served() {
    let catalog = Catalog::built_in();
    for (api_version, name, known) in [
        ("admissionregistration.k8s.io/v1alpha1", "ValidatingAdmissionPolicy", 26),
        ("admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy", 28),
        ("resource.k8s.io/v1alpha3", "DeviceClass", 31),
        ("settings.k8s.io/v1alpha1", "PodPreset", 11),
        ("scheduling.k8s.io/v1alpha1", "Workload", 35),
    ] {
        let kind = kind(&catalog, api_version, name);
        assert_eq!((kind.known.oldest(), kind.served), (Some(version(known)), Versions::NONE), "{api_version} {name}");
    }
    // An older beta's successor is on by default even after 1.24.
    let schema = kind(&catalog, "flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema");
    assert_eq!(schema.served.oldest(), Some(version(26)));
}

#[test]
fn roles_tell_what_comes_from_a_file() {
    let catalog = Catalog::built_in();
    for (api_version, name, role) in [
        ("v1", "Pod", Role::Object),
        ("v1", "List", Role::List),
        ("apps/v1", "DeploymentList", Role::List),
        ("v1", "Binding", Role::Request),
        ("authentication.k8s.io/v1", "TokenReview", Role::Request),
        ("authentication.k8s.io/v1", "TokenRequest", Role::Part),
        ("autoscaling/v1", "Scale", Role::Part),
        ("policy/v1", "Eviction", Role::Part),
        ("v1", "Status", Role::Part),
        ("v1", "DeleteOptions", Role::Part),
    ] {
        let kind = kind(&catalog, api_version, name);
        assert_eq!(kind.role, role, "{name}");
        assert_eq!(kind.served.is_empty(), role == Role::Part, "{name} {}", kind.served);
    }
    let list = kind(&catalog, "apps/v1", "DeploymentList");
    assert_eq!((list.served, list.plural, list.namespaced), (Versions::ALL, "deployments", true));
    let items = catalog.type_of(kind(&catalog, "v1", "List")).field_in("items", Version::NEWEST).unwrap();
    assert_eq!(items.shape, Shape::List(Box::new(Shape::RawExtension)));
}

#[test]
fn scopes_and_plurals_hold_for_kinds_long_gone() {
    let catalog = Catalog::built_in();
    for (api_version, name, plural, namespaced) in [
        ("extensions/v1beta1", "PodSecurityPolicy", "podsecuritypolicies", false),
        ("policy/v1beta1", "PodSecurityPolicy", "podsecuritypolicies", false),
        ("extensions/v1beta1", "Ingress", "ingresses", true),
        ("extensions/v1beta1", "NetworkPolicy", "networkpolicies", true),
        ("settings.k8s.io/v1alpha1", "PodPreset", "podpresets", true),
        ("auditregistration.k8s.io/v1alpha1", "AuditSink", "auditsinks", false),
        ("networking.k8s.io/v1alpha1", "ClusterCIDR", "clustercidrs", false),
        ("resource.k8s.io/v1alpha2", "ResourceClass", "resourceclasses", false),
        ("resource.k8s.io/v1alpha2", "PodSchedulingContext", "podschedulingcontexts", true),
        ("v1", "Endpoints", "endpoints", true),
        ("v1", "Node", "nodes", false),
        ("storage.k8s.io/v1", "StorageClass", "storageclasses", false),
    ] {
        let kind = kind(&catalog, api_version, name);
        assert_eq!((kind.plural, kind.namespaced), (plural, namespaced), "{api_version} {name}");
    }
}

#[test]
fn groups_and_names_are_found() {
    let catalog = Catalog::built_in();
    assert!(catalog.group_is_built_in("") && catalog.group_is_built_in("networking.k8s.io"));
    assert!(!catalog.group_is_built_in("argoproj.io") && !catalog.group_is_built_in("networking"));
    assert!(catalog.groups().is_sorted() && catalog.groups().any(|group| group == "batch"));
    let ingresses: Vec<_> = catalog.kinds_named("Ingress").map(Kind::api_version).collect();
    assert_eq!(ingresses, ["extensions/v1beta1", "networking.k8s.io/v1", "networking.k8s.io/v1beta1"]);
    assert!(catalog.kind("apps", "v2", "Deployment").is_none());
    assert!(catalog.kind_of("apps/v1/x", "Deployment").is_none());
}

#[test]
fn shapes_are_those_kubernetes_decodes() {
    let catalog = Catalog::built_in();
    let core = |ty: &str, name: &str| field(&catalog, &format!("io.k8s.api.core.v1.{ty}"), name).shape.clone();
    let meta = |ty: &str, name: &str| {
        field(&catalog, &format!("io.k8s.apimachinery.pkg.apis.meta.v1.{ty}"), name).shape.clone()
    };
    assert_eq!(core("ContainerPort", "containerPort"), Shape::Int32);
    assert_eq!(core("PodSpec", "activeDeadlineSeconds"), Shape::Int64);
    assert_eq!(core("PodSpec", "hostNetwork"), Shape::Boolean);
    assert_eq!(core("Secret", "data"), Shape::Map(Box::new(Shape::Bytes)));
    assert_eq!(core("ConfigMap", "data"), Shape::Map(Box::new(Shape::String)));
    assert_eq!(core("ResourceRequirements", "limits"), Shape::Map(Box::new(Shape::Quantity)));
    assert_eq!(core("ServicePort", "targetPort"), Shape::IntOrString);
    assert_eq!(core("Event", "eventTime"), Shape::MicroTime);
    assert_eq!(meta("ObjectMeta", "creationTimestamp"), Shape::Time);
    assert_eq!(meta("ManagedFieldsEntry", "fieldsV1"), Shape::Any);
    let object_meta = catalog.type_named("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta").unwrap();
    assert_eq!(core("PodTemplateSpec", "metadata"), Shape::Object(object_meta));
    assert_eq!(field(&catalog, "io.k8s.api.apps.v1.ControllerRevision", "data").shape, Shape::RawExtension);
    let schema = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps";
    assert_eq!(field(&catalog, schema, "additionalProperties").shape, Shape::SchemaOrBool);
    assert_eq!(field(&catalog, schema, "items").shape, Shape::SchemaOrArray);
    assert_eq!(field(&catalog, schema, "default").shape, Shape::Any);
    assert_eq!(field(&catalog, schema, "maximum").shape, Shape::Number);
}

#[test]
fn fields_come_and_go_and_change_their_shape() {
    let catalog = Catalog::built_in();
    let pod_spec = catalog.ty(catalog.type_named("io.k8s.api.core.v1.PodSpec").unwrap());
    assert_eq!(pod_spec.versions_with("hostUsers"), Versions::since(version(25)));
    assert_eq!(pod_spec.versions_with("containers"), Versions::ALL);
    // `Handler` was renamed `LifecycleHandler` in 1.23.
    let lifecycle = catalog.ty(catalog.type_named("io.k8s.api.core.v1.Lifecycle").unwrap());
    assert_eq!(lifecycle.fields("preStop").len(), 2);
    assert_eq!(lifecycle.versions_with("preStop"), Versions::ALL);
    let ports = field(&catalog, "io.k8s.api.core.v1.Container", "ports");
    assert_eq!(ports.list_type, Some(ListType::Map(vec!["containerPort", "protocol"])));
    let protocol = field(&catalog, "io.k8s.api.core.v1.ContainerPort", "protocol");
    assert_eq!(protocol.default, Some("\"TCP\""));
}

#[test]
fn required_is_what_servers_enforce() {
    let catalog = Catalog::built_in();
    let core = |ty: &str, name: &str| field(&catalog, &format!("io.k8s.api.core.v1.{ty}"), name);
    assert_eq!(core("Container", "name").required, Versions::ALL);
    // No schema lists the image, every server wants it; every schema lists the port, no server says Required.
    assert_eq!(core("Container", "image").required, Versions::ALL);
    assert!(core("HTTPGetAction", "port").required.is_empty());
    assert_eq!(core("FileKeySelector", "path").required, Versions::since(version(35)));
    let selector = |ty: &str| {
        let ty = catalog.ty(catalog.type_named(ty).unwrap());
        ty.fields("selector").iter().fold(Versions::NONE, |all, field| all.union(field.required))
    };
    assert_eq!(selector("io.k8s.api.apps.v1.DeploymentSpec"), Versions::ALL);
    assert_eq!(selector("io.k8s.api.apps.v1beta1.DeploymentSpec"), Versions::NONE);
    // A struct that is absent is judged as empty; a pointer is not.
    assert_eq!(field(&catalog, "io.k8s.api.apps.v1.Deployment", "spec").default, Some("{}"));
    assert_eq!(core("PodSpec", "securityContext").default, None);
}

#[test]
fn values_stand_in_the_order_in_which_servers_list_them() {
    let catalog = Catalog::built_in();
    let core = |ty: &str, name: &str| field(&catalog, &format!("io.k8s.api.core.v1.{ty}"), name);
    let in_version = |field: &Field, minor: u8| -> Vec<_> {
        field.values.iter().filter(|it| it.versions.contains(version(minor))).map(|it| it.value).collect()
    };
    let policy = core("PodSpec", "dnsPolicy");
    assert_eq!(in_version(policy, 37), ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]);
    let distribution = core("ServiceSpec", "trafficDistribution");
    assert_eq!(in_version(distribution, 33), ["PreferClose"]);
    assert_eq!(in_version(distribution, 34).len(), 3);
    assert!(distribution.knows("PreferSameZone"));
    assert!(field(&catalog, "io.k8s.api.apps.v1.Deployment", "kind").values.is_empty());
}

#[test]
fn threads_share_one_catalog() {
    let catalog = Catalog::built_in();
    let names =
        |catalog: &Catalog| -> usize { catalog.kinds().map(|kind| catalog.type_of(kind).names().count()).sum() };
    let counts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| names(&catalog))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(counts.iter().all(|count| *count == names(&catalog)), "{counts:?}");
}

#[test]
fn an_id_of_no_type_takes_anything() {
    let catalog = Catalog::built_in();
    assert!(catalog.ty(TypeId(u16::MAX)).preserves_unknown);
    assert!(Catalog::open(b"").is_err());
}

/// A cheap generator, so that the property below needs no dependency.
fn random(state: &mut u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state >> 16).unwrap()
}

#[test]
fn a_damaged_table_is_an_error() {
    let mut state = 0x5eed;
    assert_eq!(Catalog::open(b"SEAW\0\0\0\x03").err(), Some(TableError::Format));
    for _ in 0..50 {
        let length = random(&mut state) % SCHEMAS.len();
        assert!(Table::open(&SCHEMAS[..length]).is_err(), "cut to {length}");
        let mut bytes = SCHEMAS.to_vec();
        let place = random(&mut state) % bytes.len();
        bytes[place] ^= 1 << (random(&mut state) % 8);
        assert!(Table::open(bytes.leak()).is_err(), "bit flipped at {place}");
    }
}

/// Behind the checksum too, nothing panics or runs away.
#[test]
fn a_table_that_contradicts_itself_never_panics() {
    let mut state = 0xbad;
    for _ in 0..200 {
        let mut bytes = SCHEMAS[16..].to_vec();
        for _ in 0..=random(&mut state) % 8 {
            let place = random(&mut state) % bytes.len();
            bytes[place] = random(&mut state).to_le_bytes()[0];
        }
        let Ok((table, kinds)) = Table::read(bytes.leak()) else { continue };
        let catalog = Catalog::of(table, kinds);
        for index in 0..catalog.types.len() {
            catalog.ty(TypeId(u16::try_from(index).unwrap()));
        }
    }
}

/// `cargo test --release -- --ignored --nocapture` prints what opening and decoding cost.
#[test]
#[ignore = "a measurement"]
fn cost() {
    let start = Instant::now();
    let catalog = Catalog::built_in();
    println!("open: {:?}", start.elapsed());
    let start = Instant::now();
    let mut open = vec![kind(&catalog, "apps/v1", "Deployment").ty];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            open.extend(catalog.ty(id).all_fields().filter_map(|field| field.shape.object()));
        }
    }
    println!("Deployment closure, {} types: {:?}", seen.len(), start.elapsed());
    let start = Instant::now();
    let descriptions = Descriptions::open(include_bytes!("../../data/descriptions.zlib"));
    println!("open the descriptions: {:?}", start.elapsed());
    let (container, start) = (catalog.type_named("io.k8s.api.core.v1.Container"), Instant::now());
    let text = descriptions.as_ref().ok().zip(container).and_then(|(all, ty)| all.of_field(catalog.ty(ty), "image"));
    println!("describe a field, {} bytes: {:?}", text.map_or(0, str::len), start.elapsed());
}

#[test]
fn a_value_leads_to_its_type_and_its_field() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {labels: {a: b}}\nspec:\n  template:\n    spec:\n      \
                containers: [{name: a, imagePullPolicy: Always, nonsense: 1}]\n";
    let source = seaworthy_source::Source::new("a.yaml", text);
    let documents = seaworthy_document::read(&source);
    let catalog = Catalog::built_in();
    let root = documents[0].root().unwrap();
    let object = Object::new(root, &catalog, "default").unwrap();
    let node = |path: &str| root.resolve(&path.parse().unwrap()).unwrap();
    let type_at = |path: &str| catalog.type_at(&object, node(path)).map(Type::short_name);
    let fields_at = |path: &str| catalog.fields_at(&object, node(path)).iter().map(|it| it.name).collect::<Vec<_>>();
    assert_eq!(catalog.type_at(&object, root).map(Type::short_name), Some("Deployment"));
    assert_eq!(type_at("spec.template.spec"), Some("PodSpec"));
    assert_eq!(type_at("spec.template.spec.containers[0]"), Some("Container"));
    assert_eq!(type_at("metadata.labels"), None);
    assert_eq!(fields_at("spec.template.spec.containers[0].imagePullPolicy"), ["imagePullPolicy"]);
    assert_eq!(fields_at("spec.template.spec.containers[0]"), ["containers"]);
    assert_eq!(fields_at("spec.template.spec.containers[0].nonsense"), [""; 0]);
    assert_eq!(fields_at("metadata.labels.a"), [""; 0]);
}
