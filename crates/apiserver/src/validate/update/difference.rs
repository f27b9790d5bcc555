//! The difference of two values, as servers since 1.34 write it after some refusals.
//!
//! k8s.io/apimachinery, pkg/util/diff: both as JSON of so many lines, and the unified difference of those, which
//! github.com/pmezard/go-difflib makes as Python's `difflib` does.

use std::ops::Range;

use seaworthy_source::order;

/// So many equal lines stand around what changed.
const AROUND: usize = 3;
/// Of values with more lines no difference is made: it would take its time, and nobody would read it.
const LINES: usize = 2000;
/// From so many lines on, those that stand there often are not where an equal part begins.
const MANY: usize = 200;

/// The words of a refusal, and the difference where one is written.
pub(super) fn after(words: &str, difference: Option<String>) -> String {
    difference.map_or_else(|| words.to_owned(), |it| format!("{words}\n{it}"))
}

/// The difference of two values, given as JSON without spaces.
pub(super) fn of(old: &str, new: &str) -> String {
    let (old, new) = (lines(old), lines(new));
    let mut out = String::new();
    if old.len() > LINES || new.len() > LINES {
        return out;
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    for group in groups(steps(&old, &new)) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let (left, right) = (first.old.start..last.old.end, first.new.start..last.new.end);
        out.push_str(&format!("@@ -{} +{} @@\n", numbers(&left), numbers(&right)));
        for Step { old: from, new: to, equal } in &group {
            let mut write = |sign: char, lines: &[&str]| {
                for line in lines {
                    out.push(sign);
                    out.push_str(line);
                    out.push('\n');
                }
            };
            if *equal {
                write(' ', old.get(from.clone()).unwrap_or_default());
            } else {
                write('-', old.get(from.clone()).unwrap_or_default());
                write('+', new.get(to.clone()).unwrap_or_default());
            }
        }
    }
    out
}

/// JSON as `json.MarshalIndent` writes it with one space.
fn lines(json: &str) -> Vec<String> {
    let (mut out, mut line, mut depth) = (Vec::new(), String::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    let mut letters = json.chars().peekable();
    while let Some(letter) = letters.next() {
        if quoted || letter == '"' {
            line.push(letter);
            quoted = !quoted || escaped || letter != '"';
            escaped = quoted && letter == '\\' && !escaped;
            continue;
        }
        match letter {
            '{' | '[' => {
                line.push(letter);
                if matches!(letters.peek(), Some('}' | ']')) {
                    line.extend(letters.next());
                    continue;
                }
                depth += 1;
                out.push(std::mem::replace(&mut line, " ".repeat(depth)));
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                out.push(std::mem::replace(&mut line, " ".repeat(depth)));
                line.push(letter);
            }
            ',' => {
                line.push(letter);
                out.push(std::mem::replace(&mut line, " ".repeat(depth)));
            }
            ':' => line.push_str(": "),
            _ => line.push(letter),
        }
    }
    out.push(line);
    out
}

/// Lines of both that are equal, or that stand in each other's place.
#[derive(Clone)]
struct Step {
    old: Range<usize>,
    new: Range<usize>,
    equal: bool,
}

/// `GetOpCodes`
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut left, mut right) = (0, 0);
    for (from, to, length) in blocks(old, new) {
        if left < from || right < to {
            steps.push(Step { old: left..from, new: right..to, equal: false });
        }
        if length > 0 {
            steps.push(Step { old: from..from + length, new: to..to + length, equal: true });
        }
        (left, right) = (from + length, to + length);
    }
    steps
}

/// `GetMatchingBlocks`: where equal parts begin in both, and how long they are; at last the ends.
fn blocks(old: &[&str], new: &[&str]) -> Vec<(usize, usize, usize)> {
    let mut places = Places::of(new);
    if new.len() >= MANY {
        places.at.iter_mut().filter(|at| at.len() > new.len() / 100 + 1).for_each(Vec::clear);
    }
    let mut found = Vec::new();
    let mut todo = vec![(0..old.len(), 0..new.len())];
    while let Some((left, right)) = todo.pop() {
        let (from, to, length) = longest(old, new, &places, &left, &right);
        if length > 0 {
            found.push((from, to, length));
            todo.push((left.start..from, right.start..to));
            todo.push((from + length..left.end, to + length..right.end));
        }
    }
    order::sort(&mut found);
    let mut joined: Vec<(usize, usize, usize)> = Vec::new();
    for (from, to, length) in found {
        match joined.last_mut() {
            Some(last) if last.0 + last.2 == from && last.1 + last.2 == to => last.2 += length,
            _ => joined.push((from, to, length)),
        }
    }
    joined.push((old.len(), new.len(), 0));
    joined
}

