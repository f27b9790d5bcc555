//! `default-credential`.

use seaworthy_diagnostic::Level;
use seaworthy_fleet::{Exposure, Fleet};
use seaworthy_object::{Container, Field, ImageReference, Object, Pod, base64_decode};
use serde::Deserialize;

use super::credential::{Kind, words};
use crate::{Category, Check, Meta, Reporter, Rule};

/// A product, the words by which its variables, Secrets and images are known, and the passwords it is published with.
type Product = (&'static str, &'static [&'static str], &'static [&'static str]);

/// From the manuals, images and charts of the products.
const PRODUCTS: &[Product] = &[
    ("ActiveMQ", &["activemq", "artemis"], &["admin", "artemis"]),
    ("Airflow", &["airflow"], &["airflow", "admin"]),
    ("Artifactory", &["artifactory"], &["password"]),
    ("Cassandra", &["cassandra"], &["cassandra"]),
    ("Elasticsearch", &["elastic", "elasticsearch", "kibana", "filebeat", "metricbeat", "logstash"], &["changeme"]),
    ("Grafana", &["grafana", "gf"], &["admin", "prom-operator"]),
    ("Guacamole", &["guacamole"], &["guacadmin"]),
    ("Harbor", &["harbor"], &["Harbor12345"]),
    ("Jenkins", &["jenkins"], &["admin"]),
    ("Keycloak", &["keycloak", "kc"], &["admin", "keycloak"]),
    ("MinIO", &["minio"], &["minioadmin", "minio123"]),
    ("Mongo Express", &["me"], &["pass"]),
    ("Neo4j", &["neo"], &["neo4j"]),
    ("Nexus", &["nexus"], &["admin123"]),
    ("OpenSearch", &["opensearch"], &["admin"]),
    ("PostgreSQL", &["postgres", "postgresql"], &["postgres"]),
    ("RabbitMQ", &["rabbitmq"], &["guest"]),
    ("Rancher", &["rancher", "cattle"], &["admin"]),
    ("Solr", &["solr"], &["SolrRocks"]),
    ("SonarQube", &["sonar", "sonarqube"], &["admin"]),
    ("Splunk", &["splunk"], &["changeme"]),
    ("Superset", &["superset"], &["admin"]),
    ("Tomcat", &["tomcat"], &["tomcat", "s3cret"]),
    ("Zabbix", &["zabbix"], &["zabbix"]),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DefaultCredential {
    /// Products besides the known ones.
    products: Vec<OwnProduct>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
struct OwnProduct {
    name: String,
    /// Words of variables, Secrets and images; the name if there are none.
    words: Vec<String>,
    passwords: Vec<String>,
}

impl Rule for DefaultCredential {
    const META: Meta = Meta {
        id: "default-credential",
        category: Category::Security,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("default_credential.md"),
    };
    const CHECK: Check<Self> = Check::Member(Self::check);
}

impl DefaultCredential {
    fn check<'a>(&self, fleet: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if object.is("", "Secret") {
            self.entries(fleet, object, "data", true, report);
            self.entries(fleet, object, "stringData", false, report);
        }
        if object.is("", "ConfigMap") {
            self.entries(fleet, object, "data", false, report);
        }
        if let Some(pod) = object.pod() {
            for container in pod.containers() {
                let known_by = words_of_container(container);
                for variable in container.env() {
                    let (Some(name), Some(value)) = (variable.str_at("name"), variable.get("value")) else { continue };
                    if let Some(product) = self.product(name, value.text(), &known_by) {
                        let holder = format!("variable `{name}` of container `{}`", container.name());
                        say(fleet, &[pod.object()], value, &holder, product, report);
                    }
                }
            }
        }
    }

    /// Looks at `data` or `stringData` of an object.
    fn entries<'a>(
        &self,
        fleet: &Fleet<'a>,
        object: &'a Object<'a>,
        list: &str,
        encoded: bool,
        report: &mut Reporter<'_>,
    ) {
        let mut known_by = words(object.name());
        known_by.extend(object.labels().iter().flat_map(|(_, value)| words(value)));
        for (key, value) in object.at(list).into_iter().flat_map(|it| it.entries()) {
            let Some(text) = value.as_str() else { continue };
            let decoded = if encoded { base64_decode(text) } else { None };
            let decoded = decoded.as_deref().map(String::from_utf8_lossy);
            let plain = if encoded { decoded.as_deref().unwrap_or("") } else { text };
            if let Some(product) = self.product(key, plain.trim(), &known_by) {
                let users: Vec<_> = fleet.referrers(object).map(|it| it.object()).collect();
                say(fleet, &users, value, &format!("`{key}` of {}", object.reference()), product, report);
            }
        }
    }

    /// The product whose published password this is, going by the name it has and the words of what holds it.
    fn product(&self, name: &str, text: &str, known_by: &[String]) -> Option<&str> {
        let is_password = Kind::named(name, &[]) == Some(Kind::Password) || words(name).ends_with(&words("secret_key"));
        if !is_password || text.is_empty() {
            return None;
        }
        let own = words(name);
        let is_known = |mark: &str| own.iter().chain(known_by).any(|word| word == mark);
        let built_in = PRODUCTS
            .iter()
            .find(|(_, marks, passwords)| passwords.contains(&text) && marks.iter().any(|mark| is_known(mark)));
        let added = || {
            self.products.iter().find(|product| {
                let by_name = product.words.is_empty() && words(&product.name).iter().any(|it| is_known(it));
                product.passwords.iter().any(|it| it == text)
                    && (by_name || product.words.iter().any(|it| is_known(&it.to_lowercase())))
            })
        };
        built_in.map(|it| it.0).or_else(|| added().map(|it| it.name.as_str()))
    }
}

fn words_of_container(container: Container<'_>) -> Vec<String> {
    let image = container.image().and_then(|it| ImageReference::parse(it.text()).ok());
    let mut known_by = words(container.name());
    known_by.extend(image.iter().flat_map(|it| words(it.short_name())));
    known_by
}

/// True if a pod runs a product, going by the names of its images.
fn runs(pod: Pod<'_>, product: &str) -> bool {
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let product = plain(product);
    let images = pod.containers().filter_map(|container| container.image());
    let mut names = images.filter_map(|image| Some(plain(ImageReference::parse(image.text()).ok()?.short_name())));
    names.any(|name| name.contains(&product) || product.contains(&name))
}

fn say<'a>(
    fleet: &Fleet<'a>,
    users: &[&'a Object<'a>],
    value: Field<'_>,
    holder: &str,
    product: &str,
    report: &mut Reporter<'_>,
) {
    // Of a client that holds the password, it does not matter from where it is reached.
    let pods = users.iter().filter_map(|it| it.pod()).filter(|pod| runs(*pod, product));
    let exposures = pods.flat_map(|pod| fleet.exposures(&[pod.object()], &fleet.services_of(pod)));
    let exposed = exposures.max_by_key(|it| it.to);
    let reached = exposed.as_ref().map_or(String::new(), |it| match it.to {
        Exposure::None | Exposure::Cluster => format!("; it is reached within the cluster, as {}", it.by),
        Exposure::Node => format!("; it is reached on the nodes, as {}", it.by),
        Exposure::Internal => format!("; it is reached from the internal network, as {}", it.by),
        Exposure::Public => format!("; it is reached from everywhere, as {}", it.by),
    });
    let finding = report
        .say(value, format!("{holder} holds the password {product} is published with{reached}"))
        .label("known to everyone")
        .conceal()
        .help("set one of your own, from a Secret that is not in the repository");
    if let Some(exposed) = exposed {
        finding.related(exposed.at, "how it is reached");
    }
}
