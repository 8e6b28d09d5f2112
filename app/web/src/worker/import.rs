//! Importing a file of Microsoft Project, with progress.

use std::rc::Rc;

use heqi_domain::mspdi::{self, MspdiError};
use heqi_domain::plan::PlanCommand;
use heqi_replica::{Reply as Replied, Request};

use super::hub::{Hub, TabId};
use super::scope;
use crate::wire::{Failure, ImportProblem, Imported, Progress, Push, Reply, Stage};

/// Reads the file and brings it into the open plan; nothing is changed where it is refused.
pub(super) async fn import(
    hub: &Rc<Hub>,
    (tab, id): (TabId, u32),
    name: &str,
    bytes: Vec<u8>,
) -> Result<Reply, Failure> {
    let venture = hub.venture_of(tab).await?;
    let tell = |stage, done, total| {
        let progress = Progress { stage, done, total };
        let request = id;
        hub.tell(tab, Push::Progress { request, progress });
    };
    tell(Stage::Reading, 0, bytes.len() as u64);
    let mut steps = Steps::default();
    let plan = mspdi::read_with(&bytes, name, &mut |done, total| {
        if steps.is_due(done, total) {
            tell(Stage::Reading, done, total);
        }
    });
    // The file may be large, and is not needed any more.
    drop(bytes);
    let plan = plan.map_err(|refused| Failure::Import(problem(&refused)))?;
    let report = plan.report.clone();
    tell(Stage::Applying, 0, 0);
    let command = PlanCommand::Import {
        plan: Box::new(plan),
    };
    let request = Request::Plan {
        space: heqi_protocol::Space::Plan,
        seen: Vec::new(),
        command,
        today: scope::today(),
    };
    match venture.ask(request).await? {
        (Replied::Imported(outcome), _) => Ok(Reply::Imported(Box::new(Imported {
            report,
            outcome: *outcome,
        }))),
        _ => Err(Failure::Defect {
            detail: "an import was not answered as one".into(),
        }),
    }
}

fn problem(refused: &MspdiError) -> ImportProblem {
    match refused.reason {
        mspdi::Reason::TooLarge { max, .. } => ImportProblem::TooBig { bytes_max: max },
        ref reason => ImportProblem::Refused {
            line: Some(refused.line),
            key: refused.key().to_owned(),
            args: args(refused),
            reason: reason.to_string(),
        },
    }
}

fn args(refused: &MspdiError) -> Vec<(String, String)> {
    let args = refused.args().into_iter();
    args.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Lets one report in a hundredth of the whole through.
#[derive(Default)]
struct Steps {
    told: u64,
}

impl Steps {
    fn is_due(&mut self, done: u64, total: u64) -> bool {
        let due = done >= self.told + (total / 100).max(1);
        if due {
            self.told = done;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_told_at_most_a_hundred_times() {
        let mut steps = Steps::default();
        let told = (0..=10_000).filter(|done| steps.is_due(*done, 10_000));
        assert_eq!(told.count(), 100);
        let mut steps = Steps::default();
        assert!(!steps.is_due(0, 3) && steps.is_due(1, 3) && !steps.is_due(1, 3));
    }

    #[test]
    fn a_refusal_tells_line_and_reason() {
        let refused = mspdi::read(b"<Project>\n<<", "x.xml").unwrap_err();
        let told = problem(&refused);
        assert!(
            matches!(told, ImportProblem::Refused { line: Some(_), ref reason, .. } if !reason.is_empty())
        );
    }
}
