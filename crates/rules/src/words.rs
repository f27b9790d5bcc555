//! Words that several rules put together.

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn all_of(parts: &[impl AsRef<str>]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [most @ .., last] => {
            let most: Vec<&str> = most.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", most.join(", "), last.as_ref())
        }
    }
}

/// What is missing, after `no`: `a`, `a and no b`, `a, no b and no c`.
pub(crate) fn none_of(parts: &[String]) -> String {
    let parts: Vec<String> =
        parts.iter().enumerate().map(|(at, it)| if at == 0 { it.clone() } else { format!("no {it}") }).collect();
    all_of(&parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_people_say_them() {
        assert_eq!(all_of(&["80"]), "80");
        assert_eq!(all_of(&["80", "443"]), "80 and 443");
        assert_eq!(all_of(&["80", "443", "8080"]), "80, 443 and 8080");
        let parts = ["cpu request", "memory limit"].map(str::to_owned);
        assert_eq!(none_of(&parts), "cpu request and no memory limit");
    }
}
