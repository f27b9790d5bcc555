//! What is known by names.

use std::collections::BTreeMap;

/// Values by their names, in the order of those.
///
/// The standard map is compiled for each type of value, some kilobytes each; here it holds places alone.
#[derive(Clone)]
pub(super) struct ByName<'n, V> {
    places: BTreeMap<&'n str, usize>,
    values: Vec<V>,
}

impl<V> Default for ByName<'_, V> {
    fn default() -> Self {
        Self { places: BTreeMap::new(), values: Vec::new() }
    }
}

impl<'n, V> ByName<'n, V> {
    /// The value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&V> {
        self.values.get(*self.places.get(name)?)
    }

    /// The same, to change it.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut V> {
        self.values.get_mut(*self.places.get(name)?)
    }

    /// Gives a name a value, or another one.
    pub(super) fn insert(&mut self, name: &'n str, value: V) {
        match self.get_mut(name) {
            Some(former) => *former = value,
            None => {
                self.places.insert(name, self.values.len());
                self.values.push(value);
            }
        }
    }

    /// Changes the value of a name, a new one where it has none.
    pub(super) fn change(&mut self, name: &'n str, change: &mut dyn FnMut(&mut V))
    where
        V: Default,
    {
        if self.get(name).is_none() {
            self.insert(name, V::default());
        }
        self.get_mut(name).into_iter().for_each(change);
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'n str, &V)> {
        self.places.iter().filter_map(|(name, place)| Some((*name, self.values.get(*place)?)))
    }
}

impl<'n, V> Extend<(&'n str, V)> for ByName<'n, V> {
    fn extend<I: IntoIterator<Item = (&'n str, V)>>(&mut self, all: I) {
        all.into_iter().for_each(|(name, value)| self.insert(name, value));
    }
}

#[cfg(test)]
mod tests {
    use super::ByName;

    #[test]
    fn the_last_value_of_a_name_counts() {
        let mut all = ByName::default();
        all.extend([("b", 1), ("a", 2), ("b", 3)]);
        assert_eq!(all.iter().collect::<Vec<_>>(), [("a", &2), ("b", &3)]);
        assert_eq!((all.get("b"), all.get("c"), all.is_empty()), (Some(&3), None, false));
    }
}
