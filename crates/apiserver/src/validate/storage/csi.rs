//! What drivers of the Container Storage Interface say of themselves.

use super::super::core::node_label;
use super::super::core::volume::source::csi_driver_name;
use super::super::meta;
use super::super::names::{self, BYTES, Form};
use super::super::same::same;
use super::super::seen::Seen;
use super::super::value::Value;

const GROUP_POLICIES: &[&str] = &["File", "None", "ReadWriteOnceWithFSType"];
/// In the server's order.
const LIFECYCLE_MODES: &[&str] = &["Persistent", "Ephemeral"];
/// The longest id of a node (`csiNodeIDMaxLength`).
const NODE_ID_LIMIT: usize = 256;
/// The version that has `MutableCSINodeAllocatableCount` and `CSIServiceAccountTokenSecrets` switched on.
const TOKENS_IN_SECRETS: u8 = 35;

/// `ValidateCSIDriver`.
pub(super) fn driver(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    let (policy, tokens) = (spec.get("fsGroupPolicy"), spec.get("tokenRequests"));
    if policy.is_present() && !GROUP_POLICIES.contains(&policy.str()) {
        policy.not_supported(GROUP_POLICIES);
    }
    token_requests(tokens);
    let modes = spec.get("volumeLifecycleModes");
    for mode in modes.items().filter(|mode| !LIFECYCLE_MODES.contains(&mode.str())) {
        mode.named(modes.path()).not_supported(LIFECYCLE_MODES);
    }
    let period = spec.get("nodeAllocatableUpdatePeriodSeconds");
    if period.opt_int().is_some_and(|it| it < 10) && period.since(TOKENS_IN_SECRETS) {
        period.invalid("must be greater than or equal to 10 seconds");
    }
    let secrets = spec.get("serviceAccountTokenInSecrets");
    if secrets.is_present() && tokens.is_empty() && secrets.since(TOKENS_IN_SECRETS) {
        secrets.invalid("serviceAccountTokenInSecrets is set but no tokenRequests are specified");
    }
    let asked_before = object.run().before.is_some_and(|it| same(tokens, it.root().at("spec.tokenRequests")));
    let unsaid = !secrets.is_present() && !tokens.is_empty() && !asked_before;
    if unsaid && !object.run().refuses() && tokens.since(TOKENS_IN_SECRETS) {
        tokens.warn(
            "spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent \
             possible logging of tokens in volume attributes",
        );
    }
}

/// `validateTokenRequests`: an audience once.
fn token_requests(list: Value<'_>) {
    let mut audiences = Seen::default();
    for request in list.items() {
        let (audience, seconds) = (request.get("audience"), request.get("expirationSeconds"));
        if !audiences.insert(audience.str()) {
            audience.duplicate();
        } else if let Some(count) = seconds.opt_int() {
            lifetime(seconds, count);
        }
    }
}

fn lifetime(seconds: Value<'_>, count: i64) {
    if count < 10 * 60 {
        seconds.invalid("may not specify a duration less than 10 minutes");
    }
    if count > 1 << 32 {
        seconds.invalid("may not specify a duration larger than 2^32 seconds");
    }
}

/// `ValidateCSINode`.
pub(super) fn node(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let mut seen = Seen::default();
    for driver in object.at("spec.drivers").items() {
        let (name, id) = (driver.get("name"), driver.get("nodeID"));
        csi_driver_name(name);
        if id.is_empty() {
            id.required("");
        } else if id.len() > NODE_ID_LIMIT {
            id.invalid(&format!("must be {NODE_ID_LIMIT} characters or less"));
        }
        meta::nonnegative(driver.at("allocatable.count"));
        if !seen.insert(name.str()) {
            name.duplicate();
        }
        topology_keys(driver);
    }
}

/// The keys of a driver's topology: the server names the driver.
fn topology_keys(driver: Value<'_>) {
    let mut seen = Seen::default();
    for key in driver.items_of("topologyKeys") {
        let here = || key.named(driver.path());
        if key.is_empty() {
            here().required("");
        }
        if !seen.insert(key.str()) {
            here().duplicate();
        }
        if !names::is_key(key.str()) {
            here().invalid_each(names::key_faults(key.str(), key.since(BYTES)));
        }
    }
}

/// `ValidateCSIStorageCapacity`.
pub(super) fn storage_capacity(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let (topology, class, capacity) =
        (object.get("nodeTopology"), object.get("storageClassName"), object.get("capacity"));
    meta::label_selector(topology);
    class.invalid_each(Form::Subdomain.faults(class.str()));
    if let Some(negative) = capacity.quantity().filter(|it| it.is_negative()) {
        capacity.invalid_text(&negative.to_string(), "must be greater than or equal to 0");
    }
    if !object.run().refuses() {
        node_label::warn_selector(topology);
    }
}
