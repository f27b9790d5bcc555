//! JSON in, JSON out: the door for languages that are not Rust. Every binding is a shim over it.
//!
//! The request is `{"files": [{"name": "web.yaml", "text": "…"}], "options": {…}}`, the answer the JSON of `check` or of
//! `describe`.

use seaworthy_fleet::Overrides;
use seaworthy_object::Version;
use seaworthy_policy::{Policy, Selection, UnknownName};
use seaworthy_render::Json;
use seaworthy_source::Source;
use serde::Deserialize;

use crate::Validator;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    files: Vec<File>,
    #[serde(default)]
    options: Options,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    text: String,
}

/// The flags of `check`, under the names JSON gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Options {
    /// `--kubernetes-version`.
    pub kubernetes_versions: Vec<String>,
    /// `--complete`.
    pub complete: Option<bool>,
    /// The namespace of namespaced objects that name none.
    pub namespace: Option<String>,
    /// `--only`.
    pub only: Vec<String>,
    /// `--skip`.
    pub skip: Vec<String>,
    /// `--pack`.
    pub packs: Vec<String>,
    /// The day, as `2026-11-21`; without it nothing expires.
    pub today: Option<String>,
}

/// A request that cannot be answered.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// It is no request.
    #[error("no request of this form: {0}")]
    Request(#[from] serde_json::Error),
    /// A Kubernetes version that is none.
    #[error("options.kubernetesVersions: {0}")]
    Version(String),
    /// A day that is none.
    #[error("options.today: `{0}` is no day, such as 2027-01-31")]
    Day(String),
    /// A name that is neither rule, category nor pack.
    #[error("options: {0}")]
    Name(#[from] UnknownName),
}

/// Checks the files of a request. The same request gives the same answer, on any machine.
///
/// # Errors
/// The request has another form, or its options name what is not there.
///
/// ```
/// let request = r#"{"files": [{"name": "a.yaml", "text": "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {}}"}]}"#;
/// let answer = seaworthy::wire::check(request)?;
/// assert!(answer.contains(r#""rule":"missing-field""#));
/// # Ok::<(), seaworthy::wire::WireError>(())
/// ```
pub fn check(request: &str) -> Result<String, WireError> {
    let (validator, sources) = read(request)?;
    Ok(Json(&validator.check(sources)).to_string())
}

/// What the model understood of the files of a request, as the JSON of `describe`.
///
/// # Errors
/// As for [`check`].
pub fn describe(request: &str) -> Result<String, WireError> {
    let (validator, sources) = read(request)?;
    Ok(serde_json::to_string(&validator.describe(&sources))?)
}

fn read(request: &str) -> Result<(Validator, Vec<Source>), WireError> {
    let Request { files, options } = serde_json::from_str(request)?;
    let sources = files.into_iter().map(|file| Source::new(file.name, file.text)).collect();
    Ok((options.validator()?, sources))
}

impl Options {
    /// A validator that obeys them.
    ///
    /// # Errors
    /// They name what is not there.
    pub fn validator(&self) -> Result<Validator, WireError> {
        Ok(Validator::new(self.overrides()?, self.policy()?))
    }

    fn overrides(&self) -> Result<Overrides, WireError> {
        let version =
            |text: &String| text.parse::<Version>().map_err(|error| WireError::Version(format!("`{text}`: {error}")));
        let versions: Vec<Version> = self.kubernetes_versions.iter().map(version).collect::<Result<_, _>>()?;
        let day = |text: &String| seaworthy_fleet::day(text).ok_or_else(|| WireError::Day(text.clone()));
        let today = self.today.as_ref().map(day).transpose()?;
        Ok(Overrides {
            versions: (!versions.is_empty()).then(|| versions.into_iter().collect()),
            complete: self.complete,
            namespace: self.namespace.clone(),
            today,
        })
    }

    fn policy(&self) -> Result<Policy, UnknownName> {
        let named = |names: &[String]| names.iter().map(|name| Selection::named(name)).collect::<Result<Vec<_>, _>>();
        let packs = self.packs.iter().map(|name| seaworthy_policy::pack(name)).collect::<Result<Vec<_>, _>>()?;
        Ok(Policy::default().with_packs(packs).with_only(named(&self.only)?).with_skip(named(&self.skip)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_request_is_said() {
        for (request, words) in [
            ("", "EOF"),
            (r#"{"files": 3}"#, "invalid type"),
            (r#"{"files": [], "option": {}}"#, "unknown field `option`"),
            (r#"{"files": [], "options": {"packs": ["strickt"]}}"#, "did you mean `strict`?"),
            (r#"{"files": [], "options": {"only": ["no-such-rule"]}}"#, "no rule or category is called `no-such-rule`"),
            (r#"{"files": [], "options": {"today": "tomorrow"}}"#, "`tomorrow` is no day"),
            (r#"{"files": [], "options": {"kubernetesVersions": ["2.1"]}}"#, "options.kubernetesVersions: `2.1`"),
        ] {
            let error = check(request).unwrap_err().to_string();
            assert!(error.contains(words), "{request}: {error}");
        }
    }

    #[test]
    fn options_are_those_of_check() {
        let request = r#"{"files": [{"name": "a.yaml", "text": "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {selector: {app: a}, ports: [{port: 80}]}"}],
            "options": {"complete": true, "kubernetesVersions": ["1.30", "1.34"], "only": ["reference"]}}"#;
        let answer = check(request).unwrap();
        assert!(answer.contains(r#""kubernetesVersions":["1.30","1.34"]"#), "{answer}");
        assert!(answer.contains("service-selects-nothing"), "{answer}");
    }
}
