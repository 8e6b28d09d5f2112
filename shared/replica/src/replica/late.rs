//! Edits of removed devices: kept apart, exported, taken in.

use borsh::{BorshDeserialize, BorshSerialize};
use heqi_protocol::limits::{ENVELOPE_BYTES_MAX, TAKE_IN_MAX};
use heqi_protocol::sign::digest;
use heqi_protocol::{Bytes, DocumentId, Envelope, Hash, List, VentureId, decode, encode};

use super::{Replica, RequestId};
use crate::io::{Failure, LateEdit, Problem, Reply};
use crate::paper::belongs;
use crate::seal::open;
use crate::store::{Intent, LateRow, Ordered, StoreOp, Table, envelope_key, key};
use crate::validate::summary;

const MAGIC: &[u8; 16] = b"heqi late edits\n";
/// Bytes of a file of late edits.
const FILE_BYTES_MAX: usize = 64 << 20;

const FILE_ENVELOPES_MAX: usize = 65_536;

/// Bytes that a file holds beside its envelopes, and beside each of them.
const FILE_FRAMING_BYTES: usize = 36;
const ENVELOPE_FRAMING_BYTES: usize = 4;

/// Envelopes that no relay took, as their author sealed and signed them.
#[derive(BorshSerialize, BorshDeserialize)]
struct LateFile {
    venture: VentureId,
    envelopes: List<Bytes<ENVELOPE_BYTES_MAX>, FILE_ENVELOPES_MAX>,
}

impl Replica {
    /// Goes back in every log to what the author of a removal had read: what the removed wrote beyond it is late, though
    /// this device has read it in time. Where nothing of theirs is in the document there is nothing to go back for.
    pub(super) fn judge_anew(&mut self, removal: u64) {
        let Some(charter) = &self.charter else { return };
        let devices = charter.devices().iter();
        let removed = devices.filter(|(_, it)| it.removed.is_some_and(|it| it.at == removal));
        let actors: Vec<_> = removed
            .flat_map(|(device, _)| self.names.actors_of(*device))
            .collect();
        let mut ops = Vec::new();
        for paper in self.papers.values_mut() {
            let has_some = actors.iter().any(|actor| paper.validator.knows(&actor[..]));
            if !has_some && paper.waiting.len() == 0 {
                continue;
            }
            if let Some(seq) = charter.late_after(removal, paper.space, paper.id) {
                ops.extend(paper.rejudge(seq));
            }
        }
        self.persist(ops);
    }

    /// Makes a document anew that holds changes of an envelope which turns out late; false where it holds none.
    pub(super) fn take_out(&mut self, document: DocumentId, envelope: &Envelope) -> bool {
        let header = &envelope.header;
        let key = self.keyring.key(header.space, header.epoch);
        let Some(paper) = self.papers.get_mut(&document) else {
            return false;
        };
        // Only what was applied before: that other envelopes bring the same change is no reason to begin again and again.
        if !paper.rejudges {
            return false;
        }
        let batch = key.and_then(|key| open(envelope, key).ok());
        let changes = batch.into_iter().flat_map(|batch| batch.changes.into_vec());
        let mut headers = changes.filter_map(|made| summary(&made.change).ok());
        if !headers.any(|header| paper.document.has(&header.hash)) {
            return false;
        }
        let ops = paper.unmake();
        self.persist(ops);
        true
    }

    /// Keeps a late envelope out, and says whose it is.
    pub(super) fn set_late(&mut self, document: DocumentId, envelope: &Envelope, seq: u64) {
        let hash = envelope.hash();
        let row = LateRow {
            device: envelope.header.device,
            seq,
        };
        self.persist([StoreOp::Put(
            key(Table::Late, &(document, hash)),
            encode(&row),
        )]);
        if let Some(paper) = self.papers.get_mut(&document) {
            paper.late.insert(hash, row);
        }
    }

    /// Tries those late envelopes again that a manager has taken in since.
    pub(super) fn take_late_in(&mut self) {
        let Some(charter) = &self.charter else { return };
        let taken: Vec<_> = self
            .papers
            .values()
            .flat_map(|paper| {
                let late = paper.late.keys().copied();
                let taken = |hash: &Hash| charter.has_taken_in(paper.space, paper.id, *hash);
                late.filter(taken).map(|hash| (paper.id, hash))
            })
            .collect();
        for (document, hash) in taken {
            let paper = self.papers.get_mut(&document);
            let row = paper.and_then(|paper| paper.late.remove(&hash));
            self.persist([StoreOp::Delete(key(Table::Late, &(document, hash)))]);
            self.wait(document, hash, row.map(|row| row.device), Vec::new());
        }
    }

