//! Names that people give: to this device when it enrols, later to what is theirs to name.

use heqi_protocol::Text;
use heqi_protocol::charter::{Body, SetName, Target};

use super::Replica;
use super::opening::{bounded, name, not_a_name};
use super::steps::Step;
use crate::io::{Failure, Output, Reply};
use crate::seal::{NAME_BYTES_MAX, is_unprintable};
use crate::store::Intent;

impl Replica {
    /// Has a device that begins be named so in the charter, as soon as it is in it. What cannot be a name is made one
    /// or left out: a device is not turned away for its name.
    #[must_use]
    pub fn named(mut self, device: &str) -> Self {
        let printable: String = device.chars().filter(|it| !is_unprintable(*it)).collect();
        let text = printable.trim();
        let cut = text.floor_char_boundary(NAME_BYTES_MAX);
        if let Ok(name) = name(&text[..cut], "the device's name") {
            let target = Target::Device(self.secrets.device());
            let name = bounded(&name);
            self.intend(Intent::Name { target, name }, None);
        }
        self
    }

    /// Views name the authors of what they show.
    pub(super) fn authors_renamed(&mut self) {
        let mut views = Vec::new();
        for paper in self.papers.values_mut() {
            let diff = paper.rebuild(&self.names);
            if !diff.is_empty() {
                views.push((paper.space, diff));
            }
        }
        for (space, diff) in views {
            let view = self.view(space, diff);
            self.effects.views.push(Output::View(view));
        }
    }

    /// Checks a name that somebody gives.
    pub(super) fn name_intent(&self, target: Target, given: &str) -> Result<Intent, Failure> {
        let what = match target {
            Target::Device(_) => "the device's name",
            Target::Member(_) => "the member's name",
            Target::Party(_) => "the party's name",
        };
        let given = name(given, what).map_err(|error| not_a_name(error, what))?;
        if let Target::Party(party) = target {
            let known = self.names.party_named(&given);
            if known.is_some_and(|known| known != party) {
                return Err(Failure::NameTaken);
            }
        }
        let name = bounded(&given);
        Ok(Intent::Name { target, name })
    }

    pub(super) fn step_name(&mut self, target: Target, name: &Text<NAME_BYTES_MAX>) -> Step {
        if self.charter.is_none() {
            return Step::Failed(Failure::NotYetMember);
        }
        if self.names.of(target) == Some(&**name) {
            return Step::Done(Reply::Done);
        }
        // The short code stays, for tasks are numbered with it.
        let code = match target {
            Target::Party(party) => match self.names.party_code(party) {
                "" => return Step::Failed(Failure::KeysMissing),
                code => Some(code.to_owned()),
            },
            Target::Device(_) | Target::Member(_) => None,
        };
        match self.sealed_name(name, code.as_deref()) {
            Some(name) => Step::Write(Body::SetName(SetName { target, name })),
            None => self.nameless(),
        }
    }
}
