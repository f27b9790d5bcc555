//! The certificate of the webhook where no one else issues it: a Secret with the pair, and its authority in the
//! `caBundle` of the ValidatingWebhookConfiguration.
//!
//! The order makes an exchange that nobody notices. A new pair has a new authority; API servers are told to trust it
//! beside the old one, then the Secret changes, then the pods follow, each when its kubelet brings it the files. The old
//! authority is trusted until every pod must have followed. A run that is interrupted at any place leaves a valid state,
//! and the next one goes on from there.

mod pair;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::{Value, json};

use pair::{Pair, authorities};

/// Who owns the fields written here.
const MANAGER: &str = "seaworthy-certificate";
/// After this long every pod has the files of the Secret: kubelets bring them within two minutes.
const SETTLED: Duration = Duration::from_secs(24 * 3600);
/// How often the configuration is read and written again when someone else wrote it meanwhile.
const TRIES: usize = 5;

/// What to keep valid.
#[derive(Debug, Clone)]
pub struct Options {
    /// The namespace of the Secret.
    pub namespace: String,
    /// The name of the Secret, of type `kubernetes.io/tls`, with the authority under `ca.crt`.
    pub secret: String,
    /// The name of the ValidatingWebhookConfiguration, all of whose webhooks get the bundle.
    pub configuration: String,
    /// DNS names and addresses by which the API server calls the webhook.
    pub names: Vec<String>,
    /// How long a pair is valid.
    pub valid: Duration,
    /// How long before its end a pair is replaced.
    pub renew: Duration,
    /// Replace the pair even if nothing is wrong with it.
    pub force: bool,
    /// How long API servers are given to learn of a new authority before it is used.
    pub pause: Duration,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The pair that was there serves on, until then.
    Kept(SystemTime),
    /// A new pair was issued, with why, and is valid until then.
    Issued(&'static str, SystemTime),
}

/// Why it could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no way to the API server, or it refused.
    #[error("the API server: {0}")]
    Cluster(#[from] kube::Error),
    /// Neither a pod's service account nor a kubeconfig says where the API server is.
    #[error("no cluster: {0}")]
    NoCluster(#[from] kube::config::InferConfigError),
    /// The names are none that a certificate can carry.
    #[error("no pair can be issued: {0}")]
    Issue(#[from] rcgen::Error),
    /// Every pair would be replaced as soon as it is there.
    #[error("a pair cannot be replaced {} days before its end if it is valid for {}", .renew.as_secs() / 86_400, .valid.as_secs() / 86_400)]
    Endless {
        /// How long a pair is valid.
        valid: Duration,
        /// How long before its end it is replaced.
        renew: Duration,
    },
    /// There is no reactor to run on.
    #[error("{0}")]
    Reactor(#[from] std::io::Error),
}

/// Issues or renews the pair if need be, and sees to it that the API server trusts what is served. Blocks until done.
///
/// The cluster is that of the pod's service account, or of the kubeconfig that `KUBECONFIG` or the user's home names.
///
/// # Errors
/// The cluster cannot be reached, refuses, or keeps changing; or the names cannot stand in a certificate. What was done
/// until then is valid; run it again.
pub fn ensure(options: &Options) -> Result<Outcome, Error> {
    let Options { valid, renew, .. } = *options;
    if renew >= valid {
        return Err(Error::Endless { valid, renew });
    }
    let reactor = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    reactor.block_on(async {
        let client = Client::try_from(kube::Config::infer().await?)?;
        let cluster = Cluster {
            secrets: Api::namespaced(client.clone(), &options.namespace),
            configurations: Api::all(client),
            options,
        };
        cluster.ensure(SystemTime::now()).await
    })
}

struct Cluster<'a> {
    secrets: Api<Secret>,
    configurations: Api<ValidatingWebhookConfiguration>,
    options: &'a Options,
}

impl Cluster<'_> {
    async fn ensure(&self, now: SystemTime) -> Result<Outcome, Error> {
        let stored = self.secrets.get_opt(&self.options.secret).await?;
        let held = stored.as_ref().and_then(pair_of);
        let why = match &held {
            None => "there was none",
            Some(_) if self.options.force => "it was asked for",
            Some(pair) => match pair.fault(&self.options.names, now + self.options.renew) {
                None => return self.keep(pair, now).await,
                Some(why) => why,
            },
        };
        let new = Pair::issue(&self.options.names, now, self.options.valid)?;
        let old = held.into_iter().map(|pair| pair.authority);
        self.trust(&[vec![new.authority.clone()], old.collect()].concat(), false, now).await?;
        if stored.is_some() {
            tokio::time::sleep(self.options.pause).await;
        }
        self.store(&new, stored.and_then(|it| it.metadata.resource_version)).await?;
        // Another run may have changed either meanwhile. What is stored is what will be served.
        let served = self.secrets.get_opt(&self.options.secret).await?.as_ref().and_then(pair_of);
        if let Some(pair) = served {
            self.trust(&[pair.authority], false, now).await?;
        }
        Ok(Outcome::Issued(why, now + self.options.valid))
    }

    async fn keep(&self, pair: &Pair, now: SystemTime) -> Result<Outcome, Error> {
        let settled = pair.issued().is_some_and(|issued| issued + SETTLED < now);
        self.trust(std::slice::from_ref(&pair.authority), settled, now).await?;
        Ok(Outcome::Kept(pair.ends().unwrap_or(now)))
    }

    /// Sees to it that every webhook of the configuration trusts `wanted`; and nothing else if `only`, else what it
    /// trusted before, too.
    async fn trust(&self, wanted: &[String], only: bool, now: SystemTime) -> Result<(), Error> {
        let mut tries = TRIES;
        loop {
            let configuration = self.configurations.get(&self.options.configuration).await?;
            let Some(patch) = bundles(&configuration, wanted, only, now) else { return Ok(()) };
            tries -= 1;
            let params = PatchParams::apply(MANAGER).force();
            match self.configurations.patch(&self.options.configuration, &params, &Patch::Apply(patch)).await {
                Err(kube::Error::Api(status)) if status.code == 409 && tries > 0 => {}
                other => return other.map(drop).map_err(Error::from),
            }
        }
    }

    /// Writes the pair, unless the Secret changed since it was read.
    async fn store(&self, pair: &Pair, version: Option<String>) -> Result<(), Error> {
        let secret = secret(&self.options.secret, pair, version);
        let params = PatchParams::apply(MANAGER).force();
        self.secrets.patch(&self.options.secret, &params, &Patch::Apply(secret)).await?;
        Ok(())
    }
}

/// The pair in a Secret; none if a part is missing or no text.
fn pair_of(secret: &Secret) -> Option<Pair> {
    let data = secret.data.as_ref()?;
    let text = |key| String::from_utf8(data.get(key)?.0.clone()).ok();
    Some(Pair { authority: text("ca.crt")?, certificate: text("tls.crt")?, key: text("tls.key")? })
}

/// What is applied to the Secret; with a version, only if it still has it.
fn secret(name: &str, pair: &Pair, version: Option<String>) -> Secret {
    let bytes = |text: &str| ByteString(text.as_bytes().to_vec());
    Secret {
        metadata: ObjectMeta { name: Some(name.to_owned()), resource_version: version, ..ObjectMeta::default() },
        type_: Some("kubernetes.io/tls".to_owned()),
        data: Some(BTreeMap::from([
            ("ca.crt".to_owned(), bytes(&pair.authority)),
            ("tls.crt".to_owned(), bytes(&pair.certificate)),
            ("tls.key".to_owned(), bytes(&pair.key)),
        ])),
        ..Secret::default()
    }
}

/// What is applied to the configuration, if it still has the version that was read; none if every webhook trusts what it
/// should. No field but the bundles is named, so that the others stay whose they are.
fn bundles(
    configuration: &ValidatingWebhookConfiguration,
    wanted: &[String],
    only: bool,
    now: SystemTime,
) -> Option<Value> {
    let wanted = authorities(wanted.concat().as_bytes(), now);
    let mut changed = false;
    let mut webhooks = Vec::new();
    for webhook in configuration.webhooks.iter().flatten() {
        let bundle = webhook.client_config.ca_bundle.as_ref().map_or(&[][..], |it| &it.0);
        let trusted = authorities(bundle, now);
        let others = trusted.iter().filter(|&it| !wanted.contains(it));
        changed |= !wanted.iter().all(|it| trusted.contains(it)) || only && others.clone().next().is_some();
        let bundle: String =
            if only { wanted.concat() } else { wanted.iter().chain(others).map(String::as_str).collect() };
        let bundle = ByteString(bundle.into_bytes());
        webhooks.push(json!({"name": webhook.name, "clientConfig": {"caBundle": bundle}}));
    }
    let metadata = json!({"resourceVersion": configuration.metadata.resource_version});
    changed.then(|| {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
            "metadata": metadata, "webhooks": webhooks,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    fn authority(now: SystemTime) -> String {
        Pair::issue(&["seaworthy.seaworthy.svc".to_owned()], now, 90 * DAY).unwrap().authority
    }

    fn configuration(bundle: &str) -> ValidatingWebhookConfiguration {
        let bundle = ByteString(bundle.as_bytes().to_vec());
        serde_json::from_value(json!({"metadata": {"name": "seaworthy", "resourceVersion": "7"}, "webhooks": [{
            "name": "validate.seaworthy.internal", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": {"caBundle": bundle, "service": {"namespace": "seaworthy", "name": "seaworthy"}},
        }]}))
        .unwrap()
    }

    /// The bundle that would be written.
    fn bundle(trusted: &str, wanted: &[String], only: bool, now: SystemTime) -> Option<String> {
        let patch = bundles(&configuration(trusted), wanted, only, now)?;
        assert_eq!(patch["metadata"]["resourceVersion"], "7");
        assert!(patch["webhooks"][0].get("sideEffects").is_none());
        let bundle: ByteString =
            serde_json::from_value(patch["webhooks"][0]["clientConfig"]["caBundle"].clone()).unwrap();
        Some(String::from_utf8(bundle.0).unwrap())
    }

    #[test]
    fn an_exchange_trusts_both_until_it_has_settled() {
        let now = SystemTime::now();
        let (old, new) = (authority(now - 60 * DAY), authority(now));
        let both = format!("{new}{old}");
        assert_eq!(bundle("", std::slice::from_ref(&old), false, now).as_ref(), Some(&old));
        assert_eq!(bundle(&old, std::slice::from_ref(&old), false, now), None);
        assert_eq!(bundle(&old, &[new.clone(), old.clone()], false, now).as_ref(), Some(&both));
        assert_eq!(bundle(&both, std::slice::from_ref(&new), false, now), None);
        assert_eq!(bundle(&both, std::slice::from_ref(&new), true, now).as_ref(), Some(&new));
        assert_eq!(bundle(&new, std::slice::from_ref(&new), true, now), None);
    }

    #[test]
    fn what_someone_else_is_about_to_serve_stays_trusted() {
        let now = SystemTime::now();
        let (mine, theirs) = (authority(now), authority(now - DAY));
        assert_eq!(bundle(&theirs, std::slice::from_ref(&mine), false, now), Some(format!("{mine}{theirs}")));
    }

    #[test]
    fn a_bundle_that_cannot_be_read_is_replaced() {
        let now = SystemTime::now();
        let new = authority(now);
        assert_eq!(bundle("nonsense", std::slice::from_ref(&new), false, now), Some(new));
    }

    #[test]
    fn a_secret_keeps_the_pair() {
        let pair = Pair::issue(&["seaworthy.seaworthy.svc".to_owned()], SystemTime::now(), DAY).unwrap();
        let mut stored = secret("seaworthy-certificate", &pair, Some("3".to_owned()));
        assert_eq!(pair_of(&stored), Some(pair));
        stored.data.as_mut().unwrap().remove("tls.key");
        assert_eq!(pair_of(&stored), None);
    }
}
