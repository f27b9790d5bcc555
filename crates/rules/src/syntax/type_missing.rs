//! `type-missing`.

use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_object::{Catalog, Content, Other};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TypeMissing {}

impl Rule for TypeMissing {
    const META: Meta = Meta {
        id: "type-missing",
        category: Category::Syntax,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("type_missing.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

impl TypeMissing {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        match (sheet.content, sheet.document.root()) {
            (Content::Other(Other::TypeMissing), Some(root)) if root.is_mapping() => say(sheet, root, "", report),
            (Content::Other(Other::TypeMissing), Some(root)) => say_no_object(sheet, root, report),
            (Content::Manifest(manifest), _) => {
                for item in &manifest.untyped {
                    say(sheet, *item, &format!("items[{}]: ", item.index().unwrap_or(0)), report);
                }
            }
            _ => {}
        }
    }
}

/// A document that is a list of objects, or one text with the words of an object.
fn say_no_object<'a>(sheet: Sheet<'a>, root: Node<'a>, report: &mut Reporter<'_>) {
    let (what, help) = if root.is_sequence() {
        ("a list of objects", "put `---` between the objects, or the list under `items` of a `kind: List`")
    } else {
        ("one text", "a blank belongs after the colon of each `key: value`")
    };
    let message = format!("the document is {what}, not an object: kubectl and the API server refuse it");
    let first = root.items().next().and_then(|it| it.entries().next()).map_or(root, |entry| entry.key);
    report.say_in(sheet.document, first.span(), message).help(help);
}

/// Says which of the two is missing, at the other one, or at the first key.
fn say<'a>(sheet: Sheet<'a>, root: Node<'a>, item: &str, report: &mut Reporter<'_>) {
    let text_of = |key: &str| root.get(key).and_then(|it| it.as_str()).filter(|it| !it.is_empty());
    let name = root.get("metadata").and_then(|it| it.get("name")).map(|it| it.text());
    let (api_version, kind) = (text_of("apiVersion"), text_of("kind"));
    let missing = match (api_version, kind) {
        (None, None) => "neither `apiVersion` nor `kind`",
        (None, _) => "no `apiVersion`",
        _ => "no `kind`",
    };
    let who = match (kind, name) {
        (Some(kind), Some(name)) => format!("{kind} `{name}`"),
        (None, Some(name)) => format!("the object `{name}`"),
        (Some(kind), None) => format!("a {kind}"),
        (None, None) => "the object".to_owned(),
    };
    let wrong = ["apiVersion", "kind"].into_iter().filter(|key| text_of(key).is_none());
    let written = wrong.filter_map(|key| root.entry(key)).next();
    let place = written.or_else(|| root.entries().next()).map_or(root, |entry| entry.value);
    let catalog = report.catalog();
    let finding =
        report.say_node(sheet, place, format!("{item}{who} has {missing}: kubectl and the API server refuse it"));
    let known = kind.filter(|_| api_version.is_none()).and_then(|kind| current(catalog, kind));
    if let Some(api_version) = known {
        finding.help(format!("write `apiVersion: {api_version}`"));
    } else if api_version.is_none() && kind.is_none() {
        finding.help("write `apiVersion` and `kind`, or keep files that are no manifests out of the paths");
    }
}

/// The apiVersion that serves a kind today, if it is one alone.
fn current(catalog: &Catalog, kind: &str) -> Option<String> {
    let newest = catalog.kinds_named(kind).filter_map(|it| it.served.newest()).max()?;
    let mut homes = catalog.kinds_named(kind).filter(|it| it.served.contains(newest));
    let home = homes.next()?;
    homes.next().is_none().then(|| home.api_version())
}
