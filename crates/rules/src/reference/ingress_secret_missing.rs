//! `ingress-secret-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, Reference, Use, Why};
use seaworthy_object::Object;
use serde::Deserialize;

use super::keys::{is_filled, listed};
use super::lookup::{Words, look_up};
use crate::{Category, Check, Meta, Reporter, Rule};

/// Where the controllers that read these annotations keep them.
const PREFIXES: &[&str] = &["nginx.ingress.kubernetes.io", "ingress.kubernetes.io"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct IngressSecretMissing {}

impl Rule for IngressSecretMissing {
    const META: Meta = Meta {
        id: "ingress-secret-missing",
        category: Category::Reference,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("ingress_secret_missing.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl IngressSecretMissing {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        let ingress = object;
        if !ingress.is("networking.k8s.io", "Ingress") {
            return;
        }
        for reference in fleet.references_of(ingress).iter().filter(|it| it.is_to("", "Secret")) {
            let (verb, help, keys): (_, _, &[_]) = match reference.role {
                Use::Certificate => ("takes its certificate from", CERTIFICATE, &["tls.crt", "tls.key"]),
                Use::Login if is_map(ingress) => ("takes its logins from", LOGIN, &[]),
                Use::Login => ("takes its logins from", LOGIN, &["auth"]),
                _ => continue,
            };
            let words = Words { usual: Level::Error, level: Level::Error, verb, help };
            if look_up(fleet, reference, &words, report).is_some() {
                check_keys(fleet, reference, keys, report);
            }
        }
        check_named(ingress, report);
    }
}

const CERTIFICATE: &str = "create it, or let cert-manager make it: until then visitors get a certificate nobody trusts";
const LOGIN: &str = "create it (`htpasswd -c auth USER`, then `kubectl create secret generic NAME --from-file=auth`)";

/// True if each key of the Secret is a user.
fn is_map(ingress: &Object<'_>) -> bool {
    annotation(ingress, "auth-secret-type") == Some("auth-map")
}

fn annotation<'a>(ingress: &Object<'a>, name: &str) -> Option<&'a str> {
    let annotations = ingress.root().at(["metadata", "annotations"])?;
    PREFIXES.iter().find_map(|prefix| annotations.get(&format!("{prefix}/{name}"))).map(|it| it.text())
}

fn check_keys<'a>(fleet: &Fleet<'a>, reference: &Reference<'a>, keys: &[&str], report: &mut Reporter<'_>) {
    let definitions: Vec<_> = fleet.definitions("", "Secret", reference.namespace, reference.name).collect();
    let given = fleet.keys_of("Secret", reference.namespace, reference.name);
    for key in keys.iter().filter(|key| !given.contains(key)) {
        if given.is_empty() || is_filled(fleet, reference, &definitions) {
            report.unknown(reference.field, format!("key `{key}` of {reference}"), Why::Completed.as_str());
            continue;
        }
        let (name, who) = (reference.name, reference.object().reference());
        let mut finding = report
            .say(reference.field, format!("Secret `{name}` has no key `{key}`, which {who} needs"))
            .help(format!("it has {}", listed(&given)));
        if let Some(secret) = definitions.last() {
            finding = finding.related(*secret, "the Secret it names");
        }
        finding.label("lacks a key");
    }
}

/// A login is asked for, but nothing says which.
fn check_named<'a>(ingress: &'a Object<'a>, report: &mut Reporter<'_>) {
    for prefix in PREFIXES {
        let Some(kind) = ingress.annotation(&format!("{prefix}/auth-type")) else { continue };
        let is_asked = matches!(kind.text(), "basic" | "digest");
        if is_asked && annotation(ingress, "auth-secret").is_none_or(str::is_empty) {
            report
                .say(kind, format!("{} asks for a login, but names no Secret that holds one", ingress.reference()))
                .help(format!("add `{prefix}/auth-secret` with the name of a Secret that has the key `auth`"));
        }
    }
}
