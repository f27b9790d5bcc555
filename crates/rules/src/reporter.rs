//! Where rules put what they have to say.

use seaworthy_diagnostic::{ApiCause, Diagnostic, Fix, Level, Location, Safety, Unknown};
use seaworthy_document::{Document, Node};
use seaworthy_fleet::{Facts, Fault};
use seaworthy_object::{Catalog, Field, Place, Versions};
use seaworthy_source::Span;

use crate::mending;
use crate::rule::{Choice, Meta, Sheet};

/// Collects the findings of one rule, and the references it could not decide.
pub struct Reporter<'r> {
    meta: &'r Meta,
    level: Level,
    choice: Choice,
    facts: &'r Facts,
    catalog: &'r Catalog,
    diagnostics: &'r mut Vec<Diagnostic>,
    unknown: &'r mut Vec<Unknown>,
}

impl<'r> Reporter<'r> {
    /// A reporter for a rule that speaks at `level`.
    pub fn new(
        meta: &'r Meta,
        level: Level,
        facts: &'r Facts,
        catalog: &'r Catalog,
        diagnostics: &'r mut Vec<Diagnostic>,
        unknown: &'r mut Vec<Unknown>,
    ) -> Self {
        Self { meta, level, choice: Choice::Usual, facts, catalog, diagnostics, unknown }
    }

    /// The same, where somebody said how loud the rule is.
    #[must_use]
    pub fn chosen(self, choice: Choice) -> Self {
        Self { choice, ..self }
    }

    /// Who said how loud the rule is.
    pub(crate) fn choice(&self) -> Choice {
        self.choice
    }

    /// The kinds of Kubernetes.
    #[must_use]
    pub fn catalog(&self) -> &'r Catalog {
        self.catalog
    }

    /// What is declared about the fleet.
    #[must_use]
    pub fn facts(&self) -> &'r Facts {
        self.facts
    }

    /// The Kubernetes versions that were asked for.
    #[must_use]
    pub fn versions(&self) -> Versions {
        self.facts.versions
    }

    /// Says what is wrong at a place of an object: one line, no full stop, the user's words in backticks.
    pub fn say<'a>(&mut self, at: impl Into<Place<'a>>, message: impl Into<String>) -> Finding<'_> {
        self.say_at(at.into().location(), message)
    }

    /// Says what is wrong at some bytes of a document that is no object, or in no object.
    pub fn say_in(&mut self, document: &Document, span: Span, message: impl Into<String>) -> Finding<'_> {
        let at =
            Location { source: document.source(), document: document.index(), span, path: String::new(), object: None };
        self.say_at(at, message)
    }

    /// Says what is wrong at a node of a document: at its key, in its object if it lies in one.
    pub(crate) fn say_node<'a>(&mut self, sheet: Sheet<'a>, node: Node<'a>, message: impl Into<String>) -> Finding<'_> {
        let location = location_of(sheet, node);
        self.say_at(location, message)
    }

    /// Says what is wrong at a node of a document that a tool reads.
    pub fn say_fact(&mut self, at: Node<'_>, message: impl Into<String>) -> Finding<'_> {
        self.say_at(seaworthy_facts::location(at), message)
    }

    /// Notes something that nobody can tell from the document of a tool: counted and listed, never a finding.
    pub fn unknown_fact(&mut self, at: Node<'_>, what: &str, why: &str) {
        self.unknown.push(seaworthy_facts::unknown(at, what, why));
    }

    /// Says what is wrong with one of our own documents.
    pub(crate) fn say_fault(&mut self, fault: &Fault<'_>) {
        let finding = self.say(fault.at.clone(), fault.message.clone());
        if let Some(help) = &fault.help {
            finding.help(help.clone());
        }
    }

    /// Says what is wrong at a place that is known already.
    pub(crate) fn say_at(&mut self, at: Location, message: impl Into<String>) -> Finding<'_> {
        let in_secret = at.object.as_ref().is_some_and(|it| it.api_version == "v1" && it.kind == "Secret");
        let conceal = in_secret && ["data", "stringData"].iter().any(|it| at.path.starts_with(it));
        let finding = Diagnostic {
            rule: self.meta.id,
            category: self.meta.category.as_str(),
            level: self.level,
            message: message.into(),
            help: None,
            at,
            label: None,
            conceal,
            related: Vec::new(),
            fix: None,
            api: None,
            kubernetes_versions: Vec::new(),
        };
        Finding { all: self.facts.versions, finding: self.diagnostics.push_mut(finding) }
    }

    /// Notes a reference whose other end may live elsewhere: counted and listed, never a finding.
    pub fn unknown<'a>(&mut self, at: impl Into<Place<'a>>, refers_to: impl Into<String>, why: impl Into<String>) {
        self.unknown.push(Unknown { at: at.into().location(), refers_to: refers_to.into(), why: why.into() });
    }
}

