//! Values of a record's `live` register: by whose hand it lives or is gone.
//!
//! `live:<fresh>` and `deleted:<fresh>` are a person's. What nobody but imports touched bears their ids instead, and
//! lives as long as one of them stands:
//! - `live:import:<imports>` where an import made it, `live:import:<imports>:<fresh>` where one came back to it;
//! - `deleted:import:<imports>:<fresh>` where it went with the undo of an import;
//! - `deleted:left:<import>:<imports>:<fresh>` where the file of an import no longer had it.

use crate::record::{Entropy, RecordId, Value};

const LIVE: &str = "live:";
const DELETED: &str = "deleted:";
/// Begins the stamp of a record that nobody but an import ever touched.
const BY_IMPORT: &str = "live:import:";
/// Begins the stamp of what went because its import was undone.
const UNDONE: &str = "deleted:import:";
/// Begins the stamp of what left the file of an import.
const LEFT: &str = "deleted:left:";
/// A record remembers as many imports, the latest of them.
const IMPORTS_MAX: usize = 8;

/// The stamp of an import, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportStamp {
    pub hand: ImportHand,
    /// The imports that the record lives with, the latest last.
    pub imports: Vec<RecordId>,
}

/// What an import did to the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ImportHand {
    Made,
    CameBack,
    Undone,
    /// The file of this import no longer had it.
    Left(RecordId),
}

impl ImportStamp {
    /// `None` for the stamp of a person.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let text = value.as_text()?;
        let (hand, rest) = if let Some(rest) = text.strip_prefix(BY_IMPORT) {
            match rest.contains(':') {
                true => (ImportHand::CameBack, rest),
                false => (ImportHand::Made, rest),
            }
        } else if let Some(rest) = text.strip_prefix(UNDONE) {
            (ImportHand::Undone, rest)
        } else {
            let (by, rest) = text.strip_prefix(LEFT)?.split_once(':')?;
            (ImportHand::Left(RecordId::parse(by)?), rest)
        };
        let imports = rest.split(':').next().unwrap_or_default().split(',');
        let imports = imports.filter_map(RecordId::parse).collect();
        Some(Self { hand, imports })
    }

    /// The stamp of what `import` makes: equal for all records of one import.
    pub(crate) fn made_by(import: RecordId) -> Value {
        Value::Text(format!("{BY_IMPORT}{import}"))
    }

    pub(crate) fn live(imports: &[RecordId], fresh: &str) -> Value {
        Value::Text(format!("{BY_IMPORT}{}:{fresh}", listed(imports)))
    }

    pub(crate) fn undone(imports: &[RecordId], fresh: &str) -> Value {
        Value::Text(format!("{UNDONE}{}:{fresh}", listed(imports)))
    }

    pub(crate) fn left(by: RecordId, imports: &[RecordId], fresh: &str) -> Value {
        Value::Text(format!("{LEFT}{by}:{}:{fresh}", listed(imports)))
    }

    /// What any import's making of a record amounts to, whichever import it was: imports of one file say the same.
    pub(crate) fn any_made() -> Value {
        Value::text(BY_IMPORT)
    }
}

fn listed(imports: &[RecordId]) -> String {
    let latest = &imports[imports.len().saturating_sub(IMPORTS_MAX)..];
    let texts: Vec<String> = latest.iter().map(RecordId::to_string).collect();
    texts.join(",")
}

pub(crate) fn is_deleted_stamp(value: &Value) -> bool {
    value.as_text().is_some_and(|t| t.starts_with(DELETED))
}

/// Whether nobody but an import ever touched the record.
pub(crate) fn is_live_by_import(value: &Value) -> bool {
    value.as_text().is_some_and(|t| t.starts_with(BY_IMPORT))
}

/// Whether the record went with the undo of an import, or with the file of one.
pub(crate) fn is_gone_by_import(value: &Value) -> bool {
    let is_by_import = |t: &str| t.starts_with(UNDONE) || t.starts_with(LEFT);
    value.as_text().is_some_and(is_by_import)
}

/// A stamp that nobody else draws, so that it is never equal to what it overwrites.
pub(crate) fn fresh_stamp(entropy: &mut dyn Entropy) -> String {
    data_encoding::BASE64URL_NOPAD.encode(&entropy.bytes16()[..12])
}

pub(crate) fn live_value(fresh: &str) -> Value {
    Value::Text(format!("{LIVE}{fresh}"))
}

pub(crate) fn deleted_value(fresh: &str) -> Value {
    Value::Text(format!("{DELETED}{fresh}"))
}
