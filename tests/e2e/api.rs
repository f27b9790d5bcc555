//! A client that shows what a real client sees: the code, the warnings and the body of every answer.

use std::path::Path;
use std::time::Duration;

use http::Request;
use kube::Client;
use kube::client::Body;
use kube::config::AuthInfo;
use serde_json::{Value, json};

/// Whoever sends requests to the API server.
#[derive(Clone)]
pub struct Api {
    client: Client,
    /// Whom the administrator speaks for: a user and groups.
    identity: Vec<(&'static str, String)>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub code: u16,
    pub warnings: Vec<String>,
    pub body: Value,
}

impl Api {
    pub fn new(url: &str, authority: &Path, token: &str) -> Self {
        let mut config = kube::Config::new(url.parse().unwrap());
        config.root_cert_file = Some(authority.to_owned());
        config.auth_info = AuthInfo { token: Some(token.to_owned().into()), ..AuthInfo::default() };
        config.read_timeout = Some(Duration::from_secs(60));
        config.reset_reader_on_write = true;
        // A test wants to see each error.
        config.default_retry = false;
        Self { client: Client::try_from(config).unwrap(), identity: Vec::new() }
    }

    /// The same client, as this user of these groups.
    pub fn as_user(&self, user: &str, groups: &[&str]) -> Self {
        let groups = groups.iter().map(|&it| ("Impersonate-Group", it.to_owned()));
        let identity = std::iter::once(("Impersonate-User", user.to_owned())).chain(groups).collect();
        Self { client: self.client.clone(), identity }
    }

    pub async fn call(&self, method: &str, path: &str, content_type: &str, body: &Value) -> Answer {
        self.try_call(method, path, content_type, body).await.unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// Err: no answer came.
    pub async fn try_call(
        &self,
        method: &str,
        path: &str,
        content_type: &str,
        body: &Value,
    ) -> Result<Answer, kube::Error> {
        let mut request = Request::builder().method(method).uri(path).header("Content-Type", content_type);
        for (name, value) in &self.identity {
            request = request.header(*name, value);
        }
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let response = self.client.send(request.body(Body::from(bytes)).unwrap()).await?;
        let code = response.status().as_u16();
        let warnings = response.headers().get_all("Warning").iter();
        let warnings = warnings.map(|it| warning(&String::from_utf8_lossy(it.as_bytes()))).collect();
        let bytes = response.into_body().collect_bytes().await?;
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into());
        Ok(Answer { code, warnings, body })
    }

    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        self.try_call("GET", path, "application/json", &Value::Null).await.ok()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "application/json", &Value::Null).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, "application/json", body).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, "application/json", body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, "application/json", &Value::Null).await
    }

    /// A JSON merge patch.
    pub async fn merge(&self, path: &str, patch: &Value) -> Answer {
        self.call("PATCH", path, "application/merge-patch+json", patch).await
    }

    /// A JSON patch.
    pub async fn patch(&self, path: &str, operations: &Value) -> Answer {
        self.call("PATCH", path, "application/json-patch+json", operations).await
    }

    /// What `kubectl apply --server-side --validate=strict` sends. The query says more, such as `&dryRun=All`.
    pub async fn apply(&self, object: &Value, query: &str) -> Answer {
        let path = self.path(object).await;
        let path = format!("{path}?fieldManager=e2e&force=true&fieldValidation=Strict{query}");
        self.call("PATCH", &path, "application/apply-patch+yaml", object).await
    }

    /// The path of an object, as discovery tells it.
    pub async fn path(&self, object: &Value) -> String {
        let version = object["apiVersion"].as_str().unwrap();
        let root = if version.contains('/') { format!("/apis/{version}") } else { format!("/api/{version}") };
        let resources = self.get(&root).await.body;
        let resources = resources["resources"].as_array().unwrap_or_else(|| panic!("{root} is not served"));
        let named = |it: &&Value| it["kind"] == object["kind"] && !it["name"].as_str().unwrap().contains('/');
        let resource = resources.iter().find(named).unwrap_or_else(|| panic!("{root} has no {}", object["kind"]));
        let namespace = match resource["namespaced"] == json!(true) {
            true => format!("/namespaces/{}", object["metadata"]["namespace"].as_str().unwrap()),
            false => String::new(),
        };
        let name = object["metadata"]["name"].as_str().unwrap();
        format!("{root}{namespace}/{}/{name}", resource["name"].as_str().unwrap())
    }
}

impl Answer {
    /// It, if it has one of these codes; else the test ends here.
    #[track_caller]
    pub fn expect(self, codes: &[u16]) -> Self {
        assert!(codes.contains(&self.code), "{codes:?} was expected: {} {}", self.code, self.body);
        self
    }

    /// It, if the request was done and nothing was warned of.
    #[track_caller]
    pub fn accepted(self) -> Self {
        assert!(self.warnings.is_empty(), "warnings: {:?}", self.warnings);
        self.expect(&[200, 201])
    }

    pub fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

/// The text of a header `299 - "text"`.
fn warning(header: &str) -> String {
    let quoted = header.strip_prefix("299 - ").unwrap_or_else(|| panic!("no warning: {header}"));
    quoted.trim_matches('"').replace("\\\"", "\"").replace("\\\\", "\\")
}
