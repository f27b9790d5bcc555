//! The tree of an expression after its macros are expanded, as cel-go's `common/ast` has it.
//!
//! Nodes stand in one arena and name each other by [`ExprId`], so that a deep tree is dropped without recursion.

use std::sync::Arc;

/// The place of a node in its [`Ast`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(u32);

impl ExprId {
    pub(crate) fn at(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// The index of the node, for tables beside the tree.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A whole expression.
#[derive(Clone, Debug)]
pub struct Ast {
    nodes: Vec<Expr>,
    root: ExprId,
}

/// One node.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where errors about it point: in code points from the start of the expression, as cel-go records it (the
    /// operator of a call, the dot of a selection). A node of a macro has the place of the macro's call.
    pub offset: u32,
}

/// What a node is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// A name; after the check, the full name it resolved to.
    Ident(Arc<str>),
    /// `operand.field`, or the test of `has(operand.field)`.
    Select {
        /// What is read.
        operand: ExprId,
        /// The field or key.
        field: Arc<str>,
        /// Whether it only asks for presence.
        test_only: bool,
    },
    /// A call; operators are functions by cel-go's names, such as `_+_`.
    Call {
        /// The function.
        function: Arc<str>,
        /// What stands before the dot, of a member call.
        target: Option<ExprId>,
        /// The arguments without the target.
        args: Vec<ExprId>,
    },
    /// `[a, ?b]`.
    List {
        /// The elements.
        elements: Vec<ExprId>,
        /// Which of them are optional (`?b`).
        optional: Vec<u32>,
    },
    /// `{key: value, ?key: value}`.
    Map(Vec<Entry>),
    /// `Type{field: value}`.
    Struct {
        /// The name of the type.
        name: Arc<str>,
        /// The fields.
        fields: Vec<FieldInit>,
    },
    /// What a macro such as `all` became.
    Comprehension(Box<Comprehension>),
    /// What stands where the text could not be read; a compiled [`Program`](crate::Program) has none.
    Unspecified,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    Bool(bool),
    /// `1`
    Int(i64),
    /// `1u`
    Uint(u64),
    /// `1.0`
    Double(f64),
    /// `'a'`
    String(Arc<str>),
    /// `b'a'`
    Bytes(Arc<[u8]>),
}

/// An entry of a map.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The key.
    pub key: ExprId,
    /// The value.
    pub value: ExprId,
    /// Whether the value is an optional that decides about the entry.
    pub optional: bool,
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct FieldInit {
    /// Its name.
    pub name: Arc<str>,
    /// Its value.
    pub value: ExprId,
    /// Whether the value is an optional that decides about the field.
    pub optional: bool,
    /// Where errors about the field point.
    pub offset: u32,
}

/// A fold over a list or a map.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// The name of each element, or of each key of a map.
    pub iter_var: Arc<str>,
    /// The second name, of the macros with two: then the first is the index or key, this the element or value.
    pub iter_var2: Option<Arc<str>>,
    /// What is walked.
    pub iter_range: ExprId,
    /// The name of the accumulator.
    pub accu_var: Arc<str>,
    /// Its first value; sees neither of the names.
    pub accu_init: ExprId,
    /// Goes on while this is true.
    pub loop_condition: ExprId,
    /// The accumulator's next value.
    pub loop_step: ExprId,
    /// The value of the whole; sees the accumulator alone.
    pub result: ExprId,
}

impl Ast {
    pub(crate) fn new(nodes: Vec<Expr>, root: ExprId) -> Self {
        Self { nodes, root }
    }

    /// The outermost node.
    #[must_use]
    pub fn root(&self) -> ExprId {
        self.root
    }

    /// The node of an id; an id of another tree gives an unspecified one.
    #[must_use]
    pub fn get(&self, id: ExprId) -> &Expr {
        const NOTHING: &Expr = &Expr { kind: ExprKind::Unspecified, offset: 0 };
        self.nodes.get(id.index()).unwrap_or(NOTHING)
    }

    /// What a node is.
    #[must_use]
    pub fn kind(&self, id: ExprId) -> &ExprKind {
        &self.get(id).kind
    }

    /// Calls `visit` with each node that a node is made of, in cel-go's order.
    pub fn children(&self, id: ExprId, visit: &mut dyn FnMut(ExprId)) {
        match self.kind(id) {
            ExprKind::Select { operand, .. } => visit(*operand),
            ExprKind::Call { target, args, .. } => target.iter().chain(args).for_each(|id| visit(*id)),
            ExprKind::List { elements, .. } => elements.iter().for_each(|id| visit(*id)),
            ExprKind::Map(entries) => entries.iter().flat_map(|entry| [entry.key, entry.value]).for_each(visit),
            ExprKind::Struct { fields, .. } => fields.iter().for_each(|field| visit(field.value)),
            ExprKind::Comprehension(fold) => {
                [fold.iter_range, fold.accu_init, fold.loop_condition, fold.loop_step, fold.result]
                    .into_iter()
                    .for_each(visit);
            }
            ExprKind::Literal(_) | ExprKind::Ident(_) | ExprKind::Unspecified => {}
        }
    }

    /// Makes a node something else, at its place.
    pub(crate) fn set(&mut self, id: ExprId, kind: ExprKind) {
        if let Some(node) = self.nodes.get_mut(id.index()) {
            node.kind = kind;
        }
    }

    /// How many nodes there are; ids are below it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}
