//! What the server warns of in the volumes of a pod (pkg/api/pod/warnings.go).

use super::super::super::value::Value;
use super::super::persistent_volume_claim as claim;
use seaworthy_cel::quoted;

/// Sources that are on their way out: the field, the server's name of it, and its words.
const DEPRECATED: &[(&str, &str, &str)] = &[
    ("photonPersistentDisk", "photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("scaleIO", "scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "storageOS", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "rbd", "deprecated in v1.28, non-functional in v1.31+"),
];
/// The sources that make files of their own.
const FILES: &[&str] = &["configMap", "secret", "downwardAPI", "projected"];
/// The version that looks for paths that overlap.
const OVERLAPS: u8 = 32;
/// The version that looks at each source of a projected volume alone. Before, one without paths counts as the one
/// before it once more.
const EACH_SOURCE: u8 = 34;
/// The version that takes bundles and certificates. Earlier ones drop them.
const CERTIFICATES: u8 = 37;
/// So many overlaps of one volume are told.
const LIMIT: usize = 1000;

/// Of the list of a pod's volumes.
pub(in crate::validate) fn volumes(list: Value<'_>) {
    for volume in list.items().filter(|it| !super::is_dropped(*it)) {
        for (name, called, words) in DEPRECATED {
            if let Some(source) = volume.entry(name).filter(|it| it.is_present()) {
                source.warn(format!("{}.{called}: {words}", volume.path()));
            }
        }
        if let Some(git) = volume.entry("gitRepo").filter(|it| it.is_present()) {
            let more = if git.since(33) { ", and disabled by default in v1.33+" } else { "" };
            git.warn(format!("{}: deprecated in v1.11{more}", git.path()));
        }
        if let Some(ephemeral) = volume.entry("ephemeral") {
            let template = ephemeral.at("volumeClaimTemplate.spec");
            claim::warnings(template, &|| template.path());
        }
        if FILES.iter().any(|name| volume.entry(name).is_some_and(has_many)) && volume.since(OVERLAPS) {
            overlaps(volume);
        }
    }
}

/// Whether there may be two paths, or a source without any.
fn has_many(source: Value<'_>) -> bool {
    source.get("items").len() > 1 || !source.get("sources").is_empty()
}

/// A path, where it is, and what makes it.
struct Made<'r> {
    /// With a slash at the end, so that one begins with another where it lies in it.
    path: String,
    at: Value<'r>,
    by: String,
}

impl Made<'_> {
    fn shown(&self) -> String {
        let path = quoted(self.path.trim_end_matches('/'));
        if self.by.is_empty() { path } else { format!("{path} ({})", self.by) }
    }
}

fn made<'r>(at: Value<'r>, by: &str) -> Made<'r> {
    Made { path: format!("{}/", at.str().trim_end_matches('/')), at, by: by.to_owned() }
}

fn made_by_items<'r>(source: Value<'r>, by: &str) -> Vec<Made<'r>> {
    source.items_of("items").map(|item| made(item.get("path"), by)).collect()
}

fn named(noun: &str, name: Value<'_>) -> String {
    format!("{noun} {}", quoted(name.str()))
}

/// `warningsForOverlappingVirtualPaths`, of one volume.
fn overlaps(volume: Value<'_>) {
    let (map, secret) = (volume.get("configMap"), volume.get("secret"));
    warn_overlaps(volume, &named("ConfigMap", map.get("name")), made_by_items(map, ""));
    warn_overlaps(volume, &named("Secret", secret.get("secretName")), made_by_items(secret, ""));
    warn_overlaps(volume, "DownwardAPI", made_by_items(volume.get("downwardAPI"), ""));
    let (mut all, mut before) = (Vec::new(), None);
    for source in volume.at("projected.sources").items() {
        let taken = source.entries().any(|(name, it)| {
            let dropped = matches!(name, "clusterTrustBundle" | "podCertificate") && !it.since(CERTIFICATES);
            it.is_present() && !dropped
        });
        if !taken {
            volume.warn(format!("volume {} (Projected) has no sources provided", quoted(volume.str_of("name"))));
            continue;
        }
        if has_paths(source) || source.since(EACH_SOURCE) {
            before = Some(source);
        }
        all.extend(before.into_iter().flat_map(paths_of));
    }
    warn_overlaps(volume, "Projected", all);
}

/// Whether a source of a projected volume says which paths it makes.
fn has_paths(source: Value<'_>) -> bool {
    ["configMap", "secret", "downwardAPI"].iter().any(|name| source.get(name).has("items"))
        || source.has("serviceAccountToken")
}

/// The paths of one source of a projected volume.
fn paths_of<'r>(source: Value<'r>) -> Vec<Made<'r>> {
    for (name, noun) in [("configMap", "ConfigMap"), ("secret", "Secret"), ("downwardAPI", "")] {
        let of = source.get(name);
        if of.has("items") {
            let by = if noun.is_empty() { "DownwardAPI".to_owned() } else { named(noun, of.get("name")) };
            return made_by_items(of, &by);
        }
    }
    let (token, bundle, certificate) =
        (source.get("serviceAccountToken"), source.get("clusterTrustBundle"), source.get("podCertificate"));
    if token.is_present() {
        return vec![made(token.get("path"), "ServiceAccountToken")];
    }
    if bundle.is_present() && bundle.since(CERTIFICATES) {
        let name = Some(bundle.get("name")).filter(|it| it.is_present()).unwrap_or(bundle.get("signerName"));
        return vec![made(bundle.get("path"), &named("ClusterTrustBundle", name))];
    }
    if !certificate.is_present() || !certificate.since(CERTIFICATES) {
        return Vec::new();
    }
    [
        ("certificateChainPath", "PodCertificate chain"),
        ("keyPath", "PodCertificate key"),
        ("credentialBundlePath", "PodCertificate credential bundle"),
    ]
    .into_iter()
    .map(|(name, by)| made(certificate.get(name), by))
    .collect()
}

/// `checkVolumeMappingForOverlap`: each path that lies in another one, or is it.
fn warn_overlaps(volume: Value<'_>, source: &str, mut paths: Vec<Made<'_>>) {
    paths.retain(|it| it.path != "/");
    let paths = overlapping(paths);
    let mut count = 0;
    for (at, one) in paths.iter().enumerate() {
        for other in paths.iter().take(at) {
            if one.path.starts_with(&other.path) || other.path.starts_with(&one.path) {
                let name = quoted(volume.str_of("name"));
                let (one_shown, other) = (one.shown(), other.shown());
                one.at.warn(format!("volume {name} ({source}): overlapping paths: {one_shown} with {other}"));
                count += 1;
                if count == LIMIT {
                    return;
                }
            }
        }
    }
}

/// Those that overlap with any other, in their order: what begins with another follows it when they are sorted.
fn overlapping(paths: Vec<Made<'_>>) -> Vec<Made<'_>> {
    let mut order: Vec<(&str, usize)> = paths.iter().map(|it| it.path.as_str()).zip(0..).collect();
    seaworthy_source::order::sort(&mut order);
    let mut overlaps = vec![false; paths.len()];
    let mut around: Option<(&str, usize)> = None;
    for (path, place) in order {
        match around {
            Some((outer, first)) if path.starts_with(outer) => {
                for place in [first, place] {
                    overlaps.get_mut(place).into_iter().for_each(|it| *it = true);
                }
            }
            _ => around = Some((path, place)),
        }
    }
    paths.into_iter().zip(overlaps).filter(|(_, overlaps)| *overlaps).map(|(path, _)| path).collect()
}
