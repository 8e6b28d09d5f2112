//! Invite links: `https://relay/#invite=…`. The part behind `#` holds the secret and never reaches a server.

use borsh::{BorshDeserialize, BorshSerialize};
use heqi_protocol::{InviteId, RelayKey, Text, VentureId, decode, encode};

use crate::keys::Secrets;

/// Bytes of a relay's address.
pub(crate) const URL_BYTES_MAX: usize = 256;
const LINK_BYTES_MAX: usize = 512;
/// The only version of links so far.
pub(crate) const LINK_VERSION: u8 = 1;
const MARK: &str = "#invite=";

/// What an invite link says.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct InviteLink {
    version: u8,
    /// Address of the relay, `http://` or `https://`, without a trailing slash.
    pub relay_url: Text<URL_BYTES_MAX>,
    pub relay: RelayKey,
    pub venture: VentureId,
    pub(crate) seed: [u8; 32],
}

/// Why a text is no invite link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadLink {
    #[error("this is not an invite link: it has no {MARK:?} part; copy the whole link again")]
    NoInvite,
    #[error("the invite link is damaged or cut short; copy the whole link again")]
    Damaged,
    #[error("the invite link was made by a newer version of Heqi; update and open it again")]
    Newer,
    #[error("the address must begin with http:// or https:// and name a host")]
    Url,
}

impl InviteLink {
    pub(crate) fn new(
        relay_url: Text<URL_BYTES_MAX>,
        relay: RelayKey,
        venture: VentureId,
        seed: [u8; 32],
    ) -> Self {
        Self {
            version: LINK_VERSION,
            relay_url,
            relay,
            venture,
            seed,
        }
    }

    /// Reads a link as it was pasted or opened.
    pub fn parse(text: &str) -> Result<Self, BadLink> {
        parse(text, MARK)
    }

    /// The invite in the charter.
    pub fn id(&self) -> InviteId {
        Secrets::from_seed(self.seed).invite()
    }

    /// The link as text.
    pub fn url(&self) -> String {
        write(self, MARK)
    }
}

/// What every kind of link begins with.
pub(crate) trait Linked: BorshSerialize + BorshDeserialize {
    fn version(&self) -> u8;

    /// Address of the relay, in its normal form.
    fn address(&self) -> &Text<URL_BYTES_MAX>;
}

impl Linked for InviteLink {
    fn version(&self) -> u8 {
        self.version
    }

    fn address(&self) -> &Text<URL_BYTES_MAX> {
        &self.relay_url
    }
}

impl Linked for MoveLink {
    fn version(&self) -> u8 {
        self.version
    }

    fn address(&self) -> &Text<URL_BYTES_MAX> {
        &self.relay_url
    }
}

/// Reads the part of a link behind its mark.
pub(crate) fn parse<L: Linked>(text: &str, mark: &str) -> Result<L, BadLink> {
    let (_, code) = text.trim().split_once(mark).ok_or(BadLink::NoInvite)?;
    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(code.as_bytes())
        .map_err(|_| BadLink::Damaged)?;
    read(&bytes)
}

/// Reads the bytes of a link.
pub(crate) fn read<L: Linked>(bytes: &[u8]) -> Result<L, BadLink> {
    if bytes.first().is_some_and(|version| *version > LINK_VERSION) {
        return Err(BadLink::Newer);
    }
    let link: L = decode("link", bytes, LINK_BYTES_MAX).map_err(|_| BadLink::Damaged)?;
    if link.version() != LINK_VERSION || relay_url(link.address())? != *link.address() {
        return Err(BadLink::Damaged);
    }
    Ok(link)
}

/// A link as text.
pub(crate) fn write(link: &impl Linked, mark: &str) -> String {
    let code = data_encoding::BASE64URL_NOPAD.encode(&encode(link));
    format!("{}/{mark}{code}", &**link.address())
}

/// The normal form of a relay's address: scheme, host and port, perhaps a path, no trailing slash.
pub fn relay_url(text: &str) -> Result<Text<URL_BYTES_MAX>, BadLink> {
    let text = text.trim().trim_end_matches('/');
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .ok_or(BadLink::Url)?;
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '#' | '?' | '@' | '"' | '<' | '>');
    if host.is_empty() || host.starts_with('/') || !host.chars().all(plain) {
        return Err(BadLink::Url);
    }
    Text::new(text).map_err(|_| BadLink::Url)
}

/// The WebSocket address of a relay.
pub(crate) fn socket_url(relay_url: &str) -> String {
    format!("{}/sync", relay_url.replacen("http", "ws", 1))
}

const MOVE_MARK: &str = "#move=";

/// Where the venture has moved, for members whom the old relay can no longer tell. It holds no secret.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct MoveLink {
    version: u8,
    /// Address of the relay, `http://` or `https://`, without a trailing slash.
    pub relay_url: Text<URL_BYTES_MAX>,
    pub relay: RelayKey,
    pub venture: VentureId,
}

impl MoveLink {
    pub(crate) const fn new(
        relay_url: Text<URL_BYTES_MAX>,
        relay: RelayKey,
        venture: VentureId,
    ) -> Self {
        Self {
            version: LINK_VERSION,
            relay_url,
            relay,
            venture,
        }
    }

    /// Reads a link as it was pasted or opened.
    pub fn parse(text: &str) -> Result<Self, BadLink> {
        parse(text, MOVE_MARK)
    }

    /// The link as text.
    pub fn url(&self) -> String {
        write(self, MOVE_MARK)
    }
}

#[cfg(test)]
mod tests;
