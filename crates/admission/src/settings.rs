//! Settings of a host that is not ours, such as a policy server: a policy and versions as one JSON object.

use seaworthy::{NoPolicy, Overrides, Source, Validator, Version, read_policy};
use serde_json::{Map, Value, json};

use crate::Reviewer;

/// Settings that are none.
#[derive(Debug, thiserror::Error)]
pub enum WrongSettings {
    /// They are no JSON object.
    #[error("the settings are no JSON object: {0}")]
    NoObject(#[from] serde_json::Error),
    /// A version of Kubernetes that is none.
    #[error("kubernetesVersions: {0}")]
    Version(String),
    /// What is wrong with the policy, a line each.
    #[error("{0}")]
    Policy(String),
}

impl Reviewer {
    /// A reviewer for settings as JSON: what the `spec` of a Policy document holds, read by the same reader, and
    /// `kubernetesVersions`, a list. Nothing, `null` and `{}` mean the default policy.
    ///
    /// # Errors
    /// They have another form, or say what no rule, pack or version understands.
    ///
    /// ```
    /// use seaworthy_admission::Reviewer;
    ///
    /// assert!(Reviewer::of_settings(r#"{"packs": ["strict"], "kubernetesVersions": ["1.34"]}"#).is_ok());
    /// let wrong = Reviewer::of_settings(r#"{"levels": {"image-latst": "error"}}"#).unwrap_err().to_string();
    /// assert!(wrong.contains("did you mean `image-latest`?"), "{wrong}");
    /// ```
    pub fn of_settings(settings: &str) -> Result<Self, WrongSettings> {
        let given = if settings.trim().is_empty() { "null" } else { settings };
        let mut spec: Map<String, Value> = serde_json::from_str::<Option<_>>(given)?.unwrap_or_default();
        let versions = versions(spec.remove("kubernetesVersions"))?;
        let document = json!({"apiVersion": "seaworthy/v1alpha1", "kind": "Policy", "metadata": {"name": "settings"}, "spec": spec});
        let policy = read_policy(&Source::new("settings", document.to_string())).map_err(|error| match error {
            NoPolicy::Wrong(report) => {
                let lines = report.diagnostics.iter().map(|it| {
                    let path = it.at.path.trim_start_matches("spec").trim_start_matches('.');
                    let help = it.help.as_deref().map(|it| format!("; {it}")).unwrap_or_default();
                    format!("{path}: {}{help}", it.message)
                });
                WrongSettings::Policy(lines.collect::<Vec<_>>().join("\n"))
            }
            error @ NoPolicy::NotThere(_) => WrongSettings::Policy(error.to_string()),
        })?;
        Ok(Self::new(Validator::new(Overrides { versions, ..Overrides::default() }, policy)))
    }
}

fn versions(given: Option<Value>) -> Result<Option<seaworthy::Versions>, WrongSettings> {
    let list = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(list)) if !list.is_empty() => list,
        Some(_) => return Err(WrongSettings::Version("a list of versions such as [\"1.34\"]".to_owned())),
    };
    let version = |it: &Value| {
        let text = it.as_str().map_or_else(|| it.to_string(), str::to_owned);
        text.parse::<Version>().map_err(|error| WrongSettings::Version(format!("`{text}`: {error}")))
    };
    list.iter().map(version).collect::<Result<_, _>>().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[test]
    fn none_are_the_default() {
        for none in ["", " ", "null", "{}", r#"{"kubernetesVersions": null}"#] {
            assert!(Reviewer::of_settings(none).is_ok(), "{none}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (settings, words) in [
            ("[]", "no JSON object"),
            ("{", "no JSON object"),
            (r#"{"kubernetesVersions": "1.34"}"#, "kubernetesVersions: a list"),
            (r#"{"kubernetesVersions": []}"#, "kubernetesVersions: a list"),
            (r#"{"kubernetesVersions": ["2.1"]}"#, "kubernetesVersions: `2.1`"),
            (r#"{"packs": ["strickt"]}"#, "packs[0]: no pack is called `strickt`"),
            (r#"{"levels": {"image-latest": "loud"}}"#, "levels.image-latest:"),
            (r#"{"options": {"image-latest": {"tag": []}}}"#, "did you mean `tags`?"),
            (r#"{"pack": ["strict"]}"#, "did you mean `packs`?"),
        ] {
            let error = Reviewer::of_settings(settings).unwrap_err().to_string();
            assert!(error.contains(words), "{settings}: {error}");
        }
    }

    #[test]
    fn they_are_obeyed() {
        let body = br#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1",
            "operation": "CREATE", "object": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec":
            {"containers": [{"name": "a", "image": "a:edge", "resources": {"requests": {"cpu": "1"}}}]}}}}"#;
        let verdict = |settings: &str| Reviewer::of_settings(settings).unwrap().review(body).unwrap().verdict;
        assert_eq!(verdict("{}"), Verdict::Allowed);
        let option = r#""options": {"image-latest": {"tags": ["edge"]}}"#;
        assert_eq!(verdict(&format!("{{{option}}}")), Verdict::Warned);
        assert_eq!(verdict(&format!(r#"{{{option}, "levels": {{"image-latest": "error"}}}}"#)), Verdict::Denied);
        assert_eq!(verdict(&format!(r#"{{{option}, "levels": {{"image-latest": "off"}}}}"#)), Verdict::Allowed);
        let suppress = r#""suppress": [{"rule": "image-latest", "object": "Pod/*", "reason": "tried out here"}]"#;
        assert_eq!(verdict(&format!("{{{option}, {suppress}}}")), Verdict::Allowed);
    }
}
