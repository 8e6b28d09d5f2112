//! At least one value of every kind that stands on the wire, by name.

use heqi_protocol::charter::Author;
use heqi_protocol::envelope::Position;
use heqi_protocol::frame::{
    AmendRefused, Attested, CharterRecord, Listed, LogEntry, NackReason, Place, RestoredEntry,
    Sent, Unavailable,
};
use heqi_protocol::handshake::{Challenge, Hello, Versions, Welcome, Who};
use heqi_protocol::log::{CharterAck, Seen};
use heqi_protocol::{
    Ack, Bytes, DocumentId, Envelope, FromRelay, Hash, Header, InviteId, List, Misbehaviour,
    PartyId, Prev, Space, Text, ToRelay,
};

use super::samples::{
    INCARNATION, device, envelope, founder, header, history, invite_key, point, public, relay,
    relay_key, root, venture,
};

pub(crate) const SPACES: [Space; 8] = [
    Space::Directory,
    Space::Plan,
    Space::Risk,
    Space::Contracts,
    Space::Finance,
    Space::Market,
    Space::Governance,
    Space::Private(PartyId([0x10; 16])),
];

pub(crate) const MISBEHAVIOURS: [Misbehaviour; 16] = [
    Misbehaviour::BadFrame,
    Misbehaviour::OutOfTurn,
    Misbehaviour::NoCommonVersion,
    Misbehaviour::BadSignature,
    Misbehaviour::WrongRelay,
    Misbehaviour::NotAdmitted,
    Misbehaviour::OtherVenture,
    Misbehaviour::WrongDocument,
    Misbehaviour::Equivocation,
    Misbehaviour::BrokenLog,
    Misbehaviour::ForkedLog,
    Misbehaviour::ForkedCharter,
    Misbehaviour::BadCharter,
    Misbehaviour::RolledBack,
    Misbehaviour::ForgedAck,
    Misbehaviour::TooMuch,
];

pub(crate) const NACK_REASONS: [NackReason; 7] = [
    NackReason::StaleEpoch { current: 7 },
    NackReason::Gap { have: 8 },
    NackReason::Forbidden,
    NackReason::TooBig,
    NackReason::Quota,
    NackReason::RestoreFirst,
    NackReason::KeysDue,
];

pub(crate) const AMEND_REFUSALS: [AmendRefused; 5] = [
    AmendRefused::MovedOn { position: 9 },
    AmendRefused::Expired,
    AmendRefused::Forbidden,
    AmendRefused::InviteSpent,
    AmendRefused::Closed,
];

pub(crate) const UNAVAILABLE: [Unavailable; 5] = [
    Unavailable::Draining,
    Unavailable::Storage,
    Unavailable::Busy,
    Unavailable::UnknownVenture,
    Unavailable::Moved,
];

pub(crate) fn who() -> [Who; 3] {
    [
        Who::Device(device(&founder())),
        Who::Invite(InviteId(public(&invite_key()))),
        Who::Founder(device(&founder())),
    ]
}

pub(crate) fn authors() -> [Author; 2] {
    [
        Author::Device(device(&founder())),
        Author::Invite(InviteId(public(&invite_key()))),
    ]
}

