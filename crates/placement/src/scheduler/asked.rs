//! What selectors ask of labels, compiled.

use seaworthy_object::{Field, Requirement, Selector};
use seaworthy_source::order;

use super::names::{Name, Names, value};

/// What is asked of one label.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    /// It has one of these values, which are sorted.
    In(Name, Vec<Name>),
    /// It has none of these values, which are sorted, or is not there.
    NotIn(Name, Vec<Name>),
    /// It is there.
    Exists(Name),
    /// It is not there.
    Absent(Name),
    /// It is a number above this one.
    Above(Name, i64),
    /// It is a number below this one.
    Below(Name, i64),
    /// Nothing meets it: the server refuses such a thing.
    Never,
}

/// A term of a node affinity: labels and the name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct NodeTerm {
    labels: Vec<Ask>,
    /// `metadata.name`: true for the one it must be, false for one it must not be.
    names: Vec<(bool, Name)>,
}

impl Ask {
    fn holds(&self, labels: &[(Name, Name)], names: &Names<'_>) -> bool {
        let number = |key: &Name| names.text(value(labels, *key)?).parse::<i64>().ok();
        match self {
            Ask::In(key, values) => value(labels, *key).is_some_and(|it| values.binary_search(&it).is_ok()),
            Ask::NotIn(key, values) => value(labels, *key).is_none_or(|it| values.binary_search(&it).is_err()),
            Ask::Exists(key) => value(labels, *key).is_some(),
            Ask::Absent(key) => value(labels, *key).is_none(),
            Ask::Above(key, than) => number(key).is_some_and(|it| it > *than),
            Ask::Below(key, than) => number(key).is_some_and(|it| it < *than),
            Ask::Never => false,
        }
    }
}

/// True if labels meet all that is asked.
pub(super) fn meets(asks: &[Ask], labels: &[(Name, Name)], names: &Names<'_>) -> bool {
    asks.iter().all(|it| it.holds(labels, names))
}

/// A selector, compiled.
pub(super) fn of_selector<'a>(selector: &Selector<'a>, names: &mut Names<'a>) -> Vec<Ask> {
    let asks = selector.requirements().iter().map(|requirement| match requirement {
        Requirement::In(key, values) => Ask::In(names.of(*key), sorted(values, names)),
        Requirement::NotIn(key, values) => Ask::NotIn(names.of(*key), sorted(values, names)),
        Requirement::Exists(key) => Ask::Exists(names.of(*key)),
        Requirement::DoesNotExist(key) => Ask::Absent(names.of(*key)),
        Requirement::Unreadable => Ask::Never,
    });
    asks.collect()
}

/// `nodeSelector`: labels and their values.
pub(super) fn of_map<'a>(field: Field<'a>, names: &mut Names<'a>) -> Vec<Ask> {
    let entries = field.node().entries();
    entries.map(|it| Ask::In(names.of(it.name()), vec![names.of(it.value.text())])).collect()
}

fn sorted<'a>(values: &[&'a str], names: &mut Names<'a>) -> Vec<Name> {
    let mut values: Vec<Name> = values.iter().map(|it| names.of(*it)).collect();
    order::sort(&mut values);
    values
}

impl NodeTerm {
    /// A term as it is written; nothing for an empty one, which matches no node.
    pub(super) fn of<'a>(field: Field<'a>, names: &mut Names<'a>) -> Option<Self> {
        let mut term = Self { labels: Vec::new(), names: Vec::new() };
        for expression in field.items_at("matchExpressions") {
            term.labels.push(of_expression(expression, names));
        }
        for expression in field.items_at("matchFields") {
            let mut values = expression.items_at("values").map(|it| it.text());
            let is_in = expression.str_at("operator") == Some("In");
            match (values.next(), values.next()) {
                (Some(name), None) if is_in || expression.str_at("operator") == Some("NotIn") => {
                    term.names.push((is_in, names.of(name)));
                }
                _ => term.labels.push(Ask::Never),
            }
        }
        (!term.labels.is_empty() || !term.names.is_empty()).then_some(term)
    }

    /// True if a node is meant.
    pub(super) fn matches(&self, labels: &[(Name, Name)], name: Name, names: &Names<'_>) -> bool {
        self.names.iter().all(|(is, it)| (*it == name) == *is) && meets(&self.labels, labels, names)
    }

    /// The only node that it can mean: nothing if it names none, an empty name if it names two.
    pub(super) fn only_node(&self) -> Option<Option<Name>> {
        let mut named = self.names.iter().filter(|it| it.0).map(|it| it.1);
        let first = named.next()?;
        Some(named.all(|it| it == first).then_some(first))
    }
}

/// `NodeSelectorRequirement`: what cannot be read is an error of the whole term, which then matches nothing.
fn of_expression<'a>(field: Field<'a>, names: &mut Names<'a>) -> Ask {
    let key = names.of(field.get("key").map_or("", |it| it.text()));
    let values: Vec<&'a str> = field.items_at("values").map(|it| it.text()).collect();
    let number = || values.first().filter(|_| values.len() == 1)?.parse().ok();
    match field.str_at("operator") {
        Some("In") if !values.is_empty() => Ask::In(key, sorted(&values, names)),
        Some("NotIn") if !values.is_empty() => Ask::NotIn(key, sorted(&values, names)),
        Some("Exists") => Ask::Exists(key),
        Some("DoesNotExist") => Ask::Absent(key),
        Some("Gt") => number().map_or(Ask::Never, |it| Ask::Above(key, it)),
        Some("Lt") => number().map_or(Ask::Never, |it| Ask::Below(key, it)),
        _ => Ask::Never,
    }
}
