//! From what the grammar found to nodes, as the visitor of cel-go's `parser/parser.go` makes them.

use super::Dialect;
use super::lexer::Kind;
use super::unescape::{Literals, unescape};
use crate::ast::{Ast, Entry, Expr, ExprId, ExprKind, FieldInit, Literal};
use crate::error::{Errors, Issues};
use std::sync::Arc;

/// Deeper trees are refused (cel-go's `maxRecursionDepth`).
pub(super) const DEEPEST: u16 = 250;

/// More nodes are not made. The text's length bounds them, but for the copies that `optMap` makes of its target.
const MOST_NODES: usize = 150_000;

/// Names that are no identifiers.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "package",
    "namespace",
    "null",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Nodes as they are made, and the errors beside.
pub(super) struct Builder<'t> {
    pub(super) dialect: Dialect,
    pub(super) errors: Errors<'t>,
    nodes: Vec<Expr>,
    /// How deep each node is, by what cel-go counts.
    depths: Vec<u16>,
    overflow: bool,
}

impl<'t> Builder<'t> {
    pub(super) fn new(dialect: Dialect, errors: Errors<'t>) -> Self {
        Self { dialect, errors, nodes: Vec::new(), depths: Vec::new(), overflow: false }
    }

    /// The tree, or what is wrong with the text: the errors of `syntax` first, and those of what was made of it, if
    /// the reading came to its end.
    pub(super) fn finish(mut self, syntax: Vec<(Option<u32>, String)>, root: Option<ExprId>) -> Result<Ast, Issues> {
        let Some(root) = root else {
            self.errors.truncate(0);
            self.errors.prepend(syntax);
            return Err(self.errors.finish());
        };
        if self.overflow {
            self.errors.report(None, "expression is too large after its macros are expanded".to_owned());
        } else if self.is_too_deep(root) {
            // The server looks at nothing more.
            self.errors.truncate(0);
            self.errors.report(None, "max recursion depth exceeded".to_owned());
        }
        self.errors.prepend(syntax);
        if self.errors.is_empty() { Ok(Ast::new(self.nodes, root)) } else { Err(self.errors.finish()) }
    }

    pub(super) fn kind(&self, id: ExprId) -> &ExprKind {
        self.nodes.get(id.index()).map_or(&ExprKind::Unspecified, |node| &node.kind)
    }

    pub(super) fn offset(&self, id: ExprId) -> u32 {
        self.nodes.get(id.index()).map_or(0, |node| node.offset)
    }

    /// Whether a tree is deeper than the server reads, and than may be walked.
    pub(super) fn is_too_deep(&self, id: ExprId) -> bool {
        self.depth(id) > DEEPEST
    }

    fn depth(&self, id: ExprId) -> u16 {
        self.depths.get(id.index()).copied().unwrap_or_default()
    }

    fn deepest(&self, ids: &[ExprId]) -> u16 {
        ids.iter().map(|id| self.depth(*id)).max().unwrap_or_default()
    }

    /// A node as deep as nothing; what is made from others is [set](Self::deepen) after.
    pub(super) fn add(&mut self, offset: u32, kind: ExprKind) -> ExprId {
        if self.nodes.len() >= MOST_NODES {
            self.overflow = true;
            return ExprId::at(0);
        }
        self.nodes.push(Expr { kind, offset });
        self.depths.push(0);
        ExprId::at(self.nodes.len() - 1)
    }

    fn deepen(&mut self, id: ExprId, depth: u16) -> ExprId {
        if let Some(own) = self.depths.get_mut(id.index()) {
            *own = depth;
        }
        id
    }

    pub(super) fn overflows(&self) -> bool {
        self.overflow
    }

    /// What stands for something that has an error.
    pub(super) fn nothing(&mut self, offset: u32) -> ExprId {
        self.add(offset, ExprKind::Unspecified)
    }

    pub(super) fn fail(&mut self, offset: u32, message: String) -> ExprId {
        self.errors.report(Some(offset), message);
        self.nothing(offset)
    }

    /// Whether a name is reserved, which is reported at `offset`.
    pub(super) fn reserved(&mut self, offset: u32, name: &str) -> Option<ExprId> {
        is_reserved(name).then(|| self.fail(offset, format!("reserved identifier: {name}")))
    }

    pub(super) fn ident(&mut self, offset: u32, name: &str) -> ExprId {
        self.add(offset, ExprKind::Ident(name.into()))
    }

    /// A literal of a token whose text, with its sign, is `text`.
    pub(super) fn literal(&mut self, offset: u32, kind: Kind, text: &str) -> ExprId {
        let of = Literals { bytes: kind == Kind::Bytes, surrogates: self.dialect.server.minor() < 33 };
        let literal = match kind {
            Kind::Int => integer(text).map(Literal::Int).ok_or("invalid int literal"),
            Kind::Uint => unsigned(text).map(Literal::Uint).ok_or("invalid uint literal"),
            Kind::Float => double(text).map(Literal::Double).ok_or("invalid double literal"),
            Kind::String => unescape(text, of).map(|bytes| Literal::String(String::from_utf8_lossy(&bytes).into())),
            Kind::Bytes => unescape(text.get(1..).unwrap_or_default(), of).map(|bytes| Literal::Bytes(bytes.into())),
            Kind::True => Ok(Literal::Bool(true)),
            Kind::False => Ok(Literal::Bool(false)),
            _ => Ok(Literal::Null),
        };
        match literal {
            Ok(literal) => self.add(offset, ExprKind::Literal(literal)),
            Err(message) => self.fail(offset, message.to_owned()),
        }
    }

