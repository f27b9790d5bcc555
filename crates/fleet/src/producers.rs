//! Objects that something in the set makes when it runs, so that nobody finds them in a file.
//!
//! A reference to such an object is unknown and never broken: sealed and external secrets, certificates, generators of
//! kustomize, releases of Helm, Jobs whose arguments name it, operators and their custom resources.

use foldhash::HashMap;
use seaworthy_document::{Document, Node};
use seaworthy_object::{Catalog, Object};

use crate::reads::Key;
use crate::{Fleet, Why};

/// Custom resources that make one object, and where they say its name (their documentation): group, kind, what they
/// make, and the path of the name; without a path, or where it is not given, the object has the resource's own name.
const MAKERS: &[(&str, &str, &str, &str)] = &[
    ("bitnami.com", "SealedSecret", "Secret", "spec.template.metadata.name"),
    ("external-secrets.io", "ExternalSecret", "Secret", "spec.target.name"),
    ("external-secrets.io", "ClusterExternalSecret", "Secret", "spec.externalSecretSpec.target.name"),
    ("external-secrets.io", "ClusterExternalSecret", "Secret", "spec.externalSecretName"),
    ("kubernetes-client.io", "ExternalSecret", "Secret", ""),
    ("cert-manager.io", "Certificate", "Secret", "spec.secretName"),
    ("certmanager.k8s.io", "Certificate", "Secret", "spec.secretName"),
    ("cert-manager.io", "Issuer", "Secret", "spec.acme.privateKeySecretRef.name"),
    ("cert-manager.io", "ClusterIssuer", "Secret", "spec.acme.privateKeySecretRef.name"),
    ("secrets-store.csi.x-k8s.io", "SecretProviderClass", "Secret", "spec.secretObjects.secretName"),
    ("secrets.hashicorp.com", "VaultStaticSecret", "Secret", "spec.destination.name"),
    ("secrets.hashicorp.com", "VaultDynamicSecret", "Secret", "spec.destination.name"),
    ("secrets.hashicorp.com", "VaultPKISecret", "Secret", "spec.destination.name"),
    ("onepassword.com", "OnePasswordItem", "Secret", ""),
    ("secrets.doppler.com", "DopplerSecret", "Secret", "spec.managedSecret.name"),
    ("secrets.infisical.com", "InfisicalSecret", "Secret", "spec.managedSecretReference.secretName"),
    ("spv.no", "AzureKeyVaultSecret", "Secret", "spec.output.secret.name"),
    ("isindir.github.com", "SopsSecret", "Secret", "spec.secretTemplates.name"),
    ("objectbucket.io", "ObjectBucketClaim", "Secret", ""),
    ("objectbucket.io", "ObjectBucketClaim", "ConfigMap", ""),
    ("kafka.strimzi.io", "KafkaUser", "Secret", ""),
    ("monitoring.coreos.com", "Prometheus", "Service", "prometheus-operated"),
    ("monitoring.coreos.com", "Alertmanager", "Service", "alertmanager-operated"),
    ("monitoring.coreos.com", "ThanosRuler", "Service", "thanos-ruler-operated"),
    ("cdi.kubevirt.io", "DataVolume", "PersistentVolumeClaim", ""),
];

/// Groups whose resources configure something and make neither pods nor objects of names of their own, but for those in
/// the table above.
const CONFIGURE_ONLY: &[&str] = &[
    "acme.cert-manager.io",
    "authentication.istio.io",
    "autoscaling.k8s.io",
    "bitnami.com",
    "cert-manager.io",
    "certmanager.k8s.io",
    "cilium.io",
    "cloud.google.com",
    "config.istio.io",
    "constraints.gatekeeper.sh",
    "crd.k8s.amazonaws.com",
    "crd.projectcalico.org",
    "elbv2.k8s.aws",
    "extensions.istio.io",
    "external-secrets.io",
    "gateway.networking.k8s.io",
    "image.toolkit.fluxcd.io",
    "karpenter.k8s.aws",
    "karpenter.sh",
    "keda.sh",
    "kubernetes-client.io",
    "kyverno.io",
    "linkerd.io",
    "metallb.io",
    "metrics.k8s.io",
    "networking.gke.io",
    "networking.istio.io",
    "notification.toolkit.fluxcd.io",
    "policies.kyverno.io",
    "policy.linkerd.io",
    "projectcalico.org",
    "rbac.istio.io",
    "route.openshift.io",
    "seaworthy",
    "secrets-store.csi.x-k8s.io",
    "security.istio.io",
    "snapshot.storage.k8s.io",
    "source.toolkit.fluxcd.io",
    "split.smi-spec.io",
    "telemetry.istio.io",
    "templates.gatekeeper.sh",
    "traefik.containo.us",
    "traefik.io",
    "vpcresources.k8s.aws",
];

