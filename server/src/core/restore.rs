//! Log entries that somebody brings back.

use heqi_protocol::frame::NackReason;
use heqi_protocol::{DocumentId, Misbehaviour};

use super::append::Admission;
use super::connection::Sender;
use super::{Core, Stop};
use crate::admission::Verdict;
use crate::request::Restored;

impl Core {
    /// Appends in the order given what the log has not, under the charter position each had, if its author may append it
    /// now or it was shown to have been acknowledged. Where nothing stands after
    /// the common prefix yet, entries come back to their old places with their old chain.
    pub(super) fn restore(
        &mut self,
        sender: Sender,
        id: DocumentId,
        entries: Vec<Restored>,
    ) -> Result<(), Stop> {
        let device = sender.device()?;
        for restored in entries {
            let header = &restored.envelope.header;
            if header.venture != sender.venture {
                return Err(Misbehaviour::OtherVenture.into());
            }
            if header.document != id {
                return Err(Misbehaviour::WrongDocument.into());
            }
            let venture = self.ventures.get(&sender.venture);
            if !venture.is_some_and(|it| it.charter.may_read(device, header.space)) {
                self.nack(sender, header, NackReason::Forbidden);
                continue;
            }
            self.bring_back(sender, restored)?;
        }
        if self.load_document(id, sender.venture)? {
            self.ack_due(sender, id);
        }
        Ok(())
    }

    fn bring_back(&mut self, sender: Sender, restored: Restored) -> Result<(), Stop> {
        let Restored {
            seq,
            charter_position,
            envelope,
        } = restored;
        let admission = Admission::Recorded {
            seq,
            charter_position,
        };
        match self.judge(&envelope, admission)? {
            Verdict::Admit if !self.may_come_back(sender, &envelope, charter_position) => {
                self.nack(sender, &envelope.header, NackReason::Forbidden);
            }
            Verdict::Admit => {
                self.tally.restored += 1;
                self.admit(sender, envelope, admission)?;
            }
            Verdict::Known => {}
            Verdict::Nack(reason) => self.nack(sender, &envelope.header, reason),
            // Whoever signed it broke the protocol, not whoever brings it.
            Verdict::Equivocation(first) => self.keep_proof(first, &envelope)?,
            Verdict::Misbehaved(_) => self.nack(sender, &envelope.header, NackReason::Forbidden),
        }
        Ok(())
    }
}
