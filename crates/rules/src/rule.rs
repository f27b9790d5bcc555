//! What a rule is.

use std::fmt;
use std::sync::Arc;

use seaworthy_apiserver::Answer;
use seaworthy_diagnostic::Level;
use seaworthy_document::{Document, Limits, Node};
use seaworthy_fleet::{Fault, Fleet};
use seaworthy_object::{Container, Content, Field, Object, Other, Pod};
use seaworthy_placement::{Bindings, Cluster};
use seaworthy_source::file_name;
use serde::de::DeserializeOwned;

use crate::{Reporter, Suppression, options};

/// A rule is a type: its fields are its options, its constants say what it is, and `CHECK` says what it reads.
pub trait Rule: Default + DeserializeOwned + Send + Sync + 'static {
    /// What it is.
    const META: Meta;
    /// What it reads, and the function that reads it.
    const CHECK: Check<Self>;

    /// Sets the limits of reading that its options state.
    fn limit(&self, _limits: &mut Limits) {}
}

/// What a rule is, apart from its code.
#[derive(Debug, Clone, Copy)]
pub struct Meta {
    /// Its id, which names the offence.
    pub id: &'static str,
    /// Its category.
    pub category: Category,
    /// How loud it is in the default pack; none is off.
    pub level: Option<Level>,
    /// How loud it is in other packs, where they differ.
    pub packs: &'static [(Pack, Level)],
    /// The version of Seaworthy that brought it.
    pub since: &'static str,
    /// What `explain` prints and the tests run; empty without the feature `pages`.
    pub page: &'static str,
}

impl Meta {
    /// The first paragraph of the page, on one line.
    #[must_use]
    pub fn introduction(&self) -> String {
        let lines = self.page.lines().skip(1).skip_while(|line| line.is_empty());
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The first sentence of the page, without its full stop.
    #[must_use]
    pub fn summary(&self) -> String {
        let introduction = self.introduction();
        let sentence = introduction.split(". ").next().unwrap_or_default();
        sentence.trim_end_matches('.').to_owned()
    }
}

/// The categories, in the order of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// YAML as Kubernetes reads it.
    Syntax,
    /// What the API server answers to one object.
    Api,
    /// What built-in admission answers when it can see other objects.
    Admission,
    /// Names, keys, ports and selectors between objects.
    Reference,
    /// Claims, volumes and classes.
    Storage,
    /// Services, Ingresses and policies.
    Network,
    /// Resources, probes, life cycle, rollout.
    Workload,
    /// Placement and capacity.
    Scheduling,
    /// Autoscalers.
    Scaling,
    /// Pod security, credentials, RBAC.
    Security,
    /// Image references.
    Image,
    /// Facts of cluster documents.
    Cluster,
    /// Istio, Cilium, Prometheus operator.
    Mesh,
    /// Conformance to a Fleet document.
    Architecture,
    /// Duplicates, leftovers, house rules.
    Hygiene,
}

impl Category {
    /// All of them, in order.
    pub const ALL: [Category; 15] = [
        Category::Syntax,
        Category::Api,
        Category::Admission,
        Category::Reference,
        Category::Storage,
        Category::Network,
        Category::Workload,
        Category::Scheduling,
        Category::Scaling,
        Category::Security,
        Category::Image,
        Category::Cluster,
        Category::Mesh,
        Category::Architecture,
        Category::Hygiene,
    ];

    /// Its name in flags and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Category::Syntax => "syntax",
            Category::Api => "api",
            Category::Admission => "admission",
            Category::Reference => "reference",
            Category::Storage => "storage",
            Category::Network => "network",
            Category::Workload => "workload",
            Category::Scheduling => "scheduling",
            Category::Scaling => "scaling",
            Category::Security => "security",
            Category::Image => "image",
            Category::Cluster => "cluster",
            Category::Mesh => "mesh",
            Category::Architecture => "architecture",
            Category::Hygiene => "hygiene",
        }
    }
}

/// A set of levels for an audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pack {
    /// What a team should want.
    Recommended,
    /// What an auditor asks for.
    Strict,
    /// The Pod Security Standard *baseline*.
    PssBaseline,
    /// The Pod Security Standard *restricted*; includes baseline.
    PssRestricted,
}

impl Pack {
    /// All of them.
    pub const ALL: [Pack; 4] = [Pack::Recommended, Pack::Strict, Pack::PssBaseline, Pack::PssRestricted];

    /// Its name in flags and policies.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Pack::Recommended => "recommended",
            Pack::Strict => "strict",
            Pack::PssBaseline => "pss-baseline",
            Pack::PssRestricted => "pss-restricted",
        }
    }

    /// The pack whose levels hold too where this one says nothing.
    #[must_use]
    pub fn includes(self) -> Option<Pack> {
        match self {
            Pack::Strict => Some(Pack::Recommended),
            Pack::PssRestricted => Some(Pack::PssBaseline),
            Pack::Recommended | Pack::PssBaseline => None,
        }
    }
}