/// Kinds of other groups that only configure.
const CONFIGURE_ONLY_KINDS: &[(&str, &str)] = &[
    ("argoproj.io", "AppProject"),
    ("monitoring.coreos.com", "AlertmanagerConfig"),
    ("monitoring.coreos.com", "PodMonitor"),
    ("monitoring.coreos.com", "Probe"),
    ("monitoring.coreos.com", "PrometheusRule"),
    ("monitoring.coreos.com", "ScrapeConfig"),
    ("monitoring.coreos.com", "ServiceMonitor"),
];

/// Resources that bring whole sets of objects nobody sees here, and where they say into which namespace.
const BRINGERS: &[(&str, &str, &str)] = &[
    ("argoproj.io", "Application", "spec.destination.namespace"),
    ("helm.cattle.io", "HelmChart", "spec.targetNamespace"),
    ("helm.toolkit.fluxcd.io", "HelmRelease", "spec.targetNamespace"),
    ("helm.fluxcd.io", "HelmRelease", "spec.targetNamespace"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization", "spec.targetNamespace"),
    ("operators.coreos.com", "Subscription", ""),
];

/// A sign that something is made when the set runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Sign<'a> {
    /// An object of this kind and name appears in a namespace, or in any.
    Made(&'static str, &'a str, Option<&'a str>),
    /// A custom resource of a namespace is called so: an operator names what it makes after it.
    Operated(&'a str, &'a str),
    /// A text in a custom resource of a namespace: an operator makes what it names.
    Told(&'a str, &'a str),
    /// A word in arguments and variables of Jobs, and of programs told of a Secret or a ConfigMap.
    Word(&'a str),
    /// A custom resource that may make pods stands in this namespace.
    Operator(&'a str),
    /// A release brings objects into this namespace.
    BroughtInto(&'a str),
    /// A release or a kustomization brings objects from elsewhere.
    Brings,
}

/// What the set makes when it runs: how often each sign is there.
#[derive(Default)]
pub(crate) struct Producers<'a> {
    signs: HashMap<Sign<'a>, u32>,
    /// The namespaces of all [`Sign::Made`], by kind and name.
    made: HashMap<(&'static str, &'a str), Vec<Option<&'a str>>>,
}

impl<'a> Fleet<'a> {
    fn producers(&self) -> &Producers<'a> {
        self.producers.get_or_init(|| {
            let mut producers = Producers::default();
            for object in &self.objects {
                producers.add(&signs_of(object, self.catalog));
            }
            for document in &self.configurations {
                producers.add(&signs_of_configuration(document));
            }
            producers
        })
    }

    /// Why an object that is not in the set may be there all the same: something makes it.
    #[must_use]
    pub fn made_later(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<Why> {
        let found = match namespace {
            Some(namespace) => {
                self.is_made(kind, namespace, name)
                    || self.has_sign(Sign::BroughtInto(namespace), Key::BroughtInto(namespace))
                    || kind == "Secret" && self.is_token(namespace, name)
                    || kind == "PersistentVolumeClaim" && self.is_claim_of_a_pod(namespace, name)
            }
            None => self.has_sign(Sign::Brings, Key::Brings),
        };
        if found {
            return Some(Why::MadeLater);
        }
        namespace.is_some_and(|it| self.facts().brings_namespace(it)).then_some(Why::AddOn)
    }

    /// Why pods that are not in the set may be there all the same.
    pub(crate) fn pods_made_later(&self, namespace: &str) -> Option<Why> {
        if self.has_sign(Sign::Operator(namespace), Key::Operators(namespace))
            || self.has_sign(Sign::BroughtInto(namespace), Key::BroughtInto(namespace))
        {
            return Some(Why::MadeLater);
        }
        self.facts().brings_namespace(namespace).then_some(Why::AddOn)
    }

    fn has_sign(&self, sign: Sign<'_>, key: Key<'_>) -> bool {
        self.reads.key(key);
        self.producers().has(sign)
    }

    fn is_made(&self, kind: &str, namespace: &str, name: &str) -> bool {
        self.reads.key(Key::Made(kind, name));
        let producers = self.producers();
        let made: &HashMap<(&str, &str), Vec<Option<&str>>> = &producers.made;
        let within = made.get(&(kind, name));
        within.is_some_and(|namespaces| namespaces.iter().any(|it| it.is_none_or(|it| it == namespace)))
            || self.has_sign(Sign::Told(namespace, name), Key::Told(namespace, name))
            || matches!(kind, "Secret" | "ConfigMap" | "PersistentVolumeClaim")
                && self.has_sign(Sign::Word(name), Key::Word(name))
            || self.is_operated(namespace, name)
    }

    fn is_operated(&self, namespace: &str, name: &str) -> bool {
        // The key is that of any name: they are few, and a name has many parts.
        self.reads.key(Key::Operated(namespace));
        let producers = self.producers();
        producers.has_operated(namespace)
            && parts_between_dashes(name).any(|part| producers.has(Sign::Operated(namespace, part)))
    }

    /// `default-token-x7k2p`: what the token controller made for an account before 1.24.
    fn is_token(&self, namespace: &str, name: &str) -> bool {
        let account = name.rsplit_once("-token-").filter(|(_, end)| end.len() == 5).map(|(account, _)| account);
        account.is_some_and(|account| {
            account == "default" || self.object("", "ServiceAccount", Some(namespace), account).is_some()
        })
    }

    /// Claims that a StatefulSet makes from its templates (`data-web-0`), or a pod from an ephemeral volume
    /// (`web-cache`).
    fn is_claim_of_a_pod(&self, namespace: &str, name: &str) -> bool {
        let of_set = name.rsplit_once('-').filter(|(_, end)| end.bytes().all(|it| it.is_ascii_digit()));
        of_set.is_some_and(|(start, _)| {
            start.match_indices('-').any(|(at, _)| {
                let (template, set) = (start.get(..at).unwrap_or(""), start.get(at + 1..).unwrap_or(""));
                self.object("apps", "StatefulSet", Some(namespace), set).is_some_and(|set| {
                    let templates = set.field().items_at("spec.volumeClaimTemplates");
                    templates.into_iter().any(|it| it.str_at("metadata.name") == Some(template))
                })
            })
        }) || name.match_indices('-').any(|(at, _)| {
            let (pod, volume) = (name.get(..at).unwrap_or(""), name.get(at + 1..).unwrap_or(""));
            let pod = self.object("", "Pod", Some(namespace), pod).and_then(|it| it.pod());
            pod.is_some_and(|pod| {
                pod.spec().volumes().any(|it| it.name() == volume && it.field().get("ephemeral").is_some())
            })
        })
    }
}

impl<'a> Producers<'a> {
    fn has(&self, sign: Sign<'_>) -> bool {
        let signs: &HashMap<Sign<'_>, u32> = &self.signs;
        signs.contains_key(&sign)
    }

    /// False if no custom resource of a namespace has a name that counts; it need not be asked for parts of names then.
    fn has_operated(&self, namespace: &str) -> bool {
        self.has(Sign::Operator(namespace))
    }

    pub(crate) fn add(&mut self, signs: &[Sign<'a>]) {
        for &sign in signs {
            *self.signs.entry(sign).or_default() += 1;
            if let Sign::Made(kind, name, namespace) = sign {
                self.made.entry((kind, name)).or_default().push(namespace);
            }
        }
    }

    pub(crate) fn subtract(&mut self, signs: &[Sign<'a>]) {
        for sign in signs {
            if let Some(count) = self.signs.get_mut(sign) {
                *count -= 1;
                if *count == 0 {
                    self.signs.remove(sign);
                }
            }
            if let Sign::Made(kind, name, namespace) = *sign
                && let Some(namespaces) = self.made.get_mut(&(kind, name))
                && let Some(at) = namespaces.iter().position(|it| *it == namespace)
            {
                namespaces.swap_remove(at);
            }
        }
    }
}

impl Sign<'_> {
    /// The key under which it is looked for.
    pub(crate) fn key(&self) -> Key<'_> {
        match *self {
            Sign::Made(kind, name, _) => Key::Made(kind, name),
            Sign::Operated(namespace, _) => Key::Operated(namespace),
            Sign::Told(namespace, text) => Key::Told(namespace, text),
            Sign::Word(word) => Key::Word(word),
            Sign::Operator(namespace) => Key::Operators(namespace),
            Sign::BroughtInto(namespace) => Key::BroughtInto(namespace),
            Sign::Brings => Key::Brings,
        }
    }
}

/// The signs in one object.
pub(crate) fn signs_of<'a>(object: &'a Object<'a>, catalog: &Catalog) -> Vec<Sign<'a>> {
    let mut signs = Vec::new();
    if catalog.group_is_built_in(object.group()) {
        of_built_in(object, &mut signs);
    } else {
        of_custom(object, &mut signs);
    }
    signs
}

fn of_custom<'a>(object: &'a Object<'a>, signs: &mut Vec<Sign<'a>>) {
    let group = object.group();
    let namespace = object.namespace().unwrap_or("");
    for (_, _, makes, path) in MAKERS.iter().filter(|(of, kind, ..)| *of == group && *kind == object.kind()) {
        of_maker(object, makes, path, signs);
    }
    if let Some((_, _, path)) = BRINGERS.iter().find(|(of, kind, _)| *of == group && *kind == object.kind()) {
        signs.push(Sign::Brings);
        signs.push(Sign::BroughtInto(object.str_at(path).unwrap_or(namespace)));
        return;
    }
    let kind = (group, object.kind());
    if CONFIGURE_ONLY.contains(&group) && kind != ("gateway.networking.k8s.io", "Gateway")
        || CONFIGURE_ONLY_KINDS.contains(&kind)
    {
        return;
    }
    signs.push(Sign::Operator(namespace));
    signs.push(Sign::Operated(namespace, object.name()));
    let spec = object.at("spec").map(|it| it.node());
    signs.extend(spec.into_iter().flat_map(texts).map(|text| Sign::Told(namespace, text)));
}

fn of_maker<'a>(object: &'a Object<'a>, makes: &'static str, path: &'static str, signs: &mut Vec<Sign<'a>>) {
    // A cluster-scoped maker, and one that the catalog takes for namespaced, may make it anywhere.
    let anywhere = object.kind().starts_with("Cluster");
    let namespace = if anywhere { None } else { object.namespace() };
    let mut names: Vec<&'a str> = named_at(object.root(), path);
    if names.is_empty() && path.ends_with("-operated") {
        names.push(path);
    } else if names.is_empty() {
        names.push(object.name());
    }
    signs.extend(names.into_iter().map(|name| Sign::Made(makes, name, namespace)));
}

fn of_built_in<'a>(object: &'a Object<'a>, signs: &mut Vec<Sign<'a>>) {
    match object.kind() {
        "Role" | "ClusterRole" => of_role(object, signs),
        "Ingress" if is_certified(object) => {
            let names = named_at(object.root(), "spec.tls.secretName");
            signs.extend(names.into_iter().map(|name| Sign::Made("Secret", name, object.namespace())));
        }
        _ => {}
    }
    let Some(pod) = object.pod() else { return };
    let is_job = matches!(object.kind(), "Job" | "CronJob");
    for container in pod.containers() {
        let arguments = container.field().items_at("command").chain(container.field().items_at("args"));
        let mut before = "";
        for argument in arguments.map(|it| it.text()) {
            if is_job || [before, argument].iter().any(|it| it.contains("secret") || it.contains("config")) {
                signs.extend(words(argument).map(Sign::Word));
            }
            before = if argument.starts_with('-') && !argument.contains('=') { argument } else { "" };
        }
        if is_job {
            signs.extend(container.env().filter_map(|it| it.str_at("value")).flat_map(words).map(Sign::Word));
        }
    }
}

