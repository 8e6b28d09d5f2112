//! Codes that add a device to a member: typed, scanned, or kept on paper as a recovery kit.
//!
//! A code is a secret of 16 bytes. The signing and box keys of its offer are derived from it, and so is the offer's tag:
//! who knows the code can tell that a venture is the one it was made in, whatever a relay shows.

use bip39::{Language, Mnemonic};
use borsh::{BorshDeserialize, BorshSerialize};
use data_encoding::{Encoding, Specification};
use heqi_protocol::charter::OfferKind;
use heqi_protocol::sign::digest;
use heqi_protocol::{Hash, InviteId, MemberId, RelayKey, Text, VentureId, encode};

use crate::io::Words;
use crate::keys::{Secrets, expand};
use crate::link::{self, BadLink, LINK_VERSION, Linked, URL_BYTES_MAX, relay_url};

const DEVICE_MARK: &str = "#device=";
const RECOVERY_MARK: &str = "#recover=";
const FILE_MAGIC: &[u8; 16] = b"heqi recovery 2\n";
const FILE_BYTES_MAX: usize = 4096;
/// Characters of a typed code: 128 bits of secret and 12 of checksum.
const TYPED_CHARS: usize = 28;

/// The secret of an offer.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Code([u8; 16]);

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // It is a secret.
        f.write_str("Code")
    }
}

/// Why a code cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCode {
    #[error("a code has seven groups of four letters and digits, or twelve words")]
    Shape,
    #[error("the code has a mistake in it: compare it letter by letter")]
    Checksum,
}

/// Why a file brings nothing back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecoveryFile {
    #[error("this is not a recovery kit of Heqi; choose the file that was saved as one")]
    NotOne,
    #[error("the recovery kit is damaged; use another copy of it, or its words")]
    Damaged,
}

impl Code {
    pub(crate) const fn new(secret: [u8; 16]) -> Self {
        Self(secret)
    }

    /// Reads a code as it was typed: groups of letters and digits, or twelve words in English or Chinese.
    pub fn parse(text: &str) -> Result<Self, BadCode> {
        let text = text.trim().to_lowercase();
        let words: Vec<&str> = text.split_whitespace().collect();
        let chinese: Vec<String> = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(String::from)
            .collect();
        if words.len() == 12 && !text.contains('-') {
            let language = match words[0].is_ascii() {
                true => Language::English,
                false => Language::SimplifiedChinese,
            };
            return from_words(language, &words.join(" "));
        }
        if chinese.len() == 12 && !text.is_ascii() {
            return from_words(Language::SimplifiedChinese, &chinese.join(" "));
        }
        Self::parse_typed(&text)
    }

    fn parse_typed(text: &str) -> Result<Self, BadCode> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| match c {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            })
            .collect();
        if plain.len() != TYPED_CHARS {
            return Err(BadCode::Shape);
        }
        // 28 characters are 140 bits: 17 bytes and a half, of which the code fills 16 and the checksum the rest.
        let padded = format!("{plain}0000");
        let bytes = alphabet()
            .decode(padded.as_bytes())
            .map_err(|_| BadCode::Shape)?;
        let secret = bytes.first_chunk::<16>().ok_or(BadCode::Shape)?;
        let code = Self(*secret);
        if code.typed_plain() == plain {
            Ok(code)
        } else {
            Err(BadCode::Checksum)
        }
    }

    /// The form to be typed: seven groups of four.
    pub fn typed(&self) -> String {
        let plain = self.typed_plain();
        let groups: Vec<&str> = (0..TYPED_CHARS / 4)
            .map(|group| &plain[group * 4..group * 4 + 4])
            .collect();
        groups.join("-").to_uppercase()
    }

    fn typed_plain(self) -> String {
        let mut bytes = self.0.to_vec();
        let check = digest("heqi code checksum v1", &[&self.0]).0;
        bytes.extend([check[0], check[1] & 0xf0, 0, 0]);
        alphabet().encode(&bytes)[..TYPED_CHARS].to_owned()
    }

    /// The form to be written down: twelve words.
    pub fn words(&self) -> Vec<&'static str> {
        self.words_in(Language::English)
    }

    /// The same words in Chinese.
    pub fn chinese_words(&self) -> Vec<&'static str> {
        self.words_in(Language::SimplifiedChinese)
    }

    fn words_in(self, language: Language) -> Vec<&'static str> {
        let mnemonic = Mnemonic::from_entropy_in(language, &self.0)
            .expect("16 bytes are a length that the word list knows");
        mnemonic.words().collect()
    }

    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::from_seed(digest("heqi code seed v1", &[&self.0]).0)
    }

    /// The id of its offer in the charter.
    pub fn id(&self) -> InviteId {
        self.secrets().invite()
    }

    /// What its offer must carry in the charter of `venture`.
    pub(crate) fn tag(&self, venture: VentureId, member: MemberId) -> Hash {
        let key = expand(&self.secrets().seed(), "heqi offer tag v1");
        digest("heqi offer tag v1", &[&key, &venture.0, &member.0])
    }
}

