//! What the editor shows and does: hover, completion, navigation, rename, symbols, code actions.

#![allow(clippy::indexing_slicing, clippy::string_slice, clippy::unwrap_used, reason = "a test may panic")]

mod client;

use client::{Client, position, under, uri, usual};
use seaworthy::Descriptions;
use serde_json::{Value, json};

const CONFIG: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: conf}\ndata:\n  color: red\n  size: big\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec:\n  selector: {app: web, tier: front}\n  ports:\n  - {name: http, port: 80, targetPort: main}\n";
const INGRESS: &str = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: door}\nspec:\n  defaultBackend:\n    service:\n      name: front\n      port: {name: http}\n";
const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web, tier: front}
    spec:
      volumes:
      - name: files
        configMap: {name: conf}
      containers:
      - name: web
        image: web:1.0
        ports:
        - {name: main, containerPort: 8080}
        env:
        - name: COLOR
          valueFrom:
            configMapKeyRef:
              name: conf
              key: color
        volumeMounts:
        - {name: files, mountPath: /files}
";

fn fleet() -> Client {
    let mut client = Client::new();
    client.files(&[("conf.yaml", CONFIG), ("front.yaml", SERVICE), ("door.yaml", INGRESS), ("web.yaml", WEB)]);
    client
}

fn text_of(name: &str) -> &'static str {
    match name {
        "conf.yaml" => CONFIG,
        "front.yaml" => SERVICE,
        "door.yaml" => INGRESS,
        _ => WEB,
    }
}

/// `file: text` of locations.
fn places(found: &Value) -> Vec<String> {
    let place = |it: &Value| {
        let name = it["uri"].as_str().unwrap().strip_prefix("file:///w/").unwrap();
        format!("{name}: {}", under(text_of(name), &it["range"]))
    };
    found.as_array().into_iter().flatten().map(place).collect()
}

/// A text with the cursor before the `nth` occurrence of a word.
fn mark(text: &str, word: &str, nth: usize) -> String {
    let at = text.match_indices(word).nth(nth).unwrap().0;
    format!("{}|{}", &text[..at], &text[at..])
}

#[test]
fn hover_on_a_finding_is_the_page_of_its_rule() {
    let mut client = fleet();
    let hover =
        client.at("textDocument/hover", "web.yaml", &mark(&WEB.replace("image:", "imag:"), "imag:", 0)).unwrap();
    let words = hover["contents"]["value"].as_str().unwrap();
    assert!(words.starts_with("# unknown-field\n") && words.contains("## Fine"), "{words}");
    assert!(!words.contains("would be refused:"), "the client shows what the finding says: {words}");
}

#[test]
fn hover_on_a_field_says_what_it_is() {
    let mut client = fleet();
    let mut says = |marked: &str| {
        let hover = client.at("textDocument/hover", "web.yaml", marked).unwrap();
        hover["contents"]["value"].as_str().unwrap_or("").to_owned()
    };
    let containers = says(&mark(WEB, "containers:", 0));
    assert!(containers.starts_with("`spec.template.spec.containers` · list of Container · required"), "{containers}");
    let policy = WEB.replace("image:", "imagePullPolicy: Always\n        image:");
    let policy = says(&mark(&policy, "Always", 0));
    assert!(policy.contains("One of `Always`, `IfNotPresent`, `Never`"), "{policy}");
    let since = WEB.replace("image:", "restartPolicy: Always\n        image:");
    assert!(
        says(&mark(&since, "restartPolicy", 0)).contains("since 1."),
        "{}",
        says(&mark(&since, "restartPolicy", 0))
    );
    assert!(says(&mark(WEB, "Deployment", 0)).contains("`apps/v1 Deployment` · served by default: 1.11-1.37"));
    let fleet = "apiVersion: seaworthy/v1alpha1\nkind: Fleet\nspec:\n  complete|: true\n";
    let hover = client.at("textDocument/hover", "fleet.yaml", fleet).unwrap();
    assert!(hover["contents"]["value"].as_str().unwrap().contains("nothing else runs there"));
}

