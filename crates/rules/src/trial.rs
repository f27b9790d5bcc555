//! Runs one rule with options over a manifest: what a policy can say, before a page can.

use seaworthy_diagnostic::{Diagnostic, Level};
use seaworthy_fleet::{Facts, Fleet, Given};
use seaworthy_object::{Catalog, Content, Object, contents};
use seaworthy_placement::Bindings;
use seaworthy_source::{Source, order};

use crate::{AnyRule, Choice, Reporter, Rule, Subject};

/// The messages of a rule with options, given as JSON.
pub(crate) fn messages<R: Rule>(options: &str, manifest: &str) -> Vec<String> {
    findings::<R>(options, manifest).into_iter().map(|it| it.message).collect()
}

/// The manifest after all fixes of a rule.
pub(crate) fn fixed<R: Rule>(manifest: &str) -> String {
    let mut text = manifest.to_owned();
    let fixes = findings::<R>("{}", manifest).into_iter().filter_map(|it| it.fix);
    let mut edits: Vec<_> = fixes.flat_map(|it| it.edits).collect();
    order::sort_by_key(&mut edits, |edit| std::cmp::Reverse(edit.span));
    for edit in edits {
        text.replace_range(edit.span.range(), &edit.text);
    }
    text
}

/// The findings of a rule with options, given as JSON.
pub(crate) fn findings<R: Rule>(options: &str, manifest: &str) -> Vec<Diagnostic> {
    findings_chosen::<R>(Choice::Usual, options, manifest)
}

/// The same, where somebody said how loud the rule is.
pub(crate) fn findings_chosen<R: Rule>(choice: Choice, options: &str, manifest: &str) -> Vec<Diagnostic> {
    let rule = AnyRule::with(serde_json::from_str::<R>(options).unwrap());
    let documents = seaworthy_document::read(&Source::new("test.yaml", manifest));
    let (catalog, facts) = (Catalog::built_in(), Facts { complete: true, ..Facts::default() });
    let contents: Vec<Content<'_>> =
        documents.iter().map(|it| contents(it, "test.yaml", &catalog, "default")).collect();
    let objects: Vec<&Object<'_>> = contents
        .iter()
        .flat_map(|content| match content {
            Content::Manifest(manifest) => &manifest.objects[..],
            _ => &[],
        })
        .collect();
    let fleet = Fleet::new(Given { objects: objects.clone(), ..Given::default() }, &facts, &catalog);
    let (mut diagnostics, mut unknown) = (Vec::new(), Vec::new());
    let mut report =
        Reporter::new(rule.meta(), Level::Info, &facts, &catalog, &mut diagnostics, &mut unknown).chosen(choice);
    for object in objects {
        rule.check(Subject::Object(object), &mut report);
        rule.check(Subject::Member(&fleet, object), &mut report);
        if let Some(pod) = object.pod() {
            rule.check(Subject::Pod(pod), &mut report);
            pod.containers().for_each(|it| rule.check(Subject::Container(pod, it), &mut report));
        }
    }
    rule.check(Subject::Fleet(&fleet), &mut report);
    rule.check(Subject::Bindings(&fleet, &Bindings::of(&fleet)), &mut report);
    diagnostics
}
