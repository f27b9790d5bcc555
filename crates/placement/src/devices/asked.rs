//! What claims ask for: requests, each with one choice or several, and constraints.

use seaworthy_fleet::{Fleet, Resolution};
use seaworthy_object::{Field, Version};

use super::GROUP;
use super::selector::{SelectorId, Selectors};

/// What a claim asks for.
#[derive(Clone, Default)]
pub(super) struct Asked<'a> {
    pub(super) requests: Vec<Request<'a>>,
    pub(super) constraints: Vec<Constraint<'a>>,
    /// What the scheduler says before it looks at any node.
    pub(super) refusal: Option<String>,
    /// Why nobody knows whether it is met.
    pub(super) doubt: Option<&'static str>,
}

/// A request.
#[derive(Clone)]
pub(super) struct Request<'a> {
    pub(super) name: &'a str,
    /// The first that a node has counts.
    pub(super) choices: Vec<Choice<'a>>,
    /// `firstAvailable`.
    pub(super) is_list: bool,
}

/// A way to meet a request.
#[derive(Clone)]
pub(super) struct Choice<'a> {
    /// The name of a subrequest.
    pub(super) name: &'a str,
    pub(super) class: &'a str,
    /// Those of the class and then its own, each with its place among them.
    pub(super) selectors: Vec<(IsOfClass, usize, SelectorId)>,
    /// How many devices; all if nothing is said here.
    pub(super) count: Option<usize>,
    pub(super) admin: bool,
    pub(super) tolerations: Vec<Field<'a>>,
}

type IsOfClass = bool;

/// A constraint on the devices of some requests, or of all.
#[derive(Clone)]
pub(super) struct Constraint<'a> {
    /// The full name of an attribute.
    pub(super) attribute: &'a str,
    pub(super) requests: Vec<&'a str>,
    /// True if the devices must differ in it, false if they must be alike.
    pub(super) differ: bool,
}

/// The server takes no longer lists of requests, constraints and selectors (`DeviceRequestsMaxSize` and its like).
const MOST_LISTED: usize = 32;
const REFUSED: &str = "no server takes its claim, which lists too much";

/// `distinctAttribute` counts from here on (`DRAConsumableCapacity`).
const DISTINCT_SINCE: u8 = 36;

impl<'a> Request<'a> {
    /// What the scheduler calls it, or one of its choices.
    pub(super) fn called(&self, choice: &Choice<'a>) -> &'a str {
        if self.is_list { choice.name } else { self.name }
    }
}

impl Constraint<'_> {
    /// True if it is about a request.
    pub(super) fn means(&self, request: &str, choice: &str) -> bool {
        let is_it = |it: &&str| **it == *request || (it.split_once('/') == Some((request, choice)));
        self.requests.is_empty() || self.requests.iter().any(is_it)
    }
}

impl<'a> Asked<'a> {
    /// The `spec` of a claim.
    pub(super) fn of(spec: Field<'a>, fleet: &Fleet<'a>, version: Version, selectors: &mut Selectors<'a>) -> Self {
        let mut asked = Self::default();
        if ["devices.requests", "devices.constraints"].iter().any(|it| is_long(spec, it)) {
            asked.doubt = Some(REFUSED);
            return asked;
        }
        for field in spec.items_at("devices.requests") {
            if is_long(field, "firstAvailable") {
                asked.doubt = Some(REFUSED);
                return asked;
            }
            let mut request = Request { name: text(field, "name"), choices: Vec::new(), is_list: false };
            for sub in field.items_at("firstAvailable") {
                request.is_list = true;
                let called = format!("{}/{}", request.name, text(sub, "name"));
                request.choices.push(asked.choice(sub, &called, (fleet, version), selectors));
            }
            if !request.is_list {
                // Before the first stable version it stood one level higher.
                let exactly = field.get("exactly").unwrap_or(field);
                request.choices.push(asked.choice(exactly, request.name, (fleet, version), selectors));
            }
            asked.requests.push(request);
        }
        for field in spec.items_at("devices.constraints") {
            // Servers before that drop the field.
            let distinct = field.get("distinctAttribute").filter(|_| version.minor() >= DISTINCT_SINCE);
            let distinct = distinct.map(|it| it.text());
            let Some(attribute) = field.get("matchAttribute").map(|it| it.text()).or(distinct) else { continue };
            let requests = field.items_at("requests").map(|it| it.text()).collect();
            asked.constraints.push(Constraint { attribute, requests, differ: distinct.is_some() });
        }
        asked
    }

    fn choice(
        &mut self,
        field: Field<'a>,
        called: &str,
        (fleet, version): (&Fleet<'a>, Version),
        selectors: &mut Selectors<'a>,
    ) -> Choice<'a> {
        let class = text(field, "deviceClassName");
        if is_long(field, "selectors") || is_long(field, "tolerations") {
            self.doubt = Some(REFUSED);
        }
        let mut choice = Choice {
            name: text(field, "name"),
            class,
            selectors: Vec::new(),
            count: match field.str_at("allocationMode") {
                Some("All") => None,
                // None at all is one (`SetDefaults_ExactDeviceRequest`).
                _ => Some(field.get("count").and_then(|it| usize::try_from(it.as_int()?).ok()).unwrap_or(1).max(1)),
            },
            admin: field.get("adminAccess").is_some_and(|it| it.is_true()),
            tolerations: field.items_at("tolerations").collect(),
        };
        if field.get("capacity").is_some() || field.get("derivedAttributes").is_some() {
            self.doubt = Some("its claim asks for a part of a device");
        }
        match fleet.object(GROUP, "DeviceClass", None, class) {
            Some(object) => choice.add(object.field(), "spec.selectors", true, selectors, version),
            None => match fleet.resolve(GROUP, "DeviceClass", None, class) {
                Resolution::Broken { .. } => {
                    let why = format!("request {called}: device class {class} does not exist");
                    self.refusal.get_or_insert(why);
                }
                _ => self.doubt = Some("the class of its devices is not in the given set"),
            },
        }
        choice.add(field, "selectors", false, selectors, version);
        choice
    }
}

impl<'a> Choice<'a> {
    fn add(
        &mut self,
        field: Field<'a>,
        list: &str,
        is_of_class: bool,
        selectors: &mut Selectors<'a>,
        version: Version,
    ) {
        for (selector, at) in field.items_at(list).zip(0..) {
            let expression = selector.at("cel.expression").map_or("", |it| it.text());
            self.selectors.push((is_of_class, at, selectors.add(expression, version)));
        }
    }
}

fn is_long(field: Field<'_>, list: &str) -> bool {
    field.items_at(list).nth(MOST_LISTED).is_some()
}

pub(super) fn text<'a>(field: Field<'a>, key: &str) -> &'a str {
    field.get(key).map_or("", |it| it.text())
}
