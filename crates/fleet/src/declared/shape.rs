//! What a value of a document may be, and the check of a tree against it.

use seaworthy_document::Value;
use seaworthy_object::{Field, Quantity, Version};
use seaworthy_source::order;

use super::Fault;
use crate::{day, is_near, nearest};

/// What a value may be.
pub(super) enum Shape {
    /// A text; a number counts as its spelling (zones are called `1` somewhere).
    Text,
    /// `true` or `false`.
    Flag,
    /// A whole number, 0 or more.
    Count,
    /// An amount of a resource, `500m` or `16Gi`.
    Amount,
    /// 1 to 65535.
    Port,
    /// `1.34`, or several with commas.
    Version,
    /// `2027-01-31`.
    Date,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, or one nobody here knows; a slip of a known one is wrong.
    OpenWord(&'static [&'static str]),
    /// Any number of these.
    List(&'static Shape),
    /// These, each under a name.
    Map(&'static Shape),
    /// An object with these keys.
    Fields(&'static [Key]),
    /// The first of these that fits.
    OneOf(&'static [Shape]),
    /// Whatever it is, it is remembered and not looked at.
    Anything,
}

/// A key of an object.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) shape: Shape,
    /// What it says, for people who write it.
    pub(super) about: &'static str,
}

/// Checks a value, and what lies in it.
pub(super) fn conform<'a>(field: Field<'a>, shape: &Shape, faults: &mut Vec<Fault<'a>>) {
    if field.node().is_null() {
        return;
    }
    if !fits(field, shape) {
        faults.push(misfit(field, shape));
        return;
    }
    match shape {
        Shape::List(item) => field.items().for_each(|it| conform(it, item, faults)),
        Shape::Map(value) => field.entries().for_each(|(_, it)| conform(it, value, faults)),
        Shape::Fields(keys) => conform_keys(field, keys, faults),
        Shape::OneOf(shapes) => {
            if let Some(fitting) = shapes.iter().find(|it| fits(field, it)) {
                conform(field, fitting, faults);
            }
        }
        _ => {}
    }
}

fn conform_keys<'a>(field: Field<'a>, keys: &'static [Key], faults: &mut Vec<Fault<'a>>) {
    for entry in field.node().entries() {
        let value = Field::new(field.object(), entry.value);
        match keys.iter().find(|key| key.name == entry.name()) {
            Some(key) => conform(value, &key.shape, faults),
            None => {
                let near = nearest(entry.name(), keys.iter().map(|key| key.name));
                let known = || keys.iter().map(|key| key.name).collect::<Vec<_>>().join(", ");
                faults.push(Fault {
                    at: value.key_place(),
                    message: format!("a {} document has no field `{}`", field.object().kind(), value.path()),
                    help: Some(near.map_or_else(|| format!("here it knows {}", known()), did_you_mean)),
                });
            }
        }
    }
    for key in keys.iter().filter(|key| key.required && field.get(key.name).is_none()) {
        let at = field.missing(key.name);
        let message = format!("`{}` is missing: {}", at.path, key.about);
        faults.push(Fault { at, message, help: None });
    }
}

/// True if a value is of this shape, as far as one sees without looking into lists and objects.
fn fits(field: Field<'_>, shape: &Shape) -> bool {
    let is_scalar = !field.node().is_mapping() && !field.node().is_sequence();
    match shape {
        Shape::Text => matches!(field.value(), Value::String(_) | Value::Int(_) | Value::Float(_)),
        Shape::Flag => field.as_bool().is_some(),
        Shape::Count => field.as_int().is_some_and(|it| u32::try_from(it).is_ok()),
        Shape::Amount => is_scalar && field.text().parse::<Quantity>().is_ok_and(|it| !it.is_negative()),
        Shape::Port => field.as_int().is_some_and(|it| (1..=65535).contains(&it)),
        Shape::Version => is_scalar && field.text().split(',').all(|it| it.trim().parse::<Version>().is_ok()),
        Shape::Word(words) => is_scalar && words.contains(&field.text()),
        Shape::Date => is_scalar && day(field.text()).is_some(),
        Shape::OpenWord(words) => {
            is_scalar && (words.contains(&field.text()) || !words.iter().any(|it| is_slip(field.text(), it)))
        }
        Shape::List(_) => field.node().is_sequence(),
        Shape::Map(_) | Shape::Fields(_) => field.node().is_mapping(),
        Shape::OneOf(shapes) => shapes.iter().any(|it| fits(field, it)),
        Shape::Anything => true,
    }
}

fn misfit<'a>(field: Field<'a>, shape: &Shape) -> Fault<'a> {
    let found = match field.value() {
        Value::Mapping => "an object".to_owned(),
        Value::Sequence => "a list".to_owned(),
        _ => format!("`{}`", field.text()),
    };
    let message = format!("`{}` must be {}, not {found}", field.path(), shape.expected());
    let version = || field.text().split(',').find_map(|it| it.trim().parse::<Version>().err());
    let help = match shape {
        Shape::Version => version().map(|error| error.to_string()),
        Shape::OneOf([Shape::Version, ..]) if !field.node().is_mapping() => version().map(|error| error.to_string()),
        _ => nearest(field.text(), shape.words()).map(did_you_mean),
    };
    Fault { at: field.place(), message, help }
}

/// True if one word is likely a slip of the other. Short names are near each other by chance (eks, aks, oke): only
/// their letters in another order count.
fn is_slip(left: &str, right: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        order::sort(&mut letters);
        letters
    };
    is_near(left, right) && (right.len() > 3 || sorted(left) == sorted(right))
}

/// The help of a slip.
pub(super) fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

impl Shape {
    fn words(&self) -> Vec<&'static str> {
        match self {
            Shape::Word(words) | Shape::OpenWord(words) => words.to_vec(),
            Shape::OneOf(shapes) => shapes.iter().flat_map(Shape::words).collect(),
            _ => Vec::new(),
        }
    }

    /// What a value should be, as a person would say it.
    fn expected(&self) -> String {
        match self {
            Shape::Text => "a text".to_owned(),
            Shape::Flag => "true or false".to_owned(),
            Shape::Count => "a whole number, 0 or more".to_owned(),
            Shape::Amount => "an amount, such as 500m or 16Gi".to_owned(),
            Shape::Port => "a port, 1 to 65535".to_owned(),
            Shape::Version => format!("a version from {} to {}", Version::OLDEST, Version::NEWEST),
            Shape::Date => "a day, such as 2027-01-31".to_owned(),
            Shape::Word([word]) => format!("`{word}`"),
            Shape::Word(words) | Shape::OpenWord(words) => format!("one of {}", words.join(", ")),
            Shape::List(item) => format!("a list, each item {}", item.expected()),
            Shape::Map(_) => "an object of names".to_owned(),
            Shape::Fields(_) => "an object".to_owned(),
            Shape::OneOf([one, Shape::List(_)]) => format!("{}, or a list of such", one.expected()),
            Shape::OneOf(shapes) => shapes.iter().map(Shape::expected).collect::<Vec<_>>().join(" or "),
            Shape::Anything => "anything".to_owned(),
        }
    }
}
