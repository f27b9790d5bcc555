//! The committed table: that all of the newest version is described, what it says, and that damage to it is an error.

use std::collections::BTreeMap;

use miniz_oxide::deflate::compress_to_vec_zlib;
use proptest::prelude::*;

use super::*;
use crate::catalog::{Catalog, Field};
use crate::version::Version;

static PACKED: &[u8] = include_bytes!("../../../data/descriptions.zlib");

fn committed() -> Descriptions {
    Descriptions::open(PACKED).expect("the committed table opens")
}

fn ty<'a>(catalog: &'a Catalog, name: &str) -> &'a Type {
    let name = format!("io.k8s.{name}");
    catalog.ty(catalog.type_named(&name).unwrap_or_else(|| panic!("{name}")))
}

/// The fields of the newest version, each with its type.
fn newest(catalog: &Catalog) -> impl Iterator<Item = (&Type, &Field)> {
    let is_newest = |field: &&Field| field.versions.contains(Version::NEWEST);
    catalog.types().flat_map(move |ty| ty.all_fields().filter(is_newest).map(move |field| (ty, field)))
}

#[test]
fn every_field_of_the_newest_version_is_described_or_has_no_description_upstream() {
    let (catalog, descriptions) = (Catalog::built_in(), committed());
    let mut undescribed = BTreeMap::<&str, usize>::new();
    let mut described = 0;
    for (ty, field) in newest(&catalog) {
        match descriptions.of_field(ty, field.name) {
            Some(_) => described += 1,
            None => *undescribed.entry(ty.short_name()).or_default() += 1,
        }
    }
    // These have none in Kubernetes' own source; `List` is no definition of its own there.
    let known = [
        ("CertificateSigningRequest", 1),
        ("CertificateSigningRequestList", 1),
        ("ExternalDocumentation", 2),
        ("GroupResource", 2),
        ("JSONSchemaProps", 35),
        ("List", 4),
        ("WatchEvent", 1),
    ];
    assert_eq!(undescribed, BTreeMap::from(known));
    assert_eq!(described, 3369);
}

#[test]
fn descriptions_are_kubernetes_own_words() {
    let (catalog, descriptions) = (Catalog::built_in(), committed());
    let container = ty(&catalog, "api.core.v1.Container");
    assert_eq!(
        descriptions.of_field(container, "workingDir"),
        Some(
            "Container's working directory. If not specified, the container runtime's default will be used, which \
             might be configured in the container image. Cannot be updated."
        )
    );
    assert_eq!(
        descriptions.of_type(container),
        Some("A single application container that you want to run within a pod.")
    );
    assert_eq!(descriptions.of_field(container, "imaeg"), None);
    assert_eq!(descriptions.of_field(container, ""), None);
    // Gone since 1.16 and 1.25, and described all the same.
    let old = ty(&catalog, "api.extensions.v1beta1.DeploymentSpec");
    assert!(descriptions.of_field(old, "rollbackTo").expect("it was described").starts_with("DEPRECATED."));
    let gone = ty(&catalog, "api.policy.v1beta1.PodSecurityPolicySpec");
    assert!(descriptions.of_field(gone, "privileged").is_some());
}

#[test]
fn values_are_explained_where_a_version_lists_them() {
    let (catalog, descriptions) = (Catalog::built_in(), committed());
    let container = ty(&catalog, "api.core.v1.Container");
    assert_eq!(
        descriptions.of_value(container, "imagePullPolicy", "IfNotPresent"),
        Some(
            "means that kubelet pulls if the image isn't present on disk. Container will fail if the image isn't \
             present and the pull fails."
        )
    );
    assert_eq!(descriptions.of_value(container, "imagePullPolicy", "Sometimes"), None);
    assert_eq!(descriptions.of_value(container, "image", "Always"), None);
    // The words of 1.37, and the list of 1.23.
    let taint = ty(&catalog, "api.core.v1.Taint");
    assert!(descriptions.of_field(taint, "effect").unwrap().starts_with("Required. The effect of the taint"));
    assert!(descriptions.of_value(taint, "effect", "NoExecute").is_some());
    // Listed without a word.
    assert_eq!(descriptions.of_value(ty(&catalog, "api.core.v1.PodSpec"), "restartPolicy", "Always"), None);
    // Listed with a dash before the words.
    let service = ty(&catalog, "api.core.v1.ServiceSpec");
    assert_eq!(descriptions.of_value(service, "sessionAffinity", "None"), Some("no session affinity."));
}

