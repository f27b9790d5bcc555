//! Bad input of every kind: a clear error, the right exit code, nothing lost, no panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

mod seaworthy;

use std::fs::{self, File};
use std::path::Path;

use seaworthy::{Answer, check, folder, run};

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {clusterIP: None}\n";

/// Puts one file beside a good Service and checks the folder: whatever is wrong with the file, the Service is checked.
fn beside_a_service(name: &str, content: impl AsRef<[u8]>) -> Answer {
    let folder = folder();
    fs::write(folder.path().join("service.yaml"), SERVICE).unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    let answer = check(folder.path(), &[]);
    assert_eq!(answer.summary("objects"), 1, "the Service beside it was not checked: {}", answer.out);
    answer
}

#[test]
fn an_empty_file_is_listed() {
    let answer = beside_a_service("empty.yaml", "");
    assert_eq!(answer.code, 0);
    assert_eq!(answer.skipped(), ["empty.yaml: nothing but blanks and comments"]);
}

#[test]
fn only_comments_are_listed() {
    let answer = beside_a_service("comments.yaml", "# nothing\n---\n# here\n");
    assert_eq!(answer.code, 0);
    assert_eq!(answer.skipped(), ["comments.yaml: nothing but blanks and comments"]);
}

#[test]
fn binary_is_no_text() {
    let answer = beside_a_service("image.yaml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    assert_eq!(answer.code, 1);
    assert_eq!(answer.errors(), ["yaml-unparsable image.yaml:1:1"]);
}

#[test]
fn invalid_utf8_is_placed() {
    let answer = beside_a_service("latin1.yaml", b"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: caf\xE9\n");
    assert_eq!(answer.code, 1);
    assert_eq!(answer.errors(), ["yaml-unparsable latin1.yaml:4:12"]);
}

#[test]
fn utf16_is_read() {
    let text = "apiVersion: v1\nkind: Service\nmetadata: {name: other}\nspec: {port: 80}\n";
    let bytes: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let folder = folder();
    fs::write(folder.path().join("utf16.yaml"), bytes).unwrap();
    let answer = check(folder.path(), &["--only", "unknown-field"]);
    assert_eq!(answer.code, 1);
    assert_eq!(answer.errors(), ["unknown-field utf16.yaml:4:8"]);
}

#[test]
fn tabs_do_not_indent() {
    let answer = beside_a_service("tabs.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n\tname: web\n");
    assert_eq!(answer.code, 1);
    assert_eq!(answer.errors(), ["yaml-unparsable tabs.yaml:4:1"]);
    assert!(answer.messages().contains("tab"), "{}", answer.out);
}

#[test]
fn an_unclosed_quote_is_named() {
    let answer = beside_a_service("quote.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: \"web\n");
    assert_eq!(answer.code, 1);
    assert_eq!(answer.errors(), ["yaml-unparsable quote.yaml:4:9"]);
}

#[test]
fn brackets_without_end_are_too_deep() {
    let answer = beside_a_service("deep.yaml", "[".repeat(100_000));
    assert_eq!(answer.errors(), ["yaml-unparsable deep.yaml:1:201"]);
    assert!(answer.messages().contains("limit `nesting`"), "{}", answer.messages());
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..10 {
        let alias = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{alias}]\n"));
    }
    let answer = beside_a_service("bomb.yaml", text);
    assert_eq!(answer.code, 1);
    assert_eq!(answer.errors().len(), 1);
    assert!(answer.messages().contains("alias"), "{}", answer.messages());
}

#[test]
fn one_large_anchor_with_many_aliases_is_refused() {
    let text = format!("a: &a {}\nb:\n{}", "x".repeat(200_000), "- *a\n".repeat(20_000));
    let answer = beside_a_service("anchor.yaml", text);
    assert_eq!(answer.code, 1);
    assert!(answer.messages().contains("alias_text"), "{}", answer.messages());
}

#[test]
fn fifty_megabytes_on_one_line() {
    let text = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: big}}\ndata: {{a: \"{}\"}}\n",
        "x".repeat(50_000_000)
    );
    let folder = folder();
    fs::write(folder.path().join("long.yaml"), text).unwrap();
    let answer = check(folder.path(), &[]);
    assert_eq!(answer.summary("objects"), 1);
}

