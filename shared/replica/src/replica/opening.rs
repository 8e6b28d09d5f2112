//! Beginnings: founding, joining, opening a store, coming back by a recovery file.

use std::collections::btree_map::Entry;

use automerge::ChangeHash;
use heqi_protocol::charter::{self, Charter};
use heqi_protocol::{DocumentId, Hash, MemberId, Space, Text, encode};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::pace::{Pace, SLICE_CHANGES_MAX};
use super::{Effects, Replica, Round, Session};
use crate::code::CodeLink;
use crate::document::Document;
use crate::io::Failure;
use crate::keyring::Keyring;
use crate::keys::Secrets;
use crate::link::{BadLink, InviteLink, relay_url};
use crate::names::Names;
use crate::paper::{Outgoing, Paper, Reading};
use crate::seal::{NAME_BYTES_MAX, is_unprintable};
use crate::store::{
    Damaged, FoundingNames, Ordered, PROFILE_VERSION, Phase, Profile, Rows, StoreOp, Table, key,
};

/// Why a venture cannot be founded or joined with what was given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Link(#[from] BadLink),
    #[error("{0} is empty or has characters that are not allowed")]
    BadName(&'static str),
    #[error("a name holds at most {NAME_BYTES_MAX} bytes")]
    NameTooLong,
    #[error("a short code has one to eight letters and digits")]
    BadCode,
    #[error(transparent)]
    Recovery(#[from] crate::code::BadRecoveryFile),
}

/// Why a store cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Damaged(#[from] Damaged),
    #[error("there is no venture here yet: create one or join one with an invite link")]
    Empty,
    #[error("this store was written by a newer version of Heqi: update first")]
    Newer,
    #[error("the charter in this store cannot be read: restore from the recovery file")]
    Charter,
    #[error("the plan in this store cannot be read: restore from the recovery file")]
    Plan,
}

impl Replica {
    /// Begins a venture on the relay at `url`; it exists once the relay has acknowledged its genesis.
    pub fn found(
        url: &str,
        venture: &str,
        party: &str,
        party_code: &str,
        member: &str,
        entropy: [u8; 32],
    ) -> Result<Self, StartError> {
        let names = FoundingNames {
            venture: name(venture, "the venture's name")?,
            party: name(party, "the party's name")?,
            party_code: code(party_code)?,
            member: name(member, "the member's name")?,
        };
        let mut rng = ChaCha20Rng::from_seed(entropy);
        let profile = Profile {
            version: PROFILE_VERSION,
            relay_url: relay_url(url)?,
            venture: None,
            device_seed: seed(&mut rng),
            phase: Phase::Founding {
                names,
                genesis: None,
            },
            next_relay: None,
        };
        Ok(Self::begin(profile, rng, None))
    }

    /// Begins to join by an invite link.
    pub fn join(link: &str, member: &str, entropy: [u8; 32]) -> Result<Self, StartError> {
        let link = InviteLink::parse(link)?;
        let member_name = name(member, "the member's name")?;
        let mut rng = ChaCha20Rng::from_seed(entropy);
        let mut id = [0; 16];
        rng.fill_bytes(&mut id);
        let profile = Profile {
            version: PROFILE_VERSION,
            relay_url: link.relay_url.clone(),
            venture: Some(link.venture),
            device_seed: seed(&mut rng),
            phase: Phase::Joining {
                link: link.url(),
                member_name,
                member: MemberId(id),
            },
            next_relay: None,
        };
        Ok(Self::begin(profile, rng, Some(link.seed)))
    }

    /// Begins to be a device of the member whose code this is: typed or scanned, or from a recovery kit.
    pub fn add(link: &CodeLink, entropy: [u8; 32]) -> Self {
        let mut rng = ChaCha20Rng::from_seed(entropy);
        let profile = Profile {
            version: PROFILE_VERSION,
            relay_url: link.relay_url.clone(),
            venture: Some(link.venture),
            device_seed: seed(&mut rng),
            phase: Phase::Adding { link: link.url() },
            next_relay: None,
        };
        let mut replica = Self::begin(profile, rng, None);
        replica.invite_secrets = Some(link.code.secrets());
        replica
    }

