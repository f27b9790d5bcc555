//! Requests for certificates, and bundles of them (k8s.io/kubernetes, pkg/apis/certificates/validation).
//!
//! What a request holds is read as far as its frame: no signature is verified here.

pub(super) mod encoded;

use std::collections::{BTreeMap, BTreeSet};

use super::Validate;
use super::core::names::{is_kubernetes_signer, signer_name, trust_bundle_name_faults};
use super::core::volume::projected::user_annotations;
use super::meta;
use super::names::Form;
use super::value::Value;
use super::words::Reason;
use encoded::{Certificate, block, certificate, decoded, is_framed, shown};

/// The largest bundle and stub (`MaxTrustBundleSize`, `MaxStubPKCS10RequestSize`).
const BUNDLE_LIMIT: usize = 1024 * 1024;
const STUB_LIMIT: usize = 10 * 1024;
/// Of the identifiers of a pod, its account and its node.
const UID_LIMIT: usize = 128;
/// How long a certificate may be asked for, in seconds: at least, of any signer, of Kubernetes' own.
const HOUR: i64 = 60 * 60;
const QUARTER: i64 = 91 * 24 * HOUR;
const DAY: i64 = 24 * HOUR;
/// `allValidUsages`, sorted.
const USAGES: &[&str] = &[
    "any",
    "cert sign",
    "client auth",
    "code signing",
    "content commitment",
    "crl sign",
    "data encipherment",
    "decipher only",
    "digital signature",
    "email protection",
    "encipher only",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "key agreement",
    "key encipherment",
    "microsoft sgc",
    "netscape sgc",
    "ocsp signing",
    "s/mime",
    "server auth",
    "signing",
    "timestamping",
];

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "CertificateSigningRequest" => signing_request,
        "ClusterTrustBundle" => trust_bundle,
        "PodCertificateRequest" => pod_request,
        _ => return None,
    })
}

/// `ValidateCertificateSigningRequestCreate`.
fn signing_request(object: Value<'_>) {
    meta::object_meta_by(object, &|_| Vec::new());
    if object.run().updates() {
        // What was asked for stays, whatever is written (`PrepareForUpdate`).
        return;
    }
    let spec = object.get("spec");
    let (request, usages, signer) = (spec.get("request"), spec.get("usages"), spec.get("signerName"));
    if let Some(fault) = request_fault(&decoded(request.str())) {
        request.invalid_shown(&shown(request), fault);
    }
    if usages.is_empty() {
        usages.required("");
    }
    let mut seen = BTreeSet::new();
    for usage in usages.items() {
        if !USAGES.contains(&usage.str()) {
            usage.not_supported(USAGES);
        }
        if !seen.insert(usage.str()) {
            usage.duplicate();
        }
    }
    if signer.str() == "kubernetes.io/legacy-unknown" {
        signer.invalid("the legacy signerName is not allowed via this API version");
    } else {
        signer_name(signer);
    }
    let seconds = spec.get("expirationSeconds");
    if seconds.opt_int().is_some_and(|seconds| seconds < 600) {
        seconds.invalid("may not specify a duration less than 600 seconds (10 minutes)");
    }
}

/// `ParseCSR`, as far as the frame.
fn request_fault(request: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(request);
    match block(&text) {
        Some((block, _)) if block.kind == "CERTIFICATE REQUEST" => match block.bytes.as_slice() {
            [] | [0x30, 0] => Some("asn1: syntax error: sequence truncated"),
            bytes => (!is_framed(bytes)).then_some("asn1: syntax error: data truncated"),
        },
        _ => Some("PEM block type must be CERTIFICATE REQUEST"),
    }
}

/// `ValidateClusterTrustBundle`.
fn trust_bundle(object: Value<'_>) {
    let (signer, bundle) = (object.at("spec.signerName"), object.at("spec.trustBundle"));
    meta::object_meta_by(object, &|name| trust_bundle_name_faults(signer.str(), name));
    if !signer.is_empty() {
        signer_name(signer);
    }
    if bundle.len() > BUNDLE_LIMIT {
        return bundle.too_long(BUNDLE_LIMIT);
    }
    let said = object.run().said();
    let (mut rest, mut index) = (bundle.str(), 0);
    let mut anchors: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    while let Some((block, after)) = block(rest) {
        let fault = match certificate(&block.bytes) {
            _ if block.kind != "CERTIFICATE" => format!("has bad block type: {}", block.kind),
            _ if block.has_headers => "has PEM block headers".to_owned(),
            None => "does not parse as X.509".to_owned(),
            Some(Certificate { is_authority: false }) => "does not have the CA bit set".to_owned(),
            Some(_) => String::new(),
        };
        if fault.is_empty() {
            anchors.entry(block.bytes).or_default().push(index);
        } else {
            omitted(bundle, &format!("entry {index} {fault}"));
        }
        (rest, index) = (after, index + 1);
    }
    if object.run().said() > said {
        return;
    }
    if anchors.is_empty() {
        omitted(bundle, "at least one trust anchor must be provided");
    }
    for indices in anchors.values().filter(|indices| indices.len() > 1) {
        let indices: Vec<String> = indices.iter().map(usize::to_string).collect();
        omitted(bundle, &format!("duplicate trust anchor (indices [{}])", indices.join(" ")));
    }
}

fn omitted(bundle: Value<'_>, detail: &str) {
    bundle.invalid_text("<value omitted>", detail);
}

/// `ValidatePodCertificateRequestCreate`.
fn pod_request(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    let signer = spec.get("signerName");
    signer_name(signer);
    user_annotations(spec.get("unverifiedUserAnnotations"));
    for (name, uid) in [("podName", "podUID"), ("serviceAccountName", "serviceAccountUID"), ("nodeName", "nodeUID")] {
        let (name, uid) = (spec.get(name), spec.get(uid));
        name.invalid_each(Form::Subdomain.faults(name.str()));
        if uid.is_empty() {
            uid.invalid("must not be empty");
        }
        if uid.len() > UID_LIMIT {
            uid.too_long(UID_LIMIT);
        }
    }
    let seconds = spec.get("maxExpirationSeconds");
    let most = if is_kubernetes_signer(signer.str()) { DAY } else { QUARTER };
    if !(HOUR..=most).contains(&seconds.opt_int().unwrap_or(DAY)) {
        seconds.invalid(&format!("must be in the range [{HOUR}, {most}]"));
    }
    let stub = spec.get("stubPKCS10Request");
    let bytes = decoded(stub.str());
    if bytes.is_empty() {
        let words = "exactly one of (stubPKCS10Request) or (pkixPublicKey, proofOfPossession) must be set";
        spec.say(Reason::Invalid, None, words, None);
    } else if bytes.len() > STUB_LIMIT {
        stub.too_long(STUB_LIMIT);
    } else if !is_framed(&bytes) {
        stub.say(Reason::Invalid, None, "must be a valid PKCS#10 CSR", None);
    }
}
