//! How long what an answer says may be.

/// Code points of a warning. `k8s.io/api/admission/v1`, `AdmissionResponse.Warnings`: longer ones may be truncated;
/// `k8s.io/apiserver/pkg/endpoints/filters/warning.go`, `truncateItemRunes`.
pub(crate) const WARNING: usize = 256;

/// Code points of all warnings of an answer; the same file, `truncateAtTotalRunes`.
pub(crate) const WARNINGS: usize = 4 * 1024;

/// Code points of a message. The server sets no limit to those of webhooks; this is the one of its own policies:
/// `k8s.io/apiserver/pkg/apis/cel/config.go`, `MaxEvaluatedMessageExpressionSizeBytes`, so that bytes are meant.
pub(crate) const MESSAGE: usize = 5 * 1024;

/// Bytes of the value of an audit annotation. Those of webhooks have no limit either; again that of policies:
/// `k8s.io/apiserver/pkg/admission/plugin/policy/validating/dispatcher.go`, `maxAuditAnnotationValueLength`.
pub(crate) const ANNOTATION: usize = 10 * 1024;

/// Code points of a name: `k8s.io/apimachinery/pkg/util/validation`, `DNS1123SubdomainMaxLength`. Few kinds let longer
/// ones through.
pub(crate) const NAME: usize = 253;

/// Causes of a denial. No limit of the server: what nobody reads to its end.
pub(crate) const CAUSES: usize = 100;

/// One line without control characters (`k8s.io/apimachinery/pkg/util/net/http.go`, `NewWarningHeader`, refuses a
/// warning with one).
pub(crate) fn one_line(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

/// A text of at most so many code points with `tail` behind it; what is cut is counted.
pub(crate) fn cut(text: &str, tail: &str, most: usize) -> String {
    let length = text.chars().count();
    if length + tail.chars().count() <= most {
        return format!("{text}{tail}");
    }
    // The count of what is left out has no more digits than that of all.
    let room = most.saturating_sub(tail.chars().count() + left_out(length).chars().count());
    let kept: String = text.chars().take(room).collect();
    format!("{kept}{}{tail}", left_out(length.saturating_sub(room)))
}

fn left_out(count: usize) -> String {
    format!("… ({count} more characters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays() {
        assert_eq!(cut("abc", " [r]", 7), "abc [r]");
    }

    #[test]
    fn what_is_cut_is_counted() {
        let text = "é".repeat(300);
        let cut = cut(&text, " [rule]", WARNING);
        assert!((WARNING - 2..=WARNING).contains(&cut.chars().count()), "{cut}");
        let kept = cut.chars().take_while(|it| *it == 'é').count();
        assert!(cut.ends_with(&format!("… ({} more characters) [rule]", 300 - kept)), "{cut}");
    }

    #[test]
    fn a_tail_alone_is_longer_than_nothing() {
        assert_eq!(cut("abc", " [a-very-long-rule]", 5).chars().next(), Some('…'));
    }

    #[test]
    fn no_control_characters() {
        assert_eq!(one_line("a\nb\u{7f}c\u{85}d"), "a b c d");
    }
}
