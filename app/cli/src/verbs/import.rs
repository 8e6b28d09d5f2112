//! A Microsoft Project file comes into the plan.

use std::io::Read;
use std::path::Path;

use heqi_domain::import::ImportedPlan;
use heqi_domain::mspdi::{FILE_BYTES_MAX, read_with};
use heqi_domain::plan::PlanCommand;
use serde_json::json;

use super::editing::edit;
use super::plan_of;
use crate::answer::Answer;
use crate::context::Context;
use crate::progress::Bar;
use crate::syncing::sync;
use crate::trouble::Trouble;
use heqi_wording::import::dropped as dropped_words;
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
    let text = report(context, &plan);
    let plan = Box::new(plan);
    let edited = edit(&mut shell, PlanCommand::Import { plan })?;
    json["changed"] = edited.changed.into();
    json["added"] = edited.added.len().into();
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

fn report(context: &Context, plan: &ImportedPlan) -> String {
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
        text.push_str(&say!(texts, "import-whole"));
        return text;
    }
    text.push_str(&say!(texts, "import-dropped"));
    text.push_str(":\n");
    let mut table = crate::table::Table::default();
    for dropped in &report.dropped {
        let what = format!("  {}", dropped_words(texts, &dropped.what));
        table.row([what, dropped.count.to_string(), dropped.example.clone()]);
    }
    text + &table.text()
}
