//! Whatever is sent, an answer comes back: valid JSON, with the uid, of a bounded size, and no panic.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use proptest::prelude::*;
use seaworthy::Validator;
use seaworthy_admission::{Malformed, Reviewer, Scope, Verdict, failed, review};
use serde_json::{Value, json};

fn good() -> Value {
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "705ab4f5", "operation": "CREATE", "namespace": "shop", "name": "web", "subResource": "",
        "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "userInfo": {"username": "alice", "groups": ["developers"]}, "dryRun": false, "options": {}, "oldObject": null,
        "object": {
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"app": "web"}},
            "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": {"metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "registry.example.com/web:1",
                    "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}]}}}}}})
}

/// The answer of the review with the default policy, which always has the form of one.
fn answered(body: &[u8]) -> Value {
    let answer = review(body);
    assert!(answer.len() < 1 << 20, "an answer of {} bytes", answer.len());
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!((&answer["apiVersion"], &answer["kind"]), (&json!("admission.k8s.io/v1"), &json!("AdmissionReview")));
    assert!(answer["response"]["allowed"].is_boolean() && answer["response"]["uid"].is_string(), "{answer}");
    answer
}

fn malformed(body: &[u8]) -> Malformed {
    let fault = Reviewer::new(Validator::default()).review(body).unwrap_err();
    let answer = answered(body);
    assert_eq!(answer["response"]["status"]["code"], 400);
    assert_eq!(answer["response"]["uid"], fault.uid.as_str());
    assert_eq!(answer["response"]["allowed"], false);
    fault
}

#[test]
fn other_bodies_are_malformed_in_clear_words() {
    let with = |key: &str, value: Value| {
        let mut body = good();
        body[key] = value;
        body.to_string()
    };
    for (body, words, uid) in [
        (String::new(), "EOF", ""),
        ("[]".to_owned(), "no AdmissionReview", ""),
        ("{}".to_owned(), "the body is `` of ``", ""),
        (with("apiVersion", json!("admission.k8s.io/v1beta1")), "of `admission.k8s.io/v1beta1`, not", "705ab4f5"),
        (with("apiVersion", json!(1)), "invalid type: integer", "705ab4f5"),
        (with("kind", json!("ConversionReview")), "`ConversionReview` of", "705ab4f5"),
        (with("request", json!(null)), "no `request`", ""),
        (with("request", json!([1])), "`request`", ""),
        (with("request", json!({"operation": "CREATE"})), "no `uid`", ""),
        (good().to_string().replace("\"705ab4f5\"", "7"), "`request`", ""),
        (good().to_string().replace("\"705ab4f5\"", "\"\""), "no `uid`", ""),
        (format!("{} x", good()), "trailing characters", ""),
        (good().to_string().replace("\"uid\"", "\"uid\":\"1\",\"uid\""), "duplicate field", ""),
    ] {
        let fault = malformed(body.as_bytes());
        assert!(fault.why.contains(words), "{body}: {fault}");
        assert_eq!(fault.uid, uid, "{body}");
    }
    let fault = malformed(b"{\"kind\": \"\xff\"}");
    assert!(fault.why.contains("not UTF-8"), "{fault}");
}

#[test]
fn wrong_types_in_every_field_of_the_request() {
    let fields: Vec<String> = good()["request"].as_object().unwrap().keys().cloned().collect();
    for field in fields {
        for value in [json!(null), json!(1), json!(true), json!("x"), json!([]), json!([[1]]), json!({"a": 1})] {
            let mut body = good();
            body["request"][&field] = value;
            answered(body.to_string().as_bytes());
        }
    }
}

#[test]
fn wrong_types_in_every_place_of_the_object() {
    fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(map) => map.iter().for_each(|(key, it)| paths(it, &format!("{at}/{key}"), found)),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(key, it)| paths(it, &format!("{at}/{key}"), found))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    paths(&good()["request"]["object"], "/request/object", &mut found);
    for path in found {
        for value in
            [json!(null), json!(-1.5e300), json!("\u{0}\u{1f}\u{fffd}"), json!([null, [[]]]), json!({"": {"": []}})]
        {
            let mut body = good();
            *body.pointer_mut(&path).unwrap() = value;
            answered(body.to_string().as_bytes());
        }
    }
}

