//! References to images, by the grammar that container runtimes use (github.com/distribution/reference).

use std::fmt;

use thiserror::Error;

/// The registry of images that name none.
const DEFAULT_REGISTRY: &str = "docker.io";
/// The longest name of a repository, registry included.
const LONGEST_NAME: usize = 255;
/// The longest tag.
const LONGEST_TAG: usize = 128;
/// Digest algorithms with the length of their hexadecimal digits.
const ALGORITHMS: &[(&str, usize)] = &[("sha256", 64), ("sha384", 96), ("sha512", 128)];

/// An image as a container names it, taken apart: `registry.example.com:5000/team/app:1.2@sha256:…`. Its `Display` is
/// the text it was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImageReference<'a> {
    registry: Option<&'a str>,
    repository: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

/// Why a text names no image; the kubelet says `InvalidImageName`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ImageError {
    /// Nothing, or the name between registry and tag is missing or malformed.
    #[error("invalid reference format")]
    Format,
    /// Capitals in the repository.
    #[error("repository name must be lowercase")]
    Uppercase,
    /// The name is longer than 255 bytes.
    #[error("repository name must not be more than {LONGEST_NAME} characters")]
    TooLong,
    /// 64 hexadecimal digits are an image's id, not a name.
    #[error("cannot specify 64-byte hexadecimal strings")]
    Id,
    /// The digest is of no known algorithm, or has the wrong length.
    #[error("invalid checksum digest")]
    Digest,
}

impl<'a> ImageReference<'a> {
    /// Takes a reference apart.
    ///
    /// # Errors
    /// The text is no reference by the grammar.
    pub fn parse(text: &'a str) -> Result<Self, ImageError> {
        if text.len() == 64 && text.bytes().all(is_hex) {
            return Err(ImageError::Id);
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (registry, path) = match rest.split_once('/') {
            Some((first, path)) if is_registry(first) => (Some(first), path),
            _ => (None, rest),
        };
        let (repository, tag) = match path.rsplit_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        if registry.is_some_and(|it| !is_host_and_port(it)) || tag.is_some_and(|it| !is_tag(it)) {
            return Err(ImageError::Format);
        }
        if !repository.split('/').all(is_path_component) {
            let lower = repository.to_ascii_lowercase();
            let only_case = lower.split('/').all(is_path_component);
            return Err(if only_case { ImageError::Uppercase } else { ImageError::Format });
        }
        if digest.is_some_and(|it| !is_digest(it)) {
            return Err(ImageError::Digest);
        }
        let reference = Self { registry, repository, tag, digest };
        if reference.registry().len() + 1 + reference.path().chars().count() > LONGEST_NAME {
            return Err(ImageError::TooLong);
        }
        Ok(reference)
    }

    /// The registry as a runtime asks it: `docker.io` where none is written.
    #[must_use]
    pub fn registry(&self) -> &'a str {
        match self.registry {
            None | Some("index.docker.io") => DEFAULT_REGISTRY,
            Some(registry) => registry,
        }
    }

    /// The registry, if one is written.
    #[must_use]
    pub fn written_registry(&self) -> Option<&'a str> {
        self.registry
    }

    /// The repository as written, without the registry: `nginx`, `team/app`.
    #[must_use]
    pub fn repository(&self) -> &'a str {
        self.repository
    }

    /// The repository as a registry knows it: `library/nginx` for Docker Hub's own images.
    #[must_use]
    pub fn path(&self) -> String {
        if self.registry() == DEFAULT_REGISTRY && !self.repository.contains('/') {
            return format!("library/{}", self.repository);
        }
        self.repository.to_owned()
    }

    /// The last part of the repository, which mostly names the product.
    #[must_use]
    pub fn short_name(&self) -> &'a str {
        self.repository.rsplit('/').next().unwrap_or(self.repository)
    }

    /// The tag, if one is written.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.tag
    }

    /// The digest, if one is written: `sha256:…`.
    #[must_use]
    pub fn digest(&self) -> Option<&'a str> {
        self.digest
    }
}

impl fmt::Display for ImageReference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(registry) = self.registry {
            write!(f, "{registry}/")?;
        }
        f.write_str(self.repository)?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

/// True if the part before the first slash is a registry and not a piece of the repository (`splitDockerDomain`).
fn is_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.bytes().any(|byte| byte.is_ascii_uppercase())
}

fn is_host_and_port(text: &str) -> bool {
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, rest)) = rest.split_once(']') else { return false };
        let is_address = !address.is_empty() && address.bytes().all(|byte| is_hex(byte) || byte == b':');
        return is_address && (rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port));
    }
    match text.split_once(':') {
        Some((host, port)) => is_host(host) && is_port(port),
        None => is_host(text),
    }
}

