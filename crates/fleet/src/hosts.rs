//! Host names in the texts that programs are given: variables, arguments, configuration files.

/// A host name in a text, and the port beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostName<'t> {
    /// The name.
    pub name: &'t str,
    /// The port after it.
    pub port: Option<i64>,
    /// True if it stands where only a host can stand: in a URL. Else it is a word with a port, or the whole text.
    pub in_url: bool,
}

/// What stands between two words of a text.
const BETWEEN: &[char] = &['"', '\'', '`', ',', ';', '(', ')', '<', '>', '|'];

/// The host names of a text: of its URLs, its words with a port (`queue:61616`), its names with `.svc`, and the text
/// itself if it is one word. What is said twice is there once.
#[must_use]
pub fn hosts_in(text: &str) -> Vec<HostName<'_>> {
    let mut found: Vec<HostName<'_>> = Vec::new();
    for piece in text.split(|it: char| it.is_whitespace() || BETWEEN.contains(&it)) {
        let host = match piece.split_once("://") {
            Some((_, rest)) => of_authority(rest),
            None => word(piece, text),
        };
        found.extend(host.filter(|host| !found.contains(host)));
    }
    found
}

/// `user:password@host:port` of a URL; the list of hosts of some databases was split at its commas before.
fn of_authority(rest: &str) -> Option<HostName<'_>> {
    let end = rest.find(['/', '?', '#', '}', ']', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or("");
    let (name, port) = with_port(authority.rsplit('@').next().unwrap_or(authority));
    is_name(name).then_some(HostName { name, port, in_url: true })
}

/// A piece of text that holds no URL.
fn word<'t>(piece: &'t str, whole: &str) -> Option<HostName<'t>> {
    // `KEY=host:port` and `--flag=host:port`; what follows a slash is a path.
    let piece = piece.rsplit(['=', '@', '[', '{']).next().unwrap_or(piece);
    let piece = piece.split(['/', ']', '}']).next().unwrap_or(piece);
    let (name, port) = with_port(piece);
    let is_whole = whole.trim() == name;
    let says_service = name.trim_end_matches('.').ends_with(".svc.cluster.local") || name.ends_with(".svc");
    (is_name(name) && (port.is_some() || is_whole || says_service)).then_some(HostName { name, port, in_url: false })
}

fn with_port(text: &str) -> (&str, Option<i64>) {
    let Some((name, rest)) = text.split_once(':') else { return (text, None) };
    let digits = rest.find(|it: char| !it.is_ascii_digit()).map_or(rest, |end| rest.get(..end).unwrap_or(""));
    match digits.parse() {
        Ok(port) if (1..=65535).contains(&port) => (name, Some(port)),
        _ => (if rest.is_empty() { name } else { text }, None),
    }
}

/// True for what may be a host name with a letter in it (RFC 1123).
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.'))
        && text.bytes().any(|it| it.is_ascii_alphabetic())
        && text.split('.').all(|label| !label.starts_with('-') && !label.ends_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(&str, Option<i64>)> {
        hosts_in(text).into_iter().map(|it| (it.name, it.port)).collect()
    }

    #[test]
    fn hosts_stand_in_urls_with_ports_and_alone() {
        assert_eq!(names("mongodb"), [("mongodb", None)]);
        assert_eq!(names("tcp://queue:61616"), [("queue", Some(61616))]);
        assert_eq!(names("postgres://me:s3cret@db.shop.svc:5432/x?y=z"), [("db.shop.svc", Some(5432))]);
        assert_eq!(names("mongodb://m-0.m,m-1.m:27017/x"), [("m-0.m", None), ("m-1.m", Some(27017))]);
        assert_eq!(
            names("proxy_pass http://api.default.svc.cluster.local:8080/;"),
            [("api.default.svc.cluster.local", Some(8080))]
        );
        assert_eq!(names("--broker=kafka:9092 --level debug"), [("kafka", Some(9092))]);
        assert_eq!(names("several words here"), []);
        assert_eq!(names("10.0.0.1:80"), []);
    }
}
