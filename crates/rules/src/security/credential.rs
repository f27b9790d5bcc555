//! What is a credential: by the name it has, and by the text it is. Nothing here keeps or prints the text itself.

use std::ops::Range;

/// What a name says it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text may be one, `admin` too.
    Password,
    /// Mostly random; words alone are more likely a name.
    Token,
    /// Mostly random; words alone are more likely the name of a Secret.
    Secret,
    /// Mostly random; words alone are more likely the name of a key.
    Key,
    /// A private key in PEM.
    PrivateKey,
    /// A URL with a password in it.
    Url,
}

/// A credential in a longer text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found<'t> {
    /// What it is.
    pub(super) kind: Kind,
    /// The name that stands before it; empty if it is known by its shape.
    pub(super) name: &'t str,
    /// Where it stands.
    pub(super) at: Range<usize>,
}

/// Last words that mean a password, written apart or at the end of a longer word.
const PASSWORDS: &[&str] = &["password", "passwd", "passphrase", "passcode"];
/// Short ones, which end other words too (`bypass`).
const SHORT_PASSWORDS: &[&str] = &["pass", "pwd", "pw", "dbpass", "userpass", "rootpass", "adminpass", "dbpwd"];
/// How every name ends that can hold one: most names are dismissed by this.
const ENDS: &[&str] =
    &["password", "passwd", "passphrase", "passcode", "pass", "pwd", "pw", "token", "secret", "key", "base"];
/// Words before `key` that make it a secret one.
const KEY_OWNERS: &[&str] = &[
    "access",
    "account",
    "api",
    "app",
    "auth",
    "client",
    "cookie",
    "encryption",
    "jwt",
    "license",
    "master",
    "private",
    "secret",
    "service",
    "session",
    "shared",
    "signing",
    "storage",
];
/// Words that turn the name into a switch, a limit or a reference: `ALLOW_EMPTY_PASSWORD`, `existingSecret`.
const SWITCHES: &[&str] = &[
    "allow",
    "automount",
    "check",
    "disable",
    "disabled",
    "enable",
    "enabled",
    "existing",
    "generate",
    "has",
    "hide",
    "is",
    "max",
    "min",
    "mount",
    "no",
    "public",
    "pull",
    "random",
    "require",
    "required",
    "requires",
    "reset",
    "rotate",
    "show",
    "skip",
    "use",
    "validate",
    "verify",
    "with",
    "without",
];
/// Words before `token` that make it a name or a position.
const NO_TOKENS: &[&str] = &["cluster", "discovery", "page", "next", "continuation", "csrf", "xsrf"];
/// Texts that say that there is none, or of what type one would be.
const NOTHING: &[&str] = &[
    "auto",
    "default",
    "disabled",
    "enabled",
    "false",
    "n",
    "n/a",
    "nil",
    "no",
    "none",
    "null",
    "off",
    "on",
    "optional",
    "required",
    "str",
    "string",
    "text",
    "true",
    "undefined",
    "unset",
    "y",
    "yes",
    "~",
];
/// Begins of texts that say where the credential is, not what it is.
const ELSEWHERE: &[&str] = &[
    "arn:",
    "awssm",
    "data:",
    "enc[",
    "env:",
    "file:",
    "gcpsm",
    "op:",
    "projects/",
    "ref+",
    "secret:",
    "sops:",
    "ssm:",
    "vault:",
];
/// Begins and parts of texts that ask for one.
const PLACEHOLDERS: &[&str] =
    &["fillin", "fillme", "fixme", "insert", "placeholder", "redacted", "replace", "tobedefined", "todo", "your"];
/// Credentials that are known by their shape: begin, and how many letters and digits follow at least.
const SHAPES: &[(&str, usize, Kind)] = &[
    ("ghp_", 36, Kind::Token),
    ("gho_", 36, Kind::Token),
    ("ghs_", 36, Kind::Token),
    ("github_pat_", 40, Kind::Token),
    ("glpat-", 20, Kind::Token),
    ("xoxb-", 20, Kind::Token),
    ("xoxp-", 20, Kind::Token),
    ("sk_live_", 20, Kind::Key),
    ("hooks.slack.com/services/T", 20, Kind::Url),
];
/// What a data source name of Go's drivers is known by.
const DSN: &str = "@tcp(";
/// Texts that are program code by the ending of their key: only quoted texts are values there.
const CODE: &[&str] = &["go", "groovy", "java", "js", "lua", "php", "pl", "py", "rb", "ts"];

