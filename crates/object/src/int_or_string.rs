//! `IntOrString`: a port by number or name, a budget by number or percentage.

use seaworthy_document::Value;

use crate::field::Field;

/// A number or a text (`k8s.io/apimachinery/pkg/util/intstr`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntOrString<'a> {
    /// A number.
    Int(i64),
    /// A text, even one made of digits.
    String(&'a str),
}

impl<'a> IntOrString<'a> {
    /// The field as number or text; none for anything else.
    #[must_use]
    pub fn of(field: Field<'a>) -> Option<Self> {
        match field.value() {
            Value::Int(_) => field.as_int().map(IntOrString::Int),
            Value::String(text) => Some(IntOrString::String(text)),
            _ => None,
        }
    }

    /// The number, or the percentage of `total` (`GetScaledValueFromIntOrPercent`); none for other text.
    #[must_use]
    pub fn scaled(self, total: i64, round_up: bool) -> Option<i64> {
        match self {
            IntOrString::Int(value) => Some(value),
            IntOrString::String(text) => {
                let percent: i64 = text.strip_suffix('%')?.parse().ok()?;
                let product = percent.checked_mul(total)?;
                Some(if round_up { product.checked_add(99)?.div_euclid(100) } else { product.div_euclid(100) })
            }
        }
    }
}

impl std::fmt::Display for IntOrString<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            IntOrString::Int(value) => write!(f, "{value}"),
            IntOrString::String(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_round_as_the_server_rounds() {
        assert_eq!(IntOrString::String("25%").scaled(3, true), Some(1));
        assert_eq!(IntOrString::String("25%").scaled(3, false), Some(0));
        assert_eq!(IntOrString::String("100%").scaled(7, false), Some(7));
        assert_eq!(IntOrString::Int(2).scaled(7, true), Some(2));
        assert_eq!(IntOrString::String("two").scaled(7, true), None);
    }
}
