//! A checked expression.

use crate::ast::{Ast, ExprId};
use crate::types::Type;
use seaworthy_object::Version;

/// An expression that compiled: what the evaluator runs.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) ast: Ast,
    pub(crate) types: Vec<Type>,
    pub(crate) libraries: Version,
}

impl Program {
    /// The tree. Names are resolved: a qualified variable is one identifier, a namespaced function (`ip.isCanonical`)
    /// is a call without target.
    #[must_use]
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    /// The type the checker found for a node.
    #[must_use]
    pub fn type_of(&self, id: ExprId) -> &Type {
        self.types.get(id.index()).unwrap_or(&Type::Dyn)
    }

    /// The type of the whole.
    #[must_use]
    pub fn result_type(&self) -> &Type {
        self.type_of(self.ast.root())
    }

    /// The version of Kubernetes whose libraries it was compiled against.
    #[must_use]
    pub fn libraries(&self) -> Version {
        self.libraries
    }
}
