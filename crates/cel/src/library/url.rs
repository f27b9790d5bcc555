//! URLs (the API server's `urls.go`).

use std::sync::Arc;

use super::{Call, Functions};
use crate::value::{Outcome, Value, failed, parse_query, request_uri};

pub(super) const FUNCTIONS: Functions = &[
    ("url", url),
    ("isURL", is_url),
    ("getScheme", part),
    ("getHost", part),
    ("getHostname", part),
    ("getPort", part),
    ("getEscapedPath", part),
    ("getQuery", query),
];

fn url(call: &Call<'_>) -> Outcome {
    let parsed = request_uri(call.text()?);
    parsed
        .map(|url| Value::Url(Arc::new(url)))
        .map_err(|why| failed(format!("URL parse error during conversion from string: {why}")))
}

fn is_url(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(crate::value::is_request_uri(call.text()?)))
}

fn part(call: &Call<'_>) -> Outcome {
    let Value::Url(url) = call.one()? else { return Err(call.mismatch()) };
    Ok(Value::string(match call.name {
        "getScheme" => &url.scheme,
        "getHost" => &url.host,
        "getHostname" => url.hostname(),
        "getPort" => url.port(),
        _ => &url.path,
    }))
}

fn query(call: &Call<'_>) -> Outcome {
    let Value::Url(url) = call.one()? else { return Err(call.mismatch()) };
    let query = parse_query(url.query.as_deref().unwrap_or(""));
    let entries = query.into_iter().map(|(key, values)| {
        let values = values.iter().map(|value| Value::string(value)).collect();
        (Value::string(&key), Value::list(values))
    });
    Ok(Value::map(entries.collect()))
}
