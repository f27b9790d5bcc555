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
use seaworthy_object::catalog::Role;
use seaworthy_object::{Catalog, Object, Versions};

/// What servers of these versions answer to the creation of an object.
///
/// An object of a foreign group gets no answer. A list gets those about its kind alone: its items are objects.
#[must_use]
pub fn judge<'a>(object: &'a Object<'a>, catalog: &Catalog, versions: Versions) -> Vec<Answer<'a>> {
    judge_after(None, object, catalog, versions)
}

/// What they answer when the object takes the place of another of its name: what they say of a new one, and of what must
/// not change. Two objects of different groups, kinds or names are not compared.
#[must_use]
pub fn judge_update<'a>(
    old: &Object<'_>,
    object: &'a Object<'a>,
    catalog: &Catalog,
    versions: Versions,
) -> Vec<Answer<'a>> {
    let same =
        old.group_kind() == object.group_kind() && old.name() == object.name() && old.namespace() == object.namespace();
    judge_after(same.then_some(old), object, catalog, versions)
}

fn judge_after<'a>(
    old: Option<&Object<'_>>,
    object: &'a Object<'a>,
    catalog: &Catalog,
    versions: Versions,
) -> Vec<Answer<'a>> {
    let mut answers = Answers::new(object);
    if let Some((kind, served)) = kinds::judge(catalog, versions, &mut answers)
        && kind.role != Role::List
    {
        let decoded = decode::judge(kind.ty, catalog, served, &mut answers);
        if !decoded.is_empty() {
            validate::judge(kind, catalog, decoded, old.is_some(), &mut answers);
            if let Some(old) = old {
                validate::judge_update(kind, old, catalog, decoded, &mut answers);
            }
        }
    }
    answers.finish()
}

/// The same among definitions of custom resources: an object of a kind that one of them defines is judged by it.
#[must_use]
pub fn judge_among<'a>(
    definitions: &Definitions,
    object: &'a Object<'a>,
    catalog: &Catalog,
    versions: Versions,
) -> Vec<Answer<'a>> {
    custom(definitions, None, object, catalog, versions).unwrap_or_else(|| judge(object, catalog, versions))
}

/// The same for an object that takes the place of another. Of a custom resource its rules see both; that servers let
/// pass what was wrong before (ratcheting) is not looked at.
#[must_use]
pub fn judge_update_among<'a>(
    definitions: &Definitions,
    old: &Object<'_>,
    object: &'a Object<'a>,
    catalog: &Catalog,
    versions: Versions,
) -> Vec<Answer<'a>> {
    custom(definitions, Some(old), object, catalog, versions)
        .unwrap_or_else(|| judge_update(old, object, catalog, versions))
}

fn custom<'a>(
    definitions: &Definitions,
    old: Option<&Object<'_>>,
    object: &'a Object<'a>,
    catalog: &Catalog,
    versions: Versions,
) -> Option<Vec<Answer<'a>>> {
    if definitions.is_empty() {
        return None;
    }
    let old = old.filter(|old| {
        old.api_version() == object.api_version()
            && old.kind() == object.kind()
            && old.name() == object.name()
            && old.namespace() == object.namespace()
    });
    let mut answers = Answers::new(object);
    validate::custom::judge(definitions, old.map(Object::root), catalog, versions, &mut answers)
        .then(|| answers.finish())
}

#[cfg(test)]
mod tests;
