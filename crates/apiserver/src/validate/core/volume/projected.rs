//! Volumes made of files: of secrets, ConfigMaps, the downward API, tokens and certificates.

use super::super::super::meta;
use super::super::super::names::{self, BYTES};
use super::super::super::seen::Seen;
use super::super::super::value::Value;
use super::super::{field_ref, local_path, names as core_names, security};
use super::source::required;

/// What a volume may refer to of a pod (`validVolumeDownwardAPIFieldPathExpressions`), in the server's order.
const FIELDS: &[&str] =
    &["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// The keys a certificate may have, in the server's order.
const KEY_TYPES: &[&str] = &["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"];
/// The longest life of a pod's certificate in seconds, and of one that Kubernetes itself signs.
const LONGEST_LIFE: i64 = 91 * 24 * 60 * 60;
const LONGEST_LIFE_OF_KUBERNETES: i64 = 24 * 60 * 60;
/// User annotations of a certificate may have so many bytes in all.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;

/// The mode of files, if one is given.
fn file_mode(mode: Value<'_>) {
    if !(0..=0o777).contains(&mode.int()) {
        mode.invalid("must be a number between 0 and 0777 (octal), both inclusive");
    }
}

/// `validateSecretVolumeSource`, `validateConfigMapVolumeSource`.
pub(in super::super) fn keys(source: Value<'_>) {
    file_mode(source.get("defaultMode"));
    source.items_of("items").for_each(key_to_path);
}

/// `validateKeyToPath`.
fn key_to_path(item: Value<'_>) {
    required(item, &["key", "path"]);
    local_path::not_reserved(item.get("path"));
    file_mode(item.get("mode"));
}

/// `validateDownwardAPIVolumeSource`: the server's paths leave the items out.
pub(in super::super) fn downward_api(source: Value<'_>) {
    file_mode(source.get("defaultMode"));
    source.items_of("items").for_each(|item| downward_file(item, source));
}

/// `validateDownwardAPIVolumeFile`.
fn downward_file<'r>(item: Value<'r>, source: Value<'r>) {
    let file = item.called(source, "");
    let (field, resource) = (file.get("fieldRef"), file.get("resourceFieldRef"));
    required(file, &["path"]);
    local_path::not_reserved(file.get("path"));
    if field.is_present() {
        field_ref::object_field(field, FIELDS);
        if resource.is_present() {
            file.invalid_text("resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
        }
    } else if resource.is_present() {
        field_ref::resource_field(resource, true);
    } else {
        file.required("one of fieldRef and resourceFieldRef is required");
    }
    file_mode(file.get("mode"));
}

/// The sources of one volume, and the paths of the files they make.
struct Projection<'r> {
    volume: Value<'r>,
    paths: Seen<'r>,
}

/// `validateProjectedVolumeSource`.
pub(in super::super) fn projected(volume: Value<'_>) {
    file_mode(volume.get("defaultMode"));
    let mut projection = Projection { volume, paths: Seen::default() };
    for source in volume.items_of("sources") {
        let count = projection.source(source);
        if count > 1 {
            source.forbidden(if source.since(31) {
                "may not specify more than 1 volume type per source"
            } else {
                "may not specify more than 1 volume type"
            });
        }
    }
}

impl<'r> Projection<'r> {
    /// One of `validateProjectionSources`; gives how many kinds it is of.
    fn source(&mut self, source: Value<'r>) -> usize {
        type Judge<'r> = fn(&mut Projection<'r>, Value<'r>);
        let kinds: [(&'static str, Judge<'r>); 4] = [
            ("secret", Self::keys),
            ("configMap", Self::keys),
            ("downwardAPI", Self::downward_api),
            ("serviceAccountToken", Self::service_account_token),
        ];
        // Servers drop what they have not switched on.
        let gated: [(&'static str, Judge<'r>); 2] =
            [("clusterTrustBundle", Self::cluster_trust_bundle), ("podCertificate", Self::pod_certificate)];
        let mut count = 0;
        for (name, judge) in kinds {
            let projected = source.get(name);
            if projected.is_present() {
                count += 1;
                judge(self, projected);
            }
        }
        for (name, judge) in gated {
            let projected = source.get(name);
            if projected.is_present() && projected.since(37) {
                count += 1;
                judge(self, projected);
            }
        }
        if count > 1 {
            users_of_all_but_one(source);
        }
        count
    }

    /// Takes a path; says of the volume that it is there already, with what the server shows.
    fn path(&mut self, path: &'r str, shown: &str) {
        if !self.paths.insert(path) {
            self.volume.invalid_text(shown, "conflicting duplicate paths");
        }
    }

    fn keys(&mut self, source: Value<'r>) {
        required(source, &["name"]);
        for item in source.items_of("items") {
            key_to_path(item);
            if !item.get("path").is_empty() {
                self.path(item.str_of("path"), source.str_of("name"));
            }
        }
    }

