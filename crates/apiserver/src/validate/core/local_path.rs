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
pub(super) fn descending(value: Value<'_>) {
    if value.str().starts_with('/') {
        value.invalid("must be a relative path");
    }
    no_backsteps(value);
}

/// `validatePathNoBacksteps`.
pub(super) fn no_backsteps(value: Value<'_>) {
    if value.str().split('/').any(|part| part == "..") {
        value.invalid("must not contain '..'");
    }
}
