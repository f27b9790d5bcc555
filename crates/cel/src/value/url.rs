//! URLs, read as Go's `net/url` reads them, with its words.

use std::fmt::{self, Write};

use super::network::parse_address;
use super::text::quoted;

/// A URL, with a scheme or a path from the root.
#[derive(Clone, Debug, Default)]
pub struct Url {
    /// In lower case.
    pub scheme: String,
    /// What stands before the `@`, escaped.
    user: Option<String>,
    /// With the port.
    pub host: String,
    /// What follows a scheme without slash.
    opaque: String,
    /// Escaped.
    pub path: String,
    /// Without the `?`; nothing if there is none.
    pub query: Option<String>,
    /// Escaped, without the `#`.
    fragment: String,
    /// An empty host was not written.
    without_host: bool,
}

/// Parts of a URL differ in what must be escaped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    User,
    Host,
    Zone,
    Query,
    Fragment,
}

impl Url {
    /// The host without the port and without brackets.
    #[must_use]
    pub fn hostname(&self) -> &str {
        let host = self.split_host().0;
        host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host)
    }

    /// The port, or nothing.
    #[must_use]
    pub fn port(&self) -> &str {
        self.split_host().1
    }

    fn split_host(&self) -> (&str, &str) {
        match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port),
            _ => (&self.host, ""),
        }
    }
}

/// `url.ParseRequestURI`: what must hold of a URL; then `url.Parse`, which knows fragments.
pub(crate) fn request_uri(text: &str) -> Result<Url, String> {
    let wrong = |text: &str, why: String| format!("parse {}: {why}", quoted(text));
    parse(text, true).map_err(|why| wrong(text, why))?;
    let (before, fragment) = text.split_once('#').unwrap_or((text, ""));
    let mut url = parse(before, false).map_err(|why| wrong(before, why))?;
    let plain = unescape(fragment, Part::Fragment).map_err(|why| wrong(text, why))?;
    url.fragment = as_written(fragment, &plain, Part::Fragment);
    Ok(url)
}

/// What `url.ParseRequestURI` says to a text it does not take.
pub(crate) fn request_uri_error(text: &str) -> String {
    parse(text, true).err().map(|why| format!("parse {}: {why}", quoted(text))).unwrap_or_default()
}

/// Whether `url.ParseRequestURI` takes a text.
pub(crate) fn is_request_uri(text: &str) -> bool {
    parse(text, true).is_ok()
}

fn parse(text: &str, request: bool) -> Result<Url, String> {
    if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    if text.is_empty() && request {
        return Err("empty url".to_owned());
    }
    let mut url = Url::default();
    if text == "*" {
        url.path = "*".to_owned();
        return Ok(url);
    }
    let (scheme, rest) = split_scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (mut rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    url.query = query.map(str::to_owned);
    if !rest.starts_with('/') {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_owned();
            return Ok(url);
        }
        if request {
            return Err("invalid URI for request".to_owned());
        }
        if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let may_have_host = !url.scheme.is_empty() || (!request && !rest.starts_with("///"));
    match rest.strip_prefix("//").filter(|_| may_have_host) {
        Some(after) => {
            let end = after.find('/').unwrap_or(after.len());
            let (authority, path) = after.split_at_checked(end).unwrap_or((after, ""));
            rest = path;
            (url.user, url.host) = parse_authority(&url.scheme, authority)?;
        }
        None => url.without_host = !url.scheme.is_empty() && rest.starts_with('/'),
    }
    url.path = as_written(rest, &unescape(rest, Part::Path)?, Part::Path);
    Ok(url)
}

fn split_scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok(text.split_once(':').unwrap_or(("", text))),
            _ => return Ok(("", text)),
        }
    }
    Ok(("", text))
}

fn parse_authority(scheme: &str, authority: &str) -> Result<(Option<String>, String), String> {
    let Some((user, host)) = authority.rsplit_once('@') else { return Ok((None, parse_host(scheme, authority)?)) };
    let host = parse_host(scheme, host)?;
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte);
    if !user.bytes().all(valid) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let again = |part: &str| Ok::<_, String>(escape(&unescape(part, Part::User)?, Part::User));
    let user = match user.split_once(':') {
        Some((name, password)) => format!("{}:{}", again(name)?, again(password)?),
        None => again(user)?,
    };
    Ok((Some(user), host))
}

