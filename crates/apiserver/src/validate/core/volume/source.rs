//! Where a volume comes from: sources of a pod's volumes and of PersistentVolumes.
//!
//! The functions bear the names of the fields; Kubernetes' are `validateNFSVolumeSource` and so on.

use super::super::super::names::Form;
use super::super::super::value::Value;
use super::super::local_path;

/// A partition or a unit of a disk, as the server says it: 0 is allowed too.
const PARTITION: &str = "must be between 1 and 255, inclusive";
const LUN: &str = "must be between 0 and 255, inclusive";
/// The types of a path on a node, in the server's order.
const HOST_PATH_TYPES: &[&str] =
    &["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
const CACHING_MODES: &[&str] = &["None", "ReadOnly", "ReadWrite"];
const DISK_KINDS: &[&str] = &["Dedicated", "Managed", "Shared"];
/// What a server says of a name or portal that is too long to be looked up by the name of the initiator.
pub(in super::super) const TOO_LONG_WITH_INITIATOR: &str = "Total length of <volume name>:<iscsi.targetPortal> must \
    be under 64 characters if iscsi.initiatorName is specified.";
const HOST_PORTS: &str = "must be a host:port pair or multiple pairs separated by commas";

/// A source of volumes.
pub(in super::super) struct Source {
    /// The field.
    field: &'static str,
    /// The field the server names where it is one too many; none if it is never that.
    surplus: &'static str,
    /// What must be given.
    required: &'static [&'static str],
    /// The other rules.
    judge: fn(Value<'_>),
}

impl Source {
    /// A source with fields that must be given, and rules.
    pub(in super::super) const fn new(
        field: &'static str,
        required: &'static [&'static str],
        judge: fn(Value<'_>),
    ) -> Self {
        Self { field, surplus: field, required, judge }
    }

    /// The same, where the server names another field for one too many.
    pub(in super::super) const fn surplus(self, surplus: &'static str) -> Self {
        Self { surplus, ..self }
    }
}

/// No rules but for what must be given.
pub(in super::super) fn free(_: Value<'_>) {}

/// Judges the first source that is there, and says that others are too many. Gives the field of the first.
pub(in super::super) fn one_of(volume: Value<'_>, sources: &[Source]) -> Option<&'static str> {
    let mut first = None;
    for source in sources {
        let Some(value) = volume.entry(source.field).filter(|it| it.is_present()) else { continue };
        if first.is_some() && !source.surplus.is_empty() {
            in_place_of(value, source.surplus).forbidden("may not specify more than 1 volume type");
            continue;
        }
        first = first.or(Some(source.field));
        if source.field == "gcePersistentDisk" {
            value.called(volume, "persistentDisk");
        }
        required(value, source.required);
        (source.judge)(value);
    }
    if first.is_none() {
        volume.required("must specify a volume type");
    }
    first
}

/// The value at the address of another field beside it.
fn in_place_of<'r>(value: Value<'r>, name: &str) -> Value<'r> {
    let path = value.path();
    let around = path.strip_suffix(value.key()).unwrap_or(&path);
    value.named(format!("{around}{name}"))
}

/// Fields that must be given.
pub(in super::super) fn required(value: Value<'_>, fields: &[&'static str]) {
    for name in fields {
        let field = value.get(name);
        if field.is_empty() {
            field.required("");
        }
    }
}

/// A reference to a secret that is there has these.
fn secret_ref(source: Value<'_>, fields: &[&'static str]) {
    let secret = source.get("secretRef");
    if secret.is_present() {
        required(secret, fields);
    }
}

pub(in super::super) fn named_secret(source: Value<'_>) {
    secret_ref(source, &["name"]);
}

pub(in super::super) fn placed_secret(source: Value<'_>) {
    secret_ref(source, &["name", "namespace"]);
}

fn label(value: Value<'_>) {
    value.invalid_each(Form::Label.faults(value.str()));
}

pub(in super::super) fn host_path(source: Value<'_>) {
    if source.get("path").is_empty() {
        return;
    }
    local_path::no_backsteps(source.get("path"));
    let kind = source.get("type");
    if kind.is_present() && !HOST_PATH_TYPES.contains(&kind.str()) {
        kind.not_supported(HOST_PATH_TYPES);
    }
}

pub(in super::super) fn git_repo(source: Value<'_>) {
    local_path::descending(source.get("directory"));
}

pub(in super::super) fn disk(source: Value<'_>) {
    byte(source.get("partition"), PARTITION);
}

fn byte(value: Value<'_>, words: &str) {
    if !(0..=255).contains(&value.int()) {
        value.invalid(words);
    }
}

pub(in super::super) fn nfs(source: Value<'_>) {
    let path = source.get("path");
    if !path.str().starts_with('/') {
        path.invalid("must be an absolute path");
    }
}

pub(in super::super) fn glusterfs_persistent(source: Value<'_>) {
    let namespace = source.get("endpointsNamespace");
    if namespace.is_present() && namespace.is_empty() {
        namespace.invalid("if the endpointnamespace is set, it must be a valid namespace name");
    } else if namespace.is_present() {
        label(namespace);
    }
}

