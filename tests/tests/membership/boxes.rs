//! Keys that were boxed badly: who cannot open theirs says so, and somebody honest gives new ones.

use std::collections::BTreeSet;

use heqi_protocol::Space;
use heqi_replica::{Act, Event, Reply, Request};
use heqi_tests::hostile::BadBoxes;

use super::Run;

/// Seeds, so that the manager who boxes badly is sometimes the first to answer and sometimes not.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=8;

#[test]
fn whose_key_was_boxed_as_garbage_complains_and_reads_again_by_an_honest_manager() {
    let mut most = 0;
    for seed in SEEDS {
        let mut run = Run::start(seed, &["Ann", "Bob", "Cho"]);
        let (ann, bob, cho) = (0, 1, 2);
        run.add(ann, "before").unwrap();
        run.net.settle();
        let seal = run.charter().devices()[&run.device(ann)].keys.seal;
        let bad = BadBoxes::by(&run.net.devices[bob], seal);
        run.net.rewrite = Some(Box::new(move |by, frame| match by == bob {
            true => bad.instead_of(frame),
            false => frame,
        }));
        let spaces = BTreeSet::from([Space::Plan]);
        let id = run.net.devices[bob].ask(Request::Charter(Act::Rotate(spaces)));
        while !run.net.devices[bob].replies.contains_key(&id) {
            run.net.run(1);
        }
        assert!(matches!(run.net.devices[bob].replies[&id], Ok(Reply::Done)));
        // Ann is away: what is written meanwhile she cannot open, and nothing is refused.
        run.net.cut(ann);
        run.add(cho, "meanwhile").unwrap();
        run.net.settle();
        run.add(ann, "while away").unwrap();
        run.net.heal(ann);
        run.net.settle();
        let all = ["before", "meanwhile", "while away"];
        for device in [ann, bob, cho] {
            assert_eq!(run.names_on(device), all, "seed {seed}");
        }
        let newest = run.epoch(Space::Plan);
        assert!(run.net.devices[ann].replica().has_key(Space::Plan, newest));
        let (complaints, given) = told(&mut run, cho);
        assert!(complaints > 0 && given > complaints, "seed {seed}");
        most = most.max(complaints);
        run.check();
    }
    assert!(most > 1, "the manager has boxed badly once at most");
}

/// How often somebody complained of a key, and keys were given, as the history on a device has it.
fn told(run: &mut Run, device: usize) -> (usize, usize) {
    let id = run.net.devices[device].ask(Request::History);
    run.net.settle();
    let Some(Ok(Reply::History(history))) = run.net.devices[device].replies.remove(&id) else {
        panic!("no history");
    };
    let count = |wanted: &Event| history.iter().filter(|it| it.event == *wanted).count();
    (
        count(&Event::Complained(Space::Plan)),
        count(&Event::KeysGiven),
    )
}