    /// Begins to be a device of the member whose recovery kit this is.
    pub fn recover(file: &[u8], entropy: [u8; 32]) -> Result<Self, StartError> {
        Ok(Self::add(&CodeLink::from_file(file)?, entropy))
    }

    fn begin(profile: Profile, rng: ChaCha20Rng, invite_seed: Option<[u8; 32]>) -> Self {
        let mut replica = Self::bare(profile, rng);
        replica.invite_secrets = invite_seed.map(Secrets::from_seed);
        replica.put_profile();
        replica
    }

    /// Opens a store from its rows, in ascending order of their keys; envelopes may be left out.
    pub fn open(
        rows: impl IntoIterator<Item = (Vec<u8>, Vec<u8>)>,
        entropy: [u8; 32],
    ) -> Result<Self, OpenError> {
        let rows = Rows::read(rows)?;
        let profile = rows.profile.clone().ok_or(OpenError::Empty)?;
        if profile.version > PROFILE_VERSION {
            return Err(OpenError::Newer);
        }
        let mut replica = Self::bare(profile, ChaCha20Rng::from_seed(entropy));
        replica.admission = rows.admission.clone();
        if let Phase::Joining { .. } | Phase::Adding { .. } = &replica.profile.phase {
            let secrets = invite_secrets(&replica.profile.phase).ok_or(OpenError::Charter)?;
            replica.invite_secrets = Some(secrets);
        }
        replica.read_charter(&rows)?;
        replica.read_papers(rows)?;
        for paper in replica.papers.values_mut() {
            paper.refresh(&replica.names);
        }
        Ok(replica)
    }

    fn bare(profile: Profile, rng: ChaCha20Rng) -> Self {
        let secrets = Secrets::from_seed(profile.device_seed);
        Self {
            rng,
            now: 0,
            profile,
            secrets,
            admission: None,
            invite_secrets: None,
            charter: None,
            records: Vec::new(),
            keyring: Keyring::default(),
            orphan_keys: Vec::new(),
            names: Names::default(),
            papers: std::collections::BTreeMap::new(),
            bodies: std::collections::BTreeMap::new(),
            quarantined: std::collections::BTreeMap::new(),
            refused: std::collections::BTreeMap::new(),
            fetching: std::collections::BTreeSet::new(),
            links: std::collections::BTreeMap::new(),
            kits: std::collections::BTreeMap::new(),
            intents: std::collections::BTreeMap::new(),
            asked: std::collections::BTreeMap::new(),
            heard: std::collections::BTreeMap::new(),
            alarms: std::collections::BTreeMap::new(),
            undo: std::collections::BTreeMap::new(),
            exporting: None,
            session: Session::default(),
            round: Round::default(),
            pace: Pace::default(),
            effects: Effects::default(),
        }
    }

    fn read_charter(&mut self, rows: &Rows) -> Result<(), OpenError> {
        let asked = rows.asked.iter();
        self.asked = asked
            .map(|((number, hash), is_there)| ((number.number(), *hash), *is_there))
            .collect();
        for record in &rows.charter {
            let entry = charter::Entry::decode(&record.entry).map_err(|_| OpenError::Charter)?;
            match &mut self.charter {
                None => {
                    self.charter = Some(Charter::found(&entry).map_err(|_| OpenError::Charter)?);
                }
                Some(charter) => charter.append(&entry).map_err(|_| OpenError::Charter)?,
            }
            self.records.push(record.clone());
            self.take_keys(&entry);
        }
        for (id, row) in &rows.invites {
            if let Some(link) = self.link_of(row.seed) {
                self.links.insert(*id, link);
            }
        }
        for (number, intent) in &rows.intents {
            self.intents.insert(number.number(), (intent.clone(), None));
        }
        self.kits = rows.kits.iter().copied().collect();
        self.heard = rows.heard.iter().copied().collect();
        self.alarms = rows.alarms.iter().copied().collect();
        for (actor, device) in &rows.actors {
            self.names.learn(*actor, *device);
        }
        self.refresh_names();
        Ok(())
    }

