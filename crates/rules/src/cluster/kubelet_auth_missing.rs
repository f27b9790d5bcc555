//! `kubelet-auth-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_facts::Tool;
use seaworthy_fleet::{ClusterDocument, Fleet};
use seaworthy_object::Object;
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KubeletAuthMissing {}

impl Rule for KubeletAuthMissing {
    const META: Meta = Meta {
        id: "kubelet-auth-missing",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("kubelet_auth_missing.md"),
    };
    const CHECK: Check<Self> = Check::Fleet(Self::check);
}

/// Labels by which monitors find what they scrape.
const LABELS: [&str; 3] = ["k8s-app", "app.kubernetes.io/name", "app"];
/// From this minor on kops takes tokens without being told (`kubernetes/kops` #9757).
const KOPS_TAKES_TOKENS: u32 = 19;

impl KubeletAuthMissing {
    fn check(&self, fleet: &Fleet<'_>, report: &mut Reporter<'_>) {
        let kubelets = scraper(fleet, "kubelet", uses_token);
        let proxies = scraper(fleet, "kube-proxy", |_| true);
        for cluster in fleet.clusters().iter().filter(|it| matches!(it.tool, Tool::Kops | Tool::Kubeadm)) {
            let Some(root) = cluster.root() else { continue };
            if let Some((at, monitor)) = refuses_tokens(cluster, root).zip(kubelets) {
                report
                    .say_fact(at, "kubelets of this cluster take no token, and monitoring comes with one")
                    .label("every scrape of a kubelet is answered \"401 Unauthorized\"")
                    .help(match cluster.tool {
                        Tool::Kops => "set `kubelet.authenticationTokenWebhook: true` and `authorizationMode: Webhook`",
                        _ => "set `authentication.webhook.enabled: true`",
                    })
                    .related(monitor.place(), format!("{} scrapes kubelets", monitor.reference()));
            }
            let hidden = hides_proxy(cluster, root).zip(proxies);
            if let Some((at, monitor)) = hidden {
                report
                    .say_fact(
                        at,
                        "kube-proxy shows its metrics to its own node only, and monitoring comes from another",
                    )
                    .label("no scrape of kube-proxy gets through")
                    .help(match cluster.tool {
                        Tool::Kops => "set `kubeProxy.metricsBindAddress: 0.0.0.0`",
                        _ => "set `metricsBindAddress: 0.0.0.0:10249` in a KubeProxyConfiguration",
                    })
                    .related(monitor.place(), format!("{} scrapes kube-proxy", monitor.reference()));
            }
        }
    }
}

/// Where it is settled that kubelets take no tokens; none if they do, or nobody knows.
fn refuses_tokens<'a>(cluster: &ClusterDocument<'a>, root: Node<'a>) -> Option<Node<'a>> {
    if let Some(told) = cluster.kubelet.token_webhook {
        return (told.value == Some(false)).then_some(told.at);
    }
    // Whom a kubelet does not ask for a name it answers, token or not.
    if cluster.kubelet.anonymous.is_some_and(|it| it.value != Some(false)) {
        return None;
    }
    let minor = cluster.release().filter(|it| it.0 == 1)?.1;
    let is_silent = cluster.tool == Tool::Kops && minor < KOPS_TAKES_TOKENS;
    is_silent.then(|| root.at(["spec", "kubelet"]).or_else(|| root.get("spec")).unwrap_or(root))
}

/// Where it is settled that kube-proxy listens on its own node only, which is its default.
fn hides_proxy<'a>(cluster: &ClusterDocument<'a>, root: Node<'a>) -> Option<Node<'a>> {
    match cluster.kubelet.proxy_metrics {
        Some(told) => {
            let is_local = |it: &str| it.is_empty() || it.starts_with("127.") || it.starts_with("localhost");
            told.value.is_some_and(is_local).then_some(told.at)
        }
        // kubeadm's setting may stand in a file of its own that is not here.
        None => (cluster.tool == Tool::Kops)
            .then(|| root.at(["spec", "kubeProxy"]).or_else(|| root.get("spec")).unwrap_or(root)),
    }
}

/// The monitor that scrapes something by its label, if there is one.
fn scraper<'a>(fleet: &Fleet<'a>, what: &str, also: fn(&'a Object<'a>) -> bool) -> Option<&'a Object<'a>> {
    fleet.custom_objects().iter().copied().find(|monitor| {
        let labels = monitor.at("spec.selector.matchLabels");
        let value = |key: &&str| labels.and_then(|it| it.get(key)).map(|it| it.text());
        let is_it = |label: &str| label == what || label.strip_suffix(what).is_some_and(|it| it.ends_with("stack-"));
        monitor.is("monitoring.coreos.com", "ServiceMonitor")
            && LABELS.iter().filter_map(value).any(is_it)
            && also(monitor)
    })
}

fn uses_token<'a>(monitor: &'a Object<'a>) -> bool {
    let mut endpoints = monitor.field().items_at("spec.endpoints");
    endpoints.any(|it| it.get("bearerTokenFile").is_some() || it.at("authorization.credentials").is_some())
}
