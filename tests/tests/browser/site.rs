//! A relay behind a connection that can be cut.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::relay::Relay;

/// The product as people reach it: client and relay at one address.
pub(super) struct Site {
    relay: Relay,
    port: u16,
    cut: watch::Sender<bool>,
}

impl Site {
    /// Serves the client in `web` with an empty store.
    pub(super) async fn serve(web: &Path) -> Self {
        let relay = Relay::start(web).await;
        let (cut, is_cut) = watch::channel(false);
        let front = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = front.local_addr().unwrap().port();
        tokio::spawn(pass_on(front, relay.address(), is_cut));
        Self { relay, port, cut }
    }

    /// The address that browsers trust without TLS.
    pub(super) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// The address of the relay itself, for whom the connection is never cut.
    pub(super) fn direct_url(&self) -> String {
        self.relay.url()
    }

    /// Breaks every connection and lets no new one through.
    pub(super) fn cut(&self) {
        self.cut.send_replace(true);
    }

    /// Lets connections through again.
    pub(super) fn mend(&self) {
        self.cut.send_replace(false);
    }
}

/// Passes connections on to the relay while they are not cut.
async fn pass_on(front: TcpListener, behind: SocketAddr, is_cut: watch::Receiver<bool>) {
    while let Ok((mut outer, _)) = front.accept().await {
        let mut is_cut = is_cut.clone();
        if *is_cut.borrow() {
            continue;
        }
        tokio::spawn(async move {
            let Ok(mut inner) = TcpStream::connect(behind).await else {
                return;
            };
            tokio::select! {
                _ = copy_bidirectional(&mut outer, &mut inner) => {}
                _ = is_cut.wait_for(|cut| *cut) => {}
            }
        });
    }
}
