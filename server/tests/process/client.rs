//! A client that speaks the protocol over a real WebSocket. Everything it waits for has a deadline.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use heqi_protocol::charter::Charter;
use heqi_protocol::fixture::{self, Person};
use heqi_protocol::frame::Sent;
use heqi_protocol::handshake::{Challenge, Who};
use heqi_protocol::log::Point;
use heqi_protocol::{
    Ack, Bytes, DocumentId, Envelope, FromRelay, Incarnation, List, ToRelay, VentureId,
};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const DEADLINE: Duration = Duration::from_secs(30);

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    challenge: Option<Challenge>,
    pub(crate) charter: Charter,
    pub(crate) incarnation: Incarnation,
}

impl Client {
    /// Dials, and does not wait for anything.
    pub(crate) async fn dial(address: SocketAddr) -> Self {
        let url = format!("ws://{address}/sync");
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let nobody = Person::new(0, fixture::party(0));
        let relay = fixture::relay_key(&nobody.key);
        Self {
            socket,
            challenge: None,
            charter: Charter::found(&fixture::genesis(&nobody, relay, 0)).unwrap(),
            incarnation: Incarnation {
                number: 0,
                nonce: [0; 8],
            },
        }
    }

    /// Dials and takes the challenge.
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let mut client = Self::dial(address).await;
        match client.next().await {
            FromRelay::Challenge(challenge) => client.challenge = Some(challenge),
            other => panic!("no challenge but {other:?}"),
        }
        client
    }

    /// Founds a venture.
    pub(crate) async fn found(address: SocketAddr, founder: &Person) -> Self {
        let mut client = Self::connect(address).await;
        let relay = client.challenge.unwrap().relay;
        let entry = fixture::genesis(founder, relay, 7);
        client.charter = Charter::found(&entry).unwrap();
        let venture = client.charter.venture();
        client
            .hello(venture, Who::Founder(founder.device()), 0, founder)
            .await;
        let entry = Bytes::new(entry.bytes().to_vec()).unwrap();
        client.send(&ToRelay::Found(entry)).await;
        match client.next().await {
            FromRelay::Charter { first: 0, .. } => client,
            other => panic!("not founded but {other:?}"),
        }
    }

    /// Connects as a member who has the whole charter.
    pub(crate) async fn join(address: SocketAddr, person: &Person, charter: &Charter) -> Self {
        let mut client = Self::connect(address).await;
        client.charter = charter.clone();
        let (venture, position) = (charter.venture(), charter.position());
        client.hello(venture, person.who(), position, person).await;
        client
    }

    async fn hello(&mut self, venture: VentureId, who: Who, position: u64, person: &Person) {
        let challenge = self.challenge.unwrap();
        let hello = fixture::hello(&challenge, venture, who, position, &person.key);
        self.send(&ToRelay::Hello(hello.clone())).await;
        match self.next().await {
            FromRelay::Welcome(welcome) => {
                welcome.verify(&challenge, &hello).unwrap();
                self.incarnation = welcome.incarnation;
            }
            other => panic!("not welcome but {other:?}"),
        }
    }

    pub(crate) async fn append(&mut self, envelope: &Envelope) {
        let bytes = Bytes::new(envelope.bytes().to_vec()).unwrap();
        self.send(&ToRelay::Append(bytes)).await;
    }

    pub(crate) async fn subscribe(&mut self, document: DocumentId) {
        let locator = List::default();
        self.send(&ToRelay::Subscribe { document, locator }).await;
    }

    /// Subscribes and reads up to the acknowledged head.
    pub(crate) async fn read_all(&mut self, document: DocumentId) -> (Vec<Vec<u8>>, Point) {
        self.subscribe(document).await;
        let mut read = Vec::new();
        loop {
            match self.next().await {
                FromRelay::Ack(ack) => return (read, ack.point),
                other => read.extend(whole(&other)),
            }
        }
    }

    /// The next `count` envelopes of others.
    pub(crate) async fn next_whole(&mut self, count: usize) -> Vec<Vec<u8>> {
        let mut read = Vec::new();
        while read.len() < count {
            let frame = self.next().await;
            read.extend(whole(&frame));
        }
        read
    }

    pub(crate) async fn next_ack(&mut self) -> Ack {
        loop {
            if let FromRelay::Ack(ack) = self.next().await {
                ack.verify(self.charter.relay()).unwrap();
                return ack;
            }
        }
    }

    pub(crate) async fn next(&mut self) -> FromRelay {
        self.next_or_end().await.expect("the relay has closed")
    }

    /// The next frame; `None` once the connection has ended.
    pub(crate) async fn next_or_end(&mut self) -> Option<FromRelay> {
        loop {
            let message = tokio::time::timeout(DEADLINE, self.socket.next()).await;
            match message.expect("nothing comes") {
                Some(Ok(Message::Binary(bytes))) => {
                    return Some(FromRelay::decode(&bytes).unwrap());
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    async fn send(&mut self, frame: &ToRelay) {
        let message = Message::binary(frame.encode());
        self.socket.send(message).await.unwrap();
    }
}

fn whole(frame: &FromRelay) -> Vec<Vec<u8>> {
    let FromRelay::Entries { entries, .. } = frame else {
        return Vec::new();
    };
    let envelopes = entries.iter().filter_map(|entry| match &entry.sent {
        Sent::Whole(bytes) => Some(bytes.to_vec()),
        Sent::Yours(_) => None,
    });
    envelopes.collect()
}
