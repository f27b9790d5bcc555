//! A review: what is judged, what that means, and the answer.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use seaworthy::diagnostic::Suppressed;
use seaworthy::{Diagnostic, Level, Snapshot, Source, Validator};

use crate::answer::{Answer, Status};
use crate::request::{Malformed, Metadata, Request, uid_in};
use crate::scope::Scope;

/// Judges reviews: built once, shared, `Send + Sync`.
///
/// ```
/// use seaworthy::Validator;
/// use seaworthy_admission::{Reviewer, Verdict};
///
/// let body = br#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
///     "uid": "705ab4f5", "operation": "CREATE", "namespace": "shop",
///     "resource": {"group": "", "version": "v1", "resource": "pods"},
///     "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": []}}}}"#;
/// let review = Reviewer::new(Validator::default()).review(body)?;
/// assert_eq!(review.verdict, Verdict::Denied);
/// # Ok::<(), seaworthy_admission::Malformed>(())
/// ```
#[derive(Debug, Default)]
pub struct Reviewer {
    validator: Validator,
}

/// The answer to a review, with what a server counts and logs of it.
#[derive(Debug, Clone)]
pub struct Review {
    /// The `AdmissionReview` to send back.
    pub body: Vec<u8>,
    /// What became of the request.
    pub verdict: Verdict,
    /// Rule and level of what was found, infos too, in the order of the object.
    pub findings: Vec<(&'static str, Level)>,
    /// The id of the question.
    pub uid: String,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: String,
    /// `deployments`, `pods/ephemeralcontainers`: the resource without its group.
    pub resource: String,
    /// The namespace of the request; empty where there is none.
    pub namespace: String,
    /// The name of the object; empty if the server is to make one.
    pub name: String,
    /// True if nothing will be stored in any case.
    pub dry_run: bool,
    /// Whether the object was judged at all.
    pub scope: Scope,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Nothing is to be said.
    Allowed,
    /// It passes, with warnings.
    Warned,
    /// It is refused.
    Denied,
}

/// Rules that say of a field or a kind that no server of the asked versions has it.
const NOT_KNOWN: &[&str] = &["unknown-field", "unknown-kind"];

/// Rules of the API that say what no validation of an object tells.
const OF_VERSIONS: &[&str] = &["deprecated-api", "removed-api"];

/// The rule that says that an object could not be read. It is JSON, or the review were malformed, so that it goes beyond
/// a limit of the reader: 200 levels of nesting, which no object with a pod has.
const NOT_READ: &str = "yaml-unparsable";

/// Fields that servers and controllers write, whatever the user sent.
const OF_SERVER: &[&str] = &[
    "status",
    "metadata.creationTimestamp",
    "metadata.deletionGracePeriodSeconds",
    "metadata.deletionTimestamp",
    "metadata.generation",
    "metadata.managedFields",
    "metadata.resourceVersion",
    "metadata.selfLink",
    "metadata.uid",
];

impl Reviewer {
    /// A reviewer with the rules and versions of a validator.
    #[must_use]
    pub fn new(validator: Validator) -> Self {
        Self { validator }
    }

    /// Answers the body of a request to the webhook.
    ///
    /// # Errors
    /// The body is no `AdmissionReview` of version v1: HTTP 400.
    pub fn review(&self, body: &[u8]) -> Result<Review, Malformed> {
        self.review_among(body, &Snapshot::default())
    }

    /// The same, knowing objects of the cluster. The answer names none of them.
    ///
    /// # Errors
    /// The body is no `AdmissionReview` of version v1: HTTP 400.
    pub fn review_among(&self, body: &[u8], known: &Snapshot) -> Result<Review, Malformed> {
        let request = Request::read(body)?;
        let metadata = request.metadata();
        let scope = Scope::of(&request, &metadata);
        let (diagnostics, suppressed) = match (scope, request.object()) {
            (Scope::Judged, Some(object)) => self.judge(&request, &metadata, object, known),
            _ => (Vec::new(), Vec::new()),
        };
        let worst = diagnostics.iter().map(|it| it.level).max();
        let verdict = match worst {
            Some(Level::Error) => Verdict::Denied,
            Some(Level::Warning) => Verdict::Warned,
            Some(Level::Info) | None => Verdict::Allowed,
        };
        let mut answer = Answer::of(&diagnostics);
        answer.annotations = annotations(scope, &diagnostics, &suppressed);
        if verdict == Verdict::Denied {
            answer.status = Some(Status::invalid(&request, &metadata, &diagnostics));
        }
        let owned = |text: &Option<String>| text.clone().unwrap_or_default();
        Ok(Review {
            body: answer.to_bytes(request.uid()),
            verdict,
            findings: diagnostics.iter().map(|it| (it.rule, it.level)).collect(),
            uid: request.uid().to_owned(),
            operation: owned(&request.operation),
            resource: request.resource(),
            namespace: owned(&request.namespace),
            name: request.name.clone().or(metadata.name).unwrap_or_default(),
            dry_run: request.dry_run.unwrap_or(false),
            scope,
        })
    }

