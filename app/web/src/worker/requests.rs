//! Answers to what tabs ask.

use std::rc::Rc;

use heqi_domain::plan::PlanCommand;
use heqi_protocol::Space;
use heqi_replica::{Act, InviteLink, MoveLink, Reply as Replied, Request as Asked};

use super::hub::{Hub, TabId};
use super::idb::Durability;
use super::venture::actor::{seen_heads, undo_state};
use super::venture::{Answered, Venture};
use super::{acts, begin, charter, code, import, locking, people, relay, scope};
use crate::wire::{Failure, PlanOpened, Reply, Request, SeenHeads, VentureKey};

/// Does what a tab asks, and answers it.
pub(super) async fn serve(hub: &Rc<Hub>, tab: TabId, id: u32, request: Request) {
    let result = match request {
        Request::OpenVenture { venture } => match open(hub, tab, id, &venture).await {
            // The plan itself answers, at the moment from which changes of it are pushed.
            Ok(()) => return,
            Err(failure) => Err(failure),
        },
        Request::Import { name, bytes } => import::import(hub, (tab, id), &name, bytes).await,
        other => answer(hub, tab, other).await,
    };
    hub.reply(tab, id, result);
}

async fn answer(hub: &Rc<Hub>, tab: TabId, request: Request) -> Result<Reply, Failure> {
    match request {
        Request::Hello { device, .. } => hello(hub, tab, device).await,
        Request::ListVentures => {
            let summaries = hub.shelf().await?.summaries();
            let ventures = summaries.into_iter().map(|one| hub.with_pending(one));
            Ok(Reply::Ventures(ventures.collect()))
        }
        Request::CreateVenture {
            relay,
            venture,
            party,
            code,
            member,
        } => begin::found(hub, &relay, &venture, &party, &code, &member).await,
        Request::InspectInvite { link } => inspect(hub, &link).await,
        Request::AcceptInvite { link, member } => begin::join(hub, &link, &member).await,
        Request::RestoreRecovery { bytes, passphrase } => {
            begin::recover(hub, &bytes, passphrase.as_deref()).await
        }
        Request::InspectCode { text, relay } => inspect_code(hub, &text, &relay).await,
        Request::AddDevice { text, relay } => {
            let link = code::resolve(&text, &relay).await?;
            begin::add(hub, &link).await
        }
        Request::FollowMove { link } => follow_move(hub, &link).await,
        Request::Unlock { venture, secret } => locking::unlock(hub, &venture, &secret).await,
        Request::RemoveLocked { venture } => locking::remove_locked(hub, &venture).await,
        Request::CloseVenture => {
            hub.turn_tab(tab, None);
            Ok(Reply::Done)
        }
        Request::OpenVenture { .. } | Request::Import { .. } => Err(Failure::Defect {
            detail: "this request is answered elsewhere".into(),
        }),
        in_venture => of_venture(hub, hub.venture_of(tab).await?, in_venture).await,
    }
}

async fn of_venture(
    hub: &Rc<Hub>,
    venture: Rc<Venture>,
    request: Request,
) -> Result<Reply, Failure> {
    match request {
        Request::Command { seen, command } => edit(&venture, &seen, command).await,
        Request::Undo => {
            let (space, today) = (Space::Plan, scope::today());
            applied(venture.ask(Asked::Undo { space, today }).await?)
        }
        Request::Redo => {
            let (space, today) = (Space::Plan, scope::today());
            applied(venture.ask(Asked::Redo { space, today }).await?)
        }
        Request::ExportCsv => csv(&venture),
        Request::ExportLate => acts::export_late(&venture).await,
        Request::LetGo => acts::let_go(&venture).await,
        Request::KeepKit(kit) => acts::keep_kit(hub, &venture, &kit).await,
        Request::ExportArchive => acts::archive(&venture).await,
        Request::Members => Ok(Reply::Members(venture.members())),
        Request::Reconnect => {
            venture.connect(true);
            Ok(Reply::Done)
        }
        Request::History => acts::history(&venture).await,
        Request::Security => acts::security(&venture).await,
        Request::Verify => acts::verify(&venture).await,
        Request::Dismiss(device) => acts::dismiss(&venture, &device).await,
        Request::Removal => acts::removal(hub, &venture).await,
        Request::Lock => locking::lock(hub, &venture).await,
        Request::AddSecret(secret) => locking::add_secret(hub, &venture, &secret).await,
        Request::RemoveSecret { passkey } => locking::remove_secret(hub, &venture, passkey).await,
        Request::SetIdle { minutes } => locking::set_idle(hub, &venture, minutes).await,
        Request::LockNow => {
            hub.lock(&venture.key).await;
            Ok(Reply::Done)
        }
        Request::Touched => {
            hub.touched(&venture.key);
            Ok(Reply::Done)
        }
        of_charter => amend(&venture, of_charter).await,
    }
}