/// A finding that was said, to add to.
pub struct Finding<'f> {
    finding: &'f mut Diagnostic,
    all: Versions,
}

impl Finding<'_> {
    /// What to do about it.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// A few words under the caret.
    pub fn label(self, label: impl Into<String>) -> Self {
        self.finding.label = Some(label.into());
        self
    }

    /// The marked lines hold a secret: a report shows the place, not what stands there.
    pub fn conceal(self) -> Self {
        self.finding.conceal = true;
        self
    }

    /// Another place that belongs to it.
    pub fn related<'a>(self, at: impl Into<Place<'a>>, words: impl Into<String>) -> Self {
        self.finding.related.push((at.into().location(), words.into()));
        self
    }

    /// Another place that belongs to it, where that is known already.
    pub(crate) fn related_at(self, at: Location, words: impl Into<String>) -> Self {
        self.finding.related.push((at, words.into()));
        self
    }

    /// Another place that belongs to it, in a document that a tool reads.
    pub fn related_fact(self, at: Node<'_>, words: impl Into<String>) -> Self {
        self.finding.related.push((seaworthy_facts::location(at), words.into()));
        self
    }

    /// The bytes to mark, where they are not those of the whole value.
    pub(crate) fn at_span(self, span: Span) -> Self {
        self.finding.at.span = span;
        self
    }

    /// Another place of a document that belongs to it.
    pub(crate) fn related_node<'a>(self, sheet: Sheet<'a>, node: Node<'a>, words: impl Into<String>) -> Self {
        self.finding.related.push((location_of(sheet, node), words.into()));
        self
    }

    /// A milder or stronger case of the same rule. It moves the level that is in force by as many steps as `level` lies
    /// from `usual`, so that a policy's choice still counts.
    pub fn level(self, usual: Level, level: Level) -> Self {
        let steps = level as i8 - usual as i8;
        let moved = (self.finding.level as i8 + steps).clamp(Level::Info as i8, Level::Error as i8);
        self.finding.level = match moved {
            0 => Level::Info,
            1 => Level::Warning,
            _ => Level::Error,
        };
        self
    }

    /// It holds for these of the versions that were asked for.
    pub fn versions(self, versions: Versions) -> Self {
        if versions.intersect(self.all) != self.all {
            self.finding.kubernetes_versions = versions.iter().map(|version| version.to_string()).collect();
        }
        self
    }

    /// What the API server would answer.
    pub fn api(self, cause: ApiCause) -> Self {
        self.finding.api = Some(cause);
        self
    }

    /// A change that mends it: `field`'s bytes become `text`.
    pub fn replace(self, field: Field<'_>, text: impl Into<String>, title: impl Into<String>, safety: Safety) -> Self {
        self.fix(Fix { safety, ..mending::replacement(field, text, title) })
    }

    /// A change that mends it, if there is one.
    pub(crate) fn mend(self, fix: Option<Fix>) -> Self {
        match fix {
            Some(fix) => self.fix(fix),
            None => self,
        }
    }

    /// A change that mends it.
    pub fn fix(self, fix: Fix) -> Self {
        self.finding.fix = Some(fix);
        self
    }
}

/// The key of a node, or the node itself, in its object if it lies in one.
fn location_of<'a>(sheet: Sheet<'a>, node: Node<'a>) -> Location {
    match sheet.object_of(node) {
        Some(object) => Field::new(object, node).key_place().location(),
        None => Location {
            source: sheet.document.source(),
            document: sheet.document.index(),
            span: node.key().unwrap_or(node).span(),
            path: node.path(),
            object: None,
        },
    }
}

#[cfg(test)]
mod tests {
    use seaworthy_object::{Content, contents};
    use seaworthy_source::Source;

    use super::*;
    use crate::AnyRule;
    use crate::security::rules;

    #[test]
    fn what_a_secret_holds_is_not_shown() {
        let text = "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {b: aHVudGVyMg==}}";
        let documents = seaworthy_document::read(&Source::new("a.yaml", text));
        let (catalog, facts) = (Catalog::built_in(), Facts::default());
        let Some(Content::Manifest(manifest)) = documents.first().map(|it| contents(it, "a.yaml", &catalog, "default"))
        else {
            panic!("a manifest");
        };
        let (rules, mut said, mut unknown) = (rules(), Vec::new(), Vec::new());
        let meta = rules.first().map(AnyRule::meta).unwrap();
        let mut report = Reporter::new(meta, Level::Info, &facts, &catalog, &mut said, &mut unknown);
        for object in &manifest.objects {
            report.say(object.at("data.b").unwrap(), "a value");
            report.say(object.at("metadata.name").unwrap(), "a name");
        }
        assert_eq!(said.iter().map(|it| it.conceal).collect::<Vec<_>>(), [true, false]);
    }
}
