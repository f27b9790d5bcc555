//! Reads the published schemas: a wheel, a source distribution, and the answers of real servers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use crate::Result;

/// Definition name to JSON schema, of one Kubernetes version.
pub(crate) type Definitions = BTreeMap<String, Value>;

/// Group and version to kind to what discovery says of it, as `served.json` has it: the kinds that
/// take POST.
pub(crate) type Served = BTreeMap<String, BTreeMap<String, Resource>>;

/// What discovery says of a kind.
pub(crate) struct Resource {
    pub(crate) namespaced: bool,
    pub(crate) plural: String,
}

/// What one real API server published.
pub(crate) struct Server {
    pub(crate) definitions: Definitions,
    pub(crate) served: Option<Served>,
}

/// The minor version of `…/v1.34.0-local/_definitions.json`; none for any other path.
fn minor_of(path: &str) -> Option<u8> {
    let folder = path.strip_suffix("-local/_definitions.json")?.rsplit('/').next()?;
    folder.strip_prefix("v1.")?.strip_suffix(".0")?.parse().ok()
}

/// Older files keep the definitions under `definitions`, newer under `$defs`, the middle ones at the root.
fn definitions(mut file: Value) -> Result<Definitions> {
    let inner = ["definitions", "$defs"].iter().find_map(|key| Some(file.get_mut(*key)?.take()));
    match inner.unwrap_or(file) {
        Value::Object(map) => Ok(map.into_iter().filter(|(_, value)| value.is_object()).collect()),
        _ => Err("definitions are not an object".into()),
    }
}

/// The definitions in a wheel of `kubernetes-validate`, by minor version.
pub(crate) fn wheel(path: &Path) -> Result<BTreeMap<u8, Definitions>> {
    let mut archive = zip::ZipArchive::new(File::open(path)?)?;
    let mut found = BTreeMap::new();
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        if let Some(minor) = minor_of(entry.name()) {
            found.insert(minor, definitions(serde_json::from_reader(entry)?)?);
        }
    }
    Ok(found)
}

/// The definitions in a source distribution of `kubernetes-validate`, by minor version.
pub(crate) fn sdist(path: &Path) -> Result<BTreeMap<u8, Definitions>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(File::open(path)?));
    let mut found = BTreeMap::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let Some(minor) = entry.path()?.to_str().and_then(minor_of) else { continue };
        let mut text = String::new();
        entry.read_to_string(&mut text)?;
        found.insert(minor, definitions(serde_json::from_str(&text)?)?);
    }
    Ok(found)
}

/// The OpenAPI v3 documents and `served.json` in `DIR/1.N`, by minor version.
pub(crate) fn openapi(directory: &Path) -> Result<BTreeMap<u8, Server>> {
    let mut servers = BTreeMap::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let Some(minor) = entry.file_name().to_str().and_then(|name| name.strip_prefix("1.")?.parse().ok()) else {
            continue;
        };
        let mut definitions = Definitions::new();
        components(&entry.path(), &mut definitions)?;
        let list = entry.path().join("served.json");
        let served = if list.exists() { Some(served(&list)?) } else { None };
        servers.insert(minor, Server { definitions, served });
    }
    Ok(servers)
}

fn components(directory: &Path, definitions: &mut Definitions) -> Result<()> {
    let mut entries = std::fs::read_dir(directory)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            components(&path, definitions)?;
        } else if path.file_name().is_some_and(|name| name != "served.json") {
            let mut file: Value = serde_json::from_reader(File::open(&path)?)?;
            let schemas = file.pointer_mut("/components/schemas").map(Value::take);
            let Some(Value::Object(schemas)) = schemas else { continue };
            definitions.extend(schemas);
        }
    }
    Ok(())
}

fn served(path: &Path) -> Result<Served> {
    let file: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_reader(File::open(path)?)?;
    let resource = |value: Value| Resource {
        namespaced: value.get("namespaced").and_then(Value::as_bool).unwrap_or_default(),
        plural: value.get("plural").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    let kinds = |kinds: BTreeMap<String, Value>| kinds.into_iter().map(|(kind, it)| (kind, resource(it))).collect();
    Ok(file.into_iter().map(|(group_version, it)| (group_version, kinds(it))).collect())
}

/// The size of `bytes` after gzip, for the record.
pub(crate) fn gzipped_size(bytes: &[u8]) -> Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
