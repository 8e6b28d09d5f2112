//! The archive of a replica: standard Automerge files, and the signed log that shows who wrote what.
//!
//! ```text
//! README.txt                what the files are
//! manifest.heqi             every other file with its length and SHA-256, signed by the device that exported
//! charter.heqi              every charter entry with the relay's acknowledgement
//! <space>/<id>.automerge    a document, readable by any Automerge
//! <space>/<id>.log          its log: every sealed envelope, in the relay's order, and the last acknowledgement
//! ```
//!
//! [`verify`] needs no key: it checks every signature, the charter, the rights of every author at the recorded charter
//! position, the chain and the acknowledgement; and that the files are those that a device of the venture exported, no
//! more and no less. What the sealed envelopes hold it cannot tell, so that a document is as its exporter says. It
//! opens no document: Automerge's loader is not made for files of others.

mod manifest;

use std::collections::{BTreeMap, BTreeSet};

use borsh::{BorshDeserialize, BorshSerialize};
use heqi_protocol::charter::{Charter, Entry, Standing};
use heqi_protocol::frame::CharterRecord;
use heqi_protocol::log::{Ack, Point, chain_next, chain_start};
use heqi_protocol::{Bytes, DocumentId, Envelope, Hash, RelayKey, Space, encode};

pub use manifest::{Exported, Listed, Listing};

pub(crate) use manifest::signed;

use crate::paper::Paper;

const CHARTER_FILE: &str = "charter.heqi";
const README: &str = "\
This folder was exported by Heqi.

*.automerge   documents in Automerge's own format; any Automerge library opens them.
              Registers stand in 256 maps under keys \"record/field\".
*.log         the sealed, signed log of each document as its relay ordered it.
charter.heqi  who belongs to the venture: every signed entry, and the relay's word for it.
manifest.heqi the list of all files with their lengths and SHA-256, signed by the device that exported them.

`heqi verify FOLDER` checks every signature, hash and right in it, offline, and that no file is missing, added or
changed since. Charter and logs are proven by their signatures. What the documents hold is proven by nobody but the
member who exported them, for the logs are sealed.
";

/// An export: files that are complete, and logs whose envelopes the shell reads from its store. The shell lists every
/// file that it writes, and has the list signed ([`crate::Request::SignArchive`]).
#[derive(Clone, Debug)]
pub struct Archive {
    /// Content by relative path.
    pub files: Vec<(String, Vec<u8>)>,
    pub logs: Vec<ArchivedLog>,
}

/// A log to be written: [`ArchivedLog::head`], then [`ArchivedLog::entry`] for each of `entries`.
#[derive(Clone, Debug)]
pub struct ArchivedLog {
    pub path: String,
    document: DocumentId,
    space: Space,
    ack: Option<Ack>,
    /// Envelope hashes and charter positions in the log's order.
    pub entries: Vec<(Hash, u64)>,
}

#[derive(BorshSerialize, BorshDeserialize)]
struct LogHead {
    document: DocumentId,
    space: Space,
    ack: Option<Ack>,
    entries: u64,
}

#[derive(BorshSerialize, BorshDeserialize)]
struct LogItem {
    charter_position: u64,
    envelope: Bytes<{ heqi_protocol::limits::ENVELOPE_BYTES_MAX }>,
}

impl Archive {
    pub(crate) fn new<'a>(
        charter: &Charter,
        records: &[CharterRecord],
        papers: impl Iterator<Item = &'a Paper>,
    ) -> Self {
        let mut charter_file = encode(&(records.len() as u64));
        charter_file.extend(records.iter().flat_map(encode));
        let mut files = vec![
            ("README.txt".to_owned(), README.as_bytes().to_vec()),
            (CHARTER_FILE.to_owned(), charter_file),
        ];
        let mut logs = Vec::new();
        let is_known = |paper: &&Paper| charter.spaces().contains_key(&paper.space);
        // A document that nobody has written to is the same in every venture.
        let is_written = |paper: &&Paper| {
            !paper.log.is_empty() || paper.document.heads() != [paper.document.genesis()]
        };
        for paper in papers.filter(is_known).filter(is_written) {
            let path = format!("{}/{}", folder(paper.space), &paper.id.to_string()[..16]);
            files.push((format!("{path}.automerge"), paper.document.save()));
            logs.push(ArchivedLog {
                path: format!("{path}.log"),
                document: paper.id,
                space: paper.space,
                // What a relay has lost and not yet got back is not in the log.
                ack: paper
                    .ack
                    .filter(|ack| paper.point(ack.point.seq) == Some(ack.point)),
                entries: paper
                    .log
                    .iter()
                    .map(|place| (place.hash, place.charter_position))
                    .collect(),
            });
        }
        Self { files, logs }
    }
}