impl Kind {
    /// As a person would say it, with its article.
    pub(super) fn words(self) -> &'static str {
        match self {
            Kind::Password => "a password",
            Kind::Token => "a token",
            Kind::Secret => "a secret",
            Kind::Key => "a secret key",
            Kind::PrivateKey => "a private key",
            Kind::Url => "a URL with its password",
        }
    }

    /// What a variable or key of this name holds. `more` are names that count besides.
    pub(super) fn named(name: &str, more: &[String]) -> Option<Self> {
        if more.is_empty() && !ends_like_one(name) {
            return None;
        }
        let words = words(name);
        let extra = |it: &String| {
            let it = self::words(it);
            !it.is_empty() && words.ends_with(&it)
        };
        if more.iter().any(extra) {
            return Some(Kind::Password);
        }
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        if let [.., "key", "base"] = words.as_slice() {
            words.pop();
        }
        if words.iter().any(|word| SWITCHES.contains(word)) {
            return None;
        }
        let last = *words.last()?;
        let before = words.iter().rev().nth(1).copied().unwrap_or("");
        let second = words.iter().rev().nth(2).copied().unwrap_or("");
        match last {
            _ if SHORT_PASSWORDS.contains(&last) || PASSWORDS.iter().any(|it| last.ends_with(it)) => {
                Some(Kind::Password)
            }
            _ if last.ends_with("token") => (!NO_TOKENS.contains(&before)).then_some(Kind::Token),
            "secret" => Some(Kind::Secret),
            "apikey" | "secretkey" | "privatekey" => Some(Kind::Key),
            // An access key without a secret is the name of an account.
            "key" if before == "access" => (second == "secret").then_some(Kind::Key),
            "key" => KEY_OWNERS.contains(&before).then_some(Kind::Key),
            _ => None,
        }
    }

    /// True if a text under such a name is the credential itself.
    pub(super) fn is_held_by(self, text: &str) -> bool {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        if text.is_empty() || text.contains(char::is_whitespace) || NOTHING.contains(&lower.as_str()) {
            return false;
        }
        if is_filled_in_later(text) || is_placeholder(text, &lower) || is_elsewhere(text, &lower) {
            return false;
        }
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        match self {
            Kind::Password => !is_number || text.len() > 3 && !text.contains('.'),
            _ => !is_number && text.len() >= 8 && !is_name(text),
        }
    }
}

fn ends_like_one(name: &str) -> bool {
    let name = name.trim_end_matches(|it: char| !it.is_ascii_alphabetic()).as_bytes();
    ENDS.iter().any(|end| {
        let start = name.len().checked_sub(end.len());
        start.and_then(|start| name.get(start..)).is_some_and(|it| it.eq_ignore_ascii_case(end.as_bytes()))
    })
}

/// The words of a name: `dbPassword`, `DB_PASSWORD` and `db.password` have the same two.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in name.split(|it: char| !it.is_ascii_alphanumeric()) {
        let letters: Vec<char> = part.chars().collect();
        let mut word = String::new();
        for (at, &letter) in letters.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|it| letters.get(it));
            let after = letters.get(at + 1);
            let begins = letter.is_ascii_uppercase()
                && before.is_some_and(|it| it.is_ascii_lowercase() || after.is_some_and(char::is_ascii_lowercase));
            if begins && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.push(letter.to_ascii_lowercase());
        }
        words.push(word);
    }
    // A number at the end counts several of them: `PASSWORD_2`.
    for word in &mut words {
        word.truncate(word.trim_end_matches(|it: char| it.is_ascii_digit()).len());
    }
    words.retain(|word| !word.is_empty());
    words
}

fn is_filled_in_later(text: &str) -> bool {
    let marks = ["$(", "${", "{{", "<%", "%("];
    text.starts_with(['$', '{', '*', '!', '&', '|', '>']) || marks.iter().any(|it| text.contains(it))
}

