//! `kubeconfig-broken`.

use foldhash::HashMap;
use seaworthy_diagnostic::Level;
use seaworthy_document::{Document, Node};
use seaworthy_fleet::nearest;
use seaworthy_object::{Other, template_mark};
use seaworthy_source::{Span, order};
use serde::Deserialize;

use crate::configurations::KUBECONFIG;
use crate::reporter::Finding;
use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct KubeconfigBroken {}

impl Rule for KubeconfigBroken {
    const META: Meta = Meta {
        id: "kubeconfig-broken",
        category: Category::Cluster,
        level: Some(Level::Error),
        packs: &[],
        since: "0.1.0",
        page: page!("kubeconfig_broken.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

/// Words of the keys under which credentials stand.
const SECRET: [&str; 5] = ["-data", "password", "secret", "token", "auth-provider"];
/// So many names are looked through for one that was meant.
const NEAR: usize = 50;
/// Longer names are not compared.
const LONG: usize = 100;

/// An entry of one of the three lists.
struct Entry<'a> {
    name: Node<'a>,
    body: Option<Node<'a>>,
}

/// One of the lists, by name.
struct List<'a> {
    entries: Vec<Entry<'a>>,
    names: HashMap<&'a str, usize>,
    /// False where something stands that kubectl does not read as a list, or that a program has yet to fill.
    is_known: bool,
}

impl KubeconfigBroken {
    /// What `clientcmd.Validate` and the reading of the lists (`clientcmd/api/v1/conversion.go`) refuse, but for files
    /// on the disk, which only the machine of the user has.
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        let Some(root) = sheet.document.root() else { return };
        if sheet.other() != Some(Other::Tool(KUBECONFIG)) {
            return;
        }
        let [clusters, users, contexts] =
            [("clusters", "cluster"), ("users", "user"), ("contexts", "context")].map(|(list, of)| {
                let list = List::of(root, list, of);
                twice(sheet, &list, of, report);
                list
            });
        for context in &contexts.entries {
            of_context(sheet, context, [("cluster", &clusters), ("user", &users)], report);
        }
        for cluster in &clusters.entries {
            let server = cluster.body.and_then(|it| it.get("server"));
            if !is_text(server) {
                let message = format!("cluster `{}` has no server", cluster.name.text());
                say(sheet, server.unwrap_or(cluster.name), message, report)
                    .help("write `server: https://HOST:6443` under its `cluster`");
            }
        }
        current(sheet, root, &contexts, report);
    }
}

impl<'a> List<'a> {
    fn of(root: Node<'a>, list: &str, of: &str) -> Self {
        let list = root.get(list).filter(|it| !it.is_null());
        let items = list.into_iter().flat_map(|it| it.items());
        let entries: Vec<_> = items
            .filter_map(|item| {
                Some(Entry { name: item.get("name").filter(|it| is_text(Some(*it)))?, body: item.get(of) })
            })
            .collect();
        let names = order::filled(entries.iter().enumerate().rev().map(|(at, it)| (it.name.text(), at)));
        let is_filled = entries.iter().all(|it| template_mark(it.name.text()).is_none());
        Self { names, is_known: list.is_none_or(|it| it.is_sequence()) && is_filled, entries }
    }

    fn lacks(&self, name: &str) -> bool {
        self.is_known && template_mark(name).is_none() && !self.names.contains_key(name)
    }

    /// What was meant, or what there is.
    fn help(&self, name: &str, of: &str) -> String {
        let names = || self.entries.iter().take(NEAR).map(|it| it.name.text());
        let short = names().filter(|it| it.len() <= LONG && name.len() <= LONG);
        if let Some(near) = nearest(name, short) {
            return format!("did you mean `{near}`?");
        }
        match names().next() {
            None => format!("the file defines no {of}"),
            Some(first) if self.names.len() == 1 => format!("the only {of} of the file is `{first}`"),
            Some(first) => format!("the file defines {} {of}s, `{first}` first", self.names.len()),
        }
    }
}

