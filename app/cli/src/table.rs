//! Columns of text on a terminal, where Chinese characters are two wide.

use unicode_width::UnicodeWidthStr;

/// Space between two columns.
const GAP: usize = 2;

/// Rows of as many cells as there are columns, each column as wide as its widest cell.
#[derive(Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        // A line break or another control character in a name must not draw on the terminal.
        let plain = |cell: String| cell.replace(char::is_control, " ");
        self.rows.push(cells.into_iter().map(plain).collect());
    }

    /// The table, one line a row.
    pub(crate) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.width()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width - cell.width() + GAP));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_the_script() {
        let mut table = Table::default();
        table.row(["桩基".into(), "5d".into()]);
        table.row(["Pile".into(), "10d".into()]);
        table.row(["a\u{1b}[31m\nb".into(), String::new()]);
        assert_eq!(table.text(), "桩基      5d\nPile      10d\na [31m b\n");
    }
}
