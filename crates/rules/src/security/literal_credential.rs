//! `literal-credential`.

use seaworthy_diagnostic::Level;
use seaworthy_document::Node;
use seaworthy_object::{Container, Content, Field, Object, Other, Place};
use seaworthy_source::Span;
use serde::Deserialize;

use super::credential::{self, Found, Kind};
use crate::{Category, Check, Meta, Reporter, Rule, Sheet};

/// Where other objects carry the values of a chart.
const VALUES_IN: &[(&str, &str, &str)] = &[
    ("helm.toolkit.fluxcd.io", "HelmRelease", "spec.values"),
    ("argoproj.io", "Application", "spec.source.helm.valuesObject"),
    ("argoproj.io", "ApplicationSet", "spec.template.spec.source.helm.valuesObject"),
];
/// Keys of a chart's values under which stand names, not values: `secretKeys: {adminPasswordKey: …}`.
const NAMES_UNDER: &[&str] = &["annotations", "keymapping", "keys", "labels", "mapping", "ref", "refs", "selector"];

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LiteralCredential {
    /// Names, or last words of names, that hold a credential besides the usual ones.
    names: Vec<String>,
}

impl Rule for LiteralCredential {
    const META: Meta = Meta {
        id: "literal-credential",
        category: Category::Security,
        level: Some(Level::Warning),
        packs: &[],
        since: "0.1.0",
        page: page!("literal_credential.md"),
    };
    const CHECK: Check<Self> = Check::Document(Self::check);
}

impl LiteralCredential {
    fn check(&self, sheet: Sheet<'_>, report: &mut Reporter<'_>) {
        match sheet.content {
            Content::Manifest(manifest) => manifest.objects.iter().for_each(|it| self.object(it, report)),
            Content::Other(Other::Tool("Helm values") | Other::Foreign("Helm values")) => {
                if let Some(root) = sheet.document.root() {
                    self.values(root, &mut |node, path, kind| {
                        let message = format!("value `{path}` holds {} in plain text", kind.words());
                        let help = "leave it empty, and give it at install time from a Secret (`existingSecret`)";
                        report.say_in(sheet.document, node.span(), message).label(LABEL).conceal().help(help);
                    });
                }
            }
            Content::Fleet(_) | Content::Policy(_) | Content::Other(_) => {}
        }
    }

