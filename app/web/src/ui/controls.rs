//! Controls that several pages share.

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::browser;
use super::i18n::{self, Language, t};
use super::icon::{Icon, icon};
use super::theme::Theme;

/// A text field with its label, hint and problem.
#[component]
pub(crate) fn TextField(
    /// Message id of the label.
    label: &'static str,
    /// Message id of the hint.
    #[prop(optional)]
    hint: Option<&'static str>,
    value: RwSignal<String>,
    /// What is wrong with the value; empty for nothing.
    #[prop(optional, into)]
    problem: Signal<String>,
    testid: &'static str,
    #[prop(default = 255)] max_length: u32,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(default = "text")] kind: &'static str,
) -> impl IntoView {
    let hint_id = format!("{testid}-hint");
    let describes = hint_id.clone();
    let invalid = move || problem.with(|problem| !problem.is_empty());
    view! {
        <div class="field">
            <label class="field-label" for=testid>{move || t!(label)}</label>
            <input
                class="input"
                id=testid
                data-testid=testid
                type=kind
                autocomplete=autocomplete
                maxlength=max_length
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
                aria-invalid=move || invalid().to_string()
                aria-describedby=describes
            />
            <span id=hint_id class=move || if invalid() { "field-error" } else { "field-hint" }>
                {move || if invalid() {
                    problem.get()
                } else {
                    hint.map(|hint| t!(hint)).unwrap_or_default()
                }}
            </span>
        </div>
    }
}

/// One of a few choices, shown side by side.
#[component]
pub(crate) fn Segmented<T: Copy + PartialEq + Send + Sync + 'static>(
    /// Message id that names the choice.
    label: &'static str,
    testid: &'static str,
    /// The choices, their names in markup, and their words.
    choices: Vec<(T, &'static str, Signal<String>)>,
    #[prop(into)] chosen: Signal<T>,
    on_choose: impl Fn(T) + Copy + Send + 'static,
) -> impl IntoView {
    let buttons = choices
        .into_iter()
        .map(|(value, name, words)| {
            view! {
                <button
                    type="button"
                    role="radio"
                    data-testid=format!("{testid}-{name}")
                    aria-checked=move || (chosen.get() == value).to_string()
                    on:click=move |_| on_choose(value)
                >
                    {words}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class="segmented" role="radiogroup" aria-label=move || t!(label) data-testid=testid>
            {buttons}
        </div>
    }
}

/// Chooses the language.
#[component]
pub(crate) fn LanguageSwitch() -> impl IntoView {
    let choices = Language::ALL
        .into_iter()
        .map(|language| {
            let words = Signal::stored(language.own_name().to_owned());
            (language, language.tag(), words)
        })
        .collect();
    view! {
        <Segmented
            label="settings-language"
            testid="language"
            choices=choices
            chosen=Signal::derive(i18n::current)
            on_choose=i18n::switch_to
        />
    }
}

/// Chooses light, dark, or the system's.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let theme = expect_context::<RwSignal<Theme>>();
    let choices = Theme::ALL
        .into_iter()
        .map(|choice| {
            (
                choice,
                choice.name(),
                Signal::derive(move || t!(choice.label())),
            )
        })
        .collect();
    view! {
        <Segmented
            label="settings-theme"
            testid="theme"
            choices=choices
            chosen=theme
            on_choose=move |choice| theme.set(choice)
        />
    }
}

/// A box that tells something beside the content: `state` is `info`, `ok`, `warn` or `bad`.
#[component]
pub(crate) fn Note(
    #[prop(into)] state: Signal<&'static str>,
    #[prop(optional)] testid: &'static str,
    children: Children,
) -> impl IntoView {
    let sign = move || match state.get() {
        "ok" => icon(Icon::Check),
        "warn" | "bad" => icon(Icon::Alert),
        _ => icon(Icon::Info),
    };
    view! {
        <div class="note" data-state=state data-testid=testid>
            {sign}
            <div class="note-body">{children()}</div>
        </div>
    }
}

/// A text to be handed on, with the button that copies it.
#[component]
pub(crate) fn CopyBox(text: String, testid: &'static str) -> impl IntoView {
    let shown = NodeRef::new();
    let kept = text.clone();
    view! {
        <div class="copy-box" data-testid=testid tabindex="0" node_ref=shown>{text}</div>
        <div class="form-actions">
            <CopyButton text=kept shown=shown testid=format!("{testid}-copy") />
        </div>
    }
}

/// The button that copies a text. Where the browser refuses, the text is selected where it is `shown`, to be copied by
/// hand.
#[component]
pub(crate) fn CopyButton(
    text: String,
    shown: NodeRef<Div>,
    testid: String,
    #[prop(optional)] kind: Option<&'static str>,
) -> impl IntoView {
    let copied = RwSignal::new(None);
    let text = StoredValue::new(text);
    let copy = move |_| {
        spawn_local(async move {
            let done = browser::copy(&text.get_value()).await;
            if let (false, Some(shown)) = (done, shown.get_untracked()) {
                browser::select(&shown);
            }
            copied.set(Some(done));
        });
    };
    view! {
        <button class="button" type="button" data-kind=kind data-testid=testid on:click=copy>
            {icon(Icon::Copy)}
            {move || if copied.get() == Some(true) { t!("copied") } else { t!("copy") }}
        </button>
        <span class="muted" role="status" data-testid="copy-refused" hidden=move || copied.get() != Some(false)>
            {move || if copied.get() == Some(false) { t!("copy-refused") } else { String::new() }}
        </span>
    }
}
