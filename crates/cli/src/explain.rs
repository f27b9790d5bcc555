//! `seaworthy explain` and `seaworthy rules`.

use std::io::Write;

use seaworthy::rules::{self, AnyRule};
use serde_json::json;

use crate::args::{Common, Format};
use crate::failure::Failure;
use crate::terminal;

/// Prints the page of a rule.
pub(crate) fn page(name: &str, common: &Common) -> Result<bool, Failure> {
    let rules = rules::all();
    let Some(rule) = rules.iter().find(|rule| rule.meta().id == name) else {
        let nearest = seaworthy::nearest(name, rules.iter().map(|rule| rule.meta().id)).map(str::to_owned);
        return Err(Failure::NoSuchRule { name: name.to_owned(), nearest });
    };
    let meta = rule.meta();
    let mut out = std::io::stdout().lock();
    let color = terminal::use_color(common.color);
    for (at, line) in meta.page.lines().enumerate() {
        match line.strip_prefix('#').filter(|_| color) {
            Some(_) => writeln!(out, "\u{1b}[1m{line}\u{1b}[0m")?,
            None => writeln!(out, "{line}")?,
        }
        if at == 0 {
            writeln!(out, "\n{} · {} · since {}", meta.category.as_str(), levels(rule), meta.since)?;
        }
    }
    Ok(false)
}

/// Lists the rules.
pub(crate) fn list(format: Format, common: &Common) -> Result<bool, Failure> {
    let rules = rules::all();
    let mut out = std::io::stdout().lock();
    if format == Format::Json {
        let list: Vec<_> = rules.iter().map(described).collect();
        writeln!(out, "{}", json!({"schema": 1, "rules": list}))?;
        return Ok(false);
    }
    let width = rules.iter().map(|rule| rule.meta().id.len()).max().unwrap_or(0);
    let mut category = None;
    for rule in &rules {
        let meta = rule.meta();
        if category.replace(meta.category) != Some(meta.category) {
            let name = meta.category.as_str();
            let line =
                if terminal::use_color(common.color) { format!("\u{1b}[1m{name}\u{1b}[0m") } else { name.to_owned() };
            writeln!(out, "{line}")?;
        }
        writeln!(out, "  {:<width$}  {:<26}  {}", meta.id, levels(rule), meta.summary())?;
    }
    writeln!(out, "\n{} rules; seaworthy explain RULE prints the page of one", rules.len())?;
    Ok(false)
}

fn described(rule: &AnyRule) -> serde_json::Value {
    let meta = rule.meta();
    let packs: serde_json::Map<_, _> =
        meta.packs.iter().map(|(pack, level)| (pack.as_str().to_owned(), json!(level.as_str()))).collect();
    json!({
        "id": meta.id,
        "category": meta.category.as_str(),
        "level": meta.level.map_or("off", |level| level.as_str()),
        "packs": packs,
        "since": meta.since,
        "summary": meta.summary(),
        "page": meta.page,
    })
}

/// `warning`, or `off, strict: info`.
fn levels(rule: &AnyRule) -> String {
    let meta = rule.meta();
    let default = meta.level.map_or("off", |level| level.as_str()).to_owned();
    meta.packs.iter().fold(default, |text, (pack, level)| format!("{text}, {}: {}", pack.as_str(), level.as_str()))
}
