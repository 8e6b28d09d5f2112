//! Merge review: what people must know or decide after a merge.

use heqi_domain::plan::{Choice, Conflict, ConflictId, ConflictKind, PlanCommand, Severity, Who};
use heqi_domain::{RecordId, Value};
use heqi_wording::{conflict, field};
use leptos::prelude::*;

use super::controls::Segmented;
use super::i18n::{msg, say, t};
use super::icon::{Icon, icon};
use super::session::{Session, use_session};

/// The list of conflicts, those that need somebody first.
#[component]
pub(crate) fn MergePage() -> impl IntoView {
    let session = use_session();
    let all = RwSignal::new(true);
    let shown = Memo::new(move |_| listed(session, all.get()));
    let choices = vec![
        (true, "all", Signal::derive(|| t!("merge-all"))),
        (false, "open", Signal::derive(|| t!("merge-open"))),
    ];
    view! {
        <div class="page">
            <div class="page-inner" data-width="wide">
                <header class="page-head">
                    <h1>{move || t!("nav-merge")}</h1>
                    <Segmented
                        label="merge-filter" testid="merge-filter" choices=choices chosen=all
                        on_choose=move |choice| all.set(choice)
                    />
                    <p>{move || t!("merge-more")}</p>
                </header>
                {move || if shown.with(Vec::is_empty) {
                    view! {
                        <div class="empty" data-testid="merge-empty">
                            {icon(Icon::Check)}
                            <h2>{move || t!("merge-empty")}</h2>
                            <p>{move || t!("merge-empty-more")}</p>
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="panel" role="list" data-testid="conflicts">
                            <For each=move || shown.get() key=|conflict| conflict.clone().id.0.to_string() + &digest(conflict) let:conflict>
                                <ConflictItem conflict=conflict />
                            </For>
                        </div>
                    }.into_any()
                }}
            </div>
        </div>
    }
}

/// Tells two states of one conflict apart, so that a changed one is drawn anew.
fn digest(conflict: &Conflict) -> String {
    format!("{:?}", conflict.kind)
}

fn listed(session: Session, all: bool) -> Vec<Conflict> {
    session.plan.with_conflicts(|conflicts| {
        let wanted = |conflict: &&Conflict| all || conflict.severity > Severity::Info;
        let mut listed: Vec<Conflict> = conflicts.values().filter(wanted).cloned().collect();
        listed.sort_by_key(|conflict| (std::cmp::Reverse(conflict.severity), conflict.task));
        listed
    })
}

/// One conflict: what happened, the values that compete, and the ways to settle it.
#[component]
fn ConflictItem(conflict: Conflict) -> impl IntoView {
    let session = use_session();
    let (severity, severity_words) = severity(conflict.severity);
    let task = conflict.task;
    let title = move || session.plan.title(task);
    let told = StoredValue::new(conflict.clone());
    let sentence = move || told.with_value(|told| sentence(session, told));
    let body = match conflict.kind.clone() {
        ConflictKind::Field {
            field,
            base,
            sides,
            provisional,
        } => {
            let sides: Vec<_> = sides
                .into_iter()
                .map(|side| (side.value, side.who))
                .collect();
            field_sides(session, conflict.id, field, base, sides, provisional).into_any()
        }
        kind => ways(session, conflict.id, &kind).into_any(),
    };
    view! {
        <article
            class="conflict" role="listitem" data-testid="conflict"
            data-kind=conflict.kind.key() data-severity=severity data-id=conflict.id.to_string()
            data-task=title
        >
            <div class="conflict-head">
                <span class="tag" data-state=severity>{move || t!(severity_words)}</span>
                <h2>{title}</h2>
            </div>
            <p class="conflict-sentence" data-testid="conflict-sentence">{sentence}</p>
            {body}
        </article>
    }
}

/// What met what.
fn sentence(session: Session, met: &Conflict) -> String {
    say(|texts| conflict::sentence(texts, met, &|task| session.plan.title(task)))
}

fn words(session: Session, name: &str, value: Option<&Value>) -> String {
    say(|texts| field::value(texts, name, value, &|task| session.plan.title(task)))
}

