//! The languages there are, and which of them somebody reads.

use unic_langid::LanguageIdentifier;

/// A language of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Chinese,
}

impl Language {
    /// All languages, in the order they are offered.
    pub const ALL: [Self; 2] = [Self::Chinese, Self::English];

    /// BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// Name of the language in itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "简体中文",
        }
    }

    /// The language of a tag or locale such as `zh-CN`, `zh_CN.UTF-8` or `en`; `None` for others.
    pub fn of(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next()?;
        let same = |language: &Self| {
            let known = language.tag().split('-').next();
            known.is_some_and(|known| known.eq_ignore_ascii_case(primary))
        };
        Self::ALL.into_iter().find(same)
    }

    /// The first of the preferred tags that is offered, else English.
    pub fn choose<'a>(preferred: impl IntoIterator<Item = &'a str>) -> Self {
        let offered = preferred.into_iter().find_map(Self::of);
        offered.unwrap_or(Self::English)
    }

    /// The language that the environment asks for, English where it asks for none that there is.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty())
            .and_then(|value| Self::of(&value))
            .unwrap_or(Self::English)
    }

    pub(crate) fn id(self) -> LanguageIdentifier {
        let id = self.tag().parse();
        id.expect("the tags of this enum are well-formed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_preferred_language_that_is_offered_wins() {
        assert_eq!(Language::choose(["fr", "zh-TW", "en"]), Language::Chinese);
        assert_eq!(Language::choose(["en-GB", "zh-CN"]), Language::English);
        assert_eq!(Language::choose(["de"]), Language::English);
    }

    #[test]
    fn the_environment_chooses_the_language() {
        let with = |set: &[(&str, &str)]| {
            let set = set.to_vec();
            Language::of_environment(move |name| {
                let value = set.iter().find(|(known, _)| *known == name);
                value.map(|(_, value)| (*value).to_owned())
            })
        };
        assert_eq!(with(&[("LANG", "zh_CN.UTF-8")]), Language::Chinese);
        assert_eq!(
            with(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "en_GB")]),
            Language::English
        );
        assert_eq!(
            with(&[("LANG", "zh_CN"), ("LC_ALL", "")]),
            Language::Chinese
        );
        assert_eq!(with(&[("LANG", "C")]), Language::English);
        assert_eq!(with(&[]), Language::English);
    }
}
