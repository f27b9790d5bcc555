//! All sources joined, with room for those that come in the place of others.

use std::sync::{Arc, OnceLock};

use foldhash::{HashMap, HashSet};
use seaworthy_apiserver::Definitions;
use seaworthy_diagnostic::{Level, Unknown};
use seaworthy_document::Limits;
use seaworthy_fleet::{Changes, Declaration, Facts, Fleet, Given, Part};
use seaworthy_policy::Policy;
use seaworthy_rules::AnyRule;
use seaworthy_source::SourceId;
use self_cell::self_cell;

use super::piece::{Piece, Text};
use crate::Validator;
use crate::kustomize::Kustomized;
use crate::learning::{Held, complete, learn, objects_with, sources_of_cluster};
use crate::speakers::Speakers;
use crate::understanding::{fleet_document, objects_of, stated};

/// At least so many pieces may come in the place of others before all are joined anew, which drops those that are gone.
const SPARE: usize = 512;

/// What stands while sources change: the pieces, and what those of them say that have a say in all others.
pub(crate) struct Ground {
    validator: Arc<Validator>,
    /// A piece that is replaced stays until all are joined anew.
    pieces: Vec<OnceLock<Arc<Piece>>>,
    pub(crate) policy: Policy,
    pub(crate) rules: Vec<(AnyRule, Level)>,
    pub(crate) facts: Facts,
    pub(crate) kustomized: Kustomized,
    definitions: Definitions,
    /// Facts of the cluster that nothing reads yet.
    pub(crate) unread_facts: Vec<Unknown>,
    /// The sources of objects that the cluster holds.
    pub(crate) of_cluster: HashSet<SourceId>,
    pub(crate) limits: Limits,
}

/// The Fleet document, read.
type Declared<'a> = Option<Declaration<'a>>;

self_cell! {
    struct Founded {
        owner: Ground,
        #[covariant]
        dependent: Declared,
    }
}

self_cell! {
    struct Joined {
        owner: Founded,
        #[not_covariant]
        dependent: Fleet,
    }
}

/// All sources, joined.
pub(crate) struct Standing {
    joined: Joined,
    /// Where the piece of each source is, in the order of ids.
    at: HashMap<SourceId, usize>,
    used: usize,
}

/// Gives the piece of a source.
pub(crate) type Pieces<'f, 'v> = &'f (dyn Fn(SourceId) -> Option<&'v Piece> + Sync);

/// What all sources say together, before they are joined.
#[derive(Default)]
pub(crate) struct Basis {
    pub(crate) policy: Policy,
    pub(crate) rules: Vec<(AnyRule, Level)>,
    pub(crate) limits: Limits,
    pub(crate) kustomized: Kustomized,
}

impl Standing {
    /// Joins the pieces that are to be checked and those that are only known of, each in order.
    pub(crate) fn new(validator: Arc<Validator>, basis: Basis, ours: Vec<Arc<Piece>>, known: Vec<Arc<Piece>>) -> Self {
        let mut unread_facts = Vec::new();
        let mut facts = Facts::default();
        let files = ours.iter().chain(&known).map(|it| (it.text().id, it.text().source.name())).collect();
        learn(&held(&ours), &held(&known), &files, &mut facts, &mut unread_facts);
        if let Some(object) = fleet_document(ours.iter().flat_map(|it| it.contents())) {
            Declaration::read(object, &mut Vec::new()).apply(&mut facts);
        }
        validator.overrides.apply(&mut facts);
        let all = ours.iter().chain(&known).flat_map(|it| it.contents());
        complete(&mut facts, all.flat_map(objects_of));
        let manifests = ours.len();
        let definitions = Definitions::of(ours.iter().chain(&known).flat_map(|it| it.contents()).flat_map(objects_of));
        let of_cluster = sources_of_cluster(known.iter().flat_map(|it| it.contents()).flat_map(objects_of));
        let all: Vec<Arc<Piece>> = ours.into_iter().chain(known).collect();
        let at = all.iter().enumerate().map(|(at, it)| (it.text().id, at)).collect();
        let used = all.len();
        let spare = (0..SPARE.max(used / 4)).map(|_| OnceLock::new());
        let pieces = all.into_iter().map(OnceLock::from).chain(spare).collect();
        let Basis { policy, rules, limits, kustomized } = basis;
        let ground = Ground {
            validator,
            pieces,
            policy,
            rules,
            facts,
            kustomized,
            definitions,
            unread_facts,
            of_cluster,
            limits,
        };
        let founded = Founded::new(ground, |ground| {
            let object = fleet_document(ground.pieces().take(manifests).flat_map(Piece::contents));
            object.map(|object| Declaration::read(object, &mut Vec::new()))
        });
        Self { joined: Joined::new(founded, |founded| join(founded, manifests)), at, used }
    }

    /// No sources.
    pub(crate) fn empty(validator: &Arc<Validator>) -> Self {
        Self::new(Arc::clone(validator), Basis::default(), Vec::new(), Vec::new())
    }

