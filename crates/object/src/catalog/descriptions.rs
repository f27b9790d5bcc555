//! What Kubernetes' own documentation says of types and fields, for whoever shows it to people.
//!
//! The table is a zlib stream of text: a line `type TAB number`, then a line `TAB field TAB number` for each field that
//! is described, sorted; an empty line; and the descriptions, each ended by a zero byte, which the numbers count.
//! Number 0 is no description. `cargo xtask descriptions` writes it; `data/README.md` names the sources.

use std::fmt;
use std::ops::Range;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::{Field, Type};

/// What no table of ours grows to, so that bytes from elsewhere do not fill the memory.
const LIMIT: usize = 16 << 20;

/// The descriptions of the types of the catalog and of their fields, as the newest version that has each says them.
#[derive(Debug)]
pub struct Descriptions {
    text: String,
    /// Sorted by type and field.
    entries: Vec<Entry>,
}

/// Places in the text.
#[derive(Debug)]
struct Entry {
    ty: Range<usize>,
    /// Empty for the type itself.
    field: Range<usize>,
    description: Range<usize>,
}

/// Bytes that are not a table of descriptions, or a damaged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DescriptionsError;

impl fmt::Display for DescriptionsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("not a table of descriptions, or a damaged one")
    }
}

impl std::error::Error for DescriptionsError {}

impl Descriptions {
    /// Opens a packed table, such as `data/descriptions.zlib`.
    ///
    /// # Errors
    /// The bytes are not a table of this format, or are damaged.
    pub fn open(bytes: &[u8]) -> Result<Self, DescriptionsError> {
        let bytes = decompress_to_vec_zlib_with_limit(bytes, LIMIT).map_err(|_| DescriptionsError)?;
        let text = String::from_utf8(bytes).map_err(|_| DescriptionsError)?;
        let entries = entries(&text).ok_or(DescriptionsError)?;
        Ok(Self { text, entries })
    }

    /// The table that comes with the program.
    ///
    /// A test opens the committed table. Were it broken all the same, nothing would be described.
    #[cfg(feature = "descriptions")]
    pub fn built_in() -> Self {
        let packed = include_bytes!("../../data/descriptions.zlib");
        Self::open(packed).unwrap_or(Self { text: String::new(), entries: Vec::new() })
    }

    /// What a type is for.
    pub fn of_type(&self, ty: &Type) -> Option<&str> {
        self.find(ty.name, "")
    }

    /// What a field of a type is for. In some, the last paragraph is a Markdown list of the values it may have.
    pub fn of_field(&self, ty: &Type, field: &str) -> Option<&str> {
        self.find(ty.name, field).filter(|_| !field.is_empty())
    }

    /// What a value of a field means, where the field's description lists values.
    pub fn of_value(&self, ty: &Type, field: &str, value: &str) -> Option<&str> {
        self.of_field(ty, field)?.lines().find_map(|line| {
            let rest = line.strip_prefix(" - `\"")?.strip_prefix(value)?.strip_prefix("\"`")?.trim();
            let text = rest.strip_prefix("- ").unwrap_or(rest);
            (!text.is_empty()).then_some(text)
        })
    }

    /// The default that a field's description states, if that is a plain value under no condition. The catalog's own
    /// [`Field::default`] knows few of them.
    pub fn default_of(&self, ty: &Type, field: &str) -> Option<&str> {
        let value = stated_default(self.of_field(ty, field)?)?;
        // "Defaults to Capacity" names another field, and "HTTP/1.1" is written `HTTP1` there.
        let takes = |it: &Field| it.shape.is_scalar() && (it.values.is_empty() || it.knows(value));
        ty.fields(field).iter().all(takes).then_some(value)
    }

    fn find(&self, ty: &str, field: &str) -> Option<&str> {
        let at = |range: &Range<usize>| self.text.get(range.clone()).unwrap_or_default();
        let found = self.entries.binary_search_by(|it| (at(&it.ty), at(&it.field)).cmp(&(ty, field))).ok()?;
        Some(at(&self.entries.get(found)?.description))
    }
}

fn entries(text: &str) -> Option<Vec<Entry>> {
    let (index, texts) = text.split_once("\n\n")?;
    let mut start = text.len() - texts.len();
    let mut descriptions = Vec::new();
    for description in texts.split_terminator('\0') {
        descriptions.push(start..start + description.len());
        start += description.len() + 1;
    }
    let (mut entries, mut ty, mut start) = (Vec::new(), 0..0, 0);
    for line in index.split('\n') {
        let (name, number) = line.rsplit_once('\t')?;
        let field = match name.strip_prefix('\t') {
            Some(_) => start + 1..start + name.len(),
            None => {
                ty = start..start + name.len();
                0..0
            }
        };
        start += line.len() + 1;
        if let Some(number) = number.parse::<usize>().ok()?.checked_sub(1) {
            entries.push(Entry { ty: ty.clone(), field, description: descriptions.get(number)?.clone() });
        }
    }
    Some(entries)
}

/// The value after `Defaults to` and its like: a quoted one, a number, or one word that is a value by its looks; and no
/// condition after it.
fn stated_default(text: &str) -> Option<&str> {
    const WORDS: [&str; 5] = ["efaults to ", "efault to ", "efault value is ", "efault is to ", "efault is "];
    const ENDS: [&str; 10] =
        [".", " (", ", which", ", and", " and", " if not specified", " if unset", " second", " pod", "\n"];
    let rest = WORDS.iter().find_map(|words| Some(text.split_once(words)?.1))?;
    let (value, after, is_quoted) = match rest.strip_prefix(['"', '\'']) {
        Some(quoted) => quoted.split_once(['"', '\'']).map(|(value, after)| (value, after, true))?,
        None => {
            let end = rest.find(|it: char| it.is_whitespace() || it == ',').unwrap_or(rest.len());
            let value = rest.get(..end)?.trim_end_matches('.');
            (value.strip_suffix('s').filter(|it| is_number(it)).unwrap_or(value), rest.get(value.len()..)?, false)
        }
    };
    let is_name = |it: &str| it.starts_with(|it: char| it.is_ascii_uppercase() || it == '/') && !it.contains(')');
    let is_value = is_quoted && !value.contains('`') || is_number(value) || is_name(value) || is_boolean(value);
    (is_value && (after.is_empty() || ENDS.iter().any(|end| after.starts_with(end)))).then_some(value)
}

fn is_number(text: &str) -> bool {
    text.strip_suffix('%').unwrap_or(text).parse::<u32>().is_ok()
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "false")
}

#[cfg(test)]
mod tests;
