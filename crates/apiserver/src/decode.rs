//! Strict decoding: does the body fit the Go type?
//!
//! As `sigs.k8s.io/json` does it under `fieldValidation=Strict`: keys are matched with their case, `null` leaves the
//! zero value, an unknown field is collected, a wrong type is remembered, a type that decodes itself (a quantity, a
//! time) ends the decoding. The server reports of these the last kind first; we report all, in that order.

mod base64;
mod help;
mod number;
mod time;
pub(crate) mod words;

pub(crate) use number::whole;

use seaworthy_document::{Node, Segment, Value};
use seaworthy_object::catalog::{Shape, Type, TypeId};
use seaworthy_object::{Catalog, Quantity, QuantityError, Versions};
use seaworthy_source::order;

use crate::answer::{Answers, Class, Help};
use seaworthy_cel::quoted;

/// One thing that does not decode.
struct Fault<'c, 'a> {
    /// The value; of an unknown field, its value.
    node: Node<'a>,
    versions: Versions,
    what: What<'c>,
}

enum What<'c> {
    /// A type decodes itself and fails: the decoding ends.
    Broken(&'c Shape, String),
    /// The value has another JSON type than the Go type takes.
    Mismatch(&'c Shape),
    /// The type has no such field.
    Unknown(&'c Type),
}

impl What<'_> {
    /// What the server reports first comes first.
    fn rank(&self) -> u8 {
        match self {
            What::Broken(..) => 0,
            What::Mismatch(_) => 1,
            What::Unknown(_) => 2,
        }
    }
}

/// Decodes the metadata of an object, or of one in it, alone, as that of a type: what the server decodes of a custom
/// resource.
pub(crate) fn metadata<'a>(
    object: Node<'a>,
    ty: TypeId,
    catalog: &Catalog,
    versions: Versions,
    answers: &mut Answers<'a>,
) -> Versions {
    let mut decoder = Decoder { catalog, faults: Vec::new() };
    for field in catalog.ty(ty).fields("metadata") {
        if let Some(entry) = object.entry("metadata") {
            decoder.value(entry.value, &field.shape, catalog.ty(ty), versions.intersect(field.versions), true);
        }
    }
    let mut decoded = versions;
    for fault in &decoder.faults {
        decoded = decoded.minus(fault.versions);
        fault.report(ty, catalog, answers);
    }
    decoded
}

/// Decodes the object as its type; gives the versions in which that works.
pub(crate) fn judge(ty: TypeId, catalog: &Catalog, versions: Versions, answers: &mut Answers<'_>) -> Versions {
    let mut decoder = Decoder { catalog, faults: Vec::new() };
    let root = answers.object().root();
    decoder.object(root, catalog.ty(ty), versions, true);
    let faults = decoder.faults;
    if faults.is_empty() {
        return versions;
    }
    let mut decoded = versions;
    let key = |fault: &Fault<'_, '_>| (fault.what.rank(), fault.node.field_path_from(Some(root)));
    let mut keyed: Vec<_> = faults.into_iter().map(|fault| (key(&fault), fault)).collect();
    order::sort_by(&mut keyed, &mut |(left, _), (right, _)| left.cmp(right));
    for (_, fault) in &keyed {
        decoded = decoded.minus(fault.versions);
        fault.report(ty, catalog, answers);
    }
    decoded
}

struct Decoder<'c, 'a> {
    catalog: &'c Catalog,
    faults: Vec<Fault<'c, 'a>>,
}

impl<'c, 'a> Decoder<'c, 'a> {
    /// An object with known fields; `strict` is off inside types that decode themselves.
    fn object(&mut self, node: Node<'a>, ty: &'c Type, versions: Versions, strict: bool) {
        for entry in node.entries() {
            let mut unknown = versions;
            for field in ty.marked_fields(entry.name(), entry.mark()) {
                let here = versions.intersect(field.versions);
                if !here.is_empty() {
                    unknown = unknown.minus(here);
                    self.value(entry.value, &field.shape, ty, here, strict);
                }
            }
            if strict && !unknown.is_empty() && !ty.preserves_unknown {
                self.faults.push(Fault { node: entry.value, versions: unknown, what: What::Unknown(ty) });
            }
        }
    }

    /// A value of a shape; `owner` is the type it is a field of.
    fn value(&mut self, node: Node<'a>, shape: &'c Shape, owner: &'c Type, versions: Versions, strict: bool) {
        if node.is_null() {
            return;
        }
        let fits = match shape {
            Shape::String => node.as_str().is_some(),
            Shape::Object(id) if node.is_mapping() => {
                self.object(node, self.catalog.ty(*id), versions, strict);
                true
            }
            Shape::List(inner) if node.is_sequence() => {
                node.items().for_each(|item| self.value(item, inner, owner, versions, strict));
                true
            }
            Shape::Map(inner) if node.is_mapping() => {
                node.entries().for_each(|entry| self.value(entry.value, inner, owner, versions, strict));
                true
            }
            Shape::Object(_) | Shape::List(_) | Shape::Map(_) => false,
            Shape::Boolean => node.as_bool().is_some(),
            Shape::Int32 => number::whole(node.value()).is_some_and(|it| i32::try_from(it).is_ok()),
            Shape::Int64 => number::whole(node.value()).is_some_and(|it| i64::try_from(it).is_ok()),
            Shape::Number => matches!(node.value(), Value::Int(_) | Value::Float(_)),
            Shape::Any | Shape::RawExtension => true,
            Shape::Bytes if node.is_sequence() => {
                node.items().all(|it| number::whole(it.value()).is_some_and(|it| u8::try_from(it).is_ok()))
            }
            Shape::Bytes => node.as_str().is_some_and(|text| base64::illegal_byte(text).is_none()),
            Shape::SchemaOrBool | Shape::SchemaOrArray | Shape::SchemaOrStrings => {
                return self.schema(node, shape, owner, versions);
            }
            Shape::IntOrString | Shape::Quantity | Shape::Time | Shape::MicroTime => {
                return self.by_itself(node, shape, versions);
            }
        };
        if !fits {
            self.faults.push(Fault { node, versions, what: What::Mismatch(shape) });
        }
    }

