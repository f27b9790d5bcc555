//! Paths of files in volumes and on nodes.

use super::super::value::Value;

/// `ValidateLocalNonReservedPath`: relative, without `..`, and no name of it that begins so at the start.
pub(super) fn not_reserved(value: Value<'_>) {
    descending(value);
    let path = value.str();
    if path.starts_with("..") && !path.starts_with("../") {
        value.invalid("must not start with '..'");
    }
}

/// `validateLocalDescendingPath`: relative, without `..`.
pub(in crate::validate) fn descending(value: Value<'_>) {
    part_descending(value, value.str());
}

/// The same for a path that is a part of the value's text.
pub(super) fn part_descending(value: Value<'_>, path: &str) {
    if path.starts_with('/') {
        value.invalid_text(path, "must be a relative path");
    }
    part_without_backsteps(value, path);
}

/// `validatePathNoBacksteps`.
pub(super) fn no_backsteps(value: Value<'_>) {
    part_without_backsteps(value, value.str());
}

fn part_without_backsteps(value: Value<'_>, path: &str) {
    if path.split('/').any(|part| part == "..") {
        value.invalid_text(path, "must not contain '..'");
    }
}