pub(crate) fn predecessors() -> [(&'static str, Prev); 3] {
    let acknowledged = Position {
        stream: heqi_protocol::StreamId([0x5b; 16]),
        dseq: 41,
        hash: Hash([0x5c; 32]),
    };
    [
        ("first", Prev::First { acknowledged: None }),
        (
            "first_after",
            Prev::First {
                acknowledged: Some(acknowledged),
            },
        ),
        (
            "next",
            Prev::Next {
                hash: Hash([0x5d; 32]),
            },
        ),
    ]
}

pub(crate) fn headers() -> Vec<(&'static str, Header)> {
    let mut headers = Vec::new();
    for (name, prev) in predecessors() {
        let dseq = if name == "next" { 2 } else { 1 };
        let header = header();
        headers.push((
            name,
            Header {
                prev,
                dseq,
                ..header
            },
        ));
    }
    let nonce = [0x6e; 16];
    let (author, space) = (device(&founder()), Space::Contracts);
    let opens = Header {
        space,
        document: DocumentId::opened_by(venture(), space, author, nonce),
        opens: Some(nonce),
        generation: 3,
        epoch: 4,
        seen: Seen {
            incarnation: Some(INCARNATION),
            ..header().seen
        },
        ..header()
    };
    headers.push(("opens", opens));
    headers
}

pub(crate) fn envelopes() -> Vec<(&'static str, Envelope)> {
    let sign = |(name, header): (_, Header)| (name, envelope(&header));
    headers().into_iter().map(sign).collect()
}

pub(crate) fn challenge() -> Challenge {
    Challenge {
        versions: Versions { min: 1, max: 1 },
        relay: relay(),
        nonce: [0x31; 32],
    }
}

pub(crate) fn hello(who: Who) -> Hello {
    let origin = Text::new("wss://relay.example:8787/sync").unwrap();
    let key = match who {
        Who::Invite(_) => invite_key(),
        Who::Device(_) | Who::Founder(_) => founder(),
    };
    Hello::sign(&challenge(), venture(), who, origin, [0x32; 32], 4, &key)
}

pub(crate) fn welcome() -> Welcome {
    let hello = hello(who()[0]);
    let head = Hash([0x33; 32]);
    Welcome::sign(&challenge(), &hello, INCARNATION, 4, head, &relay_key())
}

pub(crate) fn ack() -> Ack {
    Ack::sign(venture(), root(), INCARNATION, point(17), &relay_key())
}

pub(crate) fn charter_ack() -> CharterAck {
    let head = history()[1].hash();
    CharterAck::sign(venture(), INCARNATION, 2, head, &relay_key())
}

pub(crate) fn to_relay() -> Vec<(&'static str, ToRelay)> {
    let [genesis, admit, ..] = &history()[..] else {
        panic!("the sample history is longer");
    };
    let entry = |bytes: &[u8]| Bytes::new(bytes.to_vec()).unwrap();
    let record = CharterRecord {
        entry: entry(admit.bytes()),
        ack: charter_ack(),
    };
    let sealed = Bytes::new(envelope(&header()).bytes().to_vec()).unwrap();
    let restored = RestoredEntry {
        charter_position: 4,
        envelope: sealed.clone(),
    };
    let place = Place {
        charter_position: 4,
        envelope: Hash([0x22; 32]),
    };
    vec![
        ("hello_device", ToRelay::Hello(hello(who()[0]))),
        ("hello_invite", ToRelay::Hello(hello(who()[1]))),
        ("hello_founder", ToRelay::Hello(hello(who()[2]))),
        ("found", ToRelay::Found(entry(genesis.bytes()))),
        ("amend", ToRelay::Amend(entry(admit.bytes()))),
        (
            "restore_charter",
            ToRelay::RestoreCharter(List::new(vec![record]).unwrap()),
        ),
        (
            "subscribe",
            ToRelay::Subscribe {
                document: root(),
                locator: List::new(vec![point(17), point(16), point(0)]).unwrap(),
            },
        ),
        ("append", ToRelay::Append(sealed)),
        ("attest_log", ToRelay::Attest(Attested::Log(ack()))),
        (
            "attest_charter",
            ToRelay::Attest(Attested::Charter(charter_ack())),
        ),
        (
            "restore",
            ToRelay::Restore {
                document: root(),
                first_seq: 18,
                entries: List::new(vec![restored]).unwrap(),
            },
        ),
        (
            "prove",
            ToRelay::Prove {
                before: Hash([0x21; 32]),
                places: List::new(vec![place]).unwrap(),
                ack: Some(ack()),
            },
        ),
    ]
}

pub(crate) fn from_relay() -> Vec<(String, FromRelay)> {
    let mut frames: Vec<(String, FromRelay)> = about_logs()
        .into_iter()
        .map(|(name, frame)| (name.to_owned(), frame))
        .collect();
    for reason in AMEND_REFUSALS {
        let entry = Hash([0x71; 32]);
        let frame = FromRelay::AmendRefused { entry, reason };
        frames.push((format!("amend_refused_{reason:?}"), frame));
    }
    for reason in NACK_REASONS {
        let frame = FromRelay::Nack {
            document: root(),
            stream: header().stream,
            dseq: 2,
            reason,
        };
        frames.push((format!("nack_{reason:?}"), frame));
    }
    for reason in MISBEHAVIOURS {
        frames.push((format!("refused_{reason:?}"), FromRelay::Refused(reason)));
    }
    for reason in UNAVAILABLE {
        let frame = FromRelay::Unavailable(reason);
        frames.push((format!("unavailable_{reason:?}"), frame));
    }
    // Names in the files are words: what a variant holds shows in its bytes.
    for (name, _) in &mut frames {
        name.truncate(name.find(' ').unwrap_or(name.len()));
    }
    frames
}

fn about_logs() -> Vec<(&'static str, FromRelay)> {
    let record = CharterRecord {
        entry: Bytes::new(history()[1].bytes().to_vec()).unwrap(),
        ack: charter_ack(),
    };
    let whole = Bytes::new(envelope(&header()).bytes().to_vec()).unwrap();
    let entries = [Sent::Whole(whole), Sent::Yours(Hash([0x72; 32]))].map(|sent| LogEntry {
        charter_position: 4,
        sent,
    });
    let listed = SPACES.map(|space| Listed {
        document: DocumentId::root(venture(), space),
        space,
        seq: 19,
    });
    let (document, matched, head) = (root(), point(17), point(19));
    vec![
        ("challenge", FromRelay::Challenge(challenge())),
        ("welcome", FromRelay::Welcome(welcome())),
        (
            "charter",
            FromRelay::Charter {
                first: 1,
                entries: List::new(vec![record]).unwrap(),
            },
        ),
        (
            "documents",
            FromRelay::Documents(List::new(listed.to_vec()).unwrap()),
        ),
        (
            "subscribed",
            FromRelay::Subscribed {
                document,
                matched,
                head,
            },
        ),
        (
            "entries",
            FromRelay::Entries {
                document,
                first_seq: 18,
                entries: List::new(entries.to_vec()).unwrap(),
            },
        ),
        ("ack", FromRelay::Ack(ack())),
        ("reread", FromRelay::Reread(document)),
        ("reincarnated", FromRelay::Reincarnated(INCARNATION)),
    ]
}
