//! Autoscalers, and the workloads they drive.

use foldhash::HashMap;
use seaworthy_object::{Field, GroupKind, Object, Version, Versions, split_api_version};
use seaworthy_source::order;

use crate::reads::Key;
use crate::reference::is_filled_in_later;
use crate::{Fleet, Resolution, nearest};

/// An object that changes the size of a workload.
#[derive(Debug, Clone, Copy)]
pub struct Autoscaler<'a> {
    object: &'a Object<'a>,
    kind: AutoscalerKind,
    target: Field<'a>,
}

/// Which autoscaler it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoscalerKind {
    /// HorizontalPodAutoscaler of `autoscaling`.
    Horizontal,
    /// VerticalPodAutoscaler of `autoscaling.k8s.io`: it changes requests, not replicas.
    Vertical,
    /// ScaledObject of `keda.sh`, which makes a HorizontalPodAutoscaler.
    Keda,
}

/// What an autoscaler finds where it looks for its target.
#[derive(Debug, Clone)]
pub enum Target<'a> {
    /// The name was looked up.
    Named(Resolution<'a>),
    /// Kubernetes has this kind, but nothing can scale it.
    Unscalable,
    /// No version of the group has this kind.
    NoSuchKind {
        /// The kind that was probably meant.
        nearest: Option<&'static str>,
    },
}

/// Kinds of Kubernetes that have the subresource `scale`: kind, group, the versions that serve it there, and the
/// apiVersion to use (k8s.io/api, `+genclient:method=GetScale`; `extensions` lost them in 1.16).
const SCALABLE: &[(&str, &str, Versions, &str)] = &[
    ("Deployment", "apps", Versions::ALL, "apps/v1"),
    ("Deployment", "extensions", Versions::before(Version::minor_of(16)), "apps/v1"),
    ("ReplicaSet", "apps", Versions::ALL, "apps/v1"),
    ("ReplicaSet", "extensions", Versions::before(Version::minor_of(16)), "apps/v1"),
    ("StatefulSet", "apps", Versions::ALL, "apps/v1"),
    ("ReplicationController", "", Versions::ALL, "v1"),
];

/// What a vertical autoscaler takes besides (kubernetes/autoscaler, `pkg/target/fetcher.go`), by kind alone.
const VERTICAL_ONLY: &[(&str, &str)] = &[("DaemonSet", "apps"), ("Job", "batch"), ("CronJob", "batch")];

impl<'a> Autoscaler<'a> {
    /// The object as an autoscaler, if it is one and names a target.
    #[must_use]
    pub fn of(object: &'a Object<'a>) -> Option<Self> {
        let (kind, key) = match (object.group(), object.kind()) {
            ("autoscaling", "HorizontalPodAutoscaler") => (AutoscalerKind::Horizontal, "spec.scaleTargetRef"),
            ("autoscaling.k8s.io", "VerticalPodAutoscaler") => (AutoscalerKind::Vertical, "spec.targetRef"),
            ("keda.sh", "ScaledObject") => (AutoscalerKind::Keda, "spec.scaleTargetRef"),
            _ => return None,
        };
        let target = object.at(key).filter(|it| it.node().is_mapping())?;
        Some(Self { object, kind, target })
    }

    /// The object.
    #[must_use]
    pub fn object(&self) -> &'a Object<'a> {
        self.object
    }

    /// Which it is.
    #[must_use]
    pub fn kind(&self) -> AutoscalerKind {
        self.kind
    }

    /// The reference to its target.
    #[must_use]
    pub fn target(&self) -> Field<'a> {
        self.target
    }

    /// The target's `apiVersion`, after defaults; empty means the core group of no version.
    #[must_use]
    pub fn target_api_version(&self) -> &'a str {
        self.target.str_at("apiVersion").unwrap_or(if self.kind == AutoscalerKind::Keda { "apps/v1" } else { "" })
    }

    /// The target's kind, after defaults.
    #[must_use]
    pub fn target_kind(&self) -> &'a str {
        self.target.str_at("kind").unwrap_or(if self.kind == AutoscalerKind::Keda { "Deployment" } else { "" })
    }

    /// The target's name.
    #[must_use]
    pub fn target_name(&self) -> Option<Field<'a>> {
        self.target.get("name").filter(|it| !it.text().is_empty())
    }

    /// True if it sets `spec.replicas`.
    #[must_use]
    pub fn sets_replicas(&self) -> bool {
        self.kind != AutoscalerKind::Vertical
    }

    /// The bounds within which it sets `spec.replicas`, after defaults; none where they are not given as numbers.
    #[must_use]
    pub fn bounds(&self) -> Option<(i64, i64)> {
        let number = |key: &str| self.object.at(key).and_then(|it| it.as_int());
        match self.kind {
            AutoscalerKind::Horizontal => Some((number("spec.minReplicas").unwrap_or(1), number("spec.maxReplicas")?)),
            AutoscalerKind::Keda => {
                Some((number("spec.minReplicaCount").unwrap_or(0), number("spec.maxReplicaCount").unwrap_or(100)))
            }
            AutoscalerKind::Vertical => None,
        }
    }

    /// The versions whose servers can scale the kind of this group, and the apiVersion to name instead; none for kinds
    /// that are not Kubernetes' own. A controller looks at group and kind, so any version of the group does.
    #[must_use]
    pub fn target_served(&self) -> Option<(Versions, &'static str)> {
        let (group, kind) = (split_api_version(self.target_api_version()).0, self.target_kind());
        if is_foreign(group) {
            return None;
        }
        let (.., instead) = SCALABLE.iter().find(|row| row.0 == kind)?;
        let served = SCALABLE.iter().find(|row| row.0 == kind && row.1 == group);
        Some((served.map_or(Versions::NONE, |row| row.2), instead))
    }

    /// Group and kind of the target as they were meant: a kind of Kubernetes has the group it lives in today, even
    /// where the reference names another one of Kubernetes.
    #[must_use]
    pub fn target_group_kind(&self) -> GroupKind<'a> {
        let (group, kind) = (split_api_version(self.target_api_version()).0, self.target_kind());
        let home = SCALABLE.iter().map(|row| (row.0, row.1)).chain(VERTICAL_ONLY.iter().copied());
        let home = home.into_iter().find(|&(known, _)| known == kind && !is_foreign(group));
        GroupKind { group: home.map_or(group, |(_, home)| home), kind }
    }

    fn may_scale(&self, of: GroupKind<'_>) -> bool {
        let vertical = self.kind == AutoscalerKind::Vertical && VERTICAL_ONLY.contains(&(of.kind, of.group));
        vertical || SCALABLE.iter().any(|row| (row.0, row.1) == (of.kind, of.group))
    }
}

