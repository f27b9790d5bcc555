//! A checked expression.

use crate::ast::{Ast, ExprId};
use crate::check::Checked;
use crate::eval::Plan;
use crate::syntax::Dialect;
use crate::types::Type;
use seaworthy_object::Version;

/// An expression that compiled: what the evaluator runs.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) ast: Ast,
    pub(crate) checked: Checked,
    pub(crate) dialect: Dialect,
    pub(crate) plan: Plan,
    pub(crate) unplanned: Option<String>,
}

impl Program {
    pub(crate) fn new(ast: Ast, checked: Checked, dialect: Dialect) -> Self {
        let mut program = Self { ast, checked, dialect, plan: Plan::default(), unplanned: None };
        match Plan::of(&program) {
            Ok(plan) => program.plan = plan,
            Err(why) => program.unplanned = Some(why),
        }
        program
    }

    /// Why the program cannot be run although it compiled: a constant in it does not convert, or is no regular
    /// expression. The server prints it behind its `program instantiation failed: `.
    #[must_use]
    pub fn instantiation_error(&self) -> Option<&str> {
        self.unplanned.as_deref()
    }

    /// The version of Kubernetes whose cel-go runs it.
    #[must_use]
    pub fn server(&self) -> Version {
        self.dialect.server
    }

    /// The tree. Names are resolved: a qualified variable is one identifier, a namespaced function (`ip.isCanonical`)
    /// is a call without target.
    #[must_use]
    pub fn ast(&self) -> &Ast {
        &self.ast
    }

    /// Whether it reads a variable.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        let mut left = vec![self.ast.root()];
        while let Some(id) = left.pop() {
            if matches!(self.ast.kind(id), crate::ast::ExprKind::Ident(there) if **there == *name) {
                return true;
            }
            self.ast.children(id, &mut |inner| left.push(inner));
        }
        false
    }

    /// The type the checker found for a node.
    #[must_use]
    pub fn type_of(&self, id: ExprId) -> &Type {
        self.checked.types.get(id.index()).unwrap_or(&Type::Dyn)
    }

    /// Which overloads of its function a call may mean, as bits, in the order of the declarations.
    pub(crate) fn matched(&self, id: ExprId) -> u32 {
        self.checked.overloads.get(id.index()).copied().unwrap_or_default()
    }

    /// Whether a selection names a field by a word of CEL although it is declared escaped.
    pub(crate) fn is_bare(&self, id: ExprId) -> bool {
        self.checked.bare.binary_search(&id).is_ok()
    }

    /// The type of the whole.
    #[must_use]
    pub fn result_type(&self) -> &Type {
        self.type_of(self.ast.root())
    }

    /// The version of Kubernetes whose libraries it was compiled against.
    #[must_use]
    pub fn libraries(&self) -> Version {
        self.dialect.libraries
    }
}
