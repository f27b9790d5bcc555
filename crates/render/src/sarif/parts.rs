//! The objects of SARIF, as far as they are written. Names are the format's own.

use seaworthy_diagnostic::{Location, ObjectRef};
use serde::Serialize;

use crate::RuleDescription;
use crate::json::Object;
use crate::sarif::level;

/// What relative URIs are relative to.
const ROOT: &str = "SRCROOT";

#[derive(Serialize)]
pub(super) struct Text<T> {
    pub(super) text: T,
}

/// `originalUriBaseIds`: the root has words, no address, so that a report does not depend on where it was made.
#[derive(Serialize)]
pub(super) struct BaseIds {
    #[serde(rename = "SRCROOT")]
    root: Described,
}

#[derive(Serialize)]
struct Described {
    description: Text<&'static str>,
}

impl BaseIds {
    pub(super) fn new(text: &'static str) -> Self {
        Self { root: Described { description: Text { text } } }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunBag<'r> {
    pub(super) kubernetes_versions: &'r [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Driver<'r> {
    pub(super) name: &'static str,
    pub(super) full_name: &'static str,
    pub(super) version: &'static str,
    pub(super) semantic_version: &'static str,
    pub(super) rules: Vec<ReportingDescriptor<'r>>,
}

/// A rule.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportingDescriptor<'r> {
    id: &'r str,
    name: String,
    short_description: Text<&'r str>,
    full_description: Text<&'r str>,
    help: Help<'r>,
    default_configuration: Configuration,
    properties: RuleBag<'r>,
}

#[derive(Serialize)]
struct Help<'r> {
    text: &'r str,
    markdown: &'r str,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'static str>,
}

#[derive(Serialize)]
struct RuleBag<'r> {
    category: &'r str,
    tags: [&'r str; 1],
}

impl<'r> ReportingDescriptor<'r> {
    pub(super) fn of(rule: &'r RuleDescription) -> Self {
        Self {
            id: rule.id,
            name: pascal_case(rule.id),
            short_description: Text { text: &rule.summary },
            full_description: Text { text: &rule.introduction },
            help: Help { text: rule.page, markdown: rule.page },
            default_configuration: Configuration { enabled: rule.level.is_some(), level: rule.level.map(level) },
            properties: RuleBag { category: rule.category, tags: [rule.category] },
        }
    }
}

/// `service-selects-nothing` as `ServiceSelectsNothing`: a name may not be the id again.
fn pascal_case(id: &str) -> String {
    let word = |word: &str| {
        let mut rest = word.chars();
        rest.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(rest).collect::<String>()
    };
    id.split('-').map(word).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifResult<'r> {
    pub(super) rule_id: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule_index: Option<usize>,
    pub(super) level: &'static str,
    pub(super) message: Text<String>,
    pub(super) locations: [Place<'r>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) related_locations: Vec<Place<'r>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fixes: Vec<SarifFix<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) partial_fingerprints: Option<Fingerprints>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressions: Option<[Suppression<'r>; 1]>,
    pub(super) properties: ResultBag<'r>,
}

/// The number is the version of how it is made.
#[derive(Serialize)]
pub(super) struct Fingerprints {
    #[serde(rename = "seaworthy/v1")]
    pub(super) fingerprint: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResultBag<'r> {
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) kubernetes_versions: &'r [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) object: Option<Object<'r>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) path: &'r str,
}

/// SARIF's `location`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Place<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation<'r>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<&'r str>>,
}

impl<'r> Place<'r> {
    pub(super) fn new(physical_location: PhysicalLocation<'r>) -> Self {
        Self { id: None, physical_location, logical_locations: Vec::new(), message: None }
    }

    /// The same as another place of a result, which text can name by its number.
    pub(super) fn related(self, id: usize, text: &'r str) -> Self {
        Self { id: Some(id), message: Some(Text { text }), ..self }
    }

    /// The same, with the object it lies in.
    pub(super) fn in_object(mut self, at: &'r Location) -> Self {
        self.logical_locations = at.object.iter().map(|it| LogicalLocation::of(at, it)).collect();
        self
    }
}

/// An object of Kubernetes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'r> {
    name: &'r str,
    fully_qualified_name: String,
    kind: &'static str,
}

impl<'r> LogicalLocation<'r> {
    /// `apps/v1/Deployment/shop/web#spec.replicas`.
    fn of(at: &'r Location, object: &'r ObjectRef) -> Self {
        let parts =
            [Some(object.api_version.as_str()), Some(&object.kind), object.namespace.as_deref(), Some(&object.name)];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        let field = if at.path.is_empty() { String::new() } else { format!("#{}", at.path) };
        Self { name: &object.name, fully_qualified_name: parts.join("/") + &field, kind: "resource" }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PhysicalLocation<'r> {
    pub(super) artifact_location: ArtifactLocation<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<Region<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactLocation<'r> {
    uri: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

impl<'r> ArtifactLocation<'r> {
    pub(super) fn new(uri: &'r str, is_relative: bool, index: Option<usize>) -> Self {
        Self { uri, uri_base_id: is_relative.then_some(ROOT), index }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Region<'r> {
    pub(super) start_line: u32,
    pub(super) start_column: u32,
    pub(super) end_line: u32,
    pub(super) end_column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) byte_offset: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) byte_length: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) snippet: Option<Text<&'r str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SarifFix<'r> {
    pub(super) description: Text<&'r str>,
    pub(super) artifact_changes: Vec<ArtifactChange<'r>>,
    pub(super) properties: FixBag,
}

#[derive(Serialize)]
pub(super) struct FixBag {
    pub(super) safety: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactChange<'r> {
    pub(super) artifact_location: ArtifactLocation<'r>,
    pub(super) replacements: Vec<Replacement<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Replacement<'r> {
    pub(super) deleted_region: Region<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) inserted_content: Option<Text<&'r str>>,
}

#[derive(Serialize)]
pub(super) struct Suppression<'r> {
    pub(super) kind: &'static str,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) justification: Option<&'r str>,
    pub(super) properties: SuppressionBag,
}

#[derive(Serialize)]
pub(super) struct SuppressionBag {
    pub(super) by: &'static str,
}
