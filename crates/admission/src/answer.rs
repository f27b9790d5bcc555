//! The answer of a review: `k8s.io/api/admission/v1`, `AdmissionResponse`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use seaworthy::{Diagnostic, Level};
use serde::Serialize;

use crate::limits::{ANNOTATION, CAUSES, MESSAGE, NAME, WARNING, WARNINGS, cut, one_line};
use crate::request::{GroupKind, Metadata, Request};

/// What is answered.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Why it is refused; none if it is allowed.
    pub(crate) status: Option<Status>,
    /// What the client prints.
    warnings: Vec<String>,
    /// What the audit log is told: names the server puts behind that of the webhook and a slash.
    pub(crate) annotations: BTreeMap<&'static str, String>,
}

/// Why a request is refused: `k8s.io/apimachinery/pkg/apis/meta/v1`, `Status`.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    status: &'static str,
    message: String,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
    code: u16,
}

#[derive(Debug, Serialize)]
struct Details {
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    group: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    causes: Vec<Cause>,
}

#[derive(Debug, Serialize)]
struct Cause {
    #[serde(skip_serializing_if = "str::is_empty")]
    reason: Cow<'static, str>,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    field: String,
}

/// The reason of a cause that is not one of the server's own: "valid (as per formatting rules) values which would be
/// accepted under some conditions, but which are not permitted by the current conditions (such as security policy)"
/// (`k8s.io/apimachinery/pkg/util/validation/field`, `ErrorTypeForbidden`).
const FORBIDDEN: &str = "FieldValueForbidden";

impl Answer {
    /// An answer that allows, with the warnings among the findings.
    pub(crate) fn of(findings: &[Diagnostic]) -> Self {
        let mut answer = Self::default();
        let mut left = WARNINGS;
        let mut warnings = findings.iter().filter(|it| it.level == Level::Warning).map(warning).collect::<Vec<_>>();
        warnings.dedup();
        for (at, warning) in warnings.iter().enumerate() {
            let more = format!("{} more warnings", warnings.len() - at);
            let room = left.saturating_sub(warning.chars().count());
            // The last one may take the room that is kept for saying that there are more.
            if room < more.chars().count() && at + 1 < warnings.len() {
                answer.warnings.push(more);
                break;
            }
            left = room;
            answer.warnings.push(warning.clone());
        }
        answer
    }

    /// An answer that allows what could not be judged.
    pub(crate) fn unjudged(why: &str) -> Self {
        let warning = cut(&one_line(&format!("not judged: {why}")), "", WARNING);
        Self { warnings: vec![warning], annotations: BTreeMap::from([("not-judged", why.to_owned())]), status: None }
    }

    /// An answer that refuses.
    pub(crate) fn refusal(status: Status) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// The `AdmissionReview` to send.
    pub(crate) fn to_bytes(&self, uid: &str) -> Vec<u8> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Review<'a> {
            api_version: &'a str,
            kind: &'a str,
            response: Response<'a>,
        }
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Response<'a> {
            uid: &'a str,
            allowed: bool,
            #[serde(skip_serializing_if = "Option::is_none")]
            status: Option<&'a Status>,
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            audit_annotations: BTreeMap<&'a str, String>,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            warnings: &'a [String],
        }
        let annotations = self.annotations.iter();
        let review = Review {
            api_version: "admission.k8s.io/v1",
            kind: "AdmissionReview",
            response: Response {
                uid,
                allowed: self.status.is_none(),
                status: self.status.as_ref(),
                // A code point has at most four bytes.
                audit_annotations: annotations.map(|(key, value)| (*key, cut(value, "", ANNOTATION / 4))).collect(),
                warnings: &self.warnings,
            },
        };
        // Text and numbers under text keys: writing them to memory cannot fail.
        serde_json::to_vec(&review).unwrap_or_default()
    }
}

impl Status {
    /// What refuses the object: code 422, as of the server's own validation, with a cause for each error.
    pub(crate) fn invalid(request: &Request<'_>, metadata: &Metadata, findings: &[Diagnostic]) -> Self {
        let errors: Vec<&Diagnostic> = findings.iter().filter(|it| it.level == Level::Error).collect();
        let mut causes: Vec<Cause> = errors.iter().take(CAUSES).map(|it| Cause::of(it)).collect();
        let first = causes.first().map(|it| match it.field.as_str() {
            "" => it.message.clone(),
            field => format!("{field}: {}", it.message),
        });
        let more = match errors.len() {
            0 | 1 => String::new(),
            2 => ", and 1 more error".to_owned(),
            many => format!(", and {} more errors", many - 1),
        };
        if errors.len() > CAUSES {
            let message = format!("{} more errors", errors.len() - CAUSES);
            causes.push(Cause { reason: Cow::Borrowed(""), message, field: String::new() });
        }
        let asked = GroupKind::default();
        let kind = request.kind.as_ref().unwrap_or(&asked);
        let name = request.name.as_deref().filter(|it| !it.is_empty()).or(metadata.name.as_deref());
        let short = |text: &str| cut(text, "", NAME);
        let details =
            Details { name: short(name.unwrap_or("")), group: short(&kind.group), kind: short(&kind.kind), causes };
        Self {
            status: "Failure",
            message: cut(&first.unwrap_or_default(), &more, MESSAGE / 4),
            reason: "Invalid",
            details: Some(details),
            code: 422,
        }
    }

    /// The question is none.
    pub(crate) fn bad_request(why: String) -> Self {
        Self { status: "Failure", message: why, reason: "BadRequest", details: None, code: 400 }
    }

    /// The question could not be answered.
    pub(crate) fn internal_error(why: &str) -> Self {
        Self { status: "Failure", message: why.to_owned(), reason: "InternalError", details: None, code: 500 }
    }
}

impl Cause {
    /// Reason, field and words of the server where it has them; else those of the rule.
    fn of(finding: &Diagnostic) -> Self {
        let reason = match &finding.api {
            Some(cause) => cause.reason.clone().unwrap_or_default(),
            None => Cow::Borrowed(FORBIDDEN),
        };
        let message = words(what(finding), finding, MESSAGE / 4);
        Self { reason, message, field: cut(field(finding), "", MESSAGE / 4) }
    }
}

/// A warning says where it is, as a cause does beside its words.
fn warning(finding: &Diagnostic) -> String {
    match field(finding) {
        "" => words(what(finding), finding, WARNING),
        field => words(&format!("{field}: {}", what(finding)), finding, WARNING),
    }
}

/// The field as the server names it.
fn field(finding: &Diagnostic) -> &str {
    match &finding.api {
        Some(cause) => cause.field.as_deref().unwrap_or(""),
        None => &finding.at.path,
    }
}

/// What is wrong, in the server's words where it has some.
fn what(finding: &Diagnostic) -> &str {
    finding.api.as_ref().map_or(&finding.message, |it| &it.detail)
}

/// What is wrong, what to do where there is room for it, and the rule that says so.
fn words(what: &str, finding: &Diagnostic, most: usize) -> String {
    let rule = match finding.kubernetes_versions.as_slice() {
        [] => format!(" [{}]", finding.rule),
        versions => format!(" [{}, Kubernetes {}]", finding.rule, versions.join(", ")),
    };
    let what = one_line(what);
    let full = finding.help.as_deref().map(|help| format!("{what}; {}{rule}", one_line(help)));
    full.filter(|it| it.chars().count() <= most).unwrap_or_else(|| cut(&what, &rule, most))
}
