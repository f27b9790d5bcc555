//! Pods, wherever they stand: one function reaches the pod of every workload kind.

use crate::container::{Container, Port, Role};
use crate::field::{Field, Fields};
use crate::object::Object;
use crate::qos::{Qos, qos};
use crate::selector::{Labels, Selector};

/// The pod an object is, or makes from its template.
#[derive(Debug, Clone, Copy)]
pub struct Pod<'a> {
    object: &'a Object<'a>,
    template: Field<'a>,
    spec: PodSpec<'a>,
}

/// `spec` of a pod.
#[derive(Debug, Clone, Copy)]
pub struct PodSpec<'a> {
    field: Field<'a>,
}

/// One entry of `spec.volumes`.
#[derive(Debug, Clone, Copy)]
pub struct Volume<'a> {
    field: Field<'a>,
}

impl<'a> Pod<'a> {
    pub(crate) fn of(object: &'a Object<'a>) -> Option<Self> {
        let root = object.field();
        let template = match object.kind() {
            "Pod" if object.group().is_empty() => Some(root),
            "CronJob" if object.group() == "batch" => root.at("spec.jobTemplate.spec.template"),
            "PodTemplate" if object.group().is_empty() => root.at("template"),
            // Deployment, StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, and every custom resource
            // that carries a pod template at the same place (Rollout, Knative Service, TFJob has its own).
            _ => root.at("spec.template"),
        }?;
        let spec = template.get("spec")?;
        let looks_like_a_pod = spec.get("containers").is_some_and(|list| list.node().is_sequence());
        looks_like_a_pod.then_some(Self { object, template, spec: PodSpec { field: spec } })
    }

    /// The object that is or makes the pod.
    #[must_use]
    pub fn object(&self) -> &'a Object<'a> {
        self.object
    }

    /// The pod template: `metadata` and `spec`. For a Pod it is the Pod.
    #[must_use]
    pub fn template(&self) -> Field<'a> {
        self.template
    }

    /// Its `spec`.
    #[must_use]
    pub fn spec(&self) -> PodSpec<'a> {
        self.spec
    }

    /// The pod's own labels.
    #[must_use]
    pub fn labels(&self) -> Labels<'a> {
        Labels::of(self.template.at("metadata.labels"))
    }

    /// The value of an annotation of the pod.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<Field<'a>> {
        self.template.at("metadata.annotations")?.get(key)
    }

    /// The namespace it runs in.
    #[must_use]
    pub fn namespace(&self) -> &'a str {
        self.object.namespace().unwrap_or("default")
    }

    /// True for a Pod that stands for itself.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.object.is("", "Pod")
    }

    /// True if the pod is meant to end: a Job's or a CronJob's.
    #[must_use]
    pub fn runs_to_completion(&self) -> bool {
        matches!(self.object.kind(), "Job" | "CronJob")
            || self.spec.field.str_at("restartPolicy").is_some_and(|policy| policy != "Always")
    }

    /// `spec.replicas` after the server's default of 1; none for kinds that have no replicas.
    #[must_use]
    pub fn replicas(&self) -> Option<i64> {
        let object = self.object;
        match object.kind() {
            "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController" => {
                Some(object.at("spec.replicas").and_then(|it| it.as_int()).unwrap_or(1))
            }
            _ => object.at("spec.replicas").and_then(|it| it.as_int()),
        }
    }

    /// The selector by which its controller knows its pods.
    #[must_use]
    pub fn controller_selector(&self) -> Option<Selector<'a>> {
        let selector = self.object.at("spec.selector")?;
        Some(if self.object.is("", "ReplicationController") {
            Selector::from_labels(selector)
        } else {
            Selector::from_label_selector(selector)
        })
    }

    /// All containers: ordinary, init, native sidecars and ephemeral.
    #[must_use]
    pub fn containers(&self) -> Containers<'a> {
        self.spec.containers()
    }

    /// The ports that its containers declare which keep running, native sidecars among them (`FindPort` of the endpoints
    /// controller).
    pub fn ports(&self) -> impl Iterator<Item = Port<'a>> + use<'a> {
        self.containers().filter(Container::keeps_running).flat_map(|it| it.ports())
    }

    /// True if it lives in the network of its node (`hostNetwork`).
    #[must_use]
    pub fn is_in_host_network(&self) -> bool {
        self.spec.at("hostNetwork").is_some_and(|it| it.is_true())
    }

    /// True if a container that keeps running mounts the volume of this name.
    #[must_use]
    pub fn uses_volume(&self, name: &str) -> bool {
        let running = self.containers().filter(Container::keeps_running);
        running.flat_map(|it| it.mounts()).any(|it| it.str_at("name") == Some(name))
    }

    /// The quality of service class, pod-level resources (from 1.34) included.
    #[must_use]
    pub fn qos(&self) -> Qos {
        qos(self.spec)
    }
}

