//! Tables of a terminal: columns as wide as what stands in them.

use std::fmt;

/// A table with a heading.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heading: &[&str]) -> Self {
        Self { rows: vec![heading.iter().map(|&it| it.to_owned()).collect()] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let or_dash = |cell: String| if cell.is_empty() { "-".to_owned() } else { cell };
        self.rows.push(cells.into_iter().map(or_dash).collect());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.len() < 2
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

/// The first few of a list, and how many more there are.
pub(crate) fn folded(list: &[String], shown: usize) -> String {
    let (shown, rest) = list.split_at_checked(shown).unwrap_or((list, &[]));
    let more = if rest.is_empty() { String::new() } else { format!(", … {} more", rest.len()) };
    format!("{}{more}", shown.join(", "))
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns).map(|column| self.width(column)).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (width, cell) in widths.iter().zip(row) {
                line.push_str(cell);
                let pad = width.saturating_sub(cell.chars().count()) + 2;
                line.extend(std::iter::repeat_n(' ', pad));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_align() {
        let mut table = Table::new(&["NAME", "PORTS"]);
        table.row(["größe".to_owned(), "80".to_owned()]);
        table.row(["b".to_owned(), String::new()]);
        assert_eq!(table.to_string(), "NAME   PORTS\ngröße  80\nb      -\n");
    }
}
