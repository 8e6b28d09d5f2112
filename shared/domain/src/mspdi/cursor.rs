//! A pull reader over the XML text: no tree, bounded depth, no declarations, every refusal with its place.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::errors::{Error, SyntaxError};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::decode::fail_at;
use super::error::{Expected, MspdiError, Reason};
use super::{ATTRIBUTES_MAX, NAMESPACE, VALUE_BYTES_MAX, XML_DEPTH_MAX};

/// Text that passes between two reports of progress, in bytes.
const PROGRESS_STEP_BYTES: usize = 256 * 1024;
/// Longest excerpt of the file that a refusal quotes, in characters.
const EXCERPT_CHARS_MAX: usize = 60;

/// What comes next in the file; an empty element comes as start and end.
pub(super) enum Token<'a> {
    Start(Element<'a>),
    Text(Cow<'a, str>),
    End,
    Eof,
}

/// The start of an element.
pub(super) struct Element<'a> {
    start: BytesStart<'a>,
    ours: bool,
}

/// Reads a decoded file from front to back.
pub(super) struct Cursor<'a, 'p> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    prefix: Option<String>,
    depth: usize,
    /// Byte offset of the last token.
    at: usize,
    reported: usize,
    progress: &'p mut dyn FnMut(u64, u64),
}

impl Element<'_> {
    /// The local name; empty for an element of a foreign namespace, which no field is called.
    pub(super) fn name(&self) -> &str {
        if self.ours {
            split_name(self.start.name().into_inner()).1
        } else {
            ""
        }
    }
}

impl<'a, 'p> Cursor<'a, 'p> {
    /// Starts at the front of `text`; `progress` gets bytes of text done and in all.
    pub(super) fn new(text: &'a str, progress: &'p mut dyn FnMut(u64, u64)) -> Self {
        let mut reader = Reader::from_str(text);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.enable_all_checks(true);
        Self {
            text,
            reader,
            prefix: None,
            depth: 0,
            at: 0,
            reported: 0,
            progress,
        }
    }

    /// Reads the start of the root element, whose namespace is the file's; errors if it is not Microsoft Project's.
    pub(super) fn enter_root(&mut self) -> Result<(), MspdiError> {
        let Token::Start(root) = self.next()? else {
            return Err(self.fail(Reason::NotXml));
        };
        let name = root.start.name().into_inner();
        let (prefix, local) = split_name(name);
        let declaration = match prefix {
            Some(prefix) => format!("xmlns:{prefix}"),
            None => "xmlns".to_owned(),
        };
        let namespace = root
            .start
            .attributes()
            .flatten()
            .find(|attribute| attribute.key.into_inner() == declaration)
            .map(|attribute| attribute.value.into_owned())
            .unwrap_or_default();
        if local != "Project" || !namespace.starts_with(NAMESPACE) {
            return Err(self.fail(Reason::WrongRoot {
                root: excerpt(name),
                namespace: excerpt(&namespace),
            }));
        }
        self.prefix = prefix.map(str::to_owned);
        Ok(())
    }

