//! Why an edit is refused.

use heqi_domain::plan::Rejected;

use crate::texts::topic;
use crate::{FluentValue, Texts, Topic, field};

pub(crate) const TOPIC: Topic = topic!("rejected");

/// Why the rules forbid it, and what they want.
pub fn sentence(texts: &Texts, rejected: &Rejected) -> String {
    let args = rejected.args().into_iter().map(|(name, value)| match name {
        "field" => (name, FluentValue::from(field::name(texts, &value))),
        _ => (name, FluentValue::from(value)),
    });
    texts.say(rejected.key(), &args.collect::<Vec<_>>())
}
