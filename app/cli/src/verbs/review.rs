//! The merge review: what met, and how it is decided.

use heqi_domain::plan::{
    Choice, Conflict, ConflictKind, LinkType, Plan, PlanCommand, Rejected, field, typed,
};
use heqi_domain::quantity::Lag;
use heqi_domain::{RecordId, Value};
use heqi_replica::Failure;
use serde_json::{Value as Json, json};

use super::editing::edit;
use super::plan_of;
use crate::answer::Answer;
use crate::args::Resolve;
use crate::context::Context;
use crate::syncing::sync;
use crate::trouble::{Trouble, Usage};
use heqi_wording::conflict::who;
use heqi_wording::{Texts, say};

/// Digits of an item's handle at least.
const HANDLE_DIGITS_MIN: usize = 4;

pub(crate) fn conflicts(context: &Context) -> Result<Answer, Trouble> {
    let shell = context.open()?;
    let plan = plan_of(&shell, context)?;
    let texts = &context.texts;
    let items = in_order(plan);
    let json = items.iter().map(|item| item_json(texts, plan, item));
    let json: Vec<Json> = json.collect();
    let text = if items.is_empty() {
        say!(texts, "merge-empty")
    } else {
        items
            .iter()
            .map(|item| item_text(texts, plan, item))
            .collect()
    };
    Ok(Answer::new(json!({ "conflicts": json }), text))
}

pub(crate) async fn resolve(context: &Context, wanted: &Resolve) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let plan = plan_of(&shell, context)?;
    let conflict = find(plan, &wanted.item)?;
    let decided = json!({
        "id": conflict.id.to_string(),
        "sentence": sentence(&context.texts, plan, conflict),
    });
    let title = plan.title(conflict.task);
    let command = command(plan, conflict, wanted)?;
    let edited = edit(&mut shell, command)?;
    let synced = sync(&mut shell, context).await?;
    let open = plan_of(&shell, context)?.conflicts().count();
    let json = json!({ "changed": edited.changed, "resolved": decided, "conflicts": open });
    let text = say!(context.texts, "cli-resolved", task = title, count = open);
    Ok(Answer::new(json, text).synced(&synced, &context.texts))
}

/// All items by the place of their task in the outline, so that equal plans number them alike.
fn in_order(plan: &Plan) -> Vec<&Conflict> {
    let place = |conflict: &Conflict| {
        let order = plan.order().iter();
        let place = order.clone().position(|task| *task == conflict.task);
        (place.unwrap_or(usize::MAX), conflict.id)
    };
    let mut items: Vec<_> = plan.conflicts().collect();
    items.sort_by_cached_key(|conflict| place(conflict));
    items
}

/// What an item is called on the command line: the first digits of its id, which stay when others are decided.
fn handle(plan: &Plan, conflict: &Conflict) -> String {
    let own = hex(conflict);
    let fits = |digits: usize| {
        let others = plan.conflicts().filter(|other| other.id != conflict.id);
        others
            .map(hex)
            .all(|other| other[..digits] != own[..digits])
    };
    let digits = (HANDLE_DIGITS_MIN..own.len()).find(|digits| fits(*digits));
    own[..digits.unwrap_or(own.len())].to_owned()
}

/// The item whose digits begin like that, if it is one alone, or the item of that id.
fn find<'a>(plan: &'a Plan, text: &str) -> Result<&'a Conflict, Usage> {
    let text = text.trim();
    let digits = text.to_ascii_lowercase();
    let long_enough = digits.len() >= HANDLE_DIGITS_MIN;
    let mut fitting = plan.conflicts().filter(|conflict| {
        (long_enough && hex(conflict).starts_with(&digits)) || conflict.id.to_string() == text
    });
    match (fitting.next(), fitting.next()) {
        (Some(conflict), None) => Ok(conflict),
        _ => Err(Usage::UnknownItem(text.to_owned())),
    }
}

