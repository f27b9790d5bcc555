//! Fields an object must have: `FieldValueRequired`.

use seaworthy_document::{Node, Value};
use seaworthy_object::catalog::{Empty, Enumeration, Field as Schema, Shape, Type};
use seaworthy_object::{Place, Version, Versions};

use super::{Validator, judged};
use crate::answer::{Answers, Class};

impl<'c, 'a> Validator<'_, 'c, 'a> {
    /// The fields of `ty` that are not in `node`, or as good as not.
    pub(super) fn missing(&mut self, node: Node<'a>, ty: &'c Type, versions: Versions) {
        for field in ty.all_fields().filter(|field| matters_when_absent(field)) {
            let here = judged(ty, field, versions.intersect(field.versions));
            if here.is_empty() {
                continue;
            }
            let anchor = self.answers.field(node);
            match node.get(field.name) {
                Some(value) if is_zero(value, field) && !is_pointer(field) => {
                    let at = self.answers.field(value).place();
                    say_required(field, here, &at, self.answers);
                }
                Some(_) => {}
                None if self.demands(field, here) => self.absent(field, here, &anchor.missing(field.name)),
                None => {}
            }
        }
    }

    /// Whether the absence of the field breaks a rule: asked before anything is said.
    fn demands(&self, field: &Schema, versions: Versions) -> bool {
        let lists = |it: &Enumeration| it.empty == Empty::AbsentToo && it.refused.intersects(versions);
        if field.required.intersects(versions) || field.enumeration.as_ref().is_some_and(lists) {
            return true;
        }
        let Shape::Object(id) = field.shape else { return false };
        let ty = self.catalog.ty(id);
        field.default == Some("{}")
            && ty.all_fields().filter(|inner| matters_when_absent(inner)).any(|inner| {
                let here = judged(ty, inner, versions.intersect(inner.versions));
                !here.is_empty() && self.demands(inner, here)
            })
    }

    /// A field that is absent: it may be required, and an absent Go struct is an empty one.
    fn absent(&mut self, field: &'c Schema, versions: Versions, at: &Place<'a>) {
        say_required(field, versions, at, self.answers);
        if let Some(enumeration) = &field.enumeration
            && enumeration.empty == Empty::AbsentToo
        {
            let refused = versions.intersect(enumeration.refused);
            super::values::say_unsupported("", enumeration, refused, at, self.answers);
        }
        let Shape::Object(id) = field.shape else { return };
        if field.default != Some("{}") {
            return;
        }
        let ty = self.catalog.ty(id);
        for inner in ty.all_fields().filter(|inner| matters_when_absent(inner)) {
            let here = judged(ty, inner, versions.intersect(inner.versions));
            if !here.is_empty() {
                let path = Node::path_of_missing(&at.path, inner.name);
                self.absent(inner, here, &Place { path, ..at.clone() });
            }
        }
    }
}

fn matters_when_absent(field: &Schema) -> bool {
    !field.required.is_empty()
        || field.default == Some("{}")
        || field.enumeration.as_ref().is_some_and(|it| it.empty == Empty::AbsentToo)
}

/// A string that Go holds by a pointer: `""` is a value, which the list of values judges.
fn is_pointer(field: &Schema) -> bool {
    field.enumeration.as_ref().is_some_and(|it| it.empty == Empty::Refused)
}

fn say_required<'a>(field: &Schema, versions: Versions, at: &Place<'a>, answers: &mut Answers<'a>) {
    let required = versions.intersect(field.required);
    if required.is_empty() {
        return;
    }
    for version in required.iter() {
        let named = Some(at.path.clone());
        let detail = field.requirement(version);
        answers.say(Class::MissingField, at.clone(), named, Versions::one(version), detail, None);
    }
}

/// Go's zero value: what the server cannot tell from absence.
fn is_zero(value: Node<'_>, field: &Schema) -> bool {
    match (&field.shape, value.value()) {
        (Shape::String, Value::String(text)) => text.is_empty(),
        (Shape::Int32 | Shape::Int64, Value::Int(number)) => number == 0,
        (Shape::List(_) | Shape::Map(_), _) => value.is_empty(),
        (Shape::Object(_), _) => field.default == Some("{}") && value.entries().all(|it| it.value.is_null()),
        _ => false,
    }
}

/// The versions of hand-written validation whose words are older than `minor`.
pub(super) const fn before(minor: u8) -> Versions {
    Versions::before(Version::minor_of(minor))
}
