//! What a name may look like, and the server's words where it does not.

use super::value::Value;

/// The version that counts limits of names in bytes, in words too (k8s.io/apimachinery, pkg/api/validate/content).
/// What depends on it takes `bytes`: whether the server is of this version or later.
pub(super) const BYTES: u8 = 35;

/// k8s.io/apimachinery, pkg/util/validation, `IsDNS1123Subdomain`.
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or \
    '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
/// `IsDNS1123SubdomainWithUnderscore`.
const SUBDOMAIN_UNDERSCORE: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric \
    characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex \
    used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')";
/// `IsDNS1123Label`.
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
    start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
/// `IsDNS1035Label`.
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
    alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for \
    validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
/// `IsValidLabelValue`.
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
    '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex \
    used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
/// `IsCIdentifier`.
const IDENTIFIER: &str = "a valid C identifier must start with alphabetic character or '_', followed by a string of \
    alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is \
    '[A-Za-z_][A-Za-z0-9_]*')";
/// The words `IsQualifiedName` takes for a name, without the noun before them.
const QUALIFIED: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
/// `IsConfigMapKey`.
const DATA_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  \
    or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// A kind of name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// DNS labels joined by dots, 253 characters.
    Subdomain,
    /// The same where declarative rules say it: they count bytes (`validate.LongName`).
    LongName,
    /// The same with `_` in labels and before them: what DNS searches.
    SubdomainWithUnderscore,
    /// A DNS label of RFC 1123, 63 characters.
    Label,
    /// A DNS label of RFC 1035, which begins with a letter.
    Label1035,
    /// One segment of a URL's path.
    PathSegment,
}

impl Form {
    /// What a server says of a name that is not of this form; one text for each broken rule.
    pub(super) fn faults(self, name: &str) -> Vec<String> {
        match self {
            Form::Subdomain => limited(253, name, (!is_subdomain(name)).then_some(SUBDOMAIN)),
            Form::LongName => {
                let long = (name.len() > 253).then(|| "must be no more than 253 bytes".to_owned());
                long.into_iter().chain((!is_subdomain(name)).then(|| SUBDOMAIN.to_owned())).collect()
            }
            Form::SubdomainWithUnderscore => {
                let fits = name.split('.').all(|label| {
                    let label = label.strip_prefix('_').unwrap_or(label);
                    // What is left is a label once `_` counts as `-`, which may not be at its ends either.
                    is_label(&label.replace('_', "-"))
                });
                limited(253, name, (!fits).then_some(SUBDOMAIN_UNDERSCORE))
            }
            Form::Label if is_label(name) => limited(63, name, None),
            Form::Label if is_subdomain(name) => limited(63, name, Some("must not contain dots")),
            Form::Label => limited(63, name, Some(LABEL)),
            Form::Label1035 => {
                let fits = is_label(name) && name.starts_with(|first: char| first.is_ascii_lowercase());
                limited(63, name, (!fits).then_some(LABEL_1035))
            }
            Form::PathSegment => path_segment(name),
        }
    }
}

fn limited(limit: usize, name: &str, fault: Option<&str>) -> Vec<String> {
    let mut faults = Vec::new();
    if name.len() > limit {
        faults.push(format!("must be no more than {limit} characters"));
    }
    faults.extend(fault.map(str::to_owned));
    faults
}

/// k8s.io/apimachinery, pkg/api/validation/path, `IsValidPathSegmentName`.
fn path_segment(name: &str) -> Vec<String> {
    if matches!(name, "." | "..") {
        return vec![format!("may not be '{name}'")];
    }
    ['/', '%'].into_iter().filter(|it| name.contains(*it)).map(|it| format!("may not contain '{it}'")).collect()
}

/// What servers say of a name that is no identifier of C (`IsCIdentifier`).
pub(super) fn identifier_fault(name: &str) -> Option<&'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let fits = !name.is_empty() && name.bytes().all(plain) && !name.starts_with(|first: char| first.is_ascii_digit());
    (!fits).then_some(IDENTIFIER)
}

/// What servers say of the name of a Service: since 1.36 it may begin with a digit (`RelaxedServiceNameValidation`).
pub(super) fn service_faults(of: Value<'_>, name: &str) -> Vec<String> {
    let strict = Form::Label1035.faults(name);
    if strict.is_empty() || !of.since(36) { strict } else { Form::Label.faults(name) }
}

