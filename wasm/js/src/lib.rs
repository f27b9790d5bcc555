//! The engine for JavaScript: JSON in, JSON out, as `seaworthy::wire` has it. `bindings/npm` gives it types.

use seaworthy::wire::{self, WireError};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

/// The report on the files of a request.
#[wasm_bindgen]
pub fn check(request: &str) -> Result<String, JsError> {
    wire::check(request).map_err(thrown)
}

/// What the model understood of the files of a request.
#[wasm_bindgen]
pub fn describe(request: &str) -> Result<String, JsError> {
    wire::describe(request).map_err(thrown)
}

/// The version of Seaworthy.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

fn thrown(error: WireError) -> JsError {
    JsError::new(&error.to_string())
}
