//! The words of the rules in the types (k8s.io/apimachinery, pkg/api/validate).

use super::super::names::{self, Form};
use super::super::print;
use super::super::value::Value;
use super::{ATTRIBUTE, DRIVER};

/// `IsDNS1123SubdomainCaseless`.
const CASELESS: &str = "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and \
    end with an alphanumeric character (e.g. 'Example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

/// `LongNameCaseless`.
pub(super) fn caseless_subdomain(field: Value<'_>) {
    if field.len() > 253 {
        field.invalid("must be no more than 253 bytes");
    }
    if !names::is_subdomain(&field.str().to_lowercase()) {
        field.invalid(CASELESS);
    }
}

/// `ResourceFullyQualifiedName`.
pub(super) fn attribute(field: Value<'_>) {
    let name = field.str();
    match name.split('/').take(3).collect::<Vec<&str>>().as_slice() {
        [name] => identifier(field, name),
        [domain, name] => {
            if domain.is_empty() {
                field.invalid_text("", "prefix must not be empty");
            } else {
                if domain.len() > DRIVER {
                    field.too_long(DRIVER);
                }
                for fault in Form::Subdomain.faults(domain) {
                    field.invalid_text(domain, &format!("prefix: {fault}"));
                }
            }
            if name.is_empty() {
                field.invalid_text("", "name must not be empty");
            } else {
                identifier(field, name);
            }
        }
        _ => {}
    }
    if !name.contains('/') {
        field.invalid("a fully qualified name must be a domain and a name separated by a slash");
    }
}

fn identifier(field: Value<'_>, name: &str) {
    if name.len() > ATTRIBUTE {
        field.too_long(ATTRIBUTE);
    }
    if let Some(fault) = names::identifier_fault(name) {
        field.invalid_text(name, fault);
    }
}

/// `ExtendedResourceName`.
pub(super) fn extended_resource(field: Value<'_>) {
    let name = field.str();
    if !name.contains('/') {
        field.invalid("a name must be a domain-prefixed path, such as 'example.com/my-prop'");
    } else if name.contains("kubernetes.io/") {
        field.invalid("must not have \"kubernetes.io/\" domain");
    }
    if name.starts_with("requests.") {
        field.invalid("must not have \"requests.\" prefix");
    }
    field.invalid_each(names::key_faults(&format!("requests.{name}"), true));
}

/// The fields of what is shown whole, in the order of the types.
const ORDER: &[&str] = &[
    "name",
    "counterSet",
    "exactly",
    "firstAvailable",
    "deviceClassName",
    "selectors",
    "allocationMode",
    "count",
    "adminAccess",
    "counters",
    "tolerations",
    "capacity",
    "key",
    "operator",
    "value",
    "effect",
    "tolerationSeconds",
];

/// An item as JSON of its type in v1, with what the server defaults.
pub(super) fn shown(item: Value<'_>) -> String {
    let mut out = String::new();
    write(item, &mut out);
    out
}

fn write(value: Value<'_>, out: &mut String) {
    let Some(node) = value.node() else { return out.push_str("null") };
    if node.is_sequence() {
        separated(value.items(), ('[', ']'), out, &|item, out| write(item, out));
    } else if node.is_mapping() {
        let rank = |key: &str| ORDER.iter().position(|it| *it == key).unwrap_or(ORDER.len());
        let mut entries: Vec<(&str, Value<'_>)> = value.entries().filter(|(_, value)| value.is_present()).collect();
        if entries.iter().any(|(key, _)| *key == "deviceClassName") {
            for name in ["allocationMode", "count"] {
                if !entries.iter().any(|(key, _)| *key == name) {
                    entries.push((name, value.get(name)));
                }
            }
        }
        entries.sort_by_key(|(key, _)| (rank(key), *key));
        separated(entries.into_iter(), ('{', '}'), out, &|(key, value), out| {
            out.push_str(&format!("\"{key}\":"));
            match key {
                "allocationMode" if value.is_empty() => out.push_str("\"ExactCount\""),
                "count" if value.int() == 0 => out.push('1'),
                _ => write(value, out),
            }
        });
    } else {
        out.push_str(&print::shown(value));
    }
}

fn separated<T>(
    items: impl Iterator<Item = T>,
    (open, close): (char, char),
    out: &mut String,
    write: &dyn Fn(T, &mut String),
) {
    out.push(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(close);
}
