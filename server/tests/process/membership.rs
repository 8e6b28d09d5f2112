//! Members who come and go, codes that are looked up, ventures that move, over real connections.

use std::collections::BTreeSet;

use heqi_protocol::charter::{Charter, Extent, OfferKind, Target};
use heqi_protocol::fixture::{self, Link, Person, Stream};
use heqi_protocol::frame::Unavailable;
use heqi_protocol::handshake::Who;
use heqi_protocol::log::Point;
use heqi_protocol::{DocumentId, FromRelay, Misbehaviour, Role, Space};

use super::ann;
use super::client::Client;
use super::relay::Relay;

const REFUSED: FromRelay = FromRelay::Refused(Misbehaviour::NotAdmitted);

/// Makes `person` a member of the founder's venture, on both sides.
async fn admit(client: &mut Client, relay: &Relay, by: &Person, person: &Person, roles: &[Role]) {
    let link = Link::new(client.charter.position());
    let invite = fixture::invite(&client.charter, by, &link, person.party, roles, None);
    client.amend(&invite).await;
    let who = Who::Invite(link.id());
    let mut holder = Client::greet(relay.address, &client.charter, who, 0, &link.key).await;
    let accept = fixture::accept(&client.charter, &link, person);
    holder.amend(&accept).await;
    client.next_records().await;
    client.charter = holder.charter;
}

fn removal(charter: &Charter, by: &Person, person: &Person) -> heqi_protocol::charter::Entry {
    let target = Target::Device(person.device());
    fixture::remove(charter, by, target, None, Vec::new())
}

#[tokio::test]
async fn a_removal_holds_wherever_kill_9_falls() {
    let dir = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let mut client = Client::found_whole(relay.address, &ann).await;
    for round in 0..4 {
        let bob = Person::new(100 + round, ann.party);
        Box::pin(admit(&mut client, &relay, &ann, &bob, &[Role::Pmo])).await;
        let mut of_bob = Client::join(relay.address, &bob, &client.charter).await;
        let known = client.charter.position();
        let entry = removal(&client.charter, &ann, &bob);
        client.send_entry(&entry).await;
        if round % 2 == 1 {
            // It is on disk now, and bob may or may not have heard.
            while client.next_records().await[0].ack.head != entry.hash() {}
        }
        relay.kill();
        of_bob.read_out().await;
        relay = Relay::start(dir.path(), &[]);
        let charter = client.charter.clone();
        client = Client::join(relay.address, &ann, &charter).await;
        // Whether it got there or not, asking again gives the same answer.
        client.amend(&entry).await;
        let who = bob.who();
        let mut back = Client::greet(relay.address, &client.charter, who, known, &bob.key).await;
        let got = back.read_out().await;
        let [FromRelay::Charter { entries, .. }, last] = &got[..] else {
            panic!("round {round}: {got:?}");
        };
        assert_eq!(entries[0].ack.head, entry.hash(), "round {round}");
        assert_eq!(entries.len(), 1);
        assert_eq!(*last, REFUSED);
    }
}

#[tokio::test]
async fn a_code_leads_to_its_venture_until_it_is_used_and_not_to_be_guessed_at() {
    let dir = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let mut client = Client::found_whole(relay.address, &ann).await;
    let code = Link::new(5);
    let offer = fixture::offer(&client.charter, &ann, &code, OfferKind::Device, None);
    client.amend(&offer).await;
    let path = format!("/find/{}", code.id());
    let expected = format!(
        "{{\"venture\":\"{}\",\"relay\":\"{}\"}}",
        client.charter.venture(),
        client.charter.relay()
    );
    relay.kill();
    relay = Relay::start(dir.path(), &[]);
    let answer = relay.get(&path, "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("content-type: application/json\r\n"));
    assert!(answer.ends_with(&format!("\r\n\r\n{expected}")), "{answer}");
    for wrong in [
        "/find/",
        "/find/00",
        &format!("/find/{}", Link::new(6).id()),
    ] {
        assert!(relay.get(wrong, "").starts_with("HTTP/1.1 404"), "{wrong}");
    }
    let who = Who::Invite(code.id());
    let mut holder = Client::greet(relay.address, &client.charter, who, 0, &code.key).await;
    let second = ann.on_device(8);
    let add = fixture::add_device(&client.charter, &code, &second);
    holder.amend(&add).await;
    assert!(relay.get(&path, "").starts_with("HTTP/1.1 404"));
    Client::join(relay.address, &second, &holder.charter).await;
    let mut answers = BTreeSet::new();
    for _ in 0..60 {
        answers.insert(
            relay
                .get(&path, "")
                .split_whitespace()
                .nth(1)
                .map(str::to_owned),
        );
    }
    assert!(answers.contains(&Some("429".to_owned())), "{answers:?}");
}

#[tokio::test]
async fn a_device_without_access_is_never_sent_a_byte_of_a_space() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let bob = Person::new(2, ann.party);
    let mut client = Client::found_whole(relay.address, &ann).await;
    Box::pin(admit(&mut client, &relay, &ann, &bob, &[Role::Viewer])).await;
    let venture = client.charter.venture();
    let mut secrets = [
        Stream::into_space(&ann, venture, Space::Finance, 1),
        Stream::into_space(&ann, venture, Space::Finance, 2).opening([2; 16]),
    ];
    let mut plan = Stream::new(&ann, venture, 3);
    let (mut heard, mut needles) = (Vec::new(), BTreeSet::new());
    for round in 0..5_u8 {
        let position = client.charter.position() * u64::from(round % 2);
        let who = bob.who();
        let charter = &client.charter;
        let mut of_bob = Client::greet(relay.address, charter, who, position, &bob.key).await;
        of_bob.subscribe(plan.document()).await;
        for stream in &mut secrets {
            of_bob.subscribe(stream.document()).await;
            let envelope = stream.seal(&[0xa0 | round; 64]);
            client.append(&envelope).await;
            let ack = client.next_ack().await;
            needles.insert(envelope.ciphertext().to_vec());
            needles.insert(envelope.hash().0.to_vec());
            needles.insert(ack.point.chain.0.to_vec());
        }
        let envelope = plan.seal(&[0x50 | round; 64]);
        client.append(&envelope).await;
        client.next_ack().await;
        // Once the plan has come, so would everything before it have.
        let count = usize::from(round) + 1;
        assert_eq!(
            of_bob.next_whole(count).await.pop(),
            Some(envelope.bytes().to_vec())
        );
        heard.push(of_bob.heard);
    }
    for heard in heard {
        for needle in &needles {
            assert!(!heard.windows(needle.len()).any(|it| it == needle));
        }
    }
}

