//! How a server reaches a webhook: a URL, or a Service (k8s.io/apiserver, pkg/util/webhook/validation.go).

use super::names::Form;
use super::net;
use super::value::Value;
use seaworthy_cel::quoted;

const FORM: &str = "; desired format: https://host[/path]";

/// `ValidateWebhookURL`, over HTTPS.
pub(super) fn url(field: Value<'_>) {
    let url = match Url::parse(field.str()) {
        Ok(url) => url,
        Err(fault) => return field.required(&format!("url must be a valid URL: {fault}{FORM}")),
    };
    if url.scheme != "https" {
        field.invalid_text(&url.scheme, &format!("'https' is the only allowed URL scheme{FORM}"));
    }
    if url.host.is_empty() {
        field.invalid_text("", &format!("host must be specified{FORM}"));
    }
    for (part, fault) in [
        (url.user, "user information is not permitted in the URL"),
        (Some(url.fragment).filter(|it| !it.is_empty()), "fragments are not permitted in the URL"),
        (Some(url.query).filter(|it| !it.is_empty()), "query parameters are not permitted in the URL"),
    ] {
        if let Some(part) = part {
            field.invalid_text(part, fault);
        }
    }
}

/// Whether it is a URL with a scheme and a host.
pub(super) fn is_absolute(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| !url.scheme.is_empty() && !url.host.is_empty())
}

/// `ValidateWebhookService`, to which all its callers give name and namespace in each other's place.
pub(super) fn service(service: Value<'_>) {
    let (name, namespace) = (service.get("name"), service.get("namespace"));
    for (field, other, words) in
        [(name, namespace, "service namespace is required"), (namespace, name, "service name is required")]
    {
        if field.is_empty() {
            other.required(if other.since(34) { "" } else { words });
        }
    }
    let port = service.get("port");
    if port.opt_int().is_some_and(|it| !net::is_port(it)) {
        port.invalid("port is not valid: must be between 1 and 65535, inclusive");
    }
    path(service.get("path"));
}

fn path(field: Value<'_>) {
    let path = field.str();
    if matches!(path, "" | "/") {
        return;
    }
    if path == "//" {
        return field.invalid("segment[0] may not be empty");
    }
    if !path.starts_with('/') {
        field.invalid("must start with a '/'");
    }
    // The first letter goes, whatever it is.
    let mut rest = path.chars();
    rest.next();
    let rest = rest.as_str();
    for (at, step) in rest.strip_suffix('/').unwrap_or(rest).split('/').enumerate() {
        if step.is_empty() {
            field.invalid(&format!("segment[{at}] may not be empty"));
            continue;
        }
        for fault in Form::Subdomain.faults(step) {
            field.invalid(&format!("segment[{at}]: {fault}"));
        }
    }
}

/// What Go's `url.Parse` makes of a text, as far as it is looked at.
struct Url<'u> {
    scheme: String,
    user: Option<&'u str>,
    host: &'u str,
    query: &'u str,
    fragment: &'u str,
}

impl<'u> Url<'u> {
    fn parse(text: &'u str) -> Result<Self, String> {
        let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
        let url = Self::without_fragment(address).map_err(|fault| format!("parse {}: {fault}", quoted(address)))?;
        Ok(Self { fragment, ..url })
    }

    fn without_fragment(text: &'u str) -> Result<Self, String> {
        if text.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let (scheme, rest) = scheme(text)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let bare = Self { scheme: scheme.to_lowercase(), user: None, host: "", query, fragment: "" };
        if !rest.starts_with('/') {
            let segment = rest.split('/').next().unwrap_or("");
            if scheme.is_empty() && segment.contains(':') {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
            if scheme.is_empty() {
                escapes(rest)?;
            }
            return Ok(bare);
        }
        let authority = rest.strip_prefix("//").filter(|_| !scheme.is_empty() || !rest.starts_with("///"));
        let Some(after) = authority else {
            escapes(rest)?;
            return Ok(bare);
        };
        let (authority, path) = after.find('/').and_then(|at| after.split_at_checked(at)).unwrap_or((after, ""));
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        host_faults(host)?;
        escapes(path)?;
        Ok(Self { user, host, ..bare })
    }
}

fn scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, letter) in text.char_indices() {
        match letter {
            'a'..='z' | 'A'..='Z' => {}
            '0'..='9' | '+' | '-' | '.' if at > 0 => {}
            ':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            ':' => return Ok(text.split_once(':').unwrap_or(("", text))),
            _ => return Ok(("", text)),
        }
    }
    Ok(("", text))
}

fn host_faults(host: &str) -> Result<(), String> {
    let port = match host.strip_prefix('[') {
        Some(inner) => match inner.split_once(']') {
            Some((_, port)) => port,
            None => return Err("missing ']' in host".to_owned()),
        },
        None => host.rfind(':').and_then(|at| host.split_at_checked(at)).map_or("", |(_, port)| port),
    };
    let digits = port.strip_prefix(':').unwrap_or(port);
    if !(port.is_empty() || port.starts_with(':')) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("invalid port {} after host", quoted(port)));
    }
    escapes(host)?;
    match host.chars().find(|it| " <>\"\\^`{|}".contains(*it)) {
        Some(letter) => Err(format!("invalid character {} in host name", quoted(&letter.to_string()))),
        None => Ok(()),
    }
}

fn escapes(text: &str) -> Result<(), String> {
    let Some(wrong) =
        text.split('%').skip(1).find(|it| !it.bytes().take(2).filter(u8::is_ascii_hexdigit).count().eq(&2))
    else {
        return Ok(());
    };
    let digits: String = wrong.chars().take(2).collect();
    Err(format!("invalid URL escape {}", quoted(&format!("%{digits}"))))
}