    /// The bytes of the answer in any case; what is no review is refused with code 400.
    #[must_use]
    pub fn answer(&self, body: &[u8]) -> Vec<u8> {
        match self.review(body) {
            Ok(review) => review.body,
            Err(Malformed { why, uid }) => Answer::refusal(Status::bad_request(why)).to_bytes(&uid),
        }
    }

    /// What is to be said of the object: nothing that its sender cannot change.
    fn judge(
        &self,
        request: &Request<'_>,
        metadata: &Metadata,
        object: &str,
        known: &Snapshot,
    ) -> (Vec<Diagnostic>, Vec<Suppressed>) {
        let namespace = request.namespace.as_deref().unwrap_or("");
        let object = Source::new("request.object", object);
        let report = match request.operation.as_deref() {
            Some("UPDATE") => self.validator.check_changed(object, namespace, known),
            _ => self.validator.check_incoming(object, namespace, known),
        };
        let (mut diagnostics, mut suppressed) = (report.diagnostics, report.suppressed);
        diagnostics.retain(|it| !is_of_server(&it.at.path));
        suppressed.retain(|it| !is_of_server(&it.diagnostic.at.path));
        // Only a server sets a uid, and not before it has read the object into its own types: what it sends on, it
        // knows, though the versions that are asked for may not.
        let is_known = metadata.uid.is_some();
        if is_known {
            // It has validated it too, and filled in what nobody may send: the selector of a Job, its labels.
            diagnostics.retain(|it| !is_validation(it));
            suppressed.retain(|it| !is_validation(&it.diagnostic));
        }
        let mild = |rule| rule == NOT_READ || is_known && NOT_KNOWN.contains(&rule);
        let unsure = diagnostics.iter_mut().filter(|it| mild(it.rule));
        unsure.filter(|it| !self.validator.states_level(it.rule)).for_each(warn);
        // What was there before is no reason to keep a label or a finalizer from being changed.
        if diagnostics.iter().any(|it| it.level == Level::Error) && request.keeps_content() {
            diagnostics.iter_mut().filter(|it| !it.at.path.starts_with("metadata")).for_each(warn);
        }
        (diagnostics, suppressed)
    }
}

fn warn(finding: &mut Diagnostic) {
    finding.level = finding.level.min(Level::Warning);
}

/// What a server says of an object before it asks anybody else.
fn is_validation(finding: &Diagnostic) -> bool {
    finding.category == "api" && !NOT_KNOWN.contains(&finding.rule) && !OF_VERSIONS.contains(&finding.rule)
}

/// True for a field, or what lies in one, that the server writes.
fn is_of_server(path: &str) -> bool {
    let within =
        |field| path.strip_prefix(field).is_some_and(|rest: &str| rest.is_empty() || rest.starts_with(['.', '[']));
    OF_SERVER.iter().any(|&field| within(field))
}

/// What the audit log is told, beside what the requester is.
fn annotations(scope: Scope, diagnostics: &[Diagnostic], suppressed: &[Suppressed]) -> BTreeMap<&'static str, String> {
    let mut annotations = BTreeMap::new();
    if let Scope::Exempt(why) = scope {
        annotations.insert("not-judged", why.to_owned());
    }
    let mut count = |key, rules: &mut dyn Iterator<Item = &'static str>| {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        rules.for_each(|rule| *counts.entry(rule).or_default() += 1);
        if !counts.is_empty() {
            let counts: Vec<String> = counts.into_iter().map(|(rule, count)| format!("{rule}={count}")).collect();
            annotations.insert(key, counts.join(","));
        }
    };
    count("findings", &mut diagnostics.iter().map(|it| it.rule));
    count("suppressed", &mut suppressed.iter().map(|it| it.diagnostic.rule));
    annotations
}

/// Answers a review with the default policy; what is no review is refused with code 400.
#[must_use]
pub fn review(body: &[u8]) -> Vec<u8> {
    static REVIEWER: LazyLock<Reviewer> = LazyLock::new(Reviewer::default);
    REVIEWER.answer(body)
}

/// The answer where the review itself could not be done: with a warning if it is to pass, with code 500 if not. The uid
/// is taken from the body where it can be read.
#[must_use]
pub fn failed(body: &[u8], allow: bool, why: &str) -> Vec<u8> {
    let answer = if allow { Answer::unjudged(why) } else { Answer::refusal(Status::internal_error(why)) };
    answer.to_bytes(&uid_in(body))
}
