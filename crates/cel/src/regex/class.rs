//! Classes of characters.

use seaworthy_source::order::sort;

/// Ranges of characters, sorted and apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Class(Vec<(u32, u32)>);

const LAST: u32 = 0x0010_ffff;

/// The classes between `[:` and `:]`.
const POSIX: [(&str, &[(u8, u8)]); 14] = [
    ("alnum", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]),
    ("alpha", &[(b'A', b'Z'), (b'a', b'z')]),
    ("ascii", &[(0, 0x7f)]),
    ("blank", &[(b'\t', b'\t'), (b' ', b' ')]),
    ("cntrl", &[(0, 0x1f), (0x7f, 0x7f)]),
    ("digit", &[(b'0', b'9')]),
    ("graph", &[(b'!', b'~')]),
    ("lower", &[(b'a', b'z')]),
    ("print", &[(b' ', b'~')]),
    ("punct", &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')]),
    ("space", &[(b'\t', b'\r'), (b' ', b' ')]),
    ("upper", &[(b'A', b'Z')]),
    ("word", &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]),
    ("xdigit", &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]),
];

impl Class {
    /// `[:name:]`
    pub(super) fn posix(name: &str) -> Option<Self> {
        let (_, ranges) = POSIX.iter().find(|(there, _)| *there == name)?;
        Some(Self(ranges.iter().map(|(low, high)| (u32::from(*low), u32::from(*high))).collect()))
    }

    /// `\d`, `\s`, `\w` and their opposites.
    pub(super) fn perl(letter: char) -> Option<Self> {
        let mut class = match letter.to_ascii_lowercase() {
            'd' => Self::posix("digit")?,
            'w' => Self::posix("word")?,
            's' => Self(vec![(9, 10), (12, 13), (32, 32)]),
            _ => return None,
        };
        if letter.is_ascii_uppercase() {
            class.negate();
        }
        Some(class)
    }

    pub(super) fn contains(&self, char: char) -> bool {
        let code = u32::from(char);
        let after = self.0.partition_point(|(low, _)| *low <= code);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, high)| code <= *high)
    }

    /// Adds a range; the class must be tidied before it is used.
    pub(super) fn add(&mut self, low: u32, high: u32) {
        self.0.push((low, high));
    }

    pub(super) fn add_all(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    /// Adds a range and what differs from it in case alone.
    pub(super) fn add_folded(&mut self, low: u32, high: u32) {
        // More characters than have cases are not worth a look.
        const CASED: u32 = 0x1_e943;
        self.add(low, high);
        for char in (low..=high.min(CASED)).filter_map(char::from_u32) {
            for other in folded(char) {
                if !(low..=high).contains(&u32::from(other)) {
                    self.add(other.into(), other.into());
                }
            }
        }
    }

    /// Sorts the ranges and joins those that touch.
    pub(super) fn tidy(&mut self) {
        sort(&mut self.0);
        let mut tidy: Vec<(u32, u32)> = Vec::with_capacity(self.0.len());
        for (low, high) in self.0.drain(..) {
            match tidy.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => tidy.push((low, high)),
            }
        }
        self.0 = tidy;
    }

    /// All other characters.
    pub(super) fn negate(&mut self) {
        self.tidy();
        let mut others = Vec::with_capacity(self.0.len() + 1);
        let mut next = 0;
        for (low, high) in self.0.drain(..) {
            if low > next {
                others.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= LAST {
            others.push((next, LAST));
        }
        self.0 = others;
    }
}

/// The characters that differ from one in case alone. The way up from a small letter is looked for among those that
/// lead down to it: a table of its own would be 12 KB.
pub(super) fn folded(char: char) -> Vec<char> {
    // How far capital letters lie before their small ones.
    const APART: [u32; 12] = [32, 1, 80, 16, 26, 48, 8, 40, 7264, 64, 39, 34];
    let code = u32::from(char);
    let single = |char: char| {
        let mut lower = char.to_lowercase();
        lower.next().filter(|_| lower.next().is_none())
    };
    let mut all: Vec<char> = single(char).into_iter().filter(|lower| *lower != char).collect();
    for capital in APART.iter().filter_map(|apart| char::from_u32(code.checked_sub(*apart)?)) {
        if single(capital) == Some(char) {
            all.push(capital);
        }
    }
    // Two signs are letters in disguise.
    all.extend(match char {
        'k' | 'K' => Some('\u{212a}'),
        's' | 'S' => Some('\u{17f}'),
        '\u{212a}' => Some('K'),
        '\u{17f}' => Some('s'),
        _ => None,
    });
    all
}
