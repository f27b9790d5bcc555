//! Is the kind served? Unknown, removed and deprecated APIs.

use seaworthy_object::catalog::{Kind, Role};
use seaworthy_object::{Catalog, Object, Place, Versions};

use crate::answer::{Answers, Class, Help};
use crate::distance::{letters, nearest};

/// The domain of groups that the community serves beside Kubernetes' own, such as `networking.x-k8s.io`: never a
/// misspelt built-in group (KEP-2337 on API groups).
const COMMUNITY: &str = ".x-k8s.io";

/// The kind of the object with the versions that serve it; says why the others do not.
pub(crate) fn judge<'c>(
    catalog: &'c Catalog,
    versions: Versions,
    answers: &mut Answers<'_>,
) -> Option<(&'c Kind, Versions)> {
    let object = answers.object();
    let Some(kind) = catalog.kind(object.group(), object.version(), object.kind()) else {
        unknown(catalog, versions, answers);
        return None;
    };
    if kind.role == Role::Part {
        let help = format!("no server takes a {} by itself: it is a part of other requests", kind.kind);
        say(answers, Class::UnknownKind, "kind", versions, None, Some(help.into()));
        return None;
    }
    unserved(catalog, kind, versions, answers);
    let served = versions.intersect(kind.served);
    let deprecated = served.intersect(kind.deprecated_in());
    if !deprecated.is_empty()
        && let Some(warning) = kind.deprecation_warning()
    {
        let help = replacement(kind).map(|words| Help::from(words).instead(successor(catalog, kind, deprecated)));
        say(answers, Class::DeprecatedApi, "apiVersion", deprecated, Some(warning), help);
    }
    (!served.is_empty()).then_some((kind, served))
}

/// A kind the catalog does not have: wrong group, wrong version, or wrong kind.
fn unknown(catalog: &Catalog, versions: Versions, answers: &mut Answers<'_>) {
    let object = answers.object();
    let (group, kind) = (object.group(), object.kind());
    if !catalog.group_is_built_in(group) {
        if let Some(meant) = misspelt_group(catalog, group) {
            let help = Help::meant(&format!("{meant}/{}", object.version()));
            say(answers, Class::UnknownKind, "apiVersion", versions, None, Some(help));
        }
        return;
    }
    let homes = homes(catalog, kind, versions);
    if !homes.is_empty() {
        let help = Help::from(format!("{kind} is in {}", homes.join(", "))).instead(only(&homes));
        return say(answers, Class::UnknownKind, "apiVersion", versions, None, Some(help));
    }
    let here = catalog.kinds().filter(|it| it.group == group && it.version == object.version() && it.is_creatable());
    let version_exists = catalog.kinds().any(|it| it.group == group && it.version == object.version());
    let (key, help) = match nearest(kind, here.map(|it| it.kind)) {
        Some((meant, _)) => ("kind", Some(Help::meant(meant))),
        None => (
            if version_exists { "kind" } else { "apiVersion" },
            nearest_kind(catalog, object, versions).map(Help::from),
        ),
    };
    say(answers, Class::UnknownKind, key, versions, None, help);
}

/// A kind the catalog has, in the versions that do not serve it.
fn unserved(catalog: &Catalog, kind: &Kind, versions: Versions, answers: &mut Answers<'_>) {
    let unserved = versions.minus(kind.served);
    if unserved.is_empty() {
        return;
    }
    let removed = kind.gone_in().intersect(unserved);
    let switchable = unserved.intersect(kind.known).minus(removed);
    let absent = unserved.minus(removed).minus(switchable);
    if !removed.is_empty() {
        let help =
            instead_of(catalog, kind, removed).map(|it| Help::from(it).instead(successor(catalog, kind, removed)));
        say(answers, Class::RemovedApi, "apiVersion", removed, None, help);
    }
    let help = || {
        let other = replacement(kind).map(|it| format!("; {it}")).unwrap_or_default();
        Some(format!("{} is not served by default{other}", kind.api_version()).into())
    };
    say(answers, Class::UnknownKind, "apiVersion", switchable, None, help());
    let help = || {
        let first = kind.served.oldest().or_else(|| kind.known.oldest())?;
        Some(format!("Kubernetes has {} from {first} on", kind.name()).into())
    };
    say(answers, Class::UnknownKind, "apiVersion", absent, None, help());
}

/// `use networking.k8s.io/v1`: what replaces it, or where its kind is today.
fn instead_of(catalog: &Catalog, kind: &Kind, versions: Versions) -> Option<String> {
    replacement(kind).or_else(|| {
        let newer = homes(catalog, kind.kind, versions);
        (!newer.is_empty()).then(|| format!("use {}", newer.join(" or ")))
    })
}

fn replacement(kind: &Kind) -> Option<String> {
    kind.replacement.map(|it| {
        let separator = if it.group.is_empty() { "" } else { "/" };
        let renamed = if it.kind == kind.kind { String::new() } else { format!(" {}", it.kind) };
        format!("use {}{separator}{}{renamed}", it.group, it.version)
    })
}

/// The apiVersion to write instead, if an object of the kind is one of it as it stands.
fn successor(catalog: &Catalog, kind: &Kind, versions: Versions) -> Option<String> {
    let named = kind.replacement.and_then(|it| catalog.kind(it.group, it.version, it.kind));
    let new = named.or_else(|| catalog.kind_of(&only(&homes(catalog, kind.kind, versions))?, kind.kind))?;
    (new.kind == kind.kind && catalog.has_shape_of(new.ty, kind.ty)).then(|| new.api_version())
}

/// The one of a list of one.
fn only(list: &[String]) -> Option<String> {
    if let [one] = list { Some(one.clone()) } else { None }
}

/// The apiVersions that have the kind in the newest of the versions, of all groups.
fn homes(catalog: &Catalog, kind: &str, versions: Versions) -> Vec<String> {
    let current = |it: &&Kind| versions.newest().is_some_and(|newest| it.served.contains(newest));
    catalog.kinds_named(kind).filter(current).map(Kind::api_version).collect()
}

/// The nearest kind of any group, with its home.
fn nearest_kind(catalog: &Catalog, object: &Object<'_>, versions: Versions) -> Option<String> {
    let newest = versions.newest()?;
    let known = catalog.kinds().filter(|it| it.is_creatable() && it.served.contains(newest));
    let (meant, _) = nearest(object.kind(), known.map(|it| it.kind))?;
    Some(format!("did you mean `{meant}` ({})?", homes(catalog, meant, versions).join(", ")))
}

/// The built-in group that is meant, if one is within two letters.
fn misspelt_group(catalog: &Catalog, group: &str) -> Option<&'static str> {
    if group.ends_with(COMMUNITY) {
        return None;
    }
    let near = catalog.groups().filter(|it| !it.is_empty()).map(|it| (letters(group, it), it));
    near.min().filter(|(distance, it)| *distance <= 2 && *distance < it.len()).map(|(_, it)| it)
}

/// Says it at the value of `apiVersion` or `kind`; without words of its own, in those of kubectl.
fn say(
    answers: &mut Answers<'_>,
    class: Class,
    key: &'static str,
    versions: Versions,
    words: Option<String>,
    help: Option<Help>,
) {
    let object = answers.object();
    let span = object.root().get(key).map_or_else(|| object.place().span, |it| it.span());
    let at = Place { object, span, path: key.to_owned() };
    // k8s.io/apimachinery, meta.NoKindMatchError.
    let kubectl = || format!("no matches for kind \"{}\" in version \"{}\"", object.kind(), object.api_version());
    answers.say(class, at, None, versions, words.unwrap_or_else(kubectl), help);
}
