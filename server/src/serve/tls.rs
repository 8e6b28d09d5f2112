//! TLS from certificate files. Handshakes run beside each other, so that a slow one holds up nobody.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::serve::{Listener, ListenerExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};
use tokio_rustls::server::TlsStream;

use super::limits::Limits;

/// Connections whose handshake is done and that nobody has taken yet; each still has its place among handshakes.
const READY_MAX: usize = 64;

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {path}: {error}", path = path.display())]
    Pem { path: PathBuf, error: pem::Error },
    #[error("certificate and key do not go together: {0}")]
    Config(#[from] rustls::Error),
}

/// Gives connections whose handshake is done.
#[derive(Debug)]
pub struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
}

impl TlsListener {
    /// Starts accepting from `inner` with a certificate chain and its key, both PEM files.
    pub fn new<L>(
        inner: L,
        address: SocketAddr,
        (cert, key): (&Path, &Path),
        limits: Limits,
    ) -> Result<Self, TlsError>
    where
        L: Listener<Io = TcpStream, Addr = SocketAddr> + ListenerExt,
    {
        let acceptor = TlsAcceptor::from(Arc::new(config(cert, key)?));
        let (sender, ready) = mpsc::channel(READY_MAX);
        tokio::spawn(accept(inner, acceptor, sender, limits));
        Ok(Self { ready, address })
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(accepted) => accepted,
            // The accepting task ends with us alone.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn accept<L>(
    mut inner: L,
    acceptor: TlsAcceptor,
    sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
    limits: Limits,
) where
    L: Listener<Io = TcpStream, Addr = SocketAddr>,
{
    let places = Arc::new(Semaphore::new(limits.handshakes_max));
    loop {
        let accepted = tokio::select! {
            () = sender.closed() => return,
            accepted = inner.accept() => accepted,
        };
        let (stream, address) = accepted;
        let Ok(place) = places.clone().try_acquire_owned() else {
            tracing::debug!("a handshake too many was not begun");
            continue;
        };
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            let handshake = tokio::time::timeout(limits.handshake, acceptor.accept(stream));
            match handshake.await {
                // An error says that nobody accepts any more.
                Ok(Ok(stream)) => drop(sender.send((stream, address)).await),
                Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
                Err(_) => tracing::debug!("a handshake took too long"),
            }
            drop(place);
        });
    }
}

fn config(cert: &Path, key: &Path) -> Result<ServerConfig, TlsError> {
    let pem = |path: &Path| {
        let path = path.to_path_buf();
        move |error| TlsError::Pem { path, error }
    };
    let certs: Result<Vec<_>, _> = CertificateDer::pem_file_iter(cert)
        .map_err(pem(cert))?
        .collect();
    let certs = certs.map_err(pem(cert))?;
    let key_der = PrivateKeyDer::from_pem_file(key).map_err(pem(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(certs, key_der)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
