//! What the command line promises: paths, flags, exit codes, the JSON contract, the same answer on any number of cores.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod seaworthy;

use std::fs;
use std::path::Path;
use std::process::Command;

use seaworthy::{check, folder, run_with};

const GOOD: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: good}\nspec: {clusterIP: None}\n";
const BAD: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {clusterIP: None, prots: []}\n";
const WARNED: &str = "apiVersion: v1\nkind: Endpoints\nmetadata: {name: old}\n";

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn exit_codes_follow_fail_on() {
    let folder = folder();
    write(folder.path(), &[("good.yaml", GOOD), ("old.yaml", WARNED)]);
    let code =
        |arguments: &[&str]| run_with(&[&["check", "--only", "api"], arguments].concat(), "", folder.path()).code;
    assert_eq!(code(&[]), 0);
    assert_eq!(code(&["--fail-on", "warning"]), 1);
    write(folder.path(), &[("bad.yaml", BAD)]);
    assert_eq!(code(&[]), 1);
}

#[test]
fn folders_are_walked_as_ripgrep_walks_them() {
    let folder = folder();
    write(
        folder.path(),
        &[
            ("a.yaml", GOOD),
            ("deep/er/b.yml", GOOD),
            (
                "c.json",
                "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"j\"}, \"spec\": {\"clusterIP\": \"None\"}}",
            ),
            ("notes.txt", GOOD),
            (".hidden/d.yaml", GOOD),
            (".github/workflows/ci.yaml", "on: push\njobs: {}\n"),
            ("ignored/e.yaml", GOOD),
            (".gitignore", "ignored/\n"),
        ],
    );
    let answer = check(folder.path(), &[]);
    assert_eq!((answer.summary("objects"), answer.summary("files")), (3, 4), "{}", answer.out);
    assert_eq!((answer.skipped().len(), answer.summary("configurations")), (0, 1), "{}", answer.out);
}

#[test]
fn files_of_terraform_and_etcd_are_taken_along() {
    let folder = folder();
    let member = "name: a\nlisten-client-urls: http://127.0.0.1:2379\nadvertise-client-urls: http://127.0.0.1:2379\n";
    let cached = "resource \"aws_db_instance\" \"x\" { backup_retention_period = 0 }\n";
    write(
        folder.path(),
        &[
            ("main.tf", "resource \"aws_db_instance\" \"x\" { publicly_accessible = var.is_public }\n"),
            ("prod.auto.tfvars", "is_public = true\n"),
            ("etcd/etcd.conf", member),
            ("nginx.conf", "server {}\n"),
            (".terraform/modules/x/main.tf", cached),
            ("terraform.tfstate", "{}"),
        ],
    );
    let answer = check(folder.path(), &["--only", "database-public,etcd-client-auth-disabled,syntax"]);
    assert_eq!((answer.code, answer.summary("files"), answer.summary("warnings")), (0, 3, 1), "{}", answer.out);
    assert_eq!((answer.skipped().len(), answer.summary("configurations")), (0, 3), "{}", answer.out);
}

#[test]
fn globs_name_files() {
    let folder = folder();
    write(folder.path(), &[("a/x.yaml", GOOD), ("b/x.yaml", BAD), ("b/y.yaml", BAD)]);
    assert_eq!(check(folder.path(), &["*/x.yaml"]).summary("files"), 2);
    assert_eq!(check(folder.path(), &["**/*.yaml"]).summary("files"), 3);
    assert_eq!(check(folder.path(), &["b/{x,y}.yaml"]).summary("files"), 2);
}

#[test]
fn a_named_file_is_read_whatever_it_is_called() {
    let folder = folder();
    write(folder.path(), &[("manifest", BAD)]);
    assert_eq!(check(folder.path(), &["manifest"]).code, 1);
}