fn is_host(text: &str) -> bool {
    text.split('.').all(|label| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.bytes().all(allowed)
    })
}

/// Lower-case letters and digits, in runs that `.`, `_`, `__` or dashes join.
fn is_path_component(text: &str) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_joint = |joint: &[u8]| matches!(joint, b"." | b"_" | b"__") || joint.iter().all(|&byte| byte == b'-');
    let bytes = text.as_bytes();
    bytes.first().is_some_and(is_plain)
        && bytes.last().is_some_and(is_plain)
        && bytes.split(is_plain).filter(|joint| !joint.is_empty()).all(is_joint)
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= LONGEST_TAG
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, digits)| {
        ALGORITHMS.iter().any(|&(name, length)| name == algorithm && digits.len() == length)
            && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
    })
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str) -> (&str, String, Option<&str>, Option<&str>) {
        let image = ImageReference::parse(text).unwrap();
        (image.registry(), image.path(), image.tag(), image.digest())
    }

    #[test]
    fn as_runtimes_read_them() {
        let hub = |path: &str| ("docker.io", path.to_owned(), None, None);
        assert_eq!(parts("nginx"), hub("library/nginx"));
        assert_eq!(parts("team/app"), hub("team/app"));
        assert_eq!(parts("docker.io/nginx"), hub("library/nginx"));
        assert_eq!(parts("index.docker.io/library/nginx"), hub("library/nginx"));
        assert_eq!(parts("a__b/c.d/e---f"), hub("a__b/c.d/e---f"));
        assert_eq!(parts("nginx:1.27"), ("docker.io", "library/nginx".to_owned(), Some("1.27"), None));
        assert_eq!(parts("reg.io:5000/app"), ("reg.io:5000", "app".to_owned(), None, None));
        assert_eq!(parts("localhost/app:x"), ("localhost", "app".to_owned(), Some("x"), None));
        assert_eq!(parts("[fd00::1]:5000/app"), ("[fd00::1]:5000", "app".to_owned(), None, None));
        assert_eq!(parts("Registry/app"), ("Registry", "app".to_owned(), None, None));
        let digest = format!("sha256:{}", "0a".repeat(32));
        let text = format!("quay.io/a/b:v1@{digest}");
        assert_eq!(parts(&text), ("quay.io", "a/b".to_owned(), Some("v1"), Some(digest.as_str())));
    }

    #[test]
    fn what_names_no_image() {
        let error = |text: &str| ImageReference::parse(text).unwrap_err();
        for text in [
            "",
            ":",
            "nginx:",
            ":1.27",
            "nginx ",
            "https://reg.io/app",
            "a//b",
            "a/",
            "-a",
            "a_",
            "a..b",
            "a___b",
            "{{ .image }}",
            "$(IMAGE)",
            "reg.io:/app",
            "reg.io:5000:6000/app",
            "[fd00::1/app",
            "nginx:a/b:c d",
        ] {
            assert_eq!(error(text), ImageError::Format, "{text:?}");
        }
        assert_eq!(error("Nginx"), ImageError::Uppercase);
        assert_eq!(error("reg.io/Team/app"), ImageError::Uppercase);
        assert_eq!(error(&"a".repeat(64)), ImageError::Id);
        assert_eq!(error(&"a".repeat(250)), ImageError::TooLong);
        assert_eq!(error("nginx@sha256:abc"), ImageError::Digest);
        assert_eq!(error(&format!("nginx@md5:{}", "a".repeat(64))), ImageError::Digest);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic_and_comes_back(text in ".{0,80}") {
            if let Ok(image) = ImageReference::parse(&text) {
                prop_assert_eq!(image.to_string(), text);
            }
        }

        #[test]
        fn what_the_grammar_makes_is_read(
            registry in prop::option::of("[a-z0-9]{1,8}(-[a-z0-9]{1,3})?\\.[a-z]{2,3}(:[0-9]{1,5})?"),
            repository in "[a-z0-9]{1,8}((_|__|-{1,3})[a-z0-9]{1,4}){0,2}(/[a-z0-9]{1,8}){0,2}",
            tag in prop::option::of("[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}"),
            digest in prop::option::of("sha256:[0-9a-f]{64}"),
        ) {
            let mut text = registry.as_ref().map_or(String::new(), |it| format!("{it}/"));
            text.push_str(&repository);
            tag.iter().for_each(|it| text.push_str(&format!(":{it}")));
            digest.iter().for_each(|it| text.push_str(&format!("@{it}")));
            let image = ImageReference::parse(&text).unwrap();
            prop_assert_eq!(image.written_registry(), registry.as_deref());
            prop_assert_eq!(image.repository(), repository);
            prop_assert_eq!(image.tag(), tag.as_deref());
            prop_assert_eq!(image.digest(), digest.as_deref());
        }
    }
}
