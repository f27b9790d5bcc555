//! What is wrong with an expression, as cel-go prints it (`common/errors.go`, `common/error.go`).

use std::fmt;

/// One error, at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// What is wrong.
    pub message: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in code points.
    pub column: u32,
    /// The place from the start of the text, in code points.
    pub offset: u32,
}

/// Why an expression does not compile. `Display` writes it as the server does, with a line and a caret for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issues {
    /// The errors, by place.
    pub list: Vec<Issue>,
    /// The text as the server prints it.
    pub text: String,
}

impl fmt::Display for Issues {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl std::error::Error for Issues {}
