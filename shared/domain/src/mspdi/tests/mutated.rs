use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// What holds for every plan that is read, however odd the file.
fn assert_sound(plan: &ImportedPlan) {
    let uids: BTreeSet<i64> = plan.tasks.iter().map(|task| task.uid).collect();
    assert_eq!(uids.len(), plan.tasks.len());
    for (index, task) in plan.tasks.iter().enumerate() {
        assert!(task.parent.is_none_or(|parent| parent < index));
        assert!(task.percent <= 100);
    }
    for link in &plan.links {
        assert!(uids.contains(&link.pred_uid) && uids.contains(&link.succ_uid));
        assert_ne!(link.pred_uid, link.succ_uid);
    }
}

fn assert_read_or_refused(bytes: &[u8]) {
    match read(bytes, "x.xml") {
        Ok(plan) => {
            assert_sound(&plan);
            assert_eq!(read(bytes, "x.xml").as_ref(), Ok(&plan));
        }
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1);
            assert!(error.key().starts_with("mspdi-"));
            assert!(!error.to_string().is_empty());
        }
    }
}

#[derive(Clone, Debug)]
enum Mutation {
    Replace(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Insert(prop::sample::Index, &'static str),
    Cut(prop::sample::Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let place = any::<prop::sample::Index>;
    let piece = prop::sample::select(vec![
        "<",
        ">",
        "&",
        "&#x41;",
        "</Task>",
        "<Task>",
        "<UID>2</UID>",
        "<![CDATA[",
        "]]>",
        "<!--",
        "<!DOCTYPE x>",
        "<?xml?>",
        "-",
        "9999999999",
        "\u{0}",
        "桥",
        "PT",
        "xmlns=\"\"",
        "<OutlineLevel>4294967295</OutlineLevel>",
    ]);
    prop_oneof![
        (place(), any::<u8>()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (place(), 1..200usize).prop_map(|(at, len)| Mutation::Remove(at, len)),
        (place(), 1..400usize).prop_map(|(at, len)| Mutation::Repeat(at, len)),
        (place(), piece).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        place().prop_map(Mutation::Cut),
    ]
}

fn mutate(bytes: &mut Vec<u8>, mutation: &Mutation) {
    if bytes.is_empty() {
        return;
    }
    let range = |at: &prop::sample::Index, len: usize| {
        let start = at.index(bytes.len());
        start..(start + len).min(bytes.len())
    };
    match mutation {
        Mutation::Replace(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Mutation::Remove(at, len) => drop(bytes.drain(range(at, *len))),
        Mutation::Repeat(at, len) => {
            let range = range(at, *len);
            let copy = bytes[range.clone()].to_vec();
            bytes.splice(range.end..range.end, copy);
        }
        Mutation::Insert(at, piece) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, piece.bytes());
        }
        Mutation::Cut(at) => bytes.truncate(at.index(bytes.len())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_mutation_of_a_file_panics(mutations in prop::collection::vec(mutation(), 1..6)) {
        let mut bytes = sample().into_bytes();
        for mutation in &mutations {
            mutate(&mut bytes, mutation);
        }
        assert_read_or_refused(&bytes);
    }

    #[test]
    fn no_mutation_of_a_utf_16_file_panics(mutations in prop::collection::vec(mutation(), 1..4)) {
        let mut bytes = utf16(&sample().replace("UTF-8", "UTF-16"), u16::to_be_bytes);
        for mutation in &mutations {
            mutate(&mut bytes, mutation);
        }
        assert_read_or_refused(&bytes);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_read_or_refused(&bytes);
    }

    #[test]
    fn no_value_of_a_field_panics(
        field in prop::sample::select(vec![
            "UID", "OutlineLevel", "Duration", "DurationFormat", "Start", "PercentComplete",
            "CalendarUID", "ConstraintType", "Deadline", "Priority", "Work",
        ]),
        value in "-?P?T?[0-9]{0,24}[HMSD.:T-]?[0-9]{0,6}[HMS]?",
    ) {
        let fields = format!("<{field}>{value}</{field}>");
        assert_read_or_refused(file(&format!("<Task>{fields}</Task>")).as_bytes());
        assert_read_or_refused(file(&(task(1, 1, "") + &task(2, 1, &fields))).as_bytes());
    }

    #[test]
    fn no_lag_panics(lag in any::<i64>(), format in any::<u8>()) {
        let more = format!("<LinkLag>{lag}</LinkLag><LagFormat>{format}</LagFormat>");
        let tasks = task(1, 1, "") + &task(2, 1, &link(1, 1, &more));
        assert_read_or_refused(file(&tasks).as_bytes());
    }
}