impl<'a> PodSpec<'a> {
    /// The mapping itself.
    #[must_use]
    pub fn field(&self) -> Field<'a> {
        self.field
    }

    /// The value at keys joined by dots.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Field<'a>> {
        self.field.at(path)
    }

    /// All containers: init ones first, as they start.
    #[must_use]
    pub fn containers(&self) -> Containers<'a> {
        let role = Role::Init;
        Containers { spec: self.field, fields: self.field.items_at("initContainers"), role }
    }

    /// `volumes`.
    pub fn volumes(&self) -> impl Iterator<Item = Volume<'a>> + use<'a> {
        self.field.items_at("volumes").map(|field| Volume { field })
    }

    /// The service account the pod runs under: `default` if none is named.
    #[must_use]
    pub fn service_account(&self) -> &'a str {
        let named = self.field.str_at("serviceAccountName").or_else(|| self.field.str_at("serviceAccount"));
        named.filter(|name| !name.is_empty()).unwrap_or("default")
    }

    /// An entry of `requests` or `limits` of the pod as a whole (`spec.resources`, pod-level resources).
    #[must_use]
    pub fn pod_level(&self, list: &str, resource: &str) -> Option<Field<'a>> {
        self.field.get("resources")?.get(list)?.get(resource)
    }
}

/// The containers of a pod: init ones first, as they start.
#[derive(Debug, Clone)]
pub struct Containers<'a> {
    spec: Field<'a>,
    fields: Fields<'a>,
    /// Of those in `fields`.
    role: Role,
}

impl<'a> Iterator for Containers<'a> {
    type Item = Container<'a>;

    fn next(&mut self) -> Option<Container<'a>> {
        loop {
            if let Some(field) = self.fields.next() {
                let is_sidecar = self.role == Role::Init && field.str_at("restartPolicy") == Some("Always");
                return Some(Container::new(field, if is_sidecar { Role::Sidecar } else { self.role }));
            }
            let (list, role) = match self.role {
                Role::Init | Role::Sidecar => ("containers", Role::Ordinary),
                Role::Ordinary => ("ephemeralContainers", Role::Ephemeral),
                Role::Ephemeral => return None,
            };
            (self.fields, self.role) = (self.spec.items_at(list), role);
        }
    }
}

impl<'a> Volume<'a> {
    /// The mapping itself.
    #[must_use]
    pub fn field(&self) -> Field<'a> {
        self.field
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.field.get("name").map_or("", |it| it.text())
    }

    /// The claim it mounts, if it names one.
    #[must_use]
    pub fn claim_name(&self) -> Option<Field<'a>> {
        self.field.at("persistentVolumeClaim.claimName")
    }

    /// What it is made of: `configMap`, `hostPath`, …; none for a volume that is only named (an emptyDir).
    #[must_use]
    pub fn source(&self) -> Option<(&'a str, Field<'a>)> {
        let entry = self.field.node().entries().find(|entry| entry.name() != "name" && !entry.value.is_null())?;
        Some((entry.name(), Field::new(self.field.object(), entry.value)))
    }
}