    pub(super) fn late_edits(&self) -> Reply {
        let owner = |device| {
            let member = self.charter.as_ref().and_then(|it| it.member_of(device));
            member.map(|(id, _)| id)
        };
        let late = self.papers.values().flat_map(|paper| {
            paper.late.iter().filter_map(move |(hash, row)| {
                Some(LateEdit {
                    document: paper.id,
                    space: paper.space,
                    envelope: *hash,
                    device: row.device,
                    member: owner(row.device)?,
                    seq: row.seq,
                })
            })
        });
        Reply::Late(late.collect())
    }

    /// Asks for everything of this device that no relay has acknowledged, sealed with the newest keys that it has. What
    /// is not in memory is read from the store first.
    pub(super) fn export_late(&mut self, id: RequestId) -> Result<(), Failure> {
        self.venture().ok_or(Failure::NotYetMember)?;
        let documents: Vec<_> = self.papers.keys().copied().collect();
        for document in documents {
            while self.seal_batch(document) {}
        }
        let outgoing = self.papers.values().flat_map(|paper| paper.outbox.values());
        let absent: Vec<_> = outgoing
            .map(|out| out.row.hash)
            .filter(|hash| !self.bodies.contains_key(hash))
            .collect();
        self.exporting = Some(id);
        match absent.is_empty() {
            true => self.exported(),
            false => self.effects.fetch.extend(absent),
        }
        Ok(())
    }

    /// Answers who asked for the unsent edits, once all of them are in memory.
    pub(super) fn exported(&mut self) {
        let Some(id) = self.exporting else { return };
        let outgoing = self.papers.values().flat_map(|paper| paper.outbox.values());
        let mut absent = outgoing
            .map(|out| out.row.hash)
            .filter(|hash| !self.bodies.contains_key(hash) && !self.quarantined.contains_key(hash));
        if absent.next().is_some() {
            return;
        }
        self.exporting = None;
        let reply = match self.forget_lost() {
            true => Err(Failure::EditsMissing),
            false => self.late_file(),
        };
        self.effects.replies.push((id, reply));
    }

    /// Takes out of the outbox what the store has lost; true where there is such.
    fn forget_lost(&mut self) -> bool {
        let mut rows = Vec::new();
        for paper in self.papers.values_mut() {
            let lost = paper
                .outbox
                .extract_if(.., |_, out| !self.bodies.contains_key(&out.row.hash));
            rows.extend(
                lost.map(|(number, _)| StoreOp::Delete(key(Table::Outbox, &Ordered::new(number)))),
            );
        }
        let is_lost = !rows.is_empty();
        self.persist(rows);
        is_lost
    }

    fn late_file(&self) -> Result<Reply, Failure> {
        let venture = self.venture().ok_or(Failure::NotYetMember)?;
        let outgoing = self.papers.values().flat_map(|paper| paper.outbox.values());
        let outgoing = outgoing.filter_map(|out| Some((out, self.bodies.get(&out.row.hash)?)));
        let mut edits = 0;
        let mut bytes = 0;
        let mut envelopes = Vec::new();
        for (out, envelope) in outgoing {
            let envelope = Bytes::new(envelope.bytes().to_vec())
                .expect("an envelope that decoded is within the limit");
            bytes += envelope.len() + ENVELOPE_FRAMING_BYTES;
            if bytes > FILE_BYTES_MAX - FILE_FRAMING_BYTES {
                return Err(Failure::TooManyEdits);
            }
            edits += u64::from(out.row.changes);
            envelopes.push(envelope);
        }
        let envelopes = List::new(envelopes).map_err(|_| Failure::TooManyEdits)?;
        let body = encode(&LateFile { venture, envelopes });
        let mut file = MAGIC.to_vec();
        file.extend(digest("heqi late edits v1", &[&body]).0);
        file.extend(body);
        Ok(Reply::LateFile { file, edits })
    }