/// Who may write an object of a name writes it.
fn of_role<'a>(role: &'a Object<'a>, signs: &mut Vec<Sign<'a>>) {
    for rule in role.field().items_at("rules") {
        let writes = rule.items_at("verbs").any(|it| matches!(it.text(), "create" | "update" | "patch" | "*"));
        let kinds = rule.items_at("resources").filter_map(|it| match it.text() {
            "secrets" => Some("Secret"),
            "configmaps" => Some("ConfigMap"),
            _ => None,
        });
        for kind in kinds.filter(|_| writes) {
            let names = rule.items_at("resourceNames").map(|it| it.text());
            signs.extend(names.map(|name| Sign::Made(kind, name, role.namespace())));
        }
    }
}

/// Kustomizations generate ConfigMaps and Secrets, and fetch from elsewhere; eksctl makes service accounts.
pub(crate) fn signs_of_configuration(document: &Document) -> Vec<Sign<'_>> {
    let Some(root) = document.root() else { return Vec::new() };
    let mut signs = Vec::new();
    for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
        let names = named_at(root, &format!("{key}.name"));
        signs.extend(names.into_iter().map(|name| Sign::Made(kind, name, None)));
    }
    let fetched = ["resources", "bases", "components"].iter().flat_map(|key| named_at(root, key));
    if fetched.into_iter().any(is_remote) || root.get("helmCharts").is_some() {
        signs.push(Sign::Brings);
    }
    for metadata in root.at(["iam", "serviceAccounts"]).into_iter().flat_map(|it| it.items()) {
        let text = |key| metadata.at(["metadata", key]).map(|it| it.text());
        signs.extend(text("name").map(|name| Sign::Made("ServiceAccount", name, text("namespace"))));
    }
    signs
}

