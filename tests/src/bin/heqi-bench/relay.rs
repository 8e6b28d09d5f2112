//! The relay as its own process, beside a bare durable broadcast under the same load.
//!
//! Forty connections in ten groups of four. Each keeps a window of envelopes in flight and gets what the other three
//! send. Envelopes are signed beforehand. Rounds alternate between the two servers, so that whatever else the machine
//! does meets both.

pub(crate) mod bare;
mod coalescing;
mod counters;
mod figures;
mod idle;
mod lane;
mod measured;
pub(crate) mod server;
mod venture;

use std::path::Path;

use anyhow::{Context as _, Result};
use ed25519_dalek::SigningKey;
use heqi_protocol::fixture::Stream;
use tokio::runtime::Runtime;

use self::coalescing::Coalesced;
use self::lane::{Lane, Load};
use self::measured::Measured;
use self::server::Server;
use self::venture::Venture;
use crate::report::Report;

const VENTURES: u64 = 10;
const DEVICES: u64 = 4;
/// Envelopes that each connection has in flight.
const WINDOW: usize = 32;
/// A change or two: 512 bytes of padded plaintext and the cipher's tag.
const CIPHERTEXT_BYTES: usize = 512 + 16;
const FILES_MAX: u64 = 8192;

/// How much is sent.
struct Size {
    rounds: usize,
    envelopes: usize,
    coalesced: usize,
    idle: usize,
}

impl Size {
    const FULL: Self = Self {
        rounds: 5,
        envelopes: 400,
        coalesced: 120,
        idle: 1000,
    };
    const QUICK: Self = Self {
        rounds: 2,
        envelopes: 120,
        coalesced: 40,
        idle: 200,
    };
}

/// Measures throughput, cost and memory of the relay.
pub(crate) fn measure(report: &mut Report, target: &Path, quick: bool) -> Result<()> {
    allow_many_files()?;
    let size = if quick { Size::QUICK } else { Size::FULL };
    let coalesced = coalescing::measure()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    throughput(report, &runtime, target, &size, &coalesced)?;
    idle::measure(report, &runtime, target, size.idle)
}

/// The two servers and the connections to each.
struct Contest {
    relay: Server,
    relay_lanes: Vec<Lane>,
    bare: Server,
    bare_lanes: Vec<Lane>,
    streams: Vec<Stream>,
    keys: Vec<SigningKey>,
}

fn throughput(
    report: &mut Report,
    runtime: &Runtime,
    target: &Path,
    size: &Size,
    coalesced: &Coalesced,
) -> Result<()> {
    let mut contest = runtime.block_on(Contest::begin(target))?;
    // Opens documents, fills caches, grows the files.
    contest.round_of_both(runtime, size.envelopes / 4)?;
    let before = contest.relay.metrics()?;
    let mut rounds = Vec::new();
    for _ in 0..size.rounds {
        rounds.push(contest.round_of_both(runtime, size.envelopes)?);
    }
    let after = contest.relay.metrics()?;
    figures::of_envelopes(report, &rounds);
    figures::of_commits(report, &rounds, &before, &after);
    let mut batches = Vec::new();
    for _ in 0..size.rounds.min(3) {
        let bytes = coalesced.ciphertext_bytes;
        batches.push(contest.round_of_relay(runtime, size.coalesced, bytes)?);
    }
    figures::of_edits(report, coalesced, &rounds, &batches);
    Ok(())
}

impl Contest {
    async fn begin(target: &Path) -> Result<Self> {
        let relay = Server::relay(target, &[]).await?;
        let bare = Server::bare(target).await?;
        let (mut relay_lanes, mut bare_lanes) = (Vec::new(), Vec::new());
        let (mut streams, mut keys) = (Vec::new(), Vec::new());
        for number in 0..VENTURES {
            let venture = Box::pin(Venture::found(relay.address, number, DEVICES)).await?;
            for person in &venture.people {
                let wire = venture.join(relay.address, person).await?;
                relay_lanes.push(Lane::to_relay(wire.into_socket()));
                streams.push(Stream::new(person, venture.charter.venture(), number));
                bare_lanes.push(Lane::to_bare(bare.address, number, &person.key).await?);
                keys.push(person.key.clone());
            }
        }
        Ok(Self {
            relay,
            relay_lanes,
            bare,
            bare_lanes,
            streams,
            keys,
        })
    }

    /// One round of each server with as many envelopes, and messages of as many bytes.
    fn round_of_both(&mut self, runtime: &Runtime, count: usize) -> Result<[Measured; 2]> {
        let relay = self.round_of_relay(runtime, count, CIPHERTEXT_BYTES)?;
        let loads = lane::in_parallel(self.keys.iter(), |key| {
            Load::of_messages(key, count, relay.frame_bytes)
        });
        let bare = Measured::take(runtime, &self.bare, &mut self.bare_lanes, loads)?;
        Ok([relay, bare])
    }

    fn round_of_relay(
        &mut self,
        runtime: &Runtime,
        count: usize,
        ciphertext_bytes: usize,
    ) -> Result<Measured> {
        let loads = lane::in_parallel(self.streams.iter_mut(), |stream| {
            Load::of_envelopes(stream, count, ciphertext_bytes)
        });
        Measured::take(runtime, &self.relay, &mut self.relay_lanes, loads)
    }
}

/// A thousand connections need more open files than some systems give a program at first.
fn allow_many_files() -> Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|files| files >= FILES_MAX) {
        return Ok(());
    }
    let current = now.maximum.map_or(FILES_MAX, |most| most.min(FILES_MAX));
    let wanted = Rlimit {
        current: Some(current),
        maximum: now.maximum,
    };
    setrlimit(Resource::Nofile, wanted).context("cannot raise the limit of open files")
}
