//! The relay as a process: what it acknowledged survives its death, and what it serves is as promised.
#![allow(
    clippy::unwrap_used,
    reason = "a panic here is a failed test, in its helpers too"
)]

#[path = "process/client.rs"]
mod client;
#[path = "process/killed.rs"]
mod killed;
#[path = "process/limits.rs"]
mod limits;
#[path = "process/membership.rs"]
mod membership;
#[path = "process/relay.rs"]
mod relay;

use heqi_protocol::charter::Charter;
use heqi_protocol::fixture::{self, Person, Stream};
use heqi_protocol::frame::Unavailable;
use heqi_protocol::{FromRelay, Misbehaviour};

use client::Client;
use relay::{Certificate, Relay};

fn ann() -> Person {
    Person::new(1, fixture::party(1))
}

#[tokio::test]
async fn readers_get_what_others_append() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let mut writer = Client::found(relay.address, &ann).await;
    let charter = writer.charter.clone();
    let mut reader = Client::join(relay.address, &ann, &charter).await;
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    reader.read_all(stream.document()).await;
    let mut sent = Vec::new();
    for size in [10, 10_000, 500_000, 10] {
        let envelope = stream.seal(&vec![1; size]);
        writer.append(&envelope).await;
        sent.push(envelope.bytes().to_vec());
    }
    assert_eq!(reader.next_whole(sent.len()).await, sent);
}

#[tokio::test]
async fn a_long_log_is_read_to_its_end_while_it_grows() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let mut writer = Client::found(relay.address, &ann).await;
    let charter = writer.charter.clone();
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    let mut sent = Vec::new();
    for _ in 0..40 {
        let envelope = stream.seal(&vec![1; 200_000]);
        writer.append(&envelope).await;
        sent.push(envelope.bytes().to_vec());
    }
    while writer.next_ack().await.point.seq < 40 {}
    let mut reader = Client::join(relay.address, &ann, &charter).await;
    reader.subscribe(stream.document()).await;
    let envelope = stream.seal(b"meanwhile");
    writer.append(&envelope).await;
    sent.push(envelope.bytes().to_vec());
    assert!(reader.next_whole(sent.len()).await == sent);
}

#[tokio::test]
async fn a_stopped_relay_says_so_and_exits_well() {
    let dir = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let mut client = Client::found(relay.address, &ann).await;
    let charter = client.charter.clone();
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    let envelope = stream.seal(b"last");
    client.append(&envelope).await;
    client.next_ack().await;
    relay.terminate();
    let draining = FromRelay::Unavailable(Unavailable::Draining);
    assert_eq!(client.next_or_end().await, Some(draining));
    assert_eq!(client.next_or_end().await, None);
    assert!(relay.wait().success());

    let relay = Relay::start(dir.path(), &[]);
    let mut client = Client::join(relay.address, &ann, &charter).await;
    let (read, _) = client.read_all(stream.document()).await;
    assert_eq!(read, [envelope.bytes().to_vec()]);
}

#[tokio::test]
async fn a_text_message_is_a_frame_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(dir.path(), &[]);
    let mut client = Client::connect(relay.address).await;
    client.send_text("hello").await;
    let refused = FromRelay::Refused(Misbehaviour::BadFrame);
    assert_eq!(client.next_or_end().await, Some(refused));
    assert_eq!(client.next_or_end().await, None);
}

#[tokio::test]
async fn one_connection_too_many_is_told_that_the_relay_is_busy() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(dir.path(), &["--connections-max", "1"]);
    let first = Client::connect(relay.address).await;
    let mut second = Client::dial(relay.address).await;
    let busy = FromRelay::Unavailable(Unavailable::Busy);
    assert_eq!(second.next_or_end().await, Some(busy));
    drop(first);
}