impl ArchivedLog {
    /// The first bytes of the file.
    pub fn head(&self) -> Vec<u8> {
        encode(&LogHead {
            document: self.document,
            space: self.space,
            ack: self.ack,
            entries: self.entries.len() as u64,
        })
    }

    /// The bytes of one entry; `None` where `envelope` is too big to be one.
    pub fn entry(charter_position: u64, envelope: Vec<u8>) -> Option<Vec<u8>> {
        let envelope = Bytes::new(envelope).ok()?;
        Some(encode(&LogItem {
            charter_position,
            envelope,
        }))
    }
}

/// What a verified archive holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verified {
    pub charter_entries: u64,
    pub parties: u64,
    pub members: u64,
    pub devices: u64,
    pub documents: u64,
    pub envelopes: u64,
    /// Envelopes covered by the relay's last acknowledgements.
    pub acknowledged: u64,
}

/// Why an archive does not hold what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    #[error("{path} is missing: export again")]
    Missing { path: String },
    #[error(
        "the signed list of its files, manifest.heqi, is missing: it was taken away, or an older version of Heqi \
         exported this. Export again"
    )]
    NoManifest,
    #[error("the list of its files is not by a device of this venture")]
    Exporter,
    #[error("{path} is not as it was exported")]
    Changed { path: String },
    #[error("{path} does not belong to the export: it is not in the signed list")]
    Unlisted { path: String },
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("{path}, entry {entry}: {reason}")]
    Entry {
        path: String,
        entry: u64,
        reason: String,
    },
    #[error("{path}: the relay's acknowledgement does not fit the log")]
    Acknowledgement { path: String },
}

/// Verifies an archive from its files by relative path: what charter and logs hold, and who says so of the rest.
pub fn verify(files: &BTreeMap<String, Vec<u8>>) -> Result<(Verified, Exported), Invalid> {
    let (verified, charter) = verify_signed(files)?;
    Ok((verified, manifest::check(files, &charter)?))
}

/// Verifies charter and logs alone: a device needs no list of what it holds itself.
pub fn verify_held(files: &BTreeMap<String, Vec<u8>>) -> Result<Verified, Invalid> {
    verify_signed(files).map(|(verified, _)| verified)
}

fn verify_signed(files: &BTreeMap<String, Vec<u8>>) -> Result<(Verified, Charter), Invalid> {
    let (charter, heads) = verify_charter(files)?;
    let mut verified = Verified {
        charter_entries: charter.position(),
        parties: charter.parties().len() as u64,
        members: charter.members().len() as u64,
        devices: charter.devices().len() as u64,
        ..Verified::default()
    };
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".log")) {
        verify_log(path, bytes, &charter, &heads, &mut verified)?;
    }
    Ok((verified, charter))
}

/// The charter, and its head after each entry.
fn verify_charter(files: &BTreeMap<String, Vec<u8>>) -> Result<(Charter, BTreeSet<Hash>), Invalid> {
    let path = || CHARTER_FILE.to_owned();
    let bytes = files
        .get(CHARTER_FILE)
        .ok_or_else(|| Invalid::Missing { path: path() })?;
    let unreadable = |reason: String| Invalid::Unreadable {
        path: path(),
        reason,
    };
    let mut rest = bytes.as_slice();
    let count = u64::deserialize(&mut rest).map_err(|error| unreadable(error.to_string()))?;
    let mut charter: Option<Charter> = None;
    let mut heads = BTreeSet::new();
    for number in 1..=count {
        let wrong = |reason: String| Invalid::Entry {
            path: path(),
            entry: number,
            reason,
        };
        let record =
            CharterRecord::deserialize(&mut rest).map_err(|error| wrong(error.to_string()))?;
        let entry = Entry::decode(&record.entry).map_err(|error| wrong(error.to_string()))?;
        match &mut charter {
            None => {
                charter = Some(Charter::found(&entry).map_err(|error| wrong(error.to_string()))?);
            }
            Some(charter) => charter
                .append(&entry)
                .map_err(|error| wrong(error.to_string()))?,
        }
        heads.insert(entry.hash());
        let folded = charter.as_ref().filter(|charter| {
            record.ack.position == number && charter.is_acknowledged(&record.ack)
        });
        if folded.is_none() {
            return Err(Invalid::Acknowledgement { path: path() });
        }
    }
    if !rest.is_empty() {
        return Err(unreadable("it goes on after its last entry".into()));
    }
    let charter = charter.ok_or_else(|| unreadable("it is empty".into()))?;
    Ok((charter, heads))
}