/// True if cert-manager makes the certificates an Ingress names (its ingress-shim's annotations).
#[must_use]
pub fn is_certified(ingress: &Object<'_>) -> bool {
    let annotations = ingress.root().at(["metadata", "annotations"]);
    annotations.into_iter().flat_map(|it| it.entries()).any(|entry| {
        matches!(
            entry.name(),
            "cert-manager.io/issuer"
                | "cert-manager.io/cluster-issuer"
                | "certmanager.k8s.io/issuer"
                | "certmanager.k8s.io/cluster-issuer"
        ) || entry.name() == "kubernetes.io/tls-acme" && entry.value.text() == "true"
    })
}

fn is_remote(resource: &str) -> bool {
    resource.contains("://")
        || resource.starts_with("git@")
        || resource.contains("?ref=")
        || resource.starts_with("github.com/")
}

/// The texts at keys joined by dots; lists on the way are walked whole.
fn named_at<'a>(from: Node<'a>, path: &str) -> Vec<&'a str> {
    let mut nodes = vec![from];
    for key in path.split('.').filter(|it| !it.is_empty()) {
        let next = nodes.iter().filter_map(|node| node.get(key));
        nodes = next.flat_map(|node| if node.is_sequence() { node.items().collect() } else { vec![node] }).collect();
    }
    nodes.iter().map(|node| node.text()).filter(|text| !text.is_empty()).collect()
}