    /// Types with an `UnmarshalJSON` of their own: what fails there ends the decoding.
    fn by_itself(&mut self, node: Node<'a>, shape: &'c Shape, versions: Versions) {
        let words = match (shape, node.value()) {
            (Shape::IntOrString, Value::String(_)) => None,
            (Shape::IntOrString, value) => {
                let fits = number::whole(value).is_some_and(|it| i32::try_from(it).is_ok());
                (!fits).then(String::new)
            }
            (Shape::Quantity, Value::String(text)) => {
                text.trim().parse::<Quantity>().err().map(|error| error.to_string())
            }
            (Shape::Quantity, Value::Int(_) | Value::Float(_)) => None,
            (Shape::Quantity, _) => Some(QuantityError::Malformed.to_string()),
            (Shape::Time, Value::String(text)) => time::fault(text, time::Layout::Seconds),
            (_, Value::String(text)) => time::fault(text, time::Layout::Microseconds),
            _ => Some(String::new()),
        };
        if let Some(words) = words {
            self.faults.push(Fault { node, versions, what: What::Broken(shape, words) });
        }
    }

    /// Where a JSONSchemaProps may be something else (k8s.io/apiextensions-apiserver, v1/marshal.go). Their own
    /// decoding is not strict.
    fn schema(&mut self, node: Node<'a>, shape: &'c Shape, owner: &'c Type, versions: Versions) {
        if node.is_mapping() {
            return self.object(node, owner, versions, false);
        }
        match shape {
            Shape::SchemaOrBool if node.as_bool().is_none() => {
                let words = "boolean or JSON schema expected".to_owned();
                self.faults.push(Fault { node, versions, what: What::Broken(shape, words) });
            }
            Shape::SchemaOrArray => node.items().filter(Node::is_mapping).for_each(|item| {
                self.object(item, owner, versions, false);
            }),
            _ => {}
        }
    }
}

impl<'a> Fault<'_, 'a> {
    fn report(&self, root: TypeId, catalog: &Catalog, answers: &mut Answers<'a>) {
        let field = answers.field(self.node);
        match &self.what {
            What::Unknown(ty) => {
                let path = strict_path(self.node, answers.object().root());
                // The server names the field in its words alone, where letters that do not print are written out.
                let path = quoted(&path);
                let detail = format!("unknown field {path}");
                let named = path.get(1..path.len() - 1).unwrap_or("").to_owned();
                let help = help::unknown_field(self.node, ty, root, catalog, answers.object(), self.versions);
                answers.say(Class::UnknownField, field.key_place(), Some(named), self.versions, detail, help);
            }
            What::Broken(shape, words) if !words.is_empty() => {
                self.say_type(shape, self.versions, words.clone(), answers)
            }
            What::Broken(shape, _) | What::Mismatch(shape) => self.mismatch(shape, root, catalog, answers),
        }
    }

    fn mismatch(&self, shape: &Shape, root: TypeId, catalog: &Catalog, answers: &mut Answers<'a>) {
        let bad = self.node.as_str().filter(|_| matches!(shape, Shape::Bytes)).and_then(base64::illegal_byte);
        if let Some(at) = bad {
            return self.say_type(shape, self.versions, format!("illegal base64 data at input byte {at}"), answers);
        }
        let newer = self.versions.intersect(words::NAME_EMBEDDED);
        for versions in [newer, self.versions.minus(newer)].into_iter().filter(|it| !it.is_empty()) {
            let detail = words::mismatch(self.node, shape, root, catalog, answers.object(), versions);
            self.say_type(shape, versions, detail, answers);
        }
    }

    fn say_type(&self, shape: &Shape, versions: Versions, detail: String, answers: &mut Answers<'a>) {
        let at = answers.field(self.node).place();
        let named = at.path.clone();
        answers.say(
            Class::WrongType,
            at,
            Some(named),
            versions,
            detail,
            help::wrong_type(self.node, shape).map(Help::from),
        );
    }
}

/// The address as strict decoding prints it: every key after a dot, whatever it holds (sigs.k8s.io/json,
/// `appendStrictFieldStackKey`).
pub(crate) fn strict_path(node: Node<'_>, root: Node<'_>) -> String {
    let mut path = String::new();
    for segment in node.field_path_from(Some(root)).0 {
        match segment {
            Segment::Index(index) => path.push_str(&format!("[{index}]")),
            Segment::Key(key) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&key);
            }
        }
    }
    path
}