/// What servers say of a label key, an annotation key (in lower case) or another qualified name.
pub(super) fn key_faults(key: &str, bytes: bool) -> Vec<String> {
    let (prefix, name) = match key.split_once('/') {
        Some((_, rest)) if rest.contains('/') => {
            let noun = if bytes { "a valid label key" } else { "a qualified name" };
            let more = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
            return vec![format!("{noun} {QUALIFIED} {more}")];
        }
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let mut faults = Vec::new();
    match prefix {
        Some("") => faults.push("prefix part must be non-empty".to_owned()),
        Some(prefix) => {
            faults.extend(Form::Subdomain.faults(prefix).into_iter().map(|fault| format!("prefix part {fault}")));
        }
        None => {}
    }
    if name.is_empty() {
        faults.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        faults.push(format!("name part must be no more than 63 {}", unit(bytes)));
    }
    if !is_value(name) || name.is_empty() {
        faults.push(format!("name part {QUALIFIED}"));
    }
    faults
}

/// What servers say of a label's value.
pub(super) fn value_faults(value: &str, bytes: bool) -> Vec<String> {
    let long = (value.len() > 63).then(|| format!("must be no more than 63 {}", unit(bytes)));
    long.into_iter().chain((!is_value(value)).then(|| LABEL_VALUE.to_owned())).collect()
}

/// What the server says of a key of a ConfigMap or Secret (`IsConfigMapKey`).
pub(super) fn data_key_faults(key: &str) -> Vec<String> {
    let plain =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let mut faults = limited(253, key, (!plain).then_some(DATA_KEY));
    match key {
        "." | ".." => faults.push(format!("must not be '{key}'")),
        _ if key.starts_with("..") => faults.push("must not start with '..'".to_owned()),
        _ => {}
    }
    faults
}

/// Whether a key is beyond doubt: the common case, without a list of faults.
pub(super) fn is_key(key: &str) -> bool {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(|it| it.len() <= 253 && is_subdomain(it))
        && !name.is_empty()
        && name.len() <= 63
        && is_value(name)
}

/// Whether a label's value is beyond doubt.
pub(super) fn is_label_value(value: &str) -> bool {
    value.len() <= 63 && is_value(value)
}

fn unit(bytes: bool) -> &'static str {
    if bytes { "bytes" } else { "characters" }
}

/// `(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?`
fn is_value(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = [bytes.first(), bytes.last()].into_iter().flatten().all(u8::is_ascii_alphanumeric);
    ends && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// `[a-z0-9]([-a-z0-9]*[a-z0-9])?`
fn is_label(text: &str) -> bool {
    is_label_of(text.as_bytes())
}

fn is_label_of(bytes: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let ends = bytes.first().is_some_and(plain) && bytes.last().is_some_and(plain);
    ends && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
}

/// Whether it is labels joined by dots, of any length.
pub(super) fn is_subdomain(text: &str) -> bool {
    text.as_bytes().split(|byte| *byte == b'.').all(is_label_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_fit() {
        for (form, name) in [
            (Form::Subdomain, "a.b-c.d"),
            (Form::Label, "0a-b"),
            (Form::Label1035, "a-0"),
            (Form::PathSegment, "system:x y"),
        ] {
            assert_eq!(form.faults(name), Vec::<String>::new(), "{name}");
        }
        for key in ["app", "example.com/Name_1.x", "a/b"] {
            assert!(is_key(key) && key_faults(key, true).is_empty(), "{key}");
        }
        for value in ["", "a", "A_b-c.d", "1.27"] {
            assert!(is_label_value(value) && value_faults(value, true).is_empty(), "{value}");
        }
    }

    #[test]
    fn each_broken_rule_has_its_words() {
        assert_eq!(Form::Label.faults("a.b"), ["must not contain dots"]);
        assert_eq!(Form::Label.faults(&"A".repeat(64)).len(), 2);
        assert_eq!(Form::Label1035.faults("0a"), [LABEL_1035]);
        assert_eq!(Form::PathSegment.faults("a/b%"), ["may not contain '/'", "may not contain '%'"]);
        assert_eq!(Form::PathSegment.faults(".."), ["may not be '..'"]);
        assert_eq!(key_faults("", true).len(), 2);
        assert_eq!(key_faults("/x", true), ["prefix part must be non-empty"]);
        assert!(key_faults("a/b/c", false)[0].starts_with("a qualified name must"));
        assert!(key_faults("a/b/c", true)[0].starts_with("a valid label key must"));
        assert_eq!(value_faults(&"a".repeat(64), false), ["must be no more than 63 characters"]);
        assert_eq!(value_faults(&"a".repeat(64), true), ["must be no more than 63 bytes"]);
        for key in ["", "a/b/c", "/x", "-a", &"a".repeat(64), "A/b"] {
            assert!(!is_key(key), "{key}");
        }
    }
}
