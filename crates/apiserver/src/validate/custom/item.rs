//! JSON as the server holds it: integers of 64 bits, maps without an order, each value with the place it comes from.

use std::borrow::Cow;

use seaworthy_document::{Node, NodeId, Value as Json};
use seaworthy_source::order;

use super::super::print;
use super::super::run::Run;

/// The first version that prints values as JSON.
const JSON: u8 = 34;

/// A value, and the node that it was read from; a default has that of the object it was put into.
#[derive(Debug, Clone)]
pub(crate) struct Item<'i> {
    /// Where a finding about it points.
    pub(crate) node: NodeId,
    /// What it is.
    pub(crate) data: Data<'i>,
}

/// What `encoding/json` reads into an `interface{}`.
#[derive(Debug, Clone)]
pub(crate) enum Data<'i> {
    /// `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number that is an `int64`.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string.
    Text(Cow<'i, str>),
    /// A list.
    List(Vec<Item<'i>>),
    /// An object, sorted by key.
    Map(Vec<(Cow<'i, str>, Item<'i>)>),
}

impl<'i> Item<'i> {
    /// The value of a node.
    pub(crate) fn read(node: Node<'i>) -> Self {
        let data = match node.value() {
            Json::Null => Data::Null,
            Json::Bool(truth) => Data::Bool(truth),
            #[allow(clippy::cast_precision_loss, reason = "what does not fit an int64 is a float64 in Go")]
            Json::Int(number) => i64::try_from(number).map_or(Data::Float(number as f64), Data::Int),
            Json::Float(number) => Data::Float(number),
            Json::String(text) => Data::Text(Cow::Borrowed(text)),
            Json::Sequence => Data::List(node.items().map(Item::read).collect()),
            Json::Mapping => {
                let entries = node.entries().map(|it| (Cow::Borrowed(it.name()), Item::read(it.value)));
                let mut entries: Vec<_> = entries.collect();
                order::sort_by(&mut entries, &mut |(left, _), (right, _)| left.cmp(right));
                Data::Map(entries)
            }
        };
        Item { node: node.id(), data }
    }

    /// The same value with text of its own, for what outlives the document.
    pub(crate) fn owned(&self) -> Item<'static> {
        let data = match &self.data {
            Data::Null => Data::Null,
            Data::Bool(truth) => Data::Bool(*truth),
            Data::Int(number) => Data::Int(*number),
            Data::Float(number) => Data::Float(*number),
            Data::Text(text) => Data::Text(Cow::Owned(text.clone().into_owned())),
            Data::List(items) => Data::List(items.iter().map(Item::owned).collect()),
            Data::Map(entries) => {
                Data::Map(entries.iter().map(|(key, it)| (Cow::Owned(key.clone().into_owned()), it.owned())).collect())
            }
        };
        Item { node: self.node, data }
    }

    /// The same value as one that stands at another node.
    pub(crate) fn placed(&self, node: NodeId) -> Item<'i> {
        let data = match &self.data {
            Data::List(items) => Data::List(items.iter().map(|it| it.placed(node)).collect()),
            Data::Map(entries) => Data::Map(entries.iter().map(|(key, it)| (key.clone(), it.placed(node))).collect()),
            other => other.clone(),
        };
        Item { node, data }
    }

    /// The value under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Item<'i>> {
        let Data::Map(entries) = &self.data else { return None };
        let at = entries.binary_search_by(|(it, _)| (**it).cmp(key)).ok()?;
        entries.get(at).map(|(_, item)| item)
    }

    /// The text, if it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        if let Data::Text(text) = &self.data { Some(text) } else { None }
    }

    /// Whether it is `null`.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }

    /// `field.Error`'s printing of it: text quoted, numbers plain, the rest as JSON, before 1.34 as `%#v`.
    pub(crate) fn shown(&self, run: &Run<'_>) -> String {
        match &self.data {
            Data::Text(text) => seaworthy_cel::quoted(text),
            Data::Null | Data::List(_) | Data::Map(_) if !run.since(JSON) => {
                if self.is_null() {
                    "\"null\"".to_owned()
                } else {
                    self.go()
                }
            }
            _ => self.json(),
        }
    }

    /// `%#v` of it.
    fn go(&self) -> String {
        match &self.data {
            Data::Null => "interface {}(nil)".to_owned(),
            Data::Text(text) => seaworthy_cel::quoted(text),
            Data::Float(number) => plain_number(*number),
            Data::List(items) => {
                let items: Vec<String> = items.iter().map(Item::go).collect();
                format!("[]interface {{}}{{{}}}", items.join(", "))
            }
            Data::Map(entries) => {
                let entries = entries.iter().map(|(key, it)| format!("{}:{}", seaworthy_cel::quoted(key), it.go()));
                format!("map[string]interface {{}}{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            Data::Bool(_) | Data::Int(_) => self.json(),
        }
    }

    /// `json.Marshal` of it.
    pub(crate) fn json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match &self.data {
            Data::Null => out.push_str("null"),
            Data::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Data::Int(number) => out.push_str(&number.to_string()),
            Data::Float(number) => out.push_str(&json_number(*number)),
            Data::Text(text) => print::json_text(text, out),
            Data::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Data::Map(entries) => {
                out.push('{');
                for (at, (key, item)) in entries.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    print::json_text(key, out);
                    out.push(':');
                    item.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// `reflect.DeepEqual`.
impl PartialEq for Item<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.data, &other.data) {
            (Data::Null, Data::Null) => true,
            (Data::Bool(left), Data::Bool(right)) => left == right,
            (Data::Int(left), Data::Int(right)) => left == right,
            (Data::Float(left), Data::Float(right)) => left == right,
            (Data::Text(left), Data::Text(right)) => left == right,
            (Data::List(left), Data::List(right)) => left == right,
            (Data::Map(left), Data::Map(right)) => left == right,
            _ => false,
        }
    }
}

/// A float as Go's JSON has it.
pub(crate) fn json_number(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) { exponential(number, 1) } else { number.to_string() }
}

/// A float as Go's `%v` has it.
pub(crate) fn plain_number(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e21).contains(&size) { exponential(number, 2) } else { number.to_string() }
}

/// `1e+21`: a sign, and so many digits of the exponent at least.
fn exponential(number: f64, digits: usize) -> String {
    let text = format!("{number:e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
    format!("{mantissa}e{sign}{exponent:0>digits$}")
}
