//! The IO around the core: WebSocket connections, one writer thread, the web client, metrics, draining.

pub mod connection;
pub mod data;
pub mod files;
pub mod find;
pub mod http;
pub mod limits;
pub mod metrics;
pub mod outbound;
pub mod tls;
pub mod web;
pub mod writer;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Extension, Router};
use heqi_protocol::limits::FRAME_BYTES_MAX;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};

use crate::log::find::Finder;
use crate::{ConnId, Core, Options};
use data::DataError;
use files::Room;
use http::{Caller, Place};
use limits::Limits;
use metrics::Metrics;
use tls::TlsError;
use writer::{Failed, Inbox};

const READ_BUFFER_BYTES: usize = 4 << 10;
const WRITE_BUFFER_BYTES: usize = 8 << 10;

/// How a relay runs.
#[derive(Clone, Debug)]
pub struct Settings {
    pub data: PathBuf,
    pub listen: SocketAddr,
    /// The web client; `None` serves the relay alone.
    pub web: Option<PathBuf>,
    /// Certificate chain and key, both PEM.
    pub tls: Option<(PathBuf, PathBuf)>,
    /// WebSockets at the same time, as far as the system allows so many open files.
    pub connections_max: usize,
    pub limits: Limits,
    /// How a proxy in front says whom it speaks for; `None` where there is none.
    pub proxy: Option<find::Proxy>,
    pub options: Options,
}

impl Settings {
    fn wanted(&self) -> Room {
        Room {
            websockets: self.connections_max,
            plain: self.limits.plain_max,
            handshakes: self.tls.as_ref().map_or(0, |_| self.limits.handshakes_max),
        }
    }
}

/// Why a relay stops, or does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("cannot listen on {address}: {error}")]
    Listen {
        address: SocketAddr,
        error: std::io::Error,
    },
    #[error("cannot serve: {0}")]
    Serve(std::io::Error),
    #[error("the store failed, what was not acknowledged may be lost: {0}")]
    Failed(#[from] Failed),
}

/// What all connections share.
#[derive(Debug)]
pub struct Shared {
    pub inbox: Inbox,
    pub metrics: Arc<Metrics>,
    /// Connections that are there, and word of each that goes.
    open: AtomicUsize,
    gone: Notify,
    next: AtomicU64,
    connections_max: usize,
    limits: Limits,
    web: Option<web::Web>,
    finder: Finder,
    questions: find::Questions,
    proxy: Option<find::Proxy>,
}

/// Serves until `stop` is done, then drains. `listening` gets the address once connections are taken.
pub async fn serve(
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
    listening: oneshot::Sender<SocketAddr>,
) -> Result<(), ServeError> {
    let room = files::allow(settings.wanted());
    let opened = data::open(&settings.data)?;
    let core = Core::open(opened.db, opened.key, data::seed()?, settings.options)
        .map_err(|error| ServeError::Failed(Failed::Store(error)))?;
    let metrics = Arc::new(Metrics::default());
    let finder = core.finder();
    let (inbox, writer) = writer::start(core, metrics.clone());
    let shared = Arc::new(Shared {
        inbox,
        metrics,
        open: AtomicUsize::new(0),
        gone: Notify::new(),
        next: AtomicU64::new(1),
        connections_max: room.websockets,
        limits: settings.limits.clone(),
        web: settings.web.map(web::Web::new),
        finder,
        questions: find::Questions::default(),
        proxy: settings.proxy,
    });
    let address = settings.listen;
    let listen = |error| ServeError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    // Nobody may wait for the address.
    let _ = listening.send(address);
    let listener = listener.tap_io(|io| {
        if let Err(error) = io.set_nodelay(true) {
            tracing::debug!(%error, "cannot send small frames at once");
        }
    });
    let router = router(shared.clone());
    let places = room.websockets.saturating_add(room.plain);
    let limits = Limits {
        handshakes_max: room.handshakes,
        ..settings.limits
    };
    let mut writer = writer;
    let stopped = async {
        tokio::select! {
            () = stop => tracing::info!("draining"),
            () = writer.ended() => {}
        }
    };
    let (stop_accepting, is_stopped) = oneshot::channel::<()>();
    let is_stopped = async {
        // A dropped sender stops as well.
        let _ = is_stopped.await;
    };
    let acceptor = match settings.tls {
        Some((cert, key)) => {
            let files = (cert.as_path(), key.as_path());
            let listener = tls::TlsListener::new(listener, address, files, limits.clone())?;
            tokio::spawn(http::accept(listener, router, places, limits, is_stopped))
        }
        None => tokio::spawn(http::accept(listener, router, places, limits, is_stopped)),
    };
    stopped.await;
    drop(stop_accepting);
    shared.inbox.drain().await;
    let deadline = tokio::time::timeout(shared.limits.drain, shared.all_gone());
    if deadline.await.is_err() {
        tracing::warn!(
            open = shared.open(),
            "some connections did not take what was left"
        );
    }
    acceptor.abort();
    Ok(writer.join().await?)
}

impl Shared {
    /// Number of open connections.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    async fn all_gone(&self) {
        loop {
            let gone = self.gone.notified();
            if self.open() == 0 {
                return;
            }
            gone.await;
        }
    }
}

/// Counts a connection as open while it lives.
#[derive(Debug)]
pub struct Guest {
    pub conn: ConnId,
    pub shared: Arc<Shared>,
    pub is_one_too_many: bool,
    _place: Place,
}

impl Guest {
    fn new(shared: Arc<Shared>, place: Place) -> Self {
        let before = shared.open.fetch_add(1, Ordering::SeqCst);
        Self {
            conn: ConnId(shared.next.fetch_add(1, Ordering::Relaxed)),
            is_one_too_many: before >= shared.connections_max,
            shared,
            _place: place,
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.shared.open.fetch_sub(1, Ordering::SeqCst);
        self.shared.gone.notify_waiters();
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/sync", get(sync))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_page))
        .route("/find/{invite}", get(find::find))
        .fallback(fallback)
        .with_state(shared)
}

async fn sync(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(2 * FRAME_BYTES_MAX)
        .max_message_size(FRAME_BYTES_MAX)
        .max_frame_size(FRAME_BYTES_MAX)
        .on_upgrade(move |socket| connection::run(socket, Guest::new(shared, caller.place)))
}

async fn readyz(State(shared): State<Arc<Shared>>) -> Response {
    match shared.inbox.is_open() {
        true => "ready".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "stopping").into_response(),
    }
}

async fn metrics_page(State(shared): State<Arc<Shared>>) -> Response {
    let text = shared.metrics.text(shared.open());
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, text).into_response()
}

async fn fallback(State(shared): State<Arc<Shared>>, request: axum::extract::Request) -> Response {
    match &shared.web {
        Some(web) => {
            web.respond(request.method(), request.uri(), request.headers())
                .await
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
