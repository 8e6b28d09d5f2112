//! Recovery kits: one is good beside those before until its member says that they have it.

use heqi_protocol::charter::{OfferKind, Refused};
use heqi_protocol::{InviteId, encode};

use super::Replica;
use crate::io::{Failure, Reply};
use crate::store::{Intent, KitRow, StoreOp, Table, key};

impl Replica {
    /// Keeps when a kit was made here; whether anybody has it is not known yet.
    pub(super) fn note_kit(&mut self, id: InviteId) {
        let row = KitRow {
            made_ms: self.now,
            is_kept: false,
        };
        self.put_kit(id, row);
    }

    /// Has the kits withdrawn that the member of this one made before it.
    pub(super) fn keep_kit(&mut self, id: InviteId) -> Result<Reply, Failure> {
        if self.is_removed() {
            return Err(Failure::Removed);
        }
        let charter = self.charter.as_ref().ok_or(Failure::NotYetMember)?;
        let offers = charter.offers();
        let kept = offers
            .get(&id)
            .filter(|offer| offer.kind == OfferKind::Recovery)
            .ok_or(Failure::Forbidden(Refused::InviteSpent))?;
        let me = charter.member_of(self.secrets.device());
        if me.is_none_or(|(me, _)| me != kept.member) {
            return Err(Failure::OtherMember);
        }
        // Two devices may make kits at once: the later one takes the place of the earlier, never each of the other.
        let older = offers.iter().filter(|(_, offer)| {
            (offer.member, offer.kind) == (kept.member, kept.kind) && offer.made_at < kept.made_at
        });
        let older: Vec<_> = older.map(|(older, _)| *older).collect();
        for older in older {
            self.intend(Intent::Withdraw(older), None);
        }
        if let Some(row) = self.kits.get(&id).copied() {
            let is_kept = true;
            self.put_kit(id, KitRow { is_kept, ..row });
        }
        Ok(Reply::Done)
    }

    /// Forgets the kits that were taken back.
    pub(super) fn forget_spent_kits(&mut self) {
        let Some(charter) = &self.charter else { return };
        let kits = self.kits.keys().copied();
        let spent: Vec<_> = kits
            .filter(|kit| charter.spent_at(*kit).is_some())
            .collect();
        for kit in spent {
            self.kits.remove(&kit);
            self.persist([StoreOp::Delete(key(Table::Kit, &kit))]);
        }
    }

    fn put_kit(&mut self, id: InviteId, row: KitRow) {
        self.persist([StoreOp::Put(key(Table::Kit, &id), encode(&row))]);
        self.kits.insert(id, row);
        self.effects.directory = true;
    }
}
