//! Why a project file is refused, what of one is not taken over, and what it did to the plan.

use heqi_domain::plan::{ImportOutcome, KeptField, KeptWhy};

use crate::texts::topic;
use crate::{FluentValue, Texts, Topic, field, msg, say};

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

/// What an import changed in the plan: the message that names each kind of change, and how many there are.
pub fn changes(outcome: &ImportOutcome) -> Vec<(&'static str, usize)> {
    let mut changes = vec![
        (msg("import-created"), outcome.created),
        (msg("import-updated"), outcome.updated),
        (msg("import-removed"), outcome.removed),
        (msg("import-links-created"), outcome.links_created),
        (msg("import-links-removed"), outcome.links_removed),
        (msg("import-links-dropped"), outcome.links_dropped),
    ];
    changes.retain(|(_, count)| *count > 0);
    changes
}

/// What an import left as people had it, and why.
pub fn kept(texts: &Texts, kept: &KeptField) -> String {
    match (kept.why, kept.is_link) {
        (KeptWhy::Changed, _) => {
            let field = field::name(texts, &kept.field);
            say!(texts, "import-kept-changed", field = field)
        }
        (KeptWhy::Deleted, false) => say!(texts, "import-kept-deleted"),
        (KeptWhy::Deleted, true) => say!(texts, "import-kept-link-deleted"),
        (KeptWhy::LeftTheFile, false) => say!(texts, "import-kept-left"),
        (KeptWhy::LeftTheFile, true) => say!(texts, "import-kept-link-left"),
    }
}
