//! From bytes to text: UTF-8 and UTF-16, with or without a byte order mark. Anything else is refused with the remedy.

use std::borrow::Cow;

use super::error::{MspdiError, Reason};

const OLE_MAGIC: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// How far into the file an XML declaration is looked for.
const DECLARATION_BYTES_MAX: usize = 512;

/// Decodes a file to text without byte order mark that begins like XML.
///
/// Errors where the encoding is neither UTF-8 nor UTF-16, where the bytes do not follow it, and where the
/// content is not XML at all.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, MspdiError> {
    if bytes.starts_with(OLE_MAGIC) {
        return Err(at_start(Reason::BinaryProject));
    }
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(utf8(rest)?),
        [0xFF, 0xFE, rest @ ..] => Cow::Owned(utf16(rest, u16::from_le_bytes, "UTF-16LE")?),
        [0xFE, 0xFF, rest @ ..] => Cow::Owned(utf16(rest, u16::from_be_bytes, "UTF-16BE")?),
        // UTF-16 without a mark: `<` as the first code unit, as the XML standard's appendix F detects it.
        [b'<', 0, ..] => Cow::Owned(utf16(bytes, u16::from_le_bytes, "UTF-16LE")?),
        [0, b'<', ..] => Cow::Owned(utf16(bytes, u16::from_be_bytes, "UTF-16BE")?),
        _ => Cow::Borrowed(utf8(bytes)?),
    };
    match text.trim_start().as_bytes().first() {
        None => Err(at_start(Reason::Empty)),
        Some(b'<') => Ok(text),
        Some(_) => Err(at_start(Reason::NotXml)),
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, MspdiError> {
    if let Some(declared) = declared_encoding(bytes)
        && !matches!(
            declared.to_ascii_lowercase().as_str(),
            "utf-8" | "utf8" | "us-ascii"
        )
    {
        return Err(at_start(Reason::Encoding { declared }));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let (good, _) = bytes.split_at(error.valid_up_to());
        if !good.trim_ascii_start().starts_with(b"<") {
            return at_start(Reason::NotXml);
        }
        let good = String::from_utf8_lossy(good);
        fail_at(&good, good.len(), Reason::BadBytes { encoding: "UTF-8" })
    })
}

fn utf16(
    bytes: &[u8],
    unit: fn([u8; 2]) -> u16,
    encoding: &'static str,
) -> Result<String, MspdiError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(character) = decoded else {
            return Err(fail_at(&text, text.len(), Reason::BadBytes { encoding }));
        };
        text.push(character);
    }
    if !rest.is_empty() {
        return Err(fail_at(&text, text.len(), Reason::BadBytes { encoding }));
    }
    match declared_encoding(text.as_bytes()) {
        Some(declared) if !declared.to_ascii_lowercase().starts_with("utf-16") => {
            Err(at_start(Reason::Encoding { declared }))
        }
        _ => Ok(text),
    }
}

/// The encoding that the XML declaration names, read from its ASCII bytes.
fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..DECLARATION_BYTES_MAX).unwrap_or(bytes);
    let head = head.trim_ascii_start().strip_prefix(b"<?xml")?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let declaration = head[..end].escape_ascii().to_string().replace('\\', "");
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next()?;
    if quote != '"' && quote != '\'' {
        return None;
    }
    let (declared, _) = value.get(1..)?.split_once(quote)?;
    Some(declared.to_owned())
}

/// A refusal of the file as a whole.
pub(super) fn at_start(reason: Reason) -> MspdiError {
    MspdiError {
        line: 1,
        column: 1,
        reason,
    }
}

/// A refusal at byte `offset` of `text`; an offset beyond the end or inside a character is moved back.
pub(super) fn fail_at(text: &str, offset: usize, reason: Reason) -> MspdiError {
    let offset = text.floor_char_boundary(offset);
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    MspdiError {
        line: 1 + before.bytes().filter(|byte| *byte == b'\n').count() as u64,
        column: 1 + before[line_start..].chars().count() as u64,
        reason,
    }
}
