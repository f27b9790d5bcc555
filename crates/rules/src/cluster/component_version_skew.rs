//! `component-version-skew`.

use seaworthy_diagnostic::Level;
use seaworthy_facts::release_of;
use seaworthy_object::{Field, ImageReference, Pod};
use serde::Deserialize;

use super::components::{ANY, Component};
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ComponentVersionSkew {}

impl Rule for ComponentVersionSkew {
    const META: Meta = Meta {
        id: "component-version-skew",
        category: Category::Cluster,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("component_version_skew.md"),
    };
    const CHECK: Check<Self> = Check::Pod(Self::check);
}

impl ComponentVersionSkew {
    fn check<'a>(&self, pod: Pod<'a>, report: &mut Reporter<'_>) {
        if !report.facts().versions_stated {
            return;
        }
        // A part may have several containers of one image: its first tells of all.
        let image = |it: seaworthy_object::Container<'a>| it.field().get("image");
        let found = pod.containers().filter_map(image).find_map(|image| Some((image, component(image.text())?)));
        let Some((image, (component, release))) = found else { return };
        let Some((first, last)) = component.minors(release) else { return };
        let away = |minor: u32| if minor < first { first - minor } else { minor.saturating_sub(last) };
        let clusters = report.versions().iter().map(|it| u32::from(it.minor()));
        let Some(minor) = clusters.min_by_key(|it| away(*it)).filter(|it| away(*it) > 0) else { return };
        say(image, component, release, (first, last), minor, report);
    }
}

/// The part that an image is, with its release.
fn component(image: &str) -> Option<(&'static Component, (u32, u32))> {
    let image = ImageReference::parse(image).ok()?;
    let component = Component::of(&image.path())?;
    Some((component, release_of(image.tag()?)?))
}

fn say<'a>(
    image: Field<'a>,
    component: &Component,
    (major, release): (u32, u32),
    (first, last): (u32, u32),
    minor: u32,
    report: &mut Reporter<'_>,
) {
    let range = match last {
        ANY => format!("1.{first} and later"),
        _ if first == last => format!("1.{first}"),
        _ if first == 0 => format!("1.{last} and older"),
        _ => format!("1.{first} to 1.{last}"),
    };
    let name = component.name;
    let message = format!("{name} {major}.{release} is made for Kubernetes {range}, not for the cluster's 1.{minor}");
    let what = if minor < first { "an older release" } else { "a newer release" };
    let finding = report.say(image, message).help(format!("install {what} of {name} that lists 1.{minor}"));
    // One minor off is how an upgrade looks half-way.
    if minor + 1 == first || minor == last.saturating_add(1) {
        finding.level(Level::Warning, Level::Info);
    }
}
