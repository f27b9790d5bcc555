//! ConfigMaps (`ValidateConfigMap`).

use seaworthy_source::order;

use super::super::meta;
use super::super::names::{self, Form};
use super::super::value::Value;

/// A ConfigMap may hold so many bytes (`MaxSecretSize`).
const LIMIT: usize = 1024 * 1024;

pub(super) fn config_map(object: Value<'_>) {
    meta::object_meta(object, Form::Subdomain);
    let (data, binary) = (object.get("data"), object.get("binaryData"));
    let mut others: Vec<&str> = binary.entries().map(|(key, _)| key).collect();
    order::sort(&mut others);
    let mut size = 0;
    for (key, value) in data.entries() {
        names::data_key_faults(key).iter().for_each(|fault| value.invalid_key(fault));
        if others.binary_search(&key).is_ok() {
            value.invalid_key("duplicate of key present in binaryData");
        }
        size += value.len();
    }
    for (key, value) in binary.entries() {
        names::data_key_faults(key).iter().for_each(|fault| value.invalid_key(fault));
        size += decoded(value);
    }
    if size > LIMIT {
        // A path of one empty name (`field.NewPath("")`) is printed so.
        object.named("[]").too_long(LIMIT);
    }
}

/// How many bytes a text in base64 stands for.
pub(super) fn decoded(value: Value<'_>) -> usize {
    let digits = value.str().bytes().filter(|byte| !matches!(byte, b'=' | b'\n' | b'\r')).count();
    digits * 3 / 4
}
