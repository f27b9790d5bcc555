//! Where a finding lies, as pipelines want to be told.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use seaworthy_source::{Position, Source, Span};

/// What a path in a URI keeps as it is: a `:` would make the part before it a scheme.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The name of a source as a path with `/` between its parts, none of which is `.`: `./k8s\web.yaml` is
/// `k8s/web.yaml`. A backslash counts as a separator everywhere, as in fingerprints, so that a report does not depend
/// on the machine that made it.
pub(crate) fn path(name: &str) -> String {
    let name = name.replace('\\', "/");
    let root = name.len() - name.trim_start_matches('/').len();
    let parts: Vec<_> = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    format!("{}{}", "/".repeat(root), parts.join("/"))
}

/// The name of a source as a URI, and whether that is relative to the folder the check ran in.
pub(crate) fn uri(name: &str) -> (String, bool) {
    let path = path(name);
    let encoded = |path: &str| utf8_percent_encode(path, KEPT).to_string();
    let drive = path.split_once(":/").filter(|(drive, _)| drive.len() == 1 && drive.is_ascii());
    match drive {
        Some((drive, rest)) => (format!("file:///{}:/{}", encoded(drive), encoded(rest)), false),
        // `//server/share` names its host.
        None if path.starts_with("//") => (format!("file:{}", encoded(&path)), false),
        None if path.starts_with('/') => (format!("file://{}", encoded(&path)), false),
        None => (encoded(&path), true),
    }
}

/// The first marked character and the one after the last: lines from 1, columns from 1 in code points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) start: Position,
    pub(crate) end: Position,
}

impl Extent {
    /// The extent of a span; the first character if the report lost the source.
    pub(crate) fn of(source: Option<&Source>, span: Span) -> Self {
        let Some(source) = source else {
            let first = Position { line: 1, column: 1 };
            return Self { start: first, end: first };
        };
        let position = |offset| {
            let position = source.position(offset);
            // No reader counts the byte order mark.
            let has_mark = position.line == 1 && source.text().starts_with('\u{feff}');
            Position { column: position.column.saturating_sub(u32::from(has_mark)).max(1), ..position }
        };
        Self { start: position(span.start), end: position(span.end) }
    }

    /// The last line that has a marked character; a line break belongs to the line it ends.
    pub(crate) fn last_line(&self) -> u32 {
        if self.end.column == 1 && self.end.line > self.start.line { self.end.line - 1 } else { self.end.line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_one_way() {
        for (name, want) in [
            ("./k8s/web.yaml", "k8s/web.yaml"),
            ("k8s\\web.yaml", "k8s/web.yaml"),
            (".\\k8s//./web.yaml", "k8s/web.yaml"),
            ("../other/web.yaml", "../other/web.yaml"),
            ("/srv/web.yaml", "/srv/web.yaml"),
            ("-", "-"),
        ] {
            assert_eq!(path(name), want, "{name}");
        }
    }

    #[test]
    fn uris_are_encoded() {
        for (name, want, is_relative) in [
            ("./a b/ü%#?.yaml", "a%20b/%C3%BC%25%23%3F.yaml", true),
            ("http:web.yaml", "http%3Aweb.yaml", true),
            ("/srv/a b.yaml", "file:///srv/a%20b.yaml", false),
            ("C:\\k8s\\a b.yaml", "file:///C:/k8s/a%20b.yaml", false),
            ("\\\\server\\share\\web.yaml", "file://server/share/web.yaml", false),
        ] {
            assert_eq!(uri(name), (want.to_owned(), is_relative), "{name}");
        }
    }

    #[test]
    fn extents_know_their_last_line() {
        let source = Source::new("a.yaml", "\u{feff}ab: 1\nc: 2\nd: 3\n");
        let extent = |start, end| Extent::of(Some(&source), Span { start, end });
        let at = |line, column| Position { line, column };
        assert_eq!(extent(3, 5), Extent { start: at(1, 1), end: at(1, 3) });
        let two = extent(9, 19);
        assert_eq!((two, two.last_line()), (Extent { start: at(2, 1), end: at(4, 1) }, 3));
        assert_eq!(extent(9, 9).last_line(), 2);
    }
}