#[test]
fn a_folder_without_manifests_is_said() {
    let folder = folder();
    write(folder.path(), &[("notes.txt", GOOD)]);
    let answer = run_with(&["check", "."], "", folder.path());
    assert_eq!(answer.code, 0);
    assert!(answer.err.contains("no .yaml, .yml or .json file in ."), "{}", answer.err);
}

#[test]
fn a_path_given_twice_is_read_once() {
    let folder = folder();
    write(folder.path(), &[("a.yaml", GOOD)]);
    assert_eq!(check(folder.path(), &["a.yaml", "a.yaml"]).summary("files"), 1);
}

#[test]
fn the_json_contract_holds() {
    let folder = folder();
    write(folder.path(), &[("bad.yaml", BAD)]);
    let report = check(folder.path(), &["--only", "api", "bad.yaml"]).json();
    assert_eq!(report["schema"], 1);
    assert_eq!(report["kubernetesVersions"], serde_json::json!(["1.37"]));
    let finding = &report["diagnostics"][0];
    assert_eq!(finding["rule"], "unknown-field");
    assert_eq!(finding["category"], "api");
    assert_eq!(finding["level"], "error");
    assert_eq!(finding["file"], "bad.yaml");
    assert_eq!(finding["document"], 0);
    assert_eq!(finding["path"], "spec.prots");
    assert_eq!(finding["span"]["start"], serde_json::json!({"line": 4, "column": 25, "offset": 75}));
    assert_eq!(finding["span"]["end"], serde_json::json!({"line": 4, "column": 30, "offset": 80}));
    let object = serde_json::json!({"apiVersion": "v1", "kind": "Service", "namespace": "default", "name": "bad"});
    assert_eq!(finding["object"], object);
    let cause =
        serde_json::json!({"reason": "BadRequest", "field": "spec.prots", "detail": "unknown field \"spec.prots\""});
    assert_eq!(finding["api"], cause);
    assert!(finding["help"].as_str().unwrap().contains("`ports`"));
    let summary = serde_json::json!({
        "files": 1, "documents": 1, "objects": 1, "configurations": 0, "skipped": 0, "errors": 1, "warnings": 0,
        "infos": 0, "unknown": 0, "suppressed": 0,
    });
    assert_eq!(report["summary"], summary);
}

#[test]
fn several_versions_in_one_run() {
    let folder = folder();
    let ingress = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: web}\nspec: {rules: []}\n";
    write(folder.path(), &[("ingress.yaml", ingress)]);
    let report = check(folder.path(), &["--only", "api", "--kubernetes-version", "1.21,1.37"]).json();
    assert_eq!(report["kubernetesVersions"], serde_json::json!(["1.21", "1.37"]));
    let removed = report["diagnostics"].as_array().unwrap().iter().find(|it| it["rule"] == "removed-api").unwrap();
    assert_eq!(removed["kubernetesVersions"], serde_json::json!(["1.37"]));
}

#[test]
fn a_fleet_document_names_its_manifests() {
    let folder = folder();
    let fleet = "apiVersion: seaworthy/v1alpha1\nkind: Fleet\nmetadata: {name: shop}\nspec: {manifests: [k8s], kubernetes: \"1.30\"}\n";
    write(folder.path(), &[("fleet/fleet.yaml", fleet), ("fleet/k8s/a.yaml", GOOD), ("other/b.yaml", BAD)]);
    let report = check(folder.path(), &["--fleet", "fleet/fleet.yaml"]).json();
    assert_eq!(report["summary"]["objects"], 1);
    assert_eq!(report["kubernetesVersions"], serde_json::json!(["1.30"]));
    let flags = check(folder.path(), &["--fleet", "fleet/fleet.yaml", "--kubernetes-version", "1.34", "other"]).json();
    assert_eq!(flags["kubernetesVersions"], serde_json::json!(["1.34"]));
    assert_eq!(flags["summary"]["errors"], 1);
}

