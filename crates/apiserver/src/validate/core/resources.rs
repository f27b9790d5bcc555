//! Limits, requests and claims of containers (`validateResourceRequirements`).

mod pod;

use seaworthy_object::Quantity;

use super::super::keys::Keys;
use super::super::names::{self, BYTES, Form};
use super::super::seen::Seen;
use super::super::value::Value;
use super::super::words::Reason;
pub(in crate::validate) use pod::of_pod;

/// `standardResources`.
const STANDARD: &[&str] = &[
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];
/// `integerResources`.
const INTEGERS: &[&str] = &[
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
];
/// Pages of a size are a resource of this name and the size.
const HUGE_PAGES: &str = "hugepages-";
/// Since here servers print the name of a resource in quotes, as any text.
const QUOTED: u8 = 34;
/// `isNotIntegerErrorMsg`.
const NOT_WHOLE: &str = "must be an integer";
/// Since here pods claim resources (`DynamicResourceAllocation`); before, claims are dropped.
const CLAIMS: u8 = 34;
/// So many names of claims are listed for one that is not among them. The server lists all.
const MOST_LISTED: usize = 50;

/// Whether requests that are not there are as the limits: so it is in a pod, not in a template of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Requests {
    AsGiven,
    LikeLimits,
}

/// `ValidateContainerResourceRequirements`. `spec` is the pod's, for its claims.
pub(super) fn of_container(resources: Value<'_>, spec: Value<'_>, defaulted: Requests) {
    if !resources.is_present() {
        return;
    }
    let (limits, requests) = (resources.get("limits"), resources.get("requests"));
    let (limit_of, request_of) = (Keys::of(limits), Keys::of(requests));
    let mut found = Found::default();
    for (key, limit) in limits.entries() {
        let before = limit.run().said();
        found.judge(limit, container_name);
        // What is wrong with a limit is wrong with the request that is made of it, too.
        if limit.run().said() > before && defaulted == Requests::LikeLimits && request_of.get(key).is_none() {
            found.judge(limit.named(format!("{}[{key}]", requests.path())), container_name);
        }
    }
    for (key, request) in requests.entries() {
        found.judge(request, container_name);
        against_limit(key, &quantity(request), limit_of.get(key).map(quantity), requests, limits);
    }
    found.refuse_lone_huge_pages(resources);
    claims(resources.get("claims"), spec);
}

/// Whether a pod has the resource for all its containers together (`IsSupportedPodLevelResource`).
fn is_of_pods(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with(HUGE_PAGES)
}

/// `validateOverhead`: amounts that the server has as limits there. Of a RuntimeClass, `podFixed` is named `overhead`.
pub(in crate::validate) fn overhead(map: Value<'_>) {
    let mut found = Found::default();
    for (key, amount) in map.entries() {
        found.judge(amount.named(format!("{}.limits[{key}]", map.path())), container_name);
    }
    found.refuse_lone_huge_pages(map);
}

/// Which resources are there.
#[derive(Default)]
struct Found {
    cpu_or_memory: bool,
    huge_pages: bool,
}

impl Found {
    fn refuse_lone_huge_pages(&self, resources: Value<'_>) {
        if self.huge_pages && !self.cpu_or_memory {
            resources.forbidden("HugePages require cpu or memory");
        }
    }

    fn take(&mut self, name: &str) {
        self.cpu_or_memory |= matches!(name, "cpu" | "memory");
        self.huge_pages |= name.starts_with(HUGE_PAGES);
    }

    /// Takes one, and judges its name and amount.
    fn judge(&mut self, amount: Value<'_>, rule: fn(Value<'_>)) {
        rule(amount);
        self::amount(amount);
        let name = amount.key();
        self.take(name);
        if name.starts_with(HUGE_PAGES) {
            huge_pages(amount, name, &quantity(amount));
        }
    }
}

/// `validateResourceQuantityHugePageValue`: whole pages.
fn huge_pages(at: Value<'_>, name: &str, quantity: &Quantity) {
    let Some(size) = name.strip_prefix(HUGE_PAGES) else { return };
    let size = size.parse::<Quantity>().ok().filter(|size| size.milli_value() > 0 && is_whole(size));
    if size.is_none_or(|size| quantity.value().checked_rem(size.value()) != Some(0)) {
        at.invalid_text(&quantity.to_string(), &format!("{quantity} is not positive integer multiple of {name}"));
    }
}

/// Bytes are whole: of memory and storage (`warningsForPodSpecAndMeta`).
pub(super) fn warn_fractions(resources: Value<'_>, defaulted: Requests) {
    let (limits, requests) = (resources.get("limits"), resources.get("requests"));
    for name in ["memory", "ephemeral-storage"] {
        let limit = limits.entry(name);
        if let Some(limit) = limit {
            warn_fraction(limit, limits);
        }
        let like_limit = limit.filter(|_| defaulted == Requests::LikeLimits);
        if let Some(request) = requests.entry(name).or(like_limit) {
            warn_fraction(request, requests);
        }
    }
}

/// Of one amount, in the list where the server has it.
fn warn_fraction(amount: Value<'_>, list: Value<'_>) {
    let quantity = quantity(amount);
    if !is_whole(&quantity) {
        let (path, name) = (list.path(), amount.key());
        let shown = seaworthy_cel::quoted(&quantity.to_string());
        amount.warn(format!("{path}[{name}]: fractional byte value {shown} is invalid, must be an integer"));
    }
}

