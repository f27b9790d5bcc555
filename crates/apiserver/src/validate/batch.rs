//! The group `batch` (k8s.io/kubernetes, pkg/apis/batch/validation).

mod cron_job;
mod duration;
mod indexes;
mod job;
mod policies;
mod schedule;
mod time_zone;

use super::Validate;

/// The validation of a kind of this group.
pub(super) fn of(kind: &str) -> Option<Validate> {
    Some(match kind {
        "CronJob" => cron_job::cron_job,
        "Job" => job::job,
        _ => return None,
    })
}
