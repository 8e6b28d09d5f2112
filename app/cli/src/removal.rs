//! A member who was removed: by whom, where the charter says so, and what is left to them.

use heqi_protocol::charter::Charter;
use heqi_protocol::{DeviceId, MemberId};
use heqi_replica::{Directory, Problem};
use heqi_wording::{Texts, say};

use crate::shell::Shell;
use crate::trouble::Trouble;

/// How this device came to be outside of the venture.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Removal {
    pub(crate) venture: String,
    /// Name and party; `None` where it was the member's own doing.
    pub(crate) by: Option<(String, String)>,
    /// Number of the charter's entry that says so.
    pub(crate) entry: u64,
    /// Own edits that no relay has acknowledged.
    pub(crate) unsent: u64,
}

impl Removal {
    /// What happened and what to do about it.
    pub(crate) fn say(&self, texts: &Texts) -> String {
        let (venture, entry) = (self.venture.as_str(), self.entry);
        let what = match &self.by {
            Some((member, party)) => {
                let who = say!(
                    texts,
                    "member-of",
                    member = member.as_str(),
                    party = party.as_str()
                );
                say!(
                    texts,
                    "cli-removed",
                    venture = venture,
                    who = who,
                    entry = entry
                )
            }
            None => say!(texts, "cli-left", venture = venture, entry = entry),
        };
        match self.unsent {
            0 => what,
            count => format!("{what}{}", say!(texts, "cli-removed-unsent", count = count)),
        }
    }
}

impl Shell {
    /// Tells those who were removed so.
    pub(crate) fn in_venture(&self) -> Result<(), Trouble> {
        match self.removal() {
            Some(removal) => Err(Trouble::Removed(Box::new(removal))),
            None => Ok(()),
        }
    }

    /// Why nothing more is exchanged.
    pub(crate) fn stopped(&self, problem: Problem) -> Trouble {
        match self.removal() {
            Some(removal) => Trouble::Removed(Box::new(removal)),
            None => Trouble::Stopped(problem),
        }
    }

    /// How this device was removed, if it was.
    pub(crate) fn removal(&self) -> Option<Removal> {
        let status = self.status();
        if !status.removed {
            return None;
        }
        let directory = self.replica().directory();
        let entry = directory.device.zip(self.replica().charter());
        let (entry, by) = entry
            .and_then(|(device, charter)| entry_of(charter, device))
            .unzip();
        let own = by == directory.me;
        let by = by.filter(|_| !own).map(|by| named(&directory, by));
        Some(Removal {
            venture: directory.venture,
            by,
            entry: entry.unwrap_or_default(),
            unsent: status.pending,
        })
    }
}

/// Number of the entry that removed a device, and who wrote it.
fn entry_of(charter: &Charter, device: DeviceId) -> Option<(u64, MemberId)> {
    let removed = charter.devices().get(&device)?.removed?;
    let by = charter.devices().get(&removed.by)?.member;
    Some((removed.at, by))
}

/// A member's name and party.
pub(crate) fn named(directory: &Directory, member: MemberId) -> (String, String) {
    let found = directory.parties.iter().find_map(|party| {
        let mut members = party.members.iter();
        let found = members.find(|known| known.id == member)?;
        Some((found.name.clone(), party.name.clone()))
    });
    found.unwrap_or_default()
}
