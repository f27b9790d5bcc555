//! Maps: the entries in the order they came, and an index by key.

use std::cmp::Ordering;
use std::sync::Arc;

use seaworthy_source::order::sort_by;

use super::{Equality, Value};

/// A map. It keeps the order of its entries; Go has none.
#[derive(Clone)]
pub struct Map(Arc<Entries>);

#[derive(Clone, Default)]
struct Entries {
    list: Vec<(Value, Value)>,
    /// Positions in `list`, by key.
    order: Vec<u32>,
    /// What stands under a key that is not there.
    missing: Option<Value>,
}

impl Map {
    /// A map; of two equal keys the last counts.
    #[must_use]
    pub fn new(entries: Vec<(Value, Value)>) -> Self {
        let mut order: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
        let mut twice = false;
        sort_by(&mut order, &mut |left, right| match (entries.get(*left as usize), entries.get(*right as usize)) {
            (Some(left), Some(right)) => {
                let order = order_of(&left.0, &right.0);
                twice |= order.is_eq();
                order
            }
            _ => Ordering::Equal,
        });
        if twice {
            return Self::without_doubles(entries);
        }
        Self(Arc::new(Entries { list: entries, order, missing: None }))
    }

    /// The same, with a value under all other keys; only looking one up finds it (`mapper`,
    /// k8s.io/dynamic-resource-allocation, cel).
    #[must_use]
    pub fn with_default(mut self, missing: Value) -> Self {
        Arc::make_mut(&mut self.0).missing = Some(missing);
        self
    }

    /// What [`Self::with_default`] gave.
    pub(crate) fn missing(&self) -> Option<&Value> {
        self.0.missing.as_ref()
    }

    fn without_doubles(entries: Vec<(Value, Value)>) -> Self {
        let mut map = Self(Arc::default());
        for (key, value) in entries {
            let data = Arc::make_mut(&mut map.0);
            match data.place(&key) {
                Ok(at) => {
                    if let Some(entry) = data.list.get_mut(at) {
                        entry.1 = value;
                    }
                }
                Err(at) => data.add(at, key, value),
            }
        }
        map
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.list.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.list.is_empty()
    }

    /// The entries.
    pub fn iter(&self) -> impl Iterator<Item = &(Value, Value)> + '_ {
        self.0.list.iter()
    }

    /// The entry at a place.
    pub(crate) fn at(&self, index: usize) -> Option<&(Value, Value)> {
        self.0.list.get(index)
    }

    /// The value under a key. A number finds an equal one of another type (`refValMapAccessor.Find`).
    #[must_use]
    pub fn get(&self, key: &Value) -> Option<&Value> {
        let data = &*self.0;
        let at = data.place(key).ok().or_else(|| {
            let other = match *key {
                Value::Int(value) => Value::Uint(u64::try_from(value).ok()?),
                Value::Uint(value) => Value::Int(i64::try_from(value).ok()?),
                Value::Double(value) => return data.place_of_double(value),
                _ => return None,
            };
            data.place(&other).ok()
        })?;
        data.list.get(at).map(|entry| &entry.1)
    }

    /// The value under a string.
    #[must_use]
    pub fn get_str(&self, key: &str) -> Option<&Value> {
        let data = &*self.0;
        let found = data.order.binary_search_by(|&at| match data.list.get(at as usize) {
            Some((Value::String(there), _)) => (**there).cmp(key),
            Some((there, _)) => rank(there).cmp(&STRINGS),
            None => Ordering::Equal,
        });
        let at = *data.order.get(found.ok()?)?;
        data.list.get(at as usize).map(|entry| &entry.1)
    }

    /// Adds an entry; false if the key is there. Copies if somebody else holds the map.
    pub(crate) fn insert(&mut self, key: Value, value: Value) -> bool {
        if self.get(&key).is_some() {
            return false;
        }
        let data = Arc::make_mut(&mut self.0);
        if let Err(at) = data.place(&key) {
            data.add(at, key, value);
        }
        true
    }

    pub(crate) fn equals(&self, other: &Map) -> Equality {
        if self.len() != other.len() {
            return Equality::False;
        }
        let same =
            self.iter().all(|(key, value)| other.get(key).is_some_and(|there| value.equals(there) != Equality::False));
        same.into()
    }
}

