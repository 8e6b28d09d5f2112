//! Appending envelopes.

use heqi_protocol::envelope::Header;
use heqi_protocol::frame::NackReason;
use heqi_protocol::limits::DOCUMENTS_MAX;
use heqi_protocol::log::{Point, chain_next, chain_start};
use heqi_protocol::{Envelope, FromRelay, Misbehaviour, Space};

use super::connection::Sender;
use super::document::Document;
use super::{Core, Stop};
use crate::admission::{Step, Verdict, may_append, might_append, names_document, step};
use crate::log::row::{DocumentRow, EnvelopeBytes, LogRow, Proof, StreamTail};
use crate::log::{MARK_EVERY, StoreError};

/// When an envelope was admitted.
#[derive(Clone, Copy, Debug)]
pub(super) enum Admission {
    Now,
    /// Before, as those who bring it back say.
    Recorded {
        seq: u64,
        charter_position: u64,
    },
}

impl Core {
    pub(super) fn append(&mut self, sender: Sender, envelope: Box<Envelope>) -> Result<(), Stop> {
        if envelope.header.venture != sender.venture {
            return Err(Misbehaviour::OtherVenture.into());
        }
        let is_own = envelope.header.device == sender.device()?;
        if !is_own && !self.takes_in(&envelope) {
            return Err(Misbehaviour::NotAdmitted.into());
        }
        match self.judge(&envelope, Admission::Now)? {
            _ if !is_own && !self.reads(sender, envelope.header.space) => {
                self.nack(sender, &envelope.header, NackReason::Forbidden);
                Ok(())
            }
            Verdict::Admit => Ok(self.admit(sender, envelope, Admission::Now)?),
            Verdict::Known if !self.reads(sender, envelope.header.space) => {
                self.nack(sender, &envelope.header, NackReason::Forbidden);
                Ok(())
            }
            Verdict::Known => {
                self.tally.duplicates += 1;
                self.ack_due(sender, envelope.header.document);
                Ok(())
            }
            Verdict::Nack(reason) => {
                self.nack(sender, &envelope.header, reason);
                Ok(())
            }
            Verdict::Equivocation(first) => {
                self.keep_proof(first, &envelope)?;
                self.blame(sender, &envelope.header, Misbehaviour::Equivocation)
            }
            Verdict::Misbehaved(misbehaviour) => self.blame(sender, &envelope.header, misbehaviour),
        }
    }

    /// Whoever signed it broke the protocol, not whoever brings it.
    fn blame(
        &mut self,
        sender: Sender,
        header: &Header,
        misbehaviour: Misbehaviour,
    ) -> Result<(), Stop> {
        if header.device == sender.device()? {
            return Err(misbehaviour.into());
        }
        self.nack(sender, header, NackReason::Forbidden);
        Ok(())
    }

    /// True where a manager has taken in the envelope: then anybody who reads its space may bring it.
    fn takes_in(&self, envelope: &Envelope) -> bool {
        let venture = self.ventures.get(&envelope.header.venture);
        venture.is_some_and(|it| it.charter.takes_in(&envelope.header, envelope.hash()))
    }

    fn reads(&mut self, sender: Sender, space: Space) -> bool {
        self.peer(sender.conn)
            .is_some_and(|peer| peer.reads.contains(&space))
    }

    /// Decides about an envelope of the sender's venture, whose charter is in memory.
    pub(super) fn judge(
        &mut self,
        envelope: &Envelope,
        admission: Admission,
    ) -> Result<Verdict, StoreError> {
        let header = &envelope.header;
        if self.is_deleted(header.venture, header.space, header.document) {
            return Ok(Verdict::Nack(NackReason::Forbidden));
        }
        let is_there = self.load_document(header.document, header.venture)?;
        if let Err(verdict) = names_document(header, is_there) {
            return Ok(verdict);
        }
        let document = self.documents.get(&header.document);
        if is_there && document.is_some_and(|document| document.space() != header.space) {
            return Ok(Verdict::Misbehaved(Misbehaviour::WrongDocument));
        }
        let tail = self.tail_of(envelope)?;
        let step = step(tail.as_ref(), header);
        if let (Step::Earlier, Some(tail), Some(document)) =
            (step, tail, self.documents.get(&header.document))
        {
            let first = self.envelope_at(document, tail, header.dseq)?;
            return Ok(match first == envelope.bytes() {
                true => Verdict::Known,
                false => Verdict::Equivocation(first),
            });
        }
        if let Err(reason) = self.allowed(envelope, is_there, admission) {
            return Ok(Verdict::Nack(reason));
        }
        Ok(match step {
            Step::Next => Verdict::Admit,
            Step::Gap { have } => Verdict::Nack(NackReason::Gap { have }),
            Step::Earlier | Step::BrokenLog => Verdict::Misbehaved(Misbehaviour::BrokenLog),
        })
    }