/// The amount of a resource, null being nothing. Servers round it up to thousandths (`SetDefaults_ResourceList`).
fn quantity(amount: Value<'_>) -> Quantity {
    amount.quantity().map_or_else(Quantity::zero, Quantity::rounded_to_thousandths)
}

fn is_whole(quantity: &Quantity) -> bool {
    quantity.milli_value_in_64_bits() % 1000 == 0
}

/// `ValidateResourceQuantityValue`, of the value under a resource's name.
pub(in crate::validate) fn amount(amount: Value<'_>) {
    let quantity = quantity(amount);
    not_negative(amount, &quantity);
    if !is_whole(&quantity) && is_integer(amount.key()) {
        amount.invalid(NOT_WHOLE);
    }
}

fn not_negative(at: Value<'_>, quantity: &Quantity) {
    if quantity.is_negative() {
        at.invalid_text(&quantity.to_string(), "must be greater than or equal to 0");
    }
}

/// A request and its limit: no more than that, and no less where nothing is shared.
fn against_limit(name: &str, asked: &Quantity, limit: Option<Quantity>, requests: Value<'_>, limits: Value<'_>) {
    let shared = is_native(name) && !name.starts_with(HUGE_PAGES);
    let Some(limit) = limit else {
        if !shared {
            limits.required("Limit must be set for non overcommitable resources");
        }
        return;
    };
    let words = match asked.cmp(&limit) {
        std::cmp::Ordering::Equal => return,
        _ if !shared => "must be equal to",
        std::cmp::Ordering::Greater => "must be less than or equal to",
        std::cmp::Ordering::Less => return,
    };
    requests.invalid_text(&asked.to_string(), &format!("{words} {name} limit of {limit}"));
}

/// The name of a resource as servers print it, which before 1.34 was not in quotes.
pub(in crate::validate) fn shown_name(value: Value<'_>, name: &str) -> String {
    if value.since(QUOTED) { seaworthy_cel::quoted(name) } else { name.to_owned() }
}

/// Says what is wrong with the name of a resource, the key of the value.
pub(in crate::validate) fn invalid_name(resource: Value<'_>, words: &str) {
    resource.invalid_key_shown_at(&shown_name(resource, resource.key()), &resource.path(), words);
}

/// `validateResourceName`.
pub(in crate::validate) fn resource_name(resource: Value<'_>) {
    let name = resource.key();
    if !names::is_key(name) {
        for fault in names::key_faults(name, resource.since(BYTES)) {
            invalid_name(resource, &fault);
        }
    } else if !name.contains('/') && !is_standard(name) {
        invalid_name(resource, "must be a standard resource type or fully qualified");
    }
}

/// `ValidateContainerResourceName`.
pub(in crate::validate) fn container_name(resource: Value<'_>) {
    let name = resource.key();
    if matches!(name, "cpu" | "memory" | "ephemeral-storage") {
        return;
    }
    resource_name(resource);
    if !name.contains('/') {
        if !name.starts_with(HUGE_PAGES) {
            invalid_name(resource, "must be a standard resource for containers");
        }
    } else if !is_native(name) && !is_extended(name) {
        invalid_name(resource, "doesn't follow extended resource name standard");
    }
}

/// `IsStandardResourceName`.
pub(in crate::validate) fn is_standard(name: &str) -> bool {
    STANDARD.contains(&name) || name.starts_with(HUGE_PAGES) || name.starts_with("requests.hugepages-")
}

/// `IsNativeResource`.
pub(in crate::validate) fn is_native(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// `IsExtendedResourceName`: quotas have it after `requests.`, and that too must be a name.
pub(in crate::validate) fn is_extended(name: &str) -> bool {
    !is_native(name) && !name.starts_with("requests.") && names::is_key(&format!("requests.{name}"))
}

/// `IsIntegerResourceName`.
fn is_integer(name: &str) -> bool {
    INTEGERS.contains(&name) || is_extended(name)
}

/// `validateResourceClaimNames`.
fn claims(list: Value<'_>, spec: Value<'_>) {
    if list.is_empty() || !list.since(CLAIMS) {
        return;
    }
    let mut of_pod = Seen::default();
    for claim in spec.items_of("resourceClaims").filter(|it| !it.get("name").is_empty()) {
        of_pod.insert(claim.str_of("name"));
    }
    let mut names = Seen::default();
    for claim in list.items() {
        let (name, request) = (claim.str_of("name"), claim.get("request"));
        if name.is_empty() {
            claim.required("");
            continue;
        }
        if names.has(name) {
            claim.duplicate_shown(&seaworthy_cel::quoted(name));
        } else if request.is_empty() {
            // One of its requests was named before.
            for _ in 0..names.beginning_with(&format!("{name}/")) {
                claim.duplicate_shown(&seaworthy_cel::quoted(name));
            }
            names.insert(name);
        } else {
            request.invalid_each(Form::Label.faults(request.str()));
            let key = format!("{name}/{}", request.str());
            if names.has(&key) {
                claim.duplicate_shown(&seaworthy_cel::quoted(&key));
            }
            names.insert(key);
        }
        if !of_pod.has(name) {
            let detail = match of_pod.len() {
                0 => "must be one of the names in pod.spec.resourceClaims which is empty".to_owned(),
                _ => format!("must be one of the names in pod.spec.resourceClaims: {}", of_pod.joined(MOST_LISTED)),
            };
            claim.say(Reason::NotFound, Some(&seaworthy_cel::quoted(name)), &detail, None);
        }
    }
}
