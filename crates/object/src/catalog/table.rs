//! Reads the packed table that `cargo xtask schemas` writes.
//!
//! ```text
//! table   = "SEAW" 0 0 0 2, checksum (8 bytes, little-endian), section × 6
//! section = its length, then: masks, strings, shapes, values, types, kinds
//! masks   = count, 4 bytes each                a set of versions: bit n is 1.(11 + n)
//! strings = count, lengths, then the bytes     UTF-8; number 0 is empty
//! shapes  = count, (tag, operand) each         32 object: type; 33 list, 34 map: an earlier shape
//! values  = count, (count, (string, mask) each) each
//! types   = count, (name, mask, length) each, then the bodies: count, field each
//! field   = name, flags, mask, shape, then what the flags say
//! kinds   = count, kind each                   sorted by group, version, kind
//! ```
//! Numbers are LEB128, references are indices. Every read is checked; a damaged table is an error.

use std::fmt;

use super::kind::{GroupVersionKind, Kind, Role};
use super::shape::{Field, KnownValue, ListType, Shape, Type, TypeId};
use crate::version::{Version, Versions};

const MAGIC: &[u8; 8] = b"SEAW\0\0\0\x02";

/// Bytes that are not a table the catalog can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableError {
    /// Not a table, or one of another format.
    Format,
    /// A table whose bytes were changed or cut off.
    Damaged,
    /// A table that contradicts itself, as no release writes.
    Inconsistent,
}

impl fmt::Display for TableError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Format => "not a schema table of this format",
            Self::Damaged => "the schema table is damaged",
            Self::Inconsistent => "the schema table contradicts itself",
        })
    }
}

impl std::error::Error for TableError {}

type Result<T> = std::result::Result<T, TableError>;

/// The table with its directory read; types stay packed.
#[derive(Debug, Default)]
pub(super) struct Table {
    masks: Vec<Versions>,
    strings: Vec<&'static str>,
    shapes: Vec<(u8, u16)>,
    values: Vec<&'static [u8]>,
    types: Vec<Packed>,
}

/// A type before its fields are decoded.
#[derive(Debug)]
struct Packed {
    name: &'static str,
    versions: Versions,
    body: &'static [u8],
}

/// Reads from the front of some bytes.
#[derive(Clone, Copy)]
struct Reader(&'static [u8]);

impl Reader {
    fn byte(&mut self) -> Result<u8> {
        let (byte, rest) = self.0.split_first().ok_or(TableError::Inconsistent)?;
        self.0 = rest;
        Ok(*byte)
    }

    fn bytes(&mut self, length: usize) -> Result<&'static [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(TableError::Inconsistent)?;
        self.0 = rest;
        Ok(bytes)
    }

    /// An unsigned LEB128 number below 2^28.
    fn number(&mut self) -> Result<usize> {
        if let Some((byte @ ..0x80, rest)) = self.0.split_first() {
            self.0 = rest;
            return Ok(usize::from(*byte));
        }
        self.long_number()
    }

    #[inline(never)]
    fn long_number(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(TableError::Inconsistent)
    }

    /// A count of things of at least one byte each, so that no count outgrows the bytes.
    fn count(&mut self) -> Result<usize> {
        let count = self.number()?;
        if count <= self.0.len() { Ok(count) } else { Err(TableError::Inconsistent) }
    }

    fn section(&mut self) -> Result<Self> {
        let length = self.number()?;
        self.bytes(length).map(Self)
    }

    /// A minor version; 255 is none.
    fn version(&mut self) -> Result<Option<Version>> {
        Ok(Some(self.byte()?).filter(|minor| *minor != u8::MAX).map(Version::minor_of))
    }
}

impl Table {
    /// Checks the bytes and reads the directory and the kinds.
    #[inline(never)]
    pub(super) fn open(bytes: &'static [u8]) -> Result<(Self, Vec<Kind>)> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(TableError::Format)?;
        let (sum, rest) = rest.split_first_chunk::<8>().ok_or(TableError::Damaged)?;
        if checksum(rest) != u64::from_le_bytes(*sum) {
            return Err(TableError::Damaged);
        }
        Self::read(rest)
    }

