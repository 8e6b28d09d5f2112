//! What a connection may do, as the charter of its venture stands, and what follows where that changes.

use std::collections::BTreeSet;

use heqi_protocol::charter::Charter;
use heqi_protocol::frame::Unavailable;
use heqi_protocol::handshake::{Hello, Who};
use heqi_protocol::{DeviceId, DocumentId, FromRelay, Misbehaviour, RelayKey, Space, VentureId};

use super::Core;
use super::connection::{Peer, Reading, State};
use crate::fanout::ConnId;
use crate::log::StoreError;

/// What a connection may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The charter does not know it, or has left for another relay: it may bring what this relay lacks.
    Outside,
    /// It reads the charter; a device reads and writes documents as well.
    Inside,
    /// It reads the charter up to `until` entries, hears why, and goes.
    Leaving { until: u64, why: Farewell },
}

/// Why a connection goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    /// The device was removed; the invite or offer is used up or was taken back.
    Dismissed,
    /// The charter names another relay.
    Moved,
    /// It knows already, and goes by itself.
    Done,
}

impl Standing {
    pub(super) const fn is_inside(self) -> bool {
        matches!(self, Self::Inside)
    }

    /// How much of a charter of `position` entries may be read.
    pub(super) fn reads_to(self, position: u64) -> u64 {
        match self {
            Self::Leaving { until, .. } => until.min(position),
            Self::Inside => position,
            Self::Outside => 0,
        }
    }

    /// Where the charter puts somebody at the relay of that key.
    pub(super) fn of(charter: &Charter, relay: RelayKey, who: Who) -> Self {
        let dismissed = |until| Self::Leaving {
            until,
            why: Farewell::Dismissed,
        };
        let here = match charter.relay() == relay {
            true => Self::Inside,
            false => Self::Leaving {
                until: charter.position(),
                why: Farewell::Moved,
            },
        };
        match who {
            Who::Founder(_) => Self::Outside,
            Who::Device(device) => match charter.devices().get(&device) {
                None => Self::Outside,
                Some(device) => device.removed.map_or(here, |removed| dismissed(removed.at)),
            },
            Who::Invite(invite) => {
                let is_pending = charter.invites().contains_key(&invite)
                    || charter.offers().contains_key(&invite);
                match charter.spent_at(invite) {
                    _ if is_pending => here,
                    Some(at) => dismissed(at),
                    None => Self::Outside,
                }
            }
        }
    }

    /// Where somebody stands who says hello, and how much of the charter they may know of. One who has more of the
    /// charter stays, to bring it back; one who has all of a charter that has left may bring the venture home.
    pub(super) fn at_hello(
        charter: &Charter,
        relay: RelayKey,
        hello: &Hello,
    ) -> Result<(Self, u64), Misbehaviour> {
        let standing = Self::of(charter, relay, hello.who);
        let has = hello.charter_position;
        let is_device = matches!(hello.who, Who::Device(_));
        match standing {
            Self::Outside if matches!(hello.who, Who::Founder(_)) => Ok((standing, 0)),
            Self::Outside if has > charter.position() => Ok((standing, charter.position())),
            Self::Outside => Err(Misbehaviour::NotAdmitted),
            Self::Inside => Ok((standing, charter.position())),
            Self::Leaving { until, why } => {
                let may_bring = match why {
                    Farewell::Moved => has >= until,
                    Farewell::Dismissed | Farewell::Done => has > until,
                };
                match may_bring && is_device {
                    true => Ok((Self::Outside, until)),
                    false => Ok((standing, until)),
                }
            }
        }
    }
}

/// The spaces that a device may read.
pub(super) fn readable(charter: &Charter, device: DeviceId) -> BTreeSet<Space> {
    let spaces = charter.spaces().keys().copied();
    spaces
        .filter(|space| charter.may_read(device, *space))
        .collect()
}

impl Core {
    /// Lets everybody connected stand where the venture's charter puts them now. `spent` is who has just used up an
    /// invite or offer.
    pub(super) fn restand(&mut self, id: VentureId, spent: Option<ConnId>) {
        let relay = self.relay_key();
        for conn in self.attached_to(id) {
            let Some((who, before)) = self.peer(conn).map(|peer| (peer.who, peer.standing)) else {
                continue;
            };
            let Some(venture) = self.ventures.get(&id) else {
                return;
            };
            let now = match Standing::of(&venture.charter, relay, who) {
                Standing::Leaving { until, .. } if spent == Some(conn) => Standing::Leaving {
                    until,
                    why: Farewell::Done,
                },
                other => other,
            };
            match (before, now) {
                (Standing::Outside, Standing::Outside)
                | (
                    // It is about to bring the venture home.
                    Standing::Outside,
                    Standing::Leaving {
                        why: Farewell::Moved,
                        ..
                    },
                ) => {}
                (Standing::Leaving { .. } | Standing::Inside, Standing::Outside) => {
                    // Only a branch that was replaced knew it.
                    self.refuse(conn, Misbehaviour::NotAdmitted);
                }
                (_, Standing::Leaving { .. }) => self.show_out(conn, now),
                (Standing::Outside | Standing::Leaving { .. }, Standing::Inside) => {
                    self.enter(conn, now);
                }
                (Standing::Inside, Standing::Inside) => self.settle_reading(conn, id),
            }
        }
    }

