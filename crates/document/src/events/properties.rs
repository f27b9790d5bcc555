//! Anchors, tags and aliases.

use super::cursor::Cursor;
use super::{Anchor, Event, Events, Fault, Last, Properties, Step};
use crate::diagnose::Problem;

impl<'t> Events<'t> {
    /// Takes an anchor or a tag that stands here; false if neither does, or a second one.
    pub(super) fn property(&mut self, properties: &mut Properties<'t>) -> Result<bool, Fault> {
        let start = self.cursor.at;
        match self.cursor.byte(0) {
            b'&' if properties.anchor.is_none() => {
                let name = self.cursor.name()?;
                self.anchor_count += 1;
                self.anchors.insert(name, self.anchor_count);
                properties.anchor = Some(Anchor { id: self.anchor_count, span: self.cursor.since(start) });
            }
            b'!' if properties.tag.is_none() => properties.tag = Some(self.cursor.tag()?),
            _ => return Ok(false),
        }
        self.ends(Last::Other);
        self.may_begin = false;
        properties.end = Some(self.cursor.at);
        Ok(true)
    }

    /// An alias, whose `*` stands here.
    pub(super) fn alias(&mut self) -> Step<'t> {
        let start = self.cursor.at;
        let name = self.cursor.name()?;
        self.ends(Last::Other);
        self.may_begin = false;
        let event = self.anchors.get(name).map_or(Event::UnknownAlias(name), |id| Event::Alias(*id));
        Ok((event, self.cursor.since(start)))
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

impl<'t> Cursor<'t> {
    /// The name after a `&` or `*`, which stands here.
    fn name(&mut self) -> Result<&'t str, Fault> {
        let start = self.at + 1;
        let end = self.end_of_name(start).ok_or_else(|| Fault::at(Problem::Sign, self.at))?;
        self.at = end;
        Ok(self.slice(start, end))
    }

    /// Where a name ends; none if there is none, or something follows that cannot.
    pub(super) fn end_of_name(&self, start: usize) -> Option<usize> {
        let mut end = start;
        while is_name(self.byte_at(end)) {
            end += 1;
        }
        let may_follow =
            self.is_blank_at(end) || matches!(self.byte_at(end), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        (end > start && may_follow).then_some(end)
    }

    /// A tag, whose `!` stands here.
    fn tag(&mut self) -> Result<&'t str, Fault> {
        let (tag, end) = self.tag_at(self.at).ok_or_else(|| Fault::at(Problem::Tag, self.at))?;
        self.at = end;
        Ok(tag)
    }

    /// A tag and where it ends.
    pub(super) fn tag_at(&self, start: usize) -> Option<(&'t str, usize)> {
        let is_of_uri = |byte: u8| is_name(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte);
        let end_of_uri = |mut at: usize| {
            while is_of_uri(self.byte_at(at)) {
                at += 1;
            }
            at
        };
        let (tag, end) = if self.byte_at(start + 1) == b'<' {
            let end = end_of_uri(start + 2);
            let tag = self.slice(start + 2, end);
            if self.byte_at(end) != b'>' || tag.is_empty() {
                return None;
            }
            (tag.strip_prefix("tag:yaml.org,2002:").unwrap_or(tag), end + 1)
        } else {
            let mut handle = start + 1;
            while is_name(self.byte_at(handle)) {
                handle += 1;
            }
            let end = end_of_uri(start + 1);
            match self.byte_at(handle) {
                b'!' if handle == start + 1 && end > start + 2 => (self.slice(start + 2, end), end),
                // Nobody can define a handle of their own: directives are refused.
                b'!' => return None,
                _ => (self.slice(start, end), end),
            }
        };
        self.is_blank_at(end).then_some((tag, end))
    }
}
