//! From paths to sources.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use seaworthy::{Limits, NoPolicy, Source};

use crate::args::Common;
use crate::failure::{Failure, words};
use crate::terminal;
use crate::walk::{Found, walk};

/// Everything a command reads.
pub(crate) struct Input {
    /// The manifests, before them the Fleet document and the Policy document if they were named.
    pub(crate) manifests: Vec<Source>,
    /// Files that describe the cluster.
    pub(crate) cluster: Vec<Source>,
    /// Files with CustomResourceDefinitions.
    pub(crate) crds: Vec<Source>,
}

/// The Fleet document that is read where no path is given.
const FLEET: &str = "fleet.yaml";

/// Reads what the command line names; without paths, what the Fleet document names, else the working directory.
pub(crate) fn read(paths: &[PathBuf], common: &Common) -> Result<Input, Failure> {
    let here = Path::new(FLEET);
    let fleet_path = common.fleet.as_deref().or_else(|| (paths.is_empty() && here.is_file()).then_some(here));
    let fleet = fleet_path.map(read_named).transpose()?;
    let beside = |path: String| fleet_path.and_then(Path::parent).unwrap_or(Path::new("")).join(path);
    let mut paths = paths.to_vec();
    let mut cluster_files = common.cluster.clone();
    if let Some(fleet) = &fleet {
        if paths.is_empty() {
            paths = seaworthy::manifests_of(fleet).into_iter().map(beside).collect();
        }
        cluster_files.extend(seaworthy::cluster_files_of(fleet).into_iter().map(beside));
    }
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let mut manifests: Vec<Source> = fleet.into_iter().collect();
    manifests.extend(common.policy.as_deref().map(read_policy).transpose()?);
    let mut found = walk(&paths)?;
    let named: Vec<&Path> = fleet_path.into_iter().chain(common.policy.as_deref()).collect();
    found.files.retain(|path| !named.iter().any(|named| is_same_file(named, path)));
    if found.files.is_empty() && found.unread.is_empty() {
        let places: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        terminal::complain(&format!("no .yaml, .yml or .json file in {}: nothing is checked", places.join(", ")));
    }
    manifests.extend(read_found(found, &paths)?);
    let cluster = cluster_files.iter().map(|path| read_named(path)).collect::<Result<_, _>>()?;
    let crds = read_found(walk(&common.crds)?, &common.crds)?;
    Ok(Input { manifests, cluster, crds })
}

/// Reads what is named, and nothing beside it: manifests as they were applied before, definitions.
pub(crate) fn read_paths(paths: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    read_found(walk(paths)?, paths)
}

/// Reads what a walk of a folder finds, as `check FOLDER` does.
pub(crate) fn read_folder(folder: &Path) -> Result<Vec<Source>, Failure> {
    let folder = [folder.to_owned()];
    read_found(walk(&folder)?, &[])
}

/// Reads a file that may be gone: then there is nothing.
pub(crate) fn read_if_there(path: &Path) -> Option<Source> {
    let name = path.to_string_lossy().into_owned();
    match read_file(path) {
        Ok(bytes) => Some(Source::from_bytes(name, bytes)),
        Err(Unread::TooLarge(size)) => Some(Source::unread(name, too_large(size))),
        Err(Unread::Io(error)) if error.kind() == io::ErrorKind::NotFound => None,
        Err(Unread::Io(error)) => Some(Source::unread(name, words(&error))),
    }
}

/// Reads the Policy document that was named; that its keys are right is checked like everything else.
fn read_policy(path: &Path) -> Result<Source, Failure> {
    let source = read_named(path)?;
    match seaworthy::read_policy(&source) {
        Err(NoPolicy::NotThere(_)) => Err(Failure::NoPolicy { path: path.to_owned() }),
        _ => Ok(source),
    }
}

/// True if two paths lead to one file, `./fleet.yaml` and `fleet.yaml`.
fn is_same_file(left: &Path, right: &Path) -> bool {
    left.file_name() == right.file_name()
        && (left == right || left.canonicalize().ok().is_some_and(|left| right.canonicalize().ok() == Some(left)))
}

/// Reads files on all cores. A file that was named must be readable; one that was met on the way need not be.
fn read_found(found: Found, named: &[PathBuf]) -> Result<Vec<Source>, Failure> {
    let mut sources = found
        .files
        .par_iter()
        .map(|path| {
            let name = path.to_string_lossy().into_owned();
            match read_file(path) {
                Ok(bytes) => Ok(Source::from_bytes(name, bytes)),
                Err(Unread::TooLarge(size)) => Ok(Source::unread(name, too_large(size))),
                Err(Unread::Io(error)) if !named.contains(path) => Ok(Source::unread(name, words(&error))),
                Err(Unread::Io(error)) => Err(Failure::Read { path: path.clone(), error }),
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    sources
        .extend(found.unread.into_iter().map(|(path, why)| Source::unread(path.to_string_lossy().into_owned(), why)));
    Ok(sources)
}

pub(crate) fn read_named(path: &Path) -> Result<Source, Failure> {
    let name = path.to_string_lossy().into_owned();
    match read_file(path) {
        Ok(bytes) => Ok(Source::from_bytes(name, bytes)),
        Err(Unread::TooLarge(size)) => Ok(Source::unread(name, too_large(size))),
        Err(Unread::Io(error)) => Err(Failure::Read { path: path.to_owned(), error }),
    }
}

enum Unread {
    Io(io::Error),
    TooLarge(u64),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Unread::Io(error)
    }
}

/// Reads a file, or standard input; what is larger than the limit is not read at all.
fn read_file(path: &Path) -> Result<Vec<u8>, Unread> {
    let limit = file_size();
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        io::stdin().lock().take(limit + 1).read_to_end(&mut bytes)?;
    } else {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        if size > limit {
            return Err(Unread::TooLarge(size));
        }
        bytes.reserve_exact(usize::try_from(size).unwrap_or(0));
        file.take(limit + 1).read_to_end(&mut bytes)?;
    }
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > limit { Err(Unread::TooLarge(size)) } else { Ok(bytes) }
}

fn too_large(size: u64) -> String {
    format!("{size} bytes, more than {} (limit `file_size`)", file_size())
}

fn file_size() -> u64 {
    u64::try_from(Limits::default().file_size).unwrap_or(u64::MAX)
}