#[tokio::test]
async fn a_venture_outlives_its_relay() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut old = Relay::start(dirs[0].path(), &[]);
    let mut new = Relay::start(dirs[1].path(), &[]);
    let ann = ann();
    let mut client = Client::found_whole(old.address, &ann).await;
    let bob = Person::new(2, ann.party);
    Box::pin(admit(&mut client, &old, &ann, &bob, &[Role::Pmo])).await;
    let charter = client.charter.clone();
    let mut reader = Client::greet(old.address, &charter, ann.who(), 0, &ann.key).await;
    let kept = reader.next_records().await;
    old.kill();

    let key = super::relay::key_of(dirs[1].path());
    let entry = fixture::move_relay(&charter, &ann, key);
    let mut client = Client::join(new.address, &ann, &charter).await;
    client.restore_charter(kept.clone()).await;
    client.amend(&entry).await;
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    client.append(&stream.seal(b"goes on")).await;
    assert_eq!(client.next_ack().await.point.seq, 1);
    new.kill();
    new = Relay::start(dirs[1].path(), &[]);
    let who = bob.who();
    let mut of_bob = Client::greet(new.address, &client.charter, who, 0, &bob.key).await;
    let got = of_bob.next_records().await;
    assert_eq!(got[..kept.len()], kept, "with the old relay's word");
    assert!(got.iter().all(|it| client.charter.is_acknowledged(&it.ack)));
    assert_eq!(got.last().unwrap().ack.head, entry.hash());

    // The old one comes back to life, and whoever passes by tells it.
    old = Relay::start(dirs[0].path(), &[]);
    let mut client = Client::join(old.address, &ann, &client.charter).await;
    client.restore_charter(got[kept.len()..].to_vec()).await;
    let moved = FromRelay::Unavailable(Unavailable::Moved);
    assert_eq!(client.read_out().await.last(), Some(&moved));
    let mut late = Client::greet(old.address, &charter, who, 0, &bob.key).await;
    let told = late.read_out().await;
    assert_eq!(told.last(), Some(&moved));
    let FromRelay::Charter { entries, .. } = &told[0] else {
        panic!("{told:?}");
    };
    assert_eq!(entries.last().unwrap().ack.head, entry.hash());
}

#[tokio::test]
async fn an_entry_far_larger_than_a_chunk_reaches_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let mut client = Client::found_whole(relay.address, &ann).await;
    let bob = Person::new(2, ann.party);
    Box::pin(admit(&mut client, &relay, &ann, &bob, &[Role::Pmo])).await;
    for seed in 0..150 {
        let code = Link::new(1_000 + seed);
        let offer = fixture::offer(&client.charter, &ann, &code, OfferKind::Recovery, None);
        client.amend(&offer).await;
    }
    let carl = ann.on_device(50);
    let code = Link::new(1_000);
    let who = Who::Invite(code.id());
    let mut holder = Client::greet(relay.address, &client.charter, who, 0, &code.key).await;
    holder
        .amend(&fixture::add_device(&client.charter, &code, &carl))
        .await;
    client.next_records().await;
    client.charter = holder.charter;
    let mut of_carl = Client::join(relay.address, &carl, &client.charter).await;
    let seen = (0..4096_u64).map(|n| Extent {
        document: DocumentId(heqi_protocol::sign::digest("test document", &[&n.to_le_bytes()]).0),
        point: Point {
            seq: n,
            chain: heqi_protocol::Hash([7; 32]),
        },
    });
    let target = Target::Member(bob.member);
    let entry = fixture::remove(&client.charter, &ann, target, None, seen.collect());
    assert!(entry.bytes().len() > 400 << 10, "{}", entry.bytes().len());
    client.amend(&entry).await;
    let got = of_carl.next_records().await;
    assert_eq!(&got[0].entry[..], entry.bytes());
}
