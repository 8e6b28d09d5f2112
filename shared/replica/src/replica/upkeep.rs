//! What a replica does for the venture of its own accord: decisions carried out, keys given to whom they are due,
//! boxes that do not open complained of.

use heqi_protocol::Space;
use heqi_protocol::charter::{Action, Body, Complain, Due, Keys, Rechain, Rotate, SetAccess};

use super::Replica;
use crate::store::Intent;

impl Replica {
    /// Writes the next entry that is due, if any.
    pub(super) fn keep_up(&mut self) {
        let position = self.records.len() as u64;
        if self.session.refused_at == Some(position) {
            return;
        }
        // One that the rules forbid to this device is somebody else's to write, and keeps nothing else from being written.
        let keys = self.gives_keys().then(|| rotate(Keys::default()));
        let due = [self.decided(), self.complaint(), keys, self.rechaining()];
        let mut is_due = false;
        for body in due.into_iter().flatten() {
            is_due = true;
            if self.write_entry(body).is_ok() {
                return;
            }
        }
        if is_due {
            self.session.refused_at = Some(position);
        }
    }

    /// A decided proposal, carried out by whichever manager comes first.
    fn decided(&self) -> Option<Body> {
        if !self.is_manager() {
            return None;
        }
        let proposals = self.charter.as_ref()?.proposals();
        let (id, proposal) = proposals.iter().find(|(_, proposal)| proposal.is_decided)?;
        match &proposal.action {
            Action::Access(rules) => Some(Body::SetAccess(SetAccess {
                proposal: Some(*id),
                rules: rules.clone(),
                keys: Keys::default(),
            })),
            Action::Remove(target) => Some(self.removal(*target, Some(*id))),
            Action::Interests { .. } | Action::Repair(_) => None,
        }
    }

    /// A key that the charter says this device was given, and that did not open.
    fn complaint(&self) -> Option<Body> {
        let charter = self.charter.as_ref()?;
        let held = charter.held_by(self.secrets.box_key());
        let (space, epoch) = held
            .into_iter()
            .find(|(space, epoch)| self.keyring.key(*space, *epoch).is_none())?;
        Some(Body::Complain(Complain { space, epoch }))
    }

    /// An older key that is here and that the newest one does not open for whoever comes: its rotation left it out.
    fn rechaining(&mut self) -> Option<Body> {
        let charter = self.charter.as_ref()?;
        if self.session.chained_at == Some(charter.position()) {
            return None;
        }
        let nonce = charter.founding_nonce();
        let held = charter.held_by(self.secrets.box_key());
        let body = held.into_iter().find_map(|(space, epoch)| {
            let previous = self.keyring.unreached(nonce, space, epoch, &mut self.rng)?;
            Some(Body::Rechain(Rechain {
                space,
                epoch,
                previous,
            }))
        });
        if body.is_none() {
            self.session.chained_at = Some(charter.position());
        }
        body
    }

    fn gives_keys(&self) -> bool {
        !self.rotation_due().is_empty()
    }

    /// The keys of the next rotation: what a person asked for, and what is owed.
    pub(super) fn rotation_due(&self) -> Due {
        let Some(charter) = &self.charter else {
            return Due::default();
        };
        let mut due = charter.owed_by(self.secrets.device());
        // What others hold and this device cannot open, others give.
        due.boxes
            .retain(|space, (epoch, _)| self.keyring.key(*space, *epoch).is_some());
        let asked = self
            .session
            .amending_for
            .and_then(|number| self.intents.get(&number));
        if let Some((Intent::Rotate(spaces), _)) = asked {
            for (space, epoch) in spaces {
                self.add_rotation(&mut due, *space, *epoch);
            }
        }
        due
    }

    fn add_rotation(&self, due: &mut Due, space: Space, asked_at: u32) {
        let Some(charter) = &self.charter else { return };
        let Some(newest) = charter.spaces().get(&space) else {
            return;
        };
        if newest.epoch > asked_at {
            return;
        }
        due.boxes.remove(&space);
        let readers = charter.readers(space);
        due.rotated.insert(space, (newest.epoch + 1, readers));
    }
}

const fn rotate(keys: Keys) -> Body {
    Body::Rotate(Rotate { keys })
}
