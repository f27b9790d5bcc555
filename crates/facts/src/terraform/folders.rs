//! Folders of files of Terraform, and what each declares.

use std::collections::{BTreeMap, BTreeSet};

use seaworthy_document::{Document, Node};
use seaworthy_source::order;

/// A folder with files of Terraform: a module, or a configuration.
pub(super) struct Folder<'a> {
    /// Its path, `.` and `..` resolved; empty for where the names begin.
    pub(super) path: Vec<&'a str>,
    /// `resource` blocks: type, name, body.
    pub(super) resources: Vec<(&'a str, &'a str, Node<'a>)>,
    /// `module` blocks: name, body.
    pub(super) calls: Vec<(&'a str, Node<'a>)>,
    /// All that has a name.
    named: BTreeMap<(Named, &'a str, &'a str), Node<'a>>,
    /// Variables that other files of values may set, in this folder or below it: which of them, nobody says.
    open_values: BTreeSet<&'a str>,
}

/// What has a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    Resource,
    Data,
    Module,
    Variable,
    Output,
    Local,
    /// What `terraform.tfvars` and `*.auto.tfvars` say of a variable.
    Value,
}

/// The folders of files, in the order in which they come first, and where each is by its path.
pub(super) fn of<'a>(documents: &[(&'a str, &'a Document)]) -> (Vec<Folder<'a>>, BTreeMap<Vec<&'a str>, usize>) {
    let mut folders: Vec<Folder<'a>> = Vec::new();
    let mut by_path: BTreeMap<Vec<&'a str>, usize> = BTreeMap::new();
    let mut values = Vec::new();
    for &(file, document) in documents.iter().filter(|it| it.1.is_terraform()) {
        let (Some(root), Some((path, name))) = (document.root(), place_of(file)) else { continue };
        if name.ends_with(".tfvars") || name.ends_with(".tfvars.json") {
            values.push((path, name, root));
            continue;
        }
        let at = *by_path.entry(path).or_insert_with_key(|path| {
            folders.push(Folder::new(path.clone()));
            folders.len() - 1
        });
        if let Some(folder) = folders.get_mut(at) {
            folder.read(root);
        }
    }
    order::sort_by_key(&mut values, |it| (is_automatic(it.1), it.1));
    for (path, name, root) in values {
        for folder in folders.iter_mut().filter(|it| path.starts_with(&it.path)) {
            if path == folder.path && (is_automatic(name) || name.starts_with("terraform.tfvars")) {
                folder.named.extend(root.entries().map(|it| ((Named::Value, "", it.name()), it.value)));
            } else if !is_automatic(name) {
                folder.open_values.extend(root.entries().map(|it| it.name()));
            }
        }
    }
    (folders, by_path)
}

fn is_automatic(name: &str) -> bool {
    name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json")
}

/// The folder and the name of a file. None where its path leads out of what names can tell.
fn place_of(file: &str) -> Option<(Vec<&str>, &str)> {
    let mut path = steps(Vec::new(), file)?;
    let name = path.pop()?;
    Some((path, name))
}

/// The folder that a `source` names, if it is one beside the caller.
pub(super) fn beside<'a>(path: &[&'a str], source: &'a str) -> Option<Vec<&'a str>> {
    let is_local = source.starts_with("./") || source.starts_with("../") || source == "." || source == "..";
    if is_local { steps(path.to_vec(), source) } else { None }
}

fn steps<'a>(mut path: Vec<&'a str>, text: &'a str) -> Option<Vec<&'a str>> {
    for step in text.split(['/', '\\']) {
        match step {
            "" | "." => {}
            // Names may begin above where they are given: `../infra/main.tf`.
            ".." if path.last().is_none_or(|it| *it == "..") => path.push(".."),
            ".." => {
                path.pop();
            }
            step => path.push(step),
        }
    }
    (path.len() < 64).then_some(path)
}

/// True for a folder of examples of a module (Terraform, *Standard Module Structure*).
pub(super) fn is_example(path: &[&str]) -> bool {
    path.iter().any(|it| matches!(*it, "examples" | "example"))
}

/// True if the first path leads into the folder of the second.
pub(super) fn is_within(path: &[&str], outer: &[&str]) -> bool {
    path.len() > outer.len() && path.starts_with(outer)
}

/// The last attribute of a name in a body.
pub(super) fn attribute<'a>(body: Node<'a>, name: &str) -> Option<Node<'a>> {
    body.entries().filter(|it| it.name() == name).map(|it| it.value).last()
}

impl<'a> Folder<'a> {
    fn new(path: Vec<&'a str>) -> Self {
        Self { path, resources: Vec::new(), calls: Vec::new(), named: BTreeMap::new(), open_values: BTreeSet::new() }
    }

    fn read(&mut self, root: Node<'a>) {
        for entry in root.entries() {
            let (value, mut blocks) = (entry.value, Vec::new());
            let sort = match entry.name() {
                "resource" => Named::Resource,
                "data" => Named::Data,
                "module" => Named::Module,
                "variable" => Named::Variable,
                "output" => Named::Output,
                "locals" => Named::Local,
                _ => continue,
            };
            match sort {
                Named::Resource | Named::Data => labelled_twice(value, &mut blocks),
                Named::Local => {
                    let bodies = std::iter::once(value).filter(|it| it.is_mapping()).chain(value.items());
                    blocks.extend(bodies.flat_map(|it| it.entries()).map(|it| ("", it.name(), it.value)));
                }
                _ => labelled(value, "", &mut blocks),
            }
            match sort {
                Named::Resource => self.resources.extend(&blocks),
                Named::Module => self.calls.extend(blocks.iter().map(|it| (it.1, it.2))),
                _ => {}
            }
            self.named.extend(blocks.into_iter().map(|(kind, name, node)| ((sort, kind, name), node)));
        }
    }

    /// What has a name; the last, where several have it.
    pub(super) fn named(&self, sort: Named, kind: &str, name: &str) -> Option<Node<'a>> {
        self.named.get(&(sort, kind, name)).copied()
    }

    /// True if a file of values that may be taken or not sets a variable.
    pub(super) fn is_open(&self, variable: &str) -> bool {
        self.open_values.contains(variable)
    }
}

/// A block: its kind, its name, its body.
type Block<'a> = (&'a str, &'a str, Node<'a>);

/// Blocks with one label; in JSON, several of one name may stand in a list.
fn labelled<'a>(value: Node<'a>, kind: &'a str, into: &mut Vec<Block<'a>>) {
    for entry in value.entries() {
        let bodies = std::iter::once(entry.value).filter(|it| it.is_mapping()).chain(entry.value.items());
        into.extend(bodies.map(|body| (kind, entry.name(), body)));
    }
}

/// Blocks with two labels.
fn labelled_twice<'a>(value: Node<'a>, into: &mut Vec<Block<'a>>) {
    for kind in value.entries() {
        labelled(kind.value, kind.name(), into);
    }
}
