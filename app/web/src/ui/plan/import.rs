//! Importing a project file, picked or dropped, and the report of it.

use heqi_domain::import::ImportReport;
use heqi_domain::plan::{ImportOutcome, KeptField};
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{DragEvent, File, HtmlInputElement};

use crate::ui::i18n::{msg, say, t};
use crate::ui::icon::{Icon, icon};
use crate::ui::session::Session;
use crate::ui::{browser, port};
use crate::wire::{
    FILE_BYTES_MAX, Failure, ImportProblem, Imported, Progress, Reply, Request, Stage,
};

/// Things left as people had them that the report lists; more are counted.
const KEPT_SHOWN: usize = 20;

/// Where an import goes and its report is shown.
#[derive(Clone, Copy)]
pub(crate) struct ImportTarget {
    pub session: Session,
    pub report: RwSignal<Option<Imported>>,
}

impl ImportTarget {
    /// Imports the file of a file input, which is then free for the same file again.
    pub(crate) fn pick(&self, event: &web_sys::Event) {
        let input: HtmlInputElement = event_target(event);
        if let Some(file) = input.files().and_then(|files| files.get(0)) {
            self.import(file);
        }
        input.set_value("");
    }

    /// Imports a dropped file.
    pub(crate) fn drop(&self, event: &DragEvent) {
        event.prevent_default();
        let files = event.data_transfer().and_then(|transfer| transfer.files());
        if let Some(file) = files.and_then(|files| files.get(0)) {
            self.import(file);
        }
    }

    fn import(self, file: File) {
        let session = self.session;
        if file.size() > FILE_BYTES_MAX as f64 {
            let problem = ImportProblem::TooBig {
                bytes_max: FILE_BYTES_MAX as u64,
            };
            return session.finish(Err(Failure::Import(problem)));
        }
        session.progress.set(Some((
            0,
            Progress {
                stage: Stage::Reading,
                done: 0,
                total: 0,
            },
        )));
        spawn_local(async move {
            let result = match browser::read(&file).await {
                Some(bytes) => {
                    let request = Request::Import {
                        name: file.name(),
                        bytes,
                    };
                    let (_id, answer) = port::ask_numbered(request);
                    port::answered(answer).await
                }
                None => Err(Failure::Import(ImportProblem::Refused {
                    line: None,
                    key: msg("file-unreadable").to_owned(),
                    args: Vec::new(),
                    reason: String::new(),
                })),
            };
            session.progress.set(None);
            match result {
                Ok(Reply::Imported(imported)) => self.report.set(Some(*imported)),
                other => session.finish(other),
            }
        });
    }
}

/// What came in, what of the file was not taken over, and what people had changed against it.
#[component]
pub(crate) fn ReportDialog(report: RwSignal<Option<Imported>>) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move || {
        if let (Some(dialog), true) = (dialog.get(), report.with(Option::is_some)) {
            let _already_open = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog
            class="dialog" node_ref=dialog data-testid="import-report"
            aria-labelledby="import-report-title"
            on:close=move |_| report.set(None)
        >
            <div class="dialog-head">
                <h2 id="import-report-title">{move || t!("import-done")}</h2>
                <button
                    class="button" data-kind="icon" aria-label=move || t!("close")
                    data-testid="import-report-close" on:click=move |_| close()
                >
                    {icon(Icon::Close)}
                </button>
            </div>
            <div class="dialog-body">
                {move || report.get().map(|imported| view! { <Report imported=imported /> })}
            </div>
        </dialog>
    }
}

#[component]
fn Report(imported: Imported) -> impl IntoView {
    let Imported { report, outcome } = imported;
    let whole = report.dropped.is_empty() && outcome.kept.is_empty() && outcome.links_dropped == 0;
    let in_file = [
        (msg("import-tasks"), report.tasks),
        (msg("import-links"), report.links),
        (msg("import-calendars"), report.calendars),
        (msg("import-baselines"), report.baselines),
    ];
    view! {
        <dl class="facts">{in_file.map(count)}</dl>
        {whole.then(|| view! { <p class="muted">{move || t!("import-whole")}</p> })}
        <Dropped report=report />
        <InPlan outcome=outcome.clone() />
        <Kept kept=outcome.kept />
    }
}

fn count((label, count): (&'static str, usize)) -> impl IntoView {
    view! { <dt>{move || t!(label)}</dt> <dd data-testid=label>{count}</dd> }
}

#[component]
fn Dropped(report: ImportReport) -> impl IntoView {
    let dropped = report.dropped.into_iter().map(|dropped| {
        let what = say(|texts| heqi_wording::import::dropped(texts, &dropped.what));
        view! {
            <dt>{what} " × " {dropped.count}</dt>
            <dd>{dropped.example}</dd>
        }
    });
    let dropped = dropped.collect::<Vec<_>>();
    (!dropped.is_empty()).then(|| {
        view! {
            <h3>{move || t!("import-dropped")}</h3>
            <dl class="facts" data-testid="import-dropped">{dropped}</dl>
        }
    })
}

/// What the file changed in the plan.
#[component]
fn InPlan(outcome: ImportOutcome) -> impl IntoView {
    let changes = heqi_wording::import::changes(&outcome);
    let unchanged = changes.is_empty();
    view! {
        <h3>{move || t!("import-in-plan")}</h3>
        {unchanged.then(|| view! { <p class="muted">{move || t!("import-unchanged")}</p> })}
        <dl class="facts" data-testid="import-in-plan">
            {changes.into_iter().map(count).collect::<Vec<_>>()}
        </dl>
    }
}

/// What people had changed or deleted, and the file did not get its way with.
#[component]
fn Kept(kept: Vec<KeptField>) -> impl IntoView {
    let more = kept.len().saturating_sub(KEPT_SHOWN);
    let kept = kept.into_iter().take(KEPT_SHOWN).map(|kept| {
        let why = say(|texts| heqi_wording::import::kept(texts, &kept));
        view! {
            <dt>{kept.code} " " {kept.name}</dt>
            <dd>{why}</dd>
        }
    });
    let kept = kept.collect::<Vec<_>>();
    (!kept.is_empty()).then(|| {
        view! {
            <h3>{move || t!("import-kept")}</h3>
            <dl class="facts" data-testid="import-kept">{kept}</dl>
            {(more > 0).then(|| view! { <p class="muted">{move || t!("import-kept-more", count = more)}</p> })}
        }
    })
}