#[test]
fn deep_and_long_input() {
    let with = |object: String| good().to_string().replace(&good()["request"]["object"].to_string(), &object);
    let deep = |depth: usize| {
        let inner = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        with(format!(
            r#"{{"apiVersion":"example.com/v1","kind":"Deep","metadata":{{"name":"a"}},"spec":{{"a":{inner}}}}}"#
        ))
    };
    assert_eq!(answered(deep(150).as_bytes())["response"].get("warnings"), None);
    // Deeper than anything is read: let pass, and said so.
    for depth in [1_000, 1_000_000] {
        let answer = answered(deep(depth).as_bytes());
        assert_eq!(answer["response"]["allowed"], true, "{answer:#}");
        assert!(answer["response"]["warnings"][0].as_str().unwrap().contains("levels of nesting"), "{answer}");
    }
    let ten_megabytes = format!(
        r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"a"}},"data":{{"a":"{}"}}}}"#,
        "é".repeat(5 << 20)
    );
    answered(with(ten_megabytes).as_bytes());
    let name = "n".repeat(1 << 18);
    let mut body = good();
    body["request"]["name"] = json!(name);
    body["request"]["namespace"] = json!(name);
    body["request"]["object"]["metadata"]["name"] = json!(name);
    body["request"]["object"]["spec"]["template"]["spec"]["containers"][0]["image"] = json!(format!("{name}:latest"));
    body["request"]["object"]["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = json!(name);
    answered(body.to_string().as_bytes());
}

#[test]
fn duplicate_keys_of_the_object_are_those_that_were_sent() {
    let body = good().to_string().replace("\"image\":", "\"image\":\"registry.example.com/web:latest\",\"image\":");
    let review = Reviewer::new(Validator::default()).review(body.as_bytes()).unwrap();
    assert!(review.findings.iter().any(|it| it.0 == "duplicate-key"), "{:?}", review.findings);
    let number = good().to_string().replace("\"selector\":", "\"replicas\":1e0,\"selector\":");
    let review = Reviewer::new(Validator::default()).review(number.as_bytes()).unwrap();
    assert_eq!(review.verdict, Verdict::Allowed, "{}", String::from_utf8_lossy(&review.body));
}

#[test]
fn many_findings_keep_within_the_limits() {
    let container = json!({"name": "a", "image": "registry.example.com/web:latest", "imagePullPolicy": "Sometimes"});
    let mut body = good();
    body["request"]["object"]["spec"]["template"]["spec"]["containers"] = json!(vec![container; 5_000]);
    let answer = answered(body.to_string().as_bytes());
    let warnings = answer["response"]["warnings"].as_array().unwrap();
    let lengths: Vec<usize> = warnings.iter().map(|it| it.as_str().unwrap().chars().count()).collect();
    assert!(lengths.iter().all(|it| *it <= 256), "{lengths:?}");
    assert!(lengths.iter().sum::<usize>() <= 4096, "{lengths:?}");
    assert!(warnings.last().unwrap().as_str().unwrap().ends_with("more warnings"));
    let causes = answer["response"]["status"]["details"]["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 101);
    assert!(causes[100]["message"].as_str().unwrap().ends_with("more errors"));
}

#[test]
fn what_failed_is_answered_as_told() {
    let body = good().to_string();
    let answer: Value = serde_json::from_slice(&failed(body.as_bytes(), false, "the deadline has passed")).unwrap();
    assert_eq!(answer["response"]["uid"], "705ab4f5");
    assert_eq!(answer["response"]["allowed"], false);
    assert_eq!(answer["response"]["status"]["code"], 500);
    let answer: Value = serde_json::from_slice(&failed(body.as_bytes(), true, "the deadline\nhas passed")).unwrap();
    assert_eq!(answer["response"]["allowed"], true);
    assert_eq!(answer["response"]["warnings"], json!(["not judged: the deadline has passed"]));
    for body in [&b"{"[..], b"\xff", b""] {
        let answer: Value = serde_json::from_slice(&failed(body, true, "x")).unwrap();
        assert_eq!(answer["response"]["uid"], "");
    }
}

#[test]
fn what_is_logged_of_a_review() {
    let review = Reviewer::new(Validator::default()).review(good().to_string().as_bytes()).unwrap();
    let said = (review.operation.as_str(), review.resource.as_str(), review.namespace.as_str(), review.name.as_str());
    assert_eq!(said, ("CREATE", "deployments", "shop", "web"));
    assert_eq!((review.scope, review.verdict, review.dry_run), (Scope::Judged, Verdict::Allowed, false));
}

/// Any JSON, shallow.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("{{ .Values.x }}")),
        Just(json!("a: [b")),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let key = prop::sample::select(vec!["spec", "containers", "name", "image", "metadata", "status", "a", "env"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_object_is_answered(object in any_json(), kind in prop::sample::select(vec!["Pod", "Deployment", "Service", "List", "Fleet", "X"]), uid in "[a-z\"\\\\é]{1,20}") {
        let mut body = good();
        body["request"]["uid"] = json!(uid);
        body["request"]["object"] = object;
        if body["request"]["object"].is_object() {
            body["request"]["object"]["kind"] = json!(kind);
            body["request"]["object"]["apiVersion"] = json!("v1");
        }
        prop_assert_eq!(&answered(body.to_string().as_bytes())["response"]["uid"], &json!(uid));
    }

    #[test]
    fn any_request_is_answered(request in any_json()) {
        let mut body = good();
        body["request"] = request;
        answered(body.to_string().as_bytes());
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..400) {
        answered(&bytes);
        let mut body = good().to_string().into_bytes();
        body.truncate(cut);
        body.extend(bytes);
        answered(&body);
    }
}