    /// Puts an envelope that [`Core::judge`] admits at the end of its log.
    pub(super) fn admit(
        &mut self,
        sender: Sender,
        envelope: Box<Envelope>,
        admission: Admission,
    ) -> Result<(), StoreError> {
        let id = envelope.header.document;
        if !self.load_document(id, sender.venture)? {
            self.open_document(&envelope.header);
        }
        let (Some(venture), Some(document)) = (
            self.ventures.get_mut(&sender.venture),
            self.documents.get_mut(&id),
        ) else {
            return Err(StoreError::Missing(
                "the document that an envelope was admitted to",
            ));
        };
        let charter_position = match admission {
            Admission::Now => venture.charter.position(),
            Admission::Recorded {
                charter_position, ..
            } => charter_position,
        };
        let (hash, dseq) = (envelope.hash(), envelope.header.dseq);
        let key = (envelope.header.device, envelope.header.stream);
        let tail = document.streams.get(&key).copied();
        let stream_no = tail.map_or_else(|| self.facts.take_stream_no(), |tail| tail.no);
        document.head = Point {
            seq: document.head.seq + 1,
            chain: chain_next(document.head.chain, hash, charter_position),
        };
        let seq = document.head.seq;
        let tail_now = StreamTail {
            no: stream_no,
            dseq,
            seq,
            hash,
        };
        document.streams.insert(key, tail_now);
        document.fresh.push(self.batch.staged.rows.len());
        venture.row.bytes += envelope.bytes().len() as u64;
        self.tally.appended += 1;
        self.tally.appended_bytes += envelope.bytes().len() as u64;
        self.batch.staged.rows.push(LogRow {
            document_no: document.row.no,
            seq,
            charter_position,
            chain: document.head.chain,
            stream_prev: tail.map_or(0, |tail| tail.seq),
            mark: dseq.is_multiple_of(MARK_EVERY).then_some((stream_no, dseq)),
            envelope: EnvelopeBytes::Decoded(envelope),
        });
        self.batch.origins.push(sender.conn);
        self.batch.streams.insert((id, key.0, key.1));
        self.batch.ventures.insert(sender.venture);
        self.ack_due(sender, id);
        Ok(())
    }

    pub(super) fn nack(&mut self, sender: Sender, header: &Header, reason: NackReason) {
        self.tally.nack(reason);
        let nack = FromRelay::Nack {
            document: header.document,
            stream: header.stream,
            dseq: header.dseq,
            reason,
        };
        self.say(sender.conn, &nack);
    }

    /// Keeps both envelopes that a device signed for one place; one pair a stream is enough.
    pub(super) fn keep_proof(
        &mut self,
        first: Vec<u8>,
        second: &Envelope,
    ) -> Result<(), StoreError> {
        if let Some(tail) = self.tail_of(second)? {
            let second = second.bytes().to_vec();
            let proof = Proof { first, second };
            self.batch.staged.proofs.push((tail.no, proof));
        }
        Ok(())
    }

    fn allowed(
        &self,
        envelope: &Envelope,
        is_there: bool,
        admission: Admission,
    ) -> Result<(), NackReason> {
        let header = &envelope.header;
        let venture = self.ventures.get(&header.venture);
        let venture = venture.ok_or(NackReason::RestoreFirst)?;
        match admission {
            Admission::Now => {
                let document = self.documents.get(&header.document);
                let seq = document.map_or(0, |document| document.head.seq) + 1;
                may_append(&venture.charter, envelope, seq)?;
            }
            Admission::Recorded {
                seq,
                charter_position,
            } => might_append(&venture.charter, envelope, seq, charter_position)?,
        }
        let bytes = venture.bytes() + envelope.bytes().len() as u64;
        let is_over = self
            .options
            .venture_bytes_max
            .is_some_and(|max| bytes > max);
        if is_over || (!is_there && venture.row.documents as usize >= DOCUMENTS_MAX) {
            return Err(NackReason::Quota);
        }
        Ok(())
    }

    fn open_document(&mut self, header: &Header) {
        let Some(venture) = self.ventures.get_mut(&header.venture) else {
            return;
        };
        venture.row.documents += 1;
        let row = DocumentRow {
            no: self.facts.take_document_no(),
            venture_no: venture.row.no,
            space: header.space,
        };
        let document = Document {
            row,
            venture: header.venture,
            head: Point {
                seq: 0,
                chain: chain_start(header.venture, header.document),
            },
            stored: 0,
            fresh: Vec::new(),
            streams: std::collections::BTreeMap::new(),
        };
        self.documents.insert(header.document, document);
        self.batch.staged.documents.push((header.document, row));
        self.batch.opened.push(header.document);
    }
}
