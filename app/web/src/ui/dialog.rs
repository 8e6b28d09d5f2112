//! Dialogs: the browser keeps the focus in them, Escape closes them, and the focus returns to where it was.

use std::sync::Arc;

use leptos::html::Dialog as Element;
use leptos::prelude::*;

use super::i18n::t;
use super::icon::{Icon, icon};

/// A dialog that is there while `open` is true; its content is made anew at each opening.
#[component]
pub(crate) fn Dialog(
    open: RwSignal<bool>,
    /// Message id of the title.
    title: &'static str,
    testid: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<Element>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                let _already_open = dialog.show_modal();
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let children = StoredValue::new(children);
    let title_id = format!("{testid}-title");
    let labelled = title_id.clone();
    view! {
        <dialog
            class="dialog" node_ref=dialog data-testid=testid aria-labelledby=labelled
            on:close=move |_| open.set(false)
        >
            <div class="dialog-head">
                <h2 id=title_id>{move || t!(title)}</h2>
                <button
                    class="button" type="button" data-kind="icon" aria-label=move || t!("close")
                    data-testid=format!("{testid}-close") on:click=move |_| open.set(false)
                >
                    {icon(Icon::Close)}
                </button>
            </div>
            <div class="dialog-body">
                {move || open.get().then(|| children.with_value(|children| children()))}
            </div>
        </dialog>
    }
}

/// What a button does.
type Deed = Arc<dyn Fn() + Send + Sync>;

/// A question before something that cannot be taken back.
#[derive(Clone)]
pub(crate) struct Question {
    /// Message id of the title.
    pub title: &'static str,
    /// Whom or what it is about.
    pub subject: String,
    /// Message ids of what happens.
    pub points: Vec<&'static str>,
    /// What is better done before: message id on its button.
    pub first: Option<(&'static str, Deed)>,
    /// Message id on the button that does it.
    pub button: &'static str,
    /// Outlives the place that asks, which may be gone when it is answered.
    pub answer: Deed,
}

/// Where pages put their questions.
#[derive(Clone, Copy)]
pub(crate) struct Questions(RwSignal<Option<Question>>);

impl Questions {
    pub(crate) fn provide() -> Self {
        let questions = Self(RwSignal::new(None));
        provide_context(questions);
        questions
    }

    pub(crate) fn ask(self, question: Question) {
        self.0.set(Some(question));
    }
}

/// Shows the question that waits for an answer.
#[component]
pub(crate) fn QuestionDialog(questions: Questions) -> impl IntoView {
    let dialog = NodeRef::<Element>::new();
    Effect::new(move || {
        if let (Some(dialog), true) = (dialog.get(), questions.0.with(Option::is_some)) {
            let _already_open = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let answer = move |_| {
        if let Some(question) = questions.0.get_untracked() {
            (question.answer)();
        }
        close();
    };
    let body = move |question: Question| {
        let points = question
            .points
            .into_iter()
            .map(|point| view! { <li>{move || t!(point)}</li> })
            .collect_view();
        let first = question.first.map(|(label, act)| {
            // Whether it went well is told outside of the question, which is then to be asked anew.
            let first = move |_| {
                close();
                act();
            };
            view! {
                <button class="button" data-kind="primary" data-testid="question-first" on:click=first>
                    {move || t!(label)}
                </button>
            }
        });
        view! {
            <h2 id="question-title">{move || t!(question.title)}</h2>
            <p class="question-subject">{question.subject}</p>
            <ul class="question-points">{points}</ul>
            <div class="form-actions">
                {first}
                <button class="button" data-kind="danger" data-testid="question-yes" on:click=answer>
                    {move || t!(question.button)}
                </button>
                <button class="button" data-kind="quiet" autofocus data-testid="question-no" on:click=move |_| close()>
                    {move || t!("cancel")}
                </button>
            </div>
        }
    };
    view! {
        <dialog
            class="dialog question" node_ref=dialog role="alertdialog" aria-labelledby="question-title"
            data-testid="question" on:close=move |_| questions.0.set(None)
        >
            <div class="dialog-body">{move || questions.0.get().map(body)}</div>
        </dialog>
    }
}
