//! From what the event parser stumbled over to what a person did: words and the place of the mistake.

use seaworthy_source::Span;

use crate::text;

/// What reading stumbled over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Problem {
    /// A `:` where no key can be.
    Colon,
    /// Something that should be a key has no `:`.
    NoColon,
    /// A key in brackets that goes on over lines.
    KeyOfLines,
    /// A line that fits no open block.
    Indent,
    Tab,
    TabInBlock,
    /// A quote that is never closed.
    OpenQuote,
    AfterQuote,
    Escape,
    /// A sign at the start of a text that means something in YAML.
    Sign,
    Tag,
    /// A `-` on the line of its key.
    Dash,
    /// A closing bracket without an opening one.
    Close,
    Mismatch {
        open: char,
        close: char,
    },
    Unclosed {
        open: char,
    },
    /// Neither `,` nor the closing bracket.
    Separator {
        close: char,
    },
    Directive,
    /// Something on the line on which the value of the document ends.
    AfterRoot,
    /// A `...` before there is a value.
    EndFirst,
    BlockHeader,
    BlockIndent,
    CommentInText,
}

/// The words for a problem at `offset` of a chunk, and its bytes.
#[inline(never)]
pub(crate) fn explain(problem: Problem, text: &str, offset: usize) -> (String, Span) {
    let at = |start: usize, length: usize| Span::of(start..start + length);
    let line = Line::at(text, offset);
    let here = text.get(offset..).unwrap_or("");
    let says_itself = match problem {
        Problem::TabInBlock => true,
        Problem::AfterRoot => !here.starts_with("{{"),
        _ => false,
    };
    if !says_itself && let Some(found) = common(text, &line) {
        return found;
    }
    let sign = here.chars().next().map_or(String::new(), |it| format!("`{it}`"));
    let width = here.chars().next().map_or(0, char::len_utf8);
    let message = match problem {
        Problem::Colon => return colon(text, &line, offset),
        Problem::NoColon => return no_colon(&line, offset),
        Problem::Indent if offset > line.content_start() && here.starts_with(':') => {
            "a second `:` on one line: quote the text".into()
        }
        Problem::Indent => return indent(text, &line),
        Problem::TabInBlock => "a block of text begins with a tab: indent it with blanks".into(),
        Problem::Tab => "a tab stands where only blanks may indent".into(),
        Problem::OpenQuote => "a quote is opened here and never closed".into(),
        Problem::KeyOfLines => "a key stands on one line: is there a `,` or a `:` missing?".into(),
        Problem::AfterQuote => {
            "text after a closing quote: is a `,` or a `:` missing, or does a quote inside the text end it?".into()
        }
        Problem::Escape => return escape(here, offset),
        Problem::Sign => {
            let word =
                if here.starts_with('*') { here.split_whitespace().next().map_or(width, str::len) } else { width };
            return (format!("a text that begins with {sign} needs quotes"), at(offset, word));
        }
        Problem::Tag => "`!` begins a tag, and this is none: a text that begins with `!` needs quotes".into(),
        Problem::Dash => {
            "a list cannot begin on the line of its key: put the `-` on the next line, or quote the text".into()
        }
        Problem::Close => format!("{sign} closes what was never opened"),
        Problem::Mismatch { open, close } => {
            return (format!("`{open}` is opened here and closed by `{close}`"), at(offset, 1));
        }
        Problem::Unclosed { .. } | Problem::Separator { .. } if here.starts_with(',') => {
            "nothing stands before this `,`".into()
        }
        Problem::Unclosed { open } => return (format!("`{open}` is opened here and never closed"), at(offset, 1)),
        Problem::Separator { close } => format!("a `,` or the closing `{close}` is missing before this"),
        Problem::Directive => return directive(&line),
        Problem::AfterRoot => "another value begins here, after the document has its value".into(),
        Problem::EndFirst => return ("`...` ends a document here before it has begun".into(), at(offset, 3)),
        Problem::BlockHeader => "text on the line of `|` or `>`: it begins on the next line".into(),
        Problem::BlockIndent => "this line of a block of text is indented too little".into(),
        Problem::CommentInText => "a comment stands inside a text of several lines".into(),
    };
    (message, at(offset, width))
}

