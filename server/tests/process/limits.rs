//! What a relay allows those who connect, and what becomes of those who want more: the whole relay in this process, on
//! real sockets, with one limit at a time that is near.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use heqi_protocol::charter::Charter;
use heqi_protocol::fixture::{Person, Stream};
use heqi_protocol::limits::FRAME_BYTES_MAX;
use heqi_relay::Options;
use heqi_relay::serve::limits::Limits;
use heqi_relay::serve::{ServeError, Settings, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::ann;
use super::client::{Client, DEADLINE};
use super::relay::Certificate;

/// Time between two looks at something that is not there yet.
const LOOK: Duration = Duration::from_millis(20);
/// As good as for ever.
const FAR: Duration = Duration::from_secs(3_600);
/// Longer than a busy machine keeps a test waiting.
const NEAR: Duration = Duration::from_secs(1);

/// Limits that no test reaches, but for those it sets.
fn far() -> Limits {
    Limits {
        handshake: FAR,
        head: FAR,
        plain: FAR,
        hello: FAR,
        ping_every: FAR,
        dead_after: FAR,
        farewell: FAR,
        drain: FAR,
        ..Limits::default()
    }
}

/// A relay in this process.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ServeError>>,
    _dir: tempfile::TempDir,
}

impl Served {
    async fn start(limits: Limits) -> Self {
        Self::start_with(limits, |_| ()).await
    }

    async fn start_with(limits: Limits, change: impl FnOnce(&mut Settings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            data: dir.path().join("data"),
            listen: "127.0.0.1:0".parse().unwrap(),
            web: None,
            tls: None,
            connections_max: 100,
            limits,
            proxy: None,
            options: Options::default(),
        };
        change(&mut settings);
        let (stop, stopped) = oneshot::channel();
        let (listening, address) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        let ended = tokio::spawn(serve(settings, stopped, listening));
        Self {
            address: address.await.unwrap(),
            stop,
            ended,
            _dir: dir,
        }
    }

    /// The whole answer to a GET; empty where the relay closes without one.
    async fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: relay\r\nConnection: close\r\n\r\n");
        // It may be closed already.
        let _ = stream.write_all(request.as_bytes()).await;
        String::from_utf8(read_out(&mut stream).await).unwrap()
    }

    async fn is_well(&self) -> bool {
        self.get("/healthz").await.ends_with("\r\n\r\nok")
    }

    async fn websockets_are(&self, count: usize) {
        let line = format!("heqi_connections {count}");
        until(&line, async || {
            self.get("/metrics").await.lines().any(|it| it == line)
        })
        .await;
    }

    /// A venture with a log larger than what the system keeps for a connection that is not read.
    async fn with_long_log(&self, founder: &Person, envelopes: u64) -> (Charter, Stream) {
        let mut client = Client::found(self.address, founder).await;
        let charter = client.charter.clone();
        let mut stream = Stream::new(founder, charter.venture(), 1);
        for _ in 0..envelopes {
            client.append(&stream.seal(&vec![7; 1_000_000])).await;
        }
        while client.next_ack().await.point.seq < envelopes {}
        (charter, stream)
    }
}

/// All that comes until the other side closes, by whatever cause.
async fn read_out(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let ended = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut read)).await;
    // An error closes it too.
    let _ = ended.expect("it is not closed");
    read
}

/// Looks until it is so.
async fn until(what: &str, mut look: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + DEADLINE;
    while !look().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(LOOK).await;
    }
}

#[tokio::test]
async fn who_does_not_say_who_it_is_is_closed() {
    let limits = Limits {
        hello: NEAR,
        ..far()
    };
    let relay = Served::start(limits).await;
    let mut client = Client::connect(relay.address).await;
    assert_eq!(client.next_or_end().await, None);
    relay.websockets_are(0).await;
}

