//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use seaworthy::policy::Selection;
use seaworthy::rules::Pack;
use seaworthy::{Groups, Level, NodeFacts, Scale, Version, Versions, Without};

/// Models a whole Kubernetes fleet from its manifests and tells, before anything is applied, whether it will be
/// accepted, whether it will run, and whether it is what was meant.
#[derive(Debug, Parser)]
#[command(name = "seaworthy", version, max_term_width = 110, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Validate manifests
    Check(Check),
    /// Show what the model understood, as tables
    Describe(Describe),
    /// Tell whether every pod can be placed and every claim binds
    Place(Box<Place>),
    /// Write a fleet.yaml that describes what is there
    Init(Init),
    /// Write the CustomResourceDefinitions of files into one small file, for --crds
    Crds(Crds),
    /// Answer admission reviews over HTTPS
    #[cfg(feature = "serve")]
    Serve(Box<crate::serve::Serve>),
    /// Answer an editor on standard input and output: the language server
    #[cfg(feature = "lsp")]
    Lsp(crate::lsp::Lsp),
    /// Keep the webhook's certificate valid, and trusted by the API server
    #[cfg(feature = "cluster")]
    Certificate(Box<crate::certificate::Certificate>),
    /// Read from a live cluster what --cluster takes: nodes, classes, volumes, claims, definitions; never a secret
    #[cfg(feature = "snapshot")]
    Snapshot(crate::snapshot::Snapshot),
    /// Try an expression of CEL against an object, as an admission policy would
    Eval(Eval),
    /// Print the page of a rule
    Explain {
        /// The rule, such as `service-selects-nothing`
        rule: String,
    },
    /// List the rules
    Rules {
        /// How to print the list
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages, one a command
    Man {
        /// The folder to write them to, such as `/usr/local/share/man/man1`
        directory: PathBuf,
    },
}

/// Flags of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Kubernetes versions to judge for, such as `1.34` or `1.34,1.37` [default: the newest]
    #[arg(long, global = true, value_name = "VERSION", value_delimiter = ',')]
    pub(crate) kubernetes_version: Vec<Version>,
    /// The Fleet document [default: fleet.yaml here where no path is given, else one among the paths]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) fleet: Option<PathBuf>,
    /// A Policy document: packs, levels, options and suppressions
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// A file that describes the cluster: Node manifests, a snapshot, or what eksctl, kops, kubeadm or kind reads
    /// (repeatable)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) cluster: Vec<PathBuf>,
    /// A file or folder with CustomResourceDefinitions (repeatable)
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) crds: Vec<PathBuf>,
    /// The given set is all there is: what is not found is missing
    #[arg(long, global = true)]
    pub(crate) complete: bool,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Print only what counts as an error
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print everything: infos, folded findings, references that lead outside, what was skipped
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

