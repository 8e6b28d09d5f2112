//! A relay that is not honest to one member: real processes at both ends of real sockets, told in words what to do.

use heqi_protocol::DeviceId;
use heqi_tests::hostile::{HostileRelay, Lie};
use serde_json::Value;

use super::home::{Exit, Home};
use super::relay::Relay;
use super::{sync_all, text, two_parties_at};

/// Ann and Bob at a relay whose host deceives Bob.
struct Deceived {
    _relay: Relay,
    host: HostileRelay,
    ann: Home,
    bob: Home,
}

impl Deceived {
    /// Both have read one task; nobody is deceived yet.
    fn begin() -> Self {
        let relay = Relay::start();
        let host = relay.hostile();
        let (ann, bob) = two_parties_at(&host.url());
        ann.run(&["task", "add", "Before"]);
        bob.run(&["sync"]);
        Self {
            _relay: relay,
            host,
            ann,
            bob,
        }
    }

    fn deceive_bob(&self, lie: Lie) {
        self.host.deceive(device_of(&self.bob), lie);
    }

    fn be_honest(&self) {
        self.host.go_on_honestly(device_of(&self.bob));
    }

    /// Ann moves the venture to an honest relay, which both are at then; whatever each has written is there.
    fn move_away(&self, written: &[&str]) -> Relay {
        let honest = Relay::start();
        let moved = self.ann.run(&["relay", "move", honest.url(), "--dead"]);
        self.bob.run(&["relay", "follow", text(&moved["link"])]);
        sync_all(&[&self.ann, &self.bob]);
        for home in [&self.ann, &self.bob] {
            assert_has(home, written);
            assert_eq!(home.run(&["status"])["relay"], honest.url());
            assert_eq!(home.run(&["status"])["quarantined"], 0);
            assert_eq!(home.run(&["charter", "verify"])["valid"], true);
        }
        assert_eq!(
            self.ann.run(&["plan", "list"]),
            self.bob.run(&["plan", "list"])
        );
        honest
    }
}

#[test]
fn two_histories_are_told_with_what_to_do_when_they_cross_and_end_by_a_move() {
    let deceived = Deceived::begin();
    let (ann, bob) = (&deceived.ann, &deceived.bob);
    deceived.deceive_bob(Lie::LeaveOut);
    ann.run(&["task", "add", "From Ann"]);
    // In Ann's log it stands behind hers, in his own it is in its place.
    bob.run(&["task", "add", "From Bob"]);
    assert_eq!(bob.names(), ["Before", "From Bob"]);
    assert_eq!(ann.run(&["sync"])["alarms"], 0);
    // This one says what its author had seen.
    bob.run(&["task", "add", "Second from Bob"]);
    let told = ann.fails(&["sync"], Exit::Misbehaviour);
    assert_eq!(
        (&told["alarms"], &told["sync"]["state"]),
        (&1.into(), &"acknowledged".into())
    );
    assert_alarmed(ann, "Bob (Beta)", bob);
    assert_eq!(bob.run(&["status"])["alarms"], 0);

    deceived.be_honest();
    ann.run(&["task", "add", "Second from Ann"]);
    bob.fails(&["sync"], Exit::Misbehaviour);
    assert_alarmed(bob, "Ann (Alpha)", ann);

    // What each has stays whole, and goes on.
    assert_has(ann, &["Before", "From Ann", "From Bob", "Second from Bob"]);
    assert_has(bob, &["Before", "From Bob", "Second from Bob"]);
    for home in [ann, bob] {
        assert_exports(home);
    }
    put_away(ann, bob);
    put_away(bob, ann);
    let written = [
        "Before",
        "From Ann",
        "From Bob",
        "Second from Bob",
        "Second from Ann",
    ];
    let _honest = deceived.move_away(&written);
    bob.run(&["task", "add", "At the honest relay"]);
    assert_eq!(ann.run(&["sync"])["alarms"], 0);
    assert_has(ann, &["At the honest relay"]);
}