/// The value before, and every side with a button that takes it.
fn field_sides(
    session: Session,
    conflict: ConflictId,
    field: String,
    base: Option<Value>,
    sides: Vec<(Value, Who)>,
    provisional: usize,
) -> impl IntoView {
    let shown = move |value: Option<&Value>, name: &str| words(session, name, value);
    let base_words = {
        let field = field.clone();
        move || shown(base.as_ref(), &field)
    };
    let sides = sides
        .into_iter()
        .enumerate()
        .map(|(at, (value, who))| {
            let op = who.op;
            let field = field.clone();
            let words = move || shown(Some(&value), &field);
            let current = at == provisional;
            view! {
                <div class="side" data-testid="side" data-current=current.to_string()>
                    <div class="side-who">
                        <span>{move || say(|texts| conflict::who(texts, &who))}</span>
                        {current.then(|| view! { <span class="tag">{move || t!("side-current")}</span> })}
                    </div>
                    <div class="side-value" data-testid="side-value">{words}</div>
                    <button class="button" data-testid="resolve-take" on:click=move |_| resolve(session, conflict, Choice::Take(op))>
                        {move || t!("resolve-take")}
                    </button>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="sides">
            <div class="side" data-side="base" data-testid="side-base">
                <div class="side-who">{move || t!("side-base")}</div>
                <div class="side-value">{base_words}</div>
            </div>
            {sides}
        </div>
    }
}

/// Buttons for conflicts that are no choice between values.
fn ways(session: Session, conflict: ConflictId, kind: &ConflictKind) -> impl IntoView {
    let way = move |label: &'static str, choice: Choice| button(session, conflict, label, choice);
    let buttons: Vec<AnyView> = match kind {
        ConflictKind::DeleteEdit { .. } => vec![
            way(msg("resolve-keep"), Choice::Keep),
            way(msg("resolve-delete"), Choice::Delete),
        ],
        ConflictKind::MoveSkipped { .. } => vec![
            way(msg("resolve-accept-placement"), Choice::AcceptPlacement),
            way(msg("resolve-apply-move"), Choice::ApplyMove),
        ],
        ConflictKind::CodeCollision { .. } => {
            vec![way(msg("resolve-accept-code"), Choice::AcceptCode)]
        }
        ConflictKind::LinkSuspended {
            links,
            pred,
            succ,
            tasks,
            ..
        } => loop_links(session, conflict, (*pred, *succ), tasks, links),
        ConflictKind::ProgressDisagreement { current, others } => {
            let mut percents: Vec<u8> = others.iter().map(|report| report.percent).collect();
            percents.push(current.percent);
            percents.sort_unstable();
            percents.dedup();
            percents
                .into_iter()
                .map(|percent| agree(session, conflict, percent))
                .collect()
        }
        ConflictKind::Field { .. } => Vec::new(),
    };
    view! { <div class="form-actions">{buttons}</div> }
}

fn button(session: Session, conflict: ConflictId, label: &'static str, choice: Choice) -> AnyView {
    view! {
        <button class="button" data-testid=label on:click=move |_| resolve(session, conflict, choice.clone())>
            {move || t!(label)}
        </button>
    }
    .into_any()
}

fn agree(session: Session, conflict: ConflictId, percent: u8) -> AnyView {
    view! {
        <button
            class="button" data-testid="resolve-agree" data-percent=percent
            on:click=move |_| resolve(session, conflict, Choice::AgreePercent(percent))
        >
            {move || t!("resolve-agree", percent = percent)}
        </button>
    }
    .into_any()
}

/// Every dependency of the loop can be the one that goes: the suspended one, or another.
fn loop_links(
    session: Session,
    conflict: ConflictId,
    suspended: (RecordId, RecordId),
    tasks: &[RecordId],
    links: &[(RecordId, Who)],
) -> Vec<AnyView> {
    let this = session
        .plan
        .with_conflicts(|conflicts| conflicts.get(&conflict).map(|conflict| conflict.record));
    let others = links.iter().enumerate().map(|(at, (link, who))| {
        let pair = (tasks.get(at).copied(), tasks.get(at + 1).copied());
        (*link, pair, Some(who.clone()))
    });
    let own = this.map(|link| (link, (Some(suspended.0), Some(suspended.1)), None));
    own.into_iter()
        .chain(others)
        .map(|(link, (pred, succ), who)| {
            let name = move |task: Option<RecordId>| {
                task.map(|task| session.plan.title(task)).unwrap_or_default()
            };
            let by = who.map(|who| say(|texts| conflict::who(texts, &who)));
            view! {
                <button
                    class="button" data-testid="resolve-remove-link" data-link=link.to_string() title=by.unwrap_or_default()
                    on:click=move |_| resolve(session, conflict, Choice::RemoveLink(link))
                >
                    {move || t!("resolve-remove-link", pred = name(pred), succ = name(succ))}
                </button>
            }
            .into_any()
        })
        .collect()
}

fn resolve(session: Session, conflict: ConflictId, choice: Choice) {
    session.run(PlanCommand::Resolve { conflict, choice });
}

fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Info => ("info", msg("severity-info")),
        Severity::Attention => ("attention", msg("severity-attention")),
        Severity::Blocking => ("blocking", msg("severity-blocking")),
    }
}