    /// The next child of the present element, or `None` at its end; text between children is passed over.
    pub(super) fn child(&mut self) -> Result<Option<Element<'a>>, MspdiError> {
        loop {
            match self.next()? {
                Token::Start(element) => return Ok(Some(element)),
                Token::End | Token::Eof => return Ok(None),
                Token::Text(_) => {}
            }
        }
    }

    /// Passes over the rest of the present element.
    pub(super) fn skip(&mut self) -> Result<(), MspdiError> {
        let mut open = 1usize;
        while open > 0 {
            match self.next()? {
                Token::Start(_) => open += 1,
                Token::End => open -= 1,
                Token::Eof => break,
                Token::Text(_) => {}
            }
        }
        Ok(())
    }

    /// Reads the text of the present element to its end; errors beyond `bytes_max` bytes or on a child element.
    pub(super) fn text(&mut self, field: &str, bytes_max: usize) -> Result<String, MspdiError> {
        let mut text = String::new();
        loop {
            match self.next()? {
                Token::Text(more) => {
                    if text.len() + more.len() > bytes_max {
                        return Err(self.fail(Reason::TextTooLong {
                            field: excerpt(field),
                            max: bytes_max as u64,
                        }));
                    }
                    if let Some(bad) = more.chars().find(|c| !is_xml_character(*c)) {
                        return Err(self.fail(Reason::BadCharacter { code: bad.into() }));
                    }
                    text.push_str(&more);
                }
                Token::Start(element) => {
                    return Err(self.fail(Reason::NotAValue {
                        field: excerpt(field),
                        found: excerpt(element.name()),
                    }));
                }
                Token::End | Token::Eof => return Ok(text),
            }
        }
    }

    /// Reads the present element's value into an empty `slot`; an empty value leaves it so.
    ///
    /// Errors where the slot is taken and where `parse` finds no `expected`.
    pub(super) fn fill<T>(
        &mut self,
        slot: &mut Option<T>,
        field: &str,
        expected: Expected,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<(), MspdiError> {
        let at = self.at;
        if slot.is_some() {
            return Err(self.fail(Reason::Repeated {
                field: excerpt(field),
            }));
        }
        let text = self.text(field, VALUE_BYTES_MAX)?;
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let Some(value) = parse(text) else {
            let reason = Reason::Invalid {
                field: excerpt(field),
                value: excerpt(text),
                expected,
            };
            return Err(fail_at(self.text, at, reason));
        };
        *slot = Some(value);
        Ok(())
    }

    /// Reads the present element's text into an empty `slot`.
    pub(super) fn fill_text(
        &mut self,
        slot: &mut Option<String>,
        field: &str,
        bytes_max: usize,
    ) -> Result<(), MspdiError> {
        if slot.is_some() {
            return Err(self.fail(Reason::Repeated {
                field: excerpt(field),
            }));
        }
        *slot = Some(self.text(field, bytes_max)?);
        Ok(())
    }

    /// A refusal at the last token.
    pub(super) fn fail(&self, reason: Reason) -> MspdiError {
        fail_at(self.text, self.at, reason)
    }

    /// A refusal at the byte offset that [`Self::at`] gave.
    pub(super) fn fail_at(&self, at: usize, reason: Reason) -> MspdiError {
        fail_at(self.text, at, reason)
    }

    /// Byte offset of the last token.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Reads to the end of the file; errors if anything but comments and white space follows the root element.
    pub(super) fn finish(&mut self) -> Result<(), MspdiError> {
        let Token::Eof = self.next()? else {
            return Err(self.syntax("something follows the root element"));
        };
        (self.progress)(self.text.len() as u64, self.text.len() as u64);
        Ok(())
    }

    fn next(&mut self) -> Result<Token<'a>, MspdiError> {
        loop {
            match self.event()? {
                Event::Start(start) => return self.open(start).map(Token::Start),
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Token::End);
                }
                Event::Text(text) => {
                    let text = text.xml10_content();
                    if self.depth > 0 {
                        return Ok(Token::Text(text));
                    }
                    if !text.trim().is_empty() {
                        return Err(self.syntax("text outside the root element"));
                    }
                }
                Event::CData(data) if self.depth > 0 => {
                    return Ok(Token::Text(data.xml10_content()));
                }
                Event::GeneralRef(reference) if self.depth > 0 => {
                    return self.resolve(&reference).map(Token::Text);
                }
                Event::CData(_) | Event::GeneralRef(_) => {
                    return Err(self.syntax("text outside the root element"));
                }
                Event::DocType(_) => return Err(self.fail(Reason::Doctype)),
                Event::Decl(_) if self.text[..self.at].trim().is_empty() => {}
                Event::Decl(_) => {
                    return Err(self.syntax("an XML declaration that is not at the start"));
                }
                Event::PI(_) | Event::Comment(_) => {}
                Event::Eof if self.depth > 0 => return Err(self.fail(Reason::Unclosed)),
                Event::Eof => return Ok(Token::Eof),
                Event::Empty(_) => return Err(self.syntax("an empty element out of place")),
            }
        }
    }

    fn event(&mut self) -> Result<Event<'a>, MspdiError> {
        self.at = position(self.reader.buffer_position());
        if self.at >= self.reported + PROGRESS_STEP_BYTES {
            self.reported = self.at;
            (self.progress)(self.at as u64, self.text.len() as u64);
        }
        self.reader.read_event().map_err(|error| {
            let reason = match error {
                Error::Syntax(SyntaxError::UnclosedDoctype) => Reason::Doctype,
                other => Reason::Syntax {
                    detail: excerpt(&other.to_string()),
                },
            };
            fail_at(self.text, position(self.reader.error_position()), reason)
        })
    }

    fn open(&mut self, start: BytesStart<'a>) -> Result<Element<'a>, MspdiError> {
        self.depth += 1;
        if self.depth > XML_DEPTH_MAX {
            return Err(self.fail(Reason::TooDeep {
                max: XML_DEPTH_MAX as u64,
            }));
        }
        let name = start.name().into_inner();
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err(self.syntax("an element without a name"));
        }
        // The check for repeated attributes compares each with all before it, hence the bound.
        for (index, attribute) in start.attributes().enumerate() {
            if index >= ATTRIBUTES_MAX {
                return Err(self.syntax("an element with too many attributes"));
            }
            if let Err(error) = attribute {
                return Err(self.syntax(&error.to_string()));
            }
        }
        let ours = split_name(name).0 == self.prefix.as_deref();
        Ok(Element { start, ours })
    }

    /// Character references and the five entities that XML itself defines; no others exist without declarations.
    fn resolve(&self, reference: &BytesRef<'a>) -> Result<Cow<'a, str>, MspdiError> {
        let unknown = || {
            self.fail(Reason::Entity {
                name: excerpt(reference),
            })
        };
        if let Some(character) = reference.resolve_char_ref().map_err(|_| unknown())? {
            return Ok(Cow::Owned(character.to_string()));
        }
        match &**reference {
            "lt" => Ok(Cow::Borrowed("<")),
            "gt" => Ok(Cow::Borrowed(">")),
            "amp" => Ok(Cow::Borrowed("&")),
            "apos" => Ok(Cow::Borrowed("'")),
            "quot" => Ok(Cow::Borrowed("\"")),
            _ => Err(unknown()),
        }
    }

    fn syntax(&self, detail: &str) -> MspdiError {
        self.fail(Reason::Syntax {
            detail: excerpt(detail),
        })
    }
}

fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

fn split_name(name: &str) -> (Option<&str>, &str) {
    match name.split_once(':') {
        Some((prefix, local)) => (Some(prefix), local),
        None => (None, name),
    }
}

fn excerpt(text: &str) -> String {
    text.chars().take(EXCERPT_CHARS_MAX).collect()
}

/// The `Char` production of XML 1.0.
fn is_xml_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
