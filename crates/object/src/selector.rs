//! Labels, and the selectors that ask for them.

use crate::field::Field;

/// The labels of an object or a pod.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    field: Option<Field<'a>>,
}

impl<'a> Labels<'a> {
    pub(crate) fn of(field: Option<Field<'a>>) -> Self {
        Self { field }
    }

    /// The mapping, if there is one.
    #[must_use]
    pub fn field(&self) -> Option<Field<'a>> {
        self.field
    }

    /// The value of a label; a number or truth value that stands there by mistake counts as its spelling.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a str> {
        let entry = self.field?.node().entry(key)?;
        Some(entry.value.text())
    }

    /// All labels in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.field.into_iter().flat_map(|field| field.node().entries().map(|entry| (entry.name(), entry.value.text())))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }
}

/// What is asked of one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Requirement<'a> {
    /// The label has one of these values (`In`, or an equality).
    In(&'a str, Vec<&'a str>),
    /// The label has none of these values, or is not there (`NotIn`).
    NotIn(&'a str, Vec<&'a str>),
    /// The label is there (`Exists`).
    Exists(&'a str),
    /// The label is not there (`DoesNotExist`).
    DoesNotExist(&'a str),
    /// An operator that no version knows: the API server refuses it, so it matches nothing.
    Unreadable,
}

/// A label selector, evaluated whole (`k8s.io/apimachinery/pkg/labels`).
#[derive(Debug, Clone)]
pub struct Selector<'a> {
    field: Field<'a>,
    requirements: Vec<Requirement<'a>>,
}

impl<'a> Selector<'a> {
    /// A plain map of labels, as Services and ReplicationControllers have it.
    #[must_use]
    pub fn from_labels(field: Field<'a>) -> Self {
        Self { field, requirements: equalities(field).collect() }
    }

    /// A `LabelSelector`: `matchLabels` and `matchExpressions`, all of which must hold.
    #[must_use]
    pub fn from_label_selector(field: Field<'a>) -> Self {
        let labels = field.get("matchLabels").into_iter().flat_map(equalities);
        let expressions = field.items_at("matchExpressions").map(|it| {
            let key = it.get("key").map_or("", |key| key.text());
            let values = || it.items_at("values").map(|value| value.text()).collect();
            match it.str_at("operator") {
                Some("In") => Requirement::In(key, values()),
                Some("NotIn") => Requirement::NotIn(key, values()),
                Some("Exists") => Requirement::Exists(key),
                Some("DoesNotExist") => Requirement::DoesNotExist(key),
                _ => Requirement::Unreadable,
            }
        });
        Self { field, requirements: labels.chain(expressions).collect() }
    }

    /// Where it is written.
    #[must_use]
    pub fn field(&self) -> Field<'a> {
        self.field
    }

    /// What it asks.
    #[must_use]
    pub fn requirements(&self) -> &[Requirement<'a>] {
        &self.requirements
    }

    /// The same without what it asks of some labels.
    #[must_use]
    pub fn without(mut self, ignored: impl Fn(&str) -> bool) -> Self {
        self.requirements.retain(|requirement| match requirement {
            Requirement::In(key, _)
            | Requirement::NotIn(key, _)
            | Requirement::Exists(key)
            | Requirement::DoesNotExist(key) => !ignored(key),
            Requirement::Unreadable => true,
        });
        self
    }

    /// True if it asks nothing; whether that means all or none is for the field that holds it to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// True if these labels meet every requirement.
    #[must_use]
    pub fn matches(&self, labels: Labels<'_>) -> bool {
        self.requirements.iter().all(|requirement| requirement.holds(labels))
    }

    /// The requirements that these labels do not meet.
    pub fn misses<'s>(&'s self, labels: Labels<'s>) -> impl Iterator<Item = &'s Requirement<'a>> {
        self.requirements.iter().filter(move |requirement| !requirement.holds(labels))
    }
}

impl Requirement<'_> {
    /// True if these labels meet it.
    #[must_use]
    pub fn holds(&self, labels: Labels<'_>) -> bool {
        match self {
            Requirement::In(key, values) => labels.get(key).is_some_and(|value| values.contains(&value)),
            Requirement::NotIn(key, values) => labels.get(key).is_none_or(|value| !values.contains(&value)),
            Requirement::Exists(key) => labels.get(key).is_some(),
            Requirement::DoesNotExist(key) => labels.get(key).is_none(),
            Requirement::Unreadable => false,
        }
    }
}

impl std::fmt::Display for Requirement<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Requirement::In(key, values) if values.len() == 1 => write!(f, "{key}={}", values.concat()),
            Requirement::In(key, values) => write!(f, "{key} in ({})", values.join(", ")),
            Requirement::NotIn(key, values) => write!(f, "{key} not in ({})", values.join(", ")),
            Requirement::Exists(key) => write!(f, "{key} exists"),
            Requirement::DoesNotExist(key) => write!(f, "{key} does not exist"),
            Requirement::Unreadable => f.write_str("an unknown operator"),
        }
    }
}

impl std::fmt::Display for Selector<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (at, requirement) in self.requirements.iter().enumerate() {
            write!(f, "{}{requirement}", if at > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

fn equalities<'a>(field: Field<'a>) -> impl Iterator<Item = Requirement<'a>> {
    field.node().entries().map(|entry| Requirement::In(entry.name(), vec![entry.value.text()]))
}
