//! What label selectors select (k8s.io/apimachinery, `LabelSelectorAsSelector`, and pkg/labels).

use seaworthy_source::order::filled;

use super::by_name::ByName;
use super::names;
use super::value::Value;

/// Labels to select by.
#[derive(Default)]
pub(super) struct Labels<'r>(ByName<'r, &'r str>);

impl<'r> Labels<'r> {
    /// The labels of a map.
    pub(super) fn of(map: Value<'r>) -> Self {
        Self(filled(map.entries().map(|(key, value)| (key, value.str()))))
    }

    /// Adds one, unless there is one of this key.
    pub(super) fn or_insert(&mut self, key: &'r str, value: &'r str) {
        if self.0.get(key).is_none() {
            self.0.insert(key, value);
        }
    }

    /// Whether a map of labels, each of which must be there, selects these (`SelectorFromSet`).
    pub(super) fn match_map(&self, map: Value<'_>) -> bool {
        map.entries().all(|(key, value)| self.0.get(key) == Some(&value.str()))
    }

    /// Whether a selector selects these; no selector selects nothing. None where it is none that could be used.
    pub(super) fn match_selector(&self, selector: Value<'_>) -> Option<bool> {
        if !selector.is_present() {
            return Some(false);
        }
        let map = selector.get("matchLabels");
        if map.entries().any(|(key, value)| !names::is_key(key) || !names::is_label_value(value.str())) {
            return None;
        }
        let mut all = self.match_map(map);
        for expression in selector.items_of("matchExpressions") {
            all &= self.match_expression(expression)?;
        }
        Some(all)
    }

    /// `NewRequirement` and `Requirement.Matches`.
    fn match_expression(&self, expression: Value<'_>) -> Option<bool> {
        let (key, values) = (expression.str_of("key"), expression.get("values"));
        if !names::is_key(key) || values.items().any(|value| !names::is_label_value(value.str())) {
            return None;
        }
        let own = self.0.get(key);
        let among = |own: &&str| values.items().any(|value| value.str() == *own);
        match (expression.str_of("operator"), values.is_empty()) {
            ("In", false) => Some(own.is_some_and(among)),
            ("NotIn", false) => Some(!own.is_some_and(among)),
            ("Exists", true) => Some(own.is_some()),
            ("DoesNotExist", true) => Some(own.is_none()),
            _ => None,
        }
    }
}
