//! What the relay is compared with: a broadcast that is durable and verifies one signature a message, and no more.
//!
//! WebSockets by tokio-tungstenite, one redb table, the relay's commit mode (quick repair) and cache, all that has come
//! in meanwhile in one commit. A message goes to the others of its group and is acknowledged once it is on disk. There
//! is no order per author, no charter, no chain, no signed acknowledgement, no limit and no way to read what was missed.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use ed25519_dalek::{Signature, VerifyingKey};
use futures_util::stream::SplitSink;
use futures_util::{SinkExt as _, StreamExt as _};
use redb::{Database, TableDefinition};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

pub(crate) const SIGNATURE_BYTES: usize = 64;
const BATCH_MAX: usize = 1024;
const CACHE_BYTES: usize = 128 << 20;
const HELLO_BYTES: usize = 8 + 32;
/// First bytes of what the server sends.
const MESSAGE: u8 = 0;
const ACKNOWLEDGED: u8 = 1;

const LOG: TableDefinition<u128, &[u8]> = TableDefinition::new("log");

/// The first message of a connection: its group and key.
pub(crate) fn hello(group: u64, key: &VerifyingKey) -> Vec<u8> {
    let mut hello = group.to_le_bytes().to_vec();
    hello.extend(key.as_bytes());
    hello
}

/// The server's word for some messages of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acknowledgement {
    /// How many more are on disk.
    pub(crate) count: u32,
    /// Number of the commit.
    pub(crate) commit: u64,
}

impl Acknowledgement {
    /// `None` where it is somebody's message.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (&ACKNOWLEDGED, rest) = bytes.split_first()? else {
            return None;
        };
        let (count, commit) = rest.split_at_checked(4)?;
        Some(Self {
            count: u32::from_le_bytes(count.try_into().ok()?),
            commit: u64::from_le_bytes(commit.try_into().ok()?),
        })
    }

    fn frame(self) -> Bytes {
        let mut frame = vec![ACKNOWLEDGED];
        frame.extend(self.count.to_le_bytes());
        frame.extend(self.commit.to_le_bytes());
        frame.into()
    }
}

/// Serves until it is killed.
pub(crate) fn serve(data: &Path) -> Result<()> {
    let db = redb::Builder::new()
        .set_cache_size(CACHE_BYTES)
        .create(data.join("bare.redb"))
        .context("cannot open the store")?;
    let (jobs, queue) = mpsc::channel(BATCH_MAX);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.spawn(accept(jobs));
    // The writer is this thread.
    Writer::new(db).run(queue)
}

enum Job {
    Open(u64, Member),
    Append { conn: u64, message: Bytes },
    Gone(u64),
}

struct Member {
    group: u64,
    // Unbounded: the load waits for acknowledgements, which bounds it.
    out: mpsc::UnboundedSender<Bytes>,
}

async fn accept(jobs: mpsc::Sender<Job>) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut conn = 0;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        conn += 1;
        let jobs = jobs.clone();
        tokio::spawn(async move {
            if let Err(error) = serve_one(stream, conn, &jobs).await {
                eprintln!("bare: {error:#}");
            }
            // An error says that the writer has ended.
            let _ = jobs.send(Job::Gone(conn)).await;
        });
    }
}

async fn serve_one(stream: TcpStream, conn: u64, jobs: &mpsc::Sender<Job>) -> Result<()> {
    // As large as the relay's.
    let config = WebSocketConfig::default()
        .read_buffer_size(4 << 10)
        .write_buffer_size(8 << 10);
    let socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await?;
    let (sink, mut messages) = socket.split();
    let Some(Message::Binary(hello)) = messages.next().await.transpose()? else {
        bail!("no hello");
    };
    let (group, key) = read_hello(&hello)?;
    let (out, queue) = mpsc::unbounded_channel();
    tokio::spawn(send_on(sink, queue));
    jobs.send(Job::Open(conn, Member { group, out })).await?;
    while let Some(message) = messages.next().await.transpose()? {
        let Message::Binary(message) = message else {
            continue;
        };
        let Some((signature, body)) = message.split_first_chunk::<SIGNATURE_BYTES>() else {
            bail!("no signature");
        };
        key.verify_strict(body, &Signature::from_bytes(signature))?;
        jobs.send(Job::Append { conn, message }).await?;
    }
    Ok(())
}