/// True for what asks to be replaced: `<password>`, `YOUR_PASSWORD`, `xxxx`, and for names in capitals.
fn is_placeholder(text: &str, lower: &str) -> bool {
    let framed = [("<", ">"), ("[", "]"), ("%", "%"), ("@", "@"), ("__", "__"), ("(", ")")];
    if framed.iter().any(|(open, close)| text.starts_with(open) && text.ends_with(close)) {
        return true;
    }
    let first = lower.chars().next().unwrap_or('x');
    if "*x.-_•#?…".contains(first) && lower.chars().all(|it| it == first) {
        return true;
    }
    let letters: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let asks = |it: &&str| letters.starts_with(*it) || *it == "placeholder" && letters.contains(it);
    let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    let is_noun = PASSWORDS.contains(&lower) || SHORT_PASSWORDS.contains(&lower) || matches!(lower, "token" | "secret");
    let in_capitals = text.bytes().all(is_capital) && (text.contains('_') || is_noun);
    PLACEHOLDERS.iter().any(asks) || in_capitals || matches!(text, "%s" | "%v" | "%d")
}

/// True for a path, a URL, or a reference to a store of secrets.
fn is_elsewhere(text: &str, lower: &str) -> bool {
    let paths = ["/", "./", "../", "~/"];
    let drive = text.as_bytes().get(1..3).is_some_and(|it| matches!(it, b":\\" | b":/"));
    drive
        || paths.iter().any(|it| text.starts_with(it))
        || text.contains("://")
        || ELSEWHERE.iter().any(|it| lower.starts_with(it))
}

/// True for words, as names are made of: `grafana-admin`, `mySecretName`, `kube-system/tls-v2`.
fn is_name(text: &str) -> bool {
    text.split(['-', '.', '_', '/', ':']).all(|part| {
        part.len() <= 3
            || part.bytes().all(|byte| byte.is_ascii_alphabetic())
            || part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// True if a file of this name holds program code.
pub(super) fn is_code(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, ending)| CODE.contains(&ending))
}

/// The credentials in a longer text: a configuration file, a script, an argument, a URL. Of a line, the first.
pub(super) fn find_in<'t>(text: &'t str, code: bool, more: &[String]) -> Vec<Found<'t>> {
    let mut found = Vec::new();
    let mut start = 0;
    let has_shape = text.contains("://")
        || text.contains(DSN)
        || text.contains("PRIVATE KEY-----")
        || SHAPES.iter().any(|(begin, ..)| text.contains(begin));
    for line in text.split_inclusive('\n') {
        if !is_comment(line) {
            let first = pair_in(line, code, more).or_else(|| if has_shape { shape_in(line) } else { None });
            found.extend(first.map(|it| Found { at: it.at.start + start..it.at.end + start, ..it }));
        }
        start += line.len();
    }
    found
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["#", ";", "//", "/*", "*", "<!--", "-- ", "!"].iter().any(|mark| line.starts_with(mark))
}

/// `name=value`, `name: value` or `--name value`, quoted or not.
fn pair_in<'t>(line: &'t str, code: bool, more: &[String]) -> Option<Found<'t>> {
    let has_options = line.contains("--");
    let signs = line.bytes().enumerate().filter(|&(_, it)| matches!(it, b':' | b'=') || it == b' ' && has_options);
    signs.map(|(at, sign)| (at, char::from(sign))).find_map(|(at, sign)| {
        let (before, after) = (line.get(..at)?, line.get(at + 1..)?);
        let name = name_before(before, sign)?;
        let kind = Kind::named(name, more)?;
        let (value, quoted) = value_after(after, sign)?;
        let held = (quoted || !code) && kind.is_held_by(value) && (quoted || !is_expression(value, name));
        let start = at + 1 + offset_in(after, value);
        held.then(|| Found { kind, name, at: start..start + value.len() })
    })
}