    fn read_papers(&mut self, rows: Rows) -> Result<(), OpenError> {
        let Some(venture) = self.charter.as_ref().map(Charter::venture) else {
            return Ok(());
        };
        let mut saved: std::collections::BTreeMap<_, _> = rows.saved.into_iter().collect();
        let mut journals = std::collections::BTreeMap::<DocumentId, Vec<(u64, Vec<u8>)>>::new();
        for ((id, number), bytes) in rows.journal {
            journals
                .entry(id)
                .or_default()
                .push((number.number(), bytes));
        }
        for (id, row) in rows.documents {
            let journal = journals.remove(&id).unwrap_or_default();
            let document = load(saved.remove(&id), &journal)?;
            let mut paper = Paper::new(venture, row.space, id, document);
            paper.applied = row.applied;
            paper.incarnation = row.incarnation;
            paper.ack = row.ack;
            paper.own_last = row.own_last;
            paper.journal_next = journal.last().map_or(0, |(number, _)| number + 1);
            paper.journal = journal.iter().map(|(number, _)| *number).collect();
            self.papers.insert(id, paper);
        }
        for ((id, _), row) in rows.log {
            if let Some(paper) = self.papers.get_mut(&id) {
                paper.push(row.hash, row.charter_position);
            }
        }
        for ((id, number), made) in rows.unsealed {
            if let Some(paper) = self.papers.get_mut(&id) {
                paper.unsealed_next = number.number() + 1;
                paper.unsealed.insert(number.number(), made);
                paper.seal_at = Some(0);
            }
        }
        for ((id, hash), row) in rows.held {
            if let Some(paper) = self.papers.get_mut(&id) {
                paper.held.insert(hash, row);
            }
        }
        for ((id, _), row) in rows.lost {
            if let Some(paper) = self.papers.get_mut(&id) {
                paper.lost.push(row);
            }
        }
        for ((id, hash), row) in rows.waiting {
            if let Some(paper) = self.papers.get_mut(&id) {
                let here = |change: &&Hash| paper.document.has(&ChangeHash(change.0));
                // What it waits for may have come just before the process ended.
                let come: Vec<_> = row.missing.iter().filter(here).copied().collect();
                paper.waiting.insert(hash, row);
                come.into_iter().for_each(|it| paper.waiting.came(it));
            }
        }
        for (id, hash) in rows.orphans {
            if let Some(paper) = self.papers.get_mut(&id) {
                paper.orphans.insert(hash);
            }
        }
        for id in rows.rejudged {
            if let Some(paper) = self.papers.get_mut(&id) {
                paper.rejudges = true;
            }
        }
        let keys = rows.orphan_keys.into_iter();
        self.orphan_keys = keys
            .map(|(place, key)| (place, crate::keyring::SpaceKey::from_bytes(key)))
            .collect();
        for ((id, hash), row) in rows.late {
            if let Some(paper) = self.papers.get_mut(&id) {
                paper.late.insert(hash, row);
            }
        }
        self.quarantined = rows.quarantine.into_iter().collect();
        self.refused = rows.refused.into_iter().collect();
        for (number, row) in rows.outbox {
            if let Some(paper) = self.papers.get_mut(&row.document) {
                let seq = paper.log.iter().position(|place| place.hash == row.hash);
                let seq = seq.map(|index| index as u64 + 1);
                paper.outbox.insert(number.number(), Outgoing { row, seq });
            }
        }
        for paper in self.papers.values_mut() {
            // The process may have ended while a document was being made anew.
            let keeps = !(paper.unsealed.is_empty() && paper.outbox.is_empty());
            paper.hides = keeps || !paper.orphans.is_empty();
        }
        // A process ended while entries were being applied: these are gone through one at a time.
        for (id, applying) in rows.applying {
            if let Some(paper) = self.papers.get_mut(&id) {
                paper.applying = Some(applying);
                paper.careful_to = paper.applied + SLICE_CHANGES_MAX as u64;
            }
        }
        Ok(())
    }

    pub(super) fn put_profile(&mut self) {
        let row = StoreOp::Put(key(Table::Profile, &()), encode(&self.profile));
        self.persist([row]);
    }

