//! A Microsoft Project file comes into the plan.

use std::io::Read;
use std::path::Path;

use heqi_domain::import::ImportedPlan;
use heqi_domain::mspdi::{FILE_BYTES_MAX, read_with};
use heqi_domain::plan::{ImportOutcome, PlanCommand};
use serde_json::{Value, json};

use super::editing::edit;
use super::plan_of;
use crate::answer::Answer;
use crate::context::Context;
use crate::progress::Bar;
use crate::syncing::sync;
use crate::table::Table;
use crate::trouble::Trouble;
use heqi_wording::import::{changes, dropped as dropped_words, kept as kept_words};
use heqi_wording::say;

pub(crate) async fn import(context: &Context, file: &Path, yes: bool) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    plan_of(&shell, context)?;
    let plan = read(context, file)?;
    if plan.needs_confirmation() && !yes {
        let first_task = plan.tasks.first().map(|task| task.name.clone());
        return Err(Trouble::NeedsConfirmation {
            name: plan.source_name,
            first_task: first_task.unwrap_or_default(),
        });
    }
    let mut json = json!({
        "source": plan.source_name,
        "source_id": plan.source.to_string(),
        "has_own_identity": plan.guid.is_some(),
        "tasks": plan.report.tasks,
        "links": plan.report.links,
        "calendars": plan.report.calendars,
        "baselines": plan.report.baselines,
        "dropped": plan.report.dropped,
    });
    let mut text = file_report(context, &plan);
    let nothing_dropped = plan.report.dropped.is_empty();
    let plan = Box::new(plan);
    let edited = edit(&mut shell, PlanCommand::Import { plan })?;
    let outcome = edited.imported.unwrap_or_default();
    if nothing_dropped && outcome.links_dropped == 0 && outcome.kept.is_empty() {
        text.push_str(&say!(context.texts, "import-whole"));
        text.push('\n');
    }
    text.push_str(&plan_report(context, &outcome));
    json["changed"] = edited.changed.into();
    json["added"] = edited.added.len().into();
    add_outcome(&mut json, &outcome);
    let synced = sync(&mut shell, context).await?;
    Ok(Answer::new(json, text).synced(&synced, &context.texts))
}

fn read(context: &Context, file: &Path) -> Result<ImportedPlan, Trouble> {
    let failed = |error: std::io::Error| Trouble::Read {
        path: file.display().to_string(),
        cause: error.to_string(),
    };
    let mut bytes = Vec::new();
    // One byte more than is allowed tells a file that is too large without reading all of it.
    let limit = FILE_BYTES_MAX as u64 + 1;
    let file_read = std::fs::File::open(file).map_err(failed)?;
    file_read
        .take(limit)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    let what = say!(context.texts, "stage-reading");
    let bar = Bar::of(context, what, bytes.len() as u64);
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut plan = read_with(&bytes, &name, &mut |done, _| bar.done(done))?;
    plan.fit();
    Ok(plan)
}

/// What was found in the file, and what of it was not taken over.
fn file_report(context: &Context, plan: &ImportedPlan) -> String {
    let (texts, report) = (&context.texts, &plan.report);
    let mut text = say!(
        texts,
        "cli-imported",
        name = plan.source_name.as_str(),
        tasks = report.tasks,
        links = report.links,
        calendars = report.calendars,
        baselines = report.baselines,
    );
    text.push('\n');
    if report.dropped.is_empty() {
        return text;
    }
    let dropped = report.dropped.iter().map(|dropped| {
        let what = dropped_words(texts, &dropped.what);
        [what, dropped.count.to_string(), dropped.example.clone()]
    });
    text + &section(say!(texts, "import-dropped"), dropped)
}

/// What the file changed in the plan, and what stands against it because people had changed it.
fn plan_report(context: &Context, outcome: &ImportOutcome) -> String {
    let texts = &context.texts;
    let changes = changes(outcome);
    let mut text = match changes.is_empty() {
        true => say!(texts, "import-unchanged") + "\n",
        false => {
            let rows = changes.iter();
            let rows = rows.map(|(what, count)| [texts.say(what, &[]), count.to_string()]);
            section(say!(texts, "import-in-plan"), rows)
        }
    };
    if !outcome.kept.is_empty() {
        let kept = outcome.kept.iter().map(|kept| {
            let why = kept_words(texts, kept);
            [kept.code.clone(), kept.name.clone(), why]
        });
        text.push_str(&section(say!(texts, "import-kept"), kept));
    }
    text
}

/// A heading with rows below it.
fn section<const N: usize>(heading: String, rows: impl Iterator<Item = [String; N]>) -> String {
    let mut table = Table::default();
    for mut row in rows {
        row[0].insert_str(0, "  ");
        table.row(row);
    }
    format!("{heading}:\n{}", table.text())
}

fn add_outcome(json: &mut Value, outcome: &ImportOutcome) {
    let kept = outcome.kept.iter().map(|kept| {
        json!({
            "code": kept.code,
            "name": kept.name,
            "field": kept.field,
            "link": kept.is_link,
            "why": kept.why,
        })
    });
    json["kept"] = kept.collect();
    for (field, count) in [
        ("created", outcome.created),
        ("updated", outcome.updated),
        ("removed", outcome.removed),
        ("links_created", outcome.links_created),
        ("links_removed", outcome.links_removed),
        ("links_dropped", outcome.links_dropped),
    ] {
        json[field] = count.into();
    }
}
