//! `admin-console-exposed`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Fleet, is_internal};
use seaworthy_object::{Field, IntOrString, Object, Pod};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AdminConsoleExposed {
    /// The ports that count, instead of those known for a console, metrics or a store.
    pub(crate) ports: Vec<u16>,
}

impl Rule for AdminConsoleExposed {
    const META: Meta = Meta {
        id: "admin-console-exposed",
        category: Category::Network,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("admin_console_exposed.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

/// What listens on a port by default, so that finding it open is news. Where others use the number too, one of the
/// words must stand in the name of the Service, of its port, of a container or in an image.
struct Console {
    port: i64,
    what: &'static str,
    words: &'static [&'static str],
}

const fn known(port: i64, what: &'static str) -> Console {
    Console { port, what, words: &[] }
}

const fn shared(port: i64, what: &'static str, words: &'static [&'static str]) -> Console {
    Console { port, what, words }
}

/// The default ports of consoles, metrics and stores (their documentation).
const CONSOLES: &[Console] = &[
    known(8161, "the console of ActiveMQ"),
    known(15672, "the console of RabbitMQ"),
    known(5601, "Kibana"),
    known(16686, "Jaeger"),
    known(9411, "Zipkin"),
    known(20001, "Kiali"),
    known(9100, "the metrics of the node exporter"),
    known(27017, "MongoDB"),
    known(3306, "MySQL"),
    known(5432, "PostgreSQL"),
    known(1433, "SQL Server"),
    known(6379, "Redis"),
    known(11211, "Memcached"),
    known(9200, "Elasticsearch"),
    known(9300, "Elasticsearch"),
    known(9042, "Cassandra"),
    known(5984, "CouchDB"),
    known(8086, "InfluxDB"),
    known(7474, "Neo4j"),
    known(26257, "CockroachDB"),
    known(2379, "etcd"),
    known(5672, "RabbitMQ"),
    known(61616, "ActiveMQ"),
    shared(3000, "Grafana", &["grafana"]),
    shared(9090, "Prometheus", &["prometheus"]),
    shared(9091, "the Prometheus push gateway", &["pushgateway"]),
    shared(9093, "Alertmanager", &["alertmanager"]),
    shared(9092, "Kafka", &["kafka"]),
    shared(1521, "Oracle", &["oracle"]),
    shared(8200, "Vault", &["vault"]),
    shared(8500, "Consul", &["consul"]),
    shared(8080, "Adminer", &["adminer"]),
    shared(80, "phpMyAdmin", &["phpmyadmin"]),
    shared(80, "pgAdmin", &["pgadmin"]),
    shared(8081, "Mongo Express", &["mongo-express"]),
    shared(8443, "the Kubernetes dashboard", &["kubernetes-dashboard"]),
    shared(9000, "MinIO", &["minio"]),
    shared(9001, "the console of MinIO", &["minio"]),
    shared(9000, "Portainer", &["portainer"]),
    shared(8888, "Jupyter", &["jupyter", "notebook"]),
];

/// Annotations of an Ingress by which visitors must log in or come from a listed address: how the key ends, whoever the
/// controller is.
const GUARDS: &[&str] = &[
    "/auth-type",
    "/auth-url",
    "/auth-secret",
    "/auth-signin",
    "/auth-tls-secret",
    "/basic-auth-secret",
    "/jwt-key",
    "/whitelist-source-range",
    "/allowlist-source-range",
    "/whitelist",
    "/allow-list",
    "/inbound-cidrs",
];

/// Annotations that name plug-ins, and what the name of one says that asks for a login.
const PLUG_INS: &[&str] = &["/router.middlewares", "/plugins", "/policies"];
const LOGINS: &[&str] = &["auth", "oidc", "login", "sso", "whitelist", "allowlist", "ip-restriction"];

/// A port of a Service behind which a console was found.
struct Found<'a> {
    at: Field<'a>,
    port: i64,
    what: String,
}

impl AdminConsoleExposed {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if object.is("", "Service") {
            let is_node_port = object.str_at("spec.type") == Some("NodePort");
            if is_node_port || fleet.is_open_to_world(object) {
                self.check_service(fleet, object, is_node_port, report);
            }
        }
        if object.is("networking.k8s.io", "Ingress") && !is_internal(object) && !asks_for_login(object) {
            self.check_ingress(fleet, object, report);
        }
    }

    fn check_service<'a>(
        &self,
        fleet: &Fleet<'a>,
        service: &'a Object<'a>,
        is_node_port: bool,
        report: &mut Reporter<'_>,
    ) {
        for entry in service.field().items_at("spec.ports") {
            let Some(found) = self.console(fleet, service, entry) else { continue };
            let (what, port) = (found.what, found.port);
            let way = match entry.get("nodePort") {
                Some(node_port) if is_node_port => format!("port {} of every node", node_port.text()),
                _ if is_node_port => "a port of every node".to_owned(),
                _ => "a load balancer that is open to the internet".to_owned(),
            };
            report
                .say(found.at, format!("{} lets people from outside reach {what} (port {port}) through {way}", service.reference()))
                .label(what)
                .help("make it a ClusterIP and use `kubectl port-forward`, or put it behind an Ingress that asks for a login");
        }
    }

