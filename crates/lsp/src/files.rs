//! The files of the workspace: on disk, or open in the editor, which counts more; and the fleets that they make.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use lsp_types::Uri;
use seaworthy::source::Unit;
use seaworthy::{Source, Workspace};

use crate::positions::Lines;
use crate::settings::Settings;
use crate::sync::Open;
use crate::uri;

/// Hidden names that are read all the same: pipelines live there.
const CI: [&str; 3] = [".github", ".circleci", ".gitlab-ci.yml"];
/// Endings of files that are read.
const ENDINGS: [&str; 4] = ["yaml", "yml", "json", "tpl"];
/// What editors call the languages of files that are read.
const LANGUAGES: [&str; 5] = ["yaml", "json", "helm", "kubernetes", "yaml.helm"];

/// A file that is on disk, open, or both.
#[derive(Debug)]
pub(crate) struct File {
    /// The address as the client spells it.
    pub(crate) uri: Uri,
    disk: Option<Source>,
    pub(crate) open: Option<Open>,
    /// Which fleet it belongs to.
    pub(crate) root: usize,
    /// What it is called there.
    pub(crate) name: String,
}

impl File {
    pub(crate) fn text(&self) -> &str {
        match (&self.open, &self.disk) {
            (Some(open), _) => open.text(),
            (None, Some(disk)) => disk.text(),
            (None, None) => "",
        }
    }

    pub(crate) fn lines(&self, unit: Unit) -> Lines {
        match &self.open {
            Some(open) => open.lines().clone(),
            None => Lines::of_file(self.text(), unit),
        }
    }

    /// What the engine is to see: nothing of what is no manifest by its name.
    fn source(&self) -> Option<Source> {
        match &self.open {
            Some(open) if is_read(&self.name, &open.language) => Some(Source::new(self.name.as_str(), open.text())),
            Some(_) => None,
            None => self.disk.clone().map(|it| it.named(self.name.as_str())),
        }
    }
}

/// True for an open document that is checked: by its name or language, and as a walk would find it.
fn is_read(name: &str, language: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_hidden = |part: &str| part.starts_with('.') && part != "." && !CI.contains(&part);
    let is_absolute = name.starts_with('/') || name.contains(":/");
    let is_known = (ENDINGS.contains(&ending) || LANGUAGES.contains(&language)) && language != "jsonc";
    is_known && (is_absolute || !name.split('/').any(is_hidden))
}

/// A workspace folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Folder {
    pub(crate) key: String,
    /// As the client spells it.
    address: String,
}

impl Folder {
    pub(crate) fn of(uri: &Uri) -> Self {
        Self { key: uri::key(uri), address: uri.as_str().to_owned() }
    }
}

/// A fleet: the files of a workspace folder. Those that lie in none are one as well.
#[derive(Debug)]
pub(crate) struct Root {
    /// The folder; none for what lies in no folder.
    pub(crate) folder: Option<Folder>,
    pub(crate) workspace: Workspace,
    /// The keys of its files by name.
    names: BTreeMap<String, String>,
}

/// All files that are known of.
#[derive(Debug)]
pub(crate) struct Files {
    unit: Unit,
    settings: Settings,
    /// The workspace folders, and at the end what lies in none.
    pub(crate) roots: Vec<Root>,
    by_key: BTreeMap<String, File>,
    touched: BTreeSet<String>,
}

impl Files {
    /// No files yet, in folders that are keys.
    pub(crate) fn new(folders: Vec<Folder>, settings: Settings, unit: Unit) -> Self {
        let mut files = Self { unit, settings, roots: Vec::new(), by_key: BTreeMap::new(), touched: BTreeSet::new() };
        files.arrange(folders);
        files
    }

    /// The same files with other settings or in other folders; everything is to be checked anew.
    pub(crate) fn rearrange(&mut self, folders: Vec<Folder>, settings: Settings) {
        self.settings = settings;
        self.arrange(folders);
    }

