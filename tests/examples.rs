//! The manifests that tests of more than one thing run over: the examples of rules' pages, and the fixtures.

#![allow(clippy::unwrap_used, reason = "a helper of a test may do what the test may")]

use std::path::{Path, PathBuf};

use seaworthy::Source;
use seaworthy_document::to_json;
use seaworthy_object::{Catalog, Content, contents};

use crate::corpus;

/// A fenced block of a page, with the heading it stands under and the file name its info string gives.
pub struct Block {
    /// The heading.
    pub heading: String,
    /// The line of the page on which it begins.
    pub line: usize,
    /// What it is called.
    pub file: String,
    /// What it holds.
    pub text: String,
}

/// Files that belong together.
pub struct Example {
    /// Where they stand.
    pub name: String,
    /// The files.
    pub sources: Vec<Source>,
}

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// All examples: those of the rules' pages, of `fixtures/rules` and of `fixtures/fleets`.
#[must_use]
pub fn all() -> Vec<Example> {
    let mut examples = Vec::new();
    for rule in seaworthy::rules::all() {
        let id = rule.meta().id;
        examples.extend(of_page(id, rule.meta().page));
        let odd = format!("fixtures/rules/{id}.md");
        if let Ok(page) = std::fs::read_to_string(root().join(&odd)) {
            examples.extend(of_page(&odd, &page));
        }
    }
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(root().join("fixtures/fleets")).unwrap().map(|it| it.unwrap().path()).collect();
    folders.sort();
    examples.extend(folders.iter().map(|it| Example { name: it.display().to_string(), sources: sources(it) }));
    examples
}

/// An object of an example, as a server would send it on.
pub struct Sent {
    /// The example.
    pub example: String,
    /// Its kind.
    pub kind: String,
    /// The object as JSON.
    pub source: Source,
    /// The namespace of the request; empty for what lives in none.
    pub namespace: String,
}

/// Every object of every example.
#[must_use]
pub fn objects() -> Vec<Sent> {
    let catalog = Catalog::built_in();
    let mut objects = Vec::new();
    for Example { name, sources } in all() {
        for source in &sources {
            let documents = seaworthy_document::read(source);
            let contents = documents.iter().map(|it| contents(it, source.name(), &catalog, "default"));
            let manifests = contents.filter_map(|it| if let Content::Manifest(it) = it { Some(it) } else { None });
            objects.extend(manifests.flat_map(|it| it.objects).map(|object| Sent {
                example: name.clone(),
                kind: object.kind().to_owned(),
                source: Source::new("object.json", to_json(object.root())),
                namespace: object.namespace().unwrap_or("").to_owned(),
            }));
        }
    }
    objects
}

/// The reviews of `fixtures/admission`, as servers send them: name and text.
#[must_use]
pub fn reviews() -> Vec<(String, String)> {
    let files = std::fs::read_dir(root().join("fixtures/admission")).unwrap().map(|it| it.unwrap().path());
    let mut reviews: Vec<_> = files
        .filter(|it| it.extension().is_some_and(|it| it == "json"))
        .map(|it| (it.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&it).unwrap()))
        .collect();
    reviews.sort();
    reviews
}

/// The manifests and the Fleet document of a folder, under their names in it.
#[must_use]
pub fn sources(folder: &Path) -> Vec<Source> {
    let read = |path: PathBuf| {
        let name = path.strip_prefix(folder).unwrap().to_str()?.to_owned();
        Some(Source::from_bytes(name, std::fs::read(&path).ok()?))
    };
    corpus::files(folder, &["yaml", "yml", "json", "tf"]).into_iter().filter_map(read).collect()
}

fn of_page(name: &str, page: &str) -> Vec<Example> {
    let blocks = blocks(page);
    let example = |group: Vec<&Block>| Example {
        name: format!("{name}:{}", group.first().map_or(0, |it| it.line)),
        sources: group.iter().map(|it| Source::new(it.file.as_str(), it.text.as_str())).collect(),
    };
    groups(&blocks).into_iter().map(example).collect()
}

/// The examples of a page: blocks under one heading that name files (```` ```yaml web.yaml ````) are one fleet; the
/// others stand alone.
#[must_use]
pub fn groups(blocks: &[Block]) -> Vec<Vec<&Block>> {
    let mut groups: Vec<Vec<&Block>> = Vec::new();
    for block in blocks.iter().filter(|block| matches!(block.heading.as_str(), "Flagged" | "Fine")) {
        match groups.last_mut() {
            Some(group)
                if !block.file.starts_with("example.")
                    && group.iter().all(|it| {
                        it.heading == block.heading && !it.file.starts_with("example.") && it.file != block.file
                    }) =>
            {
                group.push(block);
            }
            _ => groups.push(vec![block]),
        }
    }
    groups
}

/// What begins a block that is an example: its language, and the name of its file.
fn fence(line: &str) -> Option<(&str, &str)> {
    let info = line.strip_prefix("```")?;
    let language = ["yaml", "json", "hcl"].into_iter().find(|it| info.starts_with(it))?;
    Some((language, &info[language.len()..]))
}

/// The fenced blocks of a page. A text too long to print stands in it as `<262145 letters>`.
#[must_use]
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut heading, mut open) = (String::new(), false);
    for (at, line) in page.lines().enumerate() {
        if open {
            if line == "```" {
                open = false;
            } else if let Some(block) = blocks.last_mut() {
                block.text.push_str(&line.replace("<262145 letters>", &"x".repeat(262_145)));
                block.text.push('\n');
            }
        } else if let Some((language, info)) = fence(line) {
            let usual = if language == "hcl" { "example.tf" } else { "example.yaml" };
            let file = if info.trim().is_empty() { usual } else { info.trim() };
            blocks.push(Block { heading: heading.clone(), line: at + 1, file: file.to_owned(), text: String::new() });
            open = true;
        } else if let Some(title) = line.strip_prefix("## ") {
            heading = title.trim().to_owned();
        }
    }
    blocks
}
