//! CustomResourceDefinitions, webhooks and policies of admission.

use seaworthy_object::{Version, Versions};

use super::judged_in;

/// What servers of a version say: fields with words.
fn said(version: u8, text: &str) -> Vec<String> {
    let said = judged_in(text, Versions::one(Version::minor_of(version)));
    said.into_iter().map(|it| format!("{}: {}", it.field, it.detail)).collect()
}

/// A definition with these lines in its one version.
fn definition(version: &str, schema: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: ships.sea.example}}\n\
         spec:\n  group: sea.example\n  scope: Namespaced\n  names: {{plural: ships, kind: Ship}}\n  versions:\n  \
         - name: v1\n    served: true\n    {version}\n    schema: {{openAPIV3Schema: {schema}}}\n"
    )
}

#[test]
fn a_version_that_stands_twice_is_stored_once() {
    let twice = definition("storage: true", "{type: object}").replace(
        "  - name: v1\n",
        "  - {name: v1, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}\n  - name: v1\n",
    );
    let said = said(37, &twice);
    assert!(said.iter().any(|it| it.ends_with("must contain unique version names")), "{said:#?}");
    let stored = "status.storedVersions: Invalid value: [\"v1\"]: must have the storage version v1";
    assert!(said.iter().any(|it| it == stored), "{said:#?}");
}

#[test]
fn fields_are_not_selected_from_what_is_no_structural_schema() {
    let text = definition("storage: true\n    selectableFields: [{jsonPath: a}]", "{type: object, id: x}");
    let mut said = said(37, &text);
    said.sort();
    let expected = [
        "spec.schema.openAPIV3Schema: Invalid value: \"\": OpenAPIV3Schema 'id' is not supported",
        "spec.selectableFields[0].jsonPath: Invalid value: \"a\": is an invalid path: expected [ or . but got: a",
        "spec.validation.openAPIV3Schema.id: Forbidden: id is not supported",
    ];
    assert_eq!(said, expected);
}

#[test]
fn what_all_versions_share_has_its_address_above_them() {
    let schema = |it: &str| definition("storage: true", it);
    const AT: &str = "spec.validation.openAPIV3Schema";
    for (schema, expected) in [
        ("{type: object}", vec![]),
        ("{properties: {a: {type: string}}}", vec!["type: Required value: must not be empty at the root"]),
        (
            "{type: object, properties: {a: {properties: {b: {type: string}}}}}",
            vec!["properties[a].type: Required value: must not be empty for specified object fields"],
        ),
        (
            "{type: object, properties: {a: {type: integer, anyOf: [{type: integer}]}}}",
            vec!["properties[a].anyOf[0].type: Forbidden: must be empty to be structural"],
        ),
        (
            "{type: object, properties: {a: {type: integer, default: x}}}",
            vec!["properties[a].default: Invalid value: \"string\":  in body must be of type integer: \"string\""],
        ),
        (
            "{type: object, properties: {a: {type: array, items: {type: string}, x-kubernetes-list-type: bag}}}",
            vec![
                "properties[a].x-kubernetes-list-type: Unsupported value: \"bag\": supported values: \"atomic\", \
                  \"set\", \"map\"",
            ],
        ),
        (
            "{type: object, properties: {a: {type: string, pattern: '['}}}",
            vec![
                "properties[a].pattern: Invalid value: \"[\": must be a valid regular expression, but isn't: error \
                  parsing regexp: missing closing ]: `[`",
            ],
        ),
    ] {
        let expected: Vec<String> = expected.into_iter().map(|it| format!("{AT}.{it}")).collect();
        assert_eq!(said(37, &self::definition("storage: true", schema)), expected, "{schema}");
    }
    let whole = "{type: object, properties: {a: {type: object, x-kubernetes-map-type: atomic, properties: {b: {type: integer, \
                 x-kubernetes-validations: [{rule: self > oldSelf}]}}}}}";
    assert_eq!(
        said(37, &schema(whole)),
        [format!(
            "{AT}.properties[a].properties[b].x-kubernetes-validations[0].rule: Invalid value: \"self > oldSelf\": \
             oldSelf cannot be used on the uncorrelatable portion of the schema within {AT}.properties[a]"
        )]
    );
    let either = "{type: object, properties: {a: {x-kubernetes-int-or-string: true, anyOf: [{type: integer, example: 1}, \
                  {type: string}]}}}";
    assert_eq!((said(35, &schema(either)).len(), said(36, &schema(either)).len()), (0, 2));
    assert_eq!(said(37, &schema("{type: object, id: a}")), [format!("{AT}.id: Forbidden: id is not supported")]);
}

#[test]
fn names_and_versions() {
    let text = definition("storage: false", "{type: object}").replace("ships.sea.example", "ship.sea.example");
    assert_eq!(
        said(37, &text),
        [
            "metadata.name: Invalid value: \"ship.sea.example\": must be spec.names.plural+\".\"+spec.group",
            "spec.versions: Invalid value: [{\"Name\":\"v1\",\"Served\":true,\"Storage\":false,\"Deprecated\":false,\
         \"DeprecationWarning\":null,\"Schema\":null,\"Subresources\":null,\"AdditionalPrinterColumns\":null,\
         \"SelectableFields\":null}]: must have exactly one version marked as storage version",
            "status.storedVersions: Invalid value: null: must have at least one stored version",
        ]
    );
    let columns = "storage: true\n    additionalPrinterColumns: [{name: a, type: text, jsonPath: a}]";
    assert_eq!(
        said(30, &definition(columns, "{type: object}")),
        [
            "spec.additionalPrinterColumns[0].type: Invalid value: \"text\": must be one of \
             boolean,date,integer,number,string",
            "spec.additionalPrinterColumns[0].JSONPath: Invalid value: \"a\": must be a simple json path starting \
             with .",
        ]
    );
}