    /// Says why a connection goes, once it has read what it may, and closes it.
    pub(super) fn say_farewell(&mut self, conn: ConnId, why: Farewell) -> Result<(), StoreError> {
        let frame = match why {
            Farewell::Done => return Ok(()),
            Farewell::Moved => FromRelay::Unavailable(Unavailable::Moved),
            Farewell::Dismissed => {
                self.tally.refuse(Misbehaviour::NotAdmitted);
                FromRelay::Refused(Misbehaviour::NotAdmitted)
            }
        };
        self.give(conn, frame.encode().into());
        if why == Farewell::Dismissed && self.may_know_better(conn)? {
            if let Some(peer) = self.peer(conn)
                && let Standing::Leaving { why, .. } = &mut peer.standing
            {
                *why = Farewell::Done;
            }
            return Ok(());
        }
        self.close(conn);
        self.forget(conn);
        Ok(())
    }

    /// True for a device that may have another branch of the charter, in which it was not removed and which goes
    /// before ours: it is left to bring it, and to close.
    fn may_know_better(&mut self, conn: ConnId) -> Result<bool, StoreError> {
        let Some(peer) = self.peer(conn) else {
            return Ok(false);
        };
        let (id, standing) = (peer.venture, peer.standing);
        let is_device = matches!(peer.who, Who::Device(_));
        let (Standing::Leaving { until, .. }, Some(venture)) = (standing, self.ventures.get(&id))
        else {
            return Ok(false);
        };
        let has_moved = venture.charter.relay_at(0) != venture.charter.relay();
        let removal = self.record_at(id, until.saturating_sub(1))?;
        Ok(is_device && (has_moved || removal.ack.incarnation.number > 1))
    }

    /// Lets a connection in that waited, or was about to go.
    fn enter(&mut self, conn: ConnId, standing: Standing) {
        if let Some(peer) = self.peer(conn) {
            let sent = peer.charter_sent;
            peer.readings.clear();
            self.begin_reading(conn, standing, sent);
        }
    }

    /// Stops everything but the charter, which leads to the farewell.
    pub(super) fn show_out(&mut self, conn: ConnId, standing: Standing) {
        let Some(peer) = self.peer(conn) else {
            return;
        };
        if let (Standing::Leaving { until, why }, Standing::Leaving { until: now, .. }) =
            (&mut peer.standing, standing)
            && *why == Farewell::Done
        {
            // Another branch may have shown it out earlier.
            *until = now;
            return;
        }
        if peer.standing == standing {
            return;
        }
        peer.standing = standing;
        peer.reads.clear();
        peer.readings.clear();
        peer.readings.push_back(Reading::Charter);
        let subscriptions = std::mem::take(&mut peer.subscriptions);
        for document in subscriptions.keys() {
            self.unsubscribe(conn, *document);
        }
        self.read_later(conn);
    }

    /// Cuts off what a device may not read any more, and lists what it may read from now on.
    fn settle_reading(&mut self, conn: ConnId, id: VentureId) {
        let (Some(venture), Some(connection)) =
            (self.ventures.get(&id), self.connections.get_mut(&conn))
        else {
            return;
        };
        let State::Open(peer) = &mut connection.state else {
            return;
        };
        let Who::Device(device) = peer.who else {
            return;
        };
        let reads = readable(&venture.charter, device);
        let gone = peer.cut_off(|document, space| {
            reads.contains(&space) && !venture.charter.is_deleted_in(space, document)
        });
        for space in reads.difference(&peer.reads) {
            peer.readings.push_back(Reading::Documents {
                after: 0,
                only: Some(*space),
            });
        }
        peer.reads = reads;
        for document in gone {
            self.unsubscribe(conn, document);
        }
        self.read_later(conn);
    }
}

impl Peer {
    /// Ends the subscriptions that do not pass, and what is left to be read of them.
    fn cut_off(&mut self, passes: impl Fn(DocumentId, Space) -> bool) -> Vec<DocumentId> {
        let gone = self
            .subscriptions
            .extract_if(.., |id, subscription| !passes(*id, subscription.space));
        let gone: Vec<_> = gone.map(|(id, _)| id).collect();
        self.readings
            .retain(|it| !matches!(it, Reading::Log { document, .. } if gone.contains(document)));
        gone
    }
}
