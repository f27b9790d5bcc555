//! Gathers the claims of a fleet: objects, claim templates, generic ephemeral volumes.

use foldhash::HashMap;
use seaworthy_fleet::Fleet;
use seaworthy_object::{Object, Pod};

use super::claim::{Claim, Origin};

/// So many pods of one workload are looked at; more would say the same.
const MOST_PODS: i64 = 1000;

/// So many claims are looked at in all; of earlier definitions as many again.
const MOST_CLAIMS: usize = 100_000;

/// The claims of a fleet in the order in which they come to be: those that stand in the set, then those of
/// StatefulSets, then those of ephemeral volumes.
pub(crate) struct Collected<'a> {
    /// What the last definition of each object asks for.
    pub(crate) claims: Vec<Claim<'a>>,
    /// What earlier definitions ask for, object by object: each is judged instead of its last one.
    pub(crate) earlier: Vec<Vec<Claim<'a>>>,
    /// How many claims these are.
    count_of_earlier: usize,
}

impl<'a> Collected<'a> {
    pub(crate) fn from(fleet: &Fleet<'a>) -> Self {
        let mut collected = Self { claims: Vec::new(), earlier: Vec::new(), count_of_earlier: 0 };
        for object in fleet.of_kind("", "PersistentVolumeClaim") {
            let namespace = object.namespace().unwrap_or("default");
            let claim = Claim::new(namespace, object.name().to_owned(), Origin::Object(object), object.field());
            collected.add(fleet, object, vec![claim]);
        }
        let mut by_name: HashMap<(&str, String), usize> = HashMap::default();
        let mut named = 0;
        for set in fleet.of_kind("apps", "StatefulSet") {
            collected.name(&mut by_name, &mut named);
            let made = collected.of_templates(set, &by_name);
            collected.add(fleet, set, made);
        }
        collected.name(&mut by_name, &mut named);
        for pod in fleet.pods_with_claims_of_their_own() {
            let mut made = of_ephemeral_volumes(pod);
            // One that is there already is taken for it, or keeps the pod from running.
            made.retain(|it| !by_name.contains_key(&(it.namespace, it.name.clone())));
            collected.add(fleet, pod.object(), made);
        }
        collected
    }

    fn add(&mut self, fleet: &Fleet<'a>, object: &'a Object<'a>, claims: Vec<Claim<'a>>) {
        if claims.is_empty() {
            return;
        }
        if fleet.is_last_definition(object) {
            self.claims.extend(claims.into_iter().take(MOST_CLAIMS.saturating_sub(self.claims.len())));
        } else if self.count_of_earlier < MOST_CLAIMS {
            self.count_of_earlier += claims.len();
            self.earlier.push(claims);
        }
    }

    /// Names the claims that were added since.
    fn name(&self, by_name: &mut HashMap<(&'a str, String), usize>, named: &mut usize) {
        for (at, claim) in self.claims.iter().enumerate().skip(*named) {
            by_name.insert((claim.namespace, claim.name.clone()), at);
        }
        *named = self.claims.len();
    }

    /// The claims that a StatefulSet makes; those that stand in the set are adopted instead, whatever they look like.
    fn of_templates(&mut self, set: &'a Object<'a>, by_name: &HashMap<(&str, String), usize>) -> Vec<Claim<'a>> {
        let namespace = set.namespace().unwrap_or("default");
        let mut made = Vec::new();
        for template in set.field().items_at("spec.volumeClaimTemplates") {
            // Without a name there is none: the claim's name would be refused.
            let Some(name) = template.at("metadata.name").map(|it| it.text()).filter(|it| !it.is_empty()) else {
                continue;
            };
            for ordinal in ordinals(set) {
                if made.len() >= MOST_CLAIMS {
                    return made;
                }
                let name = format!("{name}-{}-{ordinal}", set.name());
                match by_name.get(&(namespace, name.clone())).and_then(|&at| self.claims.get_mut(at)) {
                    Some(adopted) => adopted.adopted_by = Some(template),
                    None => made.push(Claim::new(namespace, name, Origin::Template { set, ordinal }, template)),
                }
            }
        }
        made
    }
}

/// The numbers of a StatefulSet's pods.
fn ordinals<'a>(set: &'a Object<'a>) -> impl Iterator<Item = i64> {
    let number = |path: &str| set.at(path).and_then(|it| it.as_int());
    let start = number("spec.ordinals.start").unwrap_or(0).max(0);
    let replicas = number("spec.replicas").unwrap_or(1).clamp(0, MOST_PODS);
    start..start.saturating_add(replicas)
}

fn of_ephemeral_volumes(pod: Pod<'_>) -> Vec<Claim<'_>> {
    let object = pod.object();
    let mut claims = Vec::new();
    for volume in pod.spec().volumes() {
        if claims.len() >= MOST_CLAIMS {
            break;
        }
        let Some(template) = volume.field().at("ephemeral.volumeClaimTemplate") else { continue };
        let origin = Origin::Ephemeral { pod, volume: volume.field() };
        let mut add = |pod_name: String| {
            let name = format!("{pod_name}-{}", volume.name());
            claims.push(Claim::new(pod.namespace(), name, origin, template));
        };
        if object.is("apps", "StatefulSet") {
            ordinals(object).for_each(|ordinal| add(format!("{}-{ordinal}", object.name())));
        } else if pod.is_bare() {
            add(object.name().to_owned());
        } else {
            (0..pod.replicas().unwrap_or(1).clamp(0, MOST_PODS)).for_each(|_| add(format!("{}-*", object.name())));
        }
    }
    claims
}
