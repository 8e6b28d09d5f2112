//! Human codes: final at creation, never renumbered. Where two tasks drew one code, the lower operation keeps it.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::{Op, RecordId};

/// Letter of a task's code.
const TASK_LETTER: char = 'T';

/// Who holds which code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Codes {
    holders: BTreeMap<String, BTreeSet<(Op, RecordId)>>,
    held: BTreeMap<RecordId, (String, Op)>,
    /// Highest number seen per prefix such as `A-T`.
    highest: BTreeMap<String, u64>,
    shared: BTreeSet<String>,
}

impl Codes {
    /// Notes a record's code; the records whose shown code may change by it.
    pub(crate) fn set(&mut self, record: RecordId, code: Option<(String, Op)>) -> Vec<RecordId> {
        if self.held.get(&record) == code.as_ref() {
            return Vec::new();
        }
        let mut affected = vec![record];
        if let Some((old, op)) = self.held.remove(&record) {
            let holders = self.holders.entry(old.clone()).or_default();
            holders.remove(&(op, record));
            self.note_shared(old.clone());
            affected.extend(self.find(&old));
        }
        if let Some((new, op)) = code {
            let holders = self.holders.entry(new.clone()).or_default();
            holders.insert((op, record));
            if let Some((prefix, number)) = split(&new) {
                let highest = self.highest.entry(prefix.to_owned()).or_default();
                *highest = number.max(*highest);
            }
            self.held.insert(record, (new.clone(), op));
            affected.extend(self.find(&new));
            self.note_shared(new);
        }
        affected
    }

    /// The code as shown: with `·2` and so on for all but the first holder, leaving out what another task is called.
    pub(crate) fn shown(&self, record: RecordId) -> String {
        let Some((code, _)) = self.held.get(&record) else {
            return String::new();
        };
        let rank = self.rank(record, code);
        if rank == 0 {
            return code.clone();
        }
        let mut free = (2usize..)
            .map(|n| format!("{code}·{n}"))
            .filter(|name| !self.holders.contains_key(name));
        free.nth(rank - 1).unwrap_or_default()
    }

    /// Records that hold the code, with or without a `·2` at its end; letters in any case.
    pub(crate) fn find(&self, code: &str) -> Vec<RecordId> {
        let plain = code.split('·').next().unwrap_or_default().to_uppercase();
        let from = self.holders.range(plain.clone()..);
        from.take_while(|(held, _)| held.starts_with(&plain))
            .filter(|(held, _)| {
                let rest = &held[plain.len()..];
                rest.is_empty() || rest.starts_with('·')
            })
            .flat_map(|(_, holders)| holders.iter().map(|(_, record)| *record))
            .collect()
    }

    /// Codes that several records hold, each with its holders, first the one that keeps it.
    pub(crate) fn shared(&self) -> impl Iterator<Item = (&str, Vec<RecordId>)> {
        self.shared.iter().filter_map(|code| {
            let holders = self.holders.get(code)?;
            Some((code.as_str(), holders.iter().map(|(_, r)| *r).collect()))
        })
    }

    /// The next code of a party's tasks, among those seen so far.
    pub(crate) fn next_task_code(&self, party_code: &str) -> String {
        let prefix = format!("{party_code}-{TASK_LETTER}");
        let number = self.highest.get(&prefix).map_or(1, |n| n.saturating_add(1));
        format!("{prefix}{number:03}")
    }

    fn rank(&self, record: RecordId, code: &str) -> usize {
        let holders = self.holders.get(code).into_iter().flatten();
        holders.take_while(|(_, r)| *r != record).count()
    }

    fn note_shared(&mut self, code: String) {
        let holders = self.holders.get(&code).map_or(0, BTreeSet::len);
        if holders == 0 {
            self.holders.remove(&code);
        }
        if holders > 1 {
            self.shared.insert(code);
        } else {
            self.shared.remove(&code);
        }
    }
}

/// Prefix with its letter, and number.
fn split(code: &str) -> Option<(&str, u64)> {
    let digits = code.len() - code.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (prefix, number) = code.split_at_checked(digits)?;
    Some((prefix, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(counter: u64) -> Op {
        Op {
            counter,
            actor: [0; 16],
        }
    }

    #[test]
    fn the_lower_operation_keeps_a_shared_code_and_search_finds_both() {
        let (one, two) = (RecordId([1; 16]), RecordId([2; 16]));
        let mut codes = Codes::default();
        codes.set(one, Some(("A-T001".to_owned(), op(9))));
        assert_eq!(codes.shown(one), "A-T001");
        let affected = codes.set(two, Some(("A-T001".to_owned(), op(4))));
        assert!(affected.contains(&one));
        assert_eq!(
            (codes.shown(one), codes.shown(two)),
            ("A-T001·2".to_owned(), "A-T001".to_owned())
        );
        assert_eq!(codes.find("a-t001·2"), vec![two, one]);
        assert_eq!(codes.next_task_code("A"), "A-T002");
        codes.set(two, None);
        assert_eq!(
            (codes.shown(one), codes.shared().count()),
            ("A-T001".to_owned(), 0)
        );
    }

    #[test]
    fn a_number_beyond_all_numbers_is_taken_as_text() {
        let mut codes = Codes::default();
        codes.set(
            RecordId([1; 16]),
            Some(("A-T99999999999999999999999".to_owned(), op(1))),
        );
        assert_eq!(codes.next_task_code("A"), "A-T001");
    }
}