#[test]
fn the_fleet_document_of_the_working_directory_is_obeyed() {
    let folder = folder();
    let fleet = "apiVersion: seaworthy/v1alpha1\nkind: Fleet\nmetadata: {name: shop}\nspec: {manifests: [k8s], cluster: {from: [nodes.yaml]}}\n";
    let node = "apiVersion: v1\nkind: Node\nmetadata: {name: node-a}\n";
    write(folder.path(), &[("fleet.yaml", fleet), ("k8s/a.yaml", GOOD), ("old/b.yaml", BAD), ("nodes.yaml", node)]);
    let report = check(folder.path(), &[]).json();
    assert_eq!((&report["summary"]["files"], &report["summary"]["objects"]), (&2.into(), &1.into()));
    assert_eq!(check(folder.path(), &["."]).summary("errors"), 1, "paths beat what it names");
}

#[test]
fn facts_of_the_cluster_that_nothing_reads_are_listed() {
    let folder = folder();
    let eksctl = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: c, version: '1.33'}\n\
                  nodeGroups: [{name: a, desiredCapacity: '${COUNT}'}]\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
    write(folder.path(), &[("a.yaml", GOOD), ("eksctl.yaml", eksctl), ("secret.yaml", secret)]);
    let report = check(folder.path(), &["a.yaml", "--cluster", "eksctl.yaml", "--cluster", "secret.yaml"]).json();
    assert_eq!(report["summary"]["files"], 1, "cluster files are context, not manifests");
    assert_eq!(report["kubernetesVersions"], serde_json::json!(["1.33"]));
    let unknown = report["unknown"].as_array().unwrap().iter();
    let unknown: Vec<_> = unknown.map(|it| (it["file"].as_str().unwrap(), it["refersTo"].as_str().unwrap())).collect();
    assert_eq!(unknown, [("eksctl.yaml", "how many nodes"), ("secret.yaml", "Secret `s`")]);
}

/// A snapshot: what it holds is known and not judged.
const SNAPSHOT: &str = r#"{"apiVersion":"seaworthy/v1alpha1","kind":"Snapshot","spec":{"kubernetes":"v1.34.4","listed":["RuntimeClass.node.k8s.io","Namespace"]}}
---
{"apiVersion":"node.k8s.io/v1","kind":"RuntimeClass","metadata":{"name":"deep"},"handler":"deep","nonsense":true}
---
{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}
"#;

#[test]
fn a_snapshot_is_the_cluster() {
    let folder = folder();
    let pod = |class: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p, namespace: shop}}\nspec:\n  runtimeClassName: {class}\n  \
             containers: [{{name: p, image: p:1}}]\n"
        )
    };
    write(folder.path(), &[("snapshot.yaml", SNAPSHOT), ("deep.yaml", &pod("deep")), ("flat.yaml", &pod("flat"))]);
    let known = check(folder.path(), &["deep.yaml", "--cluster", "snapshot.yaml"]).json();
    assert_eq!(known["kubernetesVersions"], serde_json::json!(["1.34"]));
    assert_eq!((&known["summary"]["errors"], &known["summary"]["unknown"]), (&0.into(), &0.into()), "{known}");
    let missing = check(folder.path(), &["flat.yaml", "--cluster", "snapshot.yaml"]);
    assert_eq!(missing.errors().len(), 1, "{}", missing.out);
}

