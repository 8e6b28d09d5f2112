//! What all edits have in common: asked of the replica, saved, then exchanged.

use heqi_domain::RecordId;
use heqi_domain::plan::{ImportOutcome, PlanCommand};
use heqi_replica::{Heads, Reply, Request};
use serde_json::json;

use super::{TaskJson, plan_of};
use crate::answer::Answer;
use crate::context::{Context, today};
use crate::shell::Shell;
use crate::syncing::sync;
use crate::trouble::Trouble;
use heqi_wording::say;

/// What commands did.
#[derive(Debug, Default)]
pub(crate) struct Edited {
    pub(crate) changed: bool,
    /// Tasks that came into the plan.
    pub(crate) added: Vec<RecordId>,
    /// What an import did.
    pub(crate) imported: Option<ImportOutcome>,
}

/// Carries out a command on the plan as it stands, and saves it.
pub(crate) fn edit(shell: &mut Shell, command: PlanCommand) -> Result<Edited, Trouble> {
    let before = shell.replica().heads_of(shell.space());
    shell.news();
    shell.in_venture()?;
    let space = shell.space();
    let request = Request::Plan {
        space,
        seen: Heads::new(),
        command,
        today: today(),
    };
    // A command on the plan is answered at once; only what needs the relay is answered later.
    let imported = match shell.ask(request)?.transpose()? {
        Some(Reply::Imported(outcome)) => Some(*outcome),
        _ => None,
    };
    let views = shell.news().views;
    let added = views
        .iter()
        .filter(|view| view.space == space)
        .flat_map(|view| &view.diff.splices)
        .flat_map(|splice| splice.inserted.iter().copied())
        .collect();
    Ok(Edited {
        changed: shell.replica().heads_of(shell.space()) != before,
        added,
        imported,
    })
}

/// Exchanges with the relay and answers with the tasks as they stand then.
pub(crate) async fn finish(
    shell: &mut Shell,
    context: &Context,
    changed: bool,
    tasks: &[RecordId],
) -> Result<Answer, Trouble> {
    let synced = sync(shell, context).await?;
    let plan = plan_of(shell, context)?;
    let rows: Vec<_> = tasks.iter().filter_map(|task| plan.row(*task)).collect();
    let json = json!({
        "changed": changed,
        "tasks": rows.iter().map(|row| TaskJson::of(row)).collect::<Vec<_>>(),
    });
    let text = if changed {
        super::plan::table(context, rows.into_iter())
    } else {
        say!(context.texts, "cli-unchanged")
    };
    Ok(Answer::new(json, text).synced(&synced, &context.texts))
}
