//! Dependencies between tasks. One is identified by what it ties, so that two people who add the same add one.

use super::field::{IS, IS_LINK, LAG, PRED, SUCC, TYPE, composite, reference};
use super::task::LinkType;
use crate::quantity::Lag;
use crate::record::{Op, RecordId};
use crate::store::Store;

/// A dependency as its registers tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub pred: RecordId,
    pub succ: RecordId,
    pub link_type: LinkType,
    pub lag: Lag,
    pub live: bool,
    /// The operation that first made it; loops are opened at the latest made.
    pub made: Op,
}

/// The identity of the dependency between two tasks of one type.
pub fn link_id(pred: RecordId, succ: RecordId, link_type: LinkType) -> RecordId {
    let parts: [&[u8]; 3] = [&pred.0, &succ.0, link_type.as_str().as_bytes()];
    RecordId::derived("heqi link", &parts)
}

impl Link {
    /// Reads a link; `None` for another record, and for one whose content is not what its id is a digest of.
    pub(crate) fn read(store: &Store, id: RecordId) -> Option<Self> {
        let is = store.register(id, IS)?;
        if is.value()?.as_text() != Some(IS_LINK) {
            return None;
        }
        let pred = reference(store.value(id, PRED)?)?;
        let succ = reference(store.value(id, SUCC)?)?;
        let link_type = LinkType::parse(store.text(id, TYPE)?)?;
        if link_id(pred, succ, link_type) != id {
            return None;
        }
        let lag = store.value(id, LAG).and_then(composite::<Lag>);
        Some(Self {
            pred,
            succ,
            link_type,
            lag: lag.and_then(Lag::valid).unwrap_or(Lag::NONE),
            live: store.is_live(id),
            made: is.first_op()?,
        })
    }
}
