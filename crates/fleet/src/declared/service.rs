//! One service of a Fleet document.

use seaworthy_object::Field;

/// What is declared of a service: the workload and the Service of its name, unless it names others.
#[derive(Debug, Clone)]
pub struct DeclaredService<'a> {
    /// Everything that is said of it; null if it is only named.
    pub field: Field<'a>,
    /// Its name.
    pub name: &'a str,
    /// `workload`: a name, or `Kind/name`.
    pub workload: Option<Field<'a>>,
    /// `service`: the names of its Services.
    pub services: Vec<Field<'a>>,
    /// `namespace`.
    pub namespace: Option<&'a str>,
    /// `ports`; some and empty means that it has no Service.
    pub ports: Option<Vec<Stated<'a, i64>>>,
    /// `links`.
    pub links: Vec<Link<'a>>,
    /// `exposure`.
    pub exposure: Option<Stated<'a, Exposure>>,
    /// `stateful`.
    pub stateful: Option<Stated<'a, Stateful>>,
    /// `writers`.
    pub writers: Vec<Field<'a>>,
    /// `scale`.
    pub scale: Option<Scale<'a>>,
    /// `replicas`.
    pub replicas: Option<Stated<'a, i64>>,
    /// `promises`.
    pub promises: Vec<&'a str>,
}

/// A value, and where it is stated.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a, T> {
    /// The value.
    pub value: T,
    /// Where.
    pub field: Field<'a>,
}

/// A call from one service to another, or to an external.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Where it is stated.
    pub field: Field<'a>,
    /// The service or external that is called.
    pub to: &'a str,
    /// The host as the caller spells it.
    pub host: Option<Field<'a>>,
    /// The port it calls.
    pub port: Option<Stated<'a, i64>>,
}

/// From how far out something can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exposure {
    /// By nobody: it has no Service.
    None,
    /// From within the cluster.
    Cluster,
    /// On a port of its nodes.
    Node,
    /// From the network of the cluster, through a load balancer or Ingress that is not public.
    Internal,
    /// From everywhere.
    Public,
}

/// Whether a service keeps data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stateful {
    /// It keeps none.
    No,
    /// It keeps data that must not be lost.
    Yes,
    /// It keeps data, and losing them is accepted.
    AcceptedRisk,
}

/// What an autoscaler should do.
#[derive(Debug, Clone, Copy)]
pub struct Scale<'a> {
    /// Where it is stated.
    pub field: Field<'a>,
    /// The fewest copies.
    pub min: Option<Stated<'a, i64>>,
    /// The most copies.
    pub max: Option<Stated<'a, i64>>,
    /// The target, in per cent of the cpu request.
    pub cpu: Option<Stated<'a, i64>>,
}

impl Exposure {
    /// From nowhere to everywhere.
    pub const ALL: [Exposure; 5] =
        [Exposure::None, Exposure::Cluster, Exposure::Node, Exposure::Internal, Exposure::Public];

    /// Its name in a Fleet document.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Exposure::None => "none",
            Exposure::Cluster => "cluster",
            Exposure::Node => "node",
            Exposure::Internal => "internal",
            Exposure::Public => "public",
        }
    }
}

impl<'a> DeclaredService<'a> {
    pub(super) fn read(name: &'a str, field: Field<'a>) -> Self {
        let services = match field.get("service") {
            Some(list) if list.node().is_sequence() => list.items().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        Self {
            field,
            name,
            workload: field.get("workload").filter(|it| !it.text().is_empty()),
            services,
            namespace: field.str_at("namespace"),
            ports: field.get("ports").map(|list| list.items().filter_map(number).collect()),
            links: field.items_at("links").map(Link::read).collect(),
            exposure: field.get("exposure").and_then(|it| {
                let value = Exposure::ALL.into_iter().find(|exposure| exposure.as_str() == it.text())?;
                Some(Stated { value, field: it })
            }),
            stateful: field.get("stateful").and_then(|it| Some(Stated { value: Stateful::of(it)?, field: it })),
            writers: field.items_at("writers").collect(),
            scale: field.get("scale").map(|it| {
                let stated = |key| it.get(key).and_then(number);
                Scale { field: it, min: stated("min"), max: stated("max"), cpu: stated("cpu") }
            }),
            replicas: field.get("replicas").and_then(number),
            promises: super::texts(field, "promises"),
        }
    }

    /// The kind and the name of its workload; no kind means any.
    #[must_use]
    pub fn workload_name(&self) -> (Option<&'a str>, &'a str) {
        let given = self.workload.map_or(self.name, |it| it.text());
        given.split_once('/').map_or((None, given), |(kind, name)| (Some(kind), name))
    }

    /// The names of its Services.
    #[must_use]
    pub fn service_names(&self) -> Vec<&'a str> {
        if self.services.is_empty() { vec![self.name] } else { self.services.iter().map(|it| it.text()).collect() }
    }
}

impl<'a> Link<'a> {
    fn read(field: Field<'a>) -> Self {
        let to = field.get("to").map_or(field.text(), |it| it.text());
        Self { field, to, host: field.get("host"), port: field.get("port").and_then(number) }
    }

    /// Where the name of the service that is called stands.
    #[must_use]
    pub fn target(&self) -> Field<'a> {
        self.field.get("to").unwrap_or(self.field)
    }
}

impl Stateful {
    fn of(field: Field<'_>) -> Option<Self> {
        match (field.as_bool(), field.text()) {
            (Some(true), _) => Some(Stateful::Yes),
            (Some(false), _) => Some(Stateful::No),
            (None, "accepted-risk") => Some(Stateful::AcceptedRisk),
            (None, _) => None,
        }
    }
}

fn number(field: Field<'_>) -> Option<Stated<'_, i64>> {
    field.as_int().filter(|&it| it >= 0).map(|value| Stated { value, field })
}