    /// Asks the charter to take in the envelopes of a file, each document on its own.
    pub(super) fn take_in_file(&mut self, file: &[u8], id: RequestId) -> Result<(), Failure> {
        let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
        let file = read_file(file).ok_or(Failure::NoLateEdits)?;
        if file.venture != charter.venture() {
            return Err(Failure::NoLateEdits);
        }
        let mut by_document: std::collections::BTreeMap<DocumentId, Vec<Envelope>> =
            std::collections::BTreeMap::new();
        for bytes in file.envelopes.into_vec() {
            let envelope = Envelope::decode(bytes.into_vec()).map_err(|_| Failure::NoLateEdits)?;
            let header = &envelope.header;
            let fits = self
                .papers
                .get(&header.document)
                .is_some_and(|paper| belongs(paper, charter, &envelope))
                && header.generation <= charter.generation_in(header.space, header.document);
            let is_known = charter.devices().contains_key(&header.device);
            let may_write = charter.may_write_at(header.device, header.space, charter.position());
            let is_signed = envelope.verify().is_ok();
            if !is_known || may_write || !is_signed || !fits {
                return Err(Failure::NoLateEdits);
            }
            by_document
                .entry(header.document)
                .or_default()
                .push(envelope);
        }
        if by_document.is_empty() {
            return Err(Failure::NoLateEdits);
        }
        let mut intents = Vec::new();
        for (document, envelopes) in by_document {
            let hashes: Vec<_> = envelopes.iter().map(Envelope::hash).collect();
            for envelope in envelopes {
                let row = StoreOp::Put(envelope_key(envelope.hash()), envelope.bytes().to_vec());
                self.persist([row]);
                self.bodies.insert(envelope.hash(), envelope);
            }
            intents.extend(hashes.chunks(TAKE_IN_MAX).map(|some| Intent::TakeIn {
                document,
                envelopes: some.to_vec(),
                bring: true,
            }));
        }
        let last = intents.len() - 1;
        for (index, intent) in intents.into_iter().enumerate() {
            self.intend(intent, (index == last).then_some(id));
        }
        Ok(())
    }

    /// Gives up unsent edits where this device may not write any more, and makes the view anew without them.
    pub(super) fn let_go(&mut self) -> Reply {
        let unsent = self.papers.values().filter(|paper| paper.pending() > 0);
        let barred = unsent.filter(|paper| self.is_barred(paper.space));
        let barred: Vec<_> = barred.map(|paper| (paper.id, paper.space)).collect();
        for (document, space) in barred {
            if let Some(paper) = self.papers.get_mut(&document) {
                let ops = paper.let_go();
                self.persist(ops);
            }
            self.undo.remove(&space);
            self.effects.again = true;
        }
        Reply::Done
    }

    /// Puts taken-in envelopes of somebody else on their way to the relay.
    pub(super) fn bring(&mut self, document: DocumentId, envelopes: &[Hash]) {
        let mut ops = Vec::new();
        for hash in envelopes {
            let is_there = self.papers.get(&document).is_none_or(|paper| {
                let mut outbox = paper.outbox.values();
                paper.log.iter().any(|place| place.hash == *hash)
                    || outbox.any(|out| out.row.hash == *hash)
            });
            if is_there {
                continue;
            }
            ops.push(self.enqueue(document, *hash, 1));
        }
        self.persist(ops);
        self.push_outbox(document);
    }

    /// Ends the bringing of somebody else's envelopes, from one on that the relay does not take; false where they are
    /// this device's own.
    pub(super) fn end_brought(
        &mut self,
        document: DocumentId,
        stream: heqi_protocol::StreamId,
        dseq: u64,
    ) -> bool {
        let me = self.secrets.device();
        let is_refused = |hash: &Hash| {
            let header = self.bodies.get(hash).map(|envelope| &envelope.header);
            header.is_some_and(|it| it.device != me && it.stream == stream && it.dseq >= dseq)
        };
        let Some(paper) = self.papers.get_mut(&document) else {
            return false;
        };
        let refused = paper
            .outbox
            .extract_if(.., |_, out| is_refused(&out.row.hash));
        let rows: Vec<_> = refused
            .map(|(number, _)| StoreOp::Delete(key(Table::Outbox, &Ordered::new(number))))
            .collect();
        if rows.is_empty() {
            return false;
        }
        self.persist(rows);
        self.session.problem = Some(Problem::Brought);
        true
    }
}

fn read_file(file: &[u8]) -> Option<LateFile> {
    let rest = file.strip_prefix(MAGIC.as_slice())?;
    let (hash, body) = rest.split_first_chunk::<32>()?;
    if body.len() > FILE_BYTES_MAX || digest("heqi late edits v1", &[body]).0 != *hash {
        return None;
    }
    decode("late edits", body, FILE_BYTES_MAX).ok()
}