#[cfg(target_os = "linux")]
#[test]
fn a_relay_has_itself_allowed_as_many_open_files_as_connections_need() {
    let dir = tempfile::tempdir().unwrap();
    let limit = "ulimit -Sn 200";
    let relay = Relay::start_limited(dir.path(), limit, &["--connections-max", "250"]);
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", relay.id())).unwrap();
    let files = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = files.unwrap().split_whitespace().next().unwrap();
    assert!(soft.parse::<u32>().unwrap() >= 300, "{soft}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_relay_takes_as_many_connections_as_the_system_allows_open_files() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start_limited(dir.path(), "ulimit -n 300", &[]);
    let said = Relay::said(dir.path());
    assert!(said.contains("fewer connections"), "{said}");
    assert!(!said.contains("WARN"), "{said}");
    let mut clients = Vec::new();
    let busy = FromRelay::Unavailable(Unavailable::Busy);
    loop {
        let mut client = Client::dial(relay.address).await;
        match client.next().await {
            FromRelay::Challenge(_) => clients.push(client),
            other if other == busy => break,
            other => panic!("{other:?}"),
        }
    }
    assert!((150..300).contains(&clients.len()), "{}", clients.len());
    // Whoever is there already is served on, and so are those who only look.
    assert!(relay.get("/healthz", "").ends_with("\r\n\r\nok"));
    assert!(Relay::said(dir.path()) == said, "nothing went wrong");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_relay_warns_where_too_few_open_files_are_allowed_to_be_useful() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start_limited(dir.path(), "ulimit -n 200", &[]);
    Client::connect(relay.address).await;
    let said = Relay::said(dir.path());
    assert!(
        said.contains("WARN") && said.contains("open files"),
        "{said}"
    );
    // Whoever wants few has them.
    drop(relay);
    let few = ["--connections-max", "20"];
    let _relay = Relay::start_limited(dir.path(), "ulimit -n 200", &few);
    assert_eq!(Relay::said(dir.path()), "");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_relay_whose_disk_is_full_says_so_ends_and_has_kept_what_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    // The signal ignored, writing fails as on a full disk.
    let limit = "trap '' XFSZ && ulimit -f 16384";
    let mut relay = Relay::start_limited(dir.path(), limit, &[]);
    let ann = ann();
    let mut client = Client::found(relay.address, &ann).await;
    let charter = client.charter.clone();
    let mut stream = Stream::new(&ann, charter.venture(), 1);
    let (mut sent, mut acknowledged) = (Vec::new(), 0);
    let full = 'full: loop {
        let envelope = stream.seal(&[7; 200_000]);
        client.append(&envelope).await;
        sent.push(envelope.bytes().to_vec());
        while acknowledged < sent.len() as u64 {
            match client.next().await {
                FromRelay::Ack(ack) => acknowledged = ack.point.seq,
                FromRelay::Unavailable(Unavailable::Storage) => break 'full envelope,
                _ => {}
            }
        }
        assert!(sent.len() < 1_000, "the disk is never full");
    };
    assert_eq!(client.next_or_end().await, None);
    assert!(!relay.wait().success());
    let said = Relay::said(dir.path());
    assert!(said.contains("the store failed"), "{said}");
    assert!(acknowledged > 0);

    // There is room again.
    let relay = Relay::start(dir.path(), &[]);
    let mut client = Client::join(relay.address, &ann, &charter).await;
    let (read, head) = client.read_all(stream.document()).await;
    assert_eq!(head.seq, acknowledged);
    sent.truncate(read.len());
    assert_eq!(read, sent);
    client.append(&full).await;
    assert_eq!(client.next_ack().await.point.seq, acknowledged + 1);
}

#[test]
fn a_connection_that_does_not_finish_what_it_asks_is_ended() {
    use std::io::{Read, Write};
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(dir.path(), &[]);
    let mut stream = std::net::TcpStream::connect(relay.address).unwrap();
    let deadline = std::time::Duration::from_secs(60);
    stream.set_read_timeout(Some(deadline)).unwrap();
    write!(stream, "GET /healthz HTT").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(!answer.contains("200"), "{answer}");
}