/// Who said how loud a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// Nobody: the default pack, in which some rules speak of their gravest cases alone.
    #[default]
    Usual,
    /// A pack that names the rule, itself or by what it includes; of several the strictest.
    Pack(Pack),
    /// Whoever set its level, or asked for it by name.
    Name,
}

/// One document with what it holds.
#[derive(Clone, Copy)]
pub struct Sheet<'a> {
    /// The document.
    pub document: &'a Document,
    /// What it holds.
    pub content: &'a Content<'a>,
    /// What all documents of its source hold, in order.
    pub contents: &'a [Content<'a>],
    /// The name of its source.
    pub file: &'a str,
}

impl<'a> Sheet<'a> {
    /// What the document is, if it holds no objects.
    pub(crate) fn other(&self) -> Option<Other> {
        if let Content::Other(other) = self.content { Some(*other) } else { None }
    }

    /// The object that holds a node.
    pub(crate) fn object_of(&self, node: Node<'a>) -> Option<&'a Object<'a>> {
        let objects = match self.content {
            Content::Manifest(manifest) => manifest.list.as_slice().iter().chain(&manifest.objects),
            Content::Fleet(object) | Content::Policy(object) => std::slice::from_ref(object).iter().chain(&[]),
            Content::Other(_) => return None,
        };
        let mut around = std::iter::successors(Some(node), Node::parent);
        around.find_map(|node| objects.clone().find(|object| object.root() == node))
    }

    /// The name of the file, without its folders.
    pub(crate) fn file_name(&self) -> &'a str {
        file_name(self.file)
    }
}