#[test]
fn a_sparse_gigabyte_is_not_read() {
    let folder = folder();
    fs::write(folder.path().join("service.yaml"), SERVICE).unwrap();
    File::create(folder.path().join("huge.yaml")).unwrap().set_len(1 << 30).unwrap();
    let answer = check(folder.path(), &[]);
    assert_eq!(answer.summary("objects"), 1);
    assert_eq!(answer.warnings(), ["input-skipped huge.yaml:1:1"]);
    assert!(answer.messages().contains("file_size"), "{}", answer.messages());
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_back_ends() {
    let folder = folder();
    fs::write(folder.path().join("service.yaml"), SERVICE).unwrap();
    fs::create_dir(folder.path().join("sub")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("sub/back")).unwrap();
    let answer = check(folder.path(), &[]);
    assert_eq!(answer.summary("objects"), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn an_unreadable_file_is_a_finding_on_the_way_and_a_failure_by_name() {
    // Permissions do not stop root; this file lets nobody read its beginning.
    let folder = folder();
    fs::write(folder.path().join("service.yaml"), SERVICE).unwrap();
    let unreadable = folder.path().join("memory.yaml");
    std::os::unix::fs::symlink("/proc/self/mem", &unreadable).unwrap();
    let answer = check(folder.path(), &[]);
    assert_eq!(answer.summary("objects"), 1);
    assert_eq!(answer.warnings(), ["input-skipped memory.yaml:1:1"]);
    let named = run(&["check", unreadable.to_str().unwrap()]);
    assert_eq!(named.code, 2);
    assert!(named.err.contains("cannot read"), "{}", named.err);
}

#[test]
fn a_folder_may_be_called_like_a_file() {
    let folder = folder();
    fs::create_dir(folder.path().join("x.yaml")).unwrap();
    fs::write(folder.path().join("x.yaml/service.yaml"), SERVICE).unwrap();
    assert_eq!(check(folder.path(), &[]).summary("objects"), 1);
    assert_eq!(check(&folder.path().join("x.yaml"), &[]).summary("objects"), 1);
}

#[test]
fn a_helm_template_is_named_once() {
    let template = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n  labels:\n\
                    {{ include \"labels\" . | indent 4 }}\nspec:\n  {{- if .Values.port }}\n  ports: []\n  {{- end }}\n";
    let answer = beside_a_service("template.yaml", template);
    assert_eq!(answer.code, 0);
    assert_eq!(answer.errors(), Vec::<String>::new());
    assert_eq!(answer.infos_of("template-not-rendered"), ["template.yaml"]);
    assert_eq!(answer.skipped(), ["template.yaml: a template that is not rendered"]);
}

#[test]
fn a_path_that_is_not_there_is_a_failure() {
    let answer = run(&["check", "no/such/path"]);
    assert_eq!(answer.code, 2);
    assert!(answer.err.contains("no/such/path"), "{}", answer.err);
    let glob = run(&["check", "no/such/*.yaml"]);
    assert_eq!(glob.code, 2);
    assert!(glob.err.contains("no/such/*.yaml"), "{}", glob.err);
}

#[test]
fn unknown_flags_and_values_are_failures() {
    for (arguments, word) in [
        (&["check", "--format", "yaml"][..], "json"),
        (&["check", "--kubernetes-version", "1.99"], "1.37"),
        (&["check", "--only", "image-lates"], "image-latest"),
        (&["check", "--pack", "recomended"], "recommended"),
        (&["check", "--no-such-flag"], "--no-such-flag"),
        (&["explain", "image-lates"], "image-latest"),
        (&["chekc"], "check"),
    ] {
        let answer = run(arguments);
        assert_eq!(answer.code, 2, "{arguments:?}");
        assert!(answer.err.contains(word), "{arguments:?}: {}", answer.err);
        assert_eq!(answer.out, "", "{arguments:?}");
    }
}

#[test]
fn a_broken_document_does_not_hide_the_others() {
    let text = format!("{SERVICE}---\na: [1, 2\n---\n{SERVICE}");
    let folder = folder();
    fs::write(folder.path().join("three.yaml"), text).unwrap();
    let answer = check(folder.path(), &["--only", "syntax"]);
    assert_eq!(answer.summary("objects"), 2);
    assert_eq!(answer.errors().len(), 1);
}

#[test]
fn standard_input_is_read_and_named() {
    let answer =
        seaworthy::run_with(&["check", "-", "--format", "json"], "kind: Pod\nmetadata: {name: a}\n", Path::new("."));
    assert_eq!(answer.code, 1);
    assert_eq!(answer.errors().len(), 1);
    assert_eq!(answer.json()["diagnostics"][0]["file"], "-");
}
