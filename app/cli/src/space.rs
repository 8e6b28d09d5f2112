//! Spaces as people name them.

use heqi_protocol::Space;
use heqi_replica::Directory;

/// A space by its name on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SpaceName {
    Shared(Space),
    /// That of one's own party.
    Private,
}

impl SpaceName {
    pub(crate) const PLAN: Self = Self::Shared(Space::Plan);

    /// A space that holds tasks.
    pub(crate) fn of_tasks(text: &str) -> Result<Self, String> {
        match Self::any(text) {
            Ok(Self::Shared(Space::Directory)) | Err(_) => Err(spaces("private")),
            found => found,
        }
    }

    /// A space whose access the venture sets.
    pub(crate) fn governed(text: &str) -> Result<Self, String> {
        let found = Self::any(text).ok();
        let governed =
            |name: &Self| matches!(name, Self::Shared(space) if Space::SHARED.contains(space));
        found
            .filter(governed)
            .ok_or_else(|| format!("the spaces are {}", Space::SHARED.map(key).join(", ")))
    }

    /// Any space.
    pub(crate) fn any(text: &str) -> Result<Self, String> {
        let name = text.to_ascii_lowercase();
        if name == "private" {
            return Ok(Self::Private);
        }
        let mut known = Space::SHARED.into_iter().chain([Space::Directory]);
        let space = known.find(|space| key(*space) == name);
        space
            .map(Self::Shared)
            .ok_or_else(|| spaces("directory, private"))
    }

    /// The space that the name means on this device; a private one needs a member.
    pub(crate) fn space(self, directory: &Directory) -> Option<Space> {
        match self {
            Self::Shared(space) => Some(space),
            Self::Private => own_party(directory).map(Space::Private),
        }
    }
}

/// The party of this device's member.
pub(crate) fn own_party(directory: &Directory) -> Option<heqi_protocol::PartyId> {
    let me = directory.me?;
    let mut parties = directory.parties.iter();
    let own = parties.find(|party| party.members.iter().any(|member| member.id == me));
    own.map(|party| party.id)
}

/// The name of a space in commands and JSON.
pub(crate) const fn key(space: Space) -> &'static str {
    match space {
        Space::Directory => "directory",
        Space::Plan => "plan",
        Space::Risk => "risk",
        Space::Contracts => "contracts",
        Space::Finance => "finance",
        Space::Market => "market",
        Space::Governance => "governance",
        Space::Private(_) => "private",
    }
}

fn spaces(besides: &str) -> String {
    format!(
        "the spaces are {}, {besides}",
        Space::SHARED.map(key).join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_go_by_their_names_and_only_where_they_fit() {
        assert_eq!(SpaceName::of_tasks("Plan"), Ok(SpaceName::PLAN));
        assert_eq!(SpaceName::of_tasks("private"), Ok(SpaceName::Private));
        assert!(SpaceName::of_tasks("directory").is_err());
        assert!(SpaceName::governed("private").is_err());
        assert!(SpaceName::any("directory").is_ok());
        assert!(SpaceName::any("elsewhere").is_err());
    }
}