    /// Reads the sections, whose checksum was right.
    pub(super) fn read(sections: &'static [u8]) -> Result<(Self, Vec<Kind>)> {
        let mut sections = Reader(sections);
        let mut table = Self {
            masks: masks(sections.section()?)?,
            strings: strings(sections.section()?)?,
            shapes: shapes(sections.section()?)?,
            values: values(sections.section()?)?,
            types: Vec::new(),
        };
        table.types = table.directory(sections.section()?)?;
        let kinds = table.kinds(sections.section()?)?;
        Ok((table, kinds))
    }

    pub(super) fn type_count(&self) -> usize {
        self.types.len()
    }

    /// Types are sorted by name.
    pub(super) fn type_named(&self, name: &str) -> Option<TypeId> {
        let index = self.types.binary_search_by(|ty| ty.name.cmp(name)).ok()?;
        u16::try_from(index).ok().map(TypeId)
    }

    /// Decodes the fields of a type.
    pub(super) fn read_type(&self, id: TypeId) -> Result<Type> {
        let packed = self.types.get(id.index()).ok_or(TableError::Inconsistent)?;
        let mut reader = Reader(packed.body);
        let count = reader.count()?;
        let fields = (0..count).map(|_| self.field(&mut reader)).collect::<Result<_>>()?;
        Ok(Type::new(packed.name, packed.versions, fields))
    }

    fn string(&self, reader: &mut Reader) -> Result<&'static str> {
        self.strings.get(reader.number()?).copied().ok_or(TableError::Inconsistent)
    }

    fn mask(&self, reader: &mut Reader) -> Result<Versions> {
        self.masks.get(reader.number()?).copied().ok_or(TableError::Inconsistent)
    }

    fn field(&self, reader: &mut Reader) -> Result<Field> {
        let name = self.string(reader)?;
        let flags = reader.byte()?;
        let has = |bit: u8| flags & bit != 0;
        let versions = self.mask(reader)?;
        let shape = self.shape(reader.number()?)?;
        let required = if has(4) { self.mask(reader)? } else { Versions::NONE };
        let values = if has(8) { self.listed(reader)? } else { Vec::new() };
        let default = if has(16) { Some(self.string(reader)?) } else { None };
        let list_type = match flags & 3 {
            0 => None,
            1 => Some(ListType::Atomic),
            2 => Some(ListType::Set),
            _ => {
                let count = reader.count()?;
                Some(ListType::Map((0..count).map(|_| self.string(reader)).collect::<Result<_>>()?))
            }
        };
        Ok(Field { name, versions, shape, required, values, default, list_type })
    }

    /// A list of texts and their versions.
    fn listed(&self, reader: &mut Reader) -> Result<Vec<KnownValue>> {
        let mut packed = Reader(self.values.get(reader.number()?).copied().ok_or(TableError::Inconsistent)?);
        let count = packed.count()?;
        let mut value = |_| Ok(KnownValue { value: self.string(&mut packed)?, versions: self.mask(&mut packed)? });
        (0..count).map(&mut value).collect()
    }

    /// A list or map refers to an earlier shape, so this ends.
    fn shape(&self, index: usize) -> Result<Shape> {
        let (tag, operand) = *self.shapes.get(index).ok_or(TableError::Inconsistent)?;
        let inner = || match usize::from(operand) {
            earlier if earlier < index => self.shape(earlier).map(Box::new),
            _ => Err(TableError::Inconsistent),
        };
        Ok(match tag {
            0 => Shape::Boolean,
            1 => Shape::Int32,
            2 => Shape::Int64,
            3 => Shape::Number,
            4 => Shape::String,
            5 => Shape::Bytes,
            6 => Shape::Quantity,
            7 => Shape::IntOrString,
            8 => Shape::Time,
            9 => Shape::MicroTime,
            10 => Shape::Any,
            11 => Shape::RawExtension,
            12 => Shape::SchemaOrBool,
            13 => Shape::SchemaOrArray,
            14 => Shape::SchemaOrStrings,
            32 if usize::from(operand) < self.types.len() => Shape::Object(TypeId(operand)),
            33 => Shape::List(inner()?),
            34 => Shape::Map(inner()?),
            _ => return Err(TableError::Inconsistent),
        })
    }

    #[inline(never)]
    fn directory(&self, mut reader: Reader) -> Result<Vec<Packed>> {
        let count = reader.count()?;
        let entry = |reader: &mut Reader| Ok((self.string(reader)?, self.mask(reader)?, reader.number()?));
        let entries = (0..count).map(|_| entry(&mut reader)).collect::<Result<Vec<_>>>()?;
        let packed = |(name, versions, length)| Ok(Packed { name, versions, body: reader.bytes(length)? });
        entries.into_iter().map(packed).collect()
    }

    fn kinds(&self, mut reader: Reader) -> Result<Vec<Kind>> {
        let count = reader.count()?;
        (0..count).map(|_| self.kind(&mut reader)).collect()
    }

    fn kind(&self, reader: &mut Reader) -> Result<Kind> {
        let name = self.name(reader)?;
        let plural = self.string(reader)?;
        let flags = reader.byte()?;
        let role = match flags >> 1 {
            0 => Role::Object,
            1 => Role::List,
            2 => Role::Request,
            3 => Role::Part,
            _ => return Err(TableError::Inconsistent),
        };
        Ok(Kind {
            group: name.group,
            version: name.version,
            kind: name.kind,
            plural,
            namespaced: flags & 1 != 0,
            role,
            served: self.mask(reader)?,
            known: self.mask(reader)?,
            introduced: reader.version()?,
            deprecated: reader.version()?,
            removed: reader.version()?,
            replacement: if reader.byte()? == 0 { None } else { Some(self.name(reader)?) },
            ty: match u16::try_from(reader.number()?) {
                Ok(index) if usize::from(index) < self.types.len() => TypeId(index),
                _ => return Err(TableError::Inconsistent),
            },
        })
    }

    fn name(&self, reader: &mut Reader) -> Result<GroupVersionKind> {
        Ok(GroupVersionKind { group: self.string(reader)?, version: self.string(reader)?, kind: self.string(reader)? })
    }
}

