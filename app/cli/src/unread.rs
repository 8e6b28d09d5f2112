//! A space that the member's roles do not read: which roles do, and whom to ask for one.

use heqi_protocol::{Role, Roles, Space};
use heqi_replica::{Directory, PartyEntry};
use heqi_wording::{Texts, say};

use crate::charter_words::{Named, roles};
use crate::shell::Shell;

/// What keeps a member from reading a space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unread {
    /// What people call the space.
    pub(crate) space: String,
    /// The member's roles.
    pub(crate) own: Roles,
    /// The roles of the member's party that read it; `None` for a private space, which goes by who is at home there.
    pub(crate) readers: Option<Roles>,
    /// Names of the managers of the member's party, but for the member.
    pub(crate) managers: Vec<String>,
}

impl Unread {
    /// What happened and what to do about it.
    pub(crate) fn say(&self, texts: &Texts) -> String {
        let ask = match self.managers.as_slice() {
            [] => say!(texts, "cli-unread-nobody"),
            names => say!(texts, "cli-unread-ask", names = texts.row(names)),
        };
        let space = self.space.as_str();
        let what = match self.readers {
            Some(readers) => say!(
                texts,
                "cli-unread",
                space = space,
                own = roles(texts, self.own),
                readers = roles(texts, readers)
            ),
            None => say!(texts, "cli-unread-private", space = space),
        };
        format!("{what} {ask}")
    }
}

impl Shell {
    /// What keeps this member from reading a space; `None` where nothing does, or nobody is a member yet.
    pub(crate) fn unread(&self, space: Space, texts: &Texts) -> Option<Unread> {
        let charter = self.replica().charter()?;
        let directory = self.replica().directory();
        if charter.may_read(directory.device?, space) {
            return None;
        }
        let (party, me) = own(&directory)?;
        let mut grants = party.access.iter();
        let readers = grants.find(|(known, _)| *known == space);
        let managers = party.members.iter().filter(|member| {
            let is_other = Some(member.id) != directory.me && !member.is_removed;
            is_other && member.roles.has(Role::PartnerManager)
        });
        let named = Named {
            texts,
            directory: &directory,
        };
        Some(Unread {
            space: named.space(space),
            own: me,
            readers: readers.map(|(_, grant)| grant.read),
            managers: managers.map(|member| member.name.clone()).collect(),
        })
    }
}

/// The member's party, and the member's roles.
fn own(directory: &Directory) -> Option<(&PartyEntry, Roles)> {
    let me = directory.me?;
    directory.parties.iter().find_map(|party| {
        let member = party.members.iter().find(|member| member.id == me)?;
        Some((party, member.roles))
    })
}
