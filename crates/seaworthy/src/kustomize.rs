//! What kustomizations say of the files beside them: which are patches, and which are completed before they are
//! applied.

use std::collections::BTreeMap;

use seaworthy_document::{Document, Node};
use seaworthy_object::{Content, Other};
use seaworthy_source::order;

/// What a patch is, for the list of what was skipped.
const PATCH: Other = Other::Tool("a patch of a kustomization");

/// The names of kustomizations, as kustomize looks for them.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Files by what kustomizations do with them; each list is sorted.
#[derive(Debug, Default)]
pub(crate) struct Kustomized {
    patches: Vec<String>,
    labelled: Vec<String>,
}

impl Kustomized {
    /// Reads the kustomizations among the sources.
    pub(crate) fn of<'a>(sources: impl IntoIterator<Item = (&'a str, &'a [Document])>) -> Self {
        let mut by_folder = BTreeMap::new();
        for (file, documents) in sources.into_iter().filter(|(file, _)| is_kustomization(file)) {
            let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
            if let Some(root) = documents.iter().find_map(Document::root) {
                by_folder.insert(joined(folder, ""), root);
            }
        }
        let mut kustomized = Self::default();
        let mut resources = Vec::new();
        for (folder, &root) in &by_folder {
            kustomized.patches.extend(patches(root).map(|path| joined(folder, path)));
            resources.extend(paths(root).map(|path| joined(folder, path)));
        }
        order::sort(&mut resources);
        kustomized.patches.retain(|path| resources.binary_search(path).is_err());
        order::sort(&mut kustomized.patches);
        for (folder, _) in by_folder.iter().filter(|(_, root)| labels_selectors(**root)) {
            kustomized.label(folder, &by_folder);
        }
        kustomized
    }

    /// A patch is no object of its own.
    pub(crate) fn turn_patches(&self, file: &str, contents: &mut [Content<'_>]) {
        if !self.patches.is_empty() && self.patches.binary_search(&joined("", file)).is_ok() {
            let typed = contents.iter_mut().filter(|it| !matches!(it, Content::Other(Other::Broken)));
            typed.for_each(|content| *content = Content::Other(PATCH));
        }
    }

    /// True if a kustomization adds labels to the selectors and templates of the objects of a file.
    pub(crate) fn labels_selectors_of(&self, file: &str) -> bool {
        !self.labelled.is_empty() && self.labelled.binary_search(&joined("", file)).is_ok()
    }

    /// The files of a kustomization and of those it builds on.
    fn label(&mut self, folder: &str, by_folder: &BTreeMap<String, Node<'_>>) {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            let Some(root) = by_folder.get(&folder) else { continue };
            for path in paths(*root).map(|path| joined(&folder, path)) {
                if let Err(at) = self.labelled.binary_search(&path) {
                    self.labelled.insert(at, path.clone());
                    folders.push(path);
                }
            }
        }
    }
}

/// True for the name of a file that kustomize reads.
pub(crate) fn is_kustomization(file: &str) -> bool {
    NAMES.contains(&file.rsplit_once('/').map_or(file, |(_, name)| name))
}

/// Files and folders whose objects a kustomization takes.
fn paths(root: Node<'_>) -> impl Iterator<Item = &str> {
    ["resources", "bases"]
        .into_iter()
        .filter_map(move |key| root.get(key))
        .flat_map(|list| list.items())
        .map(|it| it.text())
}

fn patches(root: Node<'_>) -> impl Iterator<Item = &str> {
    let items = |key: &str| root.get(key).into_iter().flat_map(|list| list.items());
    let named = items("patches").chain(items("patchesJson6902")).filter_map(|it| it.get("path")).map(|it| it.text());
    // A patch may stand here in full: that is no path.
    named.chain(items("patchesStrategicMerge").map(|it| it.text()).filter(|it| !it.contains('\n')))
}

fn labels_selectors(root: Node<'_>) -> bool {
    let is_included = |label: Node<'_>| label.get("includeSelectors").and_then(|it| it.as_bool()) == Some(true);
    root.get("commonLabels").is_some() || root.get("labels").is_some_and(|labels| labels.items().any(is_included))
}

/// A path from a folder, without `.` and `..`.
fn joined(folder: &str, path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in folder.split('/').chain(path.split('/')).filter(|it| !matches!(*it, "" | ".")) {
        if segment == ".." && segments.last().is_some_and(|it| *it != "..") {
            segments.pop();
        } else {
            segments.push(segment);
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use crate::{Source, Validator};

    const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
        spec: {template: {spec: {containers: [{name: web, image: 'nginx:1.27'}]}}}\n";
    const PATCH: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n";

    fn refusals(files: &[(&str, &str)]) -> (usize, Vec<String>) {
        let sources = files.iter().map(|&(name, text)| Source::new(name, text)).collect();
        let report = Validator::default().check(sources);
        let refused = report.diagnostics.iter().filter(|it| it.category == "api").count();
        (refused, report.skipped.iter().map(|it| format!("{}: {}", it.file, it.why)).collect())
    }

    #[test]
    fn patches_are_no_objects() {
        let kustomization = "resources: [../base]\npatches:\n- path: ./web.yaml\n";
        let files = [("k/over/kustomization.yaml", kustomization), ("k/over/web.yaml", PATCH)];
        let skipped = ["k/over/web.yaml: a patch of a kustomization"];
        assert_eq!(refusals(&files), (0, skipped.map(str::to_owned).to_vec()));
        assert!(refusals(&files[1..]).0 > 0);
    }

    #[test]
    fn common_labels_become_selectors_of_bases_too() {
        let files = [
            ("k/base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("k/base/web.yaml", DEPLOYMENT),
            ("./k/over/kustomization.yaml", "resources: [../base]\ncommonLabels: {app: web}\n"),
        ];
        assert_eq!(refusals(&files).0, 0);
        assert!(refusals(&files[..2]).0 > 0);
    }
}
