//! What was looked up in a fleet, and what a change of it touches: who looked up what is touched is asked again.
//!
//! A rule that is asked about one object looks others up through [`Fleet`]. Each look leaves a [`Read`]. A change of
//! some objects gives [`Changes`]: every read whose answer they may change.

use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::HashSet;
use seaworthy_source::{SourceId, order};

use crate::Fleet;
use crate::index::hash;
use crate::unread::{is_stated, kinds_in};

/// One look into a fleet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Read {
    /// What stands under a key.
    Key(u64),
    /// The names near one, among those of a kind and namespace.
    Near(u64, Box<str>),
    /// Documents nobody could read that may define this name of a kind.
    Unread(Box<str>, Box<str>),
    /// Whether a container runs an image with this in its name.
    Image(Box<str>),
    /// Everything: any change touches it.
    All,
}

/// What stands under a key of [`Read::Key`].
#[derive(Debug, Clone, Copy, Hash)]
pub(crate) enum Key<'k> {
    /// All definitions of one object.
    Identity(&'k str, &'k str, Option<&'k str>, &'k str),
    /// Which objects there are, by identity.
    Identities,
    /// All objects of a group and kind.
    Kind(&'k str, &'k str),
    /// The objects of a group and kind in a namespace.
    KindIn(&'k str, &'k str, Option<&'k str>),
    /// All objects of a kind, whatever its group.
    AnyGroup(&'k str),
    /// The objects of a group, kind and name in any namespace.
    Name(&'k str, &'k str, &'k str),
    /// All objects that are not built in.
    Custom,
    /// Which namespaces objects live in.
    Namespaces,
    /// The objects that live in a namespace.
    Within(&'k str),
    /// All pods.
    Pods,
    /// The pods of a namespace.
    PodsIn(&'k str),
    /// The first few of them.
    FirstPods(&'k str),
    /// The pods of a namespace whose object is called so.
    PodsNamed(&'k str, &'k str),
    /// The pods of a namespace with a label.
    Label(&'k str, &'k str, &'k str),
    /// The pods of any namespace with a label.
    LabelAnywhere(&'k str, &'k str),
    /// The pods with generic ephemeral volumes.
    Ephemeral,
    /// The pods that take ports of their nodes.
    HostPorts,
    /// The Services that select the pods of a source.
    ServicesOf(SourceId),
    /// All references to a kind.
    ReferencesTo(&'k str, &'k str),
    /// The references to one object, with their places.
    Referrers(&'k str, &'k str, Option<&'k str>, &'k str),
    /// Whether anything refers to an object.
    Referred(&'k str, &'k str, Option<&'k str>, &'k str),
    /// The autoscalers that name a target so.
    Scalers(&'k str, &'k str),
    /// What leads traffic to a Service.
    Route(&'k str, &'k str),
    /// The shortest names of a kind and namespace.
    Crowd(u64),
    /// Whether something makes an object of this kind and name.
    Made(&'k str, &'k str),
    /// Whether custom resources of a namespace name something.
    Told(&'k str, &'k str),
    /// Whether programs are told of a word.
    Word(&'k str),
    /// The names of custom resources of a namespace.
    Operated(&'k str),
    /// Whether operators work in a namespace.
    Operators(&'k str),
    /// Whether releases bring objects into a namespace.
    BroughtInto(&'k str),
    /// Whether anything brings objects from elsewhere.
    Brings,
    /// All documents nobody could read.
    UnreadDocuments,
    /// Whether there is too much of them to look for every name.
    UnreadMuch,
    /// Whether one of them may make pods.
    UnreadPods,
}

/// What a change touches.
#[derive(Debug, Default)]
pub struct Changes {
    keys: HashSet<u64>,
    /// Those of them under which something else stands now, wherever it stands in its file.
    differing: HashSet<u64>,
    /// Names that came or went, by the hash of their kind and namespace.
    names: Vec<(u64, Box<str>)>,
    /// Images that came or went.
    images: Vec<Box<str>>,
    /// The texts of documents nobody could or can read, with the kinds they state.
    unread: Vec<(Vec<Box<str>>, Box<str>)>,
}

impl Changes {
    /// The keys it touches.
    pub fn keys(&self) -> impl Iterator<Item = u64> {
        let mut keys: Vec<u64> = self.keys.iter().copied().collect();
        order::sort(&mut keys);
        keys.into_iter()
    }

    /// The kinds and namespaces of which a name came or went.
    pub fn siblings(&self) -> impl Iterator<Item = u64> {
        self.names.iter().map(|it| it.0)
    }

    /// The kinds that changed documents state; an empty one may be any.
    pub fn unread_kinds(&self) -> impl Iterator<Item = &str> {
        self.unread.iter().flat_map(|(kinds, _)| kinds.iter().map(AsRef::as_ref))
    }

    /// True if the answer to a read may have changed even though each object of the source is to its reader what it was
    /// before: what is known of the fleet as a whole is another.
    #[must_use]
    pub fn touches_whole(&self, read: &Read) -> bool {
        match read {
            Read::Key(key) => self.differing.contains(key),
            Read::All => false,
            _ => self.touches(read),
        }
    }

    /// True if the answer to a read may have changed.
    #[must_use]
    pub fn touches(&self, read: &Read) -> bool {
        match read {
            Read::Key(key) => self.keys.contains(key),
            Read::Near(siblings, name) => self.names.iter().any(|it| it.0 == *siblings && crate::is_near(name, &it.1)),
            Read::Unread(kind, name) => {
                let states = |kinds: &[Box<str>]| kinds.iter().any(|it| it.is_empty() || it == kind);
                self.unread.iter().any(|(kinds, text)| states(kinds) && is_stated(text, name))
            }
            Read::Image(part) => self.images.iter().any(|it| it.contains(&**part)),
            Read::All => true,
        }
    }

    pub(crate) fn key(&mut self, key: Key<'_>) {
        self.keys.insert(hash(key));
    }

    /// Something else stands under a key.
    pub(crate) fn differs(&mut self, key: Key<'_>) {
        self.key(key);
        self.differing.insert(hash(key));
    }

    pub(crate) fn name(&mut self, siblings: u64, name: &str) {
        self.names.push((siblings, name.into()));
    }

    pub(crate) fn image(&mut self, image: &str) {
        self.images.push(image.into());
    }

    pub(crate) fn unread(&mut self, text: &str) {
        self.differs(Key::UnreadDocuments);
        self.unread.push((kinds_in(text).map(Into::into).collect(), text.into()));
    }
}

/// Takes down what is read, if anybody wants to know.
#[derive(Default)]
pub(crate) struct Reads(Option<Mutex<Vec<Read>>>);

impl Reads {
    pub(crate) fn key(&self, key: Key<'_>) {
        self.note(|| Read::Key(hash(key)));
    }

    /// What some work comes to, and what it looks up.
    pub(crate) fn during<T>(&self, work: &dyn Fn() -> T) -> (T, Box<[Read]>) {
        let before = self.taken().map_or(0, |it| it.len());
        let answer = work();
        let reads = self.taken().and_then(|it| it.get(before..).map(Box::from)).unwrap_or_default();
        (answer, reads)
    }

    /// Takes down again what some work looked up before.
    pub(crate) fn again(&self, reads: &[Read]) {
        if let Some(mut taken) = self.taken() {
            taken.extend_from_slice(reads);
        }
    }

    pub(crate) fn note(&self, read: impl FnOnce() -> Read) {
        if let Some(mut taken) = self.taken() {
            taken.push(read());
        }
    }

    fn taken(&self) -> Option<MutexGuard<'_, Vec<Read>>> {
        self.0.as_ref().map(|it| it.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Fleet<'_> {
    /// The same, taking down what is looked up in it.
    #[must_use]
    pub fn watched(self) -> Self {
        Self { reads: Reads(Some(Mutex::default())), ..self }
    }

    /// What was looked up since the last time, each look once; nothing unless it is [`Fleet::watched`]. Whoever asks
    /// looks on one thread at a time.
    #[must_use]
    pub fn take_reads(&self) -> Vec<Read> {
        let Some(mut taken) = self.reads.taken() else { return Vec::new() };
        let mut reads = std::mem::take(&mut *taken);
        order::sort(&mut reads);
        reads.dedup();
        reads
    }
}
