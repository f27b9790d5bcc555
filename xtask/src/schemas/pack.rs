//! Writes the table. `crates/object/src/catalog/table.rs` is the reader and describes the format.

use std::collections::BTreeMap;

use super::definition::{ListType, Shape};
use super::kinds::Kind;
use super::model::{Field, Model, Type};
use crate::Result;

const MAGIC: &[u8; 8] = b"SEAW\0\0\0\x02";

/// Things written once and referred to by index.
struct Interned<T>(BTreeMap<T, usize>, Vec<T>);

impl<T: Ord + Clone> Interned<T> {
    fn new() -> Self {
        Self(BTreeMap::new(), Vec::new())
    }

    fn index(&mut self, value: &T) -> usize {
        if let Some(index) = self.0.get(value) {
            return *index;
        }
        self.1.push(value.clone());
        self.0.insert(value.clone(), self.1.len() - 1);
        self.1.len() - 1
    }
}

struct Packer<'a> {
    strings: Interned<String>,
    masks: Interned<u32>,
    shapes: Interned<Vec<u8>>,
    values: Interned<Vec<(usize, usize)>>,
    types: BTreeMap<&'a str, usize>,
}

/// The bytes of the table.
pub(crate) fn pack(model: &Model, kinds: &[Kind]) -> Result<Vec<u8>> {
    let mut packer = Packer {
        strings: Interned::new(),
        masks: Interned::new(),
        shapes: Interned::new(),
        values: Interned::new(),
        types: model.types.keys().enumerate().map(|(index, name)| (name.as_str(), index)).collect(),
    };
    // What is frequent comes first and has the short indices.
    packer.count_masks(model);
    packer.count_names(model);
    let types = packer.types(model)?;
    let kinds = packer.kinds(kinds)?;

    let mut sections = Vec::new();
    section(&mut sections, &packer.packed_masks());
    section(&mut sections, &packer.packed_strings());
    section(&mut sections, &counted(packer.shapes.1.len(), packer.shapes.1.concat()));
    section(&mut sections, &packer.packed_values());
    section(&mut sections, &types);
    section(&mut sections, &kinds);

    let mut table = MAGIC.to_vec();
    table.extend(checksum(&sections).to_le_bytes());
    table.extend(sections);
    Ok(table)
}

