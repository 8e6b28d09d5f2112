//! Whether this device belongs to the venture, as the charter stands: admitted, removed, and either taken back where
//! the branch gives way that said so.

use heqi_protocol::Misbehaviour;
use heqi_protocol::charter::OfferKind;

use super::Replica;
use super::opening::invite_secrets;
use crate::code::CodeLink;
use crate::io::Problem;
use crate::store::{Phase, StoreOp, Table, key};
use heqi_protocol::encode;

/// Pause before a device that was removed asks again whether it still is.
const REMOVED_RETRY_MS: u64 = 3_600_000;
/// Times that a relay may say that it does not know a device before its person has to act.
const UNKNOWN_MAX: u32 = 8;

impl Replica {
    /// Takes the place that the charter gives this device.
    pub(super) fn stand(&mut self) {
        let device = self.secrets.device();
        let charter = self.charter.as_ref();
        let Some(known) = charter.and_then(|it| it.devices().get(&device)) else {
            return;
        };
        match (&self.profile.phase, known.removed.is_some()) {
            (Phase::Member, true) => self.set_removed(),
            (Phase::Founding { .. } | Phase::Joining { .. } | Phase::Adding { .. }, false) => {
                self.admitted();
            }
            // The branch gave way in which it was removed.
            (Phase::Removed, false) => self.become_member(),
            _ => {}
        }
    }

    fn admitted(&mut self) {
        let phase = std::mem::replace(&mut self.profile.phase, Phase::Member);
        // A kit's secret has more to give than one admission, and stays on paper.
        let is_spent = match &phase {
            Phase::Joining { .. } => true,
            Phase::Adding { link } => {
                CodeLink::parse(link).is_ok_and(|link| link.kind() == OfferKind::Device)
            }
            Phase::Founding { .. } | Phase::Member | Phase::Removed => false,
        };
        if is_spent {
            // It opens nothing that the keys of this device do not open.
            self.persist([StoreOp::Put(key(Table::Admission, &()), encode(&phase))]);
            self.admission = Some(phase);
        }
        self.become_member();
    }

    fn become_member(&mut self) {
        self.profile.phase = Phase::Member;
        self.invite_secrets = None;
        self.session.readmits = false;
        self.session.unknown = 0;
        self.session.problem = None;
        self.put_profile();
        self.ensure_papers();
        self.reconnect();
    }

    /// Stops where the charter has removed this device: what is here stays, and unsent edits can be exported.
    fn set_removed(&mut self) {
        self.profile.phase = Phase::Removed;
        self.put_profile();
        self.removed_still();
    }

    fn removed_still(&mut self) {
        self.session.problem = Some(Problem::Removed);
        self.hang_up();
    }

    /// Asks again after a long while: the branch of the charter may give way that removed this device.
    pub(super) fn ask_later_whether_removed(&mut self) {
        self.session.problem = Some(Problem::Removed);
        self.session.retry_at = Some(self.now + REMOVED_RETRY_MS);
    }

    /// The relay does not know this device, or does not let it in any more.
    pub(super) fn not_admitted(&mut self) {
        let device = self.secrets.device();
        let is_in_ours = self.charter.as_ref().is_some_and(|it| it.is_active(device));
        if self.is_removed() {
            self.removed_still();
        } else if !is_in_ours || !matches!(self.profile.phase, Phase::Member) {
            self.stop(Problem::Refused(Misbehaviour::NotAdmitted));
        } else if self.session.readmits {
            self.give_up_readmission();
        } else {
            self.seek_readmission();
        }
    }

    /// The branch of the charter seems to have given way in which this device was admitted: the one that stands is read
    /// as the invite or code that admitted it.
    fn seek_readmission(&mut self) {
        self.session.unknown += 1;
        let secrets = self.admission.as_ref().and_then(invite_secrets);
        if secrets.is_none() || self.session.unknown > UNKNOWN_MAX {
            self.stop(Problem::Unadmitted);
            return;
        }
        self.invite_secrets = secrets;
        self.session.readmits = true;
        self.session.reads_whole = true;
        self.hang_up();
    }

    /// Goes on as the device, after a pause: whoever invited it may have to do so again first.
    pub(super) fn give_up_readmission(&mut self) {
        self.invite_secrets = None;
        self.session.readmits = false;
        self.session.reads_whole = false;
        self.hang_up();
    }

    /// Begins to be admitted again, where the charter as it stands does not know this device; false where it cannot.
    pub(super) fn readmit(&mut self) -> bool {
        let device = self.secrets.device();
        let is_known = self
            .charter
            .as_ref()
            .is_none_or(|it| it.devices().contains_key(&device));
        if is_known || !matches!(self.profile.phase, Phase::Member | Phase::Removed) {
            return true;
        }
        let Some(phase) = self.admission.take() else {
            self.stop(Problem::Unadmitted);
            return false;
        };
        self.invite_secrets = invite_secrets(&phase);
        self.profile.phase = phase;
        self.session.readmits = false;
        self.persist([StoreOp::Delete(key(Table::Admission, &()))]);
        self.put_profile();
        true
    }

    /// True once the charter has removed this device.
    pub(super) const fn is_removed(&self) -> bool {
        matches!(self.profile.phase, Phase::Removed)
    }
}
