//! Which functions there are: `functions.txt`, read once. It has no comments, for it is part of the program.
//!
//! A line: the functions' names, marks of versions, ` : `, and the overloads. An overload: its parameters, `->`, its
//! result; a member's target is the first, with a dot before. `since 1.34` is the first version of the libraries that
//! has the line, `until 1.37` the first that does not; `server since 1.33` and `server until 1.37` say the same of the
//! server's own version, whose cel-go decides. `patches` marks what only expressions that make JSON patches have.
//!
//! The order is that of the declarations: it decides which overload a free type takes. They are, in this order, those
//! of cel-go's `common/stdlib/standard.go`; apiserver's `pkg/cel/library/urls.go`, `regex.go`, `lists.go`, `authz.go`;
//! cel-go's optional types (`cel/library.go`); apiserver's `quantity.go`; cel-go's `ext/strings.go` in version 2 and
//! `ext/sets.go`; apiserver's `ip.go`, `cidr.go`, `format.go`, `semverlib.go`, `jsonpatch.go`; cel-go's
//! `ext/comprehensions.go` and `ext/lists.go` in version 3. Which version of the libraries has which is in apiserver's
//! `pkg/cel/environment/base.go`.

use crate::syntax::Dialect;
use crate::types::Type;
use std::sync::OnceLock;

/// An overload of a function.
pub(crate) struct Overload {
    pub(crate) function: &'static str,
    /// Whether it is called on a target, its first parameter.
    pub(crate) member: bool,
    pub(crate) parameters: Vec<Type>,
    pub(crate) result: Type,
    /// Which type parameters it has, in order.
    pub(crate) variables: Vec<u32>,
    versions: Versions,
}

/// Which versions have an overload.
#[derive(Clone, Copy)]
struct Versions {
    libraries: (u8, u8),
    server: (u8, u8),
    patches: bool,
}

impl Overload {
    /// Whether a server has it; `patches` says whether the expression makes JSON patches.
    pub(crate) fn is_in(&self, dialect: Dialect, patches: bool) -> bool {
        let within = |(since, until), version| since <= version && version < until;
        within(self.versions.libraries, dialect.libraries.minor())
            && within(self.versions.server, dialect.server.minor())
            && (patches || !self.versions.patches)
    }
}

/// The overloads of a function, in any version.
pub(crate) fn overloads(function: &str) -> &'static [Overload] {
    static ALL: OnceLock<Vec<Overload>> = OnceLock::new();
    let all = ALL.get_or_init(|| read(include_str!("declarations/functions.txt")));
    let start = all.partition_point(|overload| overload.function < function);
    let len = all.get(start..).unwrap_or_default().partition_point(|overload| overload.function == function);
    all.get(start..start + len).unwrap_or_default()
}

fn read(text: &'static str) -> Vec<Overload> {
    let mut all = Vec::new();
    for line in text.lines() {
        let Some((head, list)) = line.split_once(" : ") else { continue };
        let (names, versions) = marks(head);
        for overload in list.split(';') {
            let Some((parameters, result)) = overload.split_once("->") else { continue };
            let member = parameters.trim_start().starts_with('.');
            let parameters: Vec<Type> =
                parameters.split_whitespace().map(|it| ty(it.trim_start_matches('.'))).collect();
            let result = ty(result.trim());
            let mut variables = Vec::new();
            parameters.iter().chain([&result]).for_each(|ty| collect(ty, &mut variables));
            for function in &names {
                let (parameters, result, variables) = (parameters.clone(), result.clone(), variables.clone());
                all.push(Overload { function, member, parameters, result, variables, versions });
            }
        }
    }
    // Stable: the overloads of a function stay in the order of the text.
    seaworthy_source::order::sort_by_key(&mut all, |overload| overload.function);
    all
}

/// The names before the colon, and the versions their marks allow.
fn marks(head: &'static str) -> (Vec<&'static str>, Versions) {
    let mut names = Vec::new();
    let mut versions = Versions { libraries: (0, u8::MAX), server: (0, u8::MAX), patches: false };
    let mut of_server = false;
    let mut words = head.split(' ');
    while let Some(word) = words.next() {
        match word {
            "server" => of_server = true,
            "patches" => versions.patches = true,
            "since" | "until" => {
                let minor = words.next().and_then(|it| it.strip_prefix("1.")).and_then(|it| it.parse().ok());
                let range = if of_server { &mut versions.server } else { &mut versions.libraries };
                let bound = if word == "since" { &mut range.0 } else { &mut range.1 };
                *bound = minor.unwrap_or(*bound);
                of_server = false;
            }
            name => names.push(name),
        }
    }
    (names, versions)
}

/// A type as the table writes it.
pub(crate) fn ty(text: &str) -> Type {
    let (name, inner) = text.strip_suffix(')').and_then(|it| it.split_once('(')).unwrap_or((text, ""));
    match name {
        "bool" => Type::Bool,
        "int" => Type::Int,
        "uint" => Type::Uint,
        "double" => Type::Double,
        "string" => Type::String,
        "bytes" => Type::Bytes,
        "duration" => Type::Duration,
        "timestamp" => Type::Timestamp,
        "dyn" => Type::Dyn,
        "list" => Type::list(ty(inner)),
        "map" => {
            let (key, value) = inner.split_once(',').unwrap_or((inner, ""));
            Type::map(ty(key), ty(value))
        }
        "type" => Type::Type(Some(ty(inner).into())),
        "optional_type" => Type::optional(ty(inner)),
        "net.IP" | "net.CIDR" => Type::Opaque(name.into(), [].into()),
        "Format" => Type::object("kubernetes.Named", name),
        "Authorizer" | "PathCheck" | "GroupCheck" | "ResourceCheck" | "Decision" => {
            Type::object("kubernetes.authorization.", name)
        }
        _ => match name.as_bytes() {
            [letter @ b'A'..=b'Z'] => Type::Param(u32::from(*letter)),
            _ => Type::object("kubernetes.", name),
        },
    }
}

fn collect(ty: &Type, variables: &mut Vec<u32>) {
    if let Type::Param(number) = ty
        && !variables.contains(number)
    {
        variables.push(*number);
    }
    ty.parameters(&mut |inner| collect(inner, variables));
}

#[cfg(test)]
mod tests {
    use super::*;
    use seaworthy_object::Version;

    fn dialect(minor: u8) -> Dialect {
        Dialect { server: Version::minor_of(minor), libraries: Version::minor_of(minor) }
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        for line in include_str!("declarations/functions.txt").lines() {
            let name = line.split(' ').next().unwrap();
            assert!(!overloads(name).is_empty(), "{line}");
        }
        assert_eq!(overloads("_<_").len(), 14);
    }

    #[test]
    fn versions_have_what_they_have() {
        let has = |name: &str, minor| overloads(name).iter().any(|it| it.is_in(dialect(minor), false));
        assert!(has("semver", 33) && !has("semver", 32));
        assert!(has("first", 33) && !has("first", 32));
        assert!(!has("jsonpatch.escapeKey", 37));
        let durations = |minor| overloads("duration").iter().filter(|it| it.is_in(dialect(minor), false)).count();
        assert_eq!((durations(36), durations(37)), (3, 2));
    }
}