    /// The documents that the spaces which this device may read have from the start; read where a relay is there.
    pub(super) fn ensure_papers(&mut self) {
        let Some(charter) = &self.charter else { return };
        let (venture, me) = (charter.venture(), self.secrets.device());
        let spaces = charter.spaces().keys().copied();
        let readable: Vec<_> = spaces
            .filter(|space| *space != Space::Directory && charter.may_read(me, *space))
            .collect();
        for space in &readable {
            let id = DocumentId::root(venture, *space);
            if let Entry::Vacant(place) = self.papers.entry(id) {
                let paper = Paper::new(venture, *space, id, Document::new());
                let row = paper.put_row();
                place.insert(paper);
                self.persist([row]);
            }
        }
        let unread =
            |paper: &&Paper| paper.reading == Reading::No && readable.contains(&paper.space);
        let unread: Vec<_> = self
            .papers
            .values()
            .filter(unread)
            .map(|paper| paper.id)
            .collect();
        if matches!(self.session.stage, super::Stage::Live) {
            for document in unread {
                self.subscribe(document);
            }
        }
        // What may not be read any more is not sent any more either.
        for paper in self.papers.values_mut() {
            if !readable.contains(&paper.space) {
                paper.owed = None;
                paper.called = None;
                paper.reading = Reading::No;
            }
        }
    }

    pub(super) fn link_of(&self, seed: [u8; 32]) -> Option<InviteLink> {
        let charter = self.charter.as_ref()?;
        Some(InviteLink::new(
            self.profile.relay_url.clone(),
            charter.relay(),
            charter.venture(),
            seed,
        ))
    }
}

/// The keys of the invite or code by whose link a device is to be admitted.
pub(super) fn invite_secrets(phase: &Phase) -> Option<Secrets> {
    match phase {
        Phase::Joining { link, .. } => {
            let link = InviteLink::parse(link).ok()?;
            Some(Secrets::from_seed(link.seed))
        }
        Phase::Adding { link } => Some(CodeLink::parse(link).ok()?.code.secrets()),
        Phase::Founding { .. } | Phase::Member | Phase::Removed => None,
    }
}

/// A name as people give it: trimmed, not empty, all of it to be seen.
pub(super) fn name(text: &str, what: &'static str) -> Result<String, StartError> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(is_unprintable) {
        return Err(StartError::BadName(what));
    }
    if text.len() > NAME_BYTES_MAX {
        return Err(StartError::NameTooLong);
    }
    Ok(text.to_owned())
}

/// Why a name or short code is not taken, of one who is a member already.
pub(super) fn not_a_name(error: StartError, what: &'static str) -> Failure {
    match error {
        StartError::NameTooLong => Failure::NameTooLong,
        StartError::BadCode => Failure::BadCode,
        StartError::BadName(_) | StartError::Link(_) | StartError::Recovery(_) => {
            Failure::BadName(what)
        }
    }
}

/// A party's short code: one to eight ASCII letters and digits, upper case.
pub(super) fn code(text: &str) -> Result<String, StartError> {
    let text = text.trim().to_ascii_uppercase();
    let fits = (1..=8).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric());
    if fits {
        Ok(text)
    } else {
        Err(StartError::BadCode)
    }
}

/// The bounded form of a checked name.
pub(super) fn bounded<const MAX: usize>(text: &str) -> Text<MAX> {
    Text::new(text).expect("names are checked against the same limit where they come in")
}

fn seed(rng: &mut ChaCha20Rng) -> [u8; 32] {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    seed
}

fn load(saved: Option<Vec<u8>>, journal: &[(u64, Vec<u8>)]) -> Result<Document, OpenError> {
    let mut document = match saved {
        Some(bytes) => Document::load(&bytes).map_err(|_| OpenError::Plan)?,
        None => Document::new(),
    };
    let changes = journal
        .iter()
        .map(|(_, bytes)| automerge::Change::try_from(bytes.as_slice()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| OpenError::Plan)?;
    document.apply(changes).map_err(|_| OpenError::Plan)?;
    Ok(document)
}

impl Replica {
    pub(super) fn next_number(numbers: impl Iterator<Item = u64>) -> Ordered {
        Ordered::new(numbers.max().map_or(0, |number| number + 1))
    }
}