    /// `operand.field` and `operand.?field`; `field_offset` is the field's own place.
    pub(super) fn select(&mut self, offset: u32, operand: ExprId, field: (&str, u32), optional: bool) -> ExprId {
        let depth = self.depth(operand).saturating_add(1);
        let id = if optional {
            let name = self.add(field.1, ExprKind::Literal(Literal::String(field.0.into())));
            self.add(offset, call("_?._", None, vec![operand, name]))
        } else {
            self.add(offset, ExprKind::Select { operand, field: field.0.into(), test_only: false })
        };
        self.deepen(id, depth)
    }

    /// The name within backquotes, with an error if the server does not take them.
    pub(super) fn escaped(&mut self, offset: u32, token: &str) -> String {
        if !self.dialect.takes_escaped_identifiers() {
            self.fail(offset, "unsupported syntax: '`'".to_owned());
        }
        token.trim_matches('`').to_owned()
    }

    /// A call of a function or an operator, or what its macro makes of it.
    pub(super) fn global_call(&mut self, offset: u32, function: &str, args: Vec<ExprId>) -> ExprId {
        let depth = self.deepest(&args);
        let id = match self.expand(offset, function, None, &args) {
            Some(id) => id,
            None => self.add(offset, call(function, None, args)),
        };
        self.deepen(id, depth)
    }

    /// An operator that counts as a level of depth.
    pub(super) fn operator(&mut self, offset: u32, function: &str, args: Vec<ExprId>) -> ExprId {
        let depth = self.deepest(&args).saturating_add(1);
        let id = self.add(offset, call(function, None, args));
        self.deepen(id, depth)
    }

    pub(super) fn member_call(&mut self, offset: u32, function: &str, target: ExprId, args: Vec<ExprId>) -> ExprId {
        let depth = self.deepest(&args).max(self.depth(target)).saturating_add(1);
        let id = match self.expand(offset, function, Some(target), &args) {
            Some(id) => id,
            None => self.add(offset, call(function, Some(target), args)),
        };
        self.deepen(id, depth)
    }

    /// `terms[0] && terms[1] && …`, balanced so that its depth is the logarithm of its length.
    pub(super) fn logic(&mut self, function: &str, terms: &[ExprId], operators: &[u32]) -> ExprId {
        let function: Arc<str> = function.into();
        let depth = self.deepest(terms);
        let id = self.balanced(&function, terms, operators, 0, operators.len().saturating_sub(1));
        self.deepen(id, depth)
    }

    fn balanced(
        &mut self,
        function: &Arc<str>,
        terms: &[ExprId],
        operators: &[u32],
        low: usize,
        high: usize,
    ) -> ExprId {
        let term = |index: usize| terms.get(index).copied().unwrap_or(ExprId::at(0));
        let middle = (low + high).div_ceil(2);
        let left =
            if middle == low { term(middle) } else { self.balanced(function, terms, operators, low, middle - 1) };
        let right =
            if middle == high { term(middle + 1) } else { self.balanced(function, terms, operators, middle + 1, high) };
        let offset = operators.get(middle).copied().unwrap_or_default();
        self.add(offset, ExprKind::Call { function: function.clone(), target: None, args: vec![left, right] })
    }

    pub(super) fn list(&mut self, offset: u32, elements: Vec<ExprId>, optional: Vec<u32>) -> ExprId {
        let depth = self.deepest(&elements);
        let id = self.add(offset, ExprKind::List { elements, optional });
        self.deepen(id, depth)
    }

    pub(super) fn map(&mut self, offset: u32, entries: Vec<Entry>) -> ExprId {
        let depth = entries.iter().map(|entry| self.deepest(&[entry.key, entry.value])).max().unwrap_or_default();
        let id = self.add(offset, ExprKind::Map(entries));
        self.deepen(id, depth)
    }

    pub(super) fn message(&mut self, offset: u32, name: &str, fields: Vec<FieldInit>) -> ExprId {
        let depth = fields.iter().map(|field| self.depth(field.value)).max().unwrap_or_default();
        let id = self.add(offset, ExprKind::Struct { name: name.into(), fields });
        self.deepen(id, depth)
    }
}

/// Whether a name is no identifier.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

pub(super) fn call(function: &str, target: Option<ExprId>, args: Vec<ExprId>) -> ExprKind {
    ExprKind::Call { function: function.into(), target, args }
}

fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let size = unsigned_digits(digits)?;
    match (negative, i64::try_from(size)) {
        (false, size) => size.ok(),
        (true, Ok(size)) => Some(-size),
        (true, Err(_)) => (size == i64::MIN.unsigned_abs()).then_some(i64::MIN),
    }
}

fn unsigned(text: &str) -> Option<u64> {
    unsigned_digits(text.trim_end_matches(['u', 'U']))
}

fn unsigned_digits(digits: &str) -> Option<u64> {
    match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    }
}

fn double(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}
