//! One validation: an object as servers of one version hold it, and what they say of it.

use std::cell::{Cell, OnceCell, RefCell};

use seaworthy_document::{Node, NodeId};
use seaworthy_object::catalog::Kind;
use seaworthy_object::{Catalog, Field, Object, Place, Version, Versions};

use super::slots::Slots;
use super::value::{Slot, Value};
use super::words::Reason;
use crate::answer::{Answers, Class, Help};

/// The oldest version whose own validation is known; earlier ones are judged as this one.
pub(super) const OLDEST: u8 = 30;

/// One object before servers of one version.
///
/// A rule asks the version by [`Value::since`] alone, which takes down for which other versions the answer would have
/// been the same: what was found holds for all of those, and an object is validated once for each set of versions that
/// its rules tell apart, mostly once for all.
pub(crate) struct Run<'r> {
    object: &'r Object<'r>,
    pub(super) catalog: &'r Catalog,
    pub(super) kind: &'r Kind,
    pub(super) version: Version,
    holds: Cell<Versions>,
    /// The object as a value.
    root: OnceCell<Slot<'r>>,
    /// Values that rules look at.
    pub(super) slots: Slots<'r>,
    /// Addresses that are not those of nodes.
    names: RefCell<Vec<String>>,
    /// Nodes that the server has at another address with all they hold, in the order of their numbers.
    pub(super) addresses: RefCell<Vec<Address>>,
    /// Whether the kind's own validation has looked at metadata.
    pub(super) metadata_judged: Cell<bool>,
    /// The object whose place this one takes.
    pub(super) before: Option<&'r Run<'r>>,
    pub(super) past: Past<'r>,
    faults: RefCell<Vec<Fault>>,
}

/// What rules ask of the object before for each of many values: found once.
#[derive(Default)]
pub(super) struct Past<'r> {
    pub(super) had_sys_admin: OnceCell<bool>,
    pub(super) had_no_reference: OnceCell<bool>,
    /// Addresses and networks as they were written, sorted.
    pub(super) addresses: OnceCell<Vec<&'r str>>,
}

/// Where a server has a node: in a node around it, under a name and at a place in the list of the name, if there are any.
pub(super) struct Address {
    pub(super) of: NodeId,
    pub(super) around: NodeId,
    pub(super) name: &'static str,
    pub(super) index: Option<usize>,
}

/// One thing a server says.
pub(super) struct Fault {
    pub(super) class: Class,
    /// None for a warning.
    pub(super) reason: Option<Reason>,
    /// The value, or the nearest one around it that is there.
    pub(super) node: NodeId,
    /// Whether the key is meant rather than the value.
    pub(super) key: bool,
    /// The server's address.
    pub(super) path: String,
    /// The address in the manifest, where it is not the node's.
    pub(super) own: Option<String>,
    pub(super) detail: String,
    pub(super) help: Option<Help>,
}

impl<'r> Run<'r> {
    pub(super) fn new(
        object: &'r Object<'r>,
        catalog: &'r Catalog,
        kind: &'r Kind,
        version: Version,
        versions: Versions,
    ) -> Self {
        Self {
            object,
            catalog,
            kind,
            version,
            holds: Cell::new(versions),
            root: OnceCell::new(),
            slots: Slots::new(),
            names: RefCell::default(),
            addresses: RefCell::default(),
            metadata_judged: Cell::new(false),
            before: None,
            past: Past::default(),
            faults: RefCell::default(),
        }
    }

    /// The object.
    pub(super) fn root(&'r self) -> Value<'r> {
        Value::of(self.root.get_or_init(|| Slot::new(self, self.object.root())))
    }

    /// Whether the object takes the place of another: some rules are those of new ones alone.
    pub(super) fn updates(&self) -> bool {
        self.before.is_some()
    }

    /// Whether servers would refuse the object whose place this one takes, by some of their rules.
    pub(super) fn before_is_refused(&self, rules: fn(Value<'_>)) -> bool {
        let Some(before) = self.before else { return false };
        rules(before.root());
        self.holds.set(self.holds.get().intersect(before.holds.get()));
        before.refuses()
    }

    pub(super) fn root_node(&self) -> Node<'r> {
        self.object.root()
    }

    /// Whether the version is 1.`minor` or later.
    pub(super) fn since(&self, minor: u8) -> bool {
        if minor <= OLDEST {
            return true;
        }
        let is = self.version >= Version::minor_of(minor);
        let same =
            if is { Versions::since(Version::minor_of(minor)) } else { Versions::before(Version::minor_of(minor)) };
        self.holds.set(self.holds.get().intersect(same));
        is
    }

    /// The version, for what no two versions have alike: what is found holds for it alone.
    pub(super) fn own_version(&self) -> Version {
        let oldest = Version::minor_of(OLDEST);
        let same = if self.version <= oldest { Versions::until(oldest) } else { Versions::one(self.version) };
        self.holds.set(self.holds.get().intersect(same));
        self.version.max(oldest)
    }

    /// Whether anything was refused so far.
    pub(super) fn refuses(&self) -> bool {
        self.faults.borrow().iter().any(|fault| fault.reason.is_some())
    }

    /// Whether anything was refused that leaves rules in CEL unchecked (k8s.io/apiextensions-apiserver,
    /// `hasBlockingErr`).
    pub(super) fn blocks(&self) -> bool {
        let blocks = |reason| {
            matches!(
                reason,
                Reason::NotSupported | Reason::Required | Reason::TooLong | Reason::TooMany | Reason::TypeInvalid
            )
        };
        self.faults.borrow().iter().any(|fault| fault.reason.is_some_and(blocks))
    }

    /// How much was said so far: what rules ask that look at a part only where nothing was said of another.
    pub(super) fn said(&self) -> usize {
        self.faults.borrow().len()
    }

    /// Makes warnings of what was said after so much; as with others, the server sends none with control characters.
    pub(super) fn let_pass(&self, said: usize) {
        let mut faults = self.faults.borrow_mut();
        let said = said.min(faults.len());
        for fault in faults.split_off(said) {
            let detail = format!("{}: {}", fault.path, fault.detail);
            if !detail.contains(char::is_control) {
                faults.push(Fault { class: Class::ServerWarning, reason: None, detail, ..fault });
            }
        }
    }

    pub(super) fn say(&self, fault: Fault) {
        self.faults.borrow_mut().push(fault);
    }

    /// Keeps an address; gives its number.
    pub(super) fn name(&self, path: String) -> u32 {
        let mut names = self.names.borrow_mut();
        names.push(path);
        u32::try_from(names.len() - 1).unwrap_or(0)
    }

    /// The address of a number.
    pub(super) fn named(&self, at: u32) -> String {
        self.names.borrow().get(at as usize).cloned().unwrap_or_default()
    }

    /// Hands over what was said; gives the versions that say it.
    pub(super) fn finish(&self, answers: &mut Answers<'_>) -> Versions {
        let holds = self.holds.get();
        let object = answers.object();
        for fault in self.faults.take() {
            // The same tree: a node's id finds it there with the lifetime of the answer.
            let Some(node) = object.document().node(fault.node) else { continue };
            let field = Field::new(object, node);
            let span = match node.key() {
                Some(key) if fault.key => key.span(),
                _ => field.mark(),
            };
            let at = Place { object, span, path: fault.own.unwrap_or_else(|| field.path()) };
            let reason = fault.reason.map(Reason::name);
            answers.say_for(fault.class, reason, at, Some(fault.path), holds, fault.detail, fault.help);
        }
        holds
    }
}
