//! Secrets that have done their work: they leave the store with their use.

use heqi_protocol::InviteId;

use super::Replica;
use crate::io::Failure;
use crate::keys::Secrets;
use crate::store::{Intent, StoreOp, Table, key};

impl Replica {
    /// Forgets the seeds of invites that were accepted or taken back.
    pub(super) fn forget_spent_invites(&mut self) {
        let Some(charter) = &self.charter else { return };
        let links = self.links.keys().copied();
        let spent: Vec<_> = links
            .filter(|invite| charter.spent_at(*invite).is_some())
            .collect();
        for invite in spent {
            self.forget_invite(invite);
        }
    }

    /// Forgets the seed of an invite that will never be one.
    pub(super) fn forget_refused(&mut self, intent: &Intent, failure: Option<&Failure>) {
        if let (Intent::Invite(invite), Some(_)) = (intent, failure) {
            self.forget_invite(Secrets::from_seed(invite.invite_seed).invite());
        }
    }

    fn forget_invite(&mut self, invite: InviteId) {
        self.links.remove(&invite);
        self.persist([StoreOp::Delete(key(Table::Invite, &invite))]);
    }

    /// Forgets the keys of branches of the charter that gave way, once everything is sealed again and asked again that
    /// was sealed with them.
    pub(super) fn forget_lost_keys(&mut self) {
        let asks = |(intent, _): &(Intent, _)| matches!(intent, Intent::Again(_));
        let is_needed = self.papers.values().any(|paper| !paper.orphans.is_empty())
            || self.intents.values().any(asks);
        if is_needed {
            return;
        }
        let rows: Vec<_> = self
            .orphan_keys
            .drain(..)
            .map(|((space, epoch), lost)| {
                let place = (space, epoch, lost.commitment());
                StoreOp::Delete(key(Table::OrphanKey, &place))
            })
            .collect();
        self.persist(rows);
    }
}
