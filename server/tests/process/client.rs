//! A client that speaks the protocol over a real WebSocket. Everything it waits for has a deadline.

use std::net::SocketAddr;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use futures_util::{SinkExt, StreamExt};
use heqi_protocol::charter::{Charter, Entry};
use heqi_protocol::fixture::{self, Person};
use heqi_protocol::frame::{CharterRecord, Sent};
use heqi_protocol::handshake::{Challenge, Who};
use heqi_protocol::log::Point;
use heqi_protocol::{
    Ack, Bytes, DocumentId, Envelope, FromRelay, Incarnation, List, RelayKey, ToRelay, VentureId,
};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
const NARROW_BYTES: u32 = 16 << 10;

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    challenge: Option<Challenge>,
    /// Every byte that came.
    pub(crate) heard: Vec<u8>,
    pub(crate) charter: Charter,
    pub(crate) incarnation: Incarnation,
}

impl Client {
    /// Dials, and does not wait for anything.
    pub(crate) async fn dial(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap()).await
    }

    /// The same over a connection that is there.
    async fn over(stream: TcpStream) -> Self {
        let url = format!("ws://{}/sync", stream.peer_addr().unwrap());
        let stream = MaybeTlsStream::Plain(stream);
        let (socket, _) = tokio_tungstenite::client_async(url, stream).await.unwrap();
        let nobody = Person::new(0, fixture::party(0));
        let relay = fixture::relay_key(&nobody.key);
        Self {
            socket,
            challenge: None,
            heard: Vec::new(),
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
        client.take_challenge().await;
        client
    }

    async fn take_challenge(&mut self) {
        match self.next().await {
            FromRelay::Challenge(challenge) => self.challenge = Some(challenge),
            other => panic!("no challenge but {other:?}"),
        }
    }

    /// Founds a venture.
    pub(crate) async fn found(address: SocketAddr, founder: &Person) -> Self {
        Self::found_with(address, founder, fixture::genesis).await
    }

    /// Founds a venture with keys for every space.
    pub(crate) async fn found_whole(address: SocketAddr, founder: &Person) -> Self {
        Self::found_with(address, founder, fixture::whole_genesis).await
    }

    async fn found_with(
        address: SocketAddr,
        founder: &Person,
        genesis: fn(&Person, RelayKey, u64) -> Entry,
    ) -> Self {
        let mut client = Self::connect(address).await;
        let relay = client.challenge.unwrap().relay;
        let entry = genesis(founder, relay, 7);
        client.charter = Charter::found(&entry).unwrap();
        let venture = client.charter.venture();
        let who = Who::Founder(founder.device());
        client.hello(venture, who, 0, &founder.key).await;
        let entry = Bytes::new(entry.bytes().to_vec()).unwrap();
        client.send(&ToRelay::Found(entry)).await;
        match client.next().await {
            FromRelay::Charter { first: 0, .. } => client,
            other => panic!("not founded but {other:?}"),
        }
    }

    /// Connects as a member who has the whole charter.
    pub(crate) async fn join(address: SocketAddr, person: &Person, charter: &Charter) -> Self {
        let client = Self::connect(address).await;
        client.joined(person, charter).await
    }

    /// The same with little memory for what comes and is not read.
    pub(crate) async fn join_narrow(
        address: SocketAddr,
        person: &Person,
        charter: &Charter,
    ) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(NARROW_BYTES).unwrap();
        let mut client = Self::over(socket.connect(address).await.unwrap()).await;
        client.take_challenge().await;
        client.joined(person, charter).await
    }

    async fn joined(mut self, person: &Person, charter: &Charter) -> Self {
        self.charter = charter.clone();
        let (venture, position) = (charter.venture(), charter.position());
        self.hello(venture, person.who(), position, &person.key)
            .await;
        self
    }

    /// Connects as whoever holds that key, with some of the charter.
    pub(crate) async fn greet(
        address: SocketAddr,
        charter: &Charter,
        who: Who,
        position: u64,
        key: &SigningKey,
    ) -> Self {
        let mut client = Self::connect(address).await;
        client.charter = charter.clone();
        client.hello(charter.venture(), who, position, key).await;
        client
    }

    /// Amends the charter, and waits until the entry comes back.
    pub(crate) async fn amend(&mut self, entry: &Entry) {
        self.send_entry(entry).await;
        while self.next_records().await.last().map(|it| it.ack.head) != Some(entry.hash()) {}
        self.charter.append(entry).unwrap();
    }

    pub(crate) async fn send_entry(&mut self, entry: &Entry) {
        let bytes = Bytes::new(entry.bytes().to_vec()).unwrap();
        self.send(&ToRelay::Amend(bytes)).await;
    }

    pub(crate) async fn restore_charter(&mut self, records: Vec<CharterRecord>) {
        let records = List::new(records).unwrap();
        self.send(&ToRelay::RestoreCharter(records)).await;
    }

    /// The next charter entries.
    pub(crate) async fn next_records(&mut self) -> Vec<CharterRecord> {
        loop {
            if let FromRelay::Charter { entries, .. } = self.next().await {
                return entries.into_vec();
            }
        }
    }

    /// Everything until the relay closes.
    pub(crate) async fn read_out(&mut self) -> Vec<FromRelay> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next_or_end().await {
            frames.push(frame);
        }
        frames
    }

    async fn hello(&mut self, venture: VentureId, who: Who, position: u64, key: &SigningKey) {
        let challenge = self.challenge.unwrap();
        let hello = fixture::hello(&challenge, venture, who, position, key);
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

    /// The same towards a relay that may be gone: false where it is.
    pub(crate) async fn try_append(&mut self, envelope: &Envelope) -> bool {
        let bytes = Bytes::new(envelope.bytes().to_vec()).unwrap();
        let frame = ToRelay::Append(bytes).encode();
        self.socket.send(Message::binary(frame)).await.is_ok()
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
                    self.heard.extend(&bytes);
                    return Some(FromRelay::decode(&bytes).unwrap());
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Answers as many pings of the relay.
    pub(crate) async fn answer_pings(&mut self, count: usize) {
        let mut answered = 0;
        while answered < count {
            let message = tokio::time::timeout(DEADLINE, self.socket.next()).await;
            match message.expect("nothing comes") {
                Some(Ok(message)) => answered += usize::from(message.is_ping()),
                other => panic!("closed: {other:?}"),
            }
        }
    }

    /// Says something without reading anything; false once the connection has ended.
    pub(crate) async fn ping(&mut self) -> bool {
        let ping = Message::Ping(Vec::new().into());
        self.socket.send(ping).await.is_ok()
    }

    /// Sends a frame that says nothing, of so many bytes.
    pub(crate) async fn send_bytes(&mut self, bytes: usize) {
        // The other side may close while it comes.
        let _ = self.socket.send(Message::binary(vec![0; bytes])).await;
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
