//! The fixes of rules: what they put into a manifest, and what they take out.

use seaworthy_diagnostic::{Edit, Fix, Safety};
use seaworthy_object::{Field, Requirement, Selector};
use seaworthy_source::Span;

/// A fix of one edit, which somebody should look at before he keeps it.
pub(crate) fn by(edit: Edit, title: impl Into<String>) -> Fix {
    Fix { title: title.into(), safety: Safety::Unsafe, edits: vec![edit] }
}

/// The fix that gives a field another value.
pub(crate) fn replacement(field: Field<'_>, text: impl Into<String>, title: impl Into<String>) -> Fix {
    by(Edit { source: field.object().source(), span: field.span(), text: text.into() }, title)
}

/// The fix that takes a field out, where it stands on lines of its own.
pub(crate) fn removal(field: Field<'_>, title: impl Into<String>) -> Option<Fix> {
    Some(by(Edit { source: field.object().source(), span: field.lines()?, text: String::new() }, title))
}

/// The edit that writes lines before the key of a field, each as far in as the key; none where the key does not stand
/// at the start of its line, as in JSON.
pub(crate) fn before(field: Field<'_>, lines: &[&str]) -> Option<Edit> {
    let object = field.object();
    let text = object.document().source_text();
    let start = field.node().key()?.span().start as usize;
    let indent = text.get(..start)?.rsplit('\n').next()?;
    let in_block = indent.chars().all(|it| it == ' ') && !text.get(object.root().span().range())?.starts_with('{');
    in_block.then(|| Edit {
        source: object.source(),
        span: Span::of(start..start),
        text: lines.iter().map(|line| format!("{line}\n{indent}")).collect(),
    })
}

/// The labels of a selector that asks for nothing else, as entries between braces.
pub(crate) fn flow_labels(selector: &Selector<'_>) -> Option<String> {
    let label = |it: &Requirement<'_>| match it {
        Requirement::In(key, values) => Some(format!("{key}: \"{}\"", values.first().filter(|_| values.len() == 1)?)),
        _ => None,
    };
    let labels: Option<Vec<String>> = selector.requirements().iter().map(label).collect();
    labels.filter(|it| !it.is_empty()).map(|it| it.join(", "))
}
