//! JSON-RPC 2.0, as the Language Server Protocol uses it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A message from the client.
#[derive(Debug)]
pub(crate) enum Message {
    /// It wants an answer.
    Request { id: Value, method: String, params: Value },
    /// It wants none.
    Notification { method: String, params: Value },
    /// It answers us; an error is as good as no answer.
    Response { id: Value, result: Option<Value> },
}

/// Why a request has no result, in the protocol's numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: i32,
    pub(crate) message: String,
}

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
const NOT_INITIALIZED: i32 = -32002;
const REQUEST_CANCELLED: i32 = -32800;
const REQUEST_FAILED: i32 = -32803;

impl Failure {
    fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(INVALID_REQUEST, message)
    }

    pub(crate) fn no_method(method: &str) -> Self {
        Self::new(METHOD_NOT_FOUND, format!("there is no method `{method}`"))
    }

    pub(crate) fn not_initialized() -> Self {
        Self::new(NOT_INITIALIZED, "`initialize` comes first")
    }

    pub(crate) fn cancelled() -> Self {
        Self::new(REQUEST_CANCELLED, "the client cancelled the request")
    }

    /// The request was right, and there is a reason not to do it.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(REQUEST_FAILED, message)
    }
}

/// What a request is answered with.
pub(crate) type Answer = Result<Value, Failure>;

/// Reads a message.
pub(crate) fn read(text: &str) -> Result<Message, Failure> {
    let value: Value =
        serde_json::from_str(text).map_err(|error| Failure::new(PARSE_ERROR, format!("no JSON: {error}")))?;
    let Value::Object(mut fields) = value else {
        return Err(Failure::invalid_request("a message is a JSON object; the protocol has no batches"));
    };
    let id = fields.remove("id");
    let params = fields.remove("params").unwrap_or_default();
    match (fields.remove("method"), id) {
        (Some(Value::String(method)), None) => Ok(Message::Notification { method, params }),
        (Some(Value::String(method)), Some(id)) if id.is_i64() || id.is_u64() || id.is_string() => {
            Ok(Message::Request { id, method, params })
        }
        (Some(Value::String(_)), Some(_)) => Err(Failure::invalid_request("an id is an integer or a string")),
        (Some(_), _) => Err(Failure::invalid_request("a method is a string")),
        (None, Some(id)) if fields.contains_key("result") || fields.contains_key("error") => {
            Ok(Message::Response { id, result: fields.remove("result") })
        }
        (None, _) => Err(Failure::invalid_request("neither a request nor an answer")),
    }
}

/// Parameters of the form that a method takes.
pub(crate) fn params<P: DeserializeOwned>(params: Value) -> Result<P, Failure> {
    serde_json::from_value(params).map_err(|error| Failure::new(INVALID_PARAMS, error.to_string()))
}

/// A result of ours as JSON.
pub(crate) fn result(result: impl Serialize) -> Answer {
    serde_json::to_value(result).map_err(|error| Failure::refused(error.to_string()))
}

pub(crate) fn response(id: &Value, answer: Answer) -> String {
    match answer {
        Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Failure { code, message }) => {
            json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
        }
    }
    .to_string()
}

pub(crate) fn notification(method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string()
}

pub(crate) fn request(id: u64, method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}