    fn check_ingress<'a>(&self, fleet: &Fleet<'a>, ingress: &'a Object<'a>, report: &mut Reporter<'_>) {
        for backend in fleet.references_of(ingress).iter().filter(|it| it.is_to("", "Service")) {
            let Some(service) = fleet.object("", "Service", backend.namespace, backend.name) else { continue };
            let is_named = |entry: &Field<'_>| {
                let meant = |part: &Field<'_>| {
                    ["port", "name"].iter().any(|key| entry.get(key).is_some_and(|it| it.text() == part.text()))
                };
                backend.parts.iter().any(meant)
            };
            let mut ports = service.field().items_at("spec.ports").filter(is_named);
            let Some(found) = ports.find_map(|entry| self.console(fleet, service, entry)) else { continue };
            let (what, port) = (found.what, found.port);
            report
                .say(
                    backend.field,
                    format!("{} leads everybody to {what} (port {port}) without a login", ingress.reference()),
                )
                .label(what)
                .help("let the Ingress ask for a login, or list the addresses that may come in")
                .related(found.at, format!("the port of {}", service.reference()));
        }
    }

    /// What listens behind an entry of `ports`, by the number of the Service or of the pods.
    fn console<'a>(&self, fleet: &Fleet<'a>, service: &'a Object<'a>, entry: Field<'a>) -> Option<Found<'a>> {
        let pods = fleet.pods_of(service);
        let is_said = |word: &str| {
            let texts = [service.name(), entry.str_at("name").unwrap_or("")];
            let containers = pods.iter().flat_map(Pod::containers);
            texts.iter().any(|text| text.contains(word))
                || containers
                    .into_iter()
                    .any(|it| it.name().contains(word) || it.image().is_some_and(|image| image.text().contains(word)))
        };
        numbers(&pods, entry).into_iter().find_map(|(at, port)| {
            let chosen = self.ports.is_empty() || self.ports.iter().any(|it| i64::from(*it) == port);
            let of_port = || CONSOLES.iter().filter(|it| chosen && it.port == port);
            let console = of_port().find(|it| it.words.is_empty() || it.words.iter().any(|word| is_said(word)));
            let listed = chosen && !self.ports.is_empty();
            let what = match console {
                Some(console) => console.what.to_owned(),
                None if listed => "what must stay inside".to_owned(),
                None => return None,
            };
            Some(Found { at, port, what })
        })
    }
}

/// The numbers of an entry of `ports`: its own, and that of the pods, with the value to point at.
fn numbers<'a>(pods: &[Pod<'a>], entry: Field<'a>) -> Vec<(Field<'a>, i64)> {
    let own = entry.get("port").and_then(|at| Some((at, at.as_int()?)));
    let target = entry.get("targetPort").and_then(|at| {
        let number = match IntOrString::of(at)? {
            IntOrString::Int(number) => number,
            IntOrString::String(name) => {
                let mut ports = pods.iter().flat_map(Pod::containers).flat_map(|it| it.ports());
                ports.find(|port| port.name() == Some(name))?.number()?
            }
        };
        Some((at, number))
    });
    own.into_iter().chain(target).collect()
}

fn asks_for_login<'a>(ingress: &'a Object<'a>) -> bool {
    let annotations = ingress.at("metadata.annotations");
    annotations.into_iter().flat_map(|it| it.entries()).any(|(key, value)| {
        let text = value.text();
        let guards = GUARDS.iter().any(|end| key.ends_with(end)) && !matches!(text, "" | "none");
        let plugs_in = PLUG_INS.iter().any(|end| key.ends_with(end)) && LOGINS.iter().any(|word| text.contains(word));
        guards || plugs_in
    })
}
