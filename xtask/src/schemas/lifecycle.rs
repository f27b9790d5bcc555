//! Reads the facts Kubernetes' own Go modules state about an API: when it came, was deprecated, goes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::Result;

/// Group, version and kind.
pub(crate) type KindName = (String, String, String);

/// What `zz_generated.prerelease-lifecycle.go` and `lifecycle.go` say of a kind.
#[derive(Clone, Default)]
pub(crate) struct Lifecycle {
    pub(crate) introduced: Option<u8>,
    pub(crate) deprecated: Option<u8>,
    pub(crate) removed: Option<u8>,
    pub(crate) replacement: Option<KindName>,
}

/// The facts of all modules read; a module read later wins.
#[derive(Default)]
pub(crate) struct Lifecycles {
    pub(crate) kinds: BTreeMap<KindName, Lifecycle>,
    /// Kinds whose type carries `+genclient:nonNamespaced`.
    pub(crate) cluster_scoped: BTreeSet<KindName>,
}

impl Lifecycles {
    /// Reads every package below a module's directory.
    pub(crate) fn read(&mut self, directory: &Path) -> Result<()> {
        let mut group = None;
        let mut files = Vec::new();
        let mut entries = std::fs::read_dir(directory)?.collect::<std::io::Result<Vec<_>>>()?;
        entries.sort_by_key(std::fs::DirEntry::path);
        for entry in entries {
            let path = entry.path();
            if path.is_dir() {
                self.read(&path)?;
                continue;
            }
            match path.file_name().and_then(|name| name.to_str()) {
                Some("register.go") => group = group_name(&std::fs::read_to_string(&path)?),
                Some("types.go" | "lifecycle.go" | "zz_generated.prerelease-lifecycle.go") => {
                    files.push(std::fs::read_to_string(&path)?);
                }
                _ => {}
            }
        }
        let version = directory.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if let Some(group) = group {
            for text in files {
                self.read_functions(&group, version, &text);
                self.read_scopes(&group, version, &text);
            }
        }
        Ok(())
    }

    fn read_functions(&mut self, group: &str, version: &str, text: &str) {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some((kind, rest)) = line.strip_prefix("func (in *").and_then(|it| it.split_once(") APILifecycle"))
            else {
                continue;
            };
            let Some(value) = lines.next().and_then(|it| it.trim().strip_prefix("return ")) else { continue };
            let name = (group.to_owned(), version.to_owned(), kind.to_owned());
            let facts = self.kinds.entry(name).or_default();
            let minor = value.strip_prefix("1, ").and_then(|it| it.parse().ok());
            match rest.split_once('(').map(|(fact, _)| fact) {
                Some("Introduced") => facts.introduced = minor,
                Some("Deprecated") => facts.deprecated = minor,
                Some("Removed") => facts.removed = minor,
                Some("Replacement") => facts.replacement = replacement(value),
                _ => {}
            }
        }
    }

    fn read_scopes(&mut self, group: &str, version: &str, text: &str) {
        let mut cluster_scoped = false;
        for line in text.lines() {
            if line.trim() == "// +genclient:nonNamespaced" {
                cluster_scoped = true;
            } else if let Some(kind) = line.strip_prefix("type ").and_then(|it| it.split_whitespace().next()) {
                if cluster_scoped {
                    self.cluster_scoped.insert((group.to_owned(), version.to_owned(), kind.to_owned()));
                }
                cluster_scoped = false;
            }
        }
    }
}

fn group_name(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.trim_start().starts_with("const GroupName = "))?;
    line.split('"').nth(1).map(str::to_owned)
}

/// `schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "DaemonSet"}`
fn replacement(value: &str) -> Option<KindName> {
    let mut quoted = value.split('"').skip(1).step_by(2).map(str::to_owned);
    Some((quoted.next()?, quoted.next()?, quoted.next()?))
}