    fn downward_api(&mut self, source: Value<'r>) {
        for item in source.items_of("items") {
            downward_file(item, source);
            let path = item.str_of("path");
            if !path.is_empty() {
                self.path(path, path);
            }
        }
    }

    fn service_account_token(&mut self, source: Value<'r>) {
        let seconds = source.get("expirationSeconds");
        if let Some(count) = seconds.opt_int() {
            if count < 10 * 60 {
                seconds.invalid("may not specify a duration less than 10 minutes");
            }
            if count > 1 << 32 {
                seconds.invalid("may not specify a duration larger than 2^32 seconds");
            }
        }
        // The server has the path in the volume.
        let path = source.get("path");
        if path.is_empty() {
            path.named(format!("{}.path", self.volume.path())).required("");
        } else {
            local_path::not_reserved(path.called(self.volume, "path"));
        }
    }

    fn cluster_trust_bundle(&mut self, source: Value<'r>) {
        let (name, signer, selector) = (source.get("name"), source.get("signerName"), source.get("labelSelector"));
        match (name.is_present(), signer.is_present()) {
            (true, true) => source.invalid("only one of name and signerName may be used"),
            (true, false) => {
                if name.is_empty() {
                    name.required("must be a valid object name");
                }
                let signer = core_names::signer_of_trust_bundle(name.str()).unwrap_or_default();
                for fault in core_names::trust_bundle_name_faults(&signer, name.str()) {
                    name.invalid(&format!("not a valid clustertrustbundlename: {fault}"));
                }
                if selector.is_present() {
                    selector.invalid("labelSelector must be unset if name is specified");
                }
            }
            (false, true) => {
                if signer.is_empty() {
                    signer.required("must be a valid signer name");
                }
                core_names::signer_name(signer);
                meta::label_selector(selector);
            }
            (false, false) => source.required("either name or signerName must be specified"),
        }
        let path = source.get("path");
        required(source, &["path"]);
        local_path::not_reserved(path);
        self.path(path.str(), path.str());
    }

    fn pod_certificate(&mut self, source: Value<'r>) {
        let signer = source.get("signerName");
        core_names::signer_name(signer);
        user_annotations(source.get("userAnnotations"));
        if !KEY_TYPES.contains(&source.str_of("keyType")) {
            source.get("keyType").not_supported(KEY_TYPES);
        }
        let seconds = source.get("maxExpirationSeconds");
        if let Some(count) = seconds.opt_int() {
            if count < 3600 {
                seconds.invalid("if provided, maxExpirationSeconds must be >= 3600");
            }
            let own = core_names::is_kubernetes_signer(signer.str());
            let longest = if own { LONGEST_LIFE_OF_KUBERNETES } else { LONGEST_LIFE };
            if count > longest {
                seconds.invalid(&format!("if provided, maxExpirationSeconds must be <= {longest}"));
            }
        }
        let mut named = false;
        for name in ["credentialBundlePath", "keyPath", "certificateChainPath"] {
            let path = source.get(name);
            if !path.is_empty() {
                named = true;
                local_path::not_reserved(path);
                self.path(path.str(), path.str());
            }
        }
        if !named {
            source.required("specify at least one of credentialBundlePath, keyPath, and certificateChainPath");
        }
    }
}

/// Users of files are dropped (`AtomicWriteVolumeUserFields` is not switched on), but of one kind alone
/// (pkg/api/pod, `dropDisabledAtomicWriteVolumeUserFields`).
fn users_of_all_but_one(source: Value<'_>) {
    let kinds = ["secret", "downwardAPI", "configMap", "serviceAccountToken", "clusterTrustBundle", "podCertificate"];
    for kind in kinds.iter().filter_map(|name| source.entry(name)).filter(|it| it.is_present()).skip(1) {
        let users = kind.items_of("items").chain([kind]).map(|it| it.get("user"));
        users.for_each(security::user_or_group);
    }
}

/// `ValidateUserAnnotations`: keys with a domain, whose case does not matter; the server names the map.
pub(in crate::validate) fn user_annotations(map: Value<'_>) {
    let mut size = 0;
    for (key, value) in map.entries() {
        size += key.len() + value.len();
        let key = key.to_lowercase();
        let mut faults = names::key_faults(&key, value.since(BYTES));
        if key.is_empty() {
            map.required("");
            continue;
        }
        if faults.is_empty() && !key.contains('/') {
            faults.push("must be a domain-prefixed key (such as \"acme.io/foo\")".to_owned());
        }
        faults.iter().for_each(|fault| map.invalid_text(&key, fault));
    }
    if size > ANNOTATIONS_LIMIT {
        map.too_long(ANNOTATIONS_LIMIT);
    }
}