#[test]
fn fields_and_values_are_described_once_a_door_brings_the_words() {
    let mut client = fleet();
    let policy = WEB.replace("image:", "imagePullPolicy: |\n        image:");
    let ports = mark(WEB, "containerPort", 0);
    let period = WEB.replace("image:", "livenessProbe: {failureThresh|old: 2}\n        image:");
    let always = |client: &mut Client| {
        let found = client.at("textDocument/completion", "web.yaml", &policy).unwrap();
        found["items"][0]["documentation"]["value"].as_str().unwrap_or("").to_owned()
    };
    let says = |client: &mut Client, marked: &str| {
        let hover = client.at("textDocument/hover", "web.yaml", marked).unwrap();
        hover["contents"]["value"].as_str().unwrap_or("").to_owned()
    };
    assert_eq!((says(&mut client, &ports).lines().count(), always(&mut client)), (1, String::new()));
    let packed = include_bytes!("../../object/data/descriptions.zlib");
    client.server.set_descriptions(Descriptions::open(packed).unwrap());
    assert!(says(&mut client, &ports).contains("\n\nNumber of port to expose on the pod's IP address."));
    assert!(
        says(&mut client, &period).ends_with("Minimum value is 1.\n\nDefault: `3`."),
        "{}",
        says(&mut client, &period)
    );
    assert!(always(&mut client).starts_with("means that kubelet always attempts to pull the latest image."));
}

#[test]
fn definitions_lead_across_files() {
    let mut client = fleet();
    let mut to = |name: &str, word: &str, nth: usize| {
        let found = client.at("textDocument/definition", name, &mark(text_of(name), word, nth)).unwrap();
        places(&found)
    };
    assert_eq!(to("door.yaml", "front", 0), ["front.yaml: front"]);
    assert_eq!(to("door.yaml", "http}", 0), ["front.yaml: http"]);
    assert_eq!(to("web.yaml", "conf}", 0), ["conf.yaml: conf"]);
    assert_eq!(to("web.yaml", "color", 0), ["conf.yaml: color"]);
    assert_eq!(to("front.yaml", "main", 0), ["web.yaml: main"]);
    assert_eq!(to("front.yaml", "selector", 0), ["web.yaml: web"]);
    assert_eq!(to("front.yaml", "front}", 1), ["web.yaml: front"]);
    assert_eq!(to("web.yaml", "image", 0), [""; 0]);
    let host = WEB.replace(
        "valueFrom:\n            configMapKeyRef:\n              name: conf\n              key: color",
        "value: http://front:80/a",
    );
    let found = client.at("textDocument/definition", "web.yaml", &mark(&host, "front:80", 0)).unwrap();
    assert_eq!(places(&found), ["front.yaml: front"]);
}

#[test]
fn references_lead_back() {
    let mut client = fleet();
    let mut of = |name: &str, word: &str, nth: usize, with_own: bool| {
        let context = json!({"context": {"includeDeclaration": with_own}});
        let found = client.at_with("textDocument/references", name, &mark(text_of(name), word, nth), context).unwrap();
        places(&found)
    };
    assert_eq!(of("conf.yaml", "conf", 0, false), ["web.yaml: conf", "web.yaml: conf"]);
    assert_eq!(of("conf.yaml", "conf", 0, true).len(), 3);
    assert_eq!(of("conf.yaml", "color", 0, false), ["web.yaml: color"]);
    assert_eq!(of("conf.yaml", "size", 0, false), [""; 0]);
    assert_eq!(of("front.yaml", "front", 0, false), ["door.yaml: front"]);
    assert_eq!(of("web.yaml", "web", 0, false), ["front.yaml: selector"]);
    assert_eq!(of("web.yaml", "front}", 0, false), ["front.yaml: front"]);
    assert_eq!(of("front.yaml", "http", 0, false), ["door.yaml: http"]);
}

