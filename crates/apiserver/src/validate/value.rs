//! A value as the server holds it after decoding: what is absent is there as Go's zero value, with its path.

use std::cell::{Cell, OnceCell};
use std::{ptr, slice};

use seaworthy_document::{Mark, Node, NodeId, Value as Json};
use seaworthy_object::catalog::Shape;
use seaworthy_object::{IntOrString, Quantity};

use super::path;
use super::print::{self, Owner};
use super::run::{Address, Fault, Run};
use super::slots::Cells;
use super::words::{self, Reason};
use crate::answer::{Class, Help};

/// A value of the object under validation, or one that is not there: one pointer, so that rules are small.
///
/// Rules read it as Go reads a struct (`pod.get("spec").bool_of("hostNetwork")`) and say what is wrong with it by
/// the methods named after Kubernetes' `field.Required`, `field.Invalid`, ….
#[derive(Clone, Copy)]
pub(crate) struct Value<'r>(&'r Slot<'r>);

/// What a value is, kept by the run.
pub(super) struct Slot<'r> {
    run: &'r Run<'r>,
    /// The node, or the nearest one around it that is there.
    node: Node<'r>,
    /// The key it stands under, or its name if it is not there.
    key: &'r str,
    /// The mark of the key; of nothing, where it is not kept among others of a map.
    mark: Mark,
    spot: Spot<'r>,
    /// What the node holds, once a rule has asked for something in it.
    held: OnceCell<Held<'r>>,
    /// What rules have asked for in it that is not there, by a bit of the name's mark.
    lacks: [Cell<Lacks<'r>>; 2],
}

/// How a value stands to its node.
#[derive(Clone, Copy)]
pub(super) enum Spot<'r> {
    /// It is the node.
    Here,
    /// A field that is not there, of a value that may not be there either.
    Absent { around: Value<'r>, earlier: Option<Value<'r>> },
    /// It is that value, at the address of this number.
    Named { of: Value<'r>, address: u32 },
}

/// The items of a list, or the entries of an object that count.
#[derive(Clone, Copy)]
struct Held<'r> {
    slots: &'r Cells<'r>,
    /// The bits of the keys' marks: most fields that rules ask for are not there, and need not be looked for.
    bits: u64,
}

/// Fields that are not there, each once.
#[derive(Clone, Copy)]
struct Lacks<'r> {
    /// The last one; each knows the one before it. There are no more than rules have names.
    last: Option<Value<'r>>,
    /// The bits of their marks: most are asked for once, and need not be looked for.
    bits: u64,
}

impl<'r> Slot<'r> {
    pub(super) fn new(run: &'r Run<'r>, node: Node<'r>) -> Self {
        Self {
            run,
            node,
            key: "",
            mark: Mark::of(""),
            spot: Spot::Here,
            held: OnceCell::new(),
            lacks: [const { Cell::new(Lacks { last: None, bits: 0 }) }; 2],
        }
    }
}

/// The items of a list: a type of its own rather than adapters, which each loop over them would have anew.
#[derive(Clone)]
pub(crate) struct Items<'r> {
    slots: slice::Iter<'r, OnceCell<Slot<'r>>>,
}

impl<'r> Iterator for Items<'r> {
    type Item = Value<'r>;

    #[inline(never)]
    fn next(&mut self) -> Option<Value<'r>> {
        self.slots.next()?.get().map(Value)
    }
}

/// The entries of a map, likewise.
#[derive(Clone)]
pub(crate) struct Entries<'r> {
    slots: slice::Iter<'r, OnceCell<Slot<'r>>>,
}

impl<'r> Iterator for Entries<'r> {
    type Item = (&'r str, Value<'r>);

    #[inline(never)]
    fn next(&mut self) -> Option<(&'r str, Value<'r>)> {
        let value = self.slots.next()?.get().map(Value)?;
        Some((value.key(), value))
    }
}

impl<'r> Value<'r> {
    /// The value that is kept there.
    pub(super) fn of(slot: &'r Slot<'r>) -> Self {
        Self(slot)
    }

