//! Saying what is wrong with an object without saying what others are called or hold.

use std::collections::BTreeSet;

use seaworthy_diagnostic::{Diagnostic, Level};
use seaworthy_object::Object;
use seaworthy_rules::AnyRule;

/// What may be said to whoever sent an object.
pub(crate) struct Discretion<'a> {
    object: &'a Object<'a>,
    sent: &'a str,
    /// The names and namespaces of objects that were not sent.
    hidden: BTreeSet<&'a str>,
}

impl<'a> Discretion<'a> {
    /// Who sends `object` is not told of `others`.
    pub(crate) fn new(object: &'a Object<'a>, others: &'a [Object<'a>]) -> Self {
        let names = others.iter().flat_map(|it| std::iter::once(it.name()).chain(it.namespace()));
        let mut discretion = Self { object, sent: object.document().source_text(), hidden: BTreeSet::new() };
        discretion.hidden = names.filter(|it| !discretion.is_known(it)).collect();
        discretion
    }

    /// Takes out of a finding what is not the sender's: other places, changes that name others, and words in which
    /// others occur. A message with such words becomes what the page of its rule says of every case.
    pub(crate) fn apply(&self, finding: &mut Diagnostic, rules: &[(AnyRule, Level)]) {
        finding.related.clear();
        finding.fix = None;
        finding.help = finding.help.take().filter(|it| self.may_say(it));
        finding.label = finding.label.take().filter(|it| self.may_say(it));
        if !self.may_say(&finding.message) {
            let rule = rules.iter().map(|(rule, _)| rule.meta()).find(|it| it.id == finding.rule);
            let summary = rule.map(|it| it.summary()).unwrap_or_default();
            finding.message = format!("{}: {summary}", self.object.reference());
        }
    }

    /// True if a text has no name of an object that was not sent, and quotes nothing but what was.
    fn may_say(&self, text: &str) -> bool {
        let quoted = text.split('`').skip(1).step_by(2).flat_map(|it| it.split(|it: char| !is_of_name(it)));
        let mut words = text.split(|it: char| !is_of_name(it)).map(|it| it.trim_matches(['.', ':', '-']));
        quoted.into_iter().all(|it| self.is_known(it)) && words.all(|it| !self.hidden.contains(it))
    }

    /// True for what the sender knows.
    fn is_known(&self, word: &str) -> bool {
        self.sent.contains(word) || self.object.namespace() == Some(word)
    }
}

/// True for letters that names, keys and addresses are made of.
fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '.' | ':' | '_')
}