/// The proposals at `|`.
fn proposed(client: &mut Client, name: &str, marked: &str) -> Vec<String> {
    let found = client.at("textDocument/completion", name, marked).unwrap();
    found["items"].as_array().unwrap().iter().map(|it| it["label"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn completion_of_fields_and_their_values() {
    let mut client = fleet();
    let fields = proposed(&mut client, "a.yaml", &WEB.replace("        image: web:1.0\n", "        ima|\n"));
    assert!(fields.contains(&"image".to_owned()) && fields.contains(&"imagePullPolicy".to_owned()), "{fields:?}");
    assert!(!fields.contains(&"env".to_owned()) && !fields.contains(&"replicas".to_owned()), "{fields:?}");
    let values = proposed(&mut client, "a.yaml", &WEB.replace("image:", "imagePullPolicy: |\n        image:"));
    assert_eq!(values, ["Always", "IfNotPresent", "Never"]);
    let values = proposed(&mut client, "a.yaml", &WEB.replace("image:", "stdin: tr|\n        image:"));
    assert_eq!(values, ["true", "false"]);
    let item =
        proposed(&mut client, "a.yaml", &WEB.replace("        volumeMounts:", "        - |\n        volumeMounts:"));
    assert_eq!(item, ["name", "value", "valueFrom"]);
    let kinds = proposed(&mut client, "b.yaml", "apiVersion: apps/v1\nkind: De|\n");
    assert!(kinds.contains(&"Deployment".to_owned()) && !kinds.contains(&"Service".to_owned()), "{kinds:?}");
    let versions = proposed(&mut client, "b.yaml", "kind: Ingress\napiVersion: |\n");
    assert_eq!(versions, ["networking.k8s.io/v1"]);
    assert_eq!(proposed(&mut client, "b.yaml", "|\n"), ["apiVersion", "kind", "metadata", "spec"]);
    let flow = proposed(&mut client, "b.yaml", "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {se|}}\n");
    assert!(flow.contains(&"selector".to_owned()), "{flow:?}");
}

#[test]
fn completion_of_names_in_the_fleet() {
    let mut client = fleet();
    let mut of = |name: &str, old: &str, new: &str| proposed(&mut client, name, &text_of(name).replace(old, new));
    assert_eq!(of("web.yaml", "name: conf\n", "name: |\n"), ["conf"]);
    assert_eq!(of("web.yaml", "key: color", "key: |"), ["color", "size"]);
    assert_eq!(of("web.yaml", "{name: files, mountPath", "{name: |, mountPath"), ["files"]);
    assert_eq!(of("door.yaml", "name: front", "name: f|"), ["front"]);
    assert_eq!(of("door.yaml", "{name: http}", "{name: |}"), ["http"]);
    assert_eq!(of("door.yaml", "{name: http}", "{number: |}"), ["80"]);
    assert_eq!(of("front.yaml", "targetPort: main", "targetPort: |"), ["main", "8080"]);
    assert_eq!(of("front.yaml", "tier: front", "tier: |"), ["front"]);
    assert_eq!(of("front.yaml", "{app: web, tier: front}", "{app: web, |}"), ["tier"]);
    let account = "      serviceAccountName: |\n      volumes:\n";
    client.files(&[("sa.yaml", "{apiVersion: v1, kind: ServiceAccount, metadata: {name: runner}}")]);
    assert_eq!(proposed(&mut client, "web.yaml", &WEB.replace("      volumes:\n", account)), ["runner"]);
}

#[test]
fn a_proposal_replaces_the_word_that_is_there() {
    let mut client = fleet();
    let marked = WEB.replace("name: conf\n", "name: co|nf\n");
    let found = client.at("textDocument/completion", "web.yaml", &marked).unwrap();
    let edit = &found["items"][0]["textEdit"];
    assert_eq!((under(&marked.replace('|', ""), &edit["range"]), &edit["newText"]), ("conf", &json!("conf")));
    let number = "{apiVersion: v1, kind: ConfigMap, metadata: {name: '80'}}";
    client.files(&[("conf.yaml", number)]);
    let found = client.at("textDocument/completion", "web.yaml", &marked).unwrap();
    assert_eq!(found["items"][0]["textEdit"]["newText"], "\"80\"");
}

/// The texts that a `WorkspaceEdit` leaves, by file.
fn edited(edit: &Value) -> Vec<(String, String)> {
    let changes = edit["documentChanges"].as_array().unwrap();
    let texts = changes.iter().map(|change| {
        let name = change["textDocument"]["uri"].as_str().unwrap().strip_prefix("file:///w/").unwrap().to_owned();
        let mut text = text_of(&name).to_owned();
        let mut edits = change["edits"].as_array().unwrap().clone();
        edits.sort_by_key(|it| (it["range"]["start"]["line"].as_u64(), it["range"]["start"]["character"].as_u64()));
        for edit in edits.iter().rev() {
            let old = under(&text, &edit["range"]);
            let at = old.as_ptr() as usize - text.as_ptr() as usize;
            let range = at..at + old.len();
            text.replace_range(range, edit["newText"].as_str().unwrap());
        }
        (name, text)
    });
    texts.collect()
}

#[test]
fn an_object_is_renamed_with_all_that_names_it() {
    let mut client = fleet();
    let new = json!({"newName": "settings"});
    let marked = mark(CONFIG, "conf", 0);
    let at = client.at("textDocument/prepareRename", "conf.yaml", &marked).unwrap();
    assert_eq!((under(CONFIG, &at["range"]), &at["placeholder"]), ("conf", &json!("conf")));
    let edit = client.at_with("textDocument/rename", "conf.yaml", &marked, new.clone()).unwrap();
    assert_eq!(
        edited(&edit),
        [
            ("conf.yaml".to_owned(), CONFIG.replace("name: conf", "name: settings")),
            ("web.yaml".to_owned(), WEB.replace("name: conf", "name: settings")),
        ]
    );
    let from_there = client.at_with("textDocument/rename", "web.yaml", &mark(WEB, "conf\n", 0), new).unwrap();
    assert_eq!(edited(&from_there), edited(&edit));
}

#[test]
fn a_label_is_renamed_at_its_pods_and_where_it_is_asked_for() {
    let mut client = fleet();
    let new = json!({"newName": "edge"});
    let edit = client.at_with("textDocument/rename", "front.yaml", &mark(SERVICE, "front}", 1), new).unwrap();
    assert_eq!(
        edited(&edit),
        [
            ("front.yaml".to_owned(), SERVICE.replace("tier: front", "tier: edge")),
            ("web.yaml".to_owned(), WEB.replace("tier: front", "tier: edge")),
        ]
    );
}

#[test]
fn what_is_not_safe_is_not_renamed() {
    let mut client = fleet();
    let mut why = |name: &str, marked: &str, new: &str| {
        let error = client.at_with("textDocument/rename", name, marked, json!({"newName": new})).unwrap_err();
        assert_eq!(error["code"], -32803);
        error["message"].as_str().unwrap().to_owned()
    };
    let conf = mark(CONFIG, "conf", 0);
    assert_eq!(why("conf.yaml", &conf, "No Name"), "`No Name` is no name of a ConfigMap");
    assert!(why("web.yaml", &mark(WEB, "web}", 0), "x").contains("its selector cannot change once it is there"));
    assert!(why("web.yaml", &mark(WEB, "image", 0), "x").starts_with("there is nothing to rename here"));
    let host = WEB.replace(
        "valueFrom:\n            configMapKeyRef:\n              name: conf\n              key: color",
        "value: http://front:80/a",
    );
    client.open("web.yaml", &host);
    let mut why = |name: &str, marked: &str, new: &str| {
        let error = client.at_with("textDocument/rename", name, marked, json!({"newName": new})).unwrap_err();
        error["message"].as_str().unwrap().to_owned()
    };
    let named = why("front.yaml", &mark(SERVICE, "front", 0), "back");
    assert!(named.contains("web.yaml:21 seems to name it"), "{named}");
    client.files(&[("other.yaml", &CONFIG.replace("conf", "taken"))]);
    let mut why = |name: &str, marked: &str, new: &str| {
        let error = client.at_with("textDocument/rename", name, marked, json!({"newName": new})).unwrap_err();
        error["message"].as_str().unwrap().to_owned()
    };
    assert!(why("conf.yaml", &conf, "taken").contains("is there already, in other.yaml"));
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: |data}\n";
    assert!(why("claim.yaml", claim, "x").contains("without the data"));
    let policy = "{apiVersion: seaworthy/v1alpha1, kind: Policy, spec: {suppress: [{rule: bare-pod, object: ConfigMap/conf, reason: x}]}}";
    client.files(&[("policy.yaml", policy)]);
    let error = client.at_with("textDocument/rename", "conf.yaml", &conf, json!({"newName": "x"})).unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("policy.yaml:1 seems to name it"), "{error}");
}

#[test]
fn symbols_of_a_document_and_of_the_workspace() {
    let mut client = fleet();
    let two = format!("{CONFIG}---\nnot: a manifest\n");
    client.open("two.yaml", &two);
    let found =
        client.request("textDocument/documentSymbol", json!({"textDocument": {"uri": uri("two.yaml")}})).unwrap();
    assert_eq!((&found[0]["name"], &found[1]["name"]), (&json!("ConfigMap conf"), &json!("document 2")));
    assert_eq!(under(&two, &found[0]["selectionRange"]), "conf");
    let data = found[0]["children"].as_array().unwrap().iter().find(|it| it["name"] == "data").unwrap();
    assert_eq!(data["children"][1]["name"], "size");
    assert_eq!(under(&two, &data["children"][1]["range"]), "size: big");
    let found = client.request("workspace/symbol", json!({"query": "FRONT"})).unwrap();
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(
        (&found[0]["name"], places(&json!([found[0]["location"]]))),
        (&json!("Service front"), vec!["front.yaml: front".to_owned()])
    );
}

#[test]
fn a_fix_and_a_suppression_do_what_they_say() {
    let mut client = fleet();
    let wrong = WEB.replace("key: color", "key: colour");
    client.open("web.yaml", &wrong);
    assert!(client.rules("web.yaml").contains(&"config-map-missing"), "{:?}", client.findings);
    let at = position(&wrong, wrong.find("colour").unwrap());
    let params = json!({"textDocument": {"uri": uri("web.yaml")}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}});
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let titles: Vec<&str> = actions.as_array().unwrap().iter().map(|it| it["title"].as_str().unwrap()).collect();
    let of = |word: &str| titles.iter().position(|it| it.contains(word)).unwrap_or_else(|| panic!("{titles:?}"));
    let edit = |at: usize| {
        let change = &actions[at]["edit"]["documentChanges"][0];
        assert_eq!(change["textDocument"]["version"], 1);
        let range = &change["edits"][0]["range"];
        json!([{"range": range, "text": change["edits"][0]["newText"]}])
    };
    assert_eq!(actions[of("color")]["diagnostics"][0]["code"], "config-map-missing");
    client.change("web.yaml", edit(of("color")));
    assert!(!client.rules("web.yaml").contains(&"config-map-missing"));
    client.change("web.yaml", json!([{"text": wrong}]));
    client.change("web.yaml", edit(of("Accept `config-map-missing`")));
    let rules = client.rules("web.yaml");
    assert!(
        !rules.contains(&"config-map-missing") && !rules.iter().any(|it| it.starts_with("suppression")),
        "{rules:?}"
    );
}

