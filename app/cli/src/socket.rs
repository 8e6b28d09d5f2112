//! One WebSocket to the relay, as events.
//!
//! Reading and writing are tasks of their own, so that neither waits for the other. What was read waits in a bounded
//! queue, and behind it in the network; what is to be written the replica holds in memory anyway.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use heqi_protocol::limits::FRAME_BYTES_MAX;
use heqi_protocol::{FromRelay, RelayKey};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

/// Frames that were read and not yet taken: at most this many of [`FRAME_BYTES_MAX`].
const READ_FRAMES_MAX: usize = 8;
/// Grows as needed up to a frame; most frames are small.
const READ_BUFFER_BYTES: usize = 16 << 10;

type Stream = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

/// What happened on a socket.
#[derive(Debug)]
pub(crate) enum Event {
    Opened,
    Frame(Vec<u8>),
    /// Closed, or never opened; the reason in words of the network.
    Closed(String),
}

/// A socket being opened or open. Dropping it closes the connection.
pub(crate) struct Socket {
    events: mpsc::Receiver<Event>,
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    task: AbortHandle,
}

/// How sockets are made: which certificates are trusted.
#[derive(Clone)]
pub(crate) struct Dialer {
    tls: Arc<ClientConfig>,
}

/// Why no socket can be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DialerError {
    #[error("{path}: {cause}")]
    Certificates { path: String, cause: String },
    #[error("{0}")]
    Tls(#[from] rustls::Error),
}

impl Dialer {
    /// Trusts the certificates of the system, and those in the PEM file `ca`.
    pub(crate) fn new(ca: Option<&PathBuf>) -> Result<Self, DialerError> {
        let mut roots = rustls::RootCertStore::empty();
        // Certificates of the system that cannot be read are as good as absent: a relay that needs one is refused.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca {
            for certificate in certificates(path)? {
                roots.add(certificate)?;
            }
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: Arc::new(tls) })
    }

    pub(crate) fn tls(&self) -> Arc<ClientConfig> {
        self.tls.clone()
    }

    /// The key that the relay at `url` shows first thing; whether it has that key is found out on the first connection
    /// that uses it.
    pub(crate) async fn relay_key(&self, url: &str) -> Result<RelayKey, String> {
        let mut socket = self.dial(format!("{}/sync", url.replacen("http", "ws", 1)));
        loop {
            match socket.event().await {
                Event::Opened => {}
                Event::Closed(reason) => return Err(reason),
                Event::Frame(bytes) => {
                    return match FromRelay::decode(&bytes) {
                        Ok(FromRelay::Challenge(challenge)) => Ok(challenge.relay),
                        Ok(_) => Err("it is no relay of Heqi".into()),
                        Err(error) => Err(error.to_string()),
                    };
                }
            }
        }
    }

    /// Begins to open a socket to `url`; [`Event::Opened`] or [`Event::Closed`] comes first.
    pub(crate) fn dial(&self, url: String) -> Socket {
        let (sender, events) = mpsc::channel(READ_FRAMES_MAX);
        let (outgoing, to_send) = mpsc::unbounded_channel();
        let connector = Connector::Rustls(self.tls.clone());
        let task = tokio::spawn(async move {
            let reason = run(&url, connector, &sender, to_send).await;
            // Nobody to tell when the socket was dropped.
            let _ = sender.send(Event::Closed(reason)).await;
        });
        Socket {
            events,
            outgoing,
            task: task.abort_handle(),
        }
    }
}

impl Socket {
    /// The next event; nothing comes after [`Event::Closed`]. Nothing is lost when the future is dropped.
    pub(crate) async fn event(&mut self) -> Event {
        let closed = || Event::Closed("the connection ended".into());
        self.events.recv().await.unwrap_or_else(closed)
    }

    /// Sends a frame after those before it.
    pub(crate) fn send(&self, frame: Vec<u8>) {
        // A socket that has closed says so by its event.
        let _ = self.outgoing.send(frame);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, DialerError> {
    let unreadable = |cause: String| DialerError::Certificates {
        path: path.display().to_string(),
        cause,
    };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(error.to_string()))?;
    if found.is_empty() {
        return Err(unreadable("it holds no certificate".into()));
    }
    Ok(found)
}

/// Opens a socket and serves it to its end; answers with why it ended.
async fn run(
    url: &str,
    connector: Connector,
    events: &mpsc::Sender<Event>,
    mut to_send: mpsc::UnboundedReceiver<Vec<u8>>,
) -> String {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(FRAME_BYTES_MAX))
        .max_frame_size(Some(FRAME_BYTES_MAX))
        .read_buffer_size(READ_BUFFER_BYTES);
    let dialed =
        tokio_tungstenite::connect_async_tls_with_config(url, Some(limits), true, Some(connector));
    // Boxed: the handshake with TLS holds many kilobytes.
    let stream: Stream = match Box::pin(dialed).await {
        Ok((stream, _)) => stream,
        Err(error) => return error.to_string(),
    };
    if events.send(Event::Opened).await.is_err() {
        return String::new();
    }
    let (mut sink, mut source) = stream.split();
    let writing = async {
        while let Some(frame) = to_send.recv().await {
            if let Err(error) = sink.send(Message::Binary(frame.into())).await {
                return error.to_string();
            }
        }
        String::new()
    };
    let reading = async {
        loop {
            match source.next().await {
                Some(Ok(Message::Binary(bytes))) => {
                    if events.send(Event::Frame(bytes.into())).await.is_err() {
                        return String::new();
                    }
                }
                Some(Ok(Message::Close(_))) | None => return "the relay closed it".into(),
                // Pings are answered below this.
                Some(Ok(_)) => {}
                Some(Err(error)) => return error.to_string(),
            }
        }
    };
    tokio::select! {
        reason = writing => reason,
        reason = reading => reason,
    }
}
