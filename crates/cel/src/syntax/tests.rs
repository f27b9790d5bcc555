use super::*;

fn dialect() -> Dialect {
    Dialect { server: Version::minor_of(37), libraries: Version::minor_of(37) }
}

fn refused(source: &str) -> String {
    parse(dialect(), source).unwrap_err().text
}