/// The id as hexadecimal digits: nothing in it looks like an option, and case does not matter.
fn hex(conflict: &Conflict) -> String {
    let bytes = conflict.id.0.0;
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn command(plan: &Plan, conflict: &Conflict, wanted: &Resolve) -> Result<PlanCommand, Trouble> {
    let choice = if let Some(side) = wanted.take {
        take(conflict, side)?
    } else if let Some(value) = &wanted.write {
        return write(plan, conflict, value);
    } else if wanted.keep {
        Choice::Keep
    } else if wanted.delete {
        Choice::Delete
    } else if wanted.accept_placement {
        Choice::AcceptPlacement
    } else if wanted.apply_move {
        Choice::ApplyMove
    } else if let Some(link) = wanted.remove_link {
        remove_link(conflict, link)?
    } else if let Some(percent) = wanted.agree {
        Choice::AgreePercent(percent)
    } else {
        Choice::AcceptCode
    };
    Ok(PlanCommand::Resolve {
        conflict: conflict.id,
        choice,
    })
}

fn take(conflict: &Conflict, side: u16) -> Result<Choice, Usage> {
    let sides = match &conflict.kind {
        ConflictKind::Field { sides, .. } => sides.as_slice(),
        _ => &[],
    };
    let index = usize::from(side).checked_sub(1);
    let taken = index.and_then(|index| sides.get(index));
    let taken = taken.ok_or(Usage::NoSide(side))?;
    Ok(Choice::Take(taken.who.op))
}

fn remove_link(conflict: &Conflict, number: u16) -> Result<Choice, Usage> {
    let mut links = looped(conflict).into_iter();
    let link = links.nth(usize::from(number.saturating_sub(1)));
    link.map(Choice::RemoveLink).ok_or(Usage::NoSide(number))
}

/// The dependencies of a loop, the suspended one first; empty for other kinds.
fn looped(conflict: &Conflict) -> Vec<RecordId> {
    let ConflictKind::LinkSuspended { links, .. } = &conflict.kind else {
        return Vec::new();
    };
    let others = links.iter().map(|(link, _)| *link);
    std::iter::once(conflict.record).chain(others).collect()
}

/// A value of one's own. The lag of a dependency has a command of its own, which settles it like any edit.
fn write(plan: &Plan, conflict: &Conflict, given: &str) -> Result<PlanCommand, Trouble> {
    let ConflictKind::Field { field, .. } = &conflict.kind else {
        let conflict = conflict.id;
        return Err(Failure::from(Rejected::ChoiceDoesNotFit { conflict }).into());
    };
    let unfit = || Usage::BadValue {
        field: field.clone(),
        value: given.chars().take(60).collect(),
    };
    if field == field::LAG {
        let link_type = link_type(plan, conflict).ok_or_else(unfit)?;
        return Ok(PlanCommand::SetLink {
            link: conflict.record,
            link_type,
            lag: Lag::parse(given).ok_or_else(unfit)?,
        });
    }
    let edit = typed::edit(field, given).ok_or_else(unfit)?;
    Ok(PlanCommand::Resolve {
        conflict: conflict.id,
        choice: Choice::Write(edit),
    })
}

fn link_type(plan: &Plan, conflict: &Conflict) -> Option<LinkType> {
    let row = plan.row(conflict.task)?;
    let mut links = row.predecessors.iter();
    let link = links.find(|link| link.link == conflict.record)?;
    Some(link.link_type)
}

/// What met what, in one sentence.
pub(crate) fn sentence(texts: &Texts, plan: &Plan, conflict: &Conflict) -> String {
    heqi_wording::conflict::sentence(texts, conflict, &|task| plan.title(task))
}

fn value(texts: &Texts, plan: &Plan, field: &str, value: Option<&Value>) -> String {
    heqi_wording::field::value(texts, field, value, &|task| plan.title(task))
}

fn item_json(texts: &Texts, plan: &Plan, conflict: &Conflict) -> Json {
    let row = plan.row(conflict.task);
    json!({
        "id": conflict.id.to_string(),
        "handle": handle(plan, conflict),
        "type": conflict.kind.key().trim_start_matches("conflict-"),
        "task": row.map(|row| &row.code),
        "task_id": conflict.task.to_string(),
        "severity": conflict.severity,
        "sentence": sentence(texts, plan, conflict),
        "choices": choices(conflict),
        "values": values(texts, plan, conflict),
        "links": looped(conflict).into_iter().map(|link| link_words(plan, link)).collect::<Vec<_>>(),
    })
}

/// Base and sides of a field in words; null for other kinds.
fn values(texts: &Texts, plan: &Plan, conflict: &Conflict) -> Json {
    let ConflictKind::Field {
        field,
        base,
        sides,
        provisional,
    } = &conflict.kind
    else {
        return Json::Null;
    };
    let sides = sides.iter().enumerate().map(|(index, side)| {
        json!({
            "side": index + 1,
            "value": value(texts, plan, field, Some(&side.value)),
            "member": side.who.author.as_ref().map(|author| &author.member),
            "party": side.who.author.as_ref().map(|author| &author.party),
            "me": side.who.author.as_ref().is_some_and(|author| author.me),
            "shown": index == *provisional,
        })
    });
    json!({
        "field": field,
        "base": value(texts, plan, field, base.as_ref()),
        "sides": sides.collect::<Vec<_>>(),
    })
}

fn item_text(texts: &Texts, plan: &Plan, conflict: &Conflict) -> String {
    let handle = handle(plan, conflict);
    let mut lines = vec![
        format!("{handle}  {}", plan.title(conflict.task)),
        format!("   {}", sentence(texts, plan, conflict)),
    ];
    if let ConflictKind::Field {
        field,
        base,
        sides,
        provisional,
    } = &conflict.kind
    {
        let before = value(texts, plan, field, base.as_ref());
        lines.push(format!("   {}: {before}", say!(texts, "side-base")));
        for (index, side) in sides.iter().enumerate() {
            let mark = if index == *provisional {
                format!("  ({})", say!(texts, "side-current"))
            } else {
                String::new()
            };
            let (who, value) = (
                who(texts, &side.who),
                value(texts, plan, field, Some(&side.value)),
            );
            lines.push(format!("   {}. {who}: {value}{mark}", index + 1));
        }
    }
    for (index, link) in looped(conflict).into_iter().enumerate() {
        lines.push(format!("   {}. {}", index + 1, link_words(plan, link)));
    }
    let ways = choices(conflict).into_iter();
    let ways: Vec<_> = ways
        .map(|way| format!("heqi resolve {handle} {way}"))
        .collect();
    lines.push(say!(texts, "cli-decide", ways = ways.join("  |  ")));
    lines.push(String::new());
    lines.join("\n") + "\n"
}

/// A dependency as `A-T1 → A-T2 (FS)`.
fn link_words(plan: &Plan, link: RecordId) -> String {
    let found = plan.rows().find_map(|row| {
        let mut predecessors = row.predecessors.iter();
        let found = predecessors.find(|predecessor| predecessor.link == link)?;
        Some(format!(
            "{} → {} ({})",
            found.code, row.code, found.link_type
        ))
    });
    found.unwrap_or_else(|| link.to_string())
}

/// The ways to decide an item, as options of `heqi resolve`.
fn choices(conflict: &Conflict) -> Vec<String> {
    match &conflict.kind {
        ConflictKind::Field { field, sides, .. } => {
            let takes = (1..=sides.len()).map(|side| format!("--take {side}"));
            let written = writable(field).then(|| "--write VALUE".to_owned());
            takes.chain(written).collect()
        }
        ConflictKind::DeleteEdit { .. } => vec!["--keep".into(), "--delete".into()],
        ConflictKind::MoveSkipped { .. } => {
            vec!["--accept-placement".into(), "--apply-move".into()]
        }
        ConflictKind::LinkSuspended { links, .. } => (1..=links.len() + 1)
            .map(|link| format!("--remove-link {link}"))
            .collect(),
        ConflictKind::CodeCollision { .. } => vec!["--accept-code".into()],
        ConflictKind::ProgressDisagreement { .. } => vec!["--agree PERCENT".into()],
    }
}

/// Whether a value of one's own can be written to settle a field.
fn writable(field: &str) -> bool {
    matches!(
        field,
        field::NAME
            | field::KIND
            | field::DURATION
            | field::MODE
            | field::MANUAL
            | field::ACCOUNTABLE
            | field::NOTES
            | field::LAG
    )
}