/// One line of a text.
struct Line<'t> {
    start: usize,
    text: &'t str,
}

impl<'t> Line<'t> {
    fn at(text: &'t str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let rest = text.get(start..).unwrap_or("");
        Self { start, text: rest.lines().next().unwrap_or("") }
    }

    /// The line before this one that is neither blank nor a comment.
    fn previous(&self, text: &'t str) -> Option<Self> {
        let mut line = Self { start: self.start, text: self.text };
        while line.start > 0 {
            line = Self::at(text, line.start - 1);
            if !line.content().is_empty() && !line.content().starts_with('#') {
                return Some(line);
            }
        }
        None
    }

    fn content(&self) -> &'t str {
        self.text.trim()
    }

    fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    fn content_start(&self) -> usize {
        self.start + self.indent()
    }

    fn span(&self) -> Span {
        Span::of(self.content_start()..self.content_start() + self.content().len())
    }

    /// The columns at which a key or an item of this line begins: two for `- a: 1`.
    fn columns(&self) -> Vec<usize> {
        let mut columns = vec![self.indent()];
        let mut rest = self.text.trim_start();
        while let Some(tail) = rest.strip_prefix("- ") {
            rest = tail.trim_start();
            columns.push(self.text.len() - rest.len());
        }
        columns
    }

    /// Where a `:` stands that no blank follows, if that is the only kind there is.
    fn tight_colon(&self) -> Option<usize> {
        let text = self.content();
        let (at, _) = text.match_indices(':').next()?;
        let is_loose =
            |at: usize| text.get(at + 1..).is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        (!text.match_indices(':').any(|(at, _)| is_loose(at)) && !text.contains("://"))
            .then(|| self.content_start() + at)
    }
}

/// Mistakes that have one look, wherever the parser stumbles.
fn common(text: &str, line: &Line<'_>) -> Option<(String, Span)> {
    for line in std::iter::once(Line { ..*line }).chain(line.previous(text)) {
        let content = line.content();
        // In quotes it is text that a program reads, as in alerts.
        let is_quoted = |at: &usize| line.text.get(..*at).is_some_and(|it| it.matches(['"', '\'']).count() % 2 == 1);
        if let Some(at) = line.text.find("{{").filter(|at| !is_quoted(at)) {
            let span = Span::of(line.start + at..line.start + at + 2);
            return Some((text::TEMPLATE.into(), span));
        }
        if content.starts_with("<<<<<<<") || content.starts_with(">>>>>>>") || content == "=======" {
            return Some(("a conflict of two versions is not resolved here".into(), line.span()));
        }
        let is_odd_space = |it: char| it != ' ' && it != '\t' && it.is_whitespace();
        if let Some((at, space)) = line.text.char_indices().find(|&(_, it)| is_odd_space(it)) {
            let span = Span::of(line.start + at..line.start + at + space.len_utf8());
            return Some((format!("U+{:04X} looks like a blank and is none", u32::from(space)), span));
        }
    }
    let tab = line.text.get(..line.indent())?.find('\t')?;
    let message = "a tab stands where only blanks may indent".to_owned();
    Some((message, Span::of(line.start + tab..line.start + tab + 1)))
}

/// A `:` that makes no key: a second one on its line, or the line before it is what is wrong.
fn colon(text: &str, line: &Line<'_>, offset: usize) -> (String, Span) {
    let before = text.get(line.start..offset).unwrap_or("");
    if before.contains(": ") {
        return ("a second `: ` on one line: quote the text".into(), Span::of(offset..offset + 1));
    }
    if before.len() > 1024 {
        return ("a key is longer than 1024 characters".into(), Span::of(line.start..offset));
    }
    let Some(previous) = line.previous(text) else {
        return ("a `:` where no key can be: quote the text".into(), Span::of(offset..offset + 1));
    };
    if let Some(colon) = previous.tight_colon() {
        return ("a blank is missing after this `:`".into(), Span::of(colon..colon + 1));
    }
    if previous.text.contains(": ") {
        let message = "this line is indented deeper than the one before it, which has a value already".to_owned();
        return (message, line.span());
    }
    (without_colon(previous.content()), previous.span())
}

