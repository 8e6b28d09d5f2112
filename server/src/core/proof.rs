//! What a connection has shown to have been acknowledged: it may come back whatever its author may do now.
//!
//! The chain of a log leads from entry to entry to a point that a relay has signed, and no other entries lead there. So runs
//! are shown from the end: the last one by the acknowledgement, each other by the beginning of the one after it. Kept are
//! the beginnings, and the entries of the run that was shown last.

use std::collections::BTreeSet;

use heqi_protocol::frame::Place;
use heqi_protocol::{Ack, Envelope, Hash, VentureId};

use super::connection::Sender;
use super::{Core, Stop};
use crate::admission::may_append;
use crate::request::Run;

/// Runs of one log.
const RUNS_MAX: usize = 4096;
/// Relays of before whose word is looked for.
const RELAYS_MAX: usize = 16;

/// What one connection has shown.
#[derive(Debug, Default)]
pub(super) struct Shown {
    beginnings: BTreeSet<Hash>,
    run: BTreeSet<(Hash, u64)>,
}

impl Core {
    /// Takes note of a run that leads to an acknowledgement, or to what was shown before; any other shows nothing.
    pub(super) fn prove(&mut self, sender: Sender, run: &Run) -> Result<(), Stop> {
        sender.device()?;
        let leads_there = run
            .ack
            .is_some_and(|ack| ack.point.chain == run.end && self.was_signed(sender.venture, &ack));
        let Some(peer) = self.peer(sender.conn) else {
            return Ok(());
        };
        let shown = &mut peer.shown;
        if leads_there {
            shown.beginnings = BTreeSet::from([run.end]);
        }
        if shown.beginnings.contains(&run.end) && shown.beginnings.len() <= RUNS_MAX {
            shown.beginnings.insert(run.before);
            let places = run.places.iter();
            shown.run = places
                .map(|place: &Place| (place.envelope, place.charter_position))
                .collect();
        }
        Ok(())
    }

    /// True for an envelope that its author might append now as well, and for one that was shown to have been taken at
    /// that position: else whoever might write once would write on, as if it had been then.
    pub(super) fn may_come_back(
        &mut self,
        sender: Sender,
        envelope: &Envelope,
        charter_position: u64,
    ) -> bool {
        let header = &envelope.header;
        let document = self.documents.get(&header.document);
        let seq = document.map_or(0, |document| document.head.seq) + 1;
        let venture = self.ventures.get(&header.venture);
        let may_now =
            venture.is_some_and(|venture| may_append(&venture.charter, envelope, seq).is_ok());
        let place = (envelope.hash(), charter_position);
        let peer = self.peer(sender.conn);
        may_now || peer.is_some_and(|peer| peer.shown.run.contains(&place))
    }

    /// True where a relay of the venture, now or before, has signed the acknowledgement.
    fn was_signed(&self, id: VentureId, ack: &Ack) -> bool {
        let venture = self.ventures.get(&id).filter(|_| ack.venture == id);
        venture.is_some_and(|venture| {
            let mut relays = venture.charter.relays().take(RELAYS_MAX);
            relays.any(|relay| ack.verify(relay).is_ok())
        })
    }
}
