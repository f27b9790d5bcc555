//! Names that more than one group uses (pkg/apis/core/validation/names.go).

use super::super::names::Form;
use super::super::value::Value;

/// The longest domain of a signer's name.
const DOMAIN: usize = 253;
/// The longest name of a signer: a domain, and a path for a label and a subdomain.
const SIGNER: usize = DOMAIN + 1 + 253 + 1 + 63;

/// `ValidateSignerName`: `example.com/signer-name`.
pub(in crate::validate) fn signer_name(value: Value<'_>) {
    let name = value.str();
    if name.is_empty() {
        return value.required("");
    }
    let Some((domain, path)) = name.split_once('/').filter(|(_, path)| !path.contains('/')) else {
        return value.invalid("must be a fully qualified domain and path of the form 'example.com/signer-name'");
    };
    if domain.len() > DOMAIN {
        value.too_long(DOMAIN);
    }
    parts(value, domain, Form::Label);
    if !domain.contains('.') {
        value.invalid_text(domain, "should be a domain with at least two segments separated by dots");
    }
    parts(value, path, Form::Subdomain);
    if name.len() > SIGNER {
        value.too_long(SIGNER);
    }
}

/// Of the parts between dots, the first that is wrong is told.
fn parts(value: Value<'_>, text: &str, form: Form) {
    let wrong = text.split('.').map(|part| (part, form.faults(part))).find(|(_, faults)| !faults.is_empty());
    if let Some((part, faults)) = wrong {
        for fault in faults {
            value.invalid_text(text, &format!("validating label {}: {fault}", seaworthy_cel::quoted(part)));
        }
    }
}

/// `IsKubernetesSignerName`.
pub(in crate::validate) fn is_kubernetes_signer(name: &str) -> bool {
    let host = name.split('/').next().unwrap_or(name);
    host == "kubernetes.io" || host.ends_with(".kubernetes.io")
}

/// `ValidateClusterTrustBundleName`: a bundle's name begins with that of its signer, if it has one.
pub(in crate::validate) fn trust_bundle_name_faults(signer: &str, name: &str) -> Vec<String> {
    if signer.is_empty() {
        if name.contains(':') {
            return vec!["ClusterTrustBundle without signer name must not have \":\" in its name".to_owned()];
        }
        return Form::Subdomain.faults(name);
    }
    let prefix = format!("{}:", signer.replace('/', ":"));
    match name.strip_prefix(&prefix) {
        Some(rest) => Form::Subdomain.faults(rest),
        None => vec![format!("ClusterTrustBundle for signerName {signer} must be named with prefix {prefix}")],
    }
}

/// `extractSignerNameFromClusterTrustBundleName`.
pub(in crate::validate) fn signer_of_trust_bundle(name: &str) -> Option<String> {
    name.rsplit_once(':').map(|(signer, _)| signer.replace(':', "/"))
}
