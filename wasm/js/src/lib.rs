//! The engine for JavaScript: JSON in, JSON out, as `seaworthy::wire` has it. `bindings/npm` gives it types.

#[cfg(feature = "lsp")]
use seaworthy::Descriptions;
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

/// The language server.
#[cfg(feature = "lsp")]
#[wasm_bindgen]
pub struct Lsp(seaworthy_lsp::Server);

#[cfg(feature = "lsp")]
#[wasm_bindgen]
impl Lsp {
    /// A server with the settings of its door, as JSON.
    #[wasm_bindgen(constructor)]
    pub fn new(settings: &str) -> Self {
        Self(seaworthy_lsp::Server::new(settings))
    }

    /// Takes the descriptions of fields, packed as `descriptions.zlib`; hover and completion say them from now on.
    pub fn describe(&mut self, packed: &[u8]) -> Result<(), JsError> {
        self.0.set_descriptions(Descriptions::open(packed)?);
        Ok(())
    }

    /// Answers one message of the protocol: the answer, and whatever else there is to say.
    pub fn handle(&mut self, message: &str) -> Vec<String> {
        self.0.handle(message)
    }

    /// The same without what takes long to find.
    pub fn respond(&mut self, message: &str) -> Vec<String> {
        self.0.respond(message)
    }

    /// Says what takes long to find.
    #[wasm_bindgen(js_name = catchUp)]
    pub fn catch_up(&mut self) -> Vec<String> {
        self.0.catch_up(&|| true)
    }
}
