//! Tasks change their place in the outline.

use heqi_domain::plan::{Plan, PlanCommand, Position};

use super::editing::{edit, finish};
use super::plan_of;
use crate::answer::Answer;
use crate::args::Move;
use crate::context::Context;
use crate::task_code::find;
use crate::trouble::Trouble;

pub(crate) async fn relocate(context: &Context, to: &Move) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let task = find(plan_of(&shell, context)?, &to.code)?.id;
    let command = command(plan_of(&shell, context)?, to)?;
    let edited = edit(&mut shell, command)?;
    finish(&mut shell, context, edited.changed, &[task]).await
}

fn command(plan: &Plan, to: &Move) -> Result<PlanCommand, Trouble> {
    let task = find(plan, &to.code)?.id;
    let place = |code: &Option<String>| code.as_deref().map(|code| find(plan, code)).transpose();
    let position = if let Some(row) = place(&to.under)? {
        Position::LastIn(Some(row.id))
    } else if let Some(row) = place(&to.before)? {
        Position::Before(row.id)
    } else if let Some(row) = place(&to.after)? {
        Position::After(row.id)
    } else if to.up {
        return Ok(PlanCommand::MoveUp { task });
    } else if to.down {
        return Ok(PlanCommand::MoveDown { task });
    } else if to.indent {
        return Ok(PlanCommand::Indent { task });
    } else if to.outdent {
        return Ok(PlanCommand::Outdent { task });
    } else {
        Position::LastIn(None)
    };
    Ok(PlanCommand::MoveTask { task, to: position })
}
