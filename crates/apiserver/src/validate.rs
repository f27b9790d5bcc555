//! Is what decodes valid? The server's own validation: files and functions follow Kubernetes' tree.
//!
//! A rule reads an object through [`value::Value`], as Go reads the struct it was decoded into, and says what is wrong
//! with it by the names of `field.Error`. Versions differ inside of a rule, by [`value::Value::since`].

mod admissionregistration;
mod apiextensions;
mod apiregistration;
mod apps;
mod authorization;
mod autoscaling;
mod batch;
mod by_name;
mod certificates;
mod coordination;
mod core;
pub(crate) mod custom;
mod discovery;
mod domains;
mod events;
mod flowcontrol;
mod go_json;
mod keys;
mod label_selector;
mod meta;
mod names;
mod net;
mod networking;
mod node;
mod path;
mod policy;
mod print;
mod rbac;
mod resource;
mod run;
mod same;
mod scheduling;
mod seen;
mod slots;
mod storage;
mod storagemigration;
mod update;
mod value;
mod webhook;
mod words;

use seaworthy_object::catalog::{Kind, Role};
use seaworthy_object::{Catalog, Object, Version, Versions};

use crate::answer::Answers;
use run::Run;
use value::Value;

/// The versions whose own validation is known; earlier ones are judged as the oldest of these.
const KNOWN: Versions = Versions::since(Version::minor_of(run::OLDEST));

/// What the server validates of an object of a kind.
type Validate = fn(Value<'_>);

/// The validation of a kind. Of versions of an API that went before 1.30, whose fields were others, it is not known.
fn of(kind: &Kind) -> Option<Validate> {
    if !kind.known.intersects(KNOWN) {
        return None;
    }
    match kind.group {
        "" => core::of(kind.kind),
        "admissionregistration.k8s.io" => admissionregistration::of(kind.kind),
        "apiextensions.k8s.io" => apiextensions::of(kind.kind),
        "apiregistration.k8s.io" => apiregistration::of(kind.kind),
        "apps" => apps::of(kind.kind),
        "authentication.k8s.io" | "authorization.k8s.io" => authorization::of(kind.kind),
        "autoscaling" => autoscaling::of(kind.kind),
        "batch" => batch::of(kind.kind),
        "certificates.k8s.io" => certificates::of(kind.kind),
        "coordination.k8s.io" => coordination::of(kind.kind),
        "discovery.k8s.io" => discovery::of(kind.kind),
        "events.k8s.io" => events::of(kind.kind),
        "flowcontrol.apiserver.k8s.io" => flowcontrol::of(kind.kind),
        "networking.k8s.io" => networking::of(kind.kind),
        "node.k8s.io" => node::of(kind.kind),
        "policy" => policy::of(kind.kind),
        "rbac.authorization.k8s.io" => rbac::of(kind.kind),
        "scheduling.k8s.io" => scheduling::of(kind.kind),
        "resource.k8s.io" => resource::of(kind.kind),
        "storage.k8s.io" => storage::of(kind.kind),
        "storagemigration.k8s.io" => storagemigration::of(kind.kind),
        _ => None,
    }
}

/// Judges an object that decodes in these versions, once for each set of versions that the rules tell apart.
pub(crate) fn judge(
    kind: &Kind,
    old: Option<&Object<'_>>,
    catalog: &Catalog,
    versions: Versions,
    answers: &mut Answers<'_>,
) {
    let mut left = versions;
    while let Some(version) = left.newest() {
        let before = old.map(|old| Run::new(old, catalog, kind, version, left));
        let mut run = Run::new(answers.object(), catalog, kind, version, left);
        run.before = before.as_ref();
        if let Some(before) = run.before {
            meta::changed(run.root(), before.root_node());
        }
        if let Some(validate) = of(kind) {
            validate(run.root());
        }
        // What is posted for its answer alone has no name.
        // Of a change all is said at once.
        if (!run.refuses() || run.updates()) && kind.role == Role::Object {
            meta::generic(run.root(), run.metadata_judged.get());
        }
        if !run.refuses() {
            meta::warn_of_owners(run.root());
        }
        left = left.minus(run.finish(answers));
    }
}

/// Judges what an object changes that takes the place of another.
#[inline(never)]
pub(crate) fn judge_update(
    kind: &Kind,
    old: &Object<'_>,
    catalog: &Catalog,
    versions: Versions,
    answers: &mut Answers<'_>,
) {
    let mut left = if of(kind).is_some() { versions } else { Versions::NONE };
    while let Some(version) = left.newest() {
        let run = Run::new(answers.object(), catalog, kind, version, left);
        let before = Run::new(old, catalog, kind, version, left);
        update::judge(kind, run.root(), before.root());
        left = left.minus(run.finish(answers));
    }
}
