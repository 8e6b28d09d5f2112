//! One's own devices: the list, codes that still let one in, and the way to add another.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::ui::controls::Note;
use crate::ui::dialog::Dialog;
use crate::ui::i18n::{self, t};
use crate::ui::icon::{Icon, icon};
use crate::ui::members::{Device, ask};
use crate::ui::qr::Qr;
use crate::ui::session::use_session;
use crate::ui::{browser, failure, kit, port};
use crate::wire::{DeviceCode, DeviceRow, Failure, OfferRow, Reply, Request};

/// Minutes for which a code lets a device in.
const CODE_MINUTES: u32 = 10;

#[component]
pub(super) fn DevicesPanel() -> impl IntoView {
    let session = use_session();
    let adding = RwSignal::new(false);
    let mine = Memo::new(move |_| own_devices(session));
    let offers = Memo::new(move |_| {
        session
            .members
            .with(|members| members.as_ref().map(|members| members.offers.clone()))
    });
    let alive = move || mine.with(|(_, devices)| devices.iter().filter(|one| !one.removed).count());
    let devices = move || {
        let (name, devices) = mine.get();
        devices
            .into_iter()
            .map(|device| {
                let removable = !device.this && !device.removed;
                let nameable = !device.removed;
            view! { <Device device=device whose=name.clone() removable=removable nameable=nameable /> }
            })
            .collect_view()
    };
    let rows = move || {
        let offers = offers.get().unwrap_or_default();
        offers
            .into_iter()
            .map(|offer| view! { <Offer offer=offer /> })
            .collect_view()
    };
    view! {
        <section class="panel" data-testid="devices-panel">
            <div class="panel-head">
                <h2>{move || t!("devices")}</h2>
                <button class="button list-end" data-testid="device-add" on:click=move |_| adding.set(true)>
                    {icon(Icon::Plus)}
                    {move || t!("device-add")}
                </button>
            </div>
            <ul class="list">{devices} {rows}</ul>
            <div class="panel-body"><p class="muted">{move || t!("devices-words")}</p></div>
        </section>
        <Dialog open=adding title="device-add" testid="device-dialog">
            <AddDevice alive=Signal::derive(alive) />
        </Dialog>
    }
}

/// The reader's name and devices.
fn own_devices(session: crate::ui::session::Session) -> (String, Vec<DeviceRow>) {
    session.members.with(|members| {
        let parties = members.iter().flat_map(|members| &members.parties);
        let mut people = parties.flat_map(|party| &party.members);
        let me = people.find(|member| member.me);
        me.map(|me| (me.name.clone(), me.devices.clone()))
            .unwrap_or_default()
    })
}

#[component]
fn Offer(offer: OfferRow) -> impl IntoView {
    let session = use_session();
    let id = StoredValue::new(offer.id.clone());
    let (kit, unconfirmed) = (offer.kit, offer.unconfirmed);
    let facts = move || offer_facts(&offer);
    view! {
        <li data-testid="offer" data-kind=if kit { "kit" } else { "code" } data-unconfirmed=unconfirmed.to_string()>
            {icon(if kit { Icon::File } else { Icon::Device })}
            <span class="member-text">
                <span>{move || if kit { t!("offer-kit") } else { t!("offer-code") }}</span>
                <span class="muted" data-testid="offer-facts">{facts}</span>
            </span>
            <span class="list-end">
                {unconfirmed.then(|| view! {
                    <button class="button" data-testid="offer-have" on:click=move |_| kit::keep(session, id.get_value())>
                        {move || t!("kit-have-it")}
                    </button>
                })}
                <button
                    class="button" data-kind="quiet" data-testid="offer-withdraw"
                    on:click=move |_| ask(session, Request::Withdraw(id.get_value()), "revoked-now")
                >
                    {move || t!("revoke")}
                </button>
            </span>
        </li>
    }
}

/// When a code expires; when and where a kit was made, and whether anybody has it.
fn offer_facts(offer: &OfferRow) -> String {
    let time = |ms| browser::local_time(ms, i18n::current().tag());
    if let Some(ms) = offer.expires_ms {
        return t!("expires-at", time = time(ms));
    }
    match (offer.made_ms, offer.device.as_str()) {
        (Some(ms), _) if offer.unconfirmed => t!("kit-unconfirmed", time = time(ms)),
        (Some(ms), _) => t!("recovery-saved-at", time = time(ms)),
        (None, "") => String::new(),
        (None, device) => t!("kit-made-on", device = device),
    }
}

/// Makes a code and shows it until it is used or expires.
#[component]
fn AddDevice(alive: Signal<usize>) -> impl IntoView {
    let before = alive.get_untracked();
    let code = RwSignal::new(None::<Result<DeviceCode, Failure>>);
    let make = move || {
        code.set(None);
        spawn_local(async move {
            let made = port::ask(Request::OfferDevice {
                minutes: CODE_MINUTES,
            })
            .await;
            code.set(match made {
                Ok(Reply::DeviceCode(made)) => Some(Ok(made)),
                Ok(_) => None,
                Err(failure) => Some(Err(failure)),
            });
        });
    };
    make();
    let added = move || alive.get() > before;
    view! {
        {move || match (added(), code.get()) {
            (true, _) => view! { <Note state="ok" testid="device-added"><p>{move || t!("device-added")}</p></Note> }.into_any(),
            (_, None) => view! { <p role="status">{move || t!("device-making")}</p> }.into_any(),
            (_, Some(Ok(code))) => view! { <CodeSheet code=code again=Callback::new(move |()| make()) /> }.into_any(),
            (_, Some(Err(failed))) => view! {
                <div role="alert"><Note state="bad"><p>{failure::text(&failed)}</p></Note></div>
                <div class="form-actions"><button class="button" on:click=move |_| make()>{move || t!("try-again")}</button></div>
            }.into_any(),
        }}
    }
}

#[component]
fn CodeSheet(code: DeviceCode, again: Callback<()>) -> impl IntoView {
    let left = RwSignal::new(0_u64);
    let expires = code.expires_ms;
    let look = move || {
        let now = browser::now_ms();
        left.set(expires.map_or(u64::MAX, |ms| ms.saturating_sub(now) / 1000));
    };
    look();
    // Held until the sheet is gone.
    let _ticking = StoredValue::new_local(browser::every_second(look));
    let time = move || format!("{}:{:02}", left.get() / 60, left.get() % 60);
    let over = Memo::new(move |_| left.get() == 0);
    let typed = code.typed;
    let link = code.link;
    view! {
        <div class="code-sheet" data-testid="device-code" data-state=move || if over.get() { "expired" } else { "open" }>
            {move || match over.get() {
                true => view! {
                    <Note state="warn"><p>{move || t!("code-over")}</p></Note>
                    <div class="form-actions">
                        <button class="button" data-kind="primary" on:click=move |_| again.run(())>{move || t!("code-again")}</button>
                    </div>
                }.into_any(),
                false => view! {
                    <ol class="steps">
                        <li>{move || t!("device-step-scan")}</li>
                        <li>{move || t!("device-step-type")}</li>
                    </ol>
                    <Qr text=link.clone() label=Signal::derive(|| t!("device-qr")) />
                    <p class="typed-code" data-testid="device-typed">{typed.clone()}</p>
                    <p class="visually-hidden" data-testid="device-link">{link.clone()}</p>
                    <p class="countdown" role="timer">{move || t!("code-left", time = time())}</p>
                    <p class="muted">{move || t!("device-code-secret")}</p>
                }.into_any(),
            }}
        </div>
    }
}
