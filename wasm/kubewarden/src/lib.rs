//! The webhook as a Kubewarden policy: a request and settings in, accepted or rejected out.
#![cfg(target_family = "wasm")]

use std::collections::HashMap;
use std::sync::Mutex;

use kubewarden_policy_sdk::response::ValidationResponse;
use kubewarden_policy_sdk::settings::SettingsValidationResponse;
use kubewarden_policy_sdk::{protocol_version_guest, reject_request};
use seaworthy_admission::{Reviewer, WrongSettings};
use serde::Deserialize;
use serde_json::value::RawValue;
use wapc_guest::{CallResult, register_function};

/// What a host calls first.
#[expect(unsafe_code, reason = "waPC looks for this name")]
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings);
    register_function("protocol_version", protocol_version_guest);
}

/// What a host sends with every request.
#[derive(Deserialize)]
struct Payload<'b> {
    #[serde(borrow)]
    request: &'b RawValue,
    #[serde(borrow)]
    settings: Option<&'b RawValue>,
}

/// The answer of the webhook, as far as a policy can pass it on.
#[derive(Deserialize)]
struct Answer {
    response: Response,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    allowed: bool,
    #[serde(default)]
    status: Status,
    audit_annotations: Option<HashMap<String, String>>,
    warnings: Option<Vec<String>>,
}

#[derive(Default, Deserialize)]
struct Status {
    code: u16,
    #[serde(default)]
    details: Details,
}

#[derive(Default, Deserialize)]
struct Details {
    causes: Vec<Cause>,
}

#[derive(Deserialize)]
struct Cause {
    #[serde(default)]
    field: String,
    message: String,
}

/// The reviewer of the settings of the last call: those of a policy do not change while it runs.
static LAST: Mutex<Option<(String, Reviewer)>> = Mutex::new(None);

fn validate(payload: &[u8]) -> CallResult {
    let Payload { request, settings } = serde_json::from_slice(payload)?;
    let settings = settings.map_or("", RawValue::get);
    let mut last = LAST.lock().map_err(|error| error.to_string())?;
    let reviewer = match last.take().filter(|(of, _)| of == settings) {
        Some((_, reviewer)) => reviewer,
        None => Reviewer::of_settings(settings)?,
    };
    let (_, reviewer) = last.insert((settings.to_owned(), reviewer));
    let body = format!(r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{request}}}"#);
    let review = match reviewer.review(body.as_bytes()) {
        Ok(review) => review,
        Err(malformed) => return reject_request(Some(malformed.why), Some(400), None, None),
    };
    let Answer { response } = serde_json::from_slice(&review.body)?;
    let causes: Vec<String> = response.status.details.causes.iter().map(Cause::line).collect();
    // What is rejected has a message and a code; a policy has no place for causes, so that the message holds them all.
    let rejected = !response.allowed;
    Ok(serde_json::to_vec(&ValidationResponse {
        accepted: response.allowed,
        message: rejected.then(|| causes.join("\n")),
        code: rejected.then_some(response.status.code),
        mutated_object: None,
        audit_annotations: response.audit_annotations,
        warnings: response.warnings,
    })?)
}

impl Cause {
    fn line(&self) -> String {
        if self.field.is_empty() { self.message.clone() } else { format!("{}: {}", self.field, self.message) }
    }
}

fn validate_settings(payload: &[u8]) -> CallResult {
    let wrong = match std::str::from_utf8(payload) {
        Ok(settings) => Reviewer::of_settings(settings).err().map(|error: WrongSettings| error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    Ok(serde_json::to_vec(&SettingsValidationResponse { valid: wrong.is_none(), message: wrong })?)
}