#[test]
fn stated_defaults_are_those_that_the_schema_knows() {
    let (catalog, descriptions) = (Catalog::built_in(), committed());
    let (mut stated, mut compared) = (0, 0);
    for (ty, field) in newest(&catalog) {
        let Some(default) = descriptions.default_of(ty, field.name) else { continue };
        stated += 1;
        if let Some(known) = field.default {
            assert_eq!(known.trim_matches('"'), default, "{}.{}", ty.name, field.name);
            compared += 1;
        }
    }
    assert_eq!((stated, compared), (152, 14));
}

#[test]
fn a_default_is_a_plain_value_without_a_condition() {
    for (text, default) in [
        ("Defaults to 3. Minimum value is 1.", Some("3")),
        ("Defaults to 0644. Directories within the path are not affected", Some("0644")),
        ("Default to 10 seconds. Minimum value is 1.", Some("10")),
        ("Defaults to 25%. Example: when", Some("25%")),
        ("Defaults to 600s.", Some("600")),
        ("Default value is false, and the user must opt in", Some("false")),
        ("Protocol for port. Must be UDP, TCP, or SCTP. Default is \"TCP\".", Some("TCP")),
        ("Defaults to \"\" (volume's root).", Some("")),
        ("Defaults to /dev/termination-log. Cannot be updated.", Some("/dev/termination-log")),
        ("Default is RollingUpdate", Some("RollingUpdate")),
        ("Defaults to Always if :latest tag is specified, or IfNotPresent otherwise.", None),
        ("Defaults to 6, unless backoffLimitPerIndex (only Indexed Job) is specified.", None),
        ("Defaults to the pod IP.", None),
        ("must be None (or be unspecified, which defaults to None).", None),
        ("Defaults to \"\" for ServiceAccount subjects.", None),
        ("Defaults to \"`kind`List\".", None),
        ("Defaults to \"", None),
        ("Defaults to ", None),
        ("Defaults to é", None),
        ("No word of it.", None),
    ] {
        assert_eq!(stated_default(text), default, "{text}");
    }
}

#[test]
fn damage_is_an_error() {
    for length in [0, 1, 2, 100, PACKED.len() / 2, PACKED.len() - 1] {
        assert_eq!(Descriptions::open(&PACKED[..length]).err(), Some(DescriptionsError), "{length} bytes");
    }
    for at in (2..PACKED.len()).step_by(9973) {
        let mut damaged = PACKED.to_vec();
        damaged[at] ^= 4;
        assert_eq!(Descriptions::open(&damaged).err(), Some(DescriptionsError), "byte {at}");
    }
    // A number of a description that is not there.
    assert!(Descriptions::open(&compress_to_vec_zlib(b"A\t1\n\tb\t2\n\none\0", 1)).is_err());
    assert!(Descriptions::open(&compress_to_vec_zlib(b"A\t1\n\tb\t1\n\none\0", 1)).is_ok());
}

#[test]
fn little_that_unpacks_to_much_is_an_error() {
    let packed = compress_to_vec_zlib(&vec![b'a'; LIMIT + 1], 1);
    assert!(packed.len() < LIMIT / 100);
    assert_eq!(Descriptions::open(&packed).err(), Some(DescriptionsError));
}

proptest! {
    #[test]
    fn any_text_opens_or_is_an_error(text in "([a-c]?\t?[0-3]?\n?){0,9}(\n\n)?([a-bé]?\0?){0,4}") {
        let catalog = Catalog::built_in();
        if let Ok(descriptions) = Descriptions::open(&compress_to_vec_zlib(text.as_bytes(), 1)) {
            prop_assert_eq!(descriptions.of_type(ty(&catalog, "api.core.v1.Pod")), None);
        }
    }
}
