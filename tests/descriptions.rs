//! The descriptions that come with the program against the schemas they are from: the same words, less one addition.
//!
//! `SEAWORTHY_SCHEMAS` is the folder of `schema_oracle`. The addition is the list of a field's values, from 1.23.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail where it stands")]

use std::path::PathBuf;

use seaworthy_object::{Catalog, Descriptions, Version};
use serde_json::Value;

#[test]
fn every_field_of_the_newest_version_is_described_in_its_schema_s_words() {
    let folder = std::env::var_os("SEAWORTHY_SCHEMAS").map(PathBuf::from).filter(|it| it.is_dir());
    let Some(folder) = folder else {
        eprintln!("not run: no schemas");
        return;
    };
    let text = std::fs::read_to_string(folder.join("_definitions.json")).expect("`_definitions.json`");
    let definitions: Value = serde_json::from_str(&text).expect("the definitions are JSON");
    let (catalog, descriptions) = (Catalog::built_in(), Descriptions::built_in());
    let mut compared = 0;
    for ty in catalog.types() {
        for field in ty.all_fields().filter(|it| it.versions.contains(Version::NEWEST)) {
            let theirs = definitions["$defs"][ty.name]["properties"][field.name]["description"].as_str();
            let Some(theirs) = theirs.map(str::trim).filter(|it| !it.is_empty()) else { continue };
            let ours = descriptions.of_field(ty, field.name).unwrap_or_default();
            let added = ours.strip_prefix(theirs).unwrap_or_else(|| panic!("{}.{}: {ours}", ty.name, field.name));
            let may = added.is_empty() || added.starts_with("\n\nPossible enum values:\n - ");
            assert!(may, "{}.{}: {added}", ty.name, field.name);
            compared += 1;
        }
    }
    assert!(compared > 3300, "{compared} fields");
}
