//! Readers of single columns: one row a call, never more memory than the bytes they were given.

use super::bytes::Reader;

/// A value that stands in a run-length encoded column.
pub(super) trait Cell<'a>: Copy {
    fn read(reader: &mut Reader<'a>) -> Option<Self>;
}

impl<'a> Cell<'a> for u64 {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.unsigned()
    }
}

impl<'a> Cell<'a> for i64 {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        reader.signed()
    }
}

impl<'a> Cell<'a> for &'a str {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        str::from_utf8(reader.prefixed()?).ok()
    }
}

#[derive(Clone, Copy)]
enum Run<T> {
    Null,
    Repeat(T),
    Literal,
}

/// A run-length encoded column; one that is absent reads as nulls without end.
pub(super) struct Rle<'a, T> {
    reader: Reader<'a>,
    absent: bool,
    run: Run<T>,
    left: u64,
}

impl<'a, T: Cell<'a>> Rle<'a, T> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(data),
            absent: data.is_empty(),
            run: Run::Null,
            left: 0,
        }
    }

    /// The next row, `Some(None)` for null; `None` when the column ends or is malformed.
    pub(super) fn next_row(&mut self) -> Option<Option<T>> {
        if self.absent {
            return Some(None);
        }
        if self.left == 0 {
            self.open_run()?;
        }
        self.left -= 1;
        match self.run {
            Run::Null => Some(None),
            Run::Repeat(value) => Some(Some(value)),
            Run::Literal => T::read(&mut self.reader).map(Some),
        }
    }

    /// Whether all rows were read.
    pub(super) fn is_done(&self) -> bool {
        self.left == 0 && self.reader.is_empty()
    }

    /// The number of rows, saturating, without visiting them; literals alone are read one by one.
    pub(super) fn count_rows(data: &'a [u8]) -> Option<u64> {
        let mut column = Self::new(data);
        let mut rows = 0u64;
        while !column.reader.is_empty() {
            column.open_run()?;
            rows = rows.saturating_add(column.left);
            if matches!(column.run, Run::Literal) {
                for _ in 0..column.left {
                    T::read(&mut column.reader)?;
                }
            }
        }
        Some(rows)
    }

    fn open_run(&mut self) -> Option<()> {
        let len = self.reader.signed()?;
        (self.run, self.left) = match len {
            1.. => (Run::Repeat(T::read(&mut self.reader)?), len.unsigned_abs()),
            0 => (Run::Null, self.reader.unsigned()?),
            _ => (Run::Literal, len.unsigned_abs()),
        };
        (self.left > 0).then_some(())
    }
}

/// A run-length encoded column of differences.
pub(super) struct Delta<'a> {
    differences: Rle<'a, i64>,
    value: i64,
}

impl<'a> Delta<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            differences: Rle::new(data),
            value: 0,
        }
    }

    pub(super) fn next_row(&mut self) -> Option<Option<i64>> {
        let Some(difference) = self.differences.next_row()? else {
            return Some(None);
        };
        self.value = self.value.checked_add(difference)?;
        Some(Some(self.value))
    }

    pub(super) fn is_done(&self) -> bool {
        self.differences.is_done()
    }
}

/// A column of booleans: lengths of runs that alternate, false first.
pub(super) struct Boolean<'a> {
    reader: Reader<'a>,
    opened: bool,
    value: bool,
    left: u64,
}

impl<'a> Boolean<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self {
            reader: Reader::new(data),
            opened: false,
            value: true,
            left: 0,
        }
    }

    pub(super) fn next_row(&mut self) -> Option<bool> {
        if self.left == 0 {
            self.open_run()?;
            if self.left == 0 {
                // Only the first run, of false, may be empty.
                if self.opened {
                    return None;
                }
                self.opened = true;
                self.open_run()?;
                if self.left == 0 {
                    return None;
                }
            }
            self.opened = true;
        }
        self.left -= 1;
        Some(self.value)
    }

    pub(super) fn is_done(&self) -> bool {
        self.left == 0 && self.reader.is_empty()
    }

    fn open_run(&mut self) -> Option<()> {
        self.left = self.reader.unsigned()?;
        self.value = !self.value;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Boolean, Delta, Rle};

    #[test]
    fn runs_literals_and_nulls_read_row_by_row() {
        let data = [3, 7, 0x7e, 1, 2, 0, 2];
        assert_eq!(Rle::<u64>::count_rows(&data), Some(7));
        let mut column = Rle::<u64>::new(&data);
        let rows: Vec<_> = (0..7).map(|_| column.next_row().unwrap()).collect();
        assert_eq!(
            rows,
            [Some(7), Some(7), Some(7), Some(1), Some(2), None, None]
        );
        assert!(column.is_done());
        assert_eq!(column.next_row(), None);
    }

    #[test]
    fn a_run_of_billions_is_counted_without_visiting_it() {
        let data = [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 1, 2, 1,
        ];
        assert_eq!(Rle::<u64>::count_rows(&data), Some(i64::MAX as u64 + 2));
    }

    #[test]
    fn empty_runs_and_cut_columns_are_malformed() {
        assert_eq!(Rle::<u64>::count_rows(&[0, 0]), None);
        assert_eq!(Rle::<u64>::count_rows(&[2]), None);
        assert_eq!(Rle::<u64>::count_rows(&[0x7d, 1, 2]), None);
        assert_eq!(Rle::<&str>::new(&[2, 1, 0xff]).next_row(), None);
    }

    #[test]
    fn differences_that_overflow_are_malformed() {
        let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00];
        let mut data = vec![2];
        data.extend(huge);
        let mut column = Delta::new(&data);
        assert_eq!(column.next_row(), Some(Some(i64::MAX)));
        assert_eq!(column.next_row(), None);
    }

    #[test]
    fn booleans_alternate_and_only_the_first_run_may_be_empty() {
        let mut column = Boolean::new(&[0, 2, 1]);
        assert_eq!(
            [column.next_row(), column.next_row(), column.next_row()],
            [Some(true), Some(true), Some(false)]
        );
        assert!(column.is_done());
        assert_eq!(Boolean::new(&[0, 0, 1]).next_row(), None);
        let mut column = Boolean::new(&[1, 0, 1]);
        assert_eq!(column.next_row(), Some(false));
        assert_eq!(column.next_row(), None);
    }
}
