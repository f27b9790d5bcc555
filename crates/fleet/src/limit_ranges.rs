//! What LimitRanges give to containers that ask for nothing.

use seaworthy_object::Field;

use crate::Fleet;

impl<'a> Fleet<'a> {
    /// The request that a LimitRange of the namespace gives to a container without one. The server fills
    /// `defaultRequest` from `default`, `max` and `min` (`SetDefaults_LimitRangeItem`).
    #[must_use]
    pub fn default_request(&self, namespace: &str, resource: &str) -> Option<Field<'a>> {
        self.of_limit_ranges(namespace, &["defaultRequest", "default", "max", "min"], resource)
    }

    /// The limit that a LimitRange of the namespace gives to a container without one.
    #[must_use]
    pub fn default_limit(&self, namespace: &str, resource: &str) -> Option<Field<'a>> {
        self.of_limit_ranges(namespace, &["default", "max"], resource)
    }

    fn of_limit_ranges(&self, namespace: &str, keys: &[&str], resource: &str) -> Option<Field<'a>> {
        self.of_kind("", "LimitRange")
            .filter(|range| range.namespace() == Some(namespace))
            .flat_map(|range| range.field().items_at("spec.limits"))
            .filter(|item| item.str_at("type") == Some("Container"))
            .find_map(|item| keys.iter().find_map(|key| item.get(key)?.get(resource)))
    }
}
