//! HTTP over the connections that come, each in a task of its own, with an end to those that say nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::serve::Listener;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::Semaphore;

/// Time for the head of a request, from the beginning of the connection or the answer before.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// Time for everything that is asked over one connection before it becomes a WebSocket, or is made anew.
const PLAIN_DEADLINE: Duration = Duration::from_secs(600);

/// Serves those who come, at most `plain_max` at the same time beside WebSockets, until `stopped`.
pub async fn accept<L>(
    mut listener: L,
    router: Router,
    plain_max: usize,
    stopped: impl Future<Output = ()>,
) where
    L: Listener<Addr = SocketAddr>,
{
    let places = Arc::new(Semaphore::new(plain_max.min(Semaphore::MAX_PERMITS)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE);
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
        let router = router.clone().layer(Extension(ConnectInfo(address)));
        let serving = http
            .serve_connection(TokioIo::new(io), TowerToHyperService::new(router))
            .with_upgrades();
        tokio::spawn(async move {
            if !matches!(
                tokio::time::timeout(PLAIN_DEADLINE, serving).await,
                Ok(Ok(()))
            ) {
                tracing::debug!("a connection ended before its time");
            }
            drop(place);
        });
    }
}