pub(in super::super) fn flocker(source: Value<'_>) {
    let (name, uuid) = (source.get("datasetName"), source.get("datasetUUID"));
    if name.is_empty() && uuid.is_empty() {
        source.required("one of datasetName and datasetUUID is required");
    }
    if !name.is_empty() && !uuid.is_empty() {
        source.invalid_text("resource", "datasetName and datasetUUID can not be specified simultaneously");
    }
    if name.str().contains('/') {
        name.invalid("must not contain '/'");
    }
}

pub(in super::super) fn quobyte(source: Value<'_>) {
    let (registry, tenant) = (source.get("registry"), source.get("tenant"));
    if registry.is_empty() {
        registry.required(HOST_PORTS);
    } else if tenant.len() >= 65 {
        tenant.required("must be a UUID and may not exceed a length of 64 characters");
    } else if !registry.str().split(',').all(is_host_port) {
        registry.invalid(HOST_PORTS);
    }
    required(source, &["volume"]);
}

/// Whether Go's `net.SplitHostPort` takes it.
fn is_host_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let host = match host.strip_prefix('[') {
        Some(host) => match host.strip_suffix(']') {
            Some(host) => host,
            None => return false,
        },
        None if host.contains(':') => return false,
        None => host,
    };
    ![host, port].iter().any(|part| part.contains(['[', ']']))
}

pub(in super::super) fn fc(source: Value<'_>) {
    let (targets, ids, lun) = (source.get("targetWWNs"), source.get("wwids"), source.get("lun"));
    match (targets.is_empty(), ids.is_empty()) {
        (true, true) => targets.required("must specify either targetWWNs or wwids, but not both"),
        (false, false) => targets.invalid("targetWWNs and wwids can not be specified simultaneously"),
        _ => {}
    }
    if !targets.is_empty() {
        if lun.is_present() {
            byte(lun, LUN);
        } else {
            lun.required("lun is required if targetWWNs is specified");
        }
    }
}

/// `validateFlexVolumeSource`: options of Kubernetes' own namespaces are reserved.
pub(in super::super) fn flex_volume(source: Value<'_>) {
    for (key, value) in source.entries_of("options") {
        let namespace = format!(".{}", key.split('/').next().unwrap_or(key).to_lowercase());
        if [".kubernetes.io", ".k8s.io"].iter().any(|end| namespace.ends_with(end)) {
            value.invalid_key("kubernetes.io and k8s.io namespaces are reserved");
        }
    }
}

pub(in super::super) fn azure_file_persistent(source: Value<'_>) {
    let namespace = source.get("secretNamespace");
    if namespace.is_present() && namespace.is_empty() {
        namespace.required("");
    }
}

pub(in super::super) fn azure_disk(source: Value<'_>) {
    let (mode, kind, uri) = (source.get("cachingMode"), source.get("kind"), source.get("diskURI"));
    if mode.is_present() && !CACHING_MODES.contains(&mode.str()) {
        mode.not_supported(CACHING_MODES);
    }
    if kind.is_present() && !DISK_KINDS.contains(&kind.str()) {
        kind.not_supported(DISK_KINDS);
    }
    if kind.str() == "Managed" {
        if !uri.str().starts_with("/subscriptions/") {
            uri.not_supported(&[
                "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}",
            ]);
        }
    } else if !uri.str().starts_with("https://") {
        // A disk is shared if nothing else is said.
        uri.not_supported(&["https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"]);
    }
}

fn storage_os_names(source: Value<'_>) {
    let (name, namespace) = (source.get("volumeName"), source.get("volumeNamespace"));
    if !name.is_empty() {
        label(name);
    }
    if !namespace.is_empty() {
        label(namespace);
    }
}

pub(in super::super) fn storage_os(source: Value<'_>) {
    storage_os_names(source);
    named_secret(source);
}

pub(in super::super) fn storage_os_persistent(source: Value<'_>) {
    storage_os_names(source);
    placed_secret(source);
}

pub(in super::super) fn iscsi(source: Value<'_>) {
    iscsi_of(source, "must be valid format starting with iqn, eui, or naa");
}

/// `validateISCSIPersistentVolumeSource`: the words differ, and a secret has a name.
pub(in super::super) fn iscsi_persistent(source: Value<'_>) {
    let (name, portal) = (source.run().root().at("metadata.name"), source.get("targetPortal"));
    if source.has("initiatorName") && name.len() + 1 + portal.len() > 64 {
        in_place_of(portal, "targetportal").invalid(TOO_LONG_WITH_INITIATOR);
    }
    iscsi_of(source, "must be valid format");
    named_secret(source);
}