#[tokio::test]
async fn who_says_nothing_any_more_is_closed_and_who_answers_is_not() {
    let limits = Limits {
        ping_every: NEAR / 10,
        dead_after: 6 * NEAR,
        ..far()
    };
    let relay = Served::start(limits).await;
    let ann = ann();
    let mut client = Client::found(relay.address, &ann).await;
    client.answer_pings(60).await;
    relay.websockets_are(1).await;
    // Nobody reads its pings from now on, and so nobody answers.
    relay.websockets_are(0).await;
    assert_eq!(client.next_or_end().await, None);
}

#[tokio::test]
async fn who_does_not_take_what_waits_for_it_is_closed_whatever_it_says() {
    let limits = Limits {
        ping_every: NEAR / 10,
        dead_after: NEAR,
        farewell: NEAR,
        ..far()
    };
    let relay = Served::start(limits).await;
    let ann = ann();
    let (charter, stream) = Box::pin(relay.with_long_log(&ann, 16)).await;
    relay.websockets_are(0).await;
    let mut deaf = Client::join_narrow(relay.address, &ann, &charter).await;
    deaf.subscribe(stream.document()).await;
    until("it is closed", async || !deaf.ping().await).await;
    relay.websockets_are(0).await;
}

#[tokio::test]
async fn who_takes_what_waits_for_it_slowly_is_not_closed_though_it_says_nothing() {
    const ENVELOPES: u64 = 24;
    let limits = Limits {
        ping_every: NEAR,
        dead_after: 3 * NEAR,
        ..far()
    };
    let relay = Served::start(limits).await;
    let ann = ann();
    let (charter, stream) = Box::pin(relay.with_long_log(&ann, ENVELOPES)).await;
    let mut slow = Client::join_narrow(relay.address, &ann, &charter).await;
    slow.subscribe(stream.document()).await;
    // The pace of a slow line, at which all of it takes several times as long as anybody may be silent.
    let mut pace = tokio::time::interval(NEAR / 2);
    for _ in 0..ENVELOPES {
        pace.tick().await;
        slow.next_whole(1).await;
    }
}

