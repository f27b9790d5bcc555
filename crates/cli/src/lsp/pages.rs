//! The pages of rules as files, so that an editor can follow the link of a finding, without a network.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use seaworthy::rules;

/// The address of a page, with `{rule}` for the rule; none where there is no folder to write them to.
pub(super) fn address() -> Option<String> {
    let folder = cache()?.join("seaworthy").join(env!("CARGO_PKG_VERSION")).join("rules");
    write(&folder).ok()?;
    let path = folder.to_string_lossy().replace('\\', "/");
    let path = path.trim_start_matches('/');
    Some(format!("{}/{{rule}}.md", seaworthy_lsp::address("file:///", path)))
}

/// The user's folder for what can be made again.
fn cache() -> Option<PathBuf> {
    let of = |name: &str| env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    of("XDG_CACHE_HOME").or_else(|| of("LOCALAPPDATA")).or_else(|| Some(of("HOME")?.join(".cache")))
}

fn write(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for rule in rules::all() {
        let path = folder.join(format!("{}.md", rule.meta().id));
        if fs::read(&path).ok().as_deref() != Some(rule.meta().page.as_bytes()) {
            fs::write(path, rule.meta().page)?;
        }
    }
    Ok(())
}