/// A context names a cluster and a user that there are.
fn of_context<'a>(
    sheet: Sheet<'a>,
    context: &Entry<'a>,
    lists: [(&'static str, &List<'a>); 2],
    report: &mut Reporter<'_>,
) {
    let name = context.name.text();
    let named = lists.map(|(of, list)| (of, list, context.body.and_then(|it| it.get(of))));
    let missing: Vec<&str> = named.iter().filter(|(_, _, it)| !is_text(*it)).map(|(of, _, _)| *of).collect();
    if !missing.is_empty() {
        let message = format!("context `{name}` names no {}", missing.join(" and no "));
        let help = format!("`kubectl config set-context {name} --cluster=… --user=…` writes both");
        say(sheet, context.name, message, report).help(help);
    }
    for (of, list, value) in named {
        if let Some(value) = value.filter(|it| is_text(Some(*it)) && list.lacks(it.text())) {
            let message = format!("context `{name}` names {of} `{}`, which the file does not define", value.text());
            say(sheet, value, message, report).help(list.help(value.text(), of));
        }
    }
}

/// A name twice in a list: the file is refused as a whole.
fn twice<'a>(sheet: Sheet<'a>, list: &List<'a>, of: &'static str, report: &mut Reporter<'_>) {
    let again = |(at, it): &(usize, &Entry<'a>)| list.names.get(it.name.text()).is_some_and(|first| first < at);
    for (_, entry) in list.entries.iter().enumerate().filter(again) {
        let name = entry.name.text();
        say(sheet, entry.name, format!("the {of} `{name}` stands twice in the file"), report)
            .label("kubectl refuses the whole file: \"duplicate name\"")
            .help("give one of the two another name, and its contexts with it");
    }
}

/// The current context is one of the contexts.
fn current<'a>(sheet: Sheet<'a>, root: Node<'a>, contexts: &List<'a>, report: &mut Reporter<'_>) {
    let current = root.get("current-context").filter(|it| is_text(Some(*it)));
    match current {
        Some(current) if contexts.lacks(current.text()) => {
            let message = format!("the current context `{}` is none of the file", current.text());
            say(sheet, current, message, report).help(contexts.help(current.text(), "context"));
        }
        None if !contexts.entries.is_empty() => {
            let place = root.get("current-context").or_else(|| root.get("contexts")).unwrap_or(root);
            say(sheet, place, "no current context is set".to_owned(), report)
                .level(Level::Error, Level::Warning)
                .label("without --context, kubectl asks localhost:8080")
                .help("write `current-context`, or `kubectl config use-context NAME`");
        }
        _ => {}
    }
}

fn is_text(node: Option<Node<'_>>) -> bool {
    node.is_some_and(|it| !it.is_null() && !it.is_mapping() && !it.is_sequence() && !it.text().is_empty())
}

/// Says it at a value, or at its key where there is nothing to mark. A line that holds a credential is not shown.
fn say<'r, 'a>(sheet: Sheet<'a>, node: Node<'a>, message: String, report: &'r mut Reporter<'_>) -> Finding<'r> {
    let is_small = is_text(Some(node));
    let span = if is_small { node.span() } else { node.key().unwrap_or(node).span() };
    let finding = report.say_node(sheet, node, message).at_span(span);
    if is_beside_secret(sheet.document, span) { finding.conceal() } else { finding }
}

/// True if a credential stands on the lines of a span: `kubectl config view --raw -o json` on one line.
fn is_beside_secret(document: &Document, span: Span) -> bool {
    let text = document.source_text();
    let (start, end) = (span.start as usize, span.end as usize);
    let before = text.get(..start).and_then(|it| it.rsplit('\n').next()).unwrap_or("");
    let after = text.get(end..).and_then(|it| it.split('\n').next()).unwrap_or("");
    [before, after].iter().any(|part| SECRET.iter().any(|word| part.contains(word)))
}
