//! The modules under `wasm/` in a host: they answer every review, and every object of every example, as the crate does.
//!
//! Behind the feature `wasm`, as building the host takes minutes: `cargo test -p seaworthy-tests --features wasm`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use seaworthy_admission::{Reviewer, Scope, Verdict};
use seaworthy_tests::examples::{self, root};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use wapc::WapcHost;
use wasmtime::{Engine, Linker, Module, Store};
use wasmtime_provider::WasmtimeEngineProviderBuilder;
use wasmtime_wasi::p1::{WasiP1Ctx, add_to_linker_sync};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{I32Exit, WasiCtxBuilder};

/// The folder of the modules, built as they are handed out.
static DIST: LazyLock<PathBuf> = LazyLock::new(|| {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(["run", "--quiet", "--package", "xtask", "wasm"]).current_dir(root()).status();
    assert!(built.unwrap().success(), "the modules do not build");
    root().join("target/dist")
});

/// A module may be so large, in bytes: more is a dependency too many.
const LARGEST: u64 = 3_450_000;

#[test]
fn the_modules_are_small() {
    for name in ["seaworthy-kubewarden.wasm", "seaworthy-review.wasm"] {
        let size = DIST.join(name).metadata().unwrap().len();
        println!("{name}: {size} bytes");
        assert!(size < LARGEST, "{name} has {size} bytes");
    }
}

fn policy() -> WapcHost {
    let module = std::fs::read(DIST.join("seaworthy-kubewarden.wasm")).unwrap();
    let engine = WasmtimeEngineProviderBuilder::new().module_bytes(&module).build().unwrap();
    // A policy that calls its host would see more than the request.
    let no_calls = |_, _: &str, _: &str, operation: &str, _: &[u8]| Err(format!("calls its host: {operation}").into());
    WapcHost::new(Box::new(engine), Some(Box::new(no_calls))).unwrap()
}

fn call(policy: &WapcHost, operation: &str, payload: &str) -> Value {
    serde_json::from_slice(&policy.call(operation, payload.as_bytes()).unwrap()).unwrap()
}

/// The bodies of the fixtures' reviews, and of one for each object of the examples.
fn bodies() -> Vec<(String, String)> {
    let request = |object: &str, namespace: &str| {
        format!(
            r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"1","operation":"CREATE","namespace":"{namespace}","object":{object}}}}}"#
        )
    };
    let of_objects = examples::objects().into_iter().map(|it| (it.example, request(it.source.text(), &it.namespace)));
    examples::reviews().into_iter().chain(of_objects).collect()
}

#[test]
fn the_policy_answers_as_the_crate_does() {
    let (policy, reviewer) = (policy(), Reviewer::default());
    let (mut judged, mut denied, mut took) = (0, 0, Vec::new());
    for (name, body) in bodies() {
        let review = reviewer.review(body.as_bytes()).unwrap();
        // Byte for byte: the order of findings is that of the object.
        let parts: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&body).unwrap();
        let payload = format!(r#"{{"settings":{{}},"request":{}}}"#, parts["request"]);
        let start = Instant::now();
        let answer = call(&policy, "validate", &payload);
        took.push(start.elapsed());
        let response = &serde_json::from_slice::<Value>(&review.body).unwrap()["response"];
        assert_eq!(answer["accepted"], response["allowed"], "{name}");
        assert_eq!(answer["warnings"], response["warnings"], "{name}");
        assert_eq!(answer["audit_annotations"], response["auditAnnotations"], "{name}");
        assert_eq!(answer["code"], response["status"]["code"], "{name}");
        let text = |cause: &Value, key: &str| cause[key].as_str().unwrap_or("").to_owned();
        let causes = response["status"]["details"]["causes"].as_array();
        let lines = causes.map(|it| {
            let lines = it.iter().map(|it| (text(it, "field"), text(it, "message")));
            lines.map(|(field, words)| if field.is_empty() { words } else { format!("{field}: {words}") }).collect()
        });
        assert_eq!(answer["message"].as_str().map(str::to_owned), lines.map(|it: Vec<_>| it.join("\n")), "{name}");
        judged += u32::from(review.scope == Scope::Judged);
        denied += u32::from(review.verdict == Verdict::Denied);
    }
    assert!(judged > 500 && denied > 20, "{judged} judged, {denied} denied");
    print("a call of the policy", &mut took);
}