fn verify_log(
    path: &str,
    bytes: &[u8],
    charter: &Charter,
    heads: &BTreeSet<Hash>,
    verified: &mut Verified,
) -> Result<(), Invalid> {
    let unreadable = |reason: String| Invalid::Unreadable {
        path: path.to_owned(),
        reason,
    };
    let mut rest = bytes;
    let head = LogHead::deserialize(&mut rest).map_err(|error| unreadable(error.to_string()))?;
    let mut point = Point {
        seq: 0,
        chain: chain_start(charter.venture(), head.document),
    };
    let mut acknowledged = head.ack.is_none();
    for number in 1..=head.entries {
        let wrong = |reason: String| Invalid::Entry {
            path: path.to_owned(),
            entry: number,
            reason,
        };
        let item = LogItem::deserialize(&mut rest).map_err(|error| wrong(error.to_string()))?;
        let envelope =
            Envelope::decode(item.envelope.into_vec()).map_err(|error| wrong(error.to_string()))?;
        let position = item.charter_position;
        verify_envelope(&envelope, &head, number, position, (charter, heads)).map_err(wrong)?;
        point = Point {
            seq: number,
            chain: chain_next(point.chain, envelope.hash(), item.charter_position),
        };
        acknowledged |= head.ack.is_some_and(|ack| ack.point == point);
    }
    if !rest.is_empty() {
        return Err(unreadable("it goes on after its last entry".into()));
    }
    // A venture that has moved may have had its last word on a document from a relay of before.
    let relays: BTreeSet<RelayKey> = (0..=charter.position())
        .map(|position| charter.relay_at(position))
        .collect();
    let signed = head.ack.is_none_or(|ack| {
        ack.document == head.document
            && ack.venture == charter.venture()
            && relays.iter().any(|relay| ack.verify(*relay).is_ok())
    });
    let covers = head.ack.map_or(0, |ack| ack.point.seq);
    if !signed || (!acknowledged && covers > 0) {
        return Err(Invalid::Acknowledgement {
            path: path.to_owned(),
        });
    }
    verified.documents += 1;
    verified.envelopes += head.entries;
    verified.acknowledged += covers;
    Ok(())
}

fn verify_envelope(
    envelope: &Envelope,
    head: &LogHead,
    seq: u64,
    charter_position: u64,
    (charter, heads): (&Charter, &BTreeSet<Hash>),
) -> Result<(), String> {
    let header = &envelope.header;
    let belongs = header.venture == charter.venture()
        && header.document == head.document
        && header.space == head.space
        && header.names_its_document();
    if !belongs {
        return Err("it belongs to another document".into());
    }
    match charter.judge(header, envelope.hash(), seq, charter_position) {
        // What came too late from somebody removed stands in the log and counts for nothing.
        Standing::Fits | Standing::Late => {}
        // So does what a branch of the charter let stand that gave way: its author has sealed it again.
        Standing::Forbidden if !heads.contains(&header.seen.charter_head) => {}
        Standing::Forbidden => return Err("its author might not write here".into()),
    }
    envelope.verify().map_err(|error| error.to_string())
}

fn folder(space: Space) -> String {
    match space {
        Space::Directory => "directory".into(),
        Space::Plan => "plan".into(),
        Space::Risk => "risk".into(),
        Space::Contracts => "contracts".into(),
        Space::Finance => "finance".into(),
        Space::Market => "market".into(),
        Space::Governance => "governance".into(),
        Space::Private(party) => format!("private-{party}"),
    }
}
