//! Why a project file is refused, and what of one is not taken over.

use crate::texts::topic;
use crate::{FluentValue, Texts, Topic};

pub(crate) const TOPIC: Topic = topic!("import");

/// Why a file is refused, by the key and arguments of its error; `None` where there are no words for the key.
pub fn reason<N: AsRef<str>>(texts: &Texts, key: &str, args: &[(N, String)]) -> Option<String> {
    let args = args
        .iter()
        .map(|(name, value)| (name.as_ref(), FluentValue::from(value.as_str())));
    texts.find(key, &args.collect::<Vec<_>>())
}

/// The kind of thing left out, by its key in the import report; the key where there are no words for it.
pub fn dropped(texts: &Texts, what: &str) -> String {
    let id = format!("dropped-{}", what.replace('.', "-"));
    texts.find(&id, &[]).unwrap_or_else(|| what.to_owned())
}