fn name_before(before: &str, sign: char) -> Option<&str> {
    if before.ends_with([':', '=', '!', '<', '>', '+', '~']) {
        return None;
    }
    let before = if sign == ' ' { before } else { before.trim_end() };
    let quoted = before.ends_with(['"', '\'']);
    let before = before.trim_end_matches(['"', '\'']);
    let start = before
        .rfind(|it: char| !(it.is_ascii_alphanumeric() || "_.-".contains(it)))
        .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let name = before.get(start..)?;
    // `${NAME:-default}` and `$NAME` are for a shell to fill in; only an option's value stands behind a blank.
    let lead = before.get(..start)?;
    let is_variable = lead.ends_with('$') || lead.ends_with("${");
    let is_option = name.starts_with("--") && !quoted;
    (!is_variable && (sign != ' ' || is_option)).then(|| name.trim_matches(['-', '.']))
}

/// The value behind a sign, and whether it is quoted.
fn value_after(after: &str, sign: char) -> Option<(&str, bool)> {
    let spaced = after.starts_with([' ', '\t']);
    let rest = after.trim_start_matches([' ', '\t']);
    if after.starts_with(['=', '~', ':', '/']) || rest.starts_with("> ") {
        return None;
    }
    if let Some(quote) = rest.chars().next().filter(|it| matches!(it, '"' | '\'')) {
        let inner = rest.get(1..)?;
        return inner.split_once(quote).map(|(value, _)| (value, true));
    }
    if sign == ':' && !spaced {
        return None;
    }
    let value = rest.split(|it: char| it.is_whitespace() || ",;&\"'`)}".contains(it)).next()?;
    let tail = rest.get(value.len()..)?.trim();
    // `password: the one you chose` is prose.
    let is_prose = sign == ':' && !tail.is_empty() && !tail.starts_with(['#', ',', '}', ']', '"', '\'']);
    (!is_prose && !tail.starts_with(')')).then_some((value, false))
}

/// True for code and for a name given to itself: `password=get()`, `token: token`.
fn is_expression(value: &str, name: &str) -> bool {
    value.contains(['(', '[', '{', '<', '\\']) || value.eq_ignore_ascii_case(name) || value.starts_with('-')
}

/// A URL with a password, a private key, or a token known by its shape.
fn shape_in(line: &str) -> Option<Found<'_>> {
    if let Some(at) = line.find("-----BEGIN ").filter(|_| line.contains("PRIVATE KEY-----")) {
        return Some(Found { kind: Kind::PrivateKey, name: "", at: at..line.trim_end().len() });
    }
    let shape = SHAPES.iter().find_map(|&(begin, least, kind)| {
        let at = line.find(begin)?;
        let end = at + begin.len();
        let run = line.get(end..)?.bytes().take_while(|it| it.is_ascii_alphanumeric() || b"_-/".contains(it)).count();
        let is_example = line.get(end..end + run)?.to_ascii_lowercase().contains("xxxx");
        (run >= least && !is_example).then(|| Found { kind, name: "", at: at..end + run })
    });
    shape.or_else(|| url_in(line)).or_else(|| dsn_in(line))
}

fn url_in(line: &str) -> Option<Found<'_>> {
    line.match_indices("://").find_map(|(at, mark)| {
        let start = at + mark.len();
        let rest = line.get(start..)?;
        let end = rest.find(|it: char| it.is_whitespace() || "/?#\"'<>,`\\)".contains(it)).unwrap_or(rest.len());
        let (user, _) = rest.get(..end)?.rsplit_once('@')?;
        let (_, password) = user.split_once(':')?;
        let begin = start + user.len() - password.len();
        Kind::Password.is_held_by(password).then(|| Found {
            kind: Kind::Url,
            name: "",
            at: begin..begin + password.len(),
        })
    })
}

/// A data source name of Go's drivers: `user:password@tcp(db:3306)/name`.
fn dsn_in(line: &str) -> Option<Found<'_>> {
    let before = line.get(..line.find(DSN)?)?;
    let start = before.rfind(|it: char| it.is_whitespace() || "\"'=,`".contains(it)).map_or(0, |at| at + 1);
    let password = before.get(start..)?.split_once(':')?.1;
    let at = before.len() - password.len()..before.len();
    Kind::Password.is_held_by(password).then_some(Found { kind: Kind::Url, name: "", at })
}

fn offset_in(whole: &str, part: &str) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}

#[cfg(test)]
mod tests;