fn no_colon(line: &Line<'_>, offset: usize) -> (String, Span) {
    let content = line.content();
    if let Some(colon) = line.tight_colon() {
        return ("a blank is missing after this `:`".into(), Span::of(colon..colon + 1));
    }
    if content.len() > 1 && content.starts_with('-') && !content.starts_with("--") && offset == line.content_start() {
        return ("a blank is missing after this `-`".into(), Span::of(offset..offset + 1));
    }
    (without_colon(content), line.span())
}

fn without_colon(content: &str) -> String {
    format!("`{}` has no `:` after it, or is indented too little to belong to the text above", text::short(content))
}

/// A line whose indentation is none of those that are open.
fn indent(text: &str, line: &Line<'_>) -> (String, Span) {
    let (mut open, mut list): (Vec<usize>, Option<usize>) = (Vec::new(), None);
    let mut above = line.previous(text);
    // The blocks that are open, from the innermost; a look at the last lines is enough to say what would fit.
    for _ in 0..200 {
        let Some(previous) = above else { break };
        for &column in previous.columns().iter().rev() {
            if open.last().is_none_or(|&last| column < last) {
                open.push(column);
            }
        }
        if list.is_none() && previous.content().starts_with('-') {
            list = Some(previous.indent());
        }
        if previous.indent() == 0 {
            break;
        }
        above = previous.previous(text);
    }
    open.reverse();
    let own = line.indent();
    let is_item = line.content().starts_with('-');
    let message = if let Some(list) = list.filter(|&list| is_item && list != own) {
        format!("an item indented by {own}, after a list whose items are indented by {list}")
    } else if open.contains(&own) {
        let missing =
            if is_item { "a list begins where a key is expected" } else { "a key begins where a `-` is expected" };
        format!("{missing}: the indentation is off")
    } else {
        let near: Vec<_> = open.iter().filter(|&&it| it.abs_diff(own) <= 4).map(ToString::to_string).collect();
        match near.split_last() {
            Some((last, [])) => format!("indented by {own}, where {last} would fit"),
            Some((last, others)) => format!("indented by {own}, where {} or {last} would fit", others.join(", ")),
            None => format!("indented by {own}, which fits no block that is open here"),
        }
    };
    (message, line.span())
}

/// What begins like an escape and is none.
fn escape(text: &str, offset: usize) -> (String, Span) {
    let tail = text.get(1..).unwrap_or("");
    let sign = tail.chars().next().unwrap_or(' ');
    let digits = match sign {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let hex = tail.bytes().skip(1).take(digits).take_while(u8::is_ascii_hexdigit).count();
    let span = Span::of(offset..offset + 1 + sign.len_utf8() + hex);
    let code = tail.get(1..1 + hex).and_then(|it| u32::from_str_radix(it, 16).ok());
    let message = match (sign, code) {
        ('/', _) => "`\\/` is an escape of JSON, not of YAML: write `/`".into(),
        (_, None) if digits == 0 => format!("`\\{sign}` is no escape: write `\\\\{sign}`, or use single quotes"),
        _ if hex < digits => format!("`\\{sign}` wants {digits} hexadecimal digits"),
        (_, Some(0xD800..0xE000)) => {
            "half a character: YAML writes what lies beyond `\\uFFFF` as `\\U` and eight digits".into()
        }
        _ => format!("`\\{sign}` with these digits is no character"),
    };
    (message, span)
}

/// A `%` at the start of a line.
fn directive(line: &Line<'_>) -> (String, Span) {
    let name = line.content().split_whitespace().next().unwrap_or("%");
    let message = if matches!(name, "%YAML" | "%TAG") {
        format!("Kubernetes reads no `{name}` directive: remove the line")
    } else {
        "a text that begins with `%` needs quotes".to_owned()
    };
    (message, line.span())
}
