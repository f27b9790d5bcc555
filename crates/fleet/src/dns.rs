//! What a host name leads to, asked as a pod asks: cluster DNS with the search list of the pod's namespace.
//!
//! The records are those of the Kubernetes DNS specification 1.1; the zone is `cluster.local`, as everywhere. Pods have
//! names behind headless Services only, says the specification; CoreDNS answers behind any (`findServices` of its
//! plugin
//! `kubernetes`), so that such a name is never said to lead nowhere.

use core::net::IpAddr;

use seaworthy_object::{Object, Pod};

use crate::nearest::is_near;
use crate::reference::{Why, is_filled_in_later};
use crate::{Fleet, nearest};
use seaworthy_facts::External;

/// What a host name leads to.
#[derive(Debug, Clone)]
pub enum Host<'a> {
    /// A Service of the set.
    Service(&'a Object<'a>),
    /// A pod behind a Service, by its own name: `mongo-0.mongo`.
    Pod(Pod<'a>, &'a Object<'a>),
    /// A declared external.
    External(&'a External),
    /// A Service that every cluster has.
    BuiltIn,
    /// A name or address outside the cluster's domain: nothing is said about it.
    Outside,
    /// It leads nowhere.
    Nowhere(Nowhere<'a>),
    /// It may lead to something that was not given.
    Unknown(Why),
}

/// A name that leads nowhere, and what can be said about it.
#[derive(Debug, Clone)]
pub struct Nowhere<'a> {
    /// The Service that would have to be there, or is there without such a pod.
    pub service: String,
    /// The namespace it would have to be in.
    pub namespace: String,
    /// How the name is written: a bare word may be no host at all.
    pub spelling: Spelling,
    /// Whatever else exists: the Service is there, and has no such pod.
    pub is_certain: bool,
    /// The set is not complete, and only a near name speaks against it: a finding one level below the rule's.
    pub is_near_miss: bool,
    /// The nearest Service of that namespace.
    pub nearest: Option<&'a str>,
    /// A Service of that name in another namespace.
    pub elsewhere: Option<&'a Object<'a>>,
    /// Why, in a few words.
    pub why: String,
}

/// How a host name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// One word.
    Bare,
    /// Several words that need not be names of a cluster: `queue.prod`.
    Dotted,
    /// With `.svc`: certainly a name of a cluster.
    Qualified,
}

/// Asks for names. In an environment, objects that name no namespace lie in the environment's.
#[derive(Clone, Copy)]
pub struct Dns<'f, 'a> {
    fleet: &'f Fleet<'a>,
    environment: Option<&'f str>,
}

/// One way to read a name: the Service, its namespace, and the pod asked for.
#[derive(Debug, PartialEq, Eq)]
struct Reading<'n> {
    pod: Option<&'n str>,
    service: &'n str,
    namespace: &'n str,
    spelling: Spelling,
}

const ZONE: &str = "cluster.local";

impl<'a> Fleet<'a> {
    /// Asks for names where objects lie in the namespaces they say, or the default one.
    #[must_use]
    pub fn dns(&self) -> Dns<'_, 'a> {
        Dns { fleet: self, environment: None }
    }

    /// True if a Service offers a port; of a headless one the pods' ports count. None where nothing can be said: pods
    /// need not declare their ports, and an external name may answer on any.
    #[must_use]
    pub fn serves(&self, service: &'a Object<'a>, port: i64) -> Option<bool> {
        if service.str_at("spec.type") == Some("ExternalName") {
            return None;
        }
        let offered = |it: seaworthy_object::Field<'_>| it.get("port").and_then(|it| it.as_int()) == Some(port);
        if service.field().items_at("spec.ports").any(offered) {
            return Some(true);
        }
        if service.str_at("spec.clusterIP") != Some("None") {
            return Some(false);
        }
        declares(&self.pods_of(service), port)
    }
}

impl<'f, 'a> Dns<'f, 'a> {
    /// The same in an environment whose default namespace is `namespace`.
    #[must_use]
    pub fn in_environment(self, namespace: Option<&'f str>) -> Self {
        Self { environment: namespace, ..self }
    }

    /// The namespace of an object.
    #[must_use]
    pub fn namespace_of(&self, object: &'a Object<'a>) -> &'f str
    where
        'a: 'f,
    {
        match self.environment {
            Some(environment) if object.at("metadata.namespace").is_none() => environment,
            _ => object.namespace().unwrap_or("default"),
        }
    }

