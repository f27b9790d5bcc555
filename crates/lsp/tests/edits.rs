//! Whatever is edited, the server's text is the client's: random edits in all three encodings.

#![allow(clippy::indexing_slicing, clippy::string_slice, clippy::unwrap_used, reason = "a test may panic")]

mod client;

use client::{Client, uri};
use lsp_types::{Position, Range};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An editor of its own making: lines of characters, and columns counted one by one.
#[derive(Debug, Clone)]
struct Editor {
    text: String,
    width: Width,
}

impl Editor {
    /// The byte at a position, by the words of the protocol.
    fn offset(&self, position: Position) -> usize {
        let mut line = 0;
        let mut letters = self.text.char_indices().peekable();
        let mut at = 0;
        while line < position.line {
            let Some((offset, letter)) = letters.next() else { return self.text.len() };
            at = offset + letter.len_utf8();
            let is_pair = letter == '\r' && letters.peek().is_some_and(|it| it.1 == '\n');
            if matches!(letter, '\n' | '\r') && !is_pair {
                line += 1;
            }
        }
        let mut left = usize::try_from(position.character).unwrap();
        for letter in self.text.get(at..).unwrap().chars() {
            let width = (self.width)(letter);
            if matches!(letter, '\n' | '\r') || left < width {
                break;
            }
            left -= width;
            at += letter.len_utf8();
        }
        at
    }

    fn edit(&mut self, range: Range, text: &str) {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        self.text.replace_range(start..end.max(start), text);
    }
}

fn letters() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![
            4 => proptest::char::range('a', 'e').prop_map(|it| it.to_string()),
            2 => Just("\n".to_owned()),
            1 => Just("\r\n".to_owned()),
            1 => Just("\r".to_owned()),
            1 => Just("e\u{301}".to_owned()),
            1 => Just("𝄞".to_owned()),
            1 => Just("👩‍👩‍👧".to_owned()),
            1 => Just("\u{feff}".to_owned()),
            2 => Just(": ".to_owned()),
        ],
        0..12,
    )
    .prop_map(|it| it.concat())
}

fn position() -> impl Strategy<Value = Position> {
    (prop_oneof![9 => 0u32..8, 1 => Just(u32::MAX)], prop_oneof![9 => 0u32..12, 1 => Just(u32::MAX)])
        .prop_map(|(line, character)| Position { line, character })
}

fn edits() -> impl Strategy<Value = Vec<Vec<(Option<Range>, String)>>> {
    let range = prop_oneof![
        9 => (position(), position()).prop_map(|(start, end)| Some(Range { start, end })),
        1 => Just(None),
    ];
    proptest::collection::vec(proptest::collection::vec((range, letters()), 1..4), 1..8)
}

/// How many units a character takes in an encoding.
type Width = fn(char) -> usize;

proptest! {
    #[test]
    fn the_text_is_the_clients(start in letters(), edits in edits(), encoding in 0usize..3) {
        let widths: [(&str, Width); 3] = [("utf-8", char::len_utf8), ("utf-16", char::len_utf16), ("utf-32", |_| 1)];
        let (name, width) = widths[encoding];
        let capabilities = json!({"general": {"positionEncodings": [name]}});
        let mut client = Client::with(json!({"capabilities": capabilities}));
        let mut editor = Editor { text: start.clone(), width };
        client.open("a.yaml", &start);
        for batch in edits {
            let mut changes: Vec<Value> = Vec::new();
            for (range, text) in batch {
                match range {
                    Some(range) => {
                        editor.edit(range, &text);
                        changes.push(json!({"range": range, "text": text}));
                    }
                    None => {
                        editor.text.clone_from(&text);
                        changes.push(json!({"text": text}));
                    }
                }
            }
            client.change("a.yaml", json!(changes));
            prop_assert_eq!(client.server.text(&uri("a.yaml")), Some(editor.text.as_str()));
        }
    }
}

/// A fleet in one file, with most of what refers to something.
const FLEET: &str = "apiVersion: v1
kind: Service
metadata: {name: front, labels: &l {app: web}}
spec: {selector: *l, ports: [{name: http, port: 80, targetPort: main}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: Exists}]}
  template:
    metadata: {labels: {<<: *l, tier: \"𝄞\"}}
    spec:
      containers:
      - name: web
        env: [{name: A, valueFrom: {configMapKeyRef: {name: conf, key: color}}}, {name: B, value: \"http://front:80\"}]
        ports:
        - {name: main, containerPort: 8080}
---
{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"conf\"}, \"data\": {\"color\": \"red\"}}
---
apiVersion: seaworthy/v1alpha1
kind: Fleet
spec: {services: {web: {}}}
";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_written_is_answered(
        cut in (0usize..FLEET.len(), 0usize..40), put in letters(), line in 0u32..30, character in 0u32..60,
    ) {
        let start = FLEET.floor_char_boundary(cut.0);
        let end = FLEET.floor_char_boundary((start + cut.1).min(FLEET.len())).max(start);
        let mut client = Client::new();
        client.open("a.yaml", &format!("{}{put}{}", &FLEET[..start], &FLEET[end..]));
        let at = json!({"line": line, "character": character});
        let params = json!({"textDocument": {"uri": uri("a.yaml")}, "position": at, "newName": "new", "query": "w",
            "range": {"start": at, "end": {"line": line + 3, "character": 0}}, "context": {"includeDeclaration": true}});
        for method in ["hover", "completion", "definition", "references", "prepareRename", "rename", "documentSymbol",
            "codeAction", "diagnostic"] {
            let answer = client.request(&format!("textDocument/{method}"), params.clone());
            let refused = answer.as_ref().is_err_and(|it| it["code"] == -32803);
            prop_assert!(answer.is_ok() || refused, "{}: {:?}", method, answer);
        }
        prop_assert!(client.request("workspace/symbol", params).is_ok());
    }
}