impl Entries {
    /// Where a key is in `list`, or where it would be in `order`.
    fn place(&self, key: &Value) -> Result<usize, usize> {
        let found = self.order.binary_search_by(|&at| match self.list.get(at as usize) {
            Some((there, _)) => order_of(there, key),
            None => Ordering::Equal,
        });
        found.map(|at| self.order.get(at).map_or(0, |&at| at as usize))
    }

    fn place_of_double(&self, value: f64) -> Option<usize> {
        let int = super::double_to_int(value).ok().filter(|&it| it as f64 == value);
        let uint = super::double_to_uint(value).ok().filter(|&it| it as f64 == value);
        int.and_then(|it| self.place(&Value::Int(it)).ok())
            .or_else(|| uint.and_then(|it| self.place(&Value::Uint(it)).ok()))
    }

    fn add(&mut self, at: usize, key: Value, value: Value) {
        self.order.insert(at, u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push((key, value));
    }
}

/// Values by an order that has no meaning but is one.
#[derive(Default)]
pub(super) struct Index(Vec<(Value, usize)>);

impl Index {
    pub(super) fn insert(&mut self, key: Value, at: usize) {
        match self.0.binary_search_by(|(there, _)| order_of(there, &key)) {
            Ok(found) => {
                if let Some(entry) = self.0.get_mut(found) {
                    entry.1 = at;
                }
            }
            Err(place) => self.0.insert(place, (key, at)),
        }
    }

    pub(super) fn get(&self, key: &Value) -> Option<usize> {
        let found = self.0.binary_search_by(|(there, _)| order_of(there, key)).ok()?;
        self.0.get(found).map(|entry| entry.1)
    }
}

const STRINGS: u8 = 5;

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) => 2,
        Value::Uint(_) => 3,
        Value::Double(_) => 4,
        Value::String(_) => STRINGS,
        Value::Bytes(_) => 6,
        Value::Duration(_) => 7,
        Value::Timestamp(_) => 8,
        Value::List(_) => 9,
        Value::Map(_) => 10,
        _ => 11,
    }
}

/// An order of all values, in which those of one type and equal are equal.
fn order_of(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Int(left), Value::Int(right)) | (Value::Duration(left), Value::Duration(right)) => left.cmp(right),
        (Value::Uint(left), Value::Uint(right)) => left.cmp(right),
        (Value::Double(left), Value::Double(right)) => left.total_cmp(right),
        (Value::Bytes(left), Value::Bytes(right)) => left.cmp(right),
        (Value::Timestamp(left), Value::Timestamp(right)) => left.order(*right),
        (Value::List(left), Value::List(right)) => order_of_lists(left.iter(), right.iter()),
        (Value::Map(left), Value::Map(right)) => order_of_maps(left, right),
        _ if rank(left) == 11 && rank(right) == 11 => left.to_string().cmp(&right.to_string()),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn order_of_lists<'a>(left: impl Iterator<Item = &'a Value>, mut right: impl Iterator<Item = &'a Value>) -> Ordering {
    for item in left {
        let Some(other) = right.next() else { return Ordering::Greater };
        let order = order_of(item, other);
        if order.is_ne() {
            return order;
        }
    }
    if right.next().is_some() { Ordering::Less } else { Ordering::Equal }
}

fn order_of_maps(left: &Map, right: &Map) -> Ordering {
    let sorted = |map: &Map| -> Vec<Value> {
        let entries = map.0.order.iter().filter_map(|&at| map.at(at as usize));
        entries.flat_map(|(key, value)| [key.clone(), value.clone()]).collect()
    };
    order_of_lists(sorted(left).iter(), sorted(right).iter())
}
