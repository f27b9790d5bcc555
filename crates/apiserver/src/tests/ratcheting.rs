//! Custom resources that change: what was wrong before, and did not change, is let pass.

use seaworthy_document::read;
use seaworthy_object::{Catalog, Object, Version, Versions};
use seaworthy_source::Source;

use crate::{Definitions, Servers};

/// What servers say when the second spec takes the place of the first, by the schema of both; warnings are marked.
fn after(schema: &str, old: &str, new: &str) -> Vec<String> {
    let text = format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: ships.sea.example}}\n\
         spec:\n  group: sea.example\n  scope: Namespaced\n  names: {{plural: ships, kind: Ship}}\n  versions:\n  \
         - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        \
         type: object\n        properties:\n          spec: {schema}\n---\n\
         apiVersion: sea.example/v1\nkind: Ship\nmetadata: {{name: a}}\nspec: {old}\n---\n\
         apiVersion: sea.example/v1\nkind: Ship\nmetadata: {{name: a}}\nspec: {new}\n"
    );
    let catalog = Catalog::built_in();
    let documents = read(&Source::new("test.yaml", text.as_str()));
    let objects: Vec<_> = documents.iter().filter_map(|it| Object::new(it.root()?, &catalog, "default")).collect();
    let [definition, old, new] = objects.as_slice() else { panic!("three objects") };
    let definitions = Definitions::of([definition]);
    let versions = Versions::one(Version::minor_of(37));
    let servers = Servers { catalog: &catalog, versions, definitions: Some(&definitions) };
    assert!(servers.judge(definition).is_empty(), "a definition that servers accept");
    let said = servers.judge_update(old, new).into_iter().map(|it| match it.cause.reason {
        Some(_) => format!("{}: {}", it.cause.field.unwrap_or_default(), it.cause.detail),
        None => format!("warning: {}", it.cause.detail),
    });
    said.collect()
}

const NONE: [&str; 0] = [];

#[test]
fn a_value_that_did_not_change() {
    let schema = "{type: object, properties: {crew: {type: integer, minimum: 5}, name: {type: string, maxLength: 2}}}";
    assert_eq!(after(schema, "{crew: 1, name: abc}", "{crew: 1, name: abc}"), NONE);
    assert_eq!(after(schema, "{crew: 1, name: abc}", "{crew: 1, name: ab}"), NONE);
    assert_eq!(
        after(schema, "{crew: 1}", "{crew: 2}"),
        ["spec.crew: Invalid value: 2: spec.crew in body should be greater than or equal to 5"]
    );
    assert_eq!(after(schema, "{}", "{crew: 1}").len(), 1);
}

#[test]
fn what_is_around_it_counts_for_what_it_lacks() {
    let schema = "{type: object, properties: {deck: {type: object, required: [size], properties: {size: {type: integer}, \
                  color: {type: string}}}}}";
    assert_eq!(after(schema, "{deck: {color: red}}", "{deck: {color: red}}"), NONE);
    let said = after(schema, "{deck: {color: red}}", "{deck: {color: blue}}");
    assert_eq!(said, ["spec.deck.size: Required value"]);
}

#[test]
fn items_that_servers_know_again() {
    let item =
        "{type: object, required: [name], properties: {name: {type: string}, size: {type: integer, maximum: 3}}}";
    let by_name = format!(
        "{{type: object, properties: {{list: {{type: array, x-kubernetes-list-type: map, \
         x-kubernetes-list-map-keys: [name], items: {item}}}}}}}"
    );
    let plain = format!("{{type: object, properties: {{list: {{type: array, items: {item}}}}}}}");
    let (old, new) = ("{list: [{name: a, size: 9}]}", "{list: [{name: b, size: 1}, {name: a, size: 9}]}");
    assert_eq!(after(&by_name, old, new), NONE);
    assert_eq!(after(&plain, old, old), NONE);
    let most = "should be less than or equal to 3";
    let said = after(&plain, old, new);
    assert_eq!(said, [format!("spec.list[1].size: Invalid value: 9: spec.list[1].size in body {most}")]);
}

#[test]
fn sets_that_were_none_before() {
    let schema = "{type: object, properties: {crew: {type: integer}, flags: {type: array, x-kubernetes-list-type: set, \
                  items: {type: string}}}}";
    assert_eq!(after(schema, "{flags: [a, a]}", "{flags: [a, a, b, b], crew: 1}"), NONE);
    assert_eq!(after(schema, "{flags: [a]}", "{flags: [a, a]}"), ["spec.flags[1]: Duplicate value: \"a\""]);
}

#[test]
fn rules_warn_of_what_did_not_change() {
    let schema = "{type: object, properties: {crew: {type: integer}, name: {type: string, \
                  x-kubernetes-validations: [{rule: 'self.size() > 3', message: too short}]}}}";
    let said = "spec.name: Invalid value: \"abc\": too short";
    assert_eq!(after(schema, "{name: abc}", "{name: abc, crew: 1}"), [format!("warning: {said}")]);
    assert_eq!(after(schema, "{name: ab}", "{name: abc}"), [said]);
    // A rule about the change is not let pass.
    let moves = "{type: object, properties: {crew: {type: integer, \
                 x-kubernetes-validations: [{rule: 'self > oldSelf', message: must grow}]}}}";
    assert_eq!(after(moves, "{crew: 1}", "{crew: 1}"), ["spec.crew: Invalid value: 1: must grow"]);
}

#[test]
fn maps_that_are_one_value_have_no_former_entries() {
    let schema = |kind: &str, values: &str| {
        format!(
            "{{type: object, properties: {{deck: {{type: object, x-kubernetes-map-type: {kind}, {values}: \
             {{type: integer, x-kubernetes-validations: [{{rule: 'self >= oldSelf', message: must grow}}]}}}}}}}}"
        )
    };
    let change = |kind: &str| after(&schema(kind, "additionalProperties"), "{deck: {size: 2}}", "{deck: {size: 1}}");
    assert_eq!(change("granular"), ["spec.deck[size]: Invalid value: 1: must grow"]);
    assert_eq!(change("atomic"), NONE);
}