#[test]
fn beside_a_status_subresource_empty_fields_count_at_the_root() {
    for (field, refused) in [("anyOf: []", true), ("additionalItems: {}", true), ("required: []", false)] {
        let schema = format!("{{type: object, {field}}}");
        let said = said(37, &definition("storage: true\n    subresources: {status: {}}", &schema));
        let words = "fields are allowed at the root of the schema if the status subresource is enabled";
        assert_eq!(said.iter().any(|it| it.ends_with(words)), refused, "{field}: {said:#?}");
    }
}

#[test]
fn rules_compile_within_their_costs() {
    let schema = "{type: object, properties: {a: {type: array, items: {type: string}}}, x-kubernetes-validations: \
                  [{rule: 'self.b == 1'}, {rule: 'self.a.all(x, self.a.all(y, x == y))', message: m}]}";
    let said = said(37, &definition("storage: true", schema));
    assert_eq!(said.len(), 4, "{said:#?}");
    assert!(said[0].ends_with("compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b == 1\n | ....^"));
    assert!(said[1].contains("rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x"));
    assert!(said[3].contains("rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x"));
}

#[test]
fn names_are_no_longer_than_names_can_be_since_1_37() {
    let schema = "{type: object, properties: {a: {type: array, maxItems: 100, items: {type: string}}}, \
                  x-kubernetes-validations: [{rule: 'self.a.all(x, x != self.metadata.name)'}]}";
    let text = definition("storage: true", schema);
    assert_eq!(said(37, &text), Vec::<String>::new());
    assert!(said(36, &text)[0].contains("estimated rule cost exceeds budget by factor of 3.1x"));
}

#[test]
fn formats_that_nobody_looks_at_are_told_since_1_34() {
    let text = definition("storage: true", "{type: object, properties: {a: {type: string, format: colour}}}");
    assert_eq!(
        said(34, &text),
        [": unrecognized format \"colour\""]
            .map(|it| format!("spec.validation.openAPIV3Schema.properties[a].format{it}"))
    );
    assert_eq!(said(33, &text), Vec::<String>::new());
}

#[test]
fn webhooks() {
    let text = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\n\
                metadata: {name: a}\nwebhooks:\n- name: a.b\n  admissionReviewVersions: [v2]\n  \
                clientConfig: {service: {name: a}}\n  timeoutSeconds: 31\n  \
                rules: [{operations: ['*', CREATE], apiGroups: [''], apiVersions: [v1], resources: ['*', pods]}]\n";
    assert_eq!(
        said(37, text),
        [
            "webhooks[0].name: Invalid value: \"a.b\": should be a domain with at least three segments separated by \
             dots",
            "webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not specify \
             other operations",
            "webhooks[0].rules[0].resources: Invalid value: [\"*\",\"pods\"]: if '*' is present, must not specify \
             other resources without subresources",
            "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun",
            "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds",
            // The server has name and namespace in each other's place.
            "webhooks[0].clientConfig.service.name: Required value",
            "webhooks[0].admissionReviewVersions: Invalid value: [\"v2\"]: must include at least one of v1, v1beta1",
        ]
    );
}

#[test]
fn policies_and_their_expressions() {
    let policy = |spec: &str| {
        format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicy\nmetadata: {{name: a}}\n\
             spec:\n  matchConstraints: {{resourceRules: [{{operations: [CREATE], apiGroups: [''], \
             apiVersions: [v1], resources: [pods]}}]}}\n  {spec}\n"
        )
    };
    for (spec, expected) in [
        ("validations: [{expression: 'object.metadata.name == \"a\"'}]", vec![]),
        ("variables: [{name: num, expression: '1'}]\n  validations: [{expression: variables.num == 1}]", vec![]),
        (
            "validations: [{expression: '1'}]",
            vec!["spec.validations[0].expression: Invalid value: \"1\": must evaluate to bool but got int"],
        ),
        (
            "validations: [{expression: params.x}]",
            vec![
                "spec.validations[0].expression: Invalid value: \"params.x\": compilation failed: ERROR: \
                  <input>:1:1: undeclared reference to 'params' (in container '')\n | params.x\n | ^",
            ],
        ),
        (
            "failurePolicy: Fail",
            vec![
                "spec.validations: Required value: validations or auditAnnotations must contain at least one item",
                "spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item",
            ],
        ),
    ] {
        assert_eq!(said(37, &policy(spec)), expected, "{spec}");
    }
    let old = said(31, &policy("validations: [{expression: '1'}]"));
    assert_eq!(old, ["spec.validations[0].expression: Invalid value: \"1\": must evaluate to bool"]);
}

#[test]
fn bindings() {
    let text = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n\
                metadata: {name: a}\nspec: {policyName: p, matchResources: {resourceRules: [{apiGroups: ['']}]}}\n";
    assert!(said(31, text).contains(&"spec.matchResouces.resourceRules[0].operations: Required value".to_owned()));
    assert!(said(32, text).contains(&"spec.matchResources.resourceRules[0].operations: Required value".to_owned()));
    let actions = |version| said(version, text).pop().unwrap_or_default();
    assert_eq!(actions(35), "spec.validationActions: Required value: at least one validation action is required");
    assert_eq!(actions(36), "spec.validationActions: Required value");
}
