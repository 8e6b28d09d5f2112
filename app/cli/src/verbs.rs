//! What each verb does.

mod access;
mod archive;
mod beginning;
mod charter;
mod device;
mod document;
mod editing;
mod field_edit;
mod import;
mod invite;
mod late;
mod member;
mod moving;
mod party;
mod plan;
mod recovery;
mod relay;
mod review;
mod security;
mod sync;
mod task;
mod watch;

use heqi_domain::plan::{Plan, TaskRow};
use heqi_replica::Failure;
use serde::Serialize;

use crate::answer::Answer;
use crate::args::{PlanVerb, TaskVerb, VentureVerb, Verb};
use crate::context::Context;
use crate::shell::Shell;
use crate::trouble::Trouble;

/// Does a verb. The futures are boxed: each holds a replica.
pub(crate) async fn run(verb: Verb, context: &Context) -> Result<Answer, Trouble> {
    match verb {
        Verb::Venture(VentureVerb::Create {
            name,
            relay,
            party,
            code,
            member,
        }) => {
            let names = beginning::Names {
                venture: name,
                party,
                code,
                member,
            };
            Box::pin(beginning::create(context, &relay, &names)).await
        }
        Verb::Invite(invite) => Box::pin(invite::on_invite(context, invite)).await,
        Verb::Join { link, member } => Box::pin(beginning::join(context, &link, &member)).await,
        Verb::Plan { verb, .. } => Box::pin(on_plan(verb, context)).await,
        Verb::Task { verb, .. } => Box::pin(on_task(verb, context)).await,
        Verb::Conflicts { .. } => review::conflicts(context),
        Verb::Resolve(resolve) => Box::pin(review::resolve(context, &resolve)).await,
        Verb::Sync => Box::pin(sync::sync(context)).await,
        Verb::Watch => Box::pin(watch::watch(context)).await,
        Verb::Status => sync::status(context),
        Verb::Member(verb) => Box::pin(member::on_member(context, verb)).await,
        Verb::Device(verb) => Box::pin(device::on_device(context, verb)).await,
        Verb::Party(verb) => Box::pin(party::on_party(context, verb)).await,
        Verb::Proposal(verb) => Box::pin(party::on_proposal(context, verb)).await,
        Verb::Access(verb) => Box::pin(access::on_access(context, verb)).await,
        Verb::Key(verb) => Box::pin(access::on_key(context, verb)).await,
        Verb::Recovery(verb) => Box::pin(recovery::on_recovery(context, verb)).await,
        Verb::Document(verb) => Box::pin(document::on_document(context, verb)).await,
        Verb::Charter(verb) => charter::on_charter(context, &verb),
        Verb::Security { dismiss } => security::security(context, dismiss.as_deref()),
        Verb::Late(verb) => Box::pin(late::on_late(context, verb)).await,
        Verb::Relay(verb) => Box::pin(relay::on_relay(context, verb)).await,
        Verb::Export { dir } => archive::export(context, &dir),
        Verb::Verify { dir } => archive::verify(context, &dir),
    }
}

async fn on_plan(verb: PlanVerb, context: &Context) -> Result<Answer, Trouble> {
    match verb {
        PlanVerb::Import { file, yes } => import::import(context, &file, yes).await,
        PlanVerb::List => plan::list(context),
        PlanVerb::Export { file, force } => plan::export(context, &file, force),
    }
}

async fn on_task(verb: TaskVerb, context: &Context) -> Result<Answer, Trouble> {
    match verb {
        TaskVerb::Add {
            name,
            parent,
            after,
        } => task::add(context, &name, parent.as_deref(), after.as_deref()).await,
        TaskVerb::Set {
            code,
            fields,
            status_date,
        } => task::set(context, &code, &fields, status_date.as_deref()).await,
        TaskVerb::Move(to) => moving::relocate(context, &to).await,
        TaskVerb::Delete { codes } => task::delete(context, &codes).await,
        TaskVerb::Restore { code } => match code {
            Some(code) => task::restore(context, &code).await,
            None => task::deleted(context),
        },
        TaskVerb::Link {
            predecessor,
            successor,
            link_type,
            lag,
        } => task::link(context, &predecessor, &successor, link_type, lag).await,
        TaskVerb::Unlink {
            predecessor,
            successor,
            link_type,
        } => task::unlink(context, &predecessor, &successor, link_type).await,
    }
}

/// The plan of the space that is worked on, which is there from the first contact with the relay on.
fn plan_of<'a>(shell: &'a Shell, context: &Context) -> Result<&'a Plan, Trouble> {
    let plan = shell.replica().plan_of(shell.space());
    plan.ok_or_else(|| match shell.unread(shell.space(), &context.texts) {
        Some(unread) => Trouble::Unread(Box::new(unread)),
        None => Failure::NotYetMember.into(),
    })
}

/// A QR code of a link as it is drawn on a terminal; nothing where the link is too long for one.
fn qr(link: &str) -> String {
    let code = fast_qr::QRBuilder::new(link).build();
    code.map_or_else(|_| String::new(), |code| code.to_str() + "\n")
}

/// A task in JSON: its row as the plan shows it, with the dates that count for it.
#[derive(Serialize)]
struct TaskJson<'a> {
    id: String,
    code: &'a str,
    number: &'a str,
    depth: usize,
    parent: Option<String>,
    kind: heqi_domain::plan::RowKind,
    name: &'a str,
    /// As people write it: `5d`, `3ed`, `10d?`.
    duration: Option<String>,
    percent: u8,
    percent_disputed: bool,
    mode: heqi_domain::plan::Mode,
    start: Option<&'a str>,
    finish: Option<&'a str>,
    /// `entered`, `imported`, or null where there are no dates.
    dates: Option<&'static str>,
    accountable: &'a str,
    has_notes: bool,
    predecessors: Vec<PredecessorJson<'a>>,
    /// Cells with an open item of the merge review.
    conflicts: &'a [String],
}

#[derive(Serialize)]
struct PredecessorJson<'a> {
    id: String,
    code: &'a str,
    #[serde(rename = "type")]
    link_type: heqi_domain::plan::LinkType,
    lag: &'a str,
    suspended: bool,
}

impl<'a> TaskJson<'a> {
    fn of(row: &'a TaskRow) -> Self {
        let dates = plan::dates(row);
        Self {
            id: row.id.to_string(),
            code: &row.code,
            number: &row.number,
            depth: row.depth,
            parent: row.parent.map(|parent| parent.to_string()),
            kind: row.kind,
            name: &row.name,
            duration: row.duration.map(|duration| duration.to_string()),
            percent: row.percent,
            percent_disputed: row.percent_disputed,
            mode: row.mode,
            start: dates.start.map(|time| time.as_str()),
            finish: dates.finish.map(|time| time.as_str()),
            dates: dates.source,
            accountable: &row.accountable,
            has_notes: row.has_notes,
            predecessors: row
                .predecessors
                .iter()
                .map(|predecessor| PredecessorJson {
                    id: predecessor.task.to_string(),
                    code: &predecessor.code,
                    link_type: predecessor.link_type,
                    lag: &predecessor.lag,
                    suspended: predecessor.suspended,
                })
                .collect(),
            conflicts: &row.conflict_fields,
        }
    }
}