    fn object<'a>(&self, object: &'a Object<'a>, report: &mut Reporter<'_>) {
        for container in object.pod().into_iter().flat_map(|pod| pod.containers()) {
            container.env().for_each(|variable| self.variable(container, variable, report));
            ["command", "args"].into_iter().for_each(|key| self.arguments(container, key, report));
        }
        if object.is("", "ConfigMap") {
            let data = object.at("data").into_iter().flat_map(|it| it.entries());
            data.for_each(|(key, value)| self.config(object, key, value, report));
        }
        for (group, kind, path) in VALUES_IN {
            if let Some(values) = object.at(path).filter(|_| object.is(group, kind)) {
                self.values(values.node(), &mut |node, path, kind| {
                    let message =
                        format!("{} sets the value `{path}` to {} in plain text", object.reference(), kind.words());
                    let help = "take it from a Secret (`valuesFrom`)";
                    report.say(Field::new(object, node), message).label(LABEL).conceal().help(help);
                });
            }
        }
    }

    fn variable<'a>(&self, container: Container<'a>, variable: Field<'a>, report: &mut Reporter<'_>) {
        let (Some(name), Some(value)) = (variable.str_at("name"), variable.get("value")) else { return };
        let Some(kind) = self.held(name, value.text()) else { return };
        report
            .say(
                value,
                format!("variable `{name}` of container `{}` holds {} in plain text", container.name(), kind.words()),
            )
            .label(LABEL)
            .conceal()
            .help("keep it in a Secret and name that with `valueFrom.secretKeyRef`; change it, as it has been read");
    }

    fn arguments<'a>(&self, container: Container<'a>, key: &str, report: &mut Reporter<'_>) {
        let mut option = None;
        for argument in container.field().items_at(key) {
            let Some(text) = argument.as_str() else { continue };
            let after_option = option.take().filter(|&(_, kind): &(&str, Kind)| kind.is_held_by(text));
            let found = credential::find_in(text, false, &self.names);
            let (name, kind, place) = match (after_option, found.first()) {
                (Some((name, kind)), _) if !text.starts_with('-') => (name, kind, argument.place()),
                (_, Some(found)) => (found.name, found.kind, place_of(argument, text, found)),
                _ => {
                    let name = text.strip_prefix('-').map(|it| it.trim_start_matches('-'));
                    option = name.and_then(|it| Some((it, Kind::named(it, &self.names)?)));
                    continue;
                }
            };
            let named = if name.is_empty() { String::new() } else { format!(" (`{name}`)") };
            let holder = format!("an argument of container `{}`", container.name());
            report.say(place, format!("{holder} holds {}{named} in plain text", kind.words())).label(LABEL).conceal().help(
                "keep it in a Secret, read it into a variable and write `$(NAME)` here; change it, it has been read",
            );
        }
    }

    fn config<'a>(&self, object: &'a Object<'a>, key: &str, value: Field<'a>, report: &mut Reporter<'_>) {
        let Some(text) = value.as_str() else { return };
        let mut say = |place: Place<'a>, what: String| {
            report
                .say(place, format!("{} holds {what} in plain text", object.reference()))
                .label(LABEL)
                .conceal()
                .help("a Secret is for this, with readers of its own; change it, as it has been read");
        };
        if let Some(kind) = self.held(key, text).filter(|_| !text.trim().contains('\n')) {
            return say(value.place(), format!("{} under `{key}`", kind.words()));
        }
        for found in credential::find_in(text, credential::is_code(key), &self.names) {
            let name = if found.name.is_empty() { String::new() } else { format!(" (`{}`)", found.name) };
            say(place_of(value, text, &found), format!("{} under `{key}`{name}", found.kind.words()));
        }
    }

    /// What a text under a name is, if it is a credential or has one in it.
    fn held(&self, name: &str, text: &str) -> Option<Kind> {
        let by_name = Kind::named(name, &self.names).filter(|kind| kind.is_held_by(text));
        by_name.or_else(|| credential::find_in(text, false, &self.names).first().map(|found| found.kind))
    }

    /// Walks the values of a chart and says each credential with its path.
    fn values<'n>(&self, root: Node<'n>, say: &mut dyn FnMut(Node<'n>, String, Kind)) {
        let mut open = vec![(root, String::new(), String::new())];
        while let Some((node, name, path)) = open.pop() {
            if let Some(kind) = node.as_str().and_then(|text| self.held(&name, text)) {
                say(node, path, kind);
                continue;
            }
            let of_names = credential::words(&name).last().is_some_and(|it| NAMES_UNDER.contains(&it.as_str()));
            // A variable in a list: `- {name: DB_PASSWORD, value: …}`.
            let variable = node.get("name").and_then(|it| it.as_str()).filter(|_| node.get("value").is_some());
            for entry in node.entries().filter(|_| !of_names) {
                let key = if entry.name() == "value" { variable.unwrap_or("value") } else { entry.name() };
                let below = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                open.push((entry.value, key.to_owned(), below));
            }
            open.extend(node.items().enumerate().map(|(at, item)| (item, name.clone(), format!("{path}[{at}]"))));
        }
    }
}

const LABEL: &str = "readable by everyone who can read this";

/// The place of a part of a text: its own bytes where they stand in the source as they are, else the whole text's.
fn place_of<'a>(field: Field<'a>, text: &str, found: &Found<'_>) -> Place<'a> {
    let place = field.place();
    let line_start = text.get(..found.at.start).and_then(|it| it.rfind('\n')).map_or(0, |at| at + 1);
    let line = text.get(line_start..found.at.end).map(str::trim_start).unwrap_or("");
    let length = found.at.len();
    let source = field.object().document().source_text().get(field.span().range()).unwrap_or("");
    // In a block the line begins with what is looked for; in a quoted text it stands somewhere.
    let begins_line =
        |at: usize| source.get(..at).is_some_and(|before| before.trim_end_matches([' ', '\t']).ends_with('\n'));
    let mut matches = source.match_indices(line).map(|(at, _)| at);
    let at = matches.clone().find(|&at| begins_line(at)).or_else(|| matches.next());
    match at.filter(|_| line.len() >= length) {
        Some(at) => {
            let end = field.span().start as usize + at + line.len();
            Place { span: Span::of(end - length..end), ..place }
        }
        None => place,
    }
}
