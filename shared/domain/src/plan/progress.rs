//! Progress as the parties report it: each report stands, and a rule tells which one counts.
//!
//! Counted is the newest report of the accountable party, or, on a later or the same day, what the parties agreed on.
//! Where the accountable party has reported nothing, the newest of all counts, the lowest on one day. Two values that
//! one party gave for one day: the lower. Nobody reports for another party: who wrote a report tells whose it is.

use std::collections::BTreeMap;

use super::conflict::PartyReport;
use super::field::PROGRESS;
use crate::record::{Authors, Candidate, History, Op, RecordId};
use crate::store::Record;
use crate::time::Date;

/// Stands in place of a party's code for what the parties agreed on. Codes of parties are never in small letters.
pub(crate) const AGREED: &str = "agreed";

/// What is known of a task's progress.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The report that counts; `None` where nobody reported.
    pub current: Option<PartyReport>,
    /// Reports of other parties, not older, that say otherwise.
    pub disagreeing: Vec<PartyReport>,
}

/// The register of one party's report for one day; `None` for a code that could not be a register's name.
pub(crate) fn report_field(party_code: &str, date: &Date) -> Option<String> {
    let plain = !party_code.is_empty()
        && party_code.len() <= 16
        && party_code.bytes().all(|b| b.is_ascii_alphanumeric());
    plain.then(|| format!("{PROGRESS}{party_code}.{date}"))
}

/// Every report of a task, by day, then by party.
pub(crate) fn reports(
    task: RecordId,
    registers: &Record,
    history: &dyn History,
    authors: &dyn Authors,
) -> Vec<PartyReport> {
    let mut lowest: BTreeMap<(Date, String), i64> = BTreeMap::new();
    for (field, register) in registers.starting_with(PROGRESS) {
        let Some((named, date)) = named_in(field) else {
            continue;
        };
        let seen = |op: Op| history.seen_by(op, task, field);
        for side in register.sides() {
            let Some(percent) = side.value.as_int() else {
                continue;
            };
            let equal = register.candidates().iter();
            let equal = equal.filter(|candidate| candidate.value == side.value);
            let Some(party) = reporter(named, equal, &seen, authors) else {
                continue;
            };
            let known = lowest.entry((date.clone(), party)).or_insert(percent);
            *known = percent.min(*known);
        }
    }
    let report = |((date, party_code), percent): ((Date, String), i64)| PartyReport {
        party_code,
        date,
        percent: u8::try_from(percent.clamp(0, 100)).unwrap_or_default(),
    };
    lowest.into_iter().map(report).collect()
}

/// Party and day of a report's register.
fn named_in(field: &str) -> Option<(&str, Date)> {
    let (party, date) = field.strip_prefix(PROGRESS)?.split_once('.')?;
    Some((party, Date::parse(date).ok()?))
}

/// Whose word a value is: that of the party which the register names, where one of its members wrote it, or somebody
/// else did who had it from them and decided for it; else that of its author's party. `None` while that is not known.
fn reporter<'a>(
    named: &str,
    equal: impl Iterator<Item = &'a Candidate> + Clone,
    seen: &dyn Fn(Op) -> Vec<Candidate>,
    authors: &dyn Authors,
) -> Option<String> {
    let party_of = |candidate: &Candidate| {
        let author = authors.author(&candidate.op.actor)?;
        (!author.party_code.is_empty()).then_some(author.party_code)
    };
    let wrote = |candidate: &Candidate| party_of(candidate).is_some_and(|party| party == named);
    let took = |candidate: &Candidate| {
        let mut before = seen(candidate.op).into_iter();
        before.any(|known| known.value == candidate.value && wrote(&known))
    };
    let mut all = equal.clone();
    if named == AGREED || all.any(|candidate| wrote(candidate) || took(candidate)) {
        return Some(named.to_owned());
    }
    let mut parties = equal.filter_map(party_of);
    parties.next()
}

/// Which report counts, and who says otherwise.
pub(crate) fn progress(reports: &[PartyReport], accountable: &str) -> Progress {
    let newest = |counts: &dyn Fn(&PartyReport) -> bool| {
        reports
            .iter()
            .filter(|r| counts(r))
            .max_by_key(|r| (&r.date, std::cmp::Reverse(r.percent)))
    };
    let accountable = party_of(accountable);
    let agreed = newest(&|r| r.party_code == AGREED);
    let own =
        newest(&|r| r.party_code == accountable).or_else(|| newest(&|r| r.party_code != AGREED));
    let current = match (agreed, own) {
        (Some(agreed), Some(own)) if agreed.date >= own.date => Some(agreed),
        (agreed, own) => own.or(agreed),
    };
    Progress {
        current: current.cloned(),
        disagreeing: current.map(|c| disagreeing(reports, c)).unwrap_or_default(),
    }
}

/// The newest report of each other party, if it is not older than the current one and says otherwise.
fn disagreeing(reports: &[PartyReport], current: &PartyReport) -> Vec<PartyReport> {
    let mut found: Vec<PartyReport> = Vec::new();
    for report in reports.iter().rev() {
        let known = found.iter().any(|f| f.party_code == report.party_code);
        if !known && report.party_code != current.party_code && report.party_code != AGREED {
            found.push(report.clone());
        }
    }
    found.retain(|r| {
        let in_time = match current.party_code.as_str() {
            AGREED => r.date > current.date,
            _ => r.date >= current.date,
        };
        in_time && r.percent != current.percent
    });
    found.sort_by(|a, b| a.party_code.cmp(&b.party_code));
    found
}

/// The party that an accountable's text names: `A`, `A · Li Wei`, `A/PMO`.
fn party_of(accountable: &str) -> &str {
    accountable
        .trim()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(party: &str, date: &str, percent: u8) -> PartyReport {
        PartyReport {
            party_code: party.to_owned(),
            date: Date::parse(date).unwrap(),
            percent,
        }
    }

    #[test]
    fn the_accountable_partys_newest_report_counts_and_the_other_disagrees() {
        let reports = [report("A", "2026-03-31", 60), report("B", "2026-03-31", 40)];
        let found = progress(&reports, "A · Li Wei");
        assert_eq!(found.current, Some(reports[0].clone()));
        assert_eq!(found.disagreeing, vec![reports[1].clone()]);
    }

    #[test]
    fn without_an_accountable_report_the_lower_of_one_day_counts() {
        let reports = [report("A", "2026-03-31", 60), report("B", "2026-03-31", 40)];
        assert_eq!(progress(&reports, "").current, Some(reports[1].clone()));
    }

    #[test]
    fn an_older_report_of_another_party_is_no_disagreement() {
        let reports = [report("B", "2026-03-01", 40), report("A", "2026-03-31", 60)];
        assert_eq!(progress(&reports, "A").disagreeing, vec![]);
    }

    #[test]
    fn an_agreement_ends_the_disagreement_until_somebody_reports_anew() {
        let mut reports = vec![
            report("A", "2026-03-31", 60),
            report("B", "2026-03-31", 40),
            report(AGREED, "2026-03-31", 50),
        ];
        let found = progress(&reports, "A");
        assert_eq!(
            (found.current.map(|c| c.percent), found.disagreeing),
            (Some(50), vec![])
        );
        reports.push(report("B", "2026-04-07", 45));
        assert_eq!(progress(&reports, "A").disagreeing.len(), 1);
        reports.push(report("A", "2026-04-08", 70));
        assert_eq!(progress(&reports, "A").current.map(|c| c.percent), Some(70));
    }
}
