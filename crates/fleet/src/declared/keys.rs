//! The keys of a Fleet document: the one table that the reader, the JSON Schema and the help of a slip are made of.

use super::shape::{Key, Shape};

/// A whole Fleet document.
pub(super) const FLEET: Shape = Shape::Fields(&[
    need("apiVersion", API_VERSION, "which form of the document this is"),
    need("kind", Shape::Word(&["Fleet"]), "always Fleet"),
    key("metadata", Shape::Anything, "the fleet's name"),
    key("spec", Shape::Fields(SPEC), "what is declared"),
]);

/// A whole Policy document.
pub(super) const POLICY_DOCUMENT: Shape = Shape::Fields(&[
    need("apiVersion", API_VERSION, "which form of the document this is"),
    need("kind", Shape::Word(&["Policy"]), "always Policy"),
    key("metadata", Shape::Anything, "the policy's name"),
    key("spec", Shape::Fields(POLICY), "which rules speak, and how loud"),
]);

const API_VERSION: Shape = Shape::Word(&["seaworthy/v1alpha1"]);

const SPEC: &[Key] = &[
    key("kubernetes", VERSIONS, "the Kubernetes version, or several, to judge for"),
    key("manifests", TEXTS, "files and folders that belong to the fleet, from the folder of this document"),
    key("complete", Shape::Flag, "true: nothing else runs there, so what is not found is missing"),
    key("cluster", Shape::Fields(CLUSTER), "what the cluster is and brings"),
    key("externals", EXTERNALS, "what the fleet uses and somebody else runs"),
    key("services", SERVICES, "the services of the fleet by name"),
    key("promises", TEXTS, "what something in the set must stand behind: node-autoscaling, backup, export, …"),
    key("environments", ENVIRONMENTS, "where the fleet runs, by name, and what is different there"),
    key("policy", Shape::Fields(POLICY), "which rules speak, and how loud"),
];

const CLUSTER: &[Key] = &[
    key("from", TEXTS, "files that describe the cluster: Node lists, eksctl, kops, kubeadm, or a snapshot"),
    key(
        "platform",
        Shape::OpenWord(PLATFORMS),
        "who runs the cluster; it brings classes, namespaces and a control plane",
    ),
    key("runtime", Shape::OpenWord(&["containerd", "docker", "cri-o"]), "the container runtime of the nodes"),
    key("zones", TEXTS, "the zones of the nodes"),
    key("nodes", Shape::List(&Shape::Fields(NODE)), "the nodes, in groups"),
    key(
        "installed",
        TEXTS,
        "add-ons that something else installs: metrics-server, ingress-nginx, aws-ebs-csi-driver, …",
    ),
];

const NODE: &[Key] = &[
    key("name", Shape::Text, "its name, for one node"),
    key("count", Shape::Count, "how many; `min` or 1 if it is not said"),
    key("min", Shape::Count, "how few there may be, where something changes their number"),
    key("max", Shape::Count, "how many there may be, where something changes their number"),
    key("instanceType", Shape::Text, "the provider's name of the machine"),
    key("cpu", Shape::Amount, "allocatable processors of each"),
    key("memory", Shape::Amount, "allocatable memory of each"),
    key("pods", Shape::Count, "how many pods each runs"),
    key("zone", Shape::Text, "the zone they are in"),
    key("labels", Shape::Map(&Shape::Anything), "their labels"),
    key("taints", Shape::List(&Shape::Fields(TAINT)), "their taints"),
];

const TAINT: &[Key] = &[
    need("key", Shape::Text, "its key"),
    key("value", Shape::Text, "its value"),
    need("effect", Shape::Word(&["NoSchedule", "PreferNoSchedule", "NoExecute"]), "what it does"),
];

const EXTERNALS: Shape = Shape::List(&Shape::Fields(&[
    need("name", Shape::Text, "what links call it"),
    key("host", Shape::Text, "where it answers"),
    key("ports", PORTS, "on which ports"),
    key("env", TEXTS, "the variables that name it"),
]));

const SERVICES: Shape = Shape::Map(&Shape::Fields(SERVICE));

