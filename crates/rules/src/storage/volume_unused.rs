//! `volume-unused`.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use foldhash::{HashMap, HashSet};
use seaworthy_diagnostic::{Edit, Level};
use seaworthy_document::Style;
use seaworthy_fleet::{Fleet, Relation};
use seaworthy_object::{Field, Object, Pod, Quantity};
use seaworthy_placement::{AccessModes, Bindings, Claim, Origin, PersistentVolume, Verdict};
use seaworthy_source::Span;
use seaworthy_source::order::filled;
use serde::Deserialize;

use crate::mending;
use crate::{Category, Check, Meta, Reporter, Rule};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VolumeUnused {}

impl Rule for VolumeUnused {
    const META: Meta = Meta {
        id: "volume-unused",
        category: Category::Storage,
        level: Some(Level::Info),
        packs: &[],
        since: "0.1.0",
        page: page!("volume_unused.md"),
    };
    const CHECK: Check<Self> = Check::BindingsAndMember(Self::check, Self::check_pod);
}

impl VolumeUnused {
    fn check<'a>(&self, fleet: &Fleet<'a>, bindings: &Bindings<'a>, report: &mut Reporter<'_>) {
        let words = OnceCell::new();
        // Most often nobody needs to know.
        let is_mentioned = |word: &str| words.get_or_init(|| mentioned(fleet)).contains(word);
        unwanted_volumes(fleet, bindings, &is_mentioned, report);
        unmounted_claims(fleet, bindings, &is_mentioned, report);
    }

    fn check_pod<'a>(&self, _: &Fleet<'a>, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        if let Some(pod) = object.pod() {
            unmounted_volumes(pod, report);
        }
    }
}

/// What the claims of one class ask for.
#[derive(Default)]
struct Wanted<'b, 'a> {
    /// The least size by volume mode and access modes.
    least: HashMap<(&'a str, AccessModes), Quantity>,
    /// The claims that ask for labels.
    selecting: Vec<&'b Claim<'a>>,
    /// True if a claim stays pending: whoever mends it may well take the volume.
    pending: bool,
}

impl<'b, 'a> Wanted<'b, 'a> {
    fn add(&mut self, claim: &'b Claim<'a>, verdict: &Verdict<'a>) {
        self.pending |= matches!(verdict, Verdict::Pending(_));
        if claim.selector.is_some() {
            self.selecting.push(claim);
            return;
        }
        let size = claim.size();
        let least = self.least.entry((claim.mode, claim.access)).or_insert_with(|| size.clone());
        if size < *least {
            *least = size;
        }
    }

    fn wants(&self, volume: &PersistentVolume<'a>) -> bool {
        let mut plain = self.least.iter();
        let mut selecting = self.selecting.iter();
        self.pending
            || plain.any(|(&(mode, access), size)| {
                mode == volume.mode && volume.access.contain(access) && *size <= volume.capacity
            })
            || selecting.any(|claim| claim.fits(volume))
    }
}

fn unwanted_volumes<'a>(
    fleet: &Fleet<'a>,
    bindings: &Bindings<'a>,
    is_mentioned: &dyn Fn(&str) -> bool,
    report: &mut Reporter<'_>,
) {
    // Without any claim the set does not say who wants its volumes.
    if bindings.all().is_empty() && !fleet.facts().complete {
        return;
    }
    let mut by_class: HashMap<Option<&str>, Wanted<'_, 'a>> = HashMap::default();
    let mut named = BTreeSet::new();
    for binding in bindings.all().iter().chain(bindings.earlier()) {
        named.extend(binding.claim.volume.map(|it| it.text()));
        by_class.entry(binding.supply.name()).or_default().add(&binding.claim, &binding.verdict);
    }
    for volume in bindings.volumes() {
        let is_wanted = |class: Option<&str>| by_class.get(&class).is_some_and(|wanted| wanted.wants(volume));
        let is_kept = volume
            .kept_for
            .is_some_and(|(namespace, name)| !fleet.facts().complete || bindings.get(namespace, name).is_some());
        if is_kept
            || bindings.holder(volume.name()).is_some()
            || named.contains(volume.name())
            // Claims whose class is unknown may get any.
            || is_wanted(Some(volume.class))
            || is_wanted(None)
            || is_mentioned(if volume.class.is_empty() { volume.name() } else { volume.class })
        {
            continue;
        }
        let class =
            if volume.class.is_empty() { "without a class".to_owned() } else { format!("of class `{}`", volume.class) };
        let message = format!("no claim can use the volume `{}` {class} and {}", volume.name(), volume.capacity);
        report.say(volume.object, message).help("delete it, or the claim that it was made for asks for something else");
    }
}

