//! Lists. A concatenation keeps its two parts, so that a list can be added to itself without copies.

use std::sync::Arc;

use super::{Equality, Failure, Value};

/// A list.
#[derive(Clone)]
pub struct List(Arc<Node>);

enum Node {
    Flat { items: Vec<Value>, kind: ListKind },
    Joined { left: List, right: List, len: usize, depth: u8 },
}

/// How lists of a custom resource are added and compared (`x-kubernetes-list-type`).
#[derive(Clone, Default)]
pub enum ListKind {
    /// In order; so are all other lists.
    #[default]
    Atomic,
    /// Each element once, in any order.
    Set,
    /// One element for each value of these keys, in any order.
    Map(Arc<[Arc<str>]>),
}

/// Concatenations nest no deeper; then they are copied into one.
const DEEPEST: u8 = 32;
/// No list is longer. The server has no such limit, but whoever walks so many elements has spent its budget.
const LONGEST: usize = 1 << 20;

impl List {
    /// A list.
    #[must_use]
    pub fn new(items: Vec<Value>) -> Self {
        Self::of_kind(items, ListKind::Atomic)
    }

    /// A list of a custom resource.
    #[must_use]
    pub fn of_kind(items: Vec<Value>, kind: ListKind) -> Self {
        Self(Arc::new(Node::Flat { items, kind }))
    }

    /// Some elements of this one, by their places.
    pub(crate) fn picked(&self, places: &mut dyn Iterator<Item = usize>) -> Value {
        let mut items = Vec::new();
        for at in places {
            items.extend(self.get(at).cloned());
        }
        Value::list(items)
    }

    /// How many elements it has.
    #[must_use]
    pub fn len(&self) -> usize {
        match &*self.0 {
            Node::Flat { items, .. } => items.len(),
            Node::Joined { len, .. } => *len,
        }
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The element at an index.
    #[must_use]
    pub fn get(&self, mut index: usize) -> Option<&Value> {
        let mut list = self;
        loop {
            match &*list.0 {
                Node::Flat { items, .. } => return items.get(index),
                Node::Joined { left, right, .. } => {
                    let before = left.len();
                    if index < before {
                        list = left;
                    } else {
                        index -= before;
                        list = right;
                    }
                }
            }
        }
    }

    /// The elements.
    pub fn iter(&self) -> impl Iterator<Item = &Value> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The elements in a vector of their own.
    pub(crate) fn to_vec(&self) -> Vec<Value> {
        self.iter().cloned().collect()
    }

    /// Adds to the end in place; copies if somebody else holds the list.
    pub(crate) fn append(&mut self, other: &List) {
        if let Some(Node::Flat { items, .. }) = Arc::get_mut(&mut self.0) {
            items.extend(other.iter().cloned());
            return;
        }
        let mut items = self.to_vec();
        items.extend(other.iter().cloned());
        *self = Self::new(items);
    }

    /// `left + right`
    pub(crate) fn join(left: &List, right: &List) -> Result<List, Failure> {
        match left.kind() {
            ListKind::Atomic => {}
            ListKind::Set => return Ok(left.united(right, &[])),
            ListKind::Map(keys) => return Ok(left.united(right, keys)),
        }
        if left.is_empty() {
            return Ok(right.clone());
        }
        if right.is_empty() {
            return Ok(left.clone());
        }
        let len = left.len() + right.len();
        if len > LONGEST {
            return Err(Failure::CostLimit);
        }
        let depth = left.depth().max(right.depth()) + 1;
        if depth > DEEPEST {
            let mut items = Vec::with_capacity(len);
            items.extend(left.iter().chain(right.iter()).cloned());
            return Ok(Self::new(items));
        }
        Ok(Self(Arc::new(Node::Joined { left: left.clone(), right: right.clone(), len, depth })))
    }

    /// `cel/common/values.go`, `addToSetList` and `addToMapList`: what is there is replaced, the rest appended.
    fn united(&self, other: &List, keys: &[Arc<str>]) -> List {
        let mut items = self.to_vec();
        let mut index = super::map::Index::default();
        for (at, item) in items.iter().enumerate() {
            index.insert(identity(item, keys), at);
        }
        for item in other.iter() {
            let key = identity(item, keys);
            match index.get(&key).and_then(|at| items.get_mut(at)) {
                Some(there) if !keys.is_empty() => *there = item.clone(),
                Some(_) => {}
                None => {
                    index.insert(key, items.len());
                    items.push(item.clone());
                }
            }
        }
        Self::of_kind(items, self.kind().clone())
    }

    /// Whether one holds what the other holds, in any order, for lists that have no order.
    pub(crate) fn equals(&self, other: &List) -> Equality {
        if self.len() != other.len() {
            return Equality::False;
        }
        let keys: &[Arc<str>] = match self.kind() {
            ListKind::Atomic => {
                let same = self.iter().zip(other.iter()).all(|(left, right)| left.equals(right) != Equality::False);
                return same.into();
            }
            ListKind::Set => &[],
            ListKind::Map(keys) => keys,
        };
        let mut index = super::map::Index::default();
        for (at, item) in self.iter().enumerate() {
            index.insert(identity(item, keys), at);
        }
        let same = other.iter().all(|item| {
            let found = index.get(&identity(item, keys)).and_then(|at| self.get(at));
            found.is_some_and(|found| found.equals(item) == Equality::True)
        });
        same.into()
    }

    /// `elem in list`
    pub(crate) fn contains(&self, element: &Value) -> bool {
        self.iter().any(|item| element.equals(item) == Equality::True)
    }

    fn kind(&self) -> &ListKind {
        match &*self.0 {
            Node::Flat { kind, .. } => kind,
            Node::Joined { .. } => &ListKind::Atomic,
        }
    }

    /// Whether its elements lie in one piece.
    pub(crate) fn is_flat(&self) -> bool {
        self.depth() == 0
    }

    fn depth(&self) -> u8 {
        if let Node::Joined { depth, .. } = &*self.0 { *depth } else { 0 }
    }
}

/// What makes an element itself: its keys, or all of it.
fn identity(item: &Value, keys: &[Arc<str>]) -> Value {
    let Value::Map(map) = item else { return item.clone() };
    if keys.is_empty() {
        return item.clone();
    }
    Value::list(keys.iter().map(|key| map.get_str(key).cloned().unwrap_or(Value::Null)).collect())
}
