//! Small clusters of which it was recorded what the real thing makes of them.

use std::path::PathBuf;
use std::{fs, io};

use seaworthy_object::Version;

/// Holds what we say of each case of a folder against its records, version by version.
pub(crate) fn hold_against(folders: &[&str], ours: &dyn Fn(&str, Version) -> String) -> io::Result<()> {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut wrong = Vec::new();
    for (folder, minor) in folders.iter().flat_map(|folder| [(folder, 34), (folder, 37)]) {
        let here = tests.join(folder);
        let records = fs::read_to_string(here.join(format!("verdicts-1.{minor}.txt")))?;
        for (case, real) in records.lines().filter_map(|it| it.split_once('\t')) {
            let text = fs::read_to_string(here.join(format!("{case}.yaml")))?;
            let ours = ours(&text, Version::minor_of(minor));
            if ours != real {
                wrong.push(format!("{case} at 1.{minor}\n    real {real}\n    ours {ours}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}