/// What a rule reads. An editor reruns only what an edit can have changed: of what is looked up in a fleet each look is
/// taken down ([`Fleet::take_reads`]), so that `Member`, where it will do, is asked again for a few objects only.
pub enum Check<R> {
    /// A document as text and tree, whatever it holds.
    Document(fn(&R, Sheet<'_>, &mut Reporter<'_>)),
    /// One answer of the API server.
    Answer(fn(&R, &Answer<'_>, &mut Reporter<'_>)),
    /// One object.
    Object(for<'a> fn(&R, &'a Object<'a>, &mut Reporter<'_>)),
    /// One pod, whatever makes it.
    Pod(for<'a> fn(&R, Pod<'a>, &mut Reporter<'_>)),
    /// One container of any pod, with its pod.
    Container(for<'a> fn(&R, Pod<'a>, Container<'a>, &mut Reporter<'_>)),
    /// One object among all others: what it says there depends on what is looked up from it.
    Member(for<'a> fn(&R, &Fleet<'a>, &'a Object<'a>, &mut Reporter<'_>)),
    /// Everything at once.
    Fleet(fn(&R, &Fleet<'_>, &mut Reporter<'_>)),
    /// All claims and volumes at once, with which binds which.
    Bindings(for<'a> fn(&R, &Fleet<'a>, &Bindings<'a>, &mut Reporter<'_>)),
    /// All claims and volumes at once, and beside them each object among all others.
    BindingsAndMember(
        for<'a> fn(&R, &Fleet<'a>, &Bindings<'a>, &mut Reporter<'_>),
        for<'a> fn(&R, &Fleet<'a>, &'a Object<'a>, &mut Reporter<'_>),
    ),
    /// The fleet on its cluster: asked only where nodes are known. Who looks places all pods, once for all rules.
    Placement(for<'f, 'a> fn(&R, &'f Fleet<'a>, &Cluster<'f, 'a>, &mut Reporter<'_>)),
    /// One suppression, after all others have spoken.
    Suppression(fn(&R, &Suppression, &mut Reporter<'_>)),
}

/// What is handed to a rule.
#[derive(Clone, Copy)]
pub enum Subject<'s, 'a> {
    /// For `Check::Document`.
    Document(Sheet<'a>),
    /// For `Check::Answer`.
    Answer(&'s Answer<'a>),
    /// For `Check::Object`.
    Object(&'a Object<'a>),
    /// For `Check::Pod`.
    Pod(Pod<'a>),
    /// For `Check::Container`.
    Container(Pod<'a>, Container<'a>),
    /// For `Check::Member`.
    Member(&'s Fleet<'a>, &'a Object<'a>),
    /// For `Check::Fleet`.
    Fleet(&'s Fleet<'a>),
    /// For `Check::Bindings`.
    Bindings(&'s Fleet<'a>, &'s Bindings<'a>),
    /// For `Check::Placement`.
    Placement(&'s Fleet<'a>, &'s Cluster<'s, 'a>),
    /// For `Check::Suppression`.
    Suppression(&'s Suppression),
}

/// A rule with its options, its type forgotten.
#[derive(Clone)]
pub struct AnyRule {
    meta: &'static Meta,
    rule: Arc<dyn Erased>,
    choice: Choice,
    reads_members: bool,
    reads_whole: bool,
    reads_bindings: bool,
    reads_placement: bool,
    /// None for a rule without options.
    configure: Option<Configure>,
}

/// Makes a rule of the options of a mapping.
type Configure = for<'a> fn(Field<'a>) -> (AnyRule, Vec<Fault<'a>>);

/// What is left of a rule whose type is forgotten.
trait Erased: Send + Sync {
    fn run(&self, subject: Subject<'_, '_>, report: &mut Reporter<'_>);
    fn limit(&self, limits: &mut Limits);
}

impl<R: Rule> Erased for R {
    fn run(&self, subject: Subject<'_, '_>, report: &mut Reporter<'_>) {
        match (R::CHECK, subject) {
            (Check::Document(check), Subject::Document(sheet)) => check(self, sheet, report),
            (Check::Answer(check), Subject::Answer(answer)) => check(self, answer, report),
            (Check::Object(check), Subject::Object(object)) => check(self, object, report),
            (Check::Pod(check), Subject::Pod(pod)) => check(self, pod, report),
            (Check::Container(check), Subject::Container(pod, container)) => check(self, pod, container, report),
            (Check::Member(check) | Check::BindingsAndMember(_, check), Subject::Member(fleet, object)) => {
                check(self, fleet, object, report);
            }
            (Check::Fleet(check), Subject::Fleet(fleet)) => check(self, fleet, report),
            (Check::Bindings(check) | Check::BindingsAndMember(check, _), Subject::Bindings(fleet, bindings)) => {
                check(self, fleet, bindings, report);
            }
            (Check::Placement(check), Subject::Placement(fleet, cluster)) => check(self, fleet, cluster, report),
            (Check::Suppression(check), Subject::Suppression(it)) => check(self, it, report),
            _ => {}
        }
    }

    fn limit(&self, limits: &mut Limits) {
        Rule::limit(self, limits);
    }
}

impl AnyRule {
    /// A built-in rule with its default options.
    #[must_use]
    pub fn of<R: Rule>() -> Self {
        Self::with(R::default())
    }

    /// A rule with these options.
    #[must_use]
    pub fn with<R: Rule>(rule: R) -> Self {
        Self {
            meta: &R::META,
            rule: Arc::new(rule),
            choice: Choice::Usual,
            reads_members: matches!(R::CHECK, Check::Member(_) | Check::BindingsAndMember(..)),
            reads_whole: matches!(R::CHECK, Check::Fleet(_)),
            reads_bindings: matches!(R::CHECK, Check::Bindings(_) | Check::BindingsAndMember(..)),
            reads_placement: matches!(R::CHECK, Check::Placement(_)),
            // A reader of no options would be compiled for each of the many rules that have none.
            configure: (size_of::<R>() != 0).then_some(options::configure::<R>),
        }
    }

    /// What it is.
    #[must_use]
    pub fn meta(&self) -> &'static Meta {
        self.meta
    }

    /// The same rule, of which somebody said how loud it is.
    #[must_use]
    pub fn chosen(self, choice: Choice) -> Self {
        Self { choice, ..self }
    }

    /// Who said how loud it is.
    #[must_use]
    pub fn choice(&self) -> Choice {
        self.choice
    }

    /// The same rule with the options that stand in a mapping, and what is wrong with them; a wrong one keeps its
    /// default.
    #[must_use]
    pub fn configured<'a>(&self, options: Field<'a>) -> (AnyRule, Vec<Fault<'a>>) {
        match self.configure {
            Some(configure) => configure(options),
            None => (self.clone(), options::unknown(self.meta.id, options)),
        }
    }

    /// True if what it says of an object may depend on others.
    #[must_use]
    pub fn reads_fleet(&self) -> bool {
        self.reads_members || self.reads_whole || self.reads_bindings || self.reads_placement
    }

    /// True if it looks at objects among all others, one at a time.
    #[must_use]
    pub fn reads_members(&self) -> bool {
        self.reads_members
    }

    /// True if it looks at everything at once.
    #[must_use]
    pub fn reads_whole(&self) -> bool {
        self.reads_whole
    }

    /// True if it looks at all claims and volumes at once.
    #[must_use]
    pub fn reads_bindings(&self) -> bool {
        self.reads_bindings
    }

    /// True if it looks at the fleet on its cluster.
    #[must_use]
    pub fn reads_placement(&self) -> bool {
        self.reads_placement
    }

    /// Sets the limits of reading that its options state.
    pub fn limit(&self, limits: &mut Limits) {
        self.rule.limit(limits);
    }

    /// Runs it on a subject; a subject of another sort is not for it.
    pub fn check(&self, subject: Subject<'_, '_>, report: &mut Reporter<'_>) {
        self.rule.run(subject, report);
    }
}

impl fmt::Debug for AnyRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyRule({})", self.meta.id)
    }
}
