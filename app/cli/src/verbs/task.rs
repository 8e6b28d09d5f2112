//! Tasks are added, set, deleted, restored, linked.

use heqi_domain::plan::{Context as Author, FieldEdit, LinkType, Plan, PlanCommand};
use heqi_domain::quantity::Lag;
use heqi_domain::{Entropy, RecordId};
use heqi_replica::Failure;
use serde_json::json;

use super::editing::{edit, finish};
use super::{field_edit, plan_of};
use crate::answer::Answer;
use crate::context::{Context, today};
use crate::syncing::sync;
use crate::table::Table;
use crate::task_code::{find, find_deleted};
use crate::trouble::{Trouble, Usage};
use heqi_wording::say;

pub(crate) async fn add(
    context: &Context,
    name: &str,
    parent: Option<&str>,
    after: Option<&str>,
) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let plan = plan_of(&shell, context)?;
    let after = after.map(|code| find(plan, code)).transpose()?;
    let parent = match (parent, after) {
        (Some(code), _) => Some(find(plan, code)?.id),
        (None, Some(after)) => after.parent,
        (None, None) => None,
    };
    let command = PlanCommand::AddTask {
        name: name.to_owned(),
        parent,
        after: after.map(|row| row.id),
    };
    let edited = edit(&mut shell, command)?;
    finish(&mut shell, context, edited.changed, &edited.added).await
}

pub(crate) async fn set(
    context: &Context,
    code: &str,
    fields: &[String],
    status_date: Option<&str>,
) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let row = find(plan_of(&shell, context)?, code)?;
    let task = row.id;
    let edits = field_edit::edits(row, fields, status_date)?;
    rehearse(plan_of(&shell, context)?, task, &edits)?;
    let mut changed = false;
    for edit_of in edits {
        let command = PlanCommand::SetField {
            task,
            edit: edit_of,
        };
        changed |= edit(&mut shell, command)?.changed;
    }
    finish(&mut shell, context, changed, &[task]).await
}

pub(crate) async fn delete(context: &Context, codes: &[String]) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let plan = plan_of(&shell, context)?;
    let mut tasks = Vec::new();
    let mut deleted = Vec::new();
    for code in codes {
        let row = find(plan, code)?;
        tasks.push(row.id);
        deleted.push(json!({ "id": row.id.to_string(), "code": row.code, "name": row.name }));
    }
    let edited = edit(&mut shell, PlanCommand::DeleteTasks { tasks })?;
    let synced = sync(&mut shell, context).await?;
    let json = json!({ "changed": edited.changed, "deleted": deleted });
    let text = say!(context.texts, "cli-deleted", count = deleted.len());
    Ok(Answer::new(json, text).synced(&synced, &context.texts))
}

pub(crate) async fn restore(context: &Context, code: &str) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let task = find_deleted(plan_of(&shell, context)?, code)?.id;
    let edited = edit(&mut shell, PlanCommand::Restore { task })?;
    finish(&mut shell, context, edited.changed, &edited.added).await
}

/// Lists what could be restored.
pub(crate) fn deleted(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let deleted = plan_of(&shell, context)?.deleted();
    let mut table = Table::default();
    for task in &deleted {
        table.row([task.code.clone(), task.name.clone()]);
    }
    let listed: Vec<_> = deleted
        .iter()
        .map(|task| json!({ "id": task.id.to_string(), "code": task.code, "name": task.name }))
        .collect();
    Ok(Answer::new(json!({ "deleted": listed }), table.text()))
}

pub(crate) async fn link(
    context: &Context,
    pred: &str,
    succ: &str,
    link_type: LinkType,
    lag: Lag,
) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let plan = plan_of(&shell, context)?;
    let (pred, succ) = (find(plan, pred)?.id, find(plan, succ)?.id);
    let command = PlanCommand::AddLink {
        pred,
        succ,
        link_type,
        lag,
    };
    let edited = edit(&mut shell, command)?;
    finish(&mut shell, context, edited.changed, &[succ]).await
}

pub(crate) async fn unlink(
    context: &Context,
    pred: &str,
    succ: &str,
    link_type: Option<LinkType>,
) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let plan = plan_of(&shell, context)?;
    let (pred, succ) = (find(plan, pred)?, find(plan, succ)?);
    let codes = || (pred.code.clone(), succ.code.clone());
    let mut links = succ.predecessors.iter().filter(|link| {
        link.task == pred.id && link_type.is_none_or(|wanted| wanted == link.link_type)
    });
    let Some(link) = links.next() else {
        let (pred, succ) = codes();
        return Err(Usage::NoLink { pred, succ }.into());
    };
    if links.next().is_some() {
        let (pred, succ) = codes();
        return Err(Usage::SeveralLinks { pred, succ }.into());
    }
    let (succ, command) = (succ.id, PlanCommand::RemoveLink { link: link.link });
    let edited = edit(&mut shell, command)?;
    finish(&mut shell, context, edited.changed, &[succ]).await
}

/// Has every edit judged before the first is made, so that none is made where one is refused.
fn rehearse(plan: &Plan, task: RecordId, edits: &[FieldEdit]) -> Result<(), Trouble> {
    for edit in edits {
        let command = PlanCommand::SetField {
            task,
            edit: edit.clone(),
        };
        let mut author = Author {
            entropy: &mut Nothing,
            party_code: "A",
            today: today(),
        };
        plan.command(&command, &mut author).map_err(Failure::from)?;
    }
    Ok(())
}

/// Entropy for writes that are thrown away.
struct Nothing;

impl Entropy for Nothing {
    fn bytes16(&mut self) -> [u8; 16] {
        [0; 16]
    }
}
