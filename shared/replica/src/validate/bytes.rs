//! A cursor over hostile bytes: every read is bounded by what is there, and nothing is copied.

/// Reads a slice from its front; `None` means the bytes end too soon or are not what they must be.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The bytes not yet read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Reads `len` bytes, a length as the wire states it.
    pub(super) fn take(&mut self, len: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(len).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    /// Reads bytes behind their length.
    pub(super) fn prefixed(&mut self) -> Option<&'a [u8]> {
        let len = self.unsigned()?;
        self.take(len)
    }

    /// Reads an unsigned LEB128 number of at most 64 bits in its shortest form.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && byte > 1 {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return (shift == 0 || byte != 0).then_some(value);
            }
        }
        None
    }

    /// Reads a signed LEB128 number of at most 64 bits in its shortest form.
    pub(super) fn signed(&mut self) -> Option<i64> {
        let mut value = 0i64;
        let mut previous = 0u8;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                return None;
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let negative = byte & 0x40 != 0;
                if negative && shift + 7 < 64 {
                    value |= -1 << (shift + 7);
                }
                let padded = shift > 0
                    && (byte == 0 && previous & 0x40 == 0 || byte == 0x7f && previous & 0x40 != 0);
                return (!padded).then_some(value);
            }
            previous = byte;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Reader;

    fn unsigned_bytes(mut value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let byte = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 {
                out.push(byte);
                return out;
            }
            out.push(byte | 0x80);
        }
    }

    fn signed_bytes(mut value: i64) -> Vec<u8> {
        let mut out = Vec::new();
        loop {
            let byte = (value & 0x7f) as u8;
            value >>= 7;
            if value == 0 && byte & 0x40 == 0 || value == -1 && byte & 0x40 != 0 {
                out.push(byte);
                return out;
            }
            out.push(byte | 0x80);
        }
    }

    proptest! {
        #[test]
        fn numbers_read_back_as_written(unsigned: u64, signed: i64) {
            let bytes = unsigned_bytes(unsigned);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.unsigned(), Some(unsigned));
            prop_assert!(reader.is_empty());
            let bytes = signed_bytes(signed);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.signed(), Some(signed));
            prop_assert!(reader.is_empty());
        }

        #[test]
        fn whatever_reads_is_the_only_form_of_its_number(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut reader = Reader::new(&bytes);
            if let Some(value) = reader.unsigned() {
                prop_assert_eq!(&bytes[..bytes.len() - reader.rest().len()], unsigned_bytes(value));
            }
            let mut reader = Reader::new(&bytes);
            if let Some(value) = reader.signed() {
                prop_assert_eq!(&bytes[..bytes.len() - reader.rest().len()], signed_bytes(value));
            }
        }
    }

    #[test]
    fn extremes_of_numbers_read_and_their_padded_or_wider_forms_do_not() {
        for value in [i64::MIN, -65, -64, -1, 0, 63, 64, i64::MAX] {
            assert_eq!(Reader::new(&signed_bytes(value)).signed(), Some(value));
        }
        assert_eq!(
            Reader::new(&unsigned_bytes(u64::MAX)).unsigned(),
            Some(u64::MAX)
        );
        assert_eq!(Reader::new(&[0x80, 0x00]).unsigned(), None);
        assert_eq!(Reader::new(&[0xff; 10]).unsigned(), None);
        assert_eq!(
            Reader::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]).unsigned(),
            None
        );
        assert_eq!(Reader::new(&[0x80, 0x00]).signed(), None);
        assert_eq!(Reader::new(&[0xff, 0x7f]).signed(), None);
        assert_eq!(Reader::new(&[0xff]).unsigned(), None);
        assert_eq!(Reader::new(&[]).signed(), None);
    }

    #[test]
    fn a_length_beyond_the_end_takes_nothing() {
        let mut reader = Reader::new(b"abc");
        assert_eq!(reader.take(u64::MAX), None);
        assert_eq!(reader.take(4), None);
        assert_eq!(reader.take(2), Some(&b"ab"[..]));
        assert_eq!(reader.rest(), b"c");
    }
}