    /// What a host name leads to from a namespace.
    #[must_use]
    pub fn lookup(&self, host: &str, from: &str) -> Host<'a> {
        if is_filled_in_later(host) {
            return Host::Unknown(Why::Templated);
        }
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let externals = &self.fleet.facts().externals;
        let is_it = |it: &&External| it.host.as_deref().is_some_and(|host| host.eq_ignore_ascii_case(&name));
        if let Some(external) = externals.iter().find(is_it) {
            return Host::External(external);
        }
        if name.is_empty() || name == "localhost" || name.parse::<IpAddr>().is_ok() {
            return Host::Outside;
        }
        let readings = readings(&name, from);
        if let Some(answer) = readings.iter().find_map(|it| self.answer(it)) {
            return answer;
        }
        match readings.iter().find(|it| self.is_meant(it)) {
            Some(meant) => self.nowhere(meant),
            None => Host::Outside,
        }
    }

    fn service(&self, namespace: &str, name: &str) -> Option<&'a Object<'a>> {
        let lies_there = |it: &&'a Object<'a>| self.namespace_of(it) == namespace;
        let default = self.fleet.facts().namespace.as_str();
        let own = self.fleet.definitions("", "Service", Some(namespace), name).rev().find(lies_there);
        own.or_else(|| self.fleet.definitions("", "Service", Some(default), name).rev().find(lies_there))
    }

    fn answer(&self, reading: &Reading<'_>) -> Option<Host<'a>> {
        let Some(service) = self.service(reading.namespace, reading.service) else {
            let is_built_in = self.fleet.facts().brings("Service", Some(reading.namespace), reading.service);
            return (reading.pod.is_none() && is_built_in).then_some(Host::BuiltIn);
        };
        match reading.pod {
            None => Some(Host::Service(service)),
            Some(name) => self.pod(service, name).map(|pod| Host::Pod(pod, service)),
        }
    }

    /// The pod behind a Service that has this name.
    fn pod(&self, service: &'a Object<'a>, name: &str) -> Option<Pod<'a>> {
        self.fleet.pods_of(service).iter().copied().find(|pod| {
            let spec = pod.spec().field();
            let named = spec.str_at("hostname") == Some(name) && spec.str_at("subdomain") == Some(service.name());
            named || governed(*pod, service) && ordinal(*pod, name).is_some_and(|it| self.runs(*pod, it))
        })
    }

    /// True if a StatefulSet has, or its autoscaler may make, a pod of this ordinal.
    fn runs(&self, pod: Pod<'a>, ordinal: i64) -> bool {
        let start = pod.object().at("spec.ordinals.start").and_then(|it| it.as_int()).unwrap_or(0);
        let below = start.saturating_add(pod.replicas().unwrap_or(1));
        (start..below).contains(&ordinal) || ordinal >= below && self.fleet.scaler_of(pod.object()).is_some()
    }

    /// True if a name that nobody answers to is meant as one of the cluster.
    fn is_meant(&self, reading: &Reading<'_>) -> bool {
        match (reading.spelling, reading.pod) {
            (Spelling::Qualified, _) => true,
            (Spelling::Bare, pod) => pod.is_none(),
            (Spelling::Dotted, Some(_)) => self.service(reading.namespace, reading.service).is_some(),
            (Spelling::Dotted, None) => self.has_namespace(reading.namespace),
        }
    }

    fn has_namespace(&self, name: &str) -> bool {
        self.fleet.facts().brings("Namespace", None, name)
            || self.environment == Some(name)
            || self.fleet.object("", "Namespace", None, name).is_some()
            || self.fleet.pods_in(name).next().is_some()
    }

    fn nowhere(&self, reading: &Reading<'_>) -> Host<'a> {
        let Reading { service, namespace, spelling, pod } = *reading;
        let mut nowhere = Nowhere {
            service: service.to_owned(),
            namespace: namespace.to_owned(),
            spelling,
            is_certain: false,
            is_near_miss: false,
            nearest: None,
            elsewhere: None,
            why: format!("there is no Service `{service}` in namespace `{namespace}`"),
        };
        if let (Some(pod), Some(there)) = (pod, self.service(namespace, service)) {
            let Some(why) = self.no_pod(there, pod) else { return Host::Unknown(Why::MadeLater) };
            return Host::Nowhere(Nowhere { is_certain: true, why, ..nowhere });
        }
        if let Some(why) = self.fleet.service_made_later(namespace, service) {
            return Host::Unknown(why);
        }
        let here = self.fleet.of_kind("", "Service").filter(|it| self.namespace_of(it) == namespace).map(Object::name);
        let here: Vec<&str> = here.collect();
        nowhere.elsewhere = self.fleet.of_name("", "Service", service).next();
        if let Some(there) = nowhere.elsewhere {
            nowhere.why += &format!(" (it is in `{}`)", self.namespace_of(there));
        }
        if self.fleet.facts().complete {
            nowhere.nearest = nearest(service, here);
            return Host::Nowhere(nowhere);
        }
        nowhere.nearest = here.into_iter().filter(|it| is_near(service, it)).min();
        nowhere.is_near_miss = nowhere.nearest.is_some();
        if nowhere.is_near_miss { Host::Nowhere(nowhere) } else { Host::Unknown(Why::NotGiven) }
    }

    /// Why a Service that is there has no pod of a name; none if its pods come from elsewhere.
    fn no_pod(&self, service: &'a Object<'a>, name: &str) -> Option<String> {
        let pods = self.fleet.pods_of(service);
        let first = pods.first()?;
        let (kind, its) = (first.object().kind(), first.object().name());
        let Some(set) = pods.iter().find(|pod| pod.object().is("apps", "StatefulSet")) else {
            return Some(format!("pods of {kind} `{its}` have no names of their own"));
        };
        if !governed(*set, service) {
            return Some(format!("Service `{}` does not govern StatefulSet `{}`", service.name(), set.object().name()));
        }
        let replicas = set.replicas().unwrap_or(1);
        Some(format!("StatefulSet `{}` has {replicas} pods, and `{name}` is none of them", set.object().name()))
    }
}