#[tokio::test]
async fn who_sends_fast_is_read_slowly_and_not_closed() {
    let limits = Limits {
        frames_per_second: 20.0,
        ..far()
    };
    let relay = Served::start(limits).await;
    let ann = ann();
    let started = Instant::now();
    let mut client = Client::found(relay.address, &ann).await;
    let mut stream = Stream::new(&ann, client.charter.venture(), 1);
    // The first forty may come at once.
    for _ in 0..60 {
        client.append(&stream.seal(b"fast")).await;
    }
    while client.next_ack().await.point.seq < 60 {}
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_frame_that_is_too_large_ends_its_connection() {
    let relay = Served::start(far()).await;
    let mut client = Client::connect(relay.address).await;
    client.send_bytes(FRAME_BYTES_MAX + 1).await;
    assert_eq!(client.next_or_end().await, None);
    relay.websockets_are(0).await;
}

#[tokio::test]
async fn a_relay_that_stops_waits_so_long_for_who_takes_nothing() {
    let limits = Limits {
        drain: NEAR,
        ..far()
    };
    let relay = Served::start(limits).await;
    let ann = ann();
    let (charter, stream) = Box::pin(relay.with_long_log(&ann, 16)).await;
    let mut deaf = Client::join_narrow(relay.address, &ann, &charter).await;
    deaf.subscribe(stream.document()).await;
    relay.websockets_are(1).await;
    relay.stop.send(()).unwrap();
    let ended = tokio::time::timeout(DEADLINE, relay.ended).await;
    ended.expect("it does not stop").unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_comes_byte_by_byte_is_not_waited_for() {
    let limits = Limits {
        head: NEAR,
        ..far()
    };
    let relay = Served::start(limits).await;
    let stream = TcpStream::connect(relay.address).await.unwrap();
    let (mut reader, mut writer) = stream.into_split();
    let dripping = tokio::spawn(async move {
        let mut head = b"GET /healthz HTTP/1.1\r\nx: ".to_vec();
        head.resize(100_000, b'x');
        for byte in head {
            // Never as long between two as a whole head may take.
            tokio::time::sleep(LOOK).await;
            if writer.write_all(&[byte]).await.is_err() {
                return;
            }
        }
    });
    let mut read = Vec::new();
    let closed = tokio::time::timeout(DEADLINE, reader.read_to_end(&mut read)).await;
    // An error closes it too.
    let _ = closed.expect("it is not closed");
    dripping.abort();
    assert!(!read.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn a_connection_on_which_nothing_is_asked_is_closed_before_and_after_an_answer() {
    let limits = Limits {
        head: NEAR,
        ..far()
    };
    let relay = Served::start(limits).await;
    let mut silent = TcpStream::connect(relay.address).await.unwrap();
    assert_eq!(read_out(&mut silent).await, b"");
    let mut once = TcpStream::connect(relay.address).await.unwrap();
    let request = b"GET /healthz HTTP/1.1\r\nHost: relay\r\n\r\n";
    once.write_all(request).await.unwrap();
    let answer = String::from_utf8(read_out(&mut once).await).unwrap();
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
}

#[tokio::test]
async fn who_takes_an_answer_for_ever_gives_its_place_to_others() {
    const BYTES: usize = 32 << 20;
    let limits = Limits {
        plain: 5 * NEAR,
        plain_max: 0,
        ..far()
    };
    let web = tempfile::tempdir().unwrap();
    std::fs::write(web.path().join("large.bin"), vec![0; BYTES]).unwrap();
    let relay = Served::start_with(limits, |settings| {
        settings.connections_max = 1;
        settings.web = Some(web.path().to_owned());
    })
    .await;
    let mut slow = TcpStream::connect(relay.address).await.unwrap();
    let request = b"GET /large.bin HTTP/1.1\r\nHost: relay\r\n\r\n";
    slow.write_all(request).await.unwrap();
    assert!(!relay.is_well().await, "the only place is taken");
    until("the place is free", async || relay.is_well().await).await;
    assert!(read_out(&mut slow).await.len() < BYTES);
}

#[tokio::test]
async fn a_websocket_has_one_of_the_places_and_gives_it_back() {
    let limits = Limits {
        plain_max: 0,
        ..far()
    };
    let relay = Served::start_with(limits, |settings| settings.connections_max = 1).await;
    let client = Client::connect(relay.address).await;
    assert!(!relay.is_well().await, "the only place is taken");
    drop(client);
    until("there is a place", async || relay.is_well().await).await;
}

#[tokio::test]
async fn a_tls_handshake_that_is_not_finished_is_ended_and_holds_up_nobody() {
    let limits = Limits {
        handshake: NEAR,
        ..far()
    };
    let dir = tempfile::tempdir().unwrap();
    let made = Certificate::make(dir.path());
    let tls = (made.cert.clone(), made.key.clone());
    let relay = Served::start_with(limits, |settings| settings.tls = Some(tls)).await;
    let mut silent = TcpStream::connect(relay.address).await.unwrap();
    let mut begun = TcpStream::connect(relay.address).await.unwrap();
    begun.write_all(&[0x16, 3, 1]).await.unwrap();
    let answer = made.get(relay.address, "/healthz").await.unwrap();
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    for stream in [&mut silent, &mut begun] {
        assert_eq!(read_out(stream).await, b"");
    }
}

#[tokio::test]
async fn tls_handshakes_under_way_are_bounded() {
    let limits = Limits {
        handshakes_max: 2,
        ..far()
    };
    let dir = tempfile::tempdir().unwrap();
    let made = Certificate::make(dir.path());
    let tls = (made.cert.clone(), made.key.clone());
    let relay = Served::start_with(limits, |settings| settings.tls = Some(tls)).await;
    let first = TcpStream::connect(relay.address).await.unwrap();
    let _second = TcpStream::connect(relay.address).await.unwrap();
    let mut third = TcpStream::connect(relay.address).await.unwrap();
    assert_eq!(read_out(&mut third).await, b"", "one too many");
    assert!(made.get(relay.address, "/healthz").await.is_err());
    drop(first);
    until("there is room for a handshake", async || {
        made.get(relay.address, "/healthz").await.is_ok()
    })
    .await;
}
