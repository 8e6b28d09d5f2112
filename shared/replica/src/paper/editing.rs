//! Own edits of a document: made by the rule that all hold them to, or not at all.

use automerge::{ActorId, ChangeHash};
use heqi_domain::Write;
use heqi_protocol::{DeviceId, StreamId, encode};

use super::{Paper, actor_id, validator};
use crate::document::{Document, Fresh};
use crate::seal::Made;
use crate::store::{Ordered, StoreOp, Table, key};
use crate::validate::{Refused, Verdict};

impl Paper {
    /// Makes a change of each of `chunks` and tells the rows that keep them; nothing where nothing would change, and
    /// nothing of any where others would refuse one.
    pub(crate) fn edit(
        &mut self,
        chunks: &[&[Write]],
        seen: &[ChangeHash],
        device: DeviceId,
        draw: &mut dyn FnMut() -> StreamId,
    ) -> Result<Vec<StoreOp>, Refused> {
        let before = (chunks.len() > 1).then(|| self.document.clone());
        let numbers = (self.unsealed_next, self.journal_next);
        let mut seen = seen.to_vec();
        let mut ops = Vec::new();
        for chunk in chunks {
            let heads = self.document.heads();
            match self.edit_once(chunk, &seen, device, draw) {
                Ok(more) => ops.extend(more),
                Err(refused) => {
                    if let Some(before) = before {
                        self.take_back(before, numbers, chunks);
                    }
                    return Err(refused);
                }
            }
            // The next chunk follows what its author saw and the chunks before it.
            if seen == heads {
                seen = self.document.heads();
            }
        }
        Ok(ops)
    }

    fn edit_once(
        &mut self,
        writes: &[Write],
        seen: &[ChangeHash],
        device: DeviceId,
        draw: &mut dyn FnMut() -> StreamId,
    ) -> Result<Vec<StoreOp>, Refused> {
        let (heads, fresh) = self.document.heads_for(writes, seen);
        let usual = *self.made_in.get_or_insert_with(&mut *draw);
        let made_in = match fresh {
            Fresh::Needed => draw(),
            Fresh::NotNeeded => usual,
        };
        let id = actor_id(device, made_in);
        let place = self.validator.place(&id, &heads);
        let actor = ActorId::from(id.as_slice());
        let Some(change) = self.document.change(writes, &heads, place, actor) else {
            return Ok(Vec::new());
        };
        let own = |candidate: &[u8]| candidate == id;
        let automerge = self.document.automerge();
        let verdict = self.validator.check(automerge, change.raw_bytes(), &own)?;
        debug_assert!(matches!(verdict, Verdict::Valid(_)), "{verdict:?}");
        let applied = self.apply_valid();
        let mut ops = applied.map_err(|error| Refused::Automerge {
            reason: error.to_string(),
        })?;
        let made = Made {
            made_in,
            change: heqi_protocol::Bytes::new(change.raw_bytes().to_vec())
                .expect("a change that was found valid is no longer than an envelope"),
        };
        let number = self.unsealed_next;
        self.unsealed_next += 1;
        let place = (self.id, Ordered::new(number));
        ops.push(StoreOp::Put(key(Table::Unsealed, &place), encode(&made)));
        ops.push(StoreOp::Put(key(Table::Actor, &id), encode(&device)));
        self.unsealed.insert(number, made);
        Ok(ops)
    }

    /// Goes back to a document from before edits of `chunks` that are not kept, and to the numbers from before them.
    fn take_back(
        &mut self,
        document: Document,
        (unsealed, journal): (u64, u64),
        chunks: &[&[Write]],
    ) {
        self.document = document;
        self.validator = validator(&self.document);
        self.unsealed.split_off(&unsealed);
        self.unsealed_next = unsealed;
        self.journal.split_off(&journal);
        self.journal_next = journal;
        let writes = chunks.iter().copied().flatten();
        let touched = writes.map(|write| (write.record, write.field.clone()));
        self.settle(&touched.collect());
    }

    /// Forgets own edits that no relay has acknowledged, and makes the document anew without them.
    pub(crate) fn let_go(&mut self) -> Vec<StoreOp> {
        let mut ops = Vec::new();
        for number in std::mem::take(&mut self.outbox).into_keys() {
            ops.push(StoreOp::Delete(key(Table::Outbox, &Ordered::new(number))));
        }
        for number in std::mem::take(&mut self.unsealed).into_keys() {
            let place = (self.id, Ordered::new(number));
            ops.push(StoreOp::Delete(key(Table::Unsealed, &place)));
        }
        self.seal_at = None;
        self.stream = None;
        self.barred = false;
        ops.extend(self.unmake());
        ops
    }
}