#[cfg(feature = "snapshot")]
#[test]
fn a_snapshot_needs_a_cluster() {
    let folder = folder();
    let config =
        "{apiVersion: v1, kind: Config, clusters: [], users: [], contexts: [{name: a, context: {cluster: c}}]}";
    write(folder.path(), &[("config", config)]);
    let config = folder.path().join("config");
    let ask = |config: &std::path::Path, context: &[&str]| {
        let arguments = ["snapshot", "--output", "out.yaml"].iter().chain(context);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_seaworthy"));
        command.args(arguments).current_dir(folder.path()).env_clear().env("KUBECONFIG", config);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = ask(std::path::Path::new("nowhere"), &[]);
    assert_eq!(code, Some(2));
    assert!(said.starts_with("seaworthy: no cluster to read: there is no kubeconfig"), "{said}");
    let (code, said) = ask(&config, &["--context", "b"]);
    assert_eq!((code, said.as_str()), (Some(2), "seaworthy: the kubeconfig has no context `b`: it has a\n"));
    assert!(!folder.path().join("out.yaml").exists());
}

#[test]
fn reports_go_to_files_too() {
    let folder = folder();
    write(folder.path(), &[("bad.yaml", BAD)]);
    let answer = run_with(&["check", "--output", "json=report.json", "bad.yaml"], "", folder.path());
    assert_eq!(answer.code, 1);
    assert!(answer.out.contains("--> bad.yaml:4:25"), "{}", answer.out);
    let report = fs::read_to_string(folder.path().join("report.json")).unwrap();
    assert!(report.starts_with("{\"schema\":1,"), "{report}");
}

#[test]
fn any_number_of_cores_gives_the_same_answer() {
    let folder = folder();
    for at in 0..200 {
        let text = [GOOD, BAD, WARNED, "a: [\n"][at % 4].replace("name: ", &format!("name: x{at}-"));
        fs::write(folder.path().join(format!("{at}.yaml")), text).unwrap();
    }
    let on = |threads: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_seaworthy"))
            .args(["check", "--format", "json", "--pack", "strict"])
            .current_dir(folder.path())
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let one = on("1");
    assert!(one.len() > 1000);
    for threads in ["2", "8"] {
        assert_eq!(on(threads), one, "{threads} threads");
    }
}

#[test]
fn text_is_for_people() {
    let folder = folder();
    write(folder.path(), &[("bad.yaml", BAD)]);
    let answer = run_with(&["check", "--only", "api", "bad.yaml"], "", folder.path());
    let (body, took) = answer.out.rsplit_once(" · ").unwrap();
    let want = "\
error[unknown-field]: Service `bad` would be refused: unknown field \"spec.prots\"
 --> bad.yaml:4:25
  |
4 | spec: {clusterIP: None, prots: []}
  |                         ^^^^^
  |
  = help: did you mean `ports`?

Kubernetes 1.37 · 1 file, 1 object checked
1 error, 0 warnings";
    assert_eq!(body, want);
    assert!(took.ends_with("ms\n"), "{took}");
    let good = run_with(&["check", "-"], GOOD, folder.path());
    assert!(good.out.starts_with("Seaworthy: 1 object in 1 file, nothing wrong (Kubernetes 1.37)"), "{}", good.out);
}

#[test]
fn quiet_says_errors_alone() {
    let folder = folder();
    write(folder.path(), &[("bad.yaml", BAD), ("old.yaml", WARNED)]);
    let answer = run_with(&["check", "--quiet"], "", folder.path());
    assert!(answer.out.contains("unknown-field") && !answer.out.contains("warning"), "{}", answer.out);
    fs::remove_file(folder.path().join("bad.yaml")).unwrap();
    assert_eq!(run_with(&["check", "--quiet"], "", folder.path()).out, "");
}

#[test]
fn every_rule_explains_itself() {
    let list = run_with(&["rules", "--format", "json"], "", Path::new("."));
    let rules = list.json();
    let rules = rules["rules"].as_array().unwrap();
    assert!(rules.len() > 10);
    for rule in rules {
        let id = rule["id"].as_str().unwrap();
        let page = run_with(&["explain", id], "", Path::new("."));
        assert_eq!(page.code, 0);
        assert!(page.out.starts_with(&format!("# {id}\n")), "{id}");
        assert!(!rule["summary"].as_str().unwrap().is_empty(), "{id}");
    }
}

#[test]
fn completions_are_scripts() {
    for (shell, word) in [("bash", "_seaworthy"), ("zsh", "#compdef seaworthy"), ("fish", "complete -c seaworthy")] {
        let answer = run_with(&["completions", shell], "", Path::new("."));
        assert!(answer.out.contains(word), "{shell}");
    }
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let status = Command::new("sh")
        .args(["-c", "\"$0\" rules | head -n 1; \"$0\" explain unknown-field | true"])
        .arg(env!("CARGO_BIN_EXE_seaworthy"))
        .output()
        .unwrap();
    assert!(status.status.success());
    assert!(!String::from_utf8_lossy(&status.stderr).contains("panicked"));
}

#[test]
fn a_baseline_hides_what_was_there() {
    let folder = folder();
    write(folder.path(), &[("bad.yaml", BAD)]);
    let run = |arguments: &[&str]| run_with(&[&["check", "--only", "api"], arguments].concat(), "", folder.path());
    let written = run(&["--write-baseline", "known.json"]);
    assert_eq!((written.code, written.err.as_str()), (0, "seaworthy: 1 finding written to known.json\n"));
    assert_eq!(run(&["--baseline", "known.json"]).code, 0);
    write(folder.path(), &[("new.yaml", &BAD.replace("name: bad", "name: new"))]);
    let new = run(&["--baseline", "known.json"]);
    assert_eq!(new.code, 1);
    assert!(new.out.contains("new.yaml:4") && !new.out.contains("bad.yaml"), "{}", new.out);
    // What is mended is said, and a baseline written anew holds what is there, old or new.
    fs::remove_file(folder.path().join("bad.yaml")).unwrap();
    assert!(run(&["--baseline", "known.json"]).err.contains("1 of the baseline's findings are not there any more"));
    let anew = run(&["--baseline", "known.json", "--write-baseline", "known.json"]);
    assert_eq!((anew.code, anew.err.as_str()), (0, "seaworthy: 1 finding written to known.json\n"));
    assert_eq!(run(&["--baseline", "known.json"]).code, 0);
    write(folder.path(), &[("broken.json", "{\"schema\": 2, \"findings\": []}")]);
    let refused = run(&["--baseline", "broken.json"]);
    assert_eq!(
        (refused.code, refused.err.as_str()),
        (2, "seaworthy: broken.json: a baseline of schema 2; this version reads schema 1\n",)
    );
}

#[test]
fn what_must_not_change_is_told_against_what_was_applied() {
    let folder = folder();
    let set = |app: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  selector: {{matchLabels: {{app: \
             {app}}}}}\n  template:\n    metadata: {{labels: {{app: {app}}}}}\n    spec: {{containers: [{{name: web, image: \
             \"web:1\"}}]}}\n"
        )
    };
    write(folder.path(), &[("old/web.yaml", &set("web")), ("new/web.yaml", &set("site"))]);
    let run = |arguments: &[&str]| run_with(&[&["check", "--only", "api"], arguments].concat(), "", folder.path());
    assert_eq!(run(&["new"]).code, 0);
    let changed = run(&["new", "--against", "old"]);
    assert_eq!(changed.code, 1);
    assert!(changed.out.contains("new/web.yaml:5") && changed.out.contains("field is immutable"), "{}", changed.out);
    assert_eq!(run(&["old", "--against", "old"]).code, 0);
    assert_eq!(run(&["new", "--against", "gone"]).code, 2);
}

#[test]
fn a_policy_is_given_by_name_or_among_the_paths() {
    let folder = folder();
    let policy = "apiVersion: seaworthy/v1alpha1\nkind: Policy\nspec: {levels: {unknown-field: off}}\n";
    write(folder.path(), &[("k8s/bad.yaml", BAD), ("policy.yaml", policy)]);
    let code = |arguments: &[&str]| run_with(&[&["check"], arguments].concat(), "", folder.path()).code;
    assert_eq!(code(&["k8s"]), 1);
    assert_eq!(code(&["k8s", "--policy", "policy.yaml"]), 0);
    assert_eq!(code(&["k8s", "policy.yaml"]), 0);
    assert_eq!(code(&["."]), 0);
    assert_eq!(code(&["k8s", "--policy", "k8s/bad.yaml"]), 2);
    // A suppression that has run out by the clock.
    let old = "apiVersion: seaworthy/v1alpha1\nkind: Policy\nspec: {suppress: [{rule: unknown-field, object: Service/*, reason: old, until: 2020-01-01}]}\n";
    write(folder.path(), &[("policy.yaml", old)]);
    let answer = check(&folder.path().join("k8s"), &[".", "--policy", "../policy.yaml"]);
    assert_eq!(answer.warnings(), ["suppression-unused policy.yaml:3:26"]);
    assert_eq!(answer.errors(), ["unknown-field bad.yaml:4:25"]);
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let folder = folder();
    let answer = run_with(&["man", "pages"], "", folder.path());
    assert_eq!((answer.code, answer.out.as_str()), (0, ""));
    let page = |name: &str| fs::read_to_string(folder.path().join("pages").join(name)).unwrap();
    let main = page("seaworthy.1");
    let commands: Vec<&str> = main.lines().filter_map(|line| line.strip_prefix("seaworthy\\-")).collect();
    assert!(commands.contains(&"check(1)") && commands.contains(&"explain(1)"), "{main}");
    for command in &commands {
        let name = command.strip_suffix("(1)").unwrap();
        assert!(page(&format!("seaworthy-{name}.1")).contains(&format!("\\fBseaworthy {name}\\fR")), "{name}");
    }
    assert_eq!(fs::read_dir(folder.path().join("pages")).unwrap().count(), commands.len() + 1);
}

/// A definition and two of its objects, the second of which it refuses.
const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
    metadata: {name: ships.sea.example}\nspec:\n  group: sea.example\n  scope: Namespaced\n  \
    names: {plural: ships, kind: Ship}\n  versions: [{name: v1, served: true, storage: true, schema: \
    {openAPIV3Schema: {type: object, description: A ship., properties: {spec: {type: object, required: [crew], \
    properties: {crew: {type: integer}}}}}}}]\n";
const SHIPS: &str = "apiVersion: sea.example/v1\nkind: Ship\nmetadata: {name: a}\nspec: {crew: 1}\n---\n\
    apiVersion: sea.example/v1\nkind: Ship\nmetadata: {name: b}\nspec: {}\n";

#[test]
fn definitions_judge_their_objects_from_the_set_from_beside_it_and_from_one_small_file() {
    let folder = folder();
    write(folder.path(), &[("set/ships.yaml", SHIPS), ("crds/ship.yaml", DEFINITION)]);
    let said = |arguments: &[&str]| {
        let answer = check(folder.path(), &[&["--only", "api"], arguments].concat());
        let json = answer.json();
        let found = json["diagnostics"].as_array().unwrap().iter();
        found.map(|it| it["api"]["field"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(said(&["set"]), Vec::<String>::new());
    assert_eq!(said(&["set", "--crds", "crds"]), ["spec.crew"]);
    assert_eq!(said(&["set", "crds"]), ["spec.crew"]);
    let packed = run_with(&["crds", "crds", "--output", "all.yaml"], "", folder.path());
    assert_eq!((packed.code, packed.out.as_str()), (0, "wrote 1 definitions to all.yaml\n"));
    assert!(!fs::read_to_string(folder.path().join("all.yaml")).unwrap().contains("A ship."));
    assert_eq!(said(&["set", "--crds", "all.yaml"]), ["spec.crew"]);
    let piped = run_with(&["crds", "-"], DEFINITION, folder.path());
    assert_eq!(piped.out, fs::read_to_string(folder.path().join("all.yaml")).unwrap());
}
