//! Is it a quantity? As `resource.ParseQuantity` decides (k8s.io/apimachinery, pkg/api/resource/quantity.go).

/// `ErrFormatWrong`.
pub(super) const MALFORMED: &str =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
/// `ErrSuffix`.
const SUFFIX: &str = "unable to parse quantity's suffix";

/// Why it is none; blanks around it do not matter. A missing number counts as 0, as the server has it.
pub(super) fn fault(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Some(MALFORMED);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let rest = unsigned.trim_start_matches(|c: char| c.is_ascii_digit());
    let suffix = rest.strip_prefix('.').map_or(rest, |it| it.trim_start_matches(|c: char| c.is_ascii_digit()));
    let tail = suffix.trim_start_matches(|c: char| "eEinumkKMGTP".contains(c));
    let tail = tail.strip_prefix(['+', '-']).unwrap_or(tail);
    if !tail.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(MALFORMED);
    }
    (!is_suffix(suffix)).then_some(SUFFIX)
}

fn is_suffix(suffix: &str) -> bool {
    match suffix {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" => true,
        "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" => true,
        _ => suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| exponent.parse::<i64>().is_ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_server_decides() {
        for text in ["1", "0.5", "1Gi", "-1", "+5m", "1e3", "1E-3", " 1Gi ", ".5", "1.", "1E", "Gi"] {
            assert_eq!(fault(text), None, "{text:?}");
        }
        for text in ["", "lots", "1 Gi", "1GB", "1KI", "1.2.3", "1Gi/s", "{}", "1,5"] {
            assert_eq!(fault(text), Some(MALFORMED), "{text:?}");
        }
        for text in ["--1", "1e", "1KM", "1m5", "1ki", "1mi"] {
            assert_eq!(fault(text), Some(SUFFIX), "{text:?}");
        }
    }
}
