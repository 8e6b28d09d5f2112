//! The twin of [`PlanCommand`], and of what commands hold.

use heqi_domain::plan::{
    Choice, ConflictId, FieldEdit, LinkType, ManualDates, Mode, PlanCommand, Position, TaskKind,
};
use heqi_domain::quantity::{Duration, Lag, TimeUnit};
use heqi_domain::time::{Date, LocalDateTime};
use heqi_domain::{Op, RecordId};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
#[serde(remote = "PlanCommand")]
pub(crate) enum CommandTwin {
    AddTask {
        name: String,
        parent: Option<RecordId>,
        after: Option<RecordId>,
    },
    SetField {
        task: RecordId,
        #[serde(with = "EditTwin")]
        edit: FieldEdit,
    },
    MoveTask {
        task: RecordId,
        to: Position,
    },
    Indent {
        task: RecordId,
    },
    Outdent {
        task: RecordId,
    },
    MoveUp {
        task: RecordId,
    },
    MoveDown {
        task: RecordId,
    },
    DeleteTasks {
        tasks: Vec<RecordId>,
    },
    Restore {
        task: RecordId,
    },
    AddLink {
        pred: RecordId,
        succ: RecordId,
        link_type: LinkType,
        #[serde(with = "LagTwin")]
        lag: Lag,
    },
    SetLink {
        link: RecordId,
        link_type: LinkType,
        #[serde(with = "LagTwin")]
        lag: Lag,
    },
    RemoveLink {
        link: RecordId,
    },
    Resolve {
        conflict: ConflictId,
        #[serde(with = "ChoiceTwin")]
        choice: Choice,
    },
    // A tab hands over the file; the worker alone makes a plan of it.
    #[serde(skip)]
    Import {
        plan: Box<heqi_domain::import::ImportedPlan>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FieldEdit")]
enum EditTwin {
    Name(String),
    Kind(TaskKind),
    #[serde(with = "optional_duration")]
    Duration(Option<Duration>),
    Mode(Mode),
    #[serde(with = "ManualTwin")]
    Manual(ManualDates),
    Percent {
        percent: u8,
        status_date: Option<Date>,
    },
    Accountable(String),
    Notes(String),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Choice")]
enum ChoiceTwin {
    Take(Op),
    #[serde(with = "EditTwin")]
    Write(FieldEdit),
    Keep,
    Delete,
    AcceptPlacement,
    ApplyMove,
    RemoveLink(RecordId),
    AcceptCode,
    AgreePercent(u8),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "ManualDates")]
struct ManualTwin {
    start: Option<LocalDateTime>,
    finish: Option<LocalDateTime>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Lag")]
enum LagTwin {
    Time {
        minutes: i64,
        unit: TimeUnit,
        elapsed: bool,
    },
    Percent {
        percent: i32,
        elapsed: bool,
    },
}

/// A duration that may be unset, field by field.
mod optional_duration {
    use heqi_domain::quantity::{Duration, TimeUnit};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Fields = Option<(i64, TimeUnit, bool, bool)>;

    pub(super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let fields: Fields = duration.map(|d| (d.minutes, d.unit, d.elapsed, d.estimated));
        fields.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let fields = Fields::deserialize(deserializer)?;
        Ok(fields.map(|(minutes, unit, elapsed, estimated)| Duration {
            minutes,
            unit,
            elapsed,
            estimated,
        }))
    }
}
