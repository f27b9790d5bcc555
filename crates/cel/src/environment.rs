//! What an expression may name.

use crate::types::Type;
use seaworthy_object::Version;
use std::sync::Arc;

/// Variables, types and the version of Kubernetes whose libraries there are.
#[derive(Clone, Debug)]
pub struct Environment {
    version: Version,
    variables: Vec<(Arc<str>, Type)>,
}

impl Environment {
    /// An environment without variables, with the libraries that `version` offers to stored expressions.
    #[must_use]
    pub fn new(version: Version) -> Self {
        Self { version, variables: Vec::new() }
    }

    /// The version of Kubernetes.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Declares a variable.
    #[must_use]
    pub fn with(mut self, name: &str, ty: Type) -> Self {
        self.variables.push((name.into(), ty));
        self
    }
}
