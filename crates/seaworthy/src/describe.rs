//! What the model understood, as tables.

use std::fmt;

use seaworthy_fleet::Fleet;

/// A fleet as people and programs read it.
#[derive(Debug, Clone, Default)]
pub struct Description {}

impl Description {
    pub(crate) fn of(_fleet: &Fleet<'_>) -> Self {
        Self {}
    }

    /// The same as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        String::new()
    }
}

impl fmt::Display for Description {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}
