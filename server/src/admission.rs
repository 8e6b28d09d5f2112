//! Who may append what: the checks that charter, stream and log allow, without any state of their own.

use heqi_protocol::charter::{Charter, Standing};
use heqi_protocol::envelope::Header;
use heqi_protocol::frame::NackReason;
use heqi_protocol::{Envelope, Misbehaviour, Prev};

use crate::log::row::StreamTail;

/// Where an envelope stands to the tail of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It comes next.
    Next,
    /// Something stands at its place already.
    Earlier,
    /// Envelopes before it are missing.
    Gap { have: u64 },
    /// It comes next and names another predecessor than the one that is there.
    BrokenLog,
}

/// Compares an envelope with the tail of its stream.
pub fn step(tail: Option<&StreamTail>, header: &Header) -> Step {
    let have = tail.map_or(0, |tail| tail.dseq);
    if header.dseq <= have {
        return Step::Earlier;
    }
    if header.dseq != have + 1 {
        return Step::Gap { have };
    }
    match (tail, header.prev) {
        (None, Prev::First { .. }) => Step::Next,
        (Some(tail), Prev::Next { hash }) if hash == tail.hash => Step::Next,
        (None | Some(_), Prev::First { .. } | Prev::Next { .. }) => Step::BrokenLog,
    }
}

/// Refuses an envelope that the charter does not let stand at `seq` of its log now.
pub fn may_append(charter: &Charter, envelope: &Envelope, seq: u64) -> Result<(), NackReason> {
    let header = &envelope.header;
    let generation = charter.generation_in(header.space, header.document);
    let Some(newest) = charter.spaces().get(&header.space) else {
        return Err(NackReason::Forbidden);
    };
    let current = newest.epoch;
    if header.epoch > current || header.generation > generation {
        // The author knows an entry that we do not have.
        return Err(NackReason::RestoreFirst);
    }
    // What a manager has taken in was sealed before its author was removed.
    if !charter.takes_in(header, envelope.hash()) {
        if header.epoch < current || header.generation < generation {
            return Err(NackReason::StaleEpoch { current });
        }
        if newest.is_due {
            return Err(NackReason::KeysDue);
        }
    }
    match charter.judge(header, envelope.hash(), seq, charter.position()) {
        Standing::Fits => Ok(()),
        Standing::Late | Standing::Forbidden => Err(NackReason::Forbidden),
    }
}

/// Refuses an envelope that the charter cannot have let stand at `seq` when it was `position` entries long.
pub fn might_append(
    charter: &Charter,
    envelope: &Envelope,
    seq: u64,
    position: u64,
) -> Result<(), NackReason> {
    let header = &envelope.header;
    let newest = charter.spaces().get(&header.space);
    let is_ahead = newest.is_none_or(|newest| header.epoch > newest.epoch)
        || header.generation > charter.generation_in(header.space, header.document)
        || position > charter.position();
    if is_ahead {
        return Err(NackReason::RestoreFirst);
    }
    match charter.judge(header, envelope.hash(), seq, position) {
        Standing::Fits => Ok(()),
        // It was in the log before its author was removed, and its place there holds the chain together.
        Standing::Late if charter.may_write_at(header.device, header.space, position) => Ok(()),
        Standing::Late | Standing::Forbidden => Err(NackReason::Forbidden),
    }
}

/// Checks that the document is what the envelope says, given whether it is there.
pub fn names_document(header: &Header, is_there: bool) -> Result<(), Verdict> {
    let wrong = Verdict::Misbehaved(Misbehaviour::WrongDocument);
    if header.names_its_document() {
        return Ok(());
    }
    match header.opens {
        Some(_) => Err(wrong),
        // Only the envelope that opens a document names it; later ones follow it.
        None if is_there => Ok(()),
        // It was opened once, and the relay has lost that.
        None if header.dseq > 1 => Err(Verdict::Nack(NackReason::Gap { have: 0 })),
        None => Err(Verdict::Nack(NackReason::RestoreFirst)),
    }
}

/// What is to be done with an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes to the end of the log.
    Admit,
    /// The log has it.
    Known,
    Nack(NackReason),
    /// Its author signed these bytes for the same place before.
    Equivocation(Vec<u8>),
    Misbehaved(Misbehaviour),
}
