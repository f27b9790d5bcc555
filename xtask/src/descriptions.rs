//! Packs what the published schemas say of types and fields. `crates/object/src/catalog/descriptions.rs` is the reader
//! and describes the format. Same inputs, same bytes.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use seaworthy_object::Catalog;
use serde_json::Value;

use crate::schemas::sources::{self, Definitions};
use crate::{Result, options};

/// Before this stands a list of the values of a field, which the schemas of 1.23 alone have.
const VALUES: &str = "Possible enum values:";

/// Where the inputs of the table lie, and where it goes.
#[derive(Default)]
pub(crate) struct Inputs {
    wheel: PathBuf,
    sdist: PathBuf,
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
                "--data" => inputs.data = value,
                _ => return false,
            }
            true
        })?;
        Ok(inputs)
    }
}

/// Writes `descriptions.zlib` and returns a summary for the developer.
pub(crate) fn generate(inputs: &Inputs) -> Result<String> {
    let mut published = sources::sdist(&inputs.sdist)?;
    published.append(&mut sources::wheel(&inputs.wheel)?);
    let catalog = Catalog::built_in();
    let mut table = Table::default();
    for ty in catalog.types() {
        for field in std::iter::once("").chain(ty.names()) {
            table.entry(ty.name, field, newest(&published, ty.name, field));
        }
    }
    table.write(&inputs.data.join("descriptions.zlib"))
}

/// The newest description of a type, if the name of the field is empty, or of a field; with the list of the field's
/// values where only an older version has it.
fn newest(published: &BTreeMap<u8, Definitions>, ty: &str, field: &str) -> Option<String> {
    let mut descriptions = published.values().rev().filter_map(|it| described(it, ty, field)).peekable();
    let newest = *descriptions.peek()?;
    Some(match descriptions.find_map(|it| it.split_once(VALUES)) {
        Some((_, values)) if !newest.contains(VALUES) => format!("{newest}\n\n{VALUES}{values}"),
        _ => newest.to_owned(),
    })
}

fn described<'a>(definitions: &'a Definitions, ty: &str, field: &str) -> Option<&'a str> {
    let ty = definitions.get(ty)?;
    let schema = if field.is_empty() { ty } else { ty.get("properties")?.get(field)? };
    schema.get("description").and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

#[derive(Default)]
struct Table {
    index: String,
    descriptions: String,
    numbers: HashMap<String, usize>,
    entries: usize,
}

impl Table {
    /// A type, if the name of the field is empty, or a field of the type before.
    fn entry(&mut self, ty: &str, field: &str, description: Option<String>) {
        let number = match description {
            None if !field.is_empty() => return,
            None => 0,
            Some(description) => {
                self.entries += 1;
                let next = self.numbers.len() + 1;
                *self.numbers.entry(description).or_insert_with_key(|description| {
                    self.descriptions.extend([description, "\0"]);
                    next
                })
            }
        };
        let line = if field.is_empty() { format!("{ty}\t{number}\n") } else { format!("\t{field}\t{number}\n") };
        self.index.push_str(&line);
    }

    fn write(&self, path: &Path) -> Result<String> {
        let text = format!("{}\n{}", self.index, self.descriptions);
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text.as_bytes())?;
        let bytes = encoder.finish()?;
        std::fs::write(path, &bytes)?;
        let mut summary = String::new();
        write!(
            summary,
            "{}: {} of types and fields, {} different ones, {} bytes packed, {} plain",
            path.display(),
            self.entries,
            self.numbers.len(),
            bytes.len(),
            text.len(),
        )?;
        Ok(summary)
    }
}
