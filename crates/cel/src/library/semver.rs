//! Semantic versions (the API server's `semverlib.go`).

use std::sync::Arc;

use super::{Call, Functions};
use crate::value::{Failure, Outcome, Semver, Value, failed};

pub(super) const FUNCTIONS: Functions =
    &[("semver", semver), ("isSemver", is_semver), ("major", part), ("minor", part), ("patch", part)];

fn parsed(call: &Call<'_>) -> Result<Result<Semver, String>, Failure> {
    match call.args {
        [Value::String(text)] | [Value::String(text), Value::Bool(false)] => Ok(Semver::parse(text)),
        [Value::String(text), Value::Bool(true)] => Ok(Semver::parse_tolerant(text)),
        _ => Err(call.mismatch()),
    }
}

fn semver(call: &Call<'_>) -> Outcome {
    parsed(call)?.map(|version| Value::Semver(Arc::new(version))).map_err(failed)
}

fn is_semver(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(parsed(call)?.is_ok()))
}

fn part(call: &Call<'_>) -> Outcome {
    let Value::Semver(version) = call.one()? else { return Err(call.mismatch()) };
    let number = match call.name {
        "major" => version.major,
        "minor" => version.minor,
        _ => version.patch,
    };
    // Go turns it into a signed number bit by bit.
    Ok(Value::Int(number.cast_signed()))
}