fn read_hello(hello: &[u8]) -> Result<(u64, VerifyingKey)> {
    let hello: &[u8; HELLO_BYTES] = hello.try_into()?;
    let (group, key) = hello.split_at(8);
    let key = VerifyingKey::from_bytes(key.try_into()?)?;
    Ok((u64::from_le_bytes(group.try_into()?), key))
}

/// Sends what is queued, and flushes once for all that is there.
async fn send_on(
    mut sink: SplitSink<WebSocketStream<TcpStream>, Message>,
    mut queue: mpsc::UnboundedReceiver<Bytes>,
) -> Result<()> {
    let mut ready = Vec::new();
    while queue.recv_many(&mut ready, BATCH_MAX).await > 0 {
        for message in ready.drain(..) {
            sink.feed(Message::Binary(message)).await?;
        }
        sink.flush().await?;
    }
    Ok(())
}

struct Writer {
    db: Database,
    members: BTreeMap<u64, Member>,
    groups: BTreeMap<u64, Vec<u64>>,
    seqs: BTreeMap<u64, u64>,
    commits: u64,
}

impl Writer {
    const fn new(db: Database) -> Self {
        Self {
            db,
            members: BTreeMap::new(),
            groups: BTreeMap::new(),
            seqs: BTreeMap::new(),
            commits: 0,
        }
    }

    fn run(mut self, mut queue: mpsc::Receiver<Job>) -> Result<()> {
        let mut jobs = Vec::new();
        while queue.blocking_recv_many(&mut jobs, BATCH_MAX) > 0 {
            let mut appends = Vec::new();
            for job in jobs.drain(..) {
                match job {
                    Job::Open(conn, member) => self.open(conn, member),
                    Job::Append { conn, message } => appends.push((conn, message)),
                    Job::Gone(conn) => self.forget(conn),
                }
            }
            if !appends.is_empty() {
                self.commit(&appends)?;
                self.give_out(&appends);
            }
        }
        Ok(())
    }

    fn open(&mut self, conn: u64, member: Member) {
        // An error says that it has gone already.
        let _ = member.out.send(self.acknowledgement(0));
        self.groups.entry(member.group).or_default().push(conn);
        self.members.insert(conn, member);
    }

    fn forget(&mut self, conn: u64) {
        let member = self.members.remove(&conn);
        if let Some(group) = member.and_then(|member| self.groups.get_mut(&member.group)) {
            group.retain(|other| *other != conn);
        }
    }

    fn commit(&mut self, appends: &[(u64, Bytes)]) -> Result<()> {
        let mut txn = self.db.begin_write()?;
        txn.set_quick_repair(true);
        let mut table = txn.open_table(LOG)?;
        for (conn, message) in appends {
            let Some(member) = self.members.get(conn) else {
                continue;
            };
            let seq = self.seqs.entry(member.group).or_default();
            *seq += 1;
            let key = u128::from(member.group) << 64 | u128::from(*seq);
            table.insert(key, &message[..])?;
        }
        drop(table);
        txn.commit()?;
        self.commits += 1;
        Ok(())
    }

    fn give_out(&self, appends: &[(u64, Bytes)]) {
        let mut counts = BTreeMap::<u64, u32>::new();
        for (conn, message) in appends {
            *counts.entry(*conn).or_default() += 1;
            let group = self.members.get(conn).map(|member| member.group);
            let others = group.and_then(|group| self.groups.get(&group));
            let mut frame = Vec::with_capacity(1 + message.len());
            frame.push(MESSAGE);
            frame.extend_from_slice(message);
            let frame = Bytes::from(frame);
            for other in others.into_iter().flatten().filter(|other| *other != conn) {
                self.send(*other, frame.clone());
            }
        }
        for (conn, count) in counts {
            self.send(conn, self.acknowledgement(count));
        }
    }

    fn acknowledgement(&self, count: u32) -> Bytes {
        let commit = self.commits;
        Acknowledgement { count, commit }.frame()
    }

    fn send(&self, conn: u64, frame: Bytes) {
        if let Some(member) = self.members.get(&conn) {
            // An error says that it has gone; the writer hears of it soon.
            let _ = member.out.send(frame);
        }
    }
}
