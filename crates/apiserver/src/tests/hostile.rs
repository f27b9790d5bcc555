//! Mutated objects never panic, and every answer lies in the source.

use proptest::prelude::*;
use seaworthy_document::read;
use seaworthy_object::{Catalog, Object, Versions};
use seaworthy_source::Source;

use crate::Servers;

const SEEDS: [&str; 4] = [
    super::DEPLOYMENT,
    "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod}]\nmetadata: {labels: {é: ü}}\n",
    "{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"metadata\": {\"name\": \"a\"}, \"data\": {\"a\": \"YQ==\"}}",
    "apiVersion: v1\nkind: Pod\nmetadata: &m {name: a, labels: &l {a: b}}\nspec:\n  nodeSelector: *l\n  containers: \
     [{name: a, image: b, env: [{name: A, value: \"\\u00e9\"}]}]\n  affinity: {nodeAffinity: \
     {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchFields: [{key: a}]}]}}}\n",
];

const WORDS: [&str; 16] =
    ["null", "true", "1", "-1", "1.5", "''", "\"x\"", "[]", "{}", "[1]", "{a: b}", "é", "*l", "a/b/c", "spec", "9e99"];

fn check(text: &str) {
    let catalog = Catalog::built_in();
    let servers = Servers { catalog: &catalog, versions: Versions::ALL, definitions: None };
    let source = Source::new("hostile.yaml", text);
    for document in read(&source) {
        let Some(object) = document.root().and_then(|root| Object::new(root, &catalog, "default")) else { continue };
        for answer in servers.judge(&object) {
            assert!(source.text().get(answer.at.span.range()).is_some(), "{answer:?}");
            assert!(!answer.versions.is_empty(), "{answer:?}");
            assert!(!answer.cause.detail.is_empty(), "{answer:?}");
        }
    }
}

/// Replaces the `at`-th word of the text.
fn with_word(text: &str, at: usize, word: &str) -> String {
    let mut words: Vec<&str> = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).collect();
    let count = words.len().max(1);
    let Some(old) = words.get_mut(at % count) else { return text.to_owned() };
    let end = old.chars().next_back().filter(|c| !c.is_ascii_alphanumeric());
    let new = format!("{word}{}", end.map(String::from).unwrap_or_default());
    *old = &new;
    words.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn mutated_objects(seed in 0..SEEDS.len(), changes in prop::collection::vec((0usize..500, 0..WORDS.len()), 1..6)) {
        let text = changes.iter().fold(SEEDS[seed].to_owned(), |text, (at, word)| with_word(&text, *at, WORDS[*word]));
        check(&text);
    }

    #[test]
    fn cut_objects(seed in 0..SEEDS.len(), at in 0usize..600) {
        let text = SEEDS[seed];
        check(text.get(..at.min(text.len())).unwrap_or(text));
    }
}
