//! For programs that hold typed objects.

use seaworthy_diagnostic::Report;
use seaworthy_source::Source;
use serde::Serialize;

use crate::Validator;

/// The value does not serialise as JSON.
#[derive(Debug, thiserror::Error)]
#[error("the value does not serialise as JSON: {0}")]
pub struct NotAnObject(#[from] serde_json::Error);

impl Validator {
    /// Checks one typed object: what `k8s_openapi`, `kube` and `serde_json` hold, anything that serialises with
    /// `apiVersion` and `kind`. Places in the report are those of its JSON, the one source of the report.
    ///
    /// # Errors
    /// The value does not serialise as JSON.
    ///
    /// ```
    /// # use seaworthy::Validator;
    /// let pod = serde_json::json!({
    ///     "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
    ///     "spec": {"containers": [{"name": "web", "image": "nginx:1.27", "ports": [{"port": 80}]}]},
    /// });
    /// let report = Validator::default().check_object(&pod)?;
    /// let finding = report.diagnostics.iter().find(|it| it.rule == "unknown-field").unwrap();
    /// assert_eq!(finding.at.path, "spec.containers[0].ports[0].port");
    /// # Ok::<(), seaworthy::NotAnObject>(())
    /// ```
    pub fn check_object(&self, object: &impl Serialize) -> Result<Report, NotAnObject> {
        let text = serde_json::to_string_pretty(object)?;
        Ok(self.check(vec![Source::new("object.json", text)]))
    }
}
