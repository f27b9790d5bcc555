//! What an expression is worth, as far as that can be told without running Terraform.

use std::borrow::Cow;
use std::rc::Rc;

use seaworthy_document::{Node, Value as Scalar};

/// A value, and where it is written: the literal itself, however many variables it went through.
#[derive(Debug, Clone)]
pub(super) struct Known<'a> {
    pub(super) value: Value<'a>,
    pub(super) at: Option<Node<'a>>,
}

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Value<'a> {
    /// Only Terraform can tell.
    Unknown,
    Null,
    Bool(bool),
    Number(f64),
    Text(Cow<'a, str>),
    /// A text of which parts are unknown; those are [`HOLE`].
    Pattern(String),
    List(Rc<Vec<Known<'a>>>),
    Map(Rc<Vec<(Cow<'a, str>, Known<'a>)>>),
    /// Something that is made, or an attribute of it that is known when it is there.
    Thing(Thing<'a>),
}

/// Stands for what is unknown of a text.
pub(super) const HOLE: char = crate::sites::UNKNOWN;

/// A resource, a data source or a module that is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Thing<'a> {
    /// The instance of the module that it belongs to.
    pub(super) instance: usize,
    /// Its block.
    pub(super) block: Node<'a>,
    /// What of it is meant; empty for the whole.
    pub(super) attribute: &'a str,
    pub(super) sort: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Resource,
    Data,
    /// A call of a module that was not given.
    Module,
}

impl<'a> Known<'a> {
    pub(super) fn unknown() -> Self {
        Self { value: Value::Unknown, at: None }
    }

    pub(super) fn of(value: Value<'a>) -> Self {
        Self { value, at: None }
    }

    /// The value of a scalar.
    pub(super) fn scalar(node: Node<'a>) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "numbers of Terraform are compared, not counted with")]
        let value = match node.value() {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Int(value) => Value::Number(value as f64),
            Scalar::Float(value) => Value::Number(value),
            Scalar::String(text) => Value::Text(Cow::Borrowed(text)),
            Scalar::Sequence | Scalar::Mapping => Value::Unknown,
        };
        Self { value, at: Some(node) }
    }

    /// Where it is written, or else this place.
    pub(super) fn or_at(self, node: Node<'a>) -> Self {
        Self { at: self.at.or(Some(node)), ..self }
    }

    pub(super) fn is_unknown(&self) -> bool {
        matches!(self.value, Value::Unknown)
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Terraform takes `"true"` for `true` where a truth value is asked for.
    pub(super) fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Bool(value) => Some(*value),
            Value::Text(text) => match &**text {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            },
            Value::Number(number) => Some(*number != 0.0),
            _ => None,
        }
    }

    /// Terraform takes `"3"` for `3` where a number is asked for.
    pub(super) fn as_number(&self) -> Option<f64> {
        match &self.value {
            Value::Number(value) => Some(*value),
            Value::Text(text) => text.trim().parse().ok().filter(|it: &f64| it.is_finite()),
            _ => None,
        }
    }

    /// A whole number.
    pub(super) fn as_int(&self) -> Option<i64> {
        let number = self.as_number().filter(|it| it.fract() == 0.0 && it.abs() < 1e15)?;
        #[allow(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
        Some(number as i64)
    }

    /// A text that is known from end to end.
    pub(super) fn as_text(&self) -> Option<Cow<'a, str>> {
        match &self.value {
            Value::Text(text) => Some(text.clone()),
            Value::Number(number) => Some(Cow::Owned(number.to_string())),
            Value::Bool(value) => Some(Cow::Borrowed(if *value { "true" } else { "false" })),
            _ => None,
        }
    }

    /// A text, with [`HOLE`] for what is unknown of it.
    pub(super) fn as_pattern(&self) -> Cow<'a, str> {
        match &self.value {
            Value::Pattern(text) => Cow::Owned(text.clone()),
            _ => self.as_text().unwrap_or(Cow::Owned(HOLE.to_string())),
        }
    }

    /// A text that stands in the source as it is.
    pub(super) fn as_written(&self) -> Option<&'a str> {
        if let Value::Text(Cow::Borrowed(text)) = self.value { Some(text) } else { None }
    }

    pub(super) fn as_thing(&self) -> Option<Thing<'a>> {
        if let Value::Thing(thing) = self.value { Some(thing) } else { None }
    }

    /// The items of a list, lists in it laid flat, as Terraform's providers of old took them; something that is made
    /// stands for all of its kind. None if it is unknown.
    pub(super) fn items(&self) -> Option<Vec<Known<'a>>> {
        let mut items = Vec::new();
        self.collect(&mut items, 0).then_some(items)
    }

    fn collect(&self, items: &mut Vec<Known<'a>>, depth: usize) -> bool {
        match &self.value {
            Value::List(list) if depth < 4 => list.iter().all(|it| match it.value {
                Value::List(_) => it.collect(items, depth + 1),
                _ => {
                    items.push(it.clone());
                    items.len() < MANY
                }
            }),
            Value::Thing(_) => {
                items.push(self.clone());
                true
            }
            Value::Null => true,
            _ => false,
        }
    }

    /// The items of a list as they are; none for other values.
    pub(super) fn as_list(&self) -> Option<&[Known<'a>]> {
        if let Value::List(list) = &self.value { Some(list) } else { None }
    }

    /// The entries of a map; none for other values.
    pub(super) fn as_map(&self) -> Option<&[(Cow<'a, str>, Known<'a>)]> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    /// The value under a key; null where a map is known not to have it. Of several the last counts (`merge`), so that
    /// one that may be of this key leaves open what those before it say.
    pub(super) fn get(&self, key: &str) -> Known<'a> {
        let Some(map) = self.as_map() else { return Known::unknown() };
        match map.iter().rev().find(|it| it.0 == key || may_be(&it.0, key)) {
            Some((found, value)) if found == key => value.clone(),
            Some(_) => Known::unknown(),
            None => Known::of(Value::Null),
        }
    }

    /// How many bytes it holds of its own, which each copy of it holds again.
    pub(super) fn size(&self) -> u64 {
        let bytes = match &self.value {
            Value::Text(Cow::Owned(text)) | Value::Pattern(text) => text.len(),
            _ => 0,
        };
        bytes as u64
    }

    /// The item at an index, counted around as `element` does.
    pub(super) fn item(&self, index: &Known<'a>, is_element: bool) -> Known<'a> {
        match &self.value {
            // Each of its kind is the same thing.
            Value::Thing(_) => self.clone(),
            Value::List(list) => {
                let Some(index) = index.as_int().and_then(|it| usize::try_from(it).ok()) else {
                    return Known::unknown();
                };
                let index = if is_element && !list.is_empty() { index % list.len() } else { index };
                list.get(index).cloned().unwrap_or(Known::unknown())
            }
            Value::Map(_) => index.as_text().map_or(Known::unknown(), |key| self.get(&key)),
            _ => Known::unknown(),
        }
    }

    /// True if both are known, and equal.
    pub(super) fn equals(&self, other: &Known<'a>) -> Option<bool> {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => Some(true),
            (Value::Null, Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_))
            | (Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) | Value::Map(_), Value::Null) => {
                Some(false)
            }
            (Value::List(left), Value::List(right)) if left.is_empty() || right.is_empty() => {
                Some(left.is_empty() && right.is_empty())
            }
            _ => Some(self.as_text()? == other.as_text()?),
        }
    }
}

/// No list of a configuration is longer.
pub(super) const MANY: usize = 4096;

/// No text that is put together is longer.
pub(super) const LONG: usize = MANY * 16;

/// True if a text may be this one, once what is unknown of it is known.
fn may_be(pattern: &str, text: &str) -> bool {
    let ends = || Some((pattern.split_once(HOLE)?.0, pattern.rsplit_once(HOLE)?.1));
    ends().is_some_and(|(start, end)| {
        text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end)
    })
}