    fn arrange(&mut self, folders: Vec<Folder>) {
        let workspace = || Workspace::new(self.settings.validator().unwrap_or_default());
        let root = |folder| Root { folder, workspace: workspace(), names: BTreeMap::new() };
        let roots = folders.into_iter().map(Some).chain([None]).map(root).collect();
        let before = std::mem::replace(&mut self.roots, roots);
        let keys: Vec<String> = self.by_key.keys().cloned().collect();
        for key in keys {
            let (root, name) = self.home_of(&key);
            // What was read of a folder that is gone goes with it.
            let is_inside = |roots: &[Root], at: usize| roots.get(at).is_some_and(|it| it.folder.is_some());
            let stays = is_inside(&self.roots, root);
            let Some(file) = self.by_key.get_mut(&key) else { continue };
            if !stays && is_inside(&before, file.root) {
                file.disk = None;
            }
            (file.root, file.name) = (root, name);
            self.touched.insert(key);
        }
    }

    /// The fleet that a file belongs to, and its name there: that of the innermost folder.
    fn home_of(&self, key: &str) -> (usize, String) {
        let inside = |(at, root): (usize, &Root)| Some((at, uri::below(key, &root.folder.as_ref()?.key)?.to_owned()));
        let homes = self.roots.iter().enumerate().filter_map(inside);
        let (root, name) = homes
            .min_by_key(|(_, name)| name.len())
            .unwrap_or_else(|| (self.roots.len().saturating_sub(1), uri::path_of(key).to_owned()));
        let is_fleet = self.settings.fleet.as_deref().is_some_and(|it| it.trim_start_matches("./") == name);
        // Of several Fleet documents the first counts, and `.` comes before all names that people give.
        let name = if is_fleet { format!("./{name}") } else { name };
        // Two addresses with one path: one of another scheme.
        let is_taken = self.roots.get(root).and_then(|it| it.names.get(&name)).is_some_and(|it| it != key);
        (root, if is_taken { key.to_owned() } else { name })
    }

    /// True for a file that was read from disk.
    pub(crate) fn is_on_disk(&self, uri: &Uri) -> bool {
        self.get(uri).is_some_and(|it| it.disk.is_some())
    }

    /// The address of the folder that a file lies in, as the client spells it.
    pub(crate) fn folder_of(&self, uri: &Uri) -> Option<String> {
        let (root, _) = self.home_of(&uri::key(uri));
        self.roots.get(root)?.folder.as_ref().map(|it| it.address.clone())
    }

    pub(crate) fn folders(&self) -> Vec<Folder> {
        self.roots.iter().filter_map(|it| it.folder.clone()).collect()
    }

    pub(crate) fn get(&self, uri: &Uri) -> Option<&File> {
        self.by_key.get(&uri::key(uri))
    }

    pub(crate) fn open(&self, uri: &Uri) -> Option<&Open> {
        self.get(uri)?.open.as_ref()
    }

    /// The file of a name in a fleet.
    pub(crate) fn named(&self, root: usize, name: &str) -> Option<&File> {
        self.by_key.get(self.roots.get(root)?.names.get(name)?)
    }

    /// The file of a key.
    pub(crate) fn at(&self, key: &str) -> Option<&File> {
        self.by_key.get(key)
    }