fn parse_host(scheme: &str, host: &str) -> Result<String, String> {
    match host.rfind('[') {
        Some(0) => return parse_literal(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    let strict = scheme == "http" || scheme == "https";
    let port = if strict { host.find(':') } else { host.rfind(':') };
    check_port(port.and_then(|at| host.get(at..)).unwrap_or(""))?;
    text(unescape(host, Part::Host)?)
}

/// `[fe80::1%25en0]:80`
fn parse_literal(host: &str) -> Result<String, String> {
    let inside = host.strip_prefix('[').unwrap_or(host);
    let (address, port) = inside.rsplit_once(']').ok_or("missing ']' in host")?;
    check_port(port)?;
    let zone = address.find("%25").unwrap_or(address.len());
    let (plain, zone) = address.split_at_checked(zone).unwrap_or((address, ""));
    let mut name = text(unescape(plain, Part::Host)?)?;
    name += &text(unescape(zone, Part::Zone)?)?;
    let (parsed, _) = parse_address(&name).map_err(|why| format!("invalid host: {why}"))?;
    if parsed.is_ipv4() {
        return Err("invalid IP-literal".to_owned());
    }
    Ok(format!("[{name}]{port}"))
}

fn check_port(port: &str) -> Result<(), String> {
    let valid =
        port.is_empty() || port.strip_prefix(':').is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit()));
    if valid { Ok(()) } else { Err(format!("invalid port {} after host", quoted(port))) }
}

/// The keys and values of a query, in order; what is malformed is left out (`url.Query`).
pub(crate) fn parse_query(query: &str) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Ok(key), Ok(value)) = (unescape(key, Part::Query), unescape(value, Part::Query)) else { continue };
        let (Ok(key), Ok(value)) = (text(key), text(value)) else { continue };
        match all.iter_mut().find(|(there, _)| *there == key) {
            Some((_, values)) => values.push(value),
            None => all.push((key, vec![value])),
        }
    }
    all
}

/// Bytes that were escaped, as text; what is no UTF-8 becomes the replacement character.
fn text(bytes: Vec<u8>) -> Result<String, String> {
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// `unescape`
fn unescape(text: &str, part: Part) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let [byte, rest @ ..] = bytes {
        bytes = rest;
        match *byte {
            b'%' => {
                let hex = |at: usize| rest.get(at).and_then(|byte| char::from(*byte).to_digit(16));
                let code = hex(0).zip(hex(1)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                let allowed = |code: u8| match part {
                    Part::Host => code >= 0x80 || code == b'%',
                    Part::Zone => code == b'%' || code == b' ' || !must_escape(code, Part::Host),
                    _ => true,
                };
                let Some(code) = code.filter(|&code| allowed(code)) else {
                    let shown = String::from_utf8_lossy(rest.get(..2).unwrap_or(rest)).into_owned();
                    return Err(format!("invalid URL escape {}", quoted(&format!("%{shown}"))));
                };
                out.push(code);
                bytes = rest.get(2..).unwrap_or(&[]);
            }
            b'+' if part == Part::Query => out.push(b' '),
            byte if matches!(part, Part::Host | Part::Zone) && byte.is_ascii() && must_escape(byte, part) => {
                let shown = quoted(&char::from(byte).to_string());
                return Err(format!("invalid character {shown} in host name"));
            }
            byte => out.push(byte),
        }
    }
    Ok(out)
}

fn escape(bytes: &[u8], part: Part) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &byte in bytes {
        if must_escape(byte, part) {
            let _ = write!(out, "%{byte:02X}");
        } else {
            out.push(char::from(byte));
        }
    }
    out
}

/// What is printed of a part: as it was written if that was a right way to write it (`EscapedPath`).
fn as_written(written: &str, plain: &[u8], part: Part) -> String {
    let fine = |byte: u8| b"!$&'()*+,;=:@[]%".contains(&byte) || !must_escape(byte, part);
    if written.bytes().all(fine) { written.to_owned() } else { escape(plain, part) }
}

/// `shouldEscape`
fn must_escape(byte: u8, part: Part) -> bool {
    if byte.is_ascii_alphanumeric() {
        return false;
    }
    if matches!(part, Part::Host | Part::Zone) && b"!$&'()*+,;=:[]<>\"".contains(&byte) {
        return false;
    }
    match byte {
        b'-' | b'_' | b'.' | b'~' => false,
        b'$' | b'&' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@' => match part {
            Part::Path => byte == b'?',
            Part::User => b"@/?:".contains(&byte),
            Part::Fragment => false,
            _ => true,
        },
        b'!' | b'(' | b')' | b'*' => part != Part::Fragment,
        _ => true,
    }
}

impl fmt::Display for Url {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.scheme.is_empty() {
            write!(out, "{}:", self.scheme)?;
        }
        out.write_str(&self.opaque)?;
        let host = escape(self.host.as_bytes(), Part::Host);
        let has_authority = !host.is_empty() || self.user.is_some();
        if has_authority || (!self.scheme.is_empty() && !self.path.is_empty() && !self.without_host) {
            out.write_str("//")?;
        }
        if let Some(user) = &self.user {
            write!(out, "{user}@")?;
        }
        write!(out, "{host}{}", self.path)?;
        if let Some(query) = &self.query {
            write!(out, "?{query}")?;
        }
        if self.fragment.is_empty() { Ok(()) } else { write!(out, "#{}", self.fragment) }
    }
}
