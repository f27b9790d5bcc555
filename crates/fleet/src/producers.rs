//! Objects that something in the set makes when it runs, so that nobody finds them in a file.
//!
//! A reference to such an object is unknown and never broken: sealed and external secrets, certificates, generators of
//! kustomize, releases of Helm, Jobs whose arguments name it, operators and their custom resources.

use foldhash::{HashMap, HashSet};
use seaworthy_document::{Document, Node};
use seaworthy_object::Object;

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

/// What the set makes when it runs.
#[derive(Default)]
pub(crate) struct Producers<'a> {
    /// Kind and name of objects, with the namespaces they appear in; none is any.
    made: HashMap<(&'static str, &'a str), Vec<Option<&'a str>>>,
    /// Names of custom resources by namespace: an operator names what it makes after them.
    operated: HashSet<(&'a str, &'a str)>,
    /// Texts in custom resources by namespace: an operator makes what they name.
    told: HashSet<(&'a str, &'a str)>,
    /// Words in arguments and variables of Jobs, and of programs told of a Secret or a ConfigMap.
    words: HashSet<&'a str>,
    /// Namespaces in which custom resources stand that may make pods.
    with_operators: HashSet<&'a str>,
    /// Namespaces into which releases bring objects.
    brought_into: HashSet<&'a str>,
    /// True if a release or a kustomization brings objects from elsewhere.
    brings: bool,
}

impl<'a> Fleet<'a> {
    fn producers(&self) -> &Producers<'a> {
        self.producers.get_or_init(|| {
            let mut producers = Producers::default();
            for object in &self.objects {
                producers.learn(object, self.catalog.group_is_built_in(object.group()));
            }
            for document in &self.configurations {
                producers.learn_configuration(document);
            }
            producers
        })
    }

    /// Why an object that is not in the set may be there all the same: something makes it.
    #[must_use]
    pub fn made_later(&self, kind: &str, namespace: Option<&str>, name: &str) -> Option<Why> {
        let producers = self.producers();
        let found = match namespace {
            Some(namespace) => {
                producers.makes(kind, namespace, name)
                    || producers.brought_into.contains(namespace)
                    || kind == "Secret" && self.is_token(namespace, name)
                    || kind == "PersistentVolumeClaim" && self.is_claim_of_a_pod(namespace, name)
            }
            None => producers.brings,
        };
        if found {
            return Some(Why::MadeLater);
        }
        namespace.is_some_and(|it| self.facts().brings_namespace(it)).then_some(Why::AddOn)
    }

    /// Why pods that are not in the set may be there all the same.
    pub(crate) fn pods_made_later(&self, namespace: &str) -> Option<Why> {
        let producers = self.producers();
        if producers.with_operators.contains(namespace) || producers.brought_into.contains(namespace) {
            return Some(Why::MadeLater);
        }
        self.facts().brings_namespace(namespace).then_some(Why::AddOn)
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
    fn makes(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let made: &HashMap<(&str, &str), Vec<Option<&str>>> = &self.made;
        let within = made.get(&(kind, name));
        within.is_some_and(|namespaces| namespaces.iter().any(|it| it.is_none_or(|it| it == namespace)))
            || self.told.contains(&(namespace, name))
            || matches!(kind, "Secret" | "ConfigMap" | "PersistentVolumeClaim") && self.words.contains(name)
            || parts_between_dashes(name).any(|part| self.operated.contains(&(namespace, part)))
    }

    fn learn(&mut self, object: &'a Object<'a>, built_in: bool) {
        if built_in {
            self.learn_built_in(object);
            return;
        }
        let group = object.group();
        let namespace = object.namespace().unwrap_or("");
        for (_, _, makes, path) in MAKERS.iter().filter(|(of, kind, ..)| *of == group && *kind == object.kind()) {
            self.learn_maker(object, makes, path);
        }
        if let Some((_, _, path)) = BRINGERS.iter().find(|(of, kind, _)| *of == group && *kind == object.kind()) {
            self.brings = true;
            self.brought_into.insert(object.str_at(path).unwrap_or(namespace));
            return;
        }
        let kind = (group, object.kind());
        if CONFIGURE_ONLY.contains(&group) && kind != ("gateway.networking.k8s.io", "Gateway")
            || CONFIGURE_ONLY_KINDS.contains(&kind)
        {
            return;
        }
        self.with_operators.insert(namespace);
        self.operated.insert((namespace, object.name()));
        let spec = object.at("spec").map(|it| it.node());
        for text in spec.into_iter().flat_map(texts) {
            self.told.insert((namespace, text));
        }
    }

    fn learn_maker(&mut self, object: &'a Object<'a>, makes: &'static str, path: &'static str) {
        // A cluster-scoped maker, and one that the catalog takes for namespaced, may make it anywhere.
        let anywhere = object.kind().starts_with("Cluster");
        let namespace = if anywhere { None } else { object.namespace() };
        let mut names: Vec<&'a str> = named_at(object.root(), path);
        if names.is_empty() && path.ends_with("-operated") {
            names.push(path);
        } else if names.is_empty() {
            names.push(object.name());
        }
        for name in names {
            self.made.entry((makes, name)).or_default().push(namespace);
        }
    }

    fn learn_built_in(&mut self, object: &'a Object<'a>) {
        match object.kind() {
            "Role" | "ClusterRole" => self.learn_role(object),
            "Ingress" if is_certified(object) => {
                for name in named_at(object.root(), "spec.tls.secretName") {
                    self.made.entry(("Secret", name)).or_default().push(object.namespace());
                }
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
                    self.words.extend(words(argument));
                }
                before = if argument.starts_with('-') && !argument.contains('=') { argument } else { "" };
            }
            if is_job {
                self.words.extend(container.env().filter_map(|it| it.str_at("value")).flat_map(words));
            }
        }
    }

    /// Who may write an object of a name writes it.
    fn learn_role(&mut self, role: &'a Object<'a>) {
        for rule in role.field().items_at("rules") {
            let writes = rule.items_at("verbs").any(|it| matches!(it.text(), "create" | "update" | "patch" | "*"));
            let kinds = rule.items_at("resources").filter_map(|it| match it.text() {
                "secrets" => Some("Secret"),
                "configmaps" => Some("ConfigMap"),
                _ => None,
            });
            for kind in kinds.filter(|_| writes) {
                for name in rule.items_at("resourceNames").map(|it| it.text()) {
                    self.made.entry((kind, name)).or_default().push(role.namespace());
                }
            }
        }
    }

    /// Kustomizations generate ConfigMaps and Secrets, and fetch from elsewhere; eksctl makes service accounts.
    fn learn_configuration(&mut self, document: &'a Document) {
        let Some(root) = document.root() else { return };
        for (key, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for name in named_at(root, &format!("{key}.name")) {
                self.made.entry((kind, name)).or_default().push(None);
            }
        }
        let fetched = ["resources", "bases", "components"].iter().flat_map(|key| named_at(root, key));
        self.brings |= fetched.into_iter().any(is_remote) || root.get("helmCharts").is_some();
        for metadata in root.at(["iam", "serviceAccounts"]).into_iter().flat_map(|it| it.items()) {
            let text = |key| metadata.at(["metadata", key]).map(|it| it.text());
            if let Some(name) = text("name") {
                self.made.entry(("ServiceAccount", name)).or_default().push(text("namespace"));
            }
        }
    }
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
