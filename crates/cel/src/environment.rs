//! What an expression may name.

use crate::syntax::Dialect;
use crate::types::Type;
use seaworthy_object::Version;
use std::sync::Arc;

/// Variables, types and the version of Kubernetes whose libraries there are.
#[derive(Clone, Debug)]
pub struct Environment {
    dialect: Dialect,
    variables: Vec<(Arc<str>, Type)>,
}

impl Environment {
    /// What a server of `version` offers to an expression that is new: the libraries of the version before, so that
    /// the cluster can go back to it (apiserver's `DefaultCompatibilityVersion`).
    #[must_use]
    pub fn new(version: Version) -> Self {
        let before = Version::minor_of(version.minor().saturating_sub(1));
        Self { dialect: Dialect { server: version, libraries: before }, variables: Vec::new() }
    }

    /// What a server of `version` offers to an expression that is stored already: all it knows.
    #[must_use]
    pub fn stored(version: Version) -> Self {
        Self { dialect: Dialect { server: version, libraries: version }, variables: Vec::new() }
    }

    /// The server's and the libraries' version.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Declares a variable.
    #[must_use]
    pub fn with(mut self, name: &str, ty: Type) -> Self {
        self.variables.push((name.into(), ty));
        self
    }
}
