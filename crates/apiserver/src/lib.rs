//! What the API server answers to one object: refusals and warnings, in its own words.
//!
//! The stages are those of the server: is the kind served (`kinds`), does the body decode (`decode`), is what
//! it says valid (`validate`). An object is walked once for any number of versions: every answer carries the
//! versions that give it. What one stage refuses, the next does not look at.
//!
//! *Architecture invariant:* an answer depends on the object, the catalog, the definitions of custom resources, and the
//! versions alone.

mod answer;
mod decode;
mod distance;
mod kinds;
mod validate;

pub use answer::{Answer, Class};
pub use validate::custom::Definitions;

use answer::Answers;
use seaworthy_object::catalog::{Kind, Role};
use seaworthy_object::{Catalog, Object, Versions};

/// API servers of some versions.
///
/// An object of a group that is neither built in nor defined gets no answer. A list gets those about its kind alone: its
/// items are objects.
#[derive(Clone, Copy)]
pub struct Servers<'c> {
    /// The schemas of all versions.
    pub catalog: &'c Catalog,
    /// The versions that are asked.
    pub versions: Versions,
    /// The custom resources that they serve, if any are known.
    pub definitions: Option<&'c Definitions>,
}

impl Servers<'_> {
    /// What they answer to the creation of an object.
    #[must_use]
    pub fn judge<'a>(&self, object: &'a Object<'a>) -> Vec<Answer<'a>> {
        self.judge_after(None, object)
    }

    /// What they answer when the object takes the place of another: what they say of a new one, and of what must not
    /// change. Two objects of different groups, kinds or names are not compared. Of a custom resource the rules see both, and
    /// what is wrong with a value that did not change is let pass.
    #[must_use]
    pub fn judge_update<'a>(&self, old: &Object<'_>, object: &'a Object<'a>) -> Vec<Answer<'a>> {
        let same = old.group_kind() == object.group_kind()
            && old.name() == object.name()
            && old.namespace() == object.namespace();
        self.judge_after(same.then_some(old), object)
    }

    /// What they answer while they decode a built-in object: is its kind served, and does it fit the type.
    #[must_use]
    pub fn decode<'a>(&self, object: &'a Object<'a>) -> Vec<Answer<'a>> {
        let mut answers = Answers::new(object);
        self.decoded(&mut answers);
        answers.finish()
    }

    fn judge_after<'a>(&self, old: Option<&Object<'_>>, object: &'a Object<'a>) -> Vec<Answer<'a>> {
        let Self { catalog, versions, definitions } = *self;
        let mut answers = Answers::new(object);
        if let Some(definitions) = definitions.filter(|it| !it.is_empty()) {
            let old = old.filter(|it| it.api_version() == object.api_version()).map(Object::root);
            if validate::custom::judge(definitions, old, catalog, versions, &mut answers) {
                return answers.finish();
            }
        }
        if let Some((kind, decoded)) = self.decoded(&mut answers) {
            validate::judge(kind, old, catalog, decoded, &mut answers);
            if let Some(old) = old {
                validate::judge_update(kind, old, catalog, decoded, &mut answers);
            }
        }
        answers.finish()
    }

    /// The kind of an object, and the versions in which it decodes.
    fn decoded(&self, answers: &mut Answers<'_>) -> Option<(&Kind, Versions)> {
        let (kind, served) = kinds::judge(self.catalog, self.versions, answers)?;
        if kind.role == Role::List {
            return None;
        }
        let decoded = decode::judge(kind.ty, self.catalog, served, answers);
        (!decoded.is_empty()).then_some((kind, decoded))
    }
}

#[cfg(test)]
mod tests;