    fn here(self) -> Option<Node<'r>> {
        (self.is_node() && !self.0.node.is_null()).then_some(self.0.node)
    }

    /// Whether it has a node of its own.
    fn is_node(self) -> bool {
        match self.0.spot {
            Spot::Here => true,
            Spot::Absent { .. } => false,
            Spot::Named { of, .. } => of.is_node(),
        }
    }

    fn held(self) -> Held<'r> {
        match self.0.spot {
            Spot::Here => *self.0.held.get_or_init(|| self.hold()),
            Spot::Absent { .. } => Held { slots: &[], bits: 0 },
            Spot::Named { of, .. } => of.held(),
        }
    }

    /// Keeps what the node holds.
    #[inline(never)]
    fn hold(self) -> Held<'r> {
        let (run, node) = (self.run(), self.0.node);
        let slots = run.slots.cells(node.len());
        let mut free = slots.iter();
        let mut bits = 0;
        for entry in node.entries() {
            let (key, mark) = (entry.name(), entry.mark());
            bits |= mark.bit();
            free.next().map(|cell| cell.get_or_init(|| Slot { key, mark, ..Slot::new(run, entry.value) }));
        }
        for item in node.items() {
            free.next().map(|cell| cell.get_or_init(|| Slot::new(run, item)));
        }
        Held { slots, bits }
    }

    /// The entry under a key of this mark, null or not.
    fn find(self, key: &str, mark: Mark) -> Option<&'r Slot<'r>> {
        let Held { slots, bits } = self.held();
        if bits & mark.bit() == 0 {
            return None;
        }
        slots.iter().filter_map(OnceCell::get).find(|slot| slot.mark == mark && slot.key == key)
    }

    /// The field of this name and mark, which is not there.
    fn lack(self, name: &'static str, mark: Mark) -> Value<'r> {
        let [one, other] = &self.0.lacks;
        let lacks = if mark.number() & 64 == 0 { one } else { other };
        let Lacks { last, bits } = lacks.get();
        if bits & mark.bit() != 0 {
            let before = |it: &Value<'r>| match it.spot() {
                Spot::Absent { earlier, .. } => earlier,
                _ => None,
            };
            let mut kept = std::iter::successors(last, before);
            if let Some(kept) = kept.find(|it| ptr::eq(it.0.key, name)) {
                return kept;
            }
        }
        let spot = Spot::Absent { around: self, earlier: last };
        let slot = Slot { spot, key: name, ..Slot::new(self.run(), self.anchor()) };
        let lack = Self(self.run().slots.add(slot));
        lacks.set(Lacks { last: Some(lack), bits: bits | mark.bit() });
        lack
    }

    /// The node, where the value is there.
    #[inline(never)]
    pub(super) fn node(self) -> Option<Node<'r>> {
        self.here()
    }

    /// The nearest node around it that is there, itself if it is.
    pub(super) fn anchor(self) -> Node<'r> {
        self.0.node
    }

    /// How it stands to that node.
    pub(super) fn spot(self) -> Spot<'r> {
        self.0.spot
    }

    /// The value of a node of the same object.
    pub(super) fn value_at(self, node: NodeId) -> Option<Value<'r>> {
        let node = self.0.node.document().node(node)?;
        let slot = Slot { key: node.key().map_or("", |key| key.text()), ..Slot::new(self.run(), node) };
        Some(Self(self.run().slots.add(slot)))
    }

    /// The run it is part of.
    pub(super) fn run(self) -> &'r Run<'r> {
        self.0.run
    }

    /// Whether the server is of 1.`minor` or later. Kubernetes' behaviour differs by version here and nowhere else.
    #[inline(never)]
    pub(super) fn since(self, minor: u8) -> bool {
        self.run().since(minor)
    }

    /// A field of a struct, there or not.
    #[inline(never)]
    pub(super) fn get(self, name: &'static str) -> Value<'r> {
        let mark = Mark::of(name);
        match self.find(name, mark) {
            Some(slot) if !slot.node.is_null() => Self(slot),
            _ => self.lack(name, mark),
        }
    }

    /// A field that is given and not null. Nothing is kept of one that is not there, of which rules say nothing: it costs
    /// a third of [`Value::get`].
    #[inline(never)]
    pub(super) fn given(self, name: &str) -> Option<Value<'r>> {
        self.find(name, Mark::of(name)).filter(|it| !it.node.is_null()).map(Self)
    }

    /// Whether a field is given and not null.
    #[inline(never)]
    pub(super) fn has(self, name: &str) -> bool {
        self.given(name).is_some()
    }

    /// The items of the list that a field is.
    #[inline(never)]
    pub(super) fn items_of(self, name: &str) -> Items<'r> {
        self.given(name).map_or(Items { slots: slice::Iter::default() }, Value::items)
    }

    /// The entries of the map that a field is.
    #[inline(never)]
    pub(super) fn entries_of(self, name: &str) -> Entries<'r> {
        self.given(name).map_or(Entries { slots: slice::Iter::default() }, Value::entries)
    }

    /// The string that a field is; `""` where it is none.
    #[inline(never)]
    pub(super) fn str_of(self, name: &str) -> &'r str {
        self.given(name).map_or("", Value::str)
    }

    /// The whole number that a field is; 0 where it is none.
    #[inline(never)]
    pub(super) fn int_of(self, name: &str) -> i64 {
        self.given(name).map_or(0, Value::int)
    }

    /// How many items or entries a field has, or bytes of a string.
    #[inline(never)]
    pub(super) fn len_of(self, name: &str) -> usize {
        self.given(name).map_or(0, Value::len)
    }

    /// The truth value that a field is; false where it is none.
    #[inline(never)]
    pub(super) fn bool_of(self, name: &str) -> bool {
        self.given(name).is_some_and(Value::bool)
    }

    /// Fields in fields, their names joined by dots.
    #[inline(never)]
    pub(super) fn at(self, path: &'static str) -> Value<'r> {
        let end = path.bytes().position(|byte| byte == b'.').unwrap_or(path.len());
        let value = self.get(path.get(..end).unwrap_or(path));
        path.get(end + 1..).map_or(value, |rest| value.at(rest))
    }

    /// The items of a list, nulls too: Go holds a zero value for each.
    #[inline(never)]
    pub(super) fn items(self) -> Items<'r> {
        let is_list = self.here().is_some_and(|it| it.is_sequence());
        Items { slots: if is_list { self.held().slots.iter() } else { slice::Iter::default() } }
    }

    /// The entries of a map, nulls too, in the order of Go's sorted printing where the caller sorts them.
    #[inline(never)]
    pub(super) fn entries(self) -> Entries<'r> {
        let is_map = self.here().is_some_and(|it| it.is_mapping());
        Entries { slots: if is_map { self.held().slots.iter() } else { slice::Iter::default() } }
    }

    /// The entry of a map under a key, null or not. It looks at one after the other: who looks up many
    /// has [`Keys`](super::keys::Keys).
    pub(super) fn entry(self, key: &str) -> Option<Value<'r>> {
        self.find(key, Mark::of(key)).map(Self)
    }

    /// The same value at another address than its own: what the server calls it.
    pub(super) fn named(self, path: impl Into<String>) -> Value<'r> {
        let address = self.run().name(path.into());
        let spot = Spot::Named { of: self, address };
        Self(self.run().slots.add(Slot { spot, key: self.0.key, ..Slot::new(self.run(), self.anchor()) }))
    }

    /// From now on, the server's address of the value and all it holds is that of `name` in a value around it, or of
    /// that value itself if there is no name.
    pub(super) fn called(self, around: Value<'r>, name: &'static str) -> Value<'r> {
        self.addressed(around, name, None)
    }

    /// The same, as an item of the list `name`.
    pub(super) fn counted(self, around: Value<'r>, name: &'static str, index: usize) -> Value<'r> {
        self.addressed(around, name, Some(index))
    }

    fn addressed(self, around: Value<'r>, name: &'static str, index: Option<usize>) -> Value<'r> {
        // A null in a list has an address too.
        if self.is_node()
            && let Some(around) = around.here()
        {
            let of = self.0.node.id();
            let mut addresses = self.run().addresses.borrow_mut();
            let at = addresses.partition_point(|it| it.of.number() < of.number());
            addresses.insert(at, Address { of, around: around.id(), name, index });
        }
        self
    }

    /// The address, as the server writes it.
    #[inline(never)]
    pub(super) fn path(self) -> String {
        path::of(self)
    }

    /// What the types say it looks like.
    pub(super) fn shape(self) -> Option<Shape> {
        path::shape_of(self)
    }

    /// The struct and the field it stands in.
    pub(super) fn owner(self) -> Owner<'r> {
        path::owner_of(self)
    }

    /// The key it stands under, or its name if it is absent.
    #[inline(never)]
    pub(super) fn key(self) -> &'r str {
        self.0.key
    }

    /// Its place in the list it is an item of.
    #[inline(never)]
    pub(super) fn index(self) -> usize {
        self.anchor().index().unwrap_or(0)
    }

    /// Whether it is given and not null: whether a Go pointer to it is set.
    #[inline(never)]
    pub(super) fn is_present(self) -> bool {
        self.here().is_some()
    }

    /// The string; `""` where there is none.
    #[inline(never)]
    pub(super) fn str(self) -> &'r str {
        self.opt_str().unwrap_or("")
    }

    /// The string, or the default of one that is absent or empty.
    #[inline(never)]
    pub(super) fn str_or(self, default: &'static str) -> &'r str {
        self.opt_str().filter(|text| !text.is_empty()).unwrap_or(default)
    }

    /// The string, where it is given.
    #[inline(never)]
    pub(super) fn opt_str(self) -> Option<&'r str> {
        self.here()?.as_str()
    }

    /// The whole number; 0 where there is none.
    #[inline(never)]
    pub(super) fn int(self) -> i64 {
        self.opt_int().unwrap_or(0)
    }

    /// The whole number, where it is given. `1.0` and `1e3` are whole.
    #[inline(never)]
    pub(super) fn opt_int(self) -> Option<i64> {
        let whole = crate::decode::whole(self.here()?.value())?;
        i64::try_from(whole).ok()
    }

    /// The truth value; false where there is none.
    #[inline(never)]
    pub(super) fn bool(self) -> bool {
        self.opt_bool().unwrap_or(false)
    }

    /// The truth value, where it is given.
    #[inline(never)]
    pub(super) fn opt_bool(self) -> Option<bool> {
        self.here()?.as_bool()
    }

    /// The quantity, where it is given and one.
    #[inline(never)]
    pub(super) fn quantity(self) -> Option<Quantity> {
        print::quantity_text(self.here()?)?.parse().ok()
    }

    /// The quantity of a list of resources, which the server rounds (`SetDefaults_ResourceList`).
    pub(super) fn amount(self) -> Option<Quantity> {
        self.quantity().map(Quantity::rounded_to_thousandths)
    }

    /// The number or text, where it is given.
    #[inline(never)]
    pub(super) fn int_or_string(self) -> Option<IntOrString<'r>> {
        match self.here()?.value() {
            Json::String(text) => Some(IntOrString::String(text)),
            _ => self.opt_int().map(IntOrString::Int),
        }
    }

    /// How many items or entries it has, or bytes of a string.
    #[inline(never)]
    pub(super) fn len(self) -> usize {
        self.here().map_or(0, |node| node.as_str().map_or_else(|| node.len(), str::len))
    }

    /// Whether it is absent, `""`, or a list or map without anything in it.
    #[inline(never)]
    pub(super) fn is_empty(self) -> bool {
        self.len() == 0 && self.here().is_none_or(|it| it.as_int().is_none() && it.as_bool().is_none())
    }

    // What is wrong with it.

    /// `field.Required`: `Required value`, and why, if there is more to say.
    #[inline(never)]
    pub(super) fn required(self, detail: &str) {
        self.say(Reason::Required, None, detail, None);
    }

    /// `field.Invalid` with the value itself, as Go prints it.
    #[inline(never)]
    pub(super) fn invalid(self, detail: &str) {
        let shown = print::shown(self);
        self.say(Reason::Invalid, Some(&shown), detail, None);
    }

    /// `field.Invalid` for each fault of a name or another text.
    #[inline(never)]
    pub(super) fn invalid_each(self, faults: Vec<String>) {
        for fault in faults {
            self.invalid(&fault);
        }
    }

    /// `field.Invalid` with a text instead of the value.
    #[inline(never)]
    pub(super) fn invalid_text(self, text: &str, detail: &str) {
        self.say(Reason::Invalid, Some(&seaworthy_cel::quoted(text)), detail, None);
    }

    /// `field.Invalid` with something printed already: a number, `null`, a struct.
    #[inline(never)]
    pub(super) fn invalid_shown(self, shown: &str, detail: &str) {
        self.say(Reason::Invalid, Some(shown), detail, None);
    }

    /// `field.Invalid` with the value of a pointer: `null` if absent.
    pub(super) fn invalid_or_null(self, detail: &str) {
        if self.is_present() { self.invalid(detail) } else { self.invalid_shown("null", detail) }
    }

    /// `field.Forbidden`.
    #[inline(never)]
    pub(super) fn forbidden(self, detail: &str) {
        self.say(Reason::Forbidden, None, detail, None);
    }

    /// `field.NotSupported` with the value itself; `supported` in the order in which the server lists them.
    #[inline(never)]
    pub(super) fn not_supported(self, supported: &[&str]) {
        let shown = print::shown(self);
        self.not_supported_shown(&shown, supported);
    }

    /// `field.NotSupported` with something printed already.
    #[inline(never)]
    pub(super) fn not_supported_shown(self, shown: &str, supported: &[&str]) {
        let detail = words::supported(supported);
        let help = crate::distance::nearest(self.str(), supported.iter().copied()).map(|(meant, _)| Help::meant(meant));
        self.say(Reason::NotSupported, Some(shown), &detail, help);
    }

    /// `field.Duplicate` with the value itself.
    #[inline(never)]
    pub(super) fn duplicate(self) {
        let shown = print::shown(self);
        self.say(Reason::Duplicate, Some(&shown), "", None);
    }

    /// `field.Duplicate` with something printed already.
    #[inline(never)]
    pub(super) fn duplicate_shown(self, shown: &str) {
        self.say(Reason::Duplicate, Some(shown), "", None);
    }

    /// `field.NotFound` with the value itself.
    #[inline(never)]
    pub(super) fn not_found(self) {
        let shown = print::shown(self);
        self.say(Reason::NotFound, Some(&shown), "", None);
    }

    /// `field.TooLong`: more than `limit` bytes.
    #[inline(never)]
    pub(super) fn too_long(self, limit: usize) {
        let detail = words::too_long(self.run(), limit);
        self.say(Reason::TooLong, None, &detail, None);
    }

    /// `field.TooMany`: `count` items where `limit` are allowed.
    #[inline(never)]
    pub(super) fn too_many(self, count: usize, limit: usize) {
        let detail = words::too_many(self.run(), limit);
        self.say(Reason::TooMany, Some(&count.to_string()), &detail, None);
    }

    /// What `field` has no method for: any reason, something printed already or nothing, more words.
    #[inline(never)]
    pub(super) fn say(self, reason: Reason, shown: Option<&str>, detail: &str, help: Option<Help>) {
        let detail = words::body(reason, shown, detail);
        self.fault(reason.class(), Some(reason), detail, help);
    }

    /// A `Warning` header. The server sends none with control characters (k8s.io/apimachinery, `NewWarningHeader`).
    #[inline(never)]
    pub(super) fn warn(self, words: impl Into<String>) {
        let words = words.into();
        if !words.contains(char::is_control) {
            self.fault(Class::ServerWarning, None, words, None);
        }
    }

    fn fault(self, class: Class, reason: Option<Reason>, detail: String, help: Option<Help>) {
        let fault = Fault {
            class,
            reason,
            node: self.anchor().id(),
            key: false,
            path: self.path(),
            own: path::own(self),
            detail,
            help,
        };
        self.run().say(fault);
    }

    /// `field.Invalid` of the key it stands under, at its own address: the keys of a ConfigMap.
    #[inline(never)]
    pub(super) fn invalid_key(self, detail: &str) {
        self.invalid_key_at(&self.path(), detail);
    }

    /// `field.Invalid` of the key it stands under, at another address, mostly the map's: labels, annotations.
    #[inline(never)]
    pub(super) fn invalid_key_at(self, path: &str, detail: &str) {
        self.invalid_key_shown_at(&seaworthy_cel::quoted(self.key()), path, detail);
    }

    /// The same with the key printed already.
    #[inline(never)]
    pub(super) fn invalid_key_shown_at(self, shown: &str, path: &str, detail: &str) {
        self.run().say(Fault {
            class: Class::InvalidValue,
            reason: Some(Reason::Invalid),
            node: self.anchor().id(),
            key: true,
            path: path.to_owned(),
            own: path::own(self),
            detail: words::body(Reason::Invalid, Some(shown), detail),
            help: None,
        });
    }
}
