//! `seaworthy serve`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use seaworthy::policy::Policy;
use seaworthy::render::Text;
use seaworthy::{NoPolicy, Overrides, Validator};
use seaworthy_admission::Reviewer;
use seaworthy_serve::{Judge, OnFailure, Options};
#[cfg(feature = "cluster")]
use seaworthy_serve::{Kind, Known, Watch};

use crate::args::Common;
use crate::failure::Failure;
use crate::{input, terminal};

/// Flags of `serve`. Of the flags of every command --kubernetes-version, --policy, --fleet (its policy) and --quiet
/// (reviews that found nothing are not logged) have a meaning here.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The server's certificate and those between it and its authority, PEM; read again when it changes
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// The key of the certificate, PEM; read again when it changes
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where reviews are answered: POST /validate over HTTPS
    #[arg(long, value_name = "ADDRESS", default_value = "[::]:8443")]
    listen: SocketAddr,
    /// Where /healthz, /readyz and /metrics are, over plain HTTP
    #[arg(long, value_name = "ADDRESS", default_value = "[::]:8080")]
    status: SocketAddr,
    /// Certificates of authorities, PEM: who asks for a review must have a certificate that one of them signed
    #[arg(long, value_name = "FILE")]
    client_ca: Option<PathBuf>,
    /// A name, common or alternative, one of which the caller's certificate must carry (repeatable)
    #[arg(long, value_name = "NAME", requires = "client_ca")]
    client_name: Vec<String>,
    /// The longest that a review may take; less if the API server says that it waits less. Set it below the
    /// timeoutSeconds of the webhook, so that it is Seaworthy that answers
    #[arg(long, value_name = "TIME", default_value = "4s", value_parser = time)]
    timeout: Duration,
    /// The answer where a review was not done in time or broke. Where the server is not reached, or says that it is
    /// too busy, the webhook's failurePolicy answers
    #[arg(long, value_enum, default_value_t = Failed::Deny)]
    on_failure: Failed,
    /// MiB of a review. The API server takes objects of 3 MiB, and an update carries two
    #[arg(long, value_name = "MIB", default_value_t = 7, value_parser = clap::value_parser!(u8).range(1..=64))]
    max_body: u8,
    /// Connections at once; beyond it the one that was silent longest is closed
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = count)]
    max_connections: usize,
    /// Reviews at once, waiting ones included; beyond it callers are told to come again (503)
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = count)]
    max_reviews: usize,
    /// Threads that review [default: as many as the process may use cores]
    #[arg(long, value_name = "COUNT", value_parser = count)]
    threads: Option<usize>,
    /// How long a connection is kept without a request. API servers drop theirs after 90 seconds
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time)]
    idle_timeout: Duration,
    /// How long reviews are still taken after SIGTERM or SIGINT, while /readyz says 503 and traffic goes elsewhere. A
    /// second signal ends it
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time)]
    grace: Duration,
    /// Kinds to list and watch in the cluster, so that rules which need other objects answer too [default where the flag
    /// has no value: all that can be]. What was listed completely and is not there is missing; what is not watched stays
    /// unknown
    #[cfg(feature = "cluster")]
    #[arg(long, value_name = "KIND", value_delimiter = ',', num_args = 0..=1, require_equals = true,
        default_missing_value = "", value_parser = kind)]
    watch: Option<Vec<Option<Kind>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Failed {
    /// Let it in
    Allow,
    /// Keep it out
    Deny,
}

/// How often the certificate files are compared: a mounted Secret is itself minutes late.
const RELOAD_EVERY: Duration = Duration::from_secs(5);
/// An API server shakes hands in milliseconds.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(5);

