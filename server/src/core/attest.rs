//! Acknowledgements shown to the relay that made them.

use heqi_protocol::frame::Attested;
use heqi_protocol::handshake::Who;
use heqi_protocol::log::CharterAck;
use heqi_protocol::{Ack, Incarnation, Misbehaviour, VentureId};

use super::connection::Sender;
use super::{Core, Stop};
use crate::log::StoreError;

impl Core {
    /// Starts a new incarnation where the store does not bear out what it acknowledged.
    pub(super) fn attest(&mut self, sender: Sender, attested: &Attested) -> Result<(), Stop> {
        if matches!(sender.who, Who::Founder(_)) {
            return Err(Misbehaviour::OutOfTurn.into());
        }
        let forged = |_| Misbehaviour::ForgedAck;
        let (incarnation, is_lost) = match attested {
            Attested::Log(ack) => {
                if ack.venture != sender.venture {
                    return Err(Misbehaviour::OtherVenture.into());
                }
                ack.verify(self.relay_key()).map_err(forged)?;
                (ack.incarnation, self.has_lost_log(ack)?)
            }
            Attested::Charter(ack) => {
                ack.verify(sender.venture, self.relay_key())
                    .map_err(forged)?;
                let is_lost = self.has_lost_charter(sender.venture, ack)?;
                (ack.incarnation, is_lost)
            }
        };
        if is_lost {
            self.reincarnate_after(incarnation);
        }
        Ok(())
    }

    /// True where the acknowledgement is of this incarnation and the charter lacks its entry, or is of one still to come.
    pub(super) fn has_lost_charter(
        &mut self,
        venture: VentureId,
        ack: &CharterAck,
    ) -> Result<bool, StoreError> {
        if ack.incarnation != self.facts.incarnation {
            return Ok(ack.incarnation > self.facts.incarnation);
        }
        self.load_venture(venture)?;
        let venture = self.ventures.get(&venture);
        let head = venture.and_then(|venture| venture.charter.head_at(ack.position));
        Ok(head != Some(ack.head))
    }

    /// Notes that the store has lost something of that incarnation, which may be later than its own.
    pub(super) fn reincarnate_after(&mut self, lost: Incarnation) {
        let number = lost.number.max(self.facts.incarnation.number);
        let above = self.batch.reincarnate_above;
        self.batch.reincarnate_above = Some(above.map_or(number, |above| above.max(number)));
    }

    fn has_lost_log(&mut self, ack: &Ack) -> Result<bool, StoreError> {
        if ack.incarnation != self.facts.incarnation {
            return Ok(ack.incarnation > self.facts.incarnation);
        }
        self.load_venture(ack.venture)?;
        if !self.load_document(ack.document, ack.venture)? {
            // What the charter has deleted is gone by right, whatever was said of it before.
            return Ok(ack.point.seq > 0 && !self.is_deleted_anywhere(ack.venture, ack.document));
        }
        let chain = self.chain_at(ack.document, ack.point.seq)?;
        Ok(chain != Some(ack.point.chain))
    }
}