#[test]
fn what_one_frame_proves_stops_syncing_with_the_proof_and_what_to_do() {
    const CONTRADICTS: [&str; 2] = [
        "contradicts what it had acknowledged",
        "与其先前确认的内容相矛盾",
    ];
    const BROKE: [&str; 2] = ["broke the protocol", "违反协议"];
    for (lie, what, proof) in [
        (
            Lie::RollBack,
            CONTRADICTS,
            ["lost acknowledged entries", "丢失了已确认的条目"],
        ),
        (
            Lie::AckAnother,
            CONTRADICTS,
            [
                "acknowledged a log that is not the one it showed",
                "确认的日志与其出示的不同",
            ],
        ),
        (
            Lie::Reorder,
            CONTRADICTS,
            [
                "acknowledged a log that is not the one it showed",
                "确认的日志与其出示的不同",
            ],
        ),
        (
            Lie::Replay,
            CONTRADICTS,
            ["sent log entries with a gap", "发送的日志条目有缺口"],
        ),
        (
            Lie::ForgeAck,
            BROKE,
            ["signed with a wrong key", "使用了错误的签名密钥"],
        ),
    ] {
        let deceived = Deceived::begin();
        let (ann, bob) = (&deceived.ann, &deceived.bob);
        deceived.deceive_bob(lie);
        if lie != Lie::RollBack {
            for name in ["First from Ann", "Second from Ann"] {
                ann.run(&["task", "add", name]);
            }
        }
        bob.offline(&["task", "add", "From Bob"]);
        // What has been read is not shown again: each language is asked for from the same state.
        let copies = ["en", "zh-CN"].map(|language| (language, bob.copy()));
        let told = bob.fails(&["sync"], Exit::Misbehaviour);
        assert_eq!(told["sync"]["state"], "stopped", "{lie:?}");
        assert_eq!(told["sync"]["pending"], 1, "{lie:?}");
        let advice = [["managers", "another relay"], ["合作经理", "另一中继"]];
        for (index, (language, copy)) in copies.iter().enumerate() {
            let said = copy.told(&["--lang", language, "sync"], Exit::Misbehaviour);
            for part in [
                what[index],
                proof[index],
                advice[index][0],
                advice[index][1],
            ] {
                assert!(said.contains(part), "{lie:?}: {part:?} is not in {said:?}");
            }
        }
        assert_has(bob, &["Before", "From Bob"]);
        assert_exports(bob);
        // Where places have changed, an author has seen another log as well.
        if bob.run(&["status"])["alarms"] == 1 {
            put_away(bob, ann);
        }
        let _honest = deceived.move_away(&["Before", "From Bob"]);
    }
}