/// The middle and the 99th of a hundred.
fn print(what: &str, took: &mut [Duration]) {
    took.sort_unstable();
    println!("{what}: p50 {:?}, p99 {:?}, of {}", took[took.len() / 2], took[took.len() * 99 / 100], took.len());
}

#[test]
fn settings_of_the_policy_are_validated_and_obeyed() {
    let policy = policy();
    assert_eq!(call(&policy, "protocol_version", ""), json!("v1"));
    for settings in ["{}", "null", r#"{"packs": ["recommended"], "levels": {"image-latest": "error"}}"#] {
        let answer = call(&policy, "validate_settings", settings);
        assert_eq!(answer["valid"], true, "{settings}: {answer}");
    }
    for (settings, words) in [
        (r#"{"packs": ["strickt"]}"#, "did you mean `strict`?"),
        (r#"{"kubernetesVersions": ["1.99"]}"#, "kubernetesVersions"),
        ("[1]", "no JSON object"),
    ] {
        let answer = call(&policy, "validate_settings", settings);
        assert_eq!(answer["valid"], false, "{settings}");
        assert!(answer["message"].as_str().unwrap().contains(words), "{settings}: {answer}");
    }
    let request = json!({"uid": "1", "operation": "CREATE", "object": {"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "image": "a:latest"}]}}});
    for (settings, accepted) in
        [(json!({}), true), (json!({"levels": {"image-latest": "error"}}), false), (json!({}), true)]
    {
        let answer = call(&policy, "validate", &json!({"settings": settings, "request": request}).to_string());
        assert_eq!(answer["accepted"], accepted, "{settings}: {answer}");
    }
    let answer = call(&policy, "validate", r#"{"settings": {}, "request": {"operation": "CREATE"}}"#);
    assert_eq!((&answer["accepted"], &answer["code"]), (&json!(false), &json!(400)), "{answer}");
    assert!(policy.call("validate", b"no payload").is_err());
}

/// A host for the program: each run is a process of its own.
struct Host {
    engine: Engine,
    linker: Linker<WasiP1Ctx>,
    module: Module,
}

impl Host {
    fn new() -> Self {
        let engine = Engine::default();
        let mut linker = Linker::new(&engine);
        add_to_linker_sync(&mut linker, |context: &mut WasiP1Ctx| context).unwrap();
        let module = Module::from_file(&engine, DIST.join("seaworthy-review.wasm")).unwrap();
        Self { engine, linker, module }
    }

    /// The exit code, and what was printed on standard output and on standard error.
    fn run(&self, arguments: &[&str], input: &str) -> (i32, Vec<u8>, String) {
        let (out, err) = (MemoryOutputPipe::new(1 << 22), MemoryOutputPipe::new(1 << 16));
        let arguments: Vec<&str> = std::iter::once("seaworthy-review").chain(arguments.iter().copied()).collect();
        let context = WasiCtxBuilder::new()
            .args(&arguments)
            .stdin(MemoryInputPipe::new(input.as_bytes().to_vec()))
            .stdout(out.clone())
            .stderr(err.clone())
            .build_p1();
        let mut store = Store::new(&self.engine, context);
        let instance = self.linker.instantiate(&mut store, &self.module).unwrap();
        let start = instance.get_typed_func::<(), ()>(&mut store, "_start").unwrap();
        let code = match start.call(&mut store, ()) {
            Ok(()) => 0,
            Err(trap) => trap.downcast_ref::<I32Exit>().unwrap_or_else(|| panic!("{trap:?}")).0,
        };
        drop(store);
        (code, out.contents().to_vec(), String::from_utf8_lossy(&err.contents()).into_owned())
    }
}

#[test]
fn the_program_answers_as_the_crate_does() {
    let (host, reviewer) = (Host::new(), Reviewer::default());
    let mut took = Vec::new();
    for (name, body) in bodies() {
        let start = Instant::now();
        let (code, out, err) = host.run(&[], &body);
        took.push(start.elapsed());
        assert_eq!((code, err.as_str()), (0, ""), "{name}");
        assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&reviewer.answer(body.as_bytes())), "{name}");
    }
    print("a run of the program", &mut took);
    let (code, out, _) = host.run(&[], "{");
    assert_eq!(
        (code, serde_json::from_slice::<Value>(&out).unwrap()["response"]["status"]["code"].clone()),
        (0, json!(400))
    );
    let (code, out, err) = host.run(&[r#"{"packs": ["strickt"]}"#], "");
    assert_eq!((code, out.len()), (2, 0));
    assert!(err.contains("did you mean `strict`?"), "{err}");
}
