//! Lines of YAML as text, for documents that have no tree.

/// The lines outside of block scalars and comments, each with its offset in the text.
pub fn structure_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut offset, mut block) = (0, None);
    text.split_inclusive('\n').filter_map(move |line| {
        let start = offset;
        offset += line.len();
        let line = line.trim_end();
        let content = line.trim_start();
        let indent = line.len() - content.len();
        if content.is_empty() || content.starts_with('#') || block.is_some_and(|of| indent > of) {
            return None;
        }
        block = opens_block(content).then_some(indent);
        Some((start, line))
    })
}

/// `key: |`, `- >-`: what follows, further in, is text.
fn opens_block(content: &str) -> bool {
    let last = content.rsplit([' ', '\t']).next().unwrap_or("");
    last.starts_with(['|', '>']) && last.len() <= 3 && last != content
}
