//! Addresses of files: two spellings of one file are one file.

use lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What a path in an address keeps as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The path of a file on this machine, by its address; none for what lies elsewhere.
#[must_use]
pub fn path(address: &str) -> Option<String> {
    let key = key_of(address);
    key.starts_with("file:///").then(|| path_of(&key).to_owned())
}

/// The address of a file, by the address of a folder and the path from there, with `/` between its parts.
#[must_use]
pub fn address(folder: &str, path: &str) -> String {
    format!("{}/{}", folder.strip_suffix('/').unwrap_or(folder), utf8_percent_encode(path, KEPT))
}

/// What two addresses of one file have in common: `file:///c%3A/a%20b` and `file:///C:/a b`.
pub(crate) fn key(uri: &Uri) -> String {
    key_of(uri.as_str())
}

fn key_of(uri: &str) -> String {
    let (scheme, rest) = uri.split_once(':').unwrap_or(("", uri));
    let rest = percent_decode_str(rest).decode_utf8_lossy();
    let mut key = format!("{}:{}", scheme.to_ascii_lowercase(), rest.trim_end_matches('/'));
    // The letter of a drive: editors do not agree on its case.
    let letter = "file:///".len();
    if key.starts_with("file:///") && key.as_bytes().get(letter + 1) == Some(&b':') {
        let upper = key.get(letter..=letter).unwrap_or("").to_ascii_uppercase();
        key.replace_range(letter..=letter, &upper);
    }
    key
}

/// The path that a key stands for, as a file's name: what follows the scheme and the host.
pub(crate) fn path_of(key: &str) -> &str {
    let rest = key.split_once(':').map_or(key, |(_, rest)| rest);
    let path = rest.strip_prefix("//").map_or(rest, |it| it.find('/').and_then(|at| it.get(at..)).unwrap_or(it));
    // `/C:/a` is a path of Windows.
    match path.as_bytes() {
        [b'/', letter, b':', ..] if letter.is_ascii_alphabetic() => path.get(1..).unwrap_or(path),
        _ => path,
    }
}

/// The path of a file under a folder, both as keys.
pub(crate) fn below<'k>(key: &'k str, folder: &str) -> Option<&'k str> {
    key.strip_prefix(folder)?.strip_prefix('/').filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_file() {
        for (one, other) in [
            ("file:///c%3A/a%20b.yaml", "file:///C:/a%20b.yaml"),
            ("file:///w/%C3%A4.yaml", "file:///w/%c3%a4.yaml"),
            ("file:///w/", "file:///w"),
        ] {
            assert_eq!(key_of(one), key_of(other));
        }
        assert_ne!(key_of("file:///w/a.yaml"), key_of("file:///w/A.yaml"));
    }

    #[test]
    fn addresses_lead_to_paths_and_back() {
        assert_eq!(path("file:///w/a%20b").as_deref(), Some("/w/a b"));
        assert_eq!(path("file:///c%3A/w").as_deref(), Some("C:/w"));
        assert_eq!(path("untitled:a"), None);
        let address = address("file:///w/", "ä b/c#.yaml");
        assert_eq!(address, "file:///w/%C3%A4%20b/c%23.yaml");
        assert_eq!(path(&address).as_deref(), Some("/w/ä b/c#.yaml"));
    }

    #[test]
    fn paths() {
        assert_eq!(path_of("file:///w/a.yaml"), "/w/a.yaml");
        assert_eq!(path_of("file:///C:/w/a.yaml"), "C:/w/a.yaml");
        assert_eq!(path_of("vscode-vfs://github/o/r/a.yaml"), "/o/r/a.yaml");
        assert_eq!(path_of("untitled:Untitled-1"), "Untitled-1");
        assert_eq!(below("file:///w/k8s/a.yaml", "file:///w"), Some("k8s/a.yaml"));
        assert_eq!(below("file:///work/a.yaml", "file:///w"), None);
    }
}
