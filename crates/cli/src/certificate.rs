//! `seaworthy certificate`.

use std::io::Write;
use std::time::{Duration, SystemTime};

use clap::Args;
use jiff::Timestamp;
use seaworthy_serve::certificate::{Options, Outcome, ensure};

use crate::failure::Failure;
use crate::serve::time;

/// Flags of `certificate`.
#[derive(Debug, Args)]
pub(crate) struct Certificate {
    /// The namespace of the Secret
    #[arg(long, value_name = "NAME")]
    namespace: String,
    /// The Secret with the pair: tls.crt, tls.key and, of its authority, ca.crt
    #[arg(long, value_name = "NAME")]
    secret: String,
    /// The ValidatingWebhookConfiguration that is to trust the authority
    #[arg(long, value_name = "NAME")]
    configuration: String,
    /// A DNS name or an address by which the API server calls the webhook, such as
    /// `seaworthy.seaworthy.svc` (repeatable)
    #[arg(long, value_name = "NAME", required = true)]
    name: Vec<String>,
    /// How long a pair is valid
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// How long before its end a pair is replaced
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    renew_days: u32,
    /// Replace the pair whatever it is, as when its key became known
    #[arg(long)]
    force: bool,
    /// How long API servers are given to learn of a new authority before it is used
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pause: Duration,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Issues or renews the pair if need be, and says which.
pub(crate) fn run(certificate: Certificate) -> Result<bool, Failure> {
    let outcome = ensure(&Options {
        namespace: certificate.namespace,
        secret: certificate.secret,
        configuration: certificate.configuration,
        names: certificate.name,
        valid: DAY * certificate.days,
        renew: DAY * certificate.renew_days,
        force: certificate.force,
        pause: certificate.pause,
    })?;
    let mut out = std::io::stdout().lock();
    match outcome {
        Outcome::Kept(end) => writeln!(out, "kept, valid until {}", day(end))?,
        Outcome::Issued(why, end) => writeln!(out, "issued, since {why}; valid until {}", day(end))?,
    }
    Ok(false)
}

fn day(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| "?".to_owned(), |it| it.strftime("%FT%TZ").to_string())
}