fn from_words(language: Language, words: &str) -> Result<Code, BadCode> {
    let mnemonic = Mnemonic::parse_in_normalized(language, words).map_err(|error| match error {
        bip39::Error::InvalidChecksum => BadCode::Checksum,
        _ => BadCode::Shape,
    })?;
    let (bytes, len) = mnemonic.to_entropy_array();
    let secret = bytes.first_chunk::<16>().filter(|_| len == 16);
    secret.map(|secret| Code(*secret)).ok_or(BadCode::Shape)
}

/// Crockford's base 32: no letter that looks like a digit, none that makes words.
fn alphabet() -> Encoding {
    let mut specification = Specification::new();
    specification
        .symbols
        .push_str("0123456789abcdefghjkmnpqrstvwxyz");
    specification
        .encoding()
        .expect("32 distinct symbols make an encoding")
}

/// The address at which a relay tells the venture of a code, for codes that are typed.
pub fn find_url(relay: &str, code: &Code) -> String {
    format!("{relay}/find/{}", code.id())
}

/// What a scanned or saved code says: the secret, and where its venture is.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CodeLink {
    version: u8,
    kind: OfferKind,
    /// Address of the relay, `http://` or `https://`, without a trailing slash.
    pub relay_url: Text<URL_BYTES_MAX>,
    pub relay: RelayKey,
    pub venture: VentureId,
    pub code: Code,
}

impl CodeLink {
    pub(crate) const fn new(
        kind: OfferKind,
        relay_url: Text<URL_BYTES_MAX>,
        relay: RelayKey,
        venture: VentureId,
        code: Code,
    ) -> Self {
        Self {
            version: LINK_VERSION,
            kind,
            relay_url,
            relay,
            venture,
            code,
        }
    }

    /// A typed code with what the relay at that address says of it.
    pub fn typed(
        url: &str,
        relay: RelayKey,
        venture: VentureId,
        code: Code,
    ) -> Result<Self, BadLink> {
        Ok(Self::new(
            OfferKind::Device,
            relay_url(url)?,
            relay,
            venture,
            code,
        ))
    }

    /// True where a text looks like a link with a code.
    pub fn is_one(text: &str) -> bool {
        text.contains(DEVICE_MARK) || text.contains(RECOVERY_MARK)
    }

    /// What the code was made for.
    pub const fn kind(&self) -> OfferKind {
        self.kind
    }

    /// Reads a link as it was scanned, pasted or opened.
    pub fn parse(text: &str) -> Result<Self, BadLink> {
        let is_recovery = text.contains(RECOVERY_MARK);
        let mark = if is_recovery {
            RECOVERY_MARK
        } else {
            DEVICE_MARK
        };
        link::parse(text, mark)
    }

    /// The link as text.
    pub fn url(&self) -> String {
        let mark = match self.kind {
            OfferKind::Device => DEVICE_MARK,
            OfferKind::Recovery => RECOVERY_MARK,
        };
        link::write(self, mark)
    }

    /// The link as a file: a recovery kit to be kept.
    pub(crate) fn file(&self) -> Vec<u8> {
        let body = encode(self);
        let mut file = FILE_MAGIC.to_vec();
        file.extend(digest("heqi recovery file v1", &[&body]).0);
        file.extend(body);
        file
    }

    /// Reads a recovery kit's file.
    pub fn from_file(file: &[u8]) -> Result<Self, BadRecoveryFile> {
        let rest = file
            .strip_prefix(FILE_MAGIC.as_slice())
            .ok_or(BadRecoveryFile::NotOne)?;
        let (hash, body) = rest
            .split_first_chunk::<32>()
            .ok_or(BadRecoveryFile::Damaged)?;
        let is_whole =
            body.len() <= FILE_BYTES_MAX && digest("heqi recovery file v1", &[body]).0 == *hash;
        if !is_whole {
            return Err(BadRecoveryFile::Damaged);
        }
        link::read(body).map_err(|_| BadRecoveryFile::Damaged)
    }
}

impl Linked for CodeLink {
    fn version(&self) -> u8 {
        self.version
    }

    fn address(&self) -> &Text<URL_BYTES_MAX> {
        &self.relay_url
    }
}

/// Six words, 66 bits, of a digest: too many for anybody to find another value with the same words.
pub(crate) fn words(context: &'static str, parts: &[&[u8]]) -> Words {
    let list = Language::English.word_list();
    let hash = digest(context, parts).0;
    let bit = |at: usize| usize::from(hash[at / 8] >> (7 - at % 8) & 1);
    let word = |number: usize| {
        let index = (0..11).fold(0, |index, at| index << 1 | bit(number * 11 + at));
        list[index]
    };
    Words((0..6).map(word).collect())
}

/// Words of a device's or relay's public key, to tell it from others and to compare it.
pub fn key_words(key: &[u8; 32]) -> Words {
    words("heqi key words v1", &[key])
}

#[cfg(test)]
mod tests;