fn unmounted_claims<'a>(
    fleet: &Fleet<'a>,
    bindings: &Bindings<'a>,
    is_mentioned: &dyn Fn(&str) -> bool,
    report: &mut Reporter<'_>,
) {
    // The pod that mounts a claim may live elsewhere.
    if !fleet.facts().complete {
        return;
    }
    let mut mounted = BTreeSet::new();
    for claim in bindings.all().iter().map(|binding| &binding.claim) {
        mounted.extend(claim.field.str_at("spec.dataSource.name").map(|name| (claim.namespace, name)));
        mounted.extend(claim.field.str_at("spec.dataSourceRef.name").map(|name| (claim.namespace, name)));
    }
    for binding in bindings.all() {
        let claim = &binding.claim;
        let Origin::Object(object) = claim.origin else { continue };
        if claim.name.is_empty()
            || claim.adopted_by.is_some()
            || mounted.contains(&(claim.namespace, claim.name.as_str()))
            || fleet.is_referred_to(object, |it| it.relation == Relation::Mounts)
            || is_mentioned(claim.name.as_str())
        {
            continue;
        }
        let help = "mount it, or delete it: a class may make and bill a volume for it all the same";
        report.say(object, format!("no pod mounts the claim `{}`", claim.name)).help(help);
    }
}

fn unmounted_volumes(pod: Pod<'_>, report: &mut Reporter<'_>) {
    let object = pod.object();
    if !matches!(object.group_kind().group, "" | "apps" | "batch") {
        return;
    }
    let mounts = pod.containers().flat_map(|container| container.mounts());
    let mounts: BTreeSet<&str> = filled(mounts.filter_map(|mount| mount.get("name")).map(|name| name.text()));
    // What injects a container says in an annotation what it mounts.
    let annotations = pod.template().at("metadata.annotations");
    for volume in pod.spec().volumes().filter(|volume| !mounts.contains(volume.name())) {
        let name = volume.name();
        let mut notes = annotations.into_iter().flat_map(|it| it.entries());
        if name.is_empty() || notes.any(|(_, value)| value.text().contains(name)) {
            continue;
        }
        let message = format!("no container of {} `{}` mounts the volume `{name}`", object.kind(), object.name());
        let help = "mount it, or delete it: the pod waits for what it refers to all the same";
        let edit =
            lines_of_item(volume.field()).map(|span| Edit { source: object.source(), span, text: String::new() });
        report
            .say(volume.field().get("name").unwrap_or(volume.field()), message)
            .help(help)
            .mend(edit.map(|it| mending::by(it, format!("take `{name}` out"))));
    }
}

/// The whole lines of an item of a list, with its dash, if nothing else stands on them: those of the list if it is the
/// only one.
fn lines_of_item(item: Field<'_>) -> Option<Span> {
    let list = item.node().parent().filter(|it| it.style() == Style::Block)?;
    if list.len() == 1 {
        return Field::new(item.object(), list).lines();
    }
    let text = item.object().document().source_text();
    let before = text.get(..item.span().start as usize)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    if before.get(start..)?.trim() != "-" {
        return None;
    }
    let end = item.span().end as usize;
    let rest = if text.get(..end)?.ends_with('\n') {
        0
    } else {
        text.get(end..)?.find('\n').map_or(text.len() - end, |at| at + 1)
    };
    let tail = text.get(end..end + rest)?.trim();
    (tail.is_empty() || tail.starts_with('#')).then(|| Span::of(start..end + rest))
}

/// The words of custom resources, whose operators may use what they name, and of documents nobody could read.
fn mentioned<'a>(fleet: &Fleet<'a>) -> HashSet<&'a str> {
    let custom = fleet
        .custom_objects()
        .iter()
        .filter_map(|object| object.document().source_text().get(object.root().span().range()));
    let unread = fleet.unread().iter().map(|document| document.text());
    custom
        .chain(unread)
        .flat_map(|text| text.split(|it: char| !it.is_ascii_alphanumeric() && it != '-' && it != '.'))
        .collect()
}
