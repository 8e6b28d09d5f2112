//! Ventures that come to this relay: one that it had and lost, or one that moves here from another relay.
//!
//! Their charter comes in frames, is folded as it comes, and waits in memory until it names this relay. Where the old
//! relay is dead, the last entry is the move itself, which this relay acknowledges.

use heqi_protocol::charter::{Charter, Entry};
use heqi_protocol::frame::{AmendRefused, Unavailable};
use heqi_protocol::limits::{CHARTER_BYTES_MAX, CHARTER_RESERVE_BYTES_MAX, PARTIES_MAX};
use heqi_protocol::{Hash, Misbehaviour, VentureId};

use super::branch::{Records, append_acknowledged};
use super::charter::{amend_refused, is_own, misbehaviour};
use super::connection::Sender;
use super::{Core, Stop};
use crate::fanout::ConnId;

/// Bytes of all charters that wait: the longest that the fold allows has room. Tests reach it with little.
const BROUGHT_BYTES_MAX: usize = if cfg!(test) { 128 << 10 } else { 256 << 20 };
const _: () = assert!(
    cfg!(test) || BROUGHT_BYTES_MAX >= CHARTER_BYTES_MAX + PARTIES_MAX * CHARTER_RESERVE_BYTES_MAX
);
/// One who brings nothing for so long gives way to others.
const BROUGHT_IDLE_MS: u64 = 60_000;

/// A charter on its way here.
#[derive(Debug)]
pub(super) struct Brought {
    charter: Charter,
    records: Records,
    bytes: usize,
    heard_ms: u64,
}

impl Core {
    /// Takes the next records of a venture that is not here.
    pub(super) fn bring(
        &mut self,
        sender: Sender,
        records: Records,
        now_ms: u64,
    ) -> Result<(), Stop> {
        let bytes: usize = records.iter().map(|(entry, _)| entry.bytes().len()).sum();
        self.make_room(bytes, now_ms)?;
        let mut brought = match self.bringing.remove(&sender.conn) {
            Some(mut brought) => {
                append_acknowledged(&mut brought.charter, &records)?;
                brought.records.extend(records);
                brought
            }
            None => begin(sender.venture, records)?,
        };
        brought.bytes += bytes;
        brought.heard_ms = now_ms;
        if brought.charter.relay() == self.relay_key() {
            let head = brought.charter.head();
            return self.take_over(sender, brought, head);
        }
        self.bringing.insert(sender.conn, brought);
        Ok(())
    }

    /// Takes the entry that moves a venture here whose charter has been brought.
    pub(super) fn amend_brought(&mut self, sender: Sender, entry: &Entry) -> Result<(), Stop> {
        is_own(sender, entry)?;
        if self.load_venture(sender.venture)? {
            // Somebody else was faster.
            self.bringing.remove(&sender.conn);
            return Err(Unavailable::Busy.into());
        }
        if !self.moves_here(entry) {
            self.refuse_amendment(sender, entry.hash(), AmendRefused::Forbidden);
            return Ok(());
        }
        let Some(brought) = self.bringing.get_mut(&sender.conn) else {
            return Err(Unavailable::UnknownVenture.into());
        };
        if let Err(refused) = brought.charter.append(entry) {
            let reason = amend_refused(refused)?;
            self.refuse_amendment(sender, entry.hash(), reason);
            return Ok(());
        }
        if let Some(brought) = self.bringing.remove(&sender.conn) {
            self.take_over(sender, brought, entry.hash())?;
        }
        if self.ventures.contains_key(&sender.venture) {
            self.stage_entry(sender.venture, entry)?;
        }
        Ok(())
    }

    /// Makes a brought venture one of this relay's own, its records as they are. `head` is what is refused where it
    /// may not be.
    fn take_over(&mut self, sender: Sender, brought: Brought, head: Hash) -> Result<(), Stop> {
        if !brought.charter.is_active(sender.device()?) {
            return Err(Misbehaviour::NotAdmitted.into());
        }
        let Brought {
            charter, records, ..
        } = brought;
        let mut acks = records.iter().map(|(_, record)| &record.ack);
        let was_here = acks.any(|ack| self.is_our_word(sender.venture, ack));
        if self.options.is_closed && !was_here {
            self.refuse_amendment(sender, head, AmendRefused::Closed);
            return Ok(());
        }
        self.tally.brought += 1;
        self.add_venture(charter)?;
        for (entry, record) in records {
            self.stage_record(sender.venture, &entry, record);
        }
        self.restand(sender.venture, None);
        Ok(())
    }

    /// Has those give way who bring nothing any more, where there is no room.
    fn make_room(&mut self, bytes: usize, now_ms: u64) -> Result<(), Unavailable> {
        let all = |core: &Self| core.bringing.values().map(|it| it.bytes).sum::<usize>();
        if all(self) + bytes <= BROUGHT_BYTES_MAX {
            return Ok(());
        }
        let is_idle = |it: &Brought| now_ms.saturating_sub(it.heard_ms) > BROUGHT_IDLE_MS;
        let bringing = self.bringing.iter();
        let idle: Vec<ConnId> = bringing
            .filter(|(_, brought)| is_idle(brought))
            .map(|(conn, _)| *conn)
            .collect();
        for conn in idle {
            self.end(
                conn,
                &heqi_protocol::FromRelay::Unavailable(Unavailable::Busy),
            );
        }
        match all(self) + bytes <= BROUGHT_BYTES_MAX {
            true => Ok(()),
            false => Err(Unavailable::Busy),
        }
    }
}

fn begin(venture: VentureId, records: Records) -> Result<Brought, Misbehaviour> {
    let (genesis, rest) = records.split_first().ok_or(Misbehaviour::BadCharter)?;
    if VentureId(genesis.0.hash().0) != venture {
        return Err(Misbehaviour::BadCharter);
    }
    let mut charter = Charter::found(&genesis.0).map_err(misbehaviour)?;
    if !charter.is_acknowledged(&genesis.1.ack) {
        return Err(Misbehaviour::ForgedAck);
    }
    append_acknowledged(&mut charter, rest)?;
    Ok(Brought {
        charter,
        records,
        bytes: 0,
        heard_ms: 0,
    })
}