/// The text with the suppression of a rule that the editor proposes at a place.
fn suppressed(client: &mut Client, name: &str, text: &str, at: usize, rule: &str) -> Option<String> {
    client.files(&[(name, text)]);
    assert!(client.rules(name).contains(&rule), "{rule}: {:?}", client.rules(name));
    let at = position(text, at);
    let params = json!({"textDocument": {"uri": uri(name)}, "range": {"start": at, "end": at}});
    let actions = client.request("textDocument/codeAction", params).unwrap();
    let title = format!("Accept `{rule}` here, with a reason");
    let action = actions.as_array().unwrap().iter().find(|it| it["title"] == title)?;
    let edit = &action["edit"]["documentChanges"][0]["edits"][0];
    let start = under(text, &edit["range"]).as_ptr() as usize - text.as_ptr() as usize;
    Some(format!("{}{}{}", &text[..start], edit["newText"].as_str().unwrap(), &text[start..]))
}

#[test]
fn suppressions_stand_where_they_count() {
    let mut client = Client::new();
    let broken = "a: 1\n---\nb: [\n";
    for (text, word, rule) in [
        (broken, "[", "yaml-unparsable"),
        ("b: [\n", "[", "yaml-unparsable"),
        (
            "# one\r\napiVersion: v1\r\nkind: Pod\r\nmetadata: {name: a}\r\nspec: {containers: [{name: a, image: a:1}]}\r\n",
            "Pod",
            "bare-pod",
        ),
    ] {
        let new = suppressed(&mut client, "a.yaml", text, text.find(word).unwrap(), rule).unwrap();
        client.files(&[("a.yaml", &new)]);
        let rules = client.rules("a.yaml");
        assert!(!rules.contains(&rule) && !rules.iter().any(|it| it.starts_with("suppression")), "{new:?}: {rules:?}");
    }
    let json = "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"},\n\"spec\": {\"containers\": [{\"name\": \"a\", \"image\": \"a:1\"}]}}";
    assert_eq!(suppressed(&mut client, "a.json", json, json.find("Pod").unwrap(), "bare-pod"), None);
}

