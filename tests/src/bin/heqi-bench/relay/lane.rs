//! One connection under load: a window of frames in flight, everything that comes back counted.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use ed25519_dalek::{Signer as _, SigningKey};
use futures_util::{SinkExt as _, StreamExt as _};
use heqi_protocol::fixture::Stream;
use heqi_protocol::frame::Sent;
use heqi_protocol::{FromRelay, ToRelay};
use tokio_tungstenite::tungstenite::Message;

use super::bare::{self, Acknowledgement};
use super::venture::{self, Socket};

/// How long a server may be silent before a round is given up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Threads that sign.
const SIGNERS: usize = 2;

/// Frames to be sent over one connection, ready as they go out.
pub(crate) struct Load(Vec<Bytes>);

impl Load {
    /// The next `count` envelopes of a stream.
    pub(crate) fn of_envelopes(stream: &mut Stream, count: usize, ciphertext_bytes: usize) -> Self {
        let ciphertext = vec![0xa5; ciphertext_bytes];
        let frames = (0..count).map(|_| {
            let envelope = stream.seal(&ciphertext);
            let bytes = heqi_protocol::Bytes::new(envelope.bytes().to_vec())
                .expect("an envelope that was made is within the limit");
            ToRelay::Append(bytes).encode().into()
        });
        Self(frames.collect())
    }

    /// `count` messages of `bytes` bytes, each signed.
    pub(crate) fn of_messages(key: &SigningKey, count: usize, bytes: usize) -> Self {
        let frames = (0..count).map(|number| {
            let mut body = vec![0xa5; bytes.saturating_sub(bare::SIGNATURE_BYTES).max(8)];
            body[..8].copy_from_slice(&(number as u64).to_le_bytes());
            let mut message = key.sign(&body).to_bytes().to_vec();
            message.extend(body);
            message.into()
        });
        Self(frames.collect())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn frame_bytes(&self) -> usize {
        self.0.first().map_or(0, Bytes::len)
    }
}

/// Makes loads with all processors, in the order of what they are made of.
pub(crate) fn in_parallel<T: Send>(
    of: impl Iterator<Item = T>,
    make: impl Fn(T) -> Load + Sync,
) -> Vec<Load> {
    let mut shares: Vec<Vec<(usize, T)>> = (0..SIGNERS).map(|_| Vec::new()).collect();
    for (at, one) in of.enumerate() {
        shares[at % SIGNERS].push((at, one));
    }
    let make = &make;
    let mut made: Vec<(usize, Load)> = std::thread::scope(|scope| {
        let signers: Vec<_> = shares
            .into_iter()
            .map(|share| {
                scope.spawn(move || {
                    let made = share.into_iter().map(|(at, one)| (at, make(one)));
                    made.collect::<Vec<_>>()
                })
            })
            .collect();
        let done = signers
            .into_iter()
            .map(|signer| signer.join().expect("signing does not panic"));
        done.flatten().collect()
    });
    made.sort_by_key(|(at, _)| *at);
    made.into_iter().map(|(_, load)| load).collect()
}

/// How a round is run.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    pub(crate) window: usize,
    /// Connections whose frames each one gets.
    pub(crate) fan_in: usize,
}

impl Round {
    /// Sends every load over its connection; seconds until all is acknowledged and has reached everybody.
    pub(crate) async fn run(self, lanes: &mut Vec<Lane>, loads: Vec<Load>) -> Result<f64> {
        ensure!(lanes.len() == loads.len(), "as many loads as connections");
        let started = Instant::now();
        let running: Vec<_> = std::mem::take(lanes)
            .into_iter()
            .zip(loads)
            .map(|(lane, load)| tokio::spawn(self.run_one(lane, load)))
            .collect();
        for lane in running {
            lanes.push(lane.await.context("a connection panicked")??);
        }
        Ok(started.elapsed().as_secs_f64())
    }

    async fn run_one(self, mut lane: Lane, load: Load) -> Result<Lane> {
        let due = load.len() * self.fan_in;
        let mut waiting = load.0.into_iter();
        let mut in_flight = 0;
        lane.received = 0;
        loop {
            let room = self.window - in_flight;
            let before = in_flight;
            for frame in waiting.by_ref().take(room) {
                in_flight += 1;
                lane.socket.feed(Message::Binary(frame)).await?;
            }
            if in_flight > before {
                lane.socket.flush().await?;
            }
            if in_flight == 0 && lane.received >= due {
                return Ok(lane);
            }
            let acknowledged = lane.next().await?;
            in_flight = in_flight
                .checked_sub(acknowledged)
                .context("more is acknowledged than was sent")?;
        }
    }
}

/// One connection.
pub(crate) struct Lane {
    socket: Socket,
    speech: Speech,
    /// Frames of others that came in this round.
    received: usize,
}

/// How acknowledgements are told.
enum Speech {
    /// Own entries come back by their hash; an acknowledgement covers all that came before it.
    Relay { unacknowledged: usize },
    /// Each acknowledgement says how many it is for.
    Bare { commits: u64 },
}

impl Lane {
    /// A connection that a relay has welcomed and subscribed.
    pub(crate) const fn to_relay(socket: Socket) -> Self {
        Self {
            socket,
            speech: Speech::Relay { unacknowledged: 0 },
            received: 0,
        }
    }

    /// Connects to the bare server as one of a group; its load is signed with `key`.
    pub(crate) async fn to_bare(address: SocketAddr, group: u64, key: &SigningKey) -> Result<Self> {
        let mut socket = venture::dial(&format!("ws://{address}/")).await?;
        let hello = bare::hello(group, &key.verifying_key());
        socket.send(Message::binary(hello)).await?;
        let mut lane = Self {
            socket,
            speech: Speech::Bare { commits: 0 },
            received: 0,
        };
        // The answer, so that it gets what others send from now on.
        lane.next().await?;
        Ok(lane)
    }

    /// Commits that the server has told of; 0 where it does not.
    pub(crate) const fn commits(&self) -> u64 {
        match self.speech {
            Speech::Relay { .. } => 0,
            Speech::Bare { commits } => commits,
        }
    }

    /// Waits for a message; how many own frames it acknowledges.
    async fn next(&mut self) -> Result<usize> {
        let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        match message.context("the server says nothing")? {
            Some(Ok(Message::Binary(bytes))) => self.take(&bytes),
            Some(Ok(_)) => Ok(0),
            Some(Err(error)) => Err(error).context("the connection broke"),
            None => bail!("the server hung up"),
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<usize> {
        match &mut self.speech {
            Speech::Bare { commits } => match Acknowledgement::read(bytes) {
                Some(acknowledgement) => {
                    *commits = acknowledgement.commit;
                    Ok(usize::try_from(acknowledgement.count)?)
                }
                None => {
                    self.received += 1;
                    Ok(0)
                }
            },
            Speech::Relay { unacknowledged } => {
                match FromRelay::decode(bytes).context("the relay says what nobody can read")? {
                    FromRelay::Entries { entries, .. } => {
                        let own = entries
                            .iter()
                            .filter(|entry| matches!(entry.sent, Sent::Yours(_)))
                            .count();
                        *unacknowledged += own;
                        self.received += entries.len() - own;
                        Ok(0)
                    }
                    FromRelay::Ack(_) => Ok(std::mem::take(unacknowledged)),
                    // The first envelope opens the document, which is told to all.
                    FromRelay::Documents(_) => Ok(0),
                    other => bail!("the relay says {other:?}"),
                }
            }
        }
    }
}
