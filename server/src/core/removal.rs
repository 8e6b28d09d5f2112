//! Removals whose author has not read all that the removed have written: they are sent back, once.
//!
//! What counts is what every replica reads by itself, the roots of spaces, and what the removal names. Anything else is
//! late by the charter alone, as the author of the removal says it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use heqi_protocol::charter::{Author, Body, Entry, Remove, Target};
use heqi_protocol::frame::AmendRefused;
use heqi_protocol::{DeviceId, DocumentId, Space, VentureId};

use super::Core;
use super::connection::Sender;
use crate::log::StoreError;
use crate::log::row::DocumentRow;

/// Removals of one venture that are remembered as sent back.
const SENT_BACK_MAX: usize = 16;

/// How far the removed have written, by document.
type Extents = BTreeMap<DocumentId, u64>;

/// The removals of a venture that were sent back, and how far the removed had written by then.
#[derive(Debug, Default)]
pub(super) struct SentBack(VecDeque<(DeviceId, Target, Extents)>);

impl SentBack {
    /// What was written when the removal was sent back first, which is now if it never was.
    fn first(&mut self, by: DeviceId, target: Target, now: &Extents) -> &Extents {
        let is_it =
            |(author, whom, _): &(DeviceId, Target, Extents)| (*author, *whom) == (by, target);
        let index = self.0.iter().position(is_it).unwrap_or_else(|| {
            self.0.truncate(SENT_BACK_MAX - 1);
            self.0.push_front((by, target, now.clone()));
            0
        });
        &self.0[index].2
    }
}

impl Core {
    /// Sends a removal back that overlooks what the removed have written: it is on its way to the author, who then signs
    /// again. True where it did.
    pub(super) fn sends_back(&mut self, sender: Sender, entry: &Entry) -> Result<bool, StoreError> {
        let content = entry.content();
        let (Body::Remove(remove), Author::Device(by)) = (&content.body, content.author) else {
            return Ok(false);
        };
        let Some(venture) = self.ventures.get(&sender.venture) else {
            return Ok(false);
        };
        let position = venture.charter.position();
        // What the charter refuses is refused for that, and costs no look at the log.
        if venture.charter.check(entry).is_err() || !self.overlooks(sender.venture, remove, by)? {
            return Ok(false);
        }
        self.refuse_amendment(sender, entry.hash(), AmendRefused::MovedOn { position });
        Ok(true)
    }

    /// True where the removed had written more than the author states to have read when the removal first came: edits
    /// taken in good faith before must not come too late by it. What they write while it is signed again puts it off no
    /// further.
    fn overlooks(
        &mut self,
        id: VentureId,
        remove: &Remove,
        by: DeviceId,
    ) -> Result<bool, StoreError> {
        let stated = remove.seen.iter();
        let stated: Extents = stated
            .map(|extent| (extent.document, extent.point.seq))
            .collect();
        let is_seen = |document: &DocumentId, seq: u64| {
            stated.get(document).is_some_and(|seen| seq <= *seen) || seq == 0
        };
        let written = self.written(id, remove, by)?;
        if written
            .iter()
            .all(|(document, seq)| is_seen(document, *seq))
        {
            return Ok(false);
        }
        let Some(venture) = self.ventures.get_mut(&id) else {
            return Ok(false);
        };
        let first = venture.sent_back.first(by, remove.target, &written);
        let mut due = written.iter().map(|(document, now)| {
            let then = first.get(document).copied().unwrap_or(0);
            (document, then.min(*now))
        });
        Ok(!due.all(|(document, seq)| is_seen(document, seq)))
    }

    /// How far those whom it removes have written, in what its author reads and either states or reads by itself.
    fn written(&self, id: VentureId, remove: &Remove, by: DeviceId) -> Result<Extents, StoreError> {
        let Some(venture) = self.ventures.get(&id) else {
            return Ok(Extents::new());
        };
        let charter = &venture.charter;
        let gone: BTreeSet<_> = charter.devices_of(remove.target).into_iter().collect();
        let reads = |space: &Space| charter.may_read(by, *space);
        let spaces = charter.spaces().keys().filter(|space| reads(space));
        let roots = spaces.map(|space| DocumentId::root(id, *space));
        let named = remove.seen.iter().map(|extent| extent.document);
        let documents: BTreeSet<_> = roots.chain(named).collect();
        let mut written = Extents::new();
        for document in documents {
            let known = self.documents.get(&document);
            let row = match known {
                Some(known) => Some(known.row),
                None => self.store.document(document)?,
            };
            let is_counted =
                |row: &DocumentRow| row.venture_no == venture.row.no && reads(&row.space);
            let Some(row) = row.filter(is_counted) else {
                continue;
            };
            let stored = self.store.newest_of(row.no, &gone)?;
            // What this batch has taken is not on disk yet.
            let tails = known.into_iter().flat_map(|known| &known.streams);
            let fresh = tails.filter(|((device, _), _)| gone.contains(device));
            let fresh = fresh.map(|(_, tail)| tail.seq).max().unwrap_or(0);
            written.insert(document, stored.max(fresh));
        }
        Ok(written)
    }
}