fn iscsi_of(source: Value<'_>, words: &str) {
    let (iqn, initiator) = (source.get("iqn"), source.get("initiatorName"));
    if !iqn.is_empty() {
        qualified(iqn, "iqn", words);
    }
    byte(source.get("lun"), LUN);
    let authenticates = source.bool_of("chapAuthDiscovery") || source.bool_of("chapAuthSession");
    if authenticates && !source.has("secretRef") {
        source.get("secretRef").required("");
    }
    if initiator.is_present() {
        // The server's path has no capital.
        qualified(initiator, "initiatorname", words);
    }
}

/// A name of iSCSI, by its first three letters.
fn qualified(name: Value<'_>, called: &str, words: &str) {
    let text = name.str();
    let (begins, fits) = match text.get(..3) {
        Some("iqn") => (true, is_iqn(text)),
        Some("eui") => (true, is_hardware_name(text, 16)),
        Some("naa") => (true, is_hardware_name(text, 32)),
        _ => (false, false),
    };
    if !begins {
        in_place_of(name, called).invalid(words);
    } else if !fits {
        in_place_of(name, called).invalid("must be valid format");
    }
}

/// `iscsiInitiatorIqnRegex`, which does not begin at the start: `iqn.2001-04.com.example:storage`.
fn is_iqn(text: &str) -> bool {
    let excluded = |letter| matches!(letter, ',' | ';' | '*' | '&' | '$' | '|' | ' ' | '\t' | '\n' | '\x0c' | '\r');
    let mut rest = text.rsplit(excluded).next().unwrap_or(text);
    while let Some((at, separator)) = rest.char_indices().find(|(_, it)| !is_domain_letter(*it)) {
        let after = rest.get(at + separator.len_utf8()..).unwrap_or("");
        let domain = rest.get(..at).unwrap_or("");
        if separator == ':' && !after.is_empty() && domain.match_indices("iqn.").any(|(at, _)| is_dated(domain, at + 4))
        {
            return true;
        }
        rest = after;
    }
    false
}

fn is_domain_letter(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.')
}

/// Whether a text goes on as `2001-04.x`.
fn is_dated(text: &str, from: usize) -> bool {
    let date = text.as_bytes().get(from..).unwrap_or_default();
    let shape = b"0000-00.";
    date.len() > shape.len()
        && date.iter().zip(shape).all(|(byte, of)| if *of == b'0' { byte.is_ascii_digit() } else { byte == of })
}

/// Three letters, any one, and so many letters and digits.
fn is_hardware_name(text: &str, count: usize) -> bool {
    let mut letters = text.chars();
    let separator = letters.nth(3);
    let rest = letters.as_str();
    separator.is_some_and(|it| it != '\n') && rest.len() == count && rest.bytes().all(|it| it.is_ascii_alphanumeric())
}

/// `ValidateCSIDriverName`: the case of letters does not matter.
pub(in crate::validate) fn csi_driver_name(value: Value<'_>) {
    if value.is_empty() {
        value.required("");
        if value.since(35) {
            return;
        }
    }
    if value.len() > 63 {
        value.too_long(63);
    }
    value.invalid_each(Form::Subdomain.faults(&value.str().to_lowercase()));
}

/// `validateCSIVolumeSource`.
pub(in super::super) fn csi(source: Value<'_>) {
    csi_driver_name(source.get("driver"));
    let secret = source.get("nodePublishSecretRef");
    let name = secret.get("name");
    if !secret.is_present() {
        return;
    }
    if name.is_empty() {
        return name.required("");
    }
    let faults = Form::Subdomain.faults(name.str());
    faults.iter().for_each(|fault| name.named(format!("{}.name", source.path())).invalid(fault));
}

/// `validateCSIPersistentVolumeSource`.
pub(in super::super) fn csi_persistent(source: Value<'_>) {
    csi_driver_name(source.get("driver"));
    required(source, &["volumeHandle"]);
    for name in
        ["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"]
    {
        let secret = source.get(name);
        if secret.is_present() {
            named(secret.get("name"), Form::Subdomain);
            named(secret.get("namespace"), Form::Label);
        }
    }
}

/// A name that must be given, of a form.
fn named(value: Value<'_>, form: Form) {
    if value.is_empty() {
        value.required("");
    } else {
        value.invalid_each(form.faults(value.str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_iscsi() {
        assert!(is_iqn("iqn.2001-04.com.example:storage"));
        assert!(is_iqn("iqn x iqn.2001-04.a:b:c"));
        assert!(!is_iqn("iqn.2001-04.com.example"));
        assert!(!is_iqn("iqn.2001-04.:a"));
        assert!(!is_iqn("iqn.2001-04.com.example:a b"));
        assert!(!is_iqn("iqn.01-04.com:a"));
        assert!(is_hardware_name("eui.0123456789abcdef", 16));
        assert!(!is_hardware_name("eui.0123456789abcde", 16));
    }

    #[test]
    fn hosts_with_ports() {
        for good in ["a:1", "[::1]:1", ":1", "a:"] {
            assert!(is_host_port(good), "{good}");
        }
        for bad in ["a", "::1", "[::1]", "[a:1", "a]:1", ""] {
            assert!(!is_host_port(bad), "{bad}");
        }
    }
}