impl Common {
    /// The versions that were asked for, if any were.
    pub(crate) fn versions(&self) -> Option<Versions> {
        (!self.kubernetes_version.is_empty()).then(|| self.kubernetes_version.iter().copied().collect())
    }
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// How to print the report
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// Also write the report to a file, such as `sarif=report.sarif` (repeatable)
    #[arg(long, value_name = "FORMAT=PATH", value_parser = output)]
    pub(crate) output: Vec<(ReportFormat, PathBuf)>,
    /// Run these rules or categories alone
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = selection)]
    pub(crate) only: Vec<Selection>,
    /// Leave these rules or categories out
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = selection)]
    pub(crate) skip: Vec<Selection>,
    /// Add a pack: recommended, strict, pss-baseline or pss-restricted (repeatable)
    #[arg(long, value_name = "NAME", value_parser = pack)]
    pub(crate) pack: Vec<Pack>,
    /// The quietest level that makes the exit code 1
    #[arg(long, value_enum, default_value_t = FailOn::Error)]
    pub(crate) fail_on: FailOn,
    /// Manifests as they were applied before: also judge what must not change (repeatable)
    #[arg(long, value_name = "PATH")]
    pub(crate) against: Vec<PathBuf>,
    /// Leave out the findings that this baseline holds
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write the findings of today into a baseline; the exit code is 0
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Describe {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// How to print the tables
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Place {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// How many replicas there are
    #[arg(long, value_enum, default_value_t = At::Declared)]
    pub(crate) at: At,
    /// How many nodes those groups have that can grow
    #[arg(long, value_enum, default_value_t = GroupSize::Now)]
    pub(crate) groups: GroupSize,
    /// What fails: `node=NAME` or `zone=NAME` (repeatable)
    #[arg(long, value_name = "WHAT=NAME", value_parser = without)]
    pub(crate) without: Vec<Without>,
    /// Also tell what every single failure of a node or a zone leaves without a place (up to 200 nodes)
    #[arg(long)]
    pub(crate) failures: bool,
    /// Add nodes: `cpu=4,memory=16Gi,zone=a,count=2` or `type=m5.large`; also `label=KEY:VALUE`, `taint=KEY:EFFECT`
    /// and other resources (repeatable)
    #[arg(long, value_name = "KEY=VALUE,...", value_parser = seaworthy::node_facts)]
    pub(crate) add_node: Vec<NodeFacts>,
    /// How to print the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum At {
    /// As the manifests say
    Declared,
    /// Every autoscaler at its minimum
    HpaMin,
    /// Every autoscaler at its maximum
    HpaMax,
    /// In the middle of a rollout of every Deployment
    Surge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroupSize {
    /// Their minimum
    Min,
    /// What they start with
    Now,
    /// Their maximum
    Max,
}

impl From<At> for Scale {
    fn from(at: At) -> Scale {
        match at {
            At::Declared => Scale::Declared,
            At::HpaMin => Scale::HpaMin,
            At::HpaMax => Scale::HpaMax,
            At::Surge => Scale::Surge,
        }
    }
}

impl From<GroupSize> for Groups {
    fn from(size: GroupSize) -> Groups {
        match size {
            GroupSize::Min => Groups::Min,
            GroupSize::Now => Groups::Now,
            GroupSize::Max => Groups::Max,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Init {
    #[command(flatten)]
    pub(crate) paths: Paths,
    /// Where to write it; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "fleet.yaml")]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Crds {
    /// Files, folders or globs; `-` is standard input, such as `kubectl get crds -o yaml` writes it
    #[arg(value_name = "PATH", required = true)]
    pub(crate) paths: Vec<PathBuf>,
    /// Where to write it; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The expression, such as `object.spec.replicas < 5`
    #[arg(required_unless_present = "batch")]
    pub(crate) expression: Option<String>,
    /// A manifest, which is `object`; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) object: Option<PathBuf>,
    /// A file with the keys object, oldObject, params, namespaceObject, request and variables (expressions by name)
    #[arg(long, value_name = "FILE")]
    pub(crate) env: Option<PathBuf>,
    /// Many expressions, each of which must be true or false: a file with an object `{"expression": "..."}` a line
    #[arg(long, value_name = "FILE", conflicts_with = "expression")]
    pub(crate) batch: Option<PathBuf>,
    /// How to print the value
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Paths {
    /// Files, folders or globs; `-` is standard input [default: the working directory]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for GitHub code scanning and editors
    Sarif,
    /// JUnit XML, for the test views of GitLab, Jenkins and others
    Junit,
    /// Annotations of GitHub Actions
    Github,
    /// GitLab Code Quality
    Gitlab,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors
    Error,
    /// Warnings and errors
    Warning,
    /// Anything
    Info,
}

impl From<FailOn> for Level {
    fn from(fail_on: FailOn) -> Level {
        match fail_on {
            FailOn::Error => Level::Error,
            FailOn::Warning => Level::Warning,
            FailOn::Info => Level::Info,
        }
    }
}

fn selection(name: &str) -> Result<Selection, String> {
    Selection::named(name).map_err(|error| error.to_string())
}

fn pack(name: &str) -> Result<Pack, String> {
    seaworthy::policy::pack(name).map_err(|error| error.to_string())
}

fn without(text: &str) -> Result<Without, String> {
    match text.split_once('=') {
        Some((_, "")) => Err("the name is missing".to_owned()),
        Some(("node", name)) => Ok(Without::Node(name.to_owned())),
        Some(("zone", name)) => Ok(Without::Zone(name.to_owned())),
        _ => Err("expected node=NAME or zone=NAME".to_owned()),
    }
}

fn output(text: &str) -> Result<(ReportFormat, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("expected FORMAT=PATH, such as sarif=report.sarif")?;
    let format = ReportFormat::from_str(format, false).map_err(|_| {
        let names = ReportFormat::value_variants().iter().filter_map(ReportFormat::to_possible_value);
        let names: Vec<_> = names.map(|it| it.get_name().to_owned()).collect();
        format!("no format is called `{format}`: {}", names.join(", "))
    })?;
    match path {
        "" => Err("the path is missing".to_owned()),
        "-" => Err("--format says what goes to standard output".to_owned()),
        path => Ok((format, PathBuf::from(path))),
    }
}