#[test]
fn what_a_relay_keeps_back_shows_in_when_somebody_was_heard_last_until_it_is_proven() {
    let deceived = Deceived::begin();
    let (ann, bob) = (&deceived.ann, &deceived.bob);
    let heard = |exit| match exit {
        None => bob.run(&["security"])["heard"][0].clone(),
        Some(exit) => bob.fails(&["security"], exit)["heard"][0].clone(),
    };
    let before = heard(None);
    assert_eq!(before["party"], "Alpha");
    deceived.deceive_bob(Lie::LeaveOut);
    for name in ["First", "Second"] {
        ann.run(&["task", "add", name]);
    }
    // Whole and acknowledged: nothing proves it yet.
    assert_eq!(bob.run(&["sync"])["sync"]["state"], "acknowledged");
    assert_eq!(heard(None), before);
    for (language, parts) in [
        (
            "en",
            ["holds edits back shows here", "Alpha", "last heard 20"],
        ),
        (
            "zh-CN",
            ["若主机扣留编辑，会在此显现", "Alpha", "最近收到：20"],
        ),
    ] {
        let said = bob.says(&["--lang", language, "security"]);
        for part in parts {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    }
    // Its author had seen more than Bob's log has before it.
    deceived.be_honest();
    ann.run(&["task", "add", "Third"]);
    bob.fails(&["sync"], Exit::Misbehaviour);
    assert_alarmed(bob, "Ann (Alpha)", ann);
    let now = heard(Some(Exit::Misbehaviour));
    assert!(now["heard_ms"].as_u64() > before["heard_ms"].as_u64());
    put_away(bob, ann);
    let _honest = deceived.move_away(&["Before", "First", "Second", "Third"]);
}

#[test]
fn an_edit_that_a_relay_has_changed_counts_nowhere_and_is_told_to_be_nobodys() {
    let deceived = Deceived::begin();
    let (ann, bob) = (&deceived.ann, &deceived.bob);
    deceived.deceive_bob(Lie::Alter);
    ann.run(&["task", "add", "From Ann"]);
    assert_eq!(bob.run(&["sync"])["quarantined"], 1);
    assert_eq!(bob.names(), ["Before"]);
    let refused = bob.run(&["security"])["refused"][0].clone();
    assert_eq!(
        (&refused["forged"], &refused["by"]),
        (&true.into(), &Value::Null)
    );
    for (language, parts) in [
        (
            "en",
            [
                "nobody has signed it",
                "the relay is not honest",
                "another relay",
            ],
        ),
        ("zh-CN", ["没有任何人如此签署", "中继不诚实", "另一中继"]),
    ] {
        let said = bob.says(&["--lang", language, "security"]);
        for part in parts {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    }
    // The log with the changed edit is another history.
    bob.run(&["task", "add", "From Bob"]);
    ann.fails(&["sync"], Exit::Misbehaviour);
    assert_alarmed(ann, "Bob (Beta)", bob);
    put_away(ann, bob);
    let _honest = deceived.move_away(&["Before", "From Ann", "From Bob"]);
}

#[test]
fn a_charter_that_does_not_go_on_is_told_by_the_log_that_does() {
    let deceived = Deceived::begin();
    let (ann, bob) = (&deceived.ann, &deceived.bob);
    deceived.deceive_bob(Lie::StaleCharter);
    ann.run(&["key", "rotate"]);
    ann.run(&["task", "add", "Under new keys"]);
    let told = bob.fails(&["sync"], Exit::Unavailable);
    assert_eq!(told["sync"]["state"], "stopped");
    for (language, parts) in [
        (
            "en",
            ["has not shown", "compare with a partner", "move the relay"],
        ),
        ("zh-CN", ["尚未出示的章程条目", "请与伙伴核对", "迁移中继"]),
    ] {
        let said = bob.told(&["--lang", language, "sync"], Exit::Unavailable);
        for part in parts {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    }
    deceived.be_honest();
    bob.run(&["sync"]);
    assert_has(bob, &["Before", "Under new keys"]);
}

#[test]
fn who_watches_is_told_of_an_alarm_at_once() {
    let deceived = Deceived::begin();
    let (ann, bob) = (&deceived.ann, &deceived.bob);
    deceived.deceive_bob(Lie::LeaveOut);
    ann.run(&["task", "add", "From Ann"]);
    let mut watch = ann.watch();
    bob.run(&["task", "add", "From Bob"]);
    bob.run(&["task", "add", "Second from Bob"]);
    watch.wait_for(|event| event["event"] == "alarms" && event["alarms"] == 1);
    watch.end();
}

/// That a home has raised the alarm about a device of somebody, and says in both languages what to do.
fn assert_alarmed(home: &Home, member: &str, other: &Home) {
    assert_eq!(home.run(&["status"])["alarms"], 1);
    let security = home.fails(&["security"], Exit::Misbehaviour);
    let [alarm] = security["alarms"].as_array().unwrap().as_slice() else {
        panic!("{security}");
    };
    assert_eq!(alarm["device"], device_of(other).to_string());
    assert_eq!(alarm["member"], member);
    assert_eq!(alarm["differs"]["type"], "log");
    for (language, short, long) in [
        (
            "en",
            "1 device was shown another history",
            [
                "was shown other edits than you",
                "Call them",
                "heqi relay move URL",
                "loses nothing",
            ],
        ),
        (
            "zh-CN",
            "有 1 台设备看到的历史与本机不同",
            [
                "与您的不同",
                "请拨打其已知号码",
                "heqi relay move URL",
                "不会丢失内容",
            ],
        ),
    ] {
        let status = home.says(&["--lang", language, "status"]);
        assert!(status.contains(short), "{short:?} is not in {status:?}");
        let said = home.told(&["--lang", language, "security"], Exit::Misbehaviour);
        for part in long {
            assert!(said.contains(part), "{part:?} is not in {said:?}");
        }
    }
}

/// Puts away the alarm about a device of somebody.
fn put_away(home: &Home, other: &Home) {
    let device = device_of(other).to_string();
    let left = home.run(&["security", "--dismiss", &device[..8]]);
    assert_eq!(left["alarms"], Value::Array(Vec::new()));
    assert_eq!(home.run(&["status"])["alarms"], 0);
}

fn assert_exports(home: &Home) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("export");
    home.run(&["export", dir.to_str().unwrap()]);
    assert_eq!(home.run(&["verify", dir.to_str().unwrap()])["valid"], true);
}

fn assert_has(home: &Home, names: &[&str]) {
    let there = home.names();
    for name in names {
        assert!(
            there.iter().any(|it| it == name),
            "{name} is not in {there:?}"
        );
    }
}

/// The device of a home, without a word to any relay.
fn device_of(home: &Home) -> DeviceId {
    let listed = home.run(&["device", "list"]);
    let devices = listed["devices"].as_array().unwrap();
    let this = devices
        .iter()
        .find(|device| device["this"] == true)
        .unwrap();
    DeviceId::parse(text(&this["id"])).unwrap()
}