/// Every text in a tree.
fn texts(node: Node<'_>) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = vec![node];
    while let Some(node) = rest.pop() {
        rest.extend(node.entries().map(|entry| entry.value));
        rest.extend(node.items());
        found.extend(node.as_str());
    }
    found
}

/// The words of a text that can be names of objects.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '-' | '.')))
        .map(|word| word.trim_matches(['-', '.']))
        .filter(|word| !word.is_empty())
}

/// A name, and every run of its words: `a-b-c` gives `a`, `a-b`, `a-b-c`, `b`, `b-c`, `c`.
fn parts_between_dashes(name: &str) -> impl Iterator<Item = &str> {
    let starts = std::iter::once(0).chain(name.match_indices(['-', '.']).map(|(at, _)| at + 1));
    starts.flat_map(move |start| {
        let ends = name.match_indices(['-', '.']).map(|(at, _)| at).chain([name.len()]);
        ends.filter(move |&end| end > start).filter_map(move |end| name.get(start..end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_parts() {
        assert_eq!(parts_between_dashes("a-b-c").collect::<Vec<_>>(), ["a", "a-b", "a-b-c", "b", "b-c", "c"]);
        assert_eq!(parts_between_dashes("web").collect::<Vec<_>>(), ["web"]);
    }

    #[test]
    fn arguments_have_words() {
        assert_eq!(words("--secret-name=web-cert").collect::<Vec<_>>(), ["secret-name", "web-cert"]);
        assert_eq!(words("kubectl create -n x y;").collect::<Vec<_>>(), ["kubectl", "create", "n", "x", "y"]);
    }

    #[test]
    fn kustomize_fetches() {
        assert!(is_remote("https://github.com/org/repo//base?ref=v1"));
        assert!(is_remote("github.com/org/repo"));
        assert!(!is_remote("../base"));
    }
}