const SERVICE: &[Key] = &[
    key("workload", Shape::Text, "the workload, if it is not called as the service: its name, or Kind/name"),
    key("service", TEXT_OR_TEXTS, "the Service or Services, if they are not called as the service"),
    key("namespace", Shape::Text, "where it runs, if the names alone do not tell"),
    key("ports", PORTS, "ports its Services offer; an empty list says that it has no Service"),
    key("links", LINKS, "the services and externals it calls"),
    key("exposure", Shape::Word(EXPOSURES), "from how far out it may be reached"),
    key("stateful", STATEFUL, "true: it keeps data; accepted-risk: it does, and losing them is accepted"),
    key("writers", TEXTS, "the only services that may write to it"),
    key("scale", Shape::Fields(SCALE), "what its autoscaler does"),
    key("replicas", Shape::Count, "how many copies run"),
    key("promises", TEXTS, "what it promises: zero-downtime, …"),
];

const LINKS: Shape = Shape::List(&Shape::OneOf(&[Shape::Text, Shape::Fields(LINK)]));

const LINK: &[Key] = &[
    need("to", Shape::Text, "the service or external that is called"),
    key("host", Shape::Text, "the host as the caller spells it"),
    key("port", Shape::Port, "the port it calls"),
];

const SCALE: &[Key] = &[
    key("min", Shape::Count, "the fewest copies"),
    key("max", Shape::Count, "the most copies"),
    key("cpu", Shape::Count, "the target, in per cent of the cpu request"),
];

const ENVIRONMENTS: Shape = Shape::Map(&Shape::Fields(&[
    key("manifests", TEXTS, "what belongs to it, in place of the fleet's own"),
    key("namespace", Shape::Text, "where objects go that name no namespace"),
    key("kubernetes", VERSIONS, "its Kubernetes version"),
    key("complete", Shape::Flag, "true: nothing else runs there"),
    key("cluster", Shape::Fields(CLUSTER), "its cluster"),
    key("externals", EXTERNALS, "what somebody else runs there"),
    key("services", SERVICES, "what is different of the services there"),
    key("promises", TEXTS, "what is promised there"),
    key("policy", Shape::Fields(POLICY), "which rules speak there"),
]));

const POLICY: &[Key] = &[
    key("packs", TEXTS, "sets of levels: recommended, strict, pss-baseline, pss-restricted"),
    key("levels", Shape::Map(&Shape::Word(&["off", "info", "warning", "error"])), "how loud a rule is, by its id"),
    key("options", Shape::Map(&Shape::Map(&Shape::Anything)), "the options of a rule, by its id"),
    key("suppress", Shape::List(&Shape::Fields(SUPPRESSION)), "findings that are accepted, and why"),
    key("locked", TEXTS, "rules or categories that comments and annotations cannot suppress; * stands for all"),
];

const SUPPRESSION: &[Key] = &[
    need("rule", Shape::Text, "the rule's id"),
    key("object", Shape::Text, "Kind/namespace/name, or Kind/name in any namespace; * stands for anything"),
    key("file", Shape::Text, "the file or the end of its path; * stands for anything in a folder, ** for any folders"),
    key("reason", Shape::Text, "why it is accepted"),
    key("until", Shape::Date, "the day from which it is not any more"),
];

const TEXTS: Shape = Shape::List(&Shape::Text);
const TEXT_OR_TEXTS: Shape = Shape::OneOf(&[Shape::Text, TEXTS]);
const PORTS: Shape = Shape::List(&Shape::Port);
const VERSIONS: Shape = Shape::OneOf(&[Shape::Version, Shape::List(&Shape::Version)]);
const STATEFUL: Shape = Shape::OneOf(&[Shape::Flag, Shape::Word(&["accepted-risk"])]);

/// From nowhere to everywhere.
const EXPOSURES: &[&str] = &["none", "cluster", "node", "internal", "public"];

/// Platforms by the names their users give them.
const PLATFORMS: &[&str] = &[
    "eks",
    "gke",
    "aks",
    "kops",
    "kubeadm",
    "k3s",
    "k3d",
    "kind",
    "minikube",
    "microk8s",
    "docker-desktop",
    "openshift",
    "rke",
    "rke2",
    "talos",
    "kubespray",
    "digitalocean",
    "oke",
    "lke",
    "iks",
    "ack",
    "tke",
    "vke",
    "doks",
    "hetzner",
    "scaleway",
    "ovh",
    "tanzu",
    "eksctl",
];

const fn key(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, required: false, shape, about }
}

const fn need(name: &'static str, shape: Shape, about: &'static str) -> Key {
    Key { name, required: true, shape, about }
}
