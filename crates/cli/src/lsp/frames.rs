//! Messages on a stream: a header, and so many bytes.
//!
//! `lsp-server` reads them too, but ends the conversation at the first text that is no JSON, where the protocol has an
//! answer, and reserves as much memory as a header asks for.

use std::io::{self, BufRead, Read, Write};

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The text of a message; empty if it is none.
    Message(String),
    /// Where the next message begins is not known any more.
    Broken(&'static str),
    /// The stream ended.
    End,
}

/// Bytes of a message; of a longer one nothing is kept. A document of the largest size that is read, escaped.
const LONGEST: u64 = 256 << 20;
/// Bytes of a line of a header.
const LONGEST_LINE: u64 = 1 << 10;
/// Lines of a header: the protocol has two.
const MOST_LINES: usize = 16;

pub(super) fn read(input: &mut impl BufRead) -> Frame {
    let length = match header(input) {
        Ok(length) => length,
        Err(frame) => return frame,
    };
    let mut bytes = Vec::new();
    let mut body = input.take(length);
    if length > LONGEST {
        return match io::copy(&mut body, &mut io::sink()) {
            Ok(read) if read == length => Frame::Message(String::new()),
            _ => Frame::End,
        };
    }
    match body.read_to_end(&mut bytes) {
        Ok(read) if read as u64 == length => Frame::Message(String::from_utf8(bytes).unwrap_or_default()),
        _ => Frame::End,
    }
}

/// The length that a header states.
fn header(input: &mut impl BufRead) -> Result<u64, Frame> {
    let mut length = None;
    for _ in 0..MOST_LINES {
        let mut line = Vec::new();
        match input.take(LONGEST_LINE).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return Err(Frame::End),
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.strip_suffix('\n').ok_or(Frame::Broken("a header that does not end"))?.trim_end();
        if line.is_empty() {
            return length.ok_or(Frame::Broken("a header without Content-Length"));
        }
        let (name, value) = line.split_once(':').ok_or(Frame::Broken("a line of a header without a colon"))?;
        if name.eq_ignore_ascii_case("Content-Length") {
            length = Some(value.trim().parse().map_err(|_| Frame::Broken("a Content-Length that is no number"))?);
        }
    }
    Err(Frame::Broken("a header of too many lines"))
}

pub(super) fn write(out: &mut impl Write, message: &str) -> io::Result<()> {
    write!(out, "Content-Length: {}\r\n\r\n{message}", message.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        loop {
            let frame = read(&mut bytes);
            let goes_on = matches!(frame, Frame::Message(_));
            frames.push(frame);
            if !goes_on {
                return frames;
            }
        }
    }

    fn message(text: &str) -> Frame {
        Frame::Message(text.to_owned())
    }

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        for text in ["{}", "", "{\"a\": \"ä𝄞\"}"] {
            write(&mut bytes, text).unwrap();
        }
        assert_eq!(all(&bytes), [message("{}"), message(""), message("{\"a\": \"ä𝄞\"}"), Frame::End]);
    }

    #[test]
    fn other_headers_and_other_line_ends() {
        let bytes = b"content-length:2\nContent-Type: application/vscode-jsonrpc; charset=utf-8\n\n{}";
        assert_eq!(all(bytes), [message("{}"), Frame::End]);
    }

    #[test]
    fn what_is_no_text_is_no_message() {
        assert_eq!(
            all(b"Content-Length: 2\r\n\r\n\xFF\xFEContent-Length: 2\r\n\r\n{}"),
            [message(""), message("{}"), Frame::End]
        );
    }

    #[test]
    fn what_is_no_frame_ends_it() {
        for (bytes, why) in [
            (&b"hello\n"[..], "without a colon"),
            (b"Content-Length: many\r\n\r\n", "no number"),
            (b"Content-Type: x\r\n\r\n", "without Content-Length"),
        ] {
            let frames = all(bytes);
            assert!(matches!(frames.as_slice(), [Frame::Broken(words)] if words.contains(why)), "{frames:?}");
        }
        assert_eq!(all(&b"a: b\r\n".repeat(99)), [Frame::Broken("a header of too many lines")]);
        assert_eq!(all(&[b'a'; 5000]), [Frame::Broken("a header that does not end")]);
        assert_eq!(all(b"Content-Length: 20\r\n\r\n{}"), [Frame::End]);
    }

    #[test]
    fn a_length_reserves_nothing() {
        assert_eq!(all(b"Content-Length: 18446744073709551615\r\n\r\n{}"), [Frame::End]);
    }
}
