//! Why the command itself could not do its work.

use std::io;
use std::path::PathBuf;

use seaworthy::policy::NoBaseline;

/// A failure of the command: exit code 2.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("cannot read {path}: {why}", path = path.display(), why = words(error))]
    Read { path: PathBuf, error: io::Error },
    #[error("cannot write {path}: {why}", path = path.display(), why = words(error))]
    Write { path: PathBuf, error: io::Error },
    #[error("{path} is there already: --force replaces it", path = path.display())]
    Exists { path: PathBuf },
    #[error("no file matches {glob}")]
    NothingMatches { glob: String },
    #[error("{glob} is no glob: {why}")]
    Glob { glob: String, why: String },
    #[error("no rule is called `{name}`{}", nearest.as_ref().map(|it| format!(": did you mean `{it}`?")).unwrap_or_default())]
    NoSuchRule { name: String, nearest: Option<String> },
    #[error("{path} holds no document of kind Policy or Fleet", path = path.display())]
    NoPolicy { path: PathBuf },
    #[error("{path} does not say what the expression sees: {error}")]
    Environment { path: String, error: seaworthy::NoEnvironment },
    #[error("line {line} of {path} is no object with an `expression`", path = path.display())]
    Batch { path: PathBuf, line: usize },
    #[error("an expression is tried for one version of Kubernetes at a time")]
    Versions,
    #[cfg(feature = "serve")]
    #[error("the policy of {path} is wrong", path = path.display())]
    WrongPolicy { path: PathBuf },
    #[cfg(any(feature = "serve", feature = "lsp"))]
    #[error("{flag} has no meaning for `{command}`")]
    Meaningless { flag: &'static str, command: &'static str },
    #[cfg(feature = "serve")]
    #[error(transparent)]
    Serve(#[from] seaworthy_serve::StartError),
    #[cfg(feature = "cluster")]
    #[error(transparent)]
    Certificate(#[from] seaworthy_serve::certificate::Error),
    #[cfg(feature = "snapshot")]
    #[error("{0}")]
    NoSnapshot(String),
    #[error("{path}: {error}", path = path.display())]
    Baseline { path: PathBuf, error: NoBaseline },
    #[cfg(feature = "lsp")]
    #[error("the editor does not speak the Language Server Protocol: {0}")]
    Frame(&'static str),
    #[error("{}", not_placed(.0))]
    NotPlaced(seaworthy::NotPlaced),
    #[error("cannot print: {}", words(.0))]
    Print(io::Error),
    /// The reader of our output went away (`seaworthy check | head`): nothing to complain about.
    #[error("the output was closed")]
    ClosedPipe,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::ClosedPipe,
            _ => Failure::Print(error),
        }
    }
}

fn not_placed(why: &seaworthy::NotPlaced) -> String {
    match why {
        seaworthy::NotPlaced::NoNodes { unread } => {
            let mut said =
                "no node is known: give Node manifests among the paths, a file that describes the cluster by \
                            --cluster, `spec.cluster.nodes` in the Fleet document, or --add-node"
                    .to_owned();
            unread.iter().for_each(|it| said.extend(["\n  ", it]));
            said
        }
        seaworthy::NotPlaced::NoSuch { what, nearest } => {
            let meant = nearest.as_ref().map(|it| format!(": did you mean `{it}`?")).unwrap_or_default();
            format!("--without {what}: no node is there{meant}")
        }
    }
}

/// The system's words without its error number.
pub(crate) fn words(error: &io::Error) -> String {
    without_number(&error.to_string()).to_lowercase()
}

/// A text without the system's error number.
pub(crate) fn without_number(text: &str) -> &str {
    text.split(" (os error").next().unwrap_or("")
}
