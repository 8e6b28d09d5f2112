//! The bounded codec: borsh with a limit on every length.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::ops::Deref;

use borsh::{BorshDeserialize, BorshSerialize};

/// Bytes that are not the encoding of what they should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed {what}: {reason}")]
pub struct Malformed {
    pub what: &'static str,
    pub reason: String,
}

/// A length above its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{len} is above the limit of {max}")]
pub struct TooLong {
    pub len: usize,
    pub max: usize,
}

/// Encodes a value. Its one encoding.
pub fn encode<T: BorshSerialize>(value: &T) -> Vec<u8> {
    borsh::to_vec(value).expect("writing to memory does not fail and lengths are bounded")
}

/// Decodes a value that fills `bytes` exactly and is no longer than `bytes_max`.
pub fn decode<T: BorshDeserialize>(
    what: &'static str,
    bytes: &[u8],
    bytes_max: usize,
) -> std::result::Result<T, Malformed> {
    if bytes.len() > bytes_max {
        let (len, max) = (bytes.len(), bytes_max);
        let reason = TooLong { len, max }.to_string();
        return Err(Malformed { what, reason });
    }
    borsh::from_slice(bytes).map_err(|error| Malformed {
        what,
        reason: error.to_string(),
    })
}

/// At most `MAX` values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<T, const MAX: usize> List<T, MAX> {
    pub fn new(values: Vec<T>) -> std::result::Result<Self, TooLong> {
        within(values.len(), MAX)?;
        Ok(Self(values))
    }

    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: BorshDeserialize, const MAX: usize> BorshDeserialize for List<T, MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let len = read_len(reader, MAX)?;
        // Grows as values arrive: a length alone never allocates.
        let mut values = Vec::new();
        for _ in 0..len {
            values.push(T::deserialize_reader(reader)?);
        }
        Ok(Self(values))
    }
}

/// At most `MAX` bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Bytes<const MAX: usize>(Vec<u8>);

impl<const MAX: usize> Bytes<MAX> {
    pub fn new(bytes: Vec<u8>) -> std::result::Result<Self, TooLong> {
        within(bytes.len(), MAX)?;
        Ok(Self(bytes))
    }

    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> std::fmt::Debug for Bytes<MAX> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl<const MAX: usize> Deref for Bytes<MAX> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> BorshSerialize for Bytes<MAX> {
    fn serialize<W: Write>(&self, writer: &mut W) -> Result<()> {
        self.0.serialize(writer)
    }
}

impl<const MAX: usize> BorshDeserialize for Bytes<MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let len = read_len(reader, MAX)?;
        let mut bytes = Vec::new();
        reader.take(len as u64).read_to_end(&mut bytes)?;
        if bytes.len() < len {
            return Err(Error::new(ErrorKind::InvalidData, "ends too early"));
        }
        Ok(Self(bytes))
    }
}

/// UTF-8 of at most `MAX` bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Default, BorshSerialize)]
pub struct Text<const MAX: usize>(String);

impl<const MAX: usize> Text<MAX> {
    pub fn new(text: impl Into<String>) -> std::result::Result<Self, TooLong> {
        let text = text.into();
        within(text.len(), MAX)?;
        Ok(Self(text))
    }
}

impl<const MAX: usize> Deref for Text<MAX> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> BorshDeserialize for Text<MAX> {
    fn deserialize_reader<R: Read>(reader: &mut R) -> Result<Self> {
        let bytes = Bytes::<MAX>::deserialize_reader(reader)?;
        let text = String::from_utf8(bytes.into_vec())
            .map_err(|_| Error::new(ErrorKind::InvalidData, "not UTF-8"))?;
        Ok(Self(text))
    }
}

fn within(len: usize, max: usize) -> std::result::Result<(), TooLong> {
    if len > max {
        return Err(TooLong { len, max });
    }
    Ok(())
}

fn read_len<R: Read>(reader: &mut R, max: usize) -> Result<usize> {
    let len = u32::deserialize_reader(reader)? as usize;
    within(len, max).map_err(|error| Error::new(ErrorKind::InvalidData, error.to_string()))?;
    Ok(len)
}