/// FNV-1a over little-endian words of eight bytes, the last one padded with zeros.
fn checksum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last.iter_mut().zip(rest).for_each(|(into, byte)| *into = *byte);
    let words = words.iter().chain((!rest.is_empty()).then_some(&last));
    words.fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        (hash ^ u64::from_le_bytes(*word)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn masks(mut reader: Reader) -> Result<Vec<Versions>> {
    let count = reader.count()?;
    let (words, _) = reader.bytes(count * 4)?.as_chunks::<4>();
    Ok(words.iter().map(|word| Versions::from_bits(u32::from_le_bytes(*word))).collect())
}

#[inline(never)]
fn strings(mut reader: Reader) -> Result<Vec<&'static str>> {
    let count = reader.count()?;
    let lengths = (0..count).map(|_| reader.number()).collect::<Result<Vec<_>>>()?;
    let mut text = std::str::from_utf8(reader.0).map_err(|_| TableError::Inconsistent)?;
    let mut take = |length: usize| {
        let (string, rest) = text.split_at_checked(length).ok_or(TableError::Inconsistent)?;
        text = rest;
        Ok(string)
    };
    lengths.into_iter().map(&mut take).collect()
}

fn shapes(mut reader: Reader) -> Result<Vec<(u8, u16)>> {
    let count = reader.count()?;
    let shape = |reader: &mut Reader| {
        let tag = reader.byte()?;
        Ok((tag, u16::try_from(reader.number()?).map_err(|_| TableError::Inconsistent)?))
    };
    (0..count).map(|_| shape(&mut reader)).collect()
}

/// Where each list of values begins.
fn values(mut reader: Reader) -> Result<Vec<&'static [u8]>> {
    let count = reader.count()?;
    let list = |reader: &mut Reader| {
        let start = reader.0;
        for _ in 0..reader.count()? * 2 {
            reader.number()?;
        }
        Ok(start)
    };
    (0..count).map(|_| list(&mut reader)).collect()
}
