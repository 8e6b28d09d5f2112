//! What people compare to know that they see the same venture, and what does not agree.

use heqi_protocol::DeviceId;
use heqi_replica::{
    Alarm, Differs, Directory, Failure, Millis, PartyEntry, RefusedEdit, Reply, Request, Security,
};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::charter_words::Named;
use crate::context::Context;
use crate::finding::{device_id, short};
use crate::shell::Shell;
use crate::space::{key, own_party};
use crate::table::Table;
use crate::trouble::Trouble;
use heqi_wording::{Texts, say};

/// What people compare; or an alarm is put away.
pub(crate) fn security(context: &Context, dismiss: Option<&str>) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    if let Some(text) = dismiss {
        let alarms = security_of(&mut shell)?.alarms;
        let raised: Vec<DeviceId> = alarms.iter().map(|alarm| alarm.device).collect();
        let device = device_id(&raised, text)?;
        shell.ask(Request::Dismiss(device))?.transpose()?;
    }
    let security = security_of(&mut shell)?;
    let directory = shell.replica().directory();
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let answer = Answer::new(as_json(&named, &security), as_text(&named, &security));
    Ok(answer.alarmed(security.alarms.len() as u64))
}

pub(super) fn security_of(shell: &mut Shell) -> Result<Security, Trouble> {
    match shell.ask(Request::Security)?.transpose()? {
        Some(Reply::Security(security)) => Ok(security),
        _ => Err(Failure::NotYetMember.into()),
    }
}

fn as_json(named: &Named<'_>, security: &Security) -> Value {
    let logs = security.logs.iter().map(|log| {
        json!({
            "space": key(log.space),
            "document": log.document.to_string(),
            "seq": log.seq,
            "words": log.words.0.join(" "),
        })
    });
    let alarms = security.alarms.iter().map(|alarm| {
        let what = match alarm.what {
            Differs::Log { document, seq } => {
                json!({ "type": "log", "document": document.to_string(), "seq": seq })
            }
            Differs::Charter { position } => json!({ "type": "charter", "entries": position }),
        };
        json!({
            "device": alarm.device.to_string(),
            "member": named.owner(alarm.device),
            "differs": what,
        })
    });
    let who =
        |device: &DeviceId| json!({ "device": device.to_string(), "member": named.owner(*device) });
    let refused = security.refused.iter().map(|edit| {
        json!({
            "hash": edit.hash.to_string(),
            "document": edit.document.map(|document| document.to_string()),
            "by": edit.device.as_ref().map(who),
            "forged": edit.is_forged(),
            "reason": edit.reason,
        })
    });
    let waiting = security.waiting.iter().map(|edit| {
        json!({
            "envelope": edit.envelope.to_string(),
            "document": edit.document.to_string(),
            "by": edit.device.as_ref().map(who),
        })
    });
    let heard = others(named.directory).map(|party| {
        json!({
            "party": party.name,
            "party_id": party.id.to_string(),
            "heard_ms": party.heard_ms,
        })
    });
    json!({
        "member_words": own_words(named.directory),
        "charter_words": security.charter.0.join(" "),
        "charter_entries": security.charter_position,
        "relay": security.relay.to_string(),
        "device": security.device.to_string(),
        "logs": logs.collect::<Vec<_>>(),
        "heard": heard.collect::<Vec<_>>(),
        "alarms": alarms.collect::<Vec<_>>(),
        "refused": refused.collect::<Vec<_>>(),
        "waiting": waiting.collect::<Vec<_>>(),
    })
}

fn as_text(named: &Named<'_>, security: &Security) -> String {
    let texts = named.texts;
    let mut lines = vec![
        say!(
            texts,
            "cli-security-member",
            words = own_words(named.directory)
        ),
        say!(
            texts,
            "cli-security-charter",
            entries = security.charter_position,
            words = security.charter.0.join(" "),
        ),
        say!(texts, "cli-security-logs"),
    ];
    let mut table = Table::default();
    for log in &security.logs {
        table.row([
            format!("  {}", named.space(log.space)),
            log.seq.to_string(),
            log.words.0.join(" "),
        ]);
    }
    lines.push(table.text().trim_end().to_owned());
    lines.push(say!(
        texts,
        "cli-security-keys",
        relay = short(security.relay),
        device = short(security.device),
    ));
    lines.extend(heard(named));
    if security.alarms.is_empty() {
        lines.push(say!(texts, "cli-security-no-alarm"));
    }
    lines.extend(security.alarms.iter().map(|alarm| alarmed(named, *alarm)));
    lines.extend(security.refused.iter().map(|edit| refused(named, edit)));
    lines.extend(security.waiting.iter().map(|edit| {
        say!(
            texts,
            "outside-waiting",
            who = who(named, edit.device),
            edit = short(edit.envelope)
        )
    }));
    lines.join("\n")
}

/// When something of each other party has come last: all that shows of edits that a relay keeps back.
fn heard(named: &Named<'_>) -> Vec<String> {
    let mut table = Table::default();
    for party in others(named.directory) {
        let when = party.heard_ms.and_then(local_time);
        table.row([
            format!("  {}", party.name),
            match when {
                Some(time) => say!(named.texts, "last-heard", time = time),
                None => say!(named.texts, "never-heard"),
            },
        ]);
    }
    match table.text().trim_end() {
        "" => Vec::new(),
        rows => vec![say!(named.texts, "security-heard-more"), rows.to_owned()],
    }
}

/// Parties of the venture that are not this member's.
fn others(directory: &Directory) -> impl Iterator<Item = &PartyEntry> {
    let own = own_party(directory);
    let parties = directory.parties.iter();
    parties.filter(move |party| !party.is_removed && Some(party.id) != own)
}

/// Day and time of this machine; `None` where no calendar has it.
fn local_time(ms: Millis) -> Option<String> {
    let time = jiff::Timestamp::from_millisecond(i64::try_from(ms).ok()?).ok()?;
    let here = time.to_zoned(jiff::tz::TimeZone::system());
    Some(here.strftime("%Y-%m-%d %H:%M").to_string())
}

/// Whose device was shown another history, and what to do.
fn alarmed(named: &Named<'_>, alarm: Alarm) -> String {
    let (texts, who) = (named.texts, named.owner(alarm.device));
    let device = short(alarm.device);
    match alarm.what {
        Differs::Log { seq, .. } => say!(
            texts,
            "cli-security-alarm-log",
            who = who,
            seq = seq,
            device = device
        ),
        Differs::Charter { position } => say!(
            texts,
            "cli-security-alarm-charter",
            who = who,
            entry = position,
            device = device
        ),
    }
}

/// What was refused as invalid, with who wrote it, or that nobody has.
fn refused(named: &Named<'_>, edit: &RefusedEdit) -> String {
    let (texts, id) = (named.texts, short(edit.hash));
    let text = match edit.is_forged() {
        true => say!(texts, "outside-forged", edit = id),
        false => say!(
            texts,
            "outside-refused",
            who = who(named, edit.device),
            edit = id,
            detail = edit.reason.as_str()
        ),
    };
    format!("! {text}")
}

fn who(named: &Named<'_>, device: Option<DeviceId>) -> String {
    let unknown = |texts: &Texts| say!(texts, "cli-security-nobody");
    device.map_or_else(|| unknown(named.texts), |device| named.owner(device))
}

/// The words that this member reads to others.
fn own_words(directory: &Directory) -> String {
    let mut members = directory.parties.iter().flat_map(|party| &party.members);
    let me = members.find(|member| Some(member.id) == directory.me);
    me.map_or_else(String::new, |me| me.words.0.join(" "))
}