/// FNV-1a over little-endian words of eight bytes, the last one padded with zeros.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.chunks(8).fold(0xcbf2_9ce4_8422_2325, |hash, chunk| {
        let word = chunk.iter().rev().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
        (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn varint(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn section(out: &mut Vec<u8>, bytes: &[u8]) {
    varint(out, bytes.len());
    out.extend(bytes);
}

fn counted(count: usize, bytes: Vec<u8>) -> Vec<u8> {
    let mut out = Vec::new();
    varint(&mut out, count);
    out.extend(bytes);
    out
}

impl Packer<'_> {
    fn count_masks(&mut self, model: &Model) {
        let mut counts = BTreeMap::<u32, usize>::new();
        for field in model.types.values().flat_map(|ty| ty.fields.values()).flatten() {
            *counts.entry(field.versions).or_default() += 1;
        }
        let mut masks: Vec<_> = counts.into_iter().collect();
        masks.sort_by_key(|(mask, count)| (std::cmp::Reverse(*count), *mask));
        for (mask, _) in masks {
            self.masks.index(&mask);
        }
    }

    fn count_names(&mut self, model: &Model) {
        let mut counts = BTreeMap::<&str, usize>::new();
        for (name, variants) in model.types.values().flat_map(|ty| &ty.fields) {
            *counts.entry(name).or_default() += variants.len();
        }
        let mut names: Vec<_> = counts.into_iter().collect();
        names.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
        self.strings.index(&String::new());
        for (name, _) in names {
            self.strings.index(&name.to_owned());
        }
    }

    fn types(&mut self, model: &Model) -> Result<Vec<u8>> {
        let (mut directory, mut bodies) = (Vec::new(), Vec::new());
        for (name, ty) in &model.types {
            let body = self.body(ty)?;
            varint(&mut directory, self.strings.index(name));
            varint(&mut directory, self.masks.index(&ty.versions));
            varint(&mut directory, body.len());
            bodies.extend(body);
        }
        directory.extend(bodies);
        Ok(counted(model.types.len(), directory))
    }

    fn body(&mut self, ty: &Type) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        varint(&mut out, ty.fields.values().map(Vec::len).sum());
        for (name, variants) in &ty.fields {
            for field in variants {
                self.field(&mut out, name, field)?;
            }
        }
        Ok(out)
    }

    fn field(&mut self, out: &mut Vec<u8>, name: &String, field: &Field) -> Result<()> {
        let list = match &field.list_type {
            None => 0,
            Some(ListType::Atomic) => 1,
            Some(ListType::Set) => 2,
            Some(ListType::Map(_)) => 3,
        };
        let present = [field.required != 0, !field.values.is_empty(), field.default.is_some()];
        let flags = present.iter().rev().fold(0u8, |flags, bit| flags << 1 | u8::from(*bit)) << 2 | list;
        varint(out, self.strings.index(name));
        out.push(flags);
        varint(out, self.masks.index(&field.versions));
        varint(out, self.shape(&field.shape)?);
        if field.required != 0 {
            varint(out, self.masks.index(&field.required));
        }
        if !field.values.is_empty() {
            let values = self.listed(&field.values);
            varint(out, values);
        }
        if let Some(default) = &field.default {
            varint(out, self.strings.index(default));
        }
        if let Some(ListType::Map(keys)) = &field.list_type {
            varint(out, keys.len());
            for key in keys {
                varint(out, self.strings.index(key));
            }
        }
        Ok(())
    }

    /// The index of a list of texts and their versions.
    fn listed(&mut self, texts: &[(String, u32)]) -> usize {
        let list: Vec<_> =
            texts.iter().map(|(text, mask)| (self.strings.index(text), self.masks.index(mask))).collect();
        self.values.index(&list)
    }

    fn shape(&mut self, shape: &Shape) -> Result<usize> {
        let (tag, operand) = match shape {
            Shape::Scalar(scalar) => (*scalar as u8, None),
            Shape::Object(name) => {
                let index = self.types.get(name.as_str()).ok_or_else(|| format!("{name} was not kept"))?;
                (32, Some(*index))
            }
            Shape::List(inner) => (33, Some(self.shape(inner)?)),
            Shape::Map(inner) => (34, Some(self.shape(inner)?)),
        };
        let mut bytes = vec![tag];
        varint(&mut bytes, operand.unwrap_or_default());
        Ok(self.shapes.index(&bytes))
    }

    fn kinds(&mut self, kinds: &[Kind]) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        for kind in kinds {
            let (group, version, name) = &kind.name;
            for text in [group, version, name, &kind.plural] {
                varint(&mut out, self.strings.index(text));
            }
            out.push((kind.role as u8) << 1 | u8::from(kind.namespaced));
            varint(&mut out, self.masks.index(&kind.served));
            varint(&mut out, self.masks.index(&kind.known));
            for minor in [kind.facts.introduced, kind.facts.deprecated, kind.facts.removed] {
                out.push(minor.unwrap_or(u8::MAX));
            }
            out.push(u8::from(kind.facts.replacement.is_some()));
            if let Some((group, version, name)) = &kind.facts.replacement {
                for text in [group, version, name] {
                    varint(&mut out, self.strings.index(text));
                }
            }
            let definition = kind.definition.as_str();
            varint(&mut out, *self.types.get(definition).ok_or_else(|| format!("{definition} was not kept"))?);
        }
        Ok(counted(kinds.len(), out))
    }

    fn packed_masks(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for mask in &self.masks.1 {
            out.extend(mask.to_le_bytes());
        }
        counted(self.masks.1.len(), out)
    }

    fn packed_strings(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for string in &self.strings.1 {
            varint(&mut out, string.len());
        }
        for string in &self.strings.1 {
            out.extend(string.as_bytes());
        }
        counted(self.strings.1.len(), out)
    }

    fn packed_values(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for values in &self.values.1 {
            varint(&mut out, values.len());
            for (value, mask) in values {
                varint(&mut out, *value);
                varint(&mut out, *mask);
            }
        }
        counted(self.values.1.len(), out)
    }
}
