//! Documents that the charter deletes: nobody reads them any more, and their log goes from disk bit by bit.

use heqi_protocol::{DocumentId, Space, VentureId};

use super::Core;
use super::document::Document;
use crate::log::{Freed, StoreError};

impl Core {
    /// Stages what a commit that deletes documents does to the store.
    pub(super) fn stage_deletions(&mut self) -> Result<(), StoreError> {
        let deleted = std::mem::take(&mut self.batch.deleted);
        for (venture, id) in deleted {
            self.load_venture(venture)?;
            if !self.load_document(id, venture)? {
                continue;
            }
            // An entry may name another space than the document is in.
            let space = self.documents.get(&id).map(Document::space);
            if space.is_some_and(|space| self.is_deleted(venture, space, id)) {
                self.stage_deletion(venture, id);
            }
        }
        self.batch.staged.dropping = self.dropping.front().copied();
        Ok(())
    }

    fn stage_deletion(&mut self, id: VentureId, document: DocumentId) {
        let (Some(venture), Some(found)) =
            (self.ventures.get_mut(&id), self.documents.remove(&document))
        else {
            return;
        };
        venture.row.documents = venture.row.documents.saturating_sub(1);
        self.batch.ventures.insert(id);
        self.batch.touched.remove(&document);
        self.batch.opened.retain(|opened| *opened != document);
        let row = (document, found.row, id);
        self.batch.staged.dropped.push(row);
    }

    /// Notes what a commit has deleted, and what it has freed.
    pub(super) fn note_freed(&mut self, freed: Freed) {
        let dropped = self.batch.staged.dropped.iter();
        self.dropping.extend(dropped.map(|(_, row, _)| row.no));
        self.tally.dropped += self.batch.staged.dropped.len() as u64;
        if let Some(venture) = freed.venture.and_then(|id| self.ventures.get_mut(&id)) {
            venture.row.bytes = venture.row.bytes.saturating_sub(freed.bytes);
        }
        if freed.is_done {
            self.dropping.pop_front();
        }
    }

    pub(super) fn is_deleted(
        &self,
        venture: VentureId,
        space: Space,
        document: DocumentId,
    ) -> bool {
        let venture = self.ventures.get(&venture);
        venture.is_some_and(|venture| venture.charter.is_deleted_in(space, document))
    }

    /// The same of a document whose space is not known any more.
    pub(super) fn is_deleted_anywhere(&self, id: VentureId, document: DocumentId) -> bool {
        let venture = self.ventures.get(&id);
        venture.is_some_and(|venture| {
            let mut spaces = venture.charter.spaces().keys();
            spaces.any(|space| venture.charter.is_deleted_in(*space, document))
        })
    }
}
