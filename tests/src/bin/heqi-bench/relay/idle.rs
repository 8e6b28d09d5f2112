//! What a connection costs that does nothing but stay.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::runtime::Runtime;

use super::server::Server;
use super::venture::Venture;
use crate::report::{Goal, Report};

const VENTURES: u64 = 10;
const DEVICES: u64 = 4;
/// Connections dialled at the same time.
const AT_ONCE: usize = 20;
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens `count` connections, welcomed and subscribed, and compares the relay's memory before and after.
pub(crate) fn measure(
    report: &mut Report,
    runtime: &Runtime,
    target: &Path,
    count: usize,
) -> Result<()> {
    let bytes = runtime.block_on(bytes_per_connection(target, count))?;
    report.add(
        "relay.idle_connection_kb",
        "relay: resident memory per idle connection",
        bytes / 1000.0,
        "kB",
    );
    report.goal(Goal::AtMost(20.0));
    report.note(&format!(
        "{count} connections, welcomed and subscribed, of {} devices in {VENTURES} ventures",
        VENTURES * DEVICES
    ));
    Ok(())
}

async fn bytes_per_connection(target: &Path, count: usize) -> Result<f64> {
    let relay = Server::relay(target, &[]).await?;
    let mut ventures = Vec::new();
    for number in 0..VENTURES {
        ventures.push(Box::pin(Venture::found(relay.address, number, DEVICES)).await?);
    }
    let members: Vec<_> = ventures
        .iter()
        .flat_map(|venture| venture.people.iter().map(move |person| (venture, person)))
        .collect();
    wait_until_open(&relay, 0).await?;
    let before = relay.resident_bytes()?;
    let mut open = Vec::with_capacity(count);
    let numbers: Vec<usize> = (0..count).collect();
    for some in numbers.chunks(AT_ONCE) {
        let joining = some.iter().map(|number| {
            let (venture, person) = members[number % members.len()];
            venture.join(relay.address, person)
        });
        for wire in futures_util::future::join_all(joining).await {
            open.push(wire?);
        }
    }
    wait_until_open(&relay, count).await?;
    let after = relay.resident_bytes()?;
    ensure!(open.len() == count, "every connection is held");
    Ok(after.saturating_sub(before) as f64 / count as f64)
}

/// Waits until the relay counts so many connections.
async fn wait_until_open(relay: &Server, count: usize) -> Result<()> {
    let started = Instant::now();
    loop {
        let open = relay.metrics()?.value("heqi_connections");
        if (open - count as f64).abs() < 0.5 {
            return Ok(());
        }
        ensure!(
            started.elapsed() < PATIENCE,
            "the relay has {open} connections and not {count}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