impl<'a> Fleet<'a> {
    /// All autoscalers that name a target; one defined twice is there twice.
    pub fn autoscalers(&self) -> impl Iterator<Item = Autoscaler<'a>> + use<'a, '_> {
        [
            ("autoscaling", "HorizontalPodAutoscaler"),
            ("autoscaling.k8s.io", "VerticalPodAutoscaler"),
            ("keda.sh", "ScaledObject"),
        ]
        .into_iter()
        .flat_map(|(group, kind)| self.of_kind(group, kind))
        .filter_map(Autoscaler::of)
    }

    /// The autoscalers of a workload that is a last definition, in the order of [`Fleet::autoscalers`].
    pub fn autoscalers_of<'q>(
        &'q self,
        workload: &'a Object<'a>,
    ) -> impl Iterator<Item = Autoscaler<'a>> + use<'a, 'q> {
        let named = self.scalers_named(workload.namespace().unwrap_or(""), workload.name());
        named.into_iter().filter(|it| self.workload_of(it).is_some_and(|found| found.root() == workload.root()))
    }

    /// The autoscalers of a namespace whose target has a name, in the order of [`Fleet::autoscalers`].
    pub(crate) fn scalers_named(&self, namespace: &str, name: &str) -> Vec<Autoscaler<'a>> {
        self.reads.key(Key::Scalers(namespace, name));
        let scalers = self.scalers.get_or_init(|| {
            let mut scalers = Scalers::default();
            for &object in &self.objects {
                if let Some(target) = target_of(object) {
                    scalers.entry(target).or_default().push(object);
                }
            }
            scalers
        });
        let scalers: &HashMap<(&str, &str), Vec<&'a Object<'a>>> = scalers;
        let named = scalers.get(&(namespace, name)).into_iter().flatten();
        let mut named: Vec<_> = named.filter_map(|it| Autoscaler::of(it)).collect();
        order::sort_by_key(&mut named, |it| it.kind as u8);
        named
    }

    /// What an autoscaler drives; none if it names nothing that could be looked up.
    #[must_use]
    pub fn target_of(&self, autoscaler: &Autoscaler<'a>) -> Option<Target<'a>> {
        let name = autoscaler.target_name()?.text();
        let of = autoscaler.target_group_kind();
        if of.kind.is_empty() || is_filled_in_later(of.kind) || is_filled_in_later(of.group) {
            return None;
        }
        let namespace = autoscaler.object.namespace();
        if is_foreign(of.group) {
            let found = self.object(of.group, of.kind, namespace, name);
            return Some(Target::Named(found.map_or(Resolution::Unknown(crate::Why::NotGiven), Resolution::Resolved)));
        }
        if autoscaler.may_scale(of) {
            return Some(Target::Named(self.resolve(of.group, of.kind, namespace, name)));
        }
        if self.catalog().kinds_named(of.kind).any(|kind| kind.group == of.group) {
            return Some(Target::Unscalable);
        }
        let scalable = SCALABLE.iter().map(|row| row.0);
        let same = scalable.clone().find(|kind| kind.eq_ignore_ascii_case(of.kind));
        Some(Target::NoSuchKind { nearest: same.or_else(|| nearest(of.kind, scalable)) })
    }

    /// The workload an autoscaler drives, if it is in the set: its last definition.
    #[must_use]
    pub fn workload_of(&self, autoscaler: &Autoscaler<'a>) -> Option<&'a Object<'a>> {
        match self.target_of(autoscaler)? {
            Target::Named(Resolution::Resolved(object)) => Some(object),
            _ => None,
        }
    }
}

/// Autoscalers by namespace and name of their targets.
pub(crate) type Scalers<'a> = HashMap<(&'a str, &'a str), Vec<&'a Object<'a>>>;

/// Namespace and name of what an object scales, if it is an autoscaler.
pub(crate) fn target_of<'a>(object: &'a Object<'a>) -> Option<(&'a str, &'a str)> {
    let name = Autoscaler::of(object)?.target_name()?;
    Some((object.namespace().unwrap_or(""), name.text()))
}

/// Kubernetes' own groups of workloads have no dot; all others must have one.
fn is_foreign(group: &str) -> bool {
    group.contains('.')
}
