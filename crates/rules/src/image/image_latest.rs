//! `image-latest`.

use seaworthy_diagnostic::Level;
use seaworthy_object::{Container, ImageReference, Pod};
use serde::Deserialize;

use crate::{Category, Check, Meta, Reporter, Rule};

/// The tag that runtimes take where none is written.
const DEFAULT_TAG: &str = "latest";

#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ImageLatest {
    /// Tags that move.
    tags: Vec<String>,
}

impl Default for ImageLatest {
    fn default() -> Self {
        Self { tags: vec![DEFAULT_TAG.to_owned()] }
    }
}

impl Rule for ImageLatest {
    const META: Meta = Meta {
        id: "image-latest",
        category: Category::Image,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("image_latest.md"),
    };
    const CHECK: Check<Self> = Check::Container(Self::check);
}

impl ImageLatest {
    fn check<'a>(&self, _: Pod<'a>, container: Container<'a>, report: &mut Reporter<'_>) {
        let Some(field) = container.image() else { return };
        // What is no reference has its own rule, or is filled in later.
        let Ok(image) = ImageReference::parse(field.text()) else { return };
        if image.digest().is_some() || !self.tags.iter().any(|tag| tag == image.tag().unwrap_or(DEFAULT_TAG)) {
            return;
        }
        let name = container.name();
        let (message, label) = match image.tag() {
            Some(tag) => (format!("container `{name}` runs `{image}`, whose tag `{tag}` moves"), "a tag that moves"),
            None => (format!("container `{name}` runs `{image}` without a tag, which means `{DEFAULT_TAG}`"), "no tag"),
        };
        report
            .say(field, message)
            .label(label)
            .help("name the release you tested (`:1.27.3`), or pin its digest (`@sha256:…`)");
    }
}
