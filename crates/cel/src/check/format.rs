//! Whether a constant format string fits the arguments that are written out (cel-go's `ext/formatting.go`).

use super::validate::Validator;
use crate::ast::{ExprId, ExprKind, Literal};
use crate::types::Type;

/// What is wrong, and with which expression; with the call if with none.
type Mistake = (Option<ExprId>, String);

pub(super) fn check_format(validator: &mut Validator<'_>, id: ExprId, target: Option<ExprId>, args: &[ExprId]) {
    let ast = validator.ast;
    let Some(ExprKind::Literal(Literal::String(text))) = target.map(|target| ast.kind(target)) else { return };
    let Some(ExprKind::List { elements, .. }) = args.first().map(|list| ast.kind(*list)) else { return };
    match clauses(validator, text, elements) {
        Err((at, message)) => validator.fail(at.unwrap_or(id), message),
        Ok(used) if used < elements.len() => {
            let given = elements.len();
            let message = format!("too many arguments supplied to string.format (expected {used}, got {given})");
            validator.fail(id, message);
        }
        Ok(_) => {}
    }
}

/// How many arguments the text uses.
fn clauses(validator: &Validator<'_>, text: &str, args: &[ExprId]) -> Result<usize, Mistake> {
    let mut used = 0;
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            continue;
        }
        let Some(next) = rest.clone().next() else {
            return Err((None, "unexpected end of string".to_owned()));
        };
        if next == b'%' {
            rest.next();
            continue;
        }
        let Some(arg) = args.get(used) else { return Err((None, format!("index {used} out of range"))) };
        let clause =
            clause(&mut rest).map_err(|message| (None, format!("could not parse formatting clause: {message}")))?;
        fits(validator, clause, *arg).map_err(|(at, message)| (at, format!("error during formatting: {message}")))?;
        used += 1;
    }
    Ok(used)
}

/// The letter of a clause, after its precision.
fn clause(rest: &mut std::str::Bytes<'_>) -> Result<u8, String> {
    const OPEN: &str = "error while parsing precision: could not find end of precision specifier";
    let mut letter = rest.next().ok_or(OPEN)?;
    if letter == b'.' {
        let mut digits = String::new();
        loop {
            letter = rest.next().ok_or(OPEN)?;
            if !letter.is_ascii_digit() {
                break;
            }
            digits.push(char::from(letter));
        }
        if digits.parse::<i64>().is_err() {
            let why = if digits.is_empty() { "invalid syntax" } else { "value out of range" };
            let message = "error while parsing precision: error while converting precision to integer";
            return Err(format!("{message}: strconv.Atoi: parsing \"{digits}\": {why}"));
        }
    }
    if b"sdfebxXo".contains(&letter) {
        Ok(letter)
    } else {
        Err(format!("unrecognized formatting clause \"{}\"", char::from(letter)))
    }
}

/// Which types a clause takes, and what it says of others.
fn fits(validator: &Validator<'_>, clause: u8, arg: ExprId) -> Result<(), Mistake> {
    let ty = validator.type_of(arg);
    let integer = matches!(ty, Type::Int | Type::Uint);
    let (fits, wanted) = match clause {
        b's' => return is_text(validator, arg),
        b'd' => (integer, "decimal clause can only be used on integers"),
        b'f' => (matches!(ty, Type::Double | Type::String), "fixed-point clause can only be used on doubles"),
        b'e' => (matches!(ty, Type::Double | Type::String), "scientific clause can only be used on doubles"),
        b'b' => (integer || *ty == Type::Bool, "only integers and bools can be formatted as binary"),
        b'o' => (integer, "octal clause can only be used on integers"),
        _ => (
            integer || matches!(ty, Type::String | Type::Bytes),
            "only integers, byte buffers, and strings can be formatted as hex",
        ),
    };
    if fits || *ty == Type::Dyn { Ok(()) } else { Err(given(arg, wanted, ty)) }
}

fn is_text(validator: &Validator<'_>, arg: ExprId) -> Result<(), Mistake> {
    let ty = validator.type_of(arg);
    if matches!(ty, Type::Opaque(..) | Type::Object(_) | Type::Any | Type::Error) {
        let wanted = "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, \
                      durations, and timestamps";
        return Err(given(arg, wanted, ty));
    }
    match validator.ast.kind(arg) {
        ExprKind::List { elements, .. } => elements.iter().try_for_each(|element| is_text(validator, *element)),
        ExprKind::Map(entries) => {
            entries.iter().flat_map(|entry| [entry.key, entry.value]).try_for_each(|part| is_text(validator, part))
        }
        _ => Ok(()),
    }
}

fn given(arg: ExprId, wanted: &str, ty: &Type) -> Mistake {
    let name = ty.declared_name();
    let name = name.split('(').next().unwrap_or_default();
    (Some(arg), format!("{wanted}, was given {name}"))
}
