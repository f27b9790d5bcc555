//! What is counted.

use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use seaworthy_admission::{Review, Scope, Verdict};

/// Labels whose values are words of ours: nothing that a client sends can make a new series.
type Labels<const N: usize> = [(&'static str, &'static str); N];

/// Upper bounds in seconds. Dense where a review should lie, sparse up to the longest timeout the API server grants.
const SECONDS: [f64; 20] = [
    0.000_1, 0.000_2, 0.000_3, 0.000_4, 0.000_5, 0.000_6, 0.000_8, 0.001, 0.001_5, 0.002, 0.005, 0.01, 0.025, 0.05,
    0.1, 0.25, 0.5, 1.0, 5.0, 30.0,
];

/// Everything that is counted.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    reviews: Family<Labels<2>, Counter>,
    findings: Family<Labels<2>, Counter>,
    failures: Family<Labels<1>, Counter>,
    rejected: Family<Labels<1>, Counter>,
    closed: Family<Labels<1>, Counter>,
    reloads: Family<Labels<1>, Counter>,
    pub(crate) compute: Histogram,
    pub(crate) duration: Histogram,
    pub(crate) in_flight: Gauge,
    pub(crate) connections: Gauge,
    pub(crate) certificate_expiry: Gauge,
    pub(crate) log_lines_dropped: Counter,
    #[cfg(feature = "cluster")]
    pub(crate) known_objects: Gauge,
    #[cfg(feature = "cluster")]
    watch_failures: Family<Labels<1>, Counter>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("seaworthy");
        registry.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        let histogram = || Histogram::new(SECONDS);
        Self {
            reviews: registered(
                &mut registry,
                "reviews",
                "Reviews answered, by verdict (allowed, warned, denied; exempt if not judged; failed if not finished) and operation",
                Family::default(),
            ),
            findings: registered(
                &mut registry,
                "findings",
                "Findings in reviews, by rule and level",
                Family::default(),
            ),
            failures: registered(
                &mut registry,
                "review_failures",
                "Reviews that could not be finished, by reason; answered as --on-failure says",
                Family::default(),
            ),
            rejected: registered(
                &mut registry,
                "requests_rejected",
                "Requests that were not reviewed, by reason",
                Family::default(),
            ),
            closed: registered(
                &mut registry,
                "connections_closed",
                "Connections that the server ended, by reason",
                Family::default(),
            ),
            reloads: registered(
                &mut registry,
                "certificate_reloads",
                "Changes of the certificate files, by result; failed means that the certificates before are kept",
                Family::default(),
            ),
            compute: registered(&mut registry, "review_compute_seconds", "CPU time of a review", histogram()),
            duration: registered(
                &mut registry,
                "review_seconds",
                "Time from the headers of a request to its answer",
                histogram(),
            ),
            in_flight: registered(
                &mut registry,
                "reviews_in_flight",
                "Reviews taken and not answered",
                Gauge::default(),
            ),
            connections: registered(&mut registry, "connections", "Connections open for reviews", Gauge::default()),
            certificate_expiry: registered(
                &mut registry,
                "certificate_expiry_timestamp_seconds",
                "When the server's certificate ends, in seconds since 1970",
                Gauge::default(),
            ),
            log_lines_dropped: registered(
                &mut registry,
                "log_lines_dropped",
                "Log lines not written because standard error was too slow",
                Counter::default(),
            ),
            #[cfg(feature = "cluster")]
            known_objects: registered(
                &mut registry,
                "known_objects",
                "Objects of the cluster that reviews know of",
                Gauge::default(),
            ),
            #[cfg(feature = "cluster")]
            watch_failures: registered(
                &mut registry,
                "watch_failures",
                "Lists and watches of the cluster that broke off, by kind",
                Family::default(),
            ),
            registry,
        }
    }

    /// All of it as OpenMetrics text.
    pub(crate) fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    pub(crate) fn reviewed(&self, review: &Review) {
        let verdict = verdict(review);
        self.reviews.get_or_create(&[("verdict", verdict), ("operation", operation(&review.operation))]).inc();
        for (rule, level) in &review.findings {
            self.findings.get_or_create(&[("rule", rule), ("level", level.as_str())]).inc();
        }
    }

    /// A review that could not be finished; what it was about is not known.
    pub(crate) fn failed(&self, reason: &'static str) {
        self.reviews.get_or_create(&[("verdict", "failed"), ("operation", "unknown")]).inc();
        self.failures.get_or_create(&[("reason", reason)]).inc();
    }

    pub(crate) fn rejected(&self, reason: &'static str) {
        self.rejected.get_or_create(&[("reason", reason)]).inc();
    }

    pub(crate) fn closed(&self, reason: &'static str) {
        self.closed.get_or_create(&[("reason", reason)]).inc();
    }

    pub(crate) fn reload(&self, ok: bool) {
        self.reloads.get_or_create(&[("result", if ok { "ok" } else { "failed" })]).inc();
    }

    #[cfg(feature = "cluster")]
    pub(crate) fn watch_failed(&self, kind: &'static str) {
        self.watch_failures.get_or_create(&[("kind", kind)]).inc();
    }

    pub(crate) fn answered(&self, took: Duration) {
        self.duration.observe(took.as_secs_f64());
    }
}

fn registered<M>(registry: &mut Registry, name: &str, what: &str, metric: M) -> M
where
    M: prometheus_client::registry::Metric + Clone,
{
    registry.register(name, what, metric.clone());
    metric
}

/// What became of a request, in a word.
pub(crate) fn verdict(review: &Review) -> &'static str {
    match (review.scope, review.verdict) {
        (Scope::Exempt(_), _) => "exempt",
        (Scope::Judged, Verdict::Allowed) => "allowed",
        (Scope::Judged, Verdict::Warned) => "warned",
        (Scope::Judged, Verdict::Denied) => "denied",
    }
}

/// The operations of the API; any other text is not repeated.
fn operation(name: &str) -> &'static str {
    ["CREATE", "UPDATE", "DELETE", "CONNECT"].into_iter().find(|it| *it == name).unwrap_or("unknown")
}
