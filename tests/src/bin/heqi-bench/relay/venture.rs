//! Ventures founded through the relay itself, and connections of their devices.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use ed25519_dalek::SigningKey;
use futures_util::{SinkExt as _, StreamExt as _};
use heqi_protocol::charter::{Charter, Entry};
use heqi_protocol::fixture::{self, Link, Person};
use heqi_protocol::handshake::{Challenge, Who};
use heqi_protocol::{Bytes, DocumentId, FromRelay, List, Role, Space, ToRelay, VentureId};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// How long anything but a round may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A venture and its people, one device each.
pub(crate) struct Venture {
    pub(crate) charter: Charter,
    pub(crate) people: Vec<Person>,
}

impl Venture {
    /// Founds the venture of that number and lets people join until there are `devices`.
    pub(crate) async fn found(address: SocketAddr, number: u64, devices: u64) -> Result<Self> {
        let party = fixture::party(number);
        let person = |index: u64| Person::new(number * devices + index, party);
        let founder = person(0);
        let mut wire = Wire::dial(address).await?;
        let entry = fixture::genesis(&founder, wire.challenge.relay, number);
        let charter = Charter::found(&entry).context("the genesis entry is not valid")?;
        wire.hello(&charter, Who::Founder(founder.device()), 0, &founder.key)
            .await?;
        wire.change(ToRelay::Found, &entry).await?;
        let mut venture = Self {
            charter,
            people: vec![founder.clone()],
        };
        let mut wire = Wire::dial(address).await?;
        venture
            .greet(&mut wire, founder.who(), &founder.key)
            .await?;
        for index in 1..devices {
            let link = Link::new(number * devices + index);
            let roles = [Role::Pmo];
            let entry = fixture::invite(&venture.charter, &founder, &link, party, &roles, None);
            venture.amend(&mut wire, &entry).await?;
            venture.admit(address, &link, person(index)).await?;
        }
        Ok(venture)
    }

    /// Connects a device, and subscribes it to the plan.
    pub(crate) async fn join(&self, address: SocketAddr, person: &Person) -> Result<Wire> {
        let mut wire = Wire::dial(address).await?;
        self.greet(&mut wire, person.who(), &person.key).await?;
        let document = DocumentId::root(self.charter.venture(), Space::Plan);
        let locator = List::default();
        wire.send(&ToRelay::Subscribe { document, locator }).await?;
        wire.wait_for(|frame| matches!(frame, FromRelay::Ack(_)))
            .await?;
        Ok(wire)
    }

    async fn admit(&mut self, address: SocketAddr, link: &Link, person: Person) -> Result<()> {
        let mut wire = Wire::dial(address).await?;
        self.greet(&mut wire, Who::Invite(link.id()), &link.key)
            .await?;
        let entry = fixture::accept(&self.charter, link, &person);
        self.amend(&mut wire, &entry).await?;
        self.people.push(person);
        Ok(())
    }

    async fn greet(&self, wire: &mut Wire, who: Who, key: &SigningKey) -> Result<()> {
        let position = self.charter.position();
        wire.hello(&self.charter, who, position, key).await
    }

    async fn amend(&mut self, wire: &mut Wire, entry: &Entry) -> Result<()> {
        self.charter
            .append(entry)
            .context("an entry of the fixture is not valid")?;
        wire.change(ToRelay::Amend, entry).await
    }
}

/// A connection that speaks one frame at a time.
pub(crate) struct Wire {
    socket: Socket,
    challenge: Challenge,
}

impl Wire {
    async fn dial(address: SocketAddr) -> Result<Self> {
        let mut socket = dial(&format!("ws://{address}/sync")).await?;
        match next(&mut socket).await? {
            FromRelay::Challenge(challenge) => Ok(Self { socket, challenge }),
            other => bail!("the relay does not challenge but says {other:?}"),
        }
    }

    async fn hello(
        &mut self,
        charter: &Charter,
        who: Who,
        position: u64,
        key: &SigningKey,
    ) -> Result<()> {
        let venture: VentureId = charter.venture();
        let hello = fixture::hello(&self.challenge, venture, who, position, key);
        self.send(&ToRelay::Hello(hello)).await?;
        self.wait_for(|frame| matches!(frame, FromRelay::Welcome(_)))
            .await
    }

    /// Sends an entry and waits until it is in the charter.
    async fn change<const MAX: usize>(
        &mut self,
        frame: fn(Bytes<MAX>) -> ToRelay,
        entry: &Entry,
    ) -> Result<()> {
        let bytes = Bytes::new(entry.bytes().to_vec()).context("an entry is too long")?;
        self.send(&frame(bytes)).await?;
        let position = entry.content().position;
        self.wait_for(|frame| match frame {
            FromRelay::Charter { first, entries } => position < first + entries.len() as u64,
            _ => false,
        })
        .await
    }

    async fn send(&mut self, frame: &ToRelay) -> Result<()> {
        let message = Message::binary(frame.encode());
        self.socket.send(message).await.context("the relay hung up")
    }

    /// Reads until the frame comes that is waited for.
    async fn wait_for(&mut self, is_it: impl Fn(&FromRelay) -> bool) -> Result<()> {
        loop {
            let frame = next(&mut self.socket).await?;
            if is_it(&frame) {
                return Ok(());
            }
            let is_refusal = matches!(
                frame,
                FromRelay::Refused(_)
                    | FromRelay::Unavailable(_)
                    | FromRelay::AmendRefused { .. }
                    | FromRelay::Nack { .. }
            );
            if is_refusal {
                bail!("the relay says {frame:?}");
            }
        }
    }

    pub(crate) fn into_socket(self) -> Socket {
        self.socket
    }
}

/// Opens a WebSocket with buffers as small as a thousand of them call for.
pub(crate) async fn dial(url: &str) -> Result<Socket> {
    let config = WebSocketConfig::default()
        .read_buffer_size(8 << 10)
        .write_buffer_size(16 << 10);
    let connected = tokio_tungstenite::connect_async_with_config(url, Some(config), true);
    let (socket, _) = connected
        .await
        .with_context(|| format!("cannot dial {url}"))?;
    Ok(socket)
}

async fn next(socket: &mut Socket) -> Result<FromRelay> {
    loop {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await;
        match message.context("the relay says nothing")? {
            Some(Ok(Message::Binary(bytes))) => {
                return FromRelay::decode(&bytes).context("the relay says what nobody can read");
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error).context("the connection broke"),
            None => bail!("the relay hung up"),
        }
    }
}
