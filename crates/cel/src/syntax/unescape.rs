//! What a string literal stands for (cel-go's `parser/unescape.go`).

/// Why a literal stands for nothing.
pub(super) type Refusal = &'static str;

const UNABLE: Refusal = "unable to unescape string";
const NO_CODE_POINT: Refusal = "invalid unicode code point";

/// Which literals there are.
#[derive(Clone, Copy)]
pub(super) struct Literals {
    /// Whether it is of bytes.
    pub(super) bytes: bool,
    /// Whether a half of a surrogate pair is no error, as before cel-go 0.23.
    pub(super) surrogates: bool,
}

/// The bytes of a literal; `token` has its quotes and the mark of a raw string, not that of bytes.
pub(super) fn unescape(token: &str, of: Literals) -> Result<Vec<u8>, Refusal> {
    let (raw, quoted) = match token.strip_prefix(['r', 'R']) {
        Some(rest) => (true, rest),
        None => (false, token),
    };
    let long = ["'''", "\"\"\""].iter().find(|mark| quoted.len() >= 6 && quoted.starts_with(**mark));
    let marks = long.map_or(1, |_| 3);
    let inner = quoted.get(marks..quoted.len().saturating_sub(marks)).ok_or(UNABLE)?;
    let inner = inner.replace("\r\n", "\n").replace('\r', "\n");
    if raw || !inner.contains('\\') {
        return Ok(inner.into_bytes());
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(char) = rest.next() {
        if char == '\\' {
            sequence(&mut rest, of, &mut out)?;
        } else {
            push(char, &mut out);
        }
    }
    Ok(out)
}

fn push(char: char, out: &mut Vec<u8>) {
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

fn sequence(rest: &mut std::str::Chars<'_>, of: Literals, out: &mut Vec<u8>) -> Result<(), Refusal> {
    let bytes = of.bytes;
    let mark = rest.next().ok_or(UNABLE)?;
    let (digits, radix, mut code) = match mark {
        'x' | 'X' => (2, 16, 0),
        'u' if !bytes => (4, 16, 0),
        'U' if !bytes => (8, 16, 0),
        '0'..='3' => (2, 8, mark.to_digit(8).unwrap_or_default()),
        _ => {
            out.push(simple(mark).ok_or(UNABLE)?);
            return Ok(());
        }
    };
    for _ in 0..digits {
        let digit = rest.next().and_then(|char| char.to_digit(radix)).ok_or(UNABLE)?;
        code = code.wrapping_mul(radix).wrapping_add(digit);
    }
    if bytes {
        out.push(u8::try_from(code).map_err(|_| UNABLE)?);
    } else {
        push(code_point(code, of.surrogates)?, out);
    }
    Ok(())
}

fn code_point(code: u32, surrogates: bool) -> Result<char, Refusal> {
    match char::from_u32(code) {
        Some(char) => Ok(char),
        None if !surrogates => Err(NO_CODE_POINT),
        None if matches!(code, 0xd800..=0xdfff | 0x8000_0000..) => Ok(char::REPLACEMENT_CHARACTER),
        None => Err(UNABLE),
    }
}

fn simple(mark: char) -> Option<u8> {
    Some(match mark {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' | '\'' | '"' | '`' | '?' => u8::try_from(mark).ok()?,
        _ => return None,
    })
}