    /// All files of all fleets, by their keys.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &File)> {
        self.by_key.iter().map(|(key, file)| (key.as_str(), file))
    }

    fn entry(&mut self, uri: &Uri) -> &mut File {
        let key = uri::key(uri);
        self.touched.insert(key.clone());
        let (root, name) = self.home_of(&key);
        self.by_key.entry(key).or_insert_with(|| File { uri: uri.clone(), disk: None, open: None, root, name })
    }

    /// The client opens a document; what it says counts from now on.
    pub(crate) fn set_open(&mut self, uri: &Uri, text: String, version: i64, language: String) {
        let open = Open::new(text, version, language, self.unit);
        let file = self.entry(uri);
        file.uri = uri.clone();
        file.open = Some(open);
    }

    /// The open document of an address, to change.
    pub(crate) fn open_mut(&mut self, uri: &Uri) -> Option<&mut Open> {
        let key = uri::key(uri);
        let open = self.by_key.get_mut(&key)?.open.as_mut()?;
        self.touched.insert(key);
        Some(open)
    }

    /// The client closes a document; what is on disk counts again. None if it was not open, else whether the file on
    /// disk is one of ours.
    pub(crate) fn close(&mut self, uri: &Uri) -> Option<bool> {
        let key = uri::key(uri);
        let file = self.by_key.get_mut(&key)?;
        file.open.take()?;
        let is_inside = self.roots.get(file.root).is_some_and(|it| it.folder.is_some());
        let is_ours = is_inside || file.disk.is_some();
        self.touched.insert(key);
        Some(is_ours)
    }

    /// A file was read from disk, or is gone from there.
    pub(crate) fn set_disk(&mut self, uri: &Uri, source: Option<Source>) {
        let before = self.get(uri).and_then(|it| it.disk.as_ref());
        let said = |it: &Source| (it.shared_text(), it.why_unread().map(str::to_owned), it.faults().to_vec());
        if before.map(said) != source.as_ref().map(said) {
            self.entry(uri).disk = source;
        }
    }

    /// A whole folder was read from disk: what is not among the files is gone from there.
    pub(crate) fn set_folder(&mut self, folder: &Uri, found: &BTreeSet<String>) {
        let key = uri::key(folder);
        let Some(root) = self.roots.iter().position(|it| it.folder.as_ref().is_some_and(|it| it.key == key)) else {
            return;
        };
        for (key, file) in self.by_key.iter_mut().filter(|(_, it)| it.root == root && it.disk.is_some()) {
            if !found.contains(key) {
                file.disk = None;
                self.touched.insert(key.clone());
            }
        }
    }

    /// Whatever lies under an address is gone from disk: a folder was deleted.
    pub(crate) fn remove_below(&mut self, uri: &Uri) {
        let folder = uri::key(uri);
        for (key, file) in self.by_key.iter_mut().filter(|(key, _)| uri::below(key, &folder).is_some()) {
            file.disk = None;
            self.touched.insert(key.clone());
        }
    }

    /// Hands what was touched to the fleets. Files that are gone are forgotten.
    pub(crate) fn flush(&mut self) -> Flushed {
        let mut flushed = Flushed::default();
        for key in std::mem::take(&mut self.touched) {
            let Some(file) = self.by_key.get(&key) else { continue };
            let Some(root) = self.roots.get_mut(file.root) else { continue };
            match file.source() {
                Some(source) => {
                    root.names.insert(file.name.clone(), key.clone());
                    root.workspace.set(source);
                }
                None => {
                    root.workspace.remove(&file.name);
                    root.names.remove(&file.name);
                }
            }
            if file.open.is_none() && file.disk.is_none() {
                flushed.gone.push((file.uri.clone(), key.clone()));
                self.by_key.remove(&key);
            } else {
                flushed.touched.push(key);
            }
        }
        flushed
    }
}

/// What became of the files that were touched.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// Those that are still there, by key.
    pub(crate) touched: Vec<String>,
    /// Those that are not, by address and key.
    pub(crate) gone: Vec<(Uri, String)>,
}

impl Root {
    /// The key of the file of a name.
    pub(crate) fn key_of(&self, name: &str) -> Option<&str> {
        self.names.get(name).map(String::as_str)
    }
}

/// An address that somebody outside wrote.
pub(crate) fn parse(text: &str) -> Option<Uri> {
    Uri::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read() {
        for (name, language, read) in [
            ("a.yaml", "", true),
            ("Untitled-1", "yaml", true),
            ("a.md", "markdown", false),
            (".vscode/settings.json", "json", false),
            (".vscode/settings.json", "jsonc", false),
            (".github/workflows/a.yml", "yaml", true),
            ("./fleet.yaml", "yaml", true),
            ("/home/me/.config/a.yaml", "yaml", true),
        ] {
            assert_eq!(is_read(name, language), read, "{name}");
        }
    }

    #[test]
    fn the_innermost_folder_is_home() {
        let folders = ["file:///w", "file:///w/inner"].map(|it| Folder::of(&parse(it).unwrap())).to_vec();
        let files = Files::new(folders, Settings::default(), Unit::Utf16);
        assert_eq!(files.home_of("file:///w/a.yaml"), (0, "a.yaml".to_owned()));
        assert_eq!(files.home_of("file:///w/inner/a.yaml"), (1, "a.yaml".to_owned()));
        assert_eq!(files.home_of("file:///elsewhere/a.yaml"), (2, "/elsewhere/a.yaml".to_owned()));
    }
}
