//! Packs the schemas of Kubernetes 1.11 to 1.37 into one table: read, merge, find kinds, mark what
//! is enforced, write. Same inputs, same bytes.

mod definition;
mod enforced;
mod kinds;
mod lifecycle;
mod model;
mod pack;
pub(crate) mod sources;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use crate::{Result, options};
use model::Model;

/// The oldest minor version in the table; bit 0 of every version mask.
const OLDEST: u8 = 11;
/// The newest minor version in the table.
const NEWEST: u8 = 37;

/// The mask of one minor version.
fn bit(minor: u8) -> u32 {
    1 << (minor - OLDEST)
}

/// The mask of the versions from `from` on, to the newest.
fn since(from: u8) -> u32 {
    (from.max(OLDEST)..=NEWEST).map(bit).fold(0, |mask, bit| mask | bit)
}

/// Where the inputs of the table lie.
#[derive(Default)]
pub(crate) struct Inputs {
    wheel: PathBuf,
    sdist: PathBuf,
    openapi: PathBuf,
    lifecycle: Vec<PathBuf>,
    data: PathBuf,
}

impl Inputs {
    /// Reads `--name value` pairs.
    pub(crate) fn parse(arguments: impl Iterator<Item = String>) -> Result<Self> {
        let mut inputs = Self { data: "crates/object/data".into(), ..Self::default() };
        options(arguments, |name, value| {
            match name {
                "--wheel" => inputs.wheel = value,
                "--sdist" => inputs.sdist = value,
                "--openapi" => inputs.openapi = value,
                "--lifecycle" => inputs.lifecycle.push(value),
                "--data" => inputs.data = value,
                _ => return false,
            }
            true
        })?;
        Ok(inputs)
    }
}

/// Writes `schemas.bin` and returns a summary for the developer.
pub(crate) fn generate(inputs: &Inputs) -> Result<String> {
    let mut published = sources::sdist(&inputs.sdist)?;
    published.append(&mut sources::wheel(&inputs.wheel)?);
    let servers = sources::openapi(&inputs.openapi)?;
    let mut lifecycles = lifecycle::Lifecycles::default();
    for directory in &inputs.lifecycle {
        lifecycles.read(directory)?;
    }

    let mut model = Model::default();
    for minor in OLDEST..=NEWEST {
        let mut definitions = published.remove(&minor).ok_or_else(|| format!("no schema of 1.{minor}"))?;
        let server = servers.get(&minor);
        if let Some(server) = server {
            // What a real server published knows enums and defaults: it wins over the repackaged schema.
            definitions.extend(server.definitions.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        model.add(minor, &definitions)?;
    }
    model.spread_enumerations();
    kinds::add_list(&mut model);

    let served: BTreeMap<u8, &sources::Served> =
        servers.iter().filter_map(|(minor, server)| Some((*minor, server.served.as_ref()?))).collect();
    let (kinds, notes) = kinds::find(&model, &lifecycles, &served)?;
    model.keep_reachable(kinds.iter().map(|kind| kind.definition.as_str()));
    enforced::mark_required(&mut model, &std::fs::read_to_string(inputs.data.join("required.txt"))?)?;
    enforced::set_values(&mut model, &std::fs::read_to_string(inputs.data.join("enums.txt"))?)?;

    let bytes = pack::pack(&model, &kinds)?;
    std::fs::write(inputs.data.join("schemas.bin"), &bytes)?;
    let fields: usize = model.types.values().map(|it| it.fields.values().map(Vec::len).sum::<usize>()).sum();
    let mut summary = notes;
    write!(
        summary,
        "{} types, {fields} fields, {} kinds, {} bytes ({} gzipped)",
        model.types.len(),
        kinds.len(),
        bytes.len(),
        sources::gzipped_size(&bytes)?,
    )?;
    Ok(summary)
}
