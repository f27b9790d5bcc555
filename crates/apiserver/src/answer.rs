//! What the server says, and the collector of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use seaworthy_diagnostic::ApiCause;
use seaworthy_document::Node;
use seaworthy_object::{Field, Object, Place, Versions};
use seaworthy_source::Span;

/// What kind of answer it is; each is phrased by the rule of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Strict decoding meets a field the type does not have.
    UnknownField,
    /// JSON of another type than the field, or a value that does not parse.
    WrongType,
    /// `FieldValueRequired`.
    MissingField,
    /// `FieldValueInvalid` and `FieldValueTypeInvalid`.
    InvalidValue,
    /// `FieldValueNotSupported`.
    UnsupportedValue,
    /// `FieldValueForbidden`.
    ForbiddenValue,
    /// `FieldValueTooLong` and `FieldValueTooMany`.
    TooLong,
    /// `FieldValueDuplicate`.
    DuplicateValue,
    /// No such group, version or kind, or none that is served by default.
    UnknownKind,
    /// The version does not serve this apiVersion any more.
    RemovedApi,
    /// Served, but deprecated.
    DeprecatedApi,
    /// Accepted with a `Warning` header.
    ServerWarning,
}

impl Class {
    /// The server's reason; none for a mere warning.
    fn reason(self) -> Option<&'static str> {
        Some(match self {
            Class::UnknownField | Class::WrongType | Class::UnknownKind | Class::RemovedApi => "BadRequest",
            Class::MissingField => "FieldValueRequired",
            Class::InvalidValue => "FieldValueInvalid",
            Class::UnsupportedValue => "FieldValueNotSupported",
            Class::ForbiddenValue => "FieldValueForbidden",
            Class::TooLong => "FieldValueTooLong",
            Class::DuplicateValue => "FieldValueDuplicate",
            Class::DeprecatedApi | Class::ServerWarning => return None,
        })
    }
}

/// One answer about one place.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    /// What kind of answer.
    pub class: Class,
    /// The place.
    pub at: Place<'a>,
    /// The server's reason, field and words.
    pub cause: ApiCause,
    /// The versions that answer so, of those that were asked for.
    pub versions: Versions,
    /// What to do: the nearest name, what to use instead.
    pub help: Option<String>,
    /// What belongs at the place instead, where one thing is meant.
    pub instead: Option<String>,
}

/// What to do about it.
pub(crate) struct Help {
    words: String,
    instead: Option<String>,
}

impl Help {
    /// The place's text should be another.
    pub(crate) fn meant(name: &str) -> Self {
        Self { words: format!("did you mean `{name}`?"), instead: Some(name.to_owned()) }
    }

    /// The same, with what to write at the place.
    pub(crate) fn instead(self, instead: Option<String>) -> Self {
        Self { instead, ..self }
    }
}

impl From<String> for Help {
    fn from(words: String) -> Self {
        Self { words, instead: None }
    }
}

/// Collects the answers about one object; equal ones of several versions become one.
pub(crate) struct Answers<'a> {
    object: &'a Object<'a>,
    answers: Vec<Answer<'a>>,
    /// Where an answer stands, by a number made of what it says; empty while there are few.
    index: BTreeMap<u64, usize>,
}

/// So many answers are looked through for an equal one.
const FEW: usize = 64;

impl<'a> Answers<'a> {
    /// No answers yet: nothing is allocated until the first.
    pub(crate) fn new(object: &'a Object<'a>) -> Self {
        Self { object, answers: Vec::new(), index: BTreeMap::new() }
    }

    /// The object they are about.
    pub(crate) fn object(&self) -> &'a Object<'a> {
        self.object
    }

    /// A node of the object as a field of it.
    pub(crate) fn field(&self, node: Node<'a>) -> Field<'a> {
        Field::new(self.object, node)
    }

    /// Says it of a place, by the name the server has for it.
    pub(crate) fn say(
        &mut self,
        class: Class,
        at: Place<'a>,
        named: Option<String>,
        versions: Versions,
        detail: String,
        help: Option<Help>,
    ) {
        self.say_for(class, class.reason(), at, named, versions, detail, help);
    }

    /// The same, for a reason that is not the usual one of its class.
    #[allow(clippy::too_many_arguments, reason = "what an answer is made of; each is of another type")]
    pub(crate) fn say_for(
        &mut self,
        class: Class,
        reason: Option<&'static str>,
        at: Place<'a>,
        named: Option<String>,
        versions: Versions,
        detail: String,
        help: Option<Help>,
    ) {
        if versions.is_empty() {
            return;
        }
        let cause = ApiCause { reason: reason.map(Cow::Borrowed), field: named, detail };
        match self.equal(class, at.span, &cause) {
            Some(answer) => answer.versions = answer.versions.union(versions),
            None => {
                let (help, instead) = help.map_or((None, None), |it| (Some(it.words), it.instead));
                self.answers.push(Answer { class, at, cause, versions, help, instead });
            }
        }
    }

    /// The answer that says the same of the same place. Of many, an index knows them.
    fn equal(&mut self, class: Class, span: Span, cause: &ApiCause) -> Option<&mut Answer<'a>> {
        let same = |it: &&mut Answer<'a>| it.at.span == span && it.cause == *cause && it.class == class;
        if self.answers.len() < FEW {
            return self.answers.iter_mut().find(same);
        }
        if self.index.is_empty() {
            let numbers = self.answers.iter().enumerate().map(|(at, it)| (number(it.at.span, &it.cause), at));
            self.index = numbers.collect();
        }
        let at = *self.index.entry(number(span, cause)).or_insert(self.answers.len());
        self.answers.get_mut(at).filter(same)
    }

    /// All of them, in the order they were given.
    pub(crate) fn finish(self) -> Vec<Answer<'a>> {
        self.answers
    }
}

/// A number that differs for what differs, but by chance (FNV-1a).
fn number(span: Span, cause: &ApiCause) -> u64 {
    let range = span.range();
    let field = cause.field.as_deref().unwrap_or("");
    let texts = field.bytes().chain(cause.detail.bytes()).map(|byte| byte as usize);
    let parts = [range.start, range.end].into_iter().chain(texts);
    parts.fold(0xcbf2_9ce4_8422_2325, |hash: u64, part| (hash ^ part as u64).wrapping_mul(0x0100_0000_01b3))
}
