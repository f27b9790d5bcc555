//! Containers of all kinds (`validateContainers`, `validateInitContainers`, `validateEphemeralContainers`).

mod env;
mod mount;
mod port;
mod probe;
mod restart;
mod security;
mod warnings;

use super::super::names::Form;
use super::super::seen::Seen;
use super::super::value::Value;
use super::pod::is_pod;
use super::resources::{self, Requests};
use super::volume::Volumes;

/// Seconds that a pod has to end, if it does not say (`DefaultTerminationGracePeriodSeconds`).
const GRACE_PERIOD: i64 = 30;
/// `supportedPullPolicies`.
pub(super) const PULL_POLICIES: &[&str] = &["Always", "IfNotPresent", "Never"];
/// What a container's last words are read from, in the server's order.
const MESSAGE_POLICIES: &[&str] = &["File", "FallbackToLogsOnError"];
/// What only a container that restarts has.
const PROBES: &[&str] = &["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"];

/// The pod that containers are judged in.
#[derive(Clone, Copy)]
struct Pod<'r> {
    spec: Value<'r>,
}

impl Pod<'_> {
    /// Whether it is a pod, and not a template of one.
    fn is_pod(self) -> bool {
        is_pod(self.spec)
    }

    /// What requests are by default, in containers that are not ephemeral (`SetDefaults_Pod`).
    fn requests(self) -> Requests {
        if self.is_pod() { Requests::LikeLimits } else { Requests::AsGiven }
    }

    /// `terminationGracePeriodSeconds`. In a pod, and in a pod alone, a negative number is 1.
    fn grace_period(self) -> i64 {
        match self.spec.get("terminationGracePeriodSeconds").opt_int() {
            None => GRACE_PERIOD,
            Some(negative) if negative < 0 && self.is_pod() => 1,
            Some(seconds) => seconds,
        }
    }
}

/// What a pod's spec holds of containers. `volumes` are those of the pod, for what mounts them.
pub(in crate::validate) fn containers<'r>(spec: Value<'r>, volumes: &Volumes<'r>) {
    let pod = Pod { spec };
    regular(pod, volumes);
    init(pod, volumes);
    ephemeral(pod, volumes);
    env::files(spec);
}

/// What the server warns of in them, where it refuses nothing.
pub(in crate::validate) fn warnings(spec: Value<'_>) {
    warnings::of_containers(Pod { spec });
}

/// `validateContainers`.
fn regular(pod: Pod<'_>, volumes: &Volumes<'_>) {
    let list = pod.spec.get("containers");
    if list.is_empty() {
        return list.required("");
    }
    let mut names = Seen::default();
    for container in list.items() {
        common(container, pod, volumes, pod.requests());
        let name = container.get("name");
        if !names.insert(name.str()) {
            name.duplicate();
        }
        probe::of_container(container, pod);
        restart::regular(container);
    }
    let mut ports = Seen::default();
    list.items().for_each(|container| port::unique_host_ports(container, None, pod, &mut ports));
}

/// `validateInitContainers`.
fn init(pod: Pod<'_>, volumes: &Volumes<'_>) {
    let Some(list) = pod.spec.given("initContainers").filter(|it| !it.is_empty()) else { return };
    let mut names = Seen::default();
    pod.spec.items_of("containers").for_each(|it| _ = names.insert(it.str_of("name")));
    for container in list.items() {
        common(container, pod, volumes, pod.requests());
        restart::init(container);
        let name = container.get("name");
        // An empty name is another's only if that is a container of the other list.
        if names.has(name.str()) {
            name.duplicate();
        } else if !name.is_empty() {
            names.insert(name.str());
        }
        // One runs after the other, so each has the ports to itself; the server names the first, whichever it is.
        port::unique_host_ports(container, Some(list), pod, &mut Seen::default());
        if container.str_of("restartPolicy") == "Always" {
            probe::of_container(container, pod);
        } else {
            for field in PROBES {
                if let Some(field) = given(container, field) {
                    field.forbidden("may not be set for init containers without restartPolicy=Always");
                }
            }
            restart::no_restart_on_resize(container);
        }
    }
}

