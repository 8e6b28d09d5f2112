//! A relay that is killed again and again while many write: all that it acknowledged is there, in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use heqi_protocol::charter::Charter;
use heqi_protocol::fixture::{self, Person, Stream};
use heqi_protocol::log::{Point, chain_next, chain_start};
use heqi_protocol::{DocumentId, Envelope, FromRelay, Hash, Space, VentureId};
use tokio::sync::Semaphore;

use super::client::{Client, DEADLINE};
use super::relay::Relay;

const ROUNDS: u64 = 12;
/// Envelopes of one writer in one round, at most.
const ENVELOPES_MAX: usize = 2_000;
/// Sent before the writer looks for an acknowledgement.
const BURST: usize = 16;

/// One who writes to one document, over a connection of their own.
#[derive(Clone)]
struct Writer {
    person: Person,
    charter: Charter,
    stream: Stream,
}

/// What came of one writer's round.
struct Written {
    document: DocumentId,
    sent: Vec<Hash>,
    acknowledged: Vec<Point>,
}

/// What is known of a document's log.
#[derive(Default)]
struct Log {
    /// What the relay has acknowledged of it, ever.
    acknowledged: Vec<Point>,
    /// What each writer sent in each round, in order.
    sent: Vec<Vec<Hash>>,
    /// As it was read last.
    read: Vec<Hash>,
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_acknowledged_is_there_after_each_kill_9_under_load() {
    let dir = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(dir.path(), &[]);
    let mut logs: BTreeMap<(VentureId, DocumentId), Log> = BTreeMap::new();
    let mut writers = Vec::new();
    for party in 1..=2 {
        let person = Person::new(party, fixture::party(party));
        let mut founder = Client::found(relay.address, &person).await;
        let charter = founder.charter.clone();
        let stream = |seed| Stream::new(&person, charter.venture(), seed);
        // Two share a document, two have one each.
        let streams = [
            stream(0),
            stream(1),
            stream(2).opening([2; 16]),
            stream(3).opening([3; 16]),
        ];
        for mut stream in streams {
            let first = stream.seal(b"first");
            founder.append(&first).await;
            let log = logs.entry((charter.venture(), stream.document()));
            let log = log.or_default();
            log.acknowledged.push(founder.next_ack().await.point);
            log.sent.push(vec![first.hash()]);
            let (person, charter) = (person.clone(), charter.clone());
            writers.push(Writer {
                person,
                charter,
                stream,
            });
        }
    }
    for round in 0..ROUNDS {
        let acks = Arc::new(Semaphore::new(0));
        let mut tasks = tokio::task::JoinSet::new();
        for (number, writer) in writers.iter().enumerate() {
            let seed = 100 + round * 100 + number as u64;
            let client = Client::join(relay.address, &writer.person, &writer.charter).await;
            let writer = writer.clone().anew(seed);
            tasks.spawn(writer.write(client, Arc::clone(&acks)));
        }
        // Some rounds end while the first envelopes are under way, others in the midst of it.
        let enough = u32::try_from(round * round).unwrap();
        tokio::select! {
            waited = tokio::time::timeout(DEADLINE, acks.acquire_many(enough)) => {
                drop(waited.expect("nothing comes"));
            }
            ended = tasks.join_next() => panic!("a writer ended before the relay: {:?}", ended.map(|it| it.err())),
        }
        relay.kill();
        while let Some(written) = tasks.join_next().await {
            let (venture, written) = written.unwrap();
            let log = logs.get_mut(&(venture, written.document)).unwrap();
            log.acknowledged.extend(written.acknowledged);
            log.sent.push(written.sent);
        }
        relay = Relay::start(dir.path(), &[]);
        for writer in &writers {
            let mut reader = Client::join(relay.address, &writer.person, &writer.charter).await;
            let (venture, document) = (writer.charter.venture(), writer.stream.document());
            let (read, head) = reader.read_all(document).await;
            let log = logs.get_mut(&(venture, document)).unwrap();
            log.check(venture, document, &read, head, round);
        }
    }
    let acknowledged = logs
        .values()
        .flat_map(|log| log.acknowledged.iter().max_by_key(|it| it.seq));
    let acknowledged: u64 = acknowledged.map(|point| point.seq).sum();
    assert!(acknowledged > 500, "{acknowledged} is no load");
}

impl Writer {
    /// A new stream into the same document, which is open.
    fn anew(mut self, seed: u64) -> Self {
        let document = self.stream.document();
        self.stream = Stream::new(&self.person, self.charter.venture(), seed);
        self.stream.header.space = Space::Plan;
        self.stream.header.document = document;
        self
    }

    /// Writes until the relay is gone.
    async fn write(mut self, mut client: Client, acks: Arc<Semaphore>) -> (VentureId, Written) {
        let venture = self.charter.venture();
        let mut written = Written {
            document: self.stream.document(),
            sent: Vec::new(),
            acknowledged: Vec::new(),
        };
        'alive: while written.sent.len() < ENVELOPES_MAX {
            for _ in 0..BURST {
                let envelope = self.stream.seal(&[7; 300]);
                written.sent.push(envelope.hash());
                if !client.try_append(&envelope).await {
                    break 'alive;
                }
            }
            loop {
                match client.next_or_end().await {
                    Some(FromRelay::Ack(ack)) => {
                        ack.verify(self.charter.relay()).unwrap();
                        written.acknowledged.push(ack.point);
                        acks.add_permits(1);
                        break;
                    }
                    Some(FromRelay::Nack { reason, .. }) => panic!("refused: {reason:?}"),
                    Some(_) => {}
                    None => break 'alive,
                }
            }
        }
        while let Some(frame) = client.next_or_end().await {
            if let FromRelay::Ack(ack) = frame {
                written.acknowledged.push(ack.point);
            }
        }
        (venture, written)
    }
}

impl Log {
    /// Holds what the relay has after its death against what it had said and what it was sent.
    fn check(
        &mut self,
        venture: VentureId,
        document: DocumentId,
        read: &[Vec<u8>],
        head: Point,
        round: u64,
    ) {
        let read = read.iter().map(|bytes| Envelope::decode(bytes.clone()));
        let read: Vec<Hash> = read.map(|envelope| envelope.unwrap().hash()).collect();
        assert_eq!(head.seq, read.len() as u64, "round {round}");
        assert!(
            read.starts_with(&self.read),
            "round {round}: it has changed"
        );
        let mut chains = vec![chain_start(venture, document)];
        for hash in &read {
            chains.push(chain_next(chains[chains.len() - 1], *hash, 1));
        }
        assert_eq!(head.chain, chains[read.len()], "round {round}");
        for point in &self.acknowledged {
            let seq = usize::try_from(point.seq).unwrap();
            assert_eq!(
                chains.get(seq),
                Some(&point.chain),
                "round {round}: what was acknowledged at {seq} is gone"
            );
        }
        // What was not acknowledged may have got there; whatever did, did so in its writer's order.
        let places: BTreeMap<&Hash, usize> = read.iter().zip(0..).collect();
        let mut known = BTreeSet::new();
        for sent in &self.sent {
            let there = sent.iter().map_while(|hash| places.get(hash));
            let there: Vec<usize> = there.copied().collect();
            assert!(there.is_sorted(), "round {round}: out of order");
            known.extend(there);
        }
        assert_eq!(known.len(), read.len(), "round {round}: nobody sent it so");
        self.read = read;
    }
}
