//! Names of the registers of a plan's records, and how their values read.
//!
//! `is` tells what a record is. A task: `name kind parent order duration mode manual accountable notes code imported`,
//! a `moved.<stamp>` for every move ever made and a `progress.<party>.<day>` for every report. A link: `pred succ type
//! lag`. Every record: `live`. Empty text means unset, everywhere.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::record::{RecordId, Value};

pub const IS: &str = "is";
pub const IS_TASK: &str = "task";
pub const IS_LINK: &str = "link";
pub const IS_IMPORT: &str = "import";

pub const NAME: &str = "name";
pub const KIND: &str = "kind";
pub const PARENT: &str = "parent";
pub const ORDER: &str = "order";
pub const DURATION: &str = "duration";
pub const MODE: &str = "mode";
pub const MANUAL: &str = "manual";
pub const ACCOUNTABLE: &str = "accountable";
pub const NOTES: &str = "notes";
pub const CODE: &str = "code";
pub const IMPORTED: &str = "imported";
pub const MOVED: &str = "moved.";
pub const PROGRESS: &str = "progress.";

pub const PRED: &str = "pred";
pub const SUCC: &str = "succ";
pub const TYPE: &str = "type";
pub const LAG: &str = "lag";

pub(crate) use crate::store::LIVE;

/// Whether differing values of the register are a question for people. The others settle by rule: the order of
/// siblings, the log of moves, what stands fixed from creation, and what a file said.
pub(crate) fn is_contestable(field: &str) -> bool {
    !matches!(
        field,
        IS | ORDER | CODE | IMPORTED | PRED | SUCC | TYPE | LIVE
    ) && !field.starts_with(MOVED)
}

/// A record reference; `None` for the top of the outline and for anything that is none.
pub(crate) fn reference(value: &Value) -> Option<RecordId> {
    RecordId::parse(value.as_text()?)
}

pub(crate) fn reference_value(record: Option<RecordId>) -> Value {
    Value::Text(record.map(|r| r.to_string()).unwrap_or_default())
}

/// A composite from its compact JSON; `None` where unset or not understood.
pub(crate) fn composite<T: DeserializeOwned>(value: &Value) -> Option<T> {
    serde_json::from_str(value.as_text()?).ok()
}

/// A composite as compact JSON.
pub(crate) fn composite_value<T: Serialize>(composite: &T) -> Value {
    Value::Text(
        serde_json::to_string(composite)
            .expect("plain structs of texts and numbers always serialise"),
    )
}
