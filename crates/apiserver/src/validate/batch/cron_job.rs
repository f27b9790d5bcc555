//! CronJobs (`ValidateCronJobCreate`).

use super::super::core::warnings;
use super::super::meta;
use super::super::names::Form;
use super::super::value::Value;
use super::{job, schedule, time_zone};

/// A Job's name has a suffix after that of its CronJob.
const NAME_LIMIT: usize = 52;

pub(super) fn cron_job(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let spec = object.get("spec");
    let schedule = spec.get("schedule");
    if schedule.is_empty() {
        schedule.required("");
    } else {
        schedule_format(schedule);
    }
    meta::nonnegative(spec.get("startingDeadlineSeconds"));
    time_zone(spec.get("timeZone"));
    let concurrency = spec.get("concurrencyPolicy");
    if !matches!(concurrency.str(), "" | "Allow" | "Forbid" | "Replace") {
        concurrency.not_supported(&["Allow", "Forbid", "Replace"]);
    }
    job_template(spec.at("jobTemplate.spec"));
    meta::nonnegative(spec.get("successfulJobsHistoryLimit"));
    meta::nonnegative(spec.get("failedJobsHistoryLimit"));
    if !object.run().updates() {
        name(object);
    }
    if !object.run().refuses() {
        warnings::of_controller(object, spec.at("jobTemplate.spec.template"));
        job::many_completions(spec.at("jobTemplate.spec"));
    }
}

fn name(object: Value<'_>) {
    let name = meta::name_of(object.get("metadata"));
    if name.len() > NAME_LIMIT {
        object.at("metadata.name").invalid_text(&name, "must be no more than 52 characters");
    }
}

/// `ValidateJobTemplateSpec`.
fn job_template(spec: Value<'_>) {
    job::job_spec(spec);
    let (selector, manual) = (spec.get("selector"), spec.get("manualSelector"));
    if selector.is_present() {
        selector.invalid("`selector` will be auto-generated");
    }
    if manual.bool() {
        manual.not_supported(&["nil", "false"]);
    }
}

/// `validateScheduleFormat`.
fn schedule_format(field: Value<'_>) {
    let text = field.str();
    match schedule::fault(text) {
        // What a schedule is without its end made earlier servers panic, and say nothing.
        Some(fault) if field.since(35) || !fault.contains("runtime error") => field.invalid(&fault),
        _ => {}
    }
    if text.contains("TZ") {
        field.invalid("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
}

/// `validateTimeZone`.
fn time_zone(field: Value<'_>) {
    let name = field.str();
    if !field.is_present() {
        return;
    } else if name.is_empty() {
        return field.invalid("timeZone must be nil or non-empty string");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    let fits = |part: &str| {
        !matches!(part, "." | "..")
            && !part.starts_with('-')
            && (1..=14).contains(&part.len())
            && part.bytes().all(plain)
    };
    if !name.split('/').all(fits) {
        return field.invalid(&format!("unknown time zone {name}"));
    }
    if name.eq_ignore_ascii_case("Local") {
        field.invalid("timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones");
    }
    if let Some(fault) = time_zone::fault(name) {
        field.invalid(&fault);
    }
}