/// A field that is set. Stop signals are behind a gate that is off: without one, nothing may be left of a lifecycle
/// (`dropContainerStopSignals`).
fn given<'r>(container: Value<'r>, field: &str) -> Option<Value<'r>> {
    let value = container.given(field)?;
    let dropped = field == "lifecycle" && value.has("stopSignal") && !value.has("postStart") && !value.has("preStop");
    (!dropped).then_some(value)
}

/// `validateEphemeralContainers`.
fn ephemeral(pod: Pod<'_>, volumes: &Volumes<'_>) {
    let Some(list) = pod.spec.given("ephemeralContainers").filter(|it| !it.is_empty()) else { return };
    let (mut others, mut names) = (Seen::default(), Seen::default());
    for other in ["containers", "initContainers"].into_iter().flat_map(|field| pod.spec.items_of(field)) {
        let name = other.str_of("name");
        others.insert(name);
        names.insert(name);
    }
    for container in list.items() {
        common(container, pod, volumes, Requests::AsGiven);
        if !pod.is_pod() {
            image_blanks(container.get("image"));
        }
        let (name, target) = (container.get("name"), container.get("targetContainerName"));
        if !names.insert(name.str()) {
            name.duplicate();
        }
        if !target.is_empty() && !others.has(target.str()) {
            target.not_found();
        }
        not_for_ephemeral(container);
    }
}

/// What an ephemeral container may not have (`validateFieldAllowList` and the paths in its mounts).
fn not_for_ephemeral(container: Value<'_>) {
    const WORDS: &str = "cannot be set for an Ephemeral Container";
    let ports = container.get("ports");
    if ports.is_present() {
        ports.forbidden(WORDS);
    }
    let resources = container.get("resources");
    if ["limits", "requests", "claims"].into_iter().any(|field| resources.has(field)) {
        resources.forbidden(WORDS);
    }
    restart::not_for_ephemeral(container, WORDS);
    for field in PROBES {
        if let Some(field) = given(container, field) {
            field.forbidden(WORDS);
        }
    }
    for mount in container.items_of("volumeMounts") {
        for path in [mount.get("subPath"), mount.get("subPathExpr")] {
            if !path.is_empty() {
                path.forbidden(WORDS);
            }
        }
    }
}

/// `validateContainerCommon`, and what only a pod's own containers must keep to.
fn common(container: Value<'_>, pod: Pod<'_>, volumes: &Volumes<'_>, requests: Requests) {
    let (name, image) = (container.get("name"), container.get("image"));
    if name.is_empty() {
        name.required("");
    } else {
        name.invalid_each(Form::Label.faults(name.str()));
    }
    if image.is_empty() {
        image.required("");
    } else if pod.is_pod() {
        image_blanks(image);
    }
    one_of(container, "terminationMessagePolicy", MESSAGE_POLICIES);
    port::ports(container, pod);
    container.given("env").into_iter().for_each(env::variables);
    container.given("envFrom").into_iter().for_each(env::sources);
    mount::volumes(container, volumes);
    mount::devices(container, volumes);
    one_of(container, "imagePullPolicy", PULL_POLICIES);
    resources::of_container(container.get("resources"), pod.spec, requests);
    if let Some(policy) = container.given("resizePolicy") {
        restart::resize_policy(policy, pod);
    }
    if let Some(context) = container.given("securityContext") {
        security::context(context, pod);
    }
}

/// `validateContainerOnlyForPod`.
fn image_blanks(image: Value<'_>) {
    if image.str().trim() != image.str() {
        image.invalid("must not have leading or trailing whitespace");
    }
}

/// A field that is one of several words, where the server has a default for none.
pub(super) fn one_of(around: Value<'_>, field: &str, supported: &[&str]) {
    if let Some(value) = around.given(field)
        && !value.is_empty()
        && !supported.contains(&value.str())
    {
        value.not_supported(supported);
    }
}