#[tokio::test]
async fn a_reincarnated_relay_keeps_its_key_and_log_and_says_its_new_incarnation() {
    let dir = tempfile::tempdir().unwrap();
    let mut relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let client = Client::found(relay.address, &ann).await;
    let charter: Charter = client.charter.clone();
    assert_eq!(client.incarnation.number, 1);
    relay.kill();
    let said = relay::run(dir.path(), "reincarnate");
    assert_eq!(said, "incarnation 2\n");
    let key = relay::run(dir.path(), "key");
    assert_eq!(key.trim_end(), charter.relay().to_string());
    let relay = Relay::start(dir.path(), &[]);
    let client = Client::join(relay.address, &ann, &charter).await;
    assert_eq!(client.incarnation.number, 2);
}

#[tokio::test]
async fn health_and_metrics_are_served() {
    let dir = tempfile::tempdir().unwrap();
    let relay = Relay::start(dir.path(), &[]);
    let ann = ann();
    let mut client = Client::found(relay.address, &ann).await;
    let mut stream = Stream::new(&ann, client.charter.venture(), 1);
    client.append(&stream.seal(b"one")).await;
    client.next_ack().await;
    assert!(relay.get("/healthz", "").ends_with("\r\n\r\nok"));
    assert!(relay.get("/readyz", "").starts_with("HTTP/1.1 200"));
    let page = relay.get("/metrics", "");
    for line in [
        "heqi_connections 1",
        "heqi_appended_total 1",
        "heqi_charter_entries_total 1",
    ] {
        assert!(page.lines().any(|it| it == line), "{line} in {page}");
    }
    assert!(relay.get("/anything", "").starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn the_web_client_is_served_compressed_cached_and_confined() {
    let dir = tempfile::tempdir().unwrap();
    let web = tempfile::tempdir().unwrap();
    std::fs::create_dir(web.path().join("assets")).unwrap();
    std::fs::write(web.path().join("index.html"), "<p>heqi").unwrap();
    std::fs::write(web.path().join("assets/app-1a2b.wasm"), "plain").unwrap();
    std::fs::write(web.path().join("assets/app-1a2b.wasm.br"), "brotli").unwrap();
    let web = web.path().to_str().unwrap();
    let relay = Relay::start(dir.path(), &["--web", web]);

    let page = relay.get("/venture/7", "").to_lowercase();
    assert!(
        page.starts_with("http/1.1 200") && page.ends_with("<p>heqi"),
        "{page}"
    );
    for header in [
        "cache-control: no-cache",
        "content-security-policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval';",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cross-origin-opener-policy: same-origin",
        "content-type: text/html; charset=utf-8",
    ] {
        assert!(page.contains(header), "{header} in {page}");
    }
    let asset = relay.get("/assets/app-1a2b.wasm", "Accept-Encoding: gzip, br\r\n");
    assert!(asset.ends_with("brotli"), "{asset}");
    for header in [
        "content-encoding: br",
        "cache-control: public, max-age=31536000, immutable",
        "content-type: application/wasm",
        "vary: accept-encoding",
    ] {
        assert!(asset.contains(header), "{header} in {asset}");
    }
    let tag = asset
        .lines()
        .find_map(|it| it.strip_prefix("etag: "))
        .unwrap();
    let again = format!("Accept-Encoding: br\r\nIf-None-Match: {tag}\r\n");
    let again = relay.get("/assets/app-1a2b.wasm", &again);
    assert!(again.starts_with("HTTP/1.1 304"), "{again}");
    assert!(relay.get("/assets/app-1a2b.wasm", "").ends_with("plain"));
    for path in ["/assets/gone.js", "/../relay.key", "/favicon.ico"] {
        assert!(relay.get(path, "").starts_with("HTTP/1.1 404"), "{path}");
    }
}

#[tokio::test]
async fn the_relay_speaks_tls_with_the_certificate_it_is_given() {
    let dir = tempfile::tempdir().unwrap();
    let made = Certificate::make(dir.path());
    let (cert, key) = (made.cert.to_str().unwrap(), made.key.to_str().unwrap());
    let relay = Relay::start(dir.path(), &["--tls-cert", cert, "--tls-key", key]);
    let answer = made.get(relay.address, "/healthz").await.unwrap();
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
}

#[test]
fn a_second_relay_on_the_same_directory_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let _first = Relay::start(dir.path(), &[]);
    let second = relay::command(dir.path(), "serve")
        .args(["--listen", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("cannot open"), "{said}");
}