/// What the charter has to take.
async fn amend(venture: &Rc<Venture>, request: Request) -> Result<Reply, Failure> {
    let act = match request {
        Request::CreateInvite {
            party,
            code,
            roles,
            days,
        } => return acts::invite(venture, party, code, &roles, days).await,
        Request::OfferDevice { minutes } => return acts::offer_device(venture, minutes).await,
        Request::MakeKit { passphrase } => {
            return acts::make_kit(venture, passphrase.as_deref()).await;
        }
        Request::Withdraw(id) => Act::Withdraw(charter::invite(&id)?),
        Request::SetRoles { member, roles } => Act::SetRoles {
            member: charter::member(&member)?,
            roles: charter::charter_roles(&roles),
        },
        Request::Remove(target) => Act::Remove(charter::charter_target(&target)?),
        Request::SetName { target, name } => Act::SetName {
            target: charter::charter_target(&target)?,
            name,
        },
        Request::MoveRelay { url, dead } => return relay::relocate(venture, &url, dead).await,
        Request::Confirm(member) => Act::Confirm(charter::member(&member)?),
        Request::Propose(action) => Act::Propose(charter::charter_action(&action)?),
        Request::Answer { proposal, agrees } => Act::Answer {
            proposal: charter::hash(&proposal)?,
            agrees,
        },
        Request::Narrow(rules) => Act::NarrowAccess(charter::charter_rules(&rules)?),
        Request::TakeIn { bytes } => Act::TakeInFile(bytes),
        _ => {
            return Err(Failure::Defect {
                detail: "this request is answered elsewhere".into(),
            });
        }
    };
    acts::done(venture, act).await
}

async fn hello(hub: &Rc<Hub>, tab: TabId, device: String) -> Result<Reply, Failure> {
    hub.shelf().await?;
    hub.greet(tab, device);
    Ok(Reply::Hello {
        build: scope::parameter("wasm"),
    })
}

async fn inspect(hub: &Rc<Hub>, link: &str) -> Result<Reply, Failure> {
    let link = InviteLink::parse(link).map_err(people::bad_link)?;
    let shelf = hub.shelf().await?;
    let mut info = people::invite_info(&link);
    info.known = hub.of_venture(&shelf, &link.venture.to_string());
    Ok(Reply::Invite(info))
}

async fn inspect_code(hub: &Rc<Hub>, text: &str, relay: &str) -> Result<Reply, Failure> {
    let link = code::resolve(text, relay).await?;
    let shelf = hub.shelf().await?;
    let mut info = code::info(&link);
    info.known = hub.of_venture(&shelf, &link.venture.to_string()).is_some();
    Ok(Reply::Code(info))
}

async fn follow_move(hub: &Rc<Hub>, link: &str) -> Result<Reply, Failure> {
    let parsed = MoveLink::parse(link).map_err(people::bad_link)?;
    let shelf = hub.shelf().await?;
    let known = shelf.of_venture(&parsed.venture.to_string(), |_, _| true);
    let key = known.ok_or(Failure::NoVenture)?;
    let venture = hub.venture(&key).await?;
    venture.ask(Asked::Follow(link.to_owned())).await?;
    hub.summary(&key)
        .map(Reply::Venture)
        .ok_or(Failure::NoVenture)
}

