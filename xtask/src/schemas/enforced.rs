//! Marks what API servers enforce, from two reviewed lists: `required.txt` and `enums.txt`.
//!
//! A line is `TYPE.FIELD [1.N-1.M] [: VALUES]`. TYPE is a definition's last three parts (`core.v1.Container`); its
//! version may be `*`. The range may be open on either side.

use super::model::{Field, Model};
use super::{NEWEST, OLDEST, since};
use crate::Result;

/// One line of a list.
struct Line<'a> {
    group: &'a str,
    version: &'a str,
    kind: &'a str,
    field: &'a str,
    versions: u32,
    text: &'a str,
}

/// Marks the fields without which the server refuses an object with FieldValueRequired.
pub(crate) fn mark_required(model: &mut Model, list: &str) -> Result<()> {
    for_each(model, list, |field, line| {
        let versions = field.versions & line.versions;
        field.required |= versions;
        versions != 0
    })
}

/// Sets the values of fields in place of those of the schema.
pub(crate) fn set_values(model: &mut Model, list: &str) -> Result<()> {
    for_each(model, list, |field, line| {
        let versions = field.versions & line.versions;
        for (_, mask) in &mut field.values {
            *mask &= !versions;
        }
        field.values.retain(|(_, mask)| *mask != 0);
        for value in line.text.split(',').map(str::trim) {
            *field.value(value) |= versions;
        }
        versions != 0
    })
}

fn for_each(model: &mut Model, list: &str, mut mark: impl FnMut(&mut Field, &Line<'_>) -> bool) -> Result<()> {
    for (number, raw) in list.lines().enumerate() {
        let text = raw.split('#').next().unwrap_or_default().trim();
        if text.is_empty() {
            continue;
        }
        let line = Line::parse(text).ok_or_else(|| format!("line {}: cannot read `{text}`", number + 1))?;
        let mut found = false;
        for (name, ty) in &mut model.types {
            if !line.names(name) {
                continue;
            }
            for field in ty.fields.get_mut(line.field).into_iter().flatten() {
                found |= mark(field, &line);
            }
        }
        if !found {
            return Err(format!("line {}: `{text}` names no field", number + 1).into());
        }
    }
    Ok(())
}

impl<'a> Line<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (head, text) = line.split_once(": ").unwrap_or((line, ""));
        let (path, range) = head.split_once(' ').unwrap_or((head, ""));
        let mut parts = path.split('.');
        let mut next = || parts.next();
        let line = Self {
            group: next()?,
            version: next()?,
            kind: next()?,
            field: next()?,
            versions: versions(range.trim())?,
            text: text.trim(),
        };
        parts.next().is_none().then_some(line)
    }

    fn names(&self, definition: &str) -> bool {
        let mut parts = definition.rsplit('.');
        parts.next() == Some(self.kind)
            && parts.next().is_some_and(|version| self.version == "*" || self.version == version)
            && parts.next() == Some(self.group)
    }
}

/// `1.30-1.32`, `-1.32`, `1.33-`, or nothing for all.
fn versions(range: &str) -> Option<u32> {
    if range.is_empty() {
        return Some(since(OLDEST));
    }
    let (from, to) = range.split_once('-')?;
    let minor = |text: &str, open: u8| match text {
        "" => Some(open),
        text => text.strip_prefix("1.")?.parse().ok(),
    };
    Some(since(minor(from, OLDEST)?) & !since(minor(to, NEWEST)? + 1))
}