#[test]
fn a_slip_is_mended_and_only_what_was_asked_for_is_proposed() {
    let mut client = fleet();
    let wrong = WEB.replace("image:", "imag:");
    client.open("web.yaml", &wrong);
    let at = position(&wrong, wrong.find("imag:").unwrap());
    let mut actions = |only: Value| {
        let context = json!({"diagnostics": [], "only": only});
        let params =
            json!({"textDocument": {"uri": uri("web.yaml")}, "range": {"start": at, "end": at}, "context": context});
        client.request("textDocument/codeAction", params).unwrap()
    };
    assert_eq!(actions(json!(["source.organizeImports"])), json!([]));
    let found = actions(json!(["quickfix"]));
    let edit = &found[0]["edit"]["documentChanges"][0]["edits"][0];
    assert_eq!((under(&wrong, &edit["range"]), &edit["newText"]), ("imag", &json!("image")), "{found}");
}

#[test]
fn findings_say_all_that_they_know() {
    let options = json!({"pages": "seaworthy-page:/{rule}.md"});
    let mut client = Client::with(json!({"capabilities": usual(), "initializationOptions": options,
        "workspaceFolders": [{"uri": "file:///w", "name": "w"}]}));
    client.files(&[("conf.yaml", CONFIG)]);
    client.open("copy.yaml", CONFIG);
    client.open("twice.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\ndata: {c: d}\n");
    let all: Vec<&Value> = client.findings.values().flatten().collect();
    let of = |rule: &str| *all.iter().find(|it| it["code"] == rule).unwrap_or_else(|| panic!("{rule}: {all:?}"));
    let twice = of("duplicate-object");
    assert_eq!(twice["codeDescription"]["href"], "seaworthy-page:/duplicate-object.md");
    assert!(twice["relatedInformation"][0]["location"]["uri"].as_str().unwrap().starts_with("file:///w/"), "{twice}");
    assert_eq!((&twice["source"], &of("duplicate-key")["tags"]), (&json!("seaworthy"), &json!([1])));
}
