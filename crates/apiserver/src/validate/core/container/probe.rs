//! What a node asks of a container and does to it: probes and hooks (`validateProbe`, `validateLifecycle`).

use super::super::super::meta;
use super::super::super::net;
use super::super::super::value::Value;
use super::{Pod, given};

/// `supportedHTTPSchemes`.
const SCHEMES: &[&str] = &["HTTP", "HTTPS"];
/// `IsHTTPHeaderName`.
const HEADER: &str = "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex \
    used for validation is '[-A-Za-z0-9]+')";
/// Judges one thing that a probe or hook does.
type Handler = fn(Value<'_>, Pod<'_>);
/// What they do, in the server's order.
const HANDLERS: &[(&str, Handler)] = &[
    ("exec", |exec, _| {
        let command = exec.get("command");
        if command.is_empty() {
            command.required("");
        }
    }),
    ("httpGet", |get, _| http_get(get)),
    ("tcpSocket", |socket, _| net::port_number_or_name(socket.get("port"))),
    ("grpc", |grpc, _| net::port_number(grpc.get("port"))),
    ("sleep", sleep),
];

/// The hooks and probes of a container that restarts.
pub(super) fn of_container(container: Value<'_>, pod: Pod<'_>) {
    if let Some(lifecycle) = given(container, "lifecycle") {
        for hook in ["postStart", "preStop"].into_iter().filter_map(|name| lifecycle.given(name)) {
            handler(hook, pod);
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.given(name) else { continue };
        self::probe(probe, pod);
        let readiness = name == "readinessProbe";
        // 0 is 1 by default.
        let not_once = |it: &Value<'_>| !readiness && !matches!(it.int(), 0 | 1);
        if let Some(success) = probe.given("successThreshold").filter(not_once) {
            success.invalid("must be 1");
        }
        if let Some(grace) = probe.given("terminationGracePeriodSeconds").filter(|_| readiness) {
            grace.invalid("must not be set for readinessProbes");
        }
    }
}

/// `validateProbe`.
fn probe(probe: Value<'_>, pod: Pod<'_>) {
    handler(probe, pod);
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
        probe.given(field).into_iter().for_each(meta::nonnegative);
    }
    let not_positive = |it: &Value<'_>| it.opt_int().is_some_and(|seconds| seconds <= 0);
    if let Some(grace) = probe.given("terminationGracePeriodSeconds").filter(not_positive) {
        grace.invalid("must be greater than 0");
    }
}

/// `validateHandler`.
fn handler(handler: Value<'_>, pod: Pod<'_>) {
    let mut found = false;
    for (name, judge) in HANDLERS {
        if let Some(action) = handler.given(name) {
            if found {
                action.forbidden("may not specify more than 1 handler type");
            } else {
                judge(action, pod);
            }
            found = true;
        }
    }
    if !found {
        handler.required("must specify a handler type");
    }
}

/// `validateHTTPGetAction`.
fn http_get(get: Value<'_>) {
    net::port_number_or_name(get.get("port"));
    super::one_of(get, "scheme", SCHEMES);
    for header in get.items_of("httpHeaders") {
        let name = header.str_of("name");
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            get.get("httpHeaders").invalid_text(name, HEADER);
        }
    }
}

/// `validateSleepAction`, whose words differ as its gates went (`PodLifecycleSleepActionAllowZero`).
fn sleep(sleep: Value<'_>, pod: Pod<'_>) {
    let (seconds, grace) = (sleep.int_of("seconds"), pod.grace_period());
    if (1..=grace).contains(&seconds) {
        return;
    }
    let words = if sleep.since(33) {
        if (0..=grace).contains(&seconds) {
            return;
        }
        format!("must be non-negative and less than terminationGracePeriodSeconds ({grace})")
    } else {
        let gate = if sleep.since(32) {
            ". Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep."
        } else {
            ""
        };
        format!("must be greater than 0 and less than terminationGracePeriodSeconds ({grace}){gate}")
    };
    sleep.invalid_shown(&seconds.to_string(), &words);
}
