//! Expressions of CEL, tried out against what files say.

use seaworthy_cel::{Admission, Value};
use seaworthy_document::{Node, read};
use seaworthy_fleet::nearest;
use seaworthy_object::Version;
use seaworthy_source::Source;

/// Why a file does not say what an expression sees.
#[derive(Debug, thiserror::Error)]
pub enum NoEnvironment {
    /// It cannot be read, or is not YAML.
    #[error("{0}")]
    Syntax(String),
    /// It holds no document, or more than one.
    #[error("it holds {0} documents, not one")]
    Documents(usize),
    /// The document is no object.
    #[error("it holds {0}, not an object")]
    NoObject(&'static str),
    /// The object has a key that means nothing.
    #[error(
        "`{key}` is not known: {known} are{}",
        nearest.as_ref().map(|it| format!("; did you mean `{it}`?")).unwrap_or_default(),
        known = Admission::KEYS.join(", ")
    )]
    Key {
        /// The key.
        key: String,
        /// What was meant, perhaps.
        nearest: Option<String>,
    },
}

/// What an expression sees: `environment` is an object with the keys of [`Admission::KEYS`], `object` a manifest.
///
/// # Errors
///
/// One of them does not say it; the first of the pair is its name.
pub fn admission(
    version: Version,
    environment: Option<&Source>,
    object: Option<&Source>,
) -> Result<Admission, (String, NoEnvironment)> {
    let mut admission = match environment {
        None => Admission::new(version, false),
        Some(source) => with_root(source, |root| {
            let keys: Vec<&str> = root.entries().map(|entry| entry.name()).collect();
            if let Some(key) = keys.into_iter().find(|key| !Admission::KEYS.contains(key)) {
                let nearest = nearest(key, Admission::KEYS).map(str::to_owned);
                return Err(NoEnvironment::Key { key: key.to_owned(), nearest });
            }
            Ok(Admission::of_document(version, root))
        })?,
    };
    if let Some(source) = object {
        admission = admission.with("object", with_root(source, |root| Ok(Value::of_node(root)))?);
    }
    Ok(admission)
}

/// Reads the only document of a source.
fn with_root<T>(
    source: &Source,
    take: impl FnOnce(Node<'_>) -> Result<T, NoEnvironment>,
) -> Result<T, (String, NoEnvironment)> {
    let name = |error| (source.name().to_owned(), error);
    if let Some(why) = source.why_unread() {
        return Err(name(NoEnvironment::Syntax(why.to_owned())));
    }
    let documents = read(source);
    if let Some(error) = documents.iter().find_map(|document| document.error()) {
        return Err(name(NoEnvironment::Syntax(error.to_string())));
    }
    let roots: Vec<Node<'_>> = documents.iter().filter_map(|it| it.root()).filter(|root| !root.is_null()).collect();
    let [root] = roots.as_slice() else { return Err(name(NoEnvironment::Documents(roots.len()))) };
    if !root.is_mapping() {
        return Err(name(NoEnvironment::NoObject(root.value().type_name())));
    }
    take(*root).map_err(name)
}
