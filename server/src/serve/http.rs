//! HTTP over the connections that come, each in a task of its own, with an end to those that say nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::serve::Listener;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::Limits;

/// Whoever has connected.
#[derive(Clone, Debug)]
pub struct Caller {
    pub address: SocketAddr,
    pub place: Place,
}

/// One of the places for connections; free again once nobody holds it.
#[derive(Clone, Debug)]
pub struct Place(#[expect(dead_code, reason = "held, not read")] Arc<OwnedSemaphorePermit>);

/// Serves those who come, at most `places` at the same time, WebSockets among them, until `stopped`.
pub async fn accept<L>(
    mut listener: L,
    router: Router,
    places: usize,
    limits: Limits,
    stopped: impl Future<Output = ()>,
) where
    L: Listener<Addr = SocketAddr>,
{
    let places = Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.head);
    tokio::pin!(stopped);
    loop {
        let (io, address) = tokio::select! {
            () = &mut stopped => return,
            accepted = listener.accept() => accepted,
        };
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::debug!("a connection too many was closed");
            continue;
        };
        let place = Place(Arc::new(place));
        let router = router.clone().layer(Extension(Caller { address, place }));
        let serving = http
            .serve_connection(TokioIo::new(io), TowerToHyperService::new(router))
            .with_upgrades();
        let plain = limits.plain;
        tokio::spawn(async move {
            if !matches!(tokio::time::timeout(plain, serving).await, Ok(Ok(()))) {
                tracing::debug!("a connection ended before its time");
            }
        });
    }
}