/// Where each line stands.
struct Places<'l> {
    /// The lines, sorted, each once.
    lines: Vec<&'l str>,
    at: Vec<Vec<usize>>,
}

impl<'l> Places<'l> {
    fn of(all: &[&'l str]) -> Self {
        let mut lines = all.to_vec();
        order::sort(&mut lines);
        lines.dedup();
        let mut places = Self { at: vec![Vec::new(); lines.len()], lines };
        for (at, line) in all.iter().enumerate() {
            if let Some(list) = places.lines.binary_search(line).ok().and_then(|it| places.at.get_mut(it)) {
                list.push(at);
            }
        }
        places
    }

    fn get(&self, line: &str) -> &[usize] {
        let number = self.lines.binary_search(&line).ok();
        number.and_then(|it| self.at.get(it)).map_or(&[], Vec::as_slice)
    }
}

/// `findLongestMatch`
fn longest(
    old: &[&str],
    new: &[&str],
    places: &Places<'_>,
    left: &Range<usize>,
    right: &Range<usize>,
) -> (usize, usize, usize) {
    let (mut from, mut to, mut length) = (left.start, right.start, 0);
    // How long the equal part is that ends at a line of the new value, in the order of those.
    let mut ends: Vec<(usize, usize)> = Vec::new();
    for at in left.clone() {
        let here = old.get(at).map_or(&[][..], |line| places.get(line));
        let mut further = Vec::new();
        for place in here.iter().copied().filter(|it| right.contains(it)) {
            let before = ends.binary_search_by(|(end, _)| (end + 1).cmp(&place)).ok().and_then(|it| ends.get(it));
            let size = before.map_or(1, |(_, size)| size + 1);
            further.push((place, size));
            if size > length {
                (from, to, length) = (at + 1 - size, place + 1 - size, size);
            }
        }
        ends = further;
    }
    while from > left.start && to > right.start && old.get(from - 1) == new.get(to - 1) {
        (from, to, length) = (from - 1, to - 1, length + 1);
    }
    while from + length < left.end && to + length < right.end && old.get(from + length) == new.get(to + length) {
        length += 1;
    }
    (from, to, length)
}

/// `GetGroupedOpCodes`: what stands near each other, with some equal lines around.
fn groups(mut steps: Vec<Step>) -> Vec<Vec<Step>> {
    if let Some(first) = steps.first_mut().filter(|it| it.equal) {
        *first = tail(first);
    }
    if let Some(last) = steps.last_mut().filter(|it| it.equal) {
        *last = head(last);
    }
    let (mut groups, mut group) = (Vec::new(), Vec::new());
    for step in steps {
        if step.equal && step.old.len() > AROUND * 2 {
            group.push(head(&step));
            groups.push(std::mem::take(&mut group));
            group.push(tail(&step));
        } else {
            group.push(step);
        }
    }
    groups.push(group);
    groups.retain(|group| group.iter().any(|step| !step.equal));
    groups
}

fn head(step: &Step) -> Step {
    let end = |it: &Range<usize>| it.start..it.end.min(it.start + AROUND);
    Step { old: end(&step.old), new: end(&step.new), equal: true }
}

fn tail(step: &Step) -> Step {
    let start = |it: &Range<usize>| it.start.max(it.end.saturating_sub(AROUND))..it.end;
    Step { old: start(&step.old), new: start(&step.new), equal: true }
}

/// `formatRangeUnified`
fn numbers(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        length => format!("{},{length}", lines.start + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn as_go_difflib_has_it() {
        let old = r#"{"A":["x"],"B":null,"C":{"a":"1"},"D":"","E":"f","G":{},"H":"{,}\""}"#;
        assert_eq!(of(old, old), "");
        assert_eq!(
            of(old, &old.replace(r#""B":null"#, r#""B":{"k":"v"}"#)),
            "@@ -2,7 +2,9 @@\n  \"A\": [\n   \"x\"\n  ],\n- \"B\": null,\n+ \"B\": {\n+  \"k\": \"v\"\n+ },\n  \"C\": \
             {\n   \"a\": \"1\"\n  },\n"
        );
        assert_eq!(
            of(old, &old.replace(r#"\""}"#, r#""}"#)),
            "@@ -9,5 +9,5 @@\n  \"D\": \"\",\n  \"E\": \"f\",\n  \"G\": {},\n- \"H\": \"{,}\\\"\"\n+ \"H\": \"{,}\"\n }\n"
        );
    }
}
