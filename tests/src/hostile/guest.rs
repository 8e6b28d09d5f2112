//! Connections: those of members are read frame by frame, others are passed on.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use anyhow::Result;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, client_async};

use super::host::{Host, Seat};
use super::lock;

/// How the request for a member's socket begins.
const SOCKET: &[u8] = b"GET /sync ";

/// Takes connections until the runtime ends.
pub(super) async fn receive(front: TcpListener, relay: SocketAddr, host: Arc<Mutex<Host>>) {
    while let Ok((outer, _)) = front.accept().await {
        let host = host.clone();
        tokio::spawn(async move {
            // Whoever is at either end sees that it has ended.
            let _ = connect(outer, relay, &host).await;
        });
    }
}

async fn connect(mut outer: TcpStream, relay: SocketAddr, host: &Mutex<Host>) -> Result<()> {
    let is_member = asks_for_socket(&outer).await?;
    let mut inner = TcpStream::connect(relay).await?;
    if is_member {
        return pass_frames(outer, inner, relay, host).await;
    }
    copy_bidirectional(&mut outer, &mut inner).await?;
    Ok(())
}

async fn asks_for_socket(stream: &TcpStream) -> Result<bool> {
    let mut begun = [0; SOCKET.len()];
    loop {
        let here = stream.peek(&mut begun).await?;
        if here == 0 || begun[..here] != SOCKET[..here] {
            return Ok(false);
        }
        if here == SOCKET.len() {
            return Ok(true);
        }
        // A request that comes in pieces.
        tokio::task::yield_now().await;
    }
}

async fn pass_frames(
    outer: TcpStream,
    inner: TcpStream,
    relay: SocketAddr,
    host: &Mutex<Host>,
) -> Result<()> {
    for stream in [&outer, &inner] {
        stream.set_nodelay(true)?;
    }
    let mut member = accept_async(outer).await?;
    let (mut relay, _) = client_async(format!("ws://{relay}/sync"), inner).await?;
    let mut seat = Seat::default();
    loop {
        tokio::select! {
            said = member.next() => match said.transpose()? {
                Some(Message::Binary(frame)) => {
                    let frame = lock(host).said_by_member(&mut seat, frame.to_vec());
                    if let Some(frame) = frame {
                        relay.send(Message::Binary(frame.into())).await?;
                    }
                }
                Some(Message::Close(_)) | None => break,
                // Pings are answered below us.
                Some(_) => {}
            },
            said = relay.next() => match said.transpose()? {
                Some(Message::Binary(frame)) => {
                    let frames = lock(host).said_by_relay(&mut seat, frame.to_vec());
                    for frame in frames {
                        member.send(Message::Binary(frame.into())).await?;
                    }
                }
                Some(Message::Close(_)) | None => break,
                Some(_) => {}
            },
        }
    }
    let closed = (member.close(None).await, relay.close(None).await);
    closed.0.and(closed.1).map_err(Into::into)
}