/// True if one of these pods declares a port; none if they declare no port at all, as they need not.
#[must_use]
pub fn declares(pods: &[Pod<'_>], port: i64) -> Option<bool> {
    let ports: Vec<_> = pods.iter().flat_map(|pod| pod.containers()).flat_map(|it| it.ports()).collect();
    if ports.is_empty() { None } else { Some(ports.iter().any(|it| it.number() == Some(port))) }
}

fn governed(pod: Pod<'_>, service: &Object<'_>) -> bool {
    pod.object().is("apps", "StatefulSet") && pod.object().str_at("spec.serviceName") == Some(service.name())
}

/// 2 of `mongo-2`, for the StatefulSet `mongo`.
fn ordinal(pod: Pod<'_>, name: &str) -> Option<i64> {
    name.strip_prefix(pod.object().name())?.strip_prefix('-')?.parse().ok()
}

/// The ways to read a name, in the order in which a resolver with `ndots:5` asks.
fn readings<'n>(name: &'n str, from: &'n str) -> Vec<Reading<'n>> {
    let qualified = name.strip_suffix(ZONE).and_then(|it| it.strip_suffix('.')).unwrap_or(name);
    let reading = |pod, service, namespace, spelling| Reading { pod, service, namespace, spelling };
    let parts: Vec<&str> = qualified.strip_suffix(".svc").unwrap_or(qualified).split('.').collect();
    if qualified.ends_with(".svc") {
        return match *parts.as_slice() {
            [service, namespace] => vec![reading(None, service, namespace, Spelling::Qualified)],
            [pod, service, namespace] => vec![reading(Some(pod), service, namespace, Spelling::Qualified)],
            _ => Vec::new(),
        };
    }
    match *parts.as_slice() {
        [service] => vec![reading(None, service, from, Spelling::Bare)],
        [first, second] => {
            vec![reading(Some(first), second, from, Spelling::Dotted), reading(None, first, second, Spelling::Dotted)]
        }
        [pod, service, namespace] => vec![reading(Some(pod), service, namespace, Spelling::Dotted)],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_a_resolver_asks() {
        let one = |name| {
            let all: Vec<_> = readings(name, "shop").into_iter().map(|it| (it.pod, it.service, it.namespace)).collect();
            all
        };
        assert_eq!(one("queue"), [(None, "queue", "shop")]);
        assert_eq!(one("queue.prod"), [(Some("queue"), "prod", "shop"), (None, "queue", "prod")]);
        assert_eq!(one("queue.prod.svc"), [(None, "queue", "prod")]);
        assert_eq!(one("queue.prod.svc.cluster.local"), [(None, "queue", "prod")]);
        assert_eq!(one("m-0.m.prod.svc.cluster.local"), [(Some("m-0"), "m", "prod")]);
        assert_eq!(one("api.example.co.uk"), []);
    }
}
