//! What is written in base64, PEM and DER (Go's packages `encoding/base64`, `encoding/pem`, `encoding/asn1`).

use super::super::print;
use super::super::value::Value;
use seaworthy_object::base64_decode;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The bytes of a field in base64.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    base64_decode(text).unwrap_or_default()
}

/// The bytes of a field as Go prints them: since 1.34 in base64, before one by one.
pub(super) fn shown(field: Value<'_>) -> String {
    if field.since(print::JSON) {
        return field
            .opt_str()
            .map_or_else(|| "null".to_owned(), |text| format!("\"{}\"", text.replace(['\r', '\n'], "")));
    }
    if !field.is_present() {
        return "[]byte(nil)".to_owned();
    }
    let bytes: Vec<String> = decoded(field.str()).iter().map(|byte| format!("{byte:#x}")).collect();
    format!("[]byte{{{}}}", bytes.join(", "))
}

/// A block of PEM.
pub(in crate::validate) struct Block<'t> {
    pub(in crate::validate) kind: &'t str,
    pub(super) has_headers: bool,
    pub(in crate::validate) bytes: Vec<u8>,
}

/// The first block of a text that is one, and what follows it (`pem.Decode`).
pub(in crate::validate) fn block(text: &str) -> Option<(Block<'_>, &str)> {
    let mut rest = text;
    loop {
        let end = rest.find(END)?;
        let (before, after) = (rest.get(..end)?, rest.get(end + END.len()..)?);
        let found = before.rfind(BEGIN).and_then(|begin| {
            let starts = begin == 0 || before.as_bytes().get(begin - 1) == Some(&b'\n');
            before.get(begin + BEGIN.len()..).filter(|_| starts)
        });
        if let Some(block) = found.and_then(|found| read(found, after)) {
            return Some((block, after));
        }
        rest = after;
    }
}

/// A block from behind `-----BEGIN `, and the text behind `-----END `.
fn read<'t>(text: &'t str, after: &str) -> Option<Block<'t>> {
    let (line, body) = text.split_once('\n')?;
    let kind = trimmed(line).strip_suffix(DASHES)?;
    let closing = after.split('\n').next().map(trimmed)?;
    if closing.strip_prefix(kind) != Some(DASHES) {
        return None;
    }
    let mut body = body;
    let mut has_headers = false;
    while let Some((line, next)) = body.split_once('\n').filter(|(line, _)| line.contains(':')) {
        has_headers |= !line.is_empty();
        body = next;
    }
    let digits: String = body.chars().filter(|letter| !matches!(letter, ' ' | '\t' | '\r' | '\n')).collect();
    Some(Block { kind, has_headers, bytes: base64_decode(&digits)? })
}

fn trimmed(line: &str) -> &str {
    line.strip_suffix('\r').unwrap_or(line).trim_end_matches([' ', '\t'])
}

/// What is asked of a certificate.
pub(super) struct Certificate {
    /// Its basic constraints say that it may issue others.
    pub(super) is_authority: bool,
}

const SEQUENCE: u8 = 0x30;
const EXTENSIONS: u8 = 0xa3;
/// The identifier of the extension: 2.5.29.19.
const BASIC_CONSTRAINTS: &[u8] = &[0x06, 0x03, 0x55, 0x1d, 0x13];
const TRUE: &[u8] = &[0x01, 0x01, 0xff];

/// A certificate of X.509, as far as its frame and its basic constraints.
pub(super) fn certificate(bytes: &[u8]) -> Option<Certificate> {
    let (content, rest) = element(bytes, SEQUENCE)?;
    let (mut fields, _) = element(content, SEQUENCE).filter(|_| rest.is_empty())?;
    let mut is_authority = false;
    while let Some(tag) = fields.first() {
        let (field, rest) = element(fields, *tag)?;
        if *tag == EXTENSIONS {
            let (mut list, _) = element(field, SEQUENCE)?;
            while !list.is_empty() {
                let (extension, rest) = element(list, SEQUENCE)?;
                if let Some(value) = extension.strip_prefix(BASIC_CONSTRAINTS) {
                    let value = value.strip_prefix(TRUE).unwrap_or(value);
                    let (constraints, _) = element(element(value, 0x04)?.0, SEQUENCE)?;
                    is_authority = constraints.starts_with(TRUE);
                }
                list = rest;
            }
        }
        fields = rest;
    }
    Some(Certificate { is_authority })
}

/// Whether it is one whole sequence of DER.
pub(in crate::validate) fn is_framed(bytes: &[u8]) -> bool {
    element(bytes, SEQUENCE).is_some_and(|(_, rest)| rest.is_empty())
}

/// The content of an element of DER with this tag, and what follows it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = match usize::from(*length) {
        short @ ..=0x7f => (short, rest),
        long @ 0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(long - 0x80)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "-----BEGIN A B-----\nMAA=\n-----END A B-----\n";

    #[test]
    fn blocks_of_pem() {
        let (first, rest) = block(BODY).expect("a block");
        assert_eq!((first.kind, first.has_headers, first.bytes.as_slice()), ("A B", false, &[0x30, 0][..]));
        assert!(block(rest).is_none());
        let text = format!("x\n-----BEGIN B-----\nMAA\n-----END B-----\n{BODY}");
        assert_eq!(block(&text).expect("the second one").0.kind, "A B");
        assert!(block(&BODY.replace("MAA=", "a: b\n\nMAA=")).is_some_and(|(block, _)| block.has_headers));
        for text in
            ["", "-----END -----", "-----BEGIN A-----\nMAA=\n-----END B-----", "x-----BEGIN A-----\n-----END A-----"]
        {
            assert!(block(text).is_none(), "{text}");
        }
    }

    #[test]
    fn elements_of_der() {
        for (bytes, framed) in [
            (&[][..], false),
            (&[0x30], false),
            (&[0x30, 0], true),
            (&[0x30, 1], false),
            (&[0x30, 0, 0], false),
            (&[0x31, 0], false),
            (&[0x30, 0x81, 1, 5], true),
            (&[0x30, 0x80], false),
            (&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], false),
        ] {
            assert_eq!(is_framed(bytes), framed, "{bytes:?}");
        }
        assert!(certificate(&[0x30, 0]).is_none());
        let authority = [
            0x30, 0x18, 0x30, 0x16, 0xa3, 0x14, 0x30, 0x12, 0x30, 0x10, 0x06, 0x03, 0x55, 0x1d, 0x13, 0x01, 0x01, 0xff,
            0x04, 0x06, 0x30, 0x04, 0x01, 0x01, 0xff, 0x00,
        ];
        assert!(certificate(&authority).is_some_and(|it| it.is_authority));
    }
}