async fn open(hub: &Rc<Hub>, tab: TabId, id: u32, key: &VentureKey) -> Result<(), Failure> {
    hub.turn_tab(tab, Some(id));
    hub.lock_if_idle(key).await;
    let venture = hub.venture(key).await?;
    hub.touched(key);
    let (hub, opened) = (Rc::clone(hub), Rc::clone(&venture));
    let answer = move |answered: Answered| {
        let result = answered.result.and_then(|reply| match reply {
            Replied::View(view) => Ok(Some(view)),
            _ => Err(unfitting()),
        });
        // Whoever may not read the plan opens the rest of the venture.
        let result = match result {
            Err(Failure::Forbidden) => Ok(None),
            other => other,
        };
        match result {
            Ok(view) if hub.set_open(tab, id, opened.key.clone()) => {
                hub.reply_with_plan(tab, id, &opened, view);
            }
            // The tab shows another venture by now.
            Ok(_) => hub.reply(tab, id, Err(Failure::NoVenture)),
            Err(failure) => hub.reply(tab, id, Err(failure)),
        }
    };
    venture.ask_with(Asked::View(Space::Plan), Box::new(answer));
    Ok(())
}

impl Hub {
    fn reply_with_plan(
        self: &Rc<Self>,
        tab: TabId,
        id: u32,
        venture: &Rc<Venture>,
        view: Option<heqi_replica::ViewChange>,
    ) {
        let (hub, venture) = (Rc::clone(self), Rc::clone(venture));
        self.keep(&venture, Durability::Relaxed, |entry| {
            entry.opened_ms = scope::wall_ms();
        });
        let Some(summary) = hub.summary(&venture.key) else {
            return hub.reply(tab, id, Err(Failure::NoVenture));
        };
        let sync = venture.sync().status(hub.tabs());
        let opened = PlanOpened {
            venture: summary,
            heads: view.as_ref().map(seen_heads).unwrap_or_default(),
            undo: view.as_ref().map(undo_state).unwrap_or_default(),
            plan: view.map(|view| view.diff).unwrap_or_default(),
            sync,
            rights: venture.rights(),
        };
        hub.reply(tab, id, Ok(Reply::Plan(Box::new(opened))));
    }
}

async fn edit(venture: &Venture, seen: &SeenHeads, command: PlanCommand) -> Result<Reply, Failure> {
    let adds = matches!(command, PlanCommand::AddTask { .. });
    let request = Asked::Plan {
        space: Space::Plan,
        seen: heads(seen),
        command,
        today: scope::today(),
    };
    let (_, created) = venture.ask(request).await?;
    Ok(Reply::Applied {
        created: created.filter(|_| adds),
    })
}

fn applied<T>(_done: T) -> Result<Reply, Failure> {
    Ok(Reply::Applied { created: None })
}

fn csv(venture: &Venture) -> Result<Reply, Failure> {
    let replica = venture.replica();
    let plan = replica.plan().ok_or(Failure::NoVenture)?;
    Ok(Reply::File {
        name: format!("{}.csv", file_name(&venture.directory().venture)),
        media_type: "text/csv;charset=utf-8".into(),
        bytes: plan.to_csv(),
    })
}

/// Heads as the interface carried them; what is no whole head is left out, as if unseen.
fn heads(seen: &SeenHeads) -> heqi_replica::Heads {
    seen.0.as_chunks().0.to_vec()
}

pub(super) fn unfitting() -> Failure {
    Failure::Defect {
        detail: "the replica answered something else".into(),
    }
}

/// A name that every file system takes.
pub(super) fn file_name(name: &str) -> String {
    let kept = |c: char| match c {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
        c if c.is_control() => '-',
        c => c,
    };
    let name: String = name.chars().take(80).map(kept).collect();
    match name.trim().trim_matches('.') {
        "" => "heqi".into(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_return_from_what_the_interface_carries() {
        let view = heqi_replica::ViewChange {
            space: Space::Plan,
            heads: vec![[1; 32], [2; 32]],
            diff: heqi_domain::plan::PlanDiff::default(),
            can_undo: true,
            can_redo: false,
        };
        assert_eq!(heads(&seen_heads(&view)), view.heads);
        assert_eq!(heads(&SeenHeads(vec![1; 40])), [[1; 32]]);
        assert!(undo_state(&view).undo && !undo_state(&view).redo);
    }

    #[test]
    fn a_file_name_holds_nothing_that_a_file_system_refuses() {
        assert_eq!(file_name("桥梁 A/B: \"one\"?"), "桥梁 A-B- -one--");
        for nameless in ["", "  ", "...", "\u{7}"] {
            let name = file_name(nameless);
            assert!(name == "heqi" || name == "-", "{name:?}");
        }
        assert_eq!(file_name(&"x".repeat(300)).len(), 80);
    }
}
