//! The pods that a selector meets, found once for all who ask.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use foldhash::HashSet;
use seaworthy_object::{IntOrString, Pod, Port};
use seaworthy_source::order;

/// The pods that a selector meets, in order.
#[derive(Debug, Clone)]
pub struct Selected<'a>(Arc<Shared<'a>>);

#[derive(Debug)]
struct Shared<'a> {
    pods: Vec<Pod<'a>>,
    ports: OnceLock<Ports<'a>>,
}

/// The ports that pods declare ([`Pod::ports`]).
#[derive(Debug, Default)]
pub struct Ports<'a> {
    distinct: Vec<Port<'a>>,
    numbers: HashSet<(i64, &'a str)>,
    /// Names with their protocols.
    names: HashSet<(&'a str, &'a str)>,
    sorted_numbers: Vec<i64>,
    sorted_names: Vec<&'a str>,
    some_declare_none: bool,
}

impl<'a> Selected<'a> {
    pub(crate) fn new(pods: Vec<Pod<'a>>) -> Self {
        Self(Arc::new(Shared { pods, ports: OnceLock::new() }))
    }

    /// The ports they declare.
    #[must_use]
    pub fn ports(&self) -> &Ports<'a> {
        self.0.ports.get_or_init(|| Ports::of(&self.0.pods))
    }
}

impl<'a> Deref for Selected<'a> {
    type Target = [Pod<'a>];

    fn deref(&self) -> &[Pod<'a>] {
        &self.0.pods
    }
}

impl<'a> Ports<'a> {
    fn of(pods: &[Pod<'a>]) -> Self {
        let mut ports = Self::default();
        let mut seen = HashSet::default();
        for pod in pods {
            let mut declares_none = true;
            for port in pod.ports() {
                declares_none = false;
                let (number, name, protocol) = (port.number(), port.name(), port.protocol());
                if seen.insert((number, name, protocol)) {
                    ports.distinct.push(port);
                    ports.numbers.extend(number.map(|it| (it, protocol)));
                    ports.names.extend(name.map(|it| (it, protocol)));
                }
            }
            ports.some_declare_none |= declares_none;
        }
        ports.sorted_numbers = ports.distinct.iter().filter_map(Port::number).collect();
        order::sort(&mut ports.sorted_numbers);
        ports.sorted_numbers.dedup();
        ports.sorted_names = ports.distinct.iter().filter_map(Port::name).collect();
        order::sort(&mut ports.sorted_names);
        ports.sorted_names.dedup();
        ports
    }

    /// True if one of them is the port that a target names, by number or by name, for a protocol.
    #[must_use]
    pub fn has(&self, target: IntOrString<'_>, protocol: &str) -> bool {
        match target {
            IntOrString::Int(number) => self.numbers.contains(&(number, protocol)),
            IntOrString::String(name) => self.names.contains(&(name, protocol)),
        }
    }

    /// True if some pod declares no port at all, as it need not.
    #[must_use]
    pub fn some_declare_none(&self) -> bool {
        self.some_declare_none
    }

    /// Each port once, in order: those of the same number, name and protocol are one.
    #[must_use]
    pub fn distinct(&self) -> &[Port<'a>] {
        &self.distinct
    }

    /// Their numbers, each once and sorted.
    #[must_use]
    pub fn numbers(&self) -> &[i64] {
        &self.sorted_numbers
    }

    /// Their names, each once and sorted.
    #[must_use]
    pub fn names(&self) -> &[&'a str] {
        &self.sorted_names
    }
}
