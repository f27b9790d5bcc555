//! Secrets (`ValidateSecret`), and the accounts that pods have.

use std::collections::BTreeMap;

use seaworthy_object::base64_decode;
use seaworthy_source::order::{self, filled};

use super::super::certificates::encoded;
use super::super::names::{self, Form};
use super::super::value::Value;
use super::super::{go_json, meta};
use super::config;

/// A Secret may hold so many bytes (`MaxSecretSize`).
const LIMIT: usize = 1024 * 1024;
const ACCOUNT_NAME: &str = "kubernetes.io/service-account.name";
const MOUNTABLE: &str = "kubernetes.io/enforce-mountable-secrets";

pub(super) fn secret(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let secret = Secret { data: object.get("data"), texts: object.get("stringData") };
    secret.keys();
    let missing = |key: &'static str| object.get("data").get(key).named(format!("data[{key}]")).required("");
    match object.str_of("type") {
        "kubernetes.io/service-account-token" => {
            let annotations = object.at("metadata.annotations");
            if annotations.entries().all(|(key, value)| key != ACCOUNT_NAME || value.is_empty()) {
                let name = annotations.get(ACCOUNT_NAME);
                name.named(format!("metadata.annotations[{ACCOUNT_NAME}]")).required("");
            }
        }
        "kubernetes.io/dockercfg" => secret.json(".dockercfg", &missing),
        "kubernetes.io/dockerconfigjson" => secret.json(".dockerconfigjson", &missing),
        "kubernetes.io/basic-auth" if secret.get("username").is_none() && secret.get("password").is_none() => {
            missing("username");
            missing("password");
        }
        "kubernetes.io/ssh-auth" if secret.get("ssh-privatekey").is_none_or(Value::is_empty) => {
            missing("ssh-privatekey");
        }
        "kubernetes.io/tls" => {
            for key in ["tls.crt", "tls.key"].into_iter().filter(|key| secret.get(key).is_none()) {
                missing(key);
            }
            if !object.run().refuses() {
                secret.key_pair(object);
            }
        }
        _ => {}
    }
}

/// All that a Secret holds, by key; none for one that says nothing of it.
pub(in crate::validate) fn contents<'r>(object: Value<'r>) -> Option<Vec<(&'r str, Vec<u8>)>> {
    let (data, texts) = (object.get("data"), object.get("stringData"));
    let mut all: Vec<(&str, Vec<u8>)> =
        texts.entries().map(|(key, value)| (key, value.str().as_bytes().to_vec())).collect();
    all.extend(data.entries().map(|(key, value)| (key, base64_decode(value.str()).unwrap_or_default())));
    order::sort_by_key(&mut all, |it| it.0);
    all.dedup_by(|under, over| under.0 == over.0);
    (data.is_present() || !texts.is_empty()).then_some(all)
}

/// What a Secret holds: the server writes `stringData` over `data`.
struct Secret<'r> {
    data: Value<'r>,
    texts: Value<'r>,
}

impl<'r> Secret<'r> {
    fn get(&self, key: &str) -> Option<Value<'r>> {
        [self.texts, self.data].into_iter().find_map(|map| map.entry(key))
    }

    /// The names of all, and how much they hold.
    fn keys(&self) {
        let mut size = 0;
        for (key, value) in self.data.entries() {
            names::data_key_faults(key).iter().for_each(|fault| value.invalid_key(fault));
            size += config::decoded(value);
        }
        let over: BTreeMap<&str, Value<'_>> =
            if self.texts.is_empty() { BTreeMap::new() } else { filled(self.data.entries()) };
        for (key, value) in self.texts.entries() {
            let over = over.get(key).copied();
            size = (size + value.len()).saturating_sub(over.map_or(0, config::decoded));
            if over.is_none() {
                let faults = names::data_key_faults(key);
                faults.iter().for_each(|fault| value.invalid_key_at(&format!("data[{key}]"), fault));
            }
        }
        if size > LIMIT {
            self.data.named("data").too_long(LIMIT);
        }
    }

    fn bytes(&self, value: Value<'_>) -> Vec<u8> {
        let is_text =
            value.node().and_then(|node| node.parent()).map(|it| it.id()) == self.texts.node().map(|it| it.id());
        if is_text { value.str().as_bytes().to_vec() } else { base64_decode(value.str()).unwrap_or_default() }
    }

    /// One key holds an object in JSON.
    fn json(&self, key: &'static str, missing: &dyn Fn(&'static str)) {
        let Some(value) = self.get(key) else { return missing(key) };
        if let Some(fault) = go_json::object_fault(&self.bytes(value)) {
            value.named(format!("data[{key}]")).invalid_text("<secret contents redacted>", &fault);
        }
    }

    /// What `tls.X509KeyPair` says, as far as the blocks of the two go.
    fn key_pair(&self, object: Value<'r>) {
        let text = |key| self.get(key).map(|value| String::from_utf8_lossy(&self.bytes(value)).into_owned());
        let (certificate, key) = (text("tls.crt").unwrap_or_default(), text("tls.key").unwrap_or_default());
        if let Some(words) = pair_fault(&certificate, &key) {
            self.get("tls.crt").unwrap_or(object).warn(words);
        }
    }
}

fn pair_fault(certificate: &str, key: &str) -> Option<String> {
    let mut skipped = Vec::new();
    let Some(first) = found(certificate, &mut skipped, &|kind| kind == "CERTIFICATE") else {
        return Some(match skipped.as_slice() {
            [] => "tls: failed to find any PEM data in certificate input".to_owned(),
            [one] if one.ends_with("PRIVATE KEY") => "tls: failed to find certificate PEM data in certificate input, \
                but did find a private key; PEM inputs may have been switched"
                .to_owned(),
            _ => format!(
                "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the \
                 following types: [{}]",
                skipped.join(" ")
            ),
        });
    };
    skipped.clear();
    if found(key, &mut skipped, &|kind| kind == "PRIVATE KEY" || kind.ends_with(" PRIVATE KEY")).is_none() {
        return Some(match skipped.as_slice() {
            [] => "tls: failed to find any PEM data in key input".to_owned(),
            [one] if one == "CERTIFICATE" => {
                "tls: found a certificate rather than a key in the PEM for the private key".to_owned()
            }
            _ => format!(
                "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM \
                 blocks of the following types: [{}]",
                skipped.join(" ")
            ),
        });
    }
    (!encoded::is_framed(&first)).then(|| "x509: malformed certificate".to_owned())
}

/// The bytes of the first block of a kind, and the kinds of those before it.
fn found(text: &str, skipped: &mut Vec<String>, wanted: &dyn Fn(&str) -> bool) -> Option<Vec<u8>> {
    let mut rest = text;
    while let Some((block, after)) = encoded::block(rest) {
        if wanted(block.kind) {
            return Some(block.bytes);
        }
        skipped.push(block.kind.to_owned());
        rest = after;
    }
    None
}

/// `ValidateServiceAccount`.
pub(super) fn service_account(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    if object.run().refuses() {
        return;
    }
    if let Some(value) = object.at("metadata.annotations").entry(MOUNTABLE).filter(|it| it.since(32)) {
        value.warn(format!(
            "metadata.annotations[{MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to \
             mounted secrets"
        ));
    }
}
