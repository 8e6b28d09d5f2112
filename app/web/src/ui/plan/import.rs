//! Importing a project file, picked or dropped, and the report of it.

use heqi_domain::import::ImportReport;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{DragEvent, File, HtmlInputElement};

use crate::ui::i18n::{msg, say, t};
use crate::ui::icon::{Icon, icon};
use crate::ui::session::Session;
use crate::ui::{browser, port};
use crate::wire::{FILE_BYTES_MAX, Failure, ImportProblem, Progress, Reply, Request, Stage};

/// Where an import goes and its report is shown.
#[derive(Clone, Copy)]
pub(crate) struct ImportTarget {
    pub session: Session,
    pub report: RwSignal<Option<ImportReport>>,
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
                Ok(Reply::Imported(report)) => self.report.set(Some(report)),
                other => session.finish(other),
            }
        });
    }
}

/// What came in, and what of the file was not taken over.
#[component]
pub(crate) fn ReportDialog(report: RwSignal<Option<ImportReport>>) -> impl IntoView {
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
                {move || report.get().map(|report| view! { <Report report=report /> })}
            </div>
        </dialog>
    }
}

#[component]
fn Report(report: ImportReport) -> impl IntoView {
    let counts = [
        ("import-tasks", report.tasks),
        ("import-links", report.links),
        ("import-calendars", report.calendars),
        ("import-baselines", report.baselines),
    ];
    let counts = counts.map(
        |(label, count)| view! { <dt>{move || t!(label)}</dt> <dd data-testid=label>{count}</dd> },
    );
    let dropped = report
        .dropped
        .into_iter()
        .map(|dropped| {
            let what = say(|texts| heqi_wording::import::dropped(texts, &dropped.what));
            view! {
                <dt>{what} " × " {dropped.count}</dt>
                <dd>{dropped.example}</dd>
            }
        })
        .collect::<Vec<_>>();
    let whole = dropped.is_empty();
    view! {
        <dl class="facts">{counts}</dl>
        {if whole {
            view! { <p class="muted">{move || t!("import-whole")}</p> }.into_any()
        } else {
            view! {
                <h3>{move || t!("import-dropped")}</h3>
                <dl class="facts" data-testid="import-dropped">{dropped}</dl>
            }.into_any()
        }}
    }
}