    /// Puts a piece into the place of the one of the same source, or takes that one out; none if there is no room left.
    pub(crate) fn replace(&mut self, id: SourceId, piece: Option<Arc<Piece>>) -> Option<Changes> {
        let (used, gone) = (self.used, self.at.get(&id).copied());
        let come = piece.is_some();
        let changes = self.joined.with_dependent_mut(|founded, fleet| {
            let ground = founded.borrow_owner();
            let gone = gone.and_then(|at| ground.piece(at)).map(Piece::part).unwrap_or_default();
            let come = match piece {
                Some(piece) => {
                    ground.pieces.get(used)?.set(piece).ok()?;
                    ground.piece(used).map(Piece::part).unwrap_or_default()
                }
                None => Part::default(),
            };
            Some(fleet.replace(&gone, &come))
        })?;
        if come {
            self.at.insert(id, used);
            self.used += 1;
        } else {
            self.at.remove(&id);
        }
        Some(changes)
    }

    pub(crate) fn ground(&self) -> &Ground {
        self.joined.borrow_owner().borrow_owner()
    }

    pub(crate) fn piece(&self, id: SourceId) -> Option<&Piece> {
        self.ground().piece(*self.at.get(&id)?)
    }

    /// The pieces that are only known of, in order.
    pub(crate) fn known(&self) -> impl Iterator<Item = &Piece> {
        self.ground().pieces().filter(|it| it.text().id.0 >= Fleet::earlier_source(0).0)
    }

    /// Lets somebody look at the fleet, with the rules that speak and the piece of a source.
    pub(crate) fn look<T>(&self, look: impl for<'v> FnOnce(Speakers<'v>, &Fleet<'v>, Pieces<'_, 'v>) -> T) -> T {
        self.joined.with_dependent(|founded, fleet| {
            let ground = founded.borrow_owner();
            look(ground.speakers(), fleet, &|id| ground.piece(*self.at.get(&id)?))
        })
    }

    /// All joined anew, without the pieces that are gone.
    pub(crate) fn without_gone(self) -> Self {
        let at = self.at;
        let ground = self.joined.into_owner().into_owner();
        let Ground { validator, pieces, policy, rules, kustomized, limits, .. } = ground;
        let of = |(slot, it): (usize, OnceLock<Arc<Piece>>)| {
            let piece = it.into_inner()?;
            (at.get(&piece.text().id) == Some(&slot)).then_some(piece)
        };
        let mut pieces: Vec<Arc<Piece>> = pieces.into_iter().enumerate().filter_map(of).collect();
        pieces.sort_by_key(|it| it.text().id);
        let manifests = pieces.partition_point(|it| it.text().id < Fleet::earlier_source(0));
        let known = pieces.split_off(manifests);
        Self::new(validator, Basis { policy, rules, limits, kustomized }, pieces, known)
    }

    /// True if there is room for some more pieces.
    pub(crate) fn has_room_for(&self, more: usize) -> bool {
        self.used + more <= self.ground().pieces.len()
    }

    /// The pieces again, for another start; those that are gone are left out.
    pub(crate) fn into_pieces(self) -> HashMap<SourceId, Arc<Piece>> {
        let ground = self.joined.into_owner().into_owner();
        let at: HashMap<usize, SourceId> = self.at.iter().map(|(id, at)| (*at, *id)).collect();
        let pieces = ground.pieces.into_iter().enumerate();
        pieces.filter_map(|(slot, it)| Some((*at.get(&slot)?, it.into_inner()?))).collect()
    }
}

impl Ground {
    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter_map(|it| it.get()).map(|it| &**it)
    }

    fn piece(&self, at: usize) -> Option<&Piece> {
        self.pieces.get(at)?.get().map(|it| &**it)
    }

    pub(crate) fn speakers(&self) -> Speakers<'_> {
        let Ground { facts, kustomized, definitions, rules, .. } = self;
        let of_cluster = &self.of_cluster;
        Speakers { catalog: &self.validator.catalog, facts, rules, kustomized, former: None, definitions, of_cluster }
    }

    /// Reads a source that changed.
    pub(crate) fn read(&self, text: Text) -> Piece {
        Piece::of(text, &self.validator.catalog, &self.kustomized)
    }
}

fn held(pieces: &[Arc<Piece>]) -> Vec<Held<'_, '_>> {
    pieces.iter().map(|it| (it.text().documents.as_slice(), it.contents())).collect()
}

fn join(founded: &Founded, manifests: usize) -> Fleet<'_> {
    let ground = founded.borrow_owner();
    let ours = || ground.pieces().take(manifests);
    let known = || ground.pieces().skip(manifests);
    let mut faults = Vec::new();
    stated(ours().flat_map(Piece::contents).collect::<Vec<_>>().into_iter(), &mut faults);
    if let Some(object) = fleet_document(ours().flat_map(Piece::contents)) {
        drop(Declaration::read(object, &mut faults));
    }
    let of_cluster = known().flat_map(Piece::contents).flat_map(objects_of);
    let parts: Vec<Part<'_>> = ours().map(Piece::part).collect();
    let given = Given {
        objects: objects_with(of_cluster, parts.iter().flat_map(|it| it.objects.iter().copied()).collect()),
        unread: parts.iter().flat_map(|it| it.unread.iter().copied()).collect(),
        configurations: ground.pieces().flat_map(|it| it.part().configurations).collect(),
        files: ground.pieces().map(|it| (it.text().id, it.text().source.name())).collect(),
        declaration: founded.borrow_dependent().as_ref(),
        faults,
    };
    Fleet::new(given, &ground.facts, &ground.validator.catalog).watched()
}
