//! Names of domains, and what stands after one (k8s.io/apimachinery, pkg/util/validation).

use super::names::Form;
use super::value::Value;

/// `IsFullyQualifiedDomainName`: two labels at least, with a dot at the end or not.
pub(super) fn fully_qualified(field: Value<'_>) {
    if field.is_empty() {
        return field.required("");
    }
    let name = field.str().strip_suffix('.').unwrap_or(field.str());
    let faults = Form::Subdomain.faults(name);
    if !faults.is_empty() {
        field.invalid_text(name, &faults.join(","));
    } else if !name.contains('.') {
        field.invalid_text(name, "should be a domain with at least two segments separated by dots");
    } else {
        for label in name.split('.').filter(|label| label.len() > 63) {
            field.invalid_text(label, &Form::Label.faults(label).join(","));
        }
    }
}

/// `IsDomainPrefixedPath`: `example.com/foo`.
pub(super) fn prefixed_path(field: Value<'_>) {
    if field.is_empty() {
        return field.required("");
    }
    match field.str().split_once('/') {
        Some((host, path)) if !host.is_empty() && !path.is_empty() => {
            for fault in Form::Subdomain.faults(host) {
                field.invalid_text(host, &fault);
            }
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
            if !path.bytes().all(plain) {
                let words = "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')";
                field.invalid_text(path, words);
            }
        }
        _ => field.invalid("must be a domain-prefixed path (such as \"acme.io/foo\")"),
    }
}