/// Serves until the process is asked to end.
pub(crate) fn run(serve: Serve, common: &Common) -> Result<bool, Failure> {
    for (flag, given) in [
        ("--complete", common.complete),
        ("--cluster", !common.cluster.is_empty()),
        ("--crds", !common.crds.is_empty()),
    ] {
        if given {
            return Err(Failure::Meaningless { flag, command: "serve" });
        }
    }
    #[cfg(feature = "cluster")]
    let known = Known::default();
    #[cfg(feature = "cluster")]
    let watch = serve.watch.map(|named| {
        let named: Vec<Kind> = named.into_iter().flatten().collect();
        Watch::new(if named.is_empty() { Kind::all().to_vec() } else { named }, Arc::clone(&known))
    });
    let reviewer = reviewers(common)?;
    #[cfg(feature = "cluster")]
    let judge: Judge = Arc::new(move |body| {
        let known = known.read().unwrap_or_else(PoisonError::into_inner);
        reviewer().review_among(body, &known)
    });
    #[cfg(not(feature = "cluster"))]
    let judge: Judge = Arc::new(move |body| reviewer().review(body));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let options = Options {
        listen: serve.listen,
        status: serve.status,
        certificate: serve.certificate,
        key: serve.key,
        client_ca: serve.client_ca,
        client_names: serve.client_name,
        reload_every: RELOAD_EVERY,
        timeout: serve.timeout,
        on_failure: match serve.on_failure {
            Failed::Allow => OnFailure::Allow,
            Failed::Deny => OnFailure::Deny,
        },
        max_body: usize::from(serve.max_body) << 20,
        max_connections: serve.max_connections,
        max_reviews: serve.max_reviews,
        workers: serve.threads.unwrap_or(cores),
        idle_timeout: serve.idle_timeout,
        handshake_timeout: HANDSHAKE_TIMEOUT,
        grace: serve.grace,
        quiet: common.quiet,
        #[cfg(feature = "cluster")]
        watch,
    };
    seaworthy_serve::run(options, judge)?;
    Ok(false)
}

/// Who answers reviews, for as long as the process runs.
fn reviewers(common: &Common) -> Result<impl Fn() -> Arc<Reviewer> + Send + Sync + use<>, Failure> {
    let policies = [common.fleet.as_deref(), common.policy.as_deref()].into_iter().flatten();
    let policy = policies.map(policy).try_fold(Policy::default(), |below, top| Ok::<_, Failure>(below.under(&top?)))?;
    let fleet = common.fleet.as_deref().map(input::read_named).transpose()?;
    let overrides = Overrides { versions: common.versions(), ..Overrides::default() };
    let reviewer = move |today| {
        let overrides = Overrides { today: Some(today), ..overrides.clone() };
        let validator = Validator::new(overrides, policy.clone());
        Arc::new(Reviewer::new(fleet.iter().fold(validator, Validator::with_facts_of)))
    };
    // Suppressions run out while the process goes on: each day has a reviewer of its own.
    let first = today();
    let daily = Mutex::new((first, reviewer(first)));
    Ok(move || {
        let today = today();
        let mut daily = daily.lock().unwrap_or_else(PoisonError::into_inner);
        if daily.0 != today {
            *daily = (today, reviewer(today));
        }
        Arc::clone(&daily.1)
    })
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// The policy of a file. A wrong one is no policy: the server would judge by half of it for months.
fn policy(path: &Path) -> Result<Policy, Failure> {
    seaworthy::read_policy(&input::read_named(path)?).map_err(|error| match error {
        NoPolicy::NotThere(_) => Failure::NoPolicy { path: path.to_owned() },
        NoPolicy::Wrong(report) => {
            terminal::complain(&Text::new(&report).to_string());
            Failure::WrongPolicy { path: path.to_owned() }
        }
    })
}

#[cfg(feature = "cluster")]
fn kind(name: &str) -> Result<Option<Kind>, String> {
    if name.is_empty() { Ok(None) } else { name.parse().map(Some) }
}

pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time such as `4s` or `500ms`");
    let time: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(time).map_err(|_| wrong())
}

fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|count| *count > 0).ok_or_else(|| format!("`{text}` is no count"))
}
