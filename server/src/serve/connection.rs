//! One connection, one task: frames in are read and verified here, frames out are flushed together.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::{Sink, Stream};
use heqi_protocol::FromRelay;
use heqi_protocol::frame::Unavailable;
use tokio::time::{Instant, Sleep};

use super::Guest;
use super::limits::Limits;
use super::outbound::Outbound;
use super::writer::Stopping;
use crate::{Input, fanout};

/// Seconds of the rate that may be used at once.
const BURST_SECONDS: f64 = 2.0;

/// Serves a connection until either side closes it.
pub async fn run(socket: WebSocket, guest: Guest) {
    let outbound = Arc::new(Outbound::default());
    let mut link = Link::new(socket, outbound.clone(), &guest.shared.limits);
    if guest.is_one_too_many {
        link.farewell(Unavailable::Busy).await;
        return;
    }
    let inbox = &guest.shared.inbox;
    let served = match inbox.open(guest.conn, outbound).await {
        Ok(()) => serve(&mut link, &guest).await,
        Err(stopping) => Err(stopping),
    };
    match served {
        // What was queued last, the reason of the end among it, is still to go out.
        Ok(()) => link.finish().await,
        Err(Stopping) => link.farewell(Unavailable::Draining).await,
    }
    // An error says that the writer has ended and forgotten everybody.
    let _ = inbox.input(guest.conn, Input::Gone, 0).await;
}

async fn serve(link: &mut Link<'_>, guest: &Guest) -> Result<(), Stopping> {
    let inbox = &guest.shared.inbox;
    loop {
        let event = std::future::poll_fn(|cx| link.poll_event(cx)).await;
        let (input, bytes) = match event {
            Event::Frame(frame) => (Input::frame(&frame), frame.len()),
            Event::Room => (Input::Room, 0),
            Event::Tick if link.is_overdue() => return Ok(()),
            Event::Tick => continue,
            Event::End => return Ok(()),
        };
        if inbox.input(guest.conn, input, bytes).await.is_err() {
            // The writer has said so to everybody it knew, and nothing else will come.
            return Ok(());
        }
    }
}

enum Event {
    Frame(Bytes),
    /// What the core waited for has been sent.
    Room,
    Tick,
    End,
}

struct Link<'a> {
    socket: WebSocket,
    limits: &'a Limits,
    outbound: Arc<Outbound>,
    unsent: VecDeque<Bytes>,
    /// Cost of what was handed to the socket and not flushed.
    unflushed: u64,
    is_dirty: bool,
    /// The other side does not take any more for now.
    is_stuck: bool,
    is_closing: bool,
    since: Instant,
    heard: Instant,
    /// When something was sent last, or nothing waited.
    moved: Instant,
    pinged: Instant,
    tick: Pin<Box<Sleep>>,
    rate: Rate,
}

impl<'a> Link<'a> {
    fn new(socket: WebSocket, outbound: Arc<Outbound>, limits: &'a Limits) -> Self {
        let now = Instant::now();
        Self {
            socket,
            limits,
            outbound,
            unsent: VecDeque::new(),
            unflushed: 0,
            is_dirty: false,
            is_stuck: false,
            is_closing: false,
            since: now,
            heard: now,
            moved: now,
            pinged: now,
            tick: Box::pin(tokio::time::sleep(first_look(limits))),
            rate: Rate::new(limits, now),
        }
    }

    /// Sends and reads at once: a client that reads only after it has sent must not wait for one that does the same.
    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        match self.poll_send(cx) {
            Poll::Ready(Ok(Sent::Room)) => return Poll::Ready(Event::Room),
            Poll::Ready(Ok(Sent::Everything) | Err(_)) => return Poll::Ready(Event::End),
            Poll::Pending => {}
        }
        while self.rate.has_room(Instant::now()) {
            let Poll::Ready(message) = Pin::new(&mut self.socket).poll_next(cx) else {
                break;
            };
            self.heard = Instant::now();
            match message {
                Some(Ok(Message::Binary(frame))) => {
                    self.rate.take(frame.len());
                    return Poll::Ready(Event::Frame(frame));
                }
                // Pings are answered below us.
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => self.rate.take(0),
                // A text is a frame that cannot be read.
                Some(Ok(Message::Text(_))) => return Poll::Ready(Event::Frame(Bytes::new())),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Poll::Ready(Event::End),
            }
        }
        self.poll_tick(cx)
    }

    fn poll_tick(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        let now = Instant::now();
        if let Some(wait) = self.rate.wait(now)
            && now + wait < self.tick.deadline()
        {
            self.tick.as_mut().reset(now + wait);
        }
        ready!(self.tick.as_mut().poll(cx));
        let is_welcomed = self.outbound.meter.is_welcomed();
        let ping_every = self.limits.ping_every;
        let next = match is_welcomed {
            true => ping_every,
            false => first_look(self.limits),
        };
        self.tick.as_mut().reset(now + next);
        if is_welcomed && !self.is_dirty && now.duration_since(self.pinged) >= ping_every {
            self.pinged = now;
            self.queue_ping();
        }
        Poll::Ready(Event::Tick)
    }

    /// Hands over all that is queued, then flushes once.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<Result<Sent, axum::Error>> {
        if self.outbound.poll_cut(cx) {
            self.unsent = VecDeque::new();
            return Poll::Ready(Ok(Sent::Everything));
        }
        loop {
            if self.unsent.is_empty() && !self.is_closing {
                (self.unsent, self.is_closing) = self.outbound.take(cx);
            }
            while !self.unsent.is_empty() {
                let is_ready = Pin::new(&mut self.socket).poll_ready(cx);
                ready!(self.taken(is_ready))?;
                if let Some(frame) = self.unsent.pop_front() {
                    self.unflushed += fanout::cost(&frame);
                    self.is_dirty = true;
                    let message = Message::Binary(frame);
                    Pin::new(&mut self.socket).start_send(message)?;
                    self.moved = Instant::now();
                }
            }
            if !self.is_dirty {
                self.moved = Instant::now();
                return match self.is_closing {
                    true => Poll::Ready(Ok(Sent::Everything)),
                    false => Poll::Pending,
                };
            }
            let is_flushed = Pin::new(&mut self.socket).poll_flush(cx);
            ready!(self.taken(is_flushed))?;
            self.moved = Instant::now();
            self.is_dirty = false;
            let cost = std::mem::take(&mut self.unflushed);
            if self.outbound.meter.sent(cost) {
                return Poll::Ready(Ok(Sent::Room));
            }
        }
    }

    /// Hears of whoever takes what had to wait: it is there, though it may have nothing to say and get no pings meanwhile.
    fn taken<T>(&mut self, polled: Poll<T>) -> Poll<T> {
        let was_stuck = std::mem::replace(&mut self.is_stuck, polled.is_pending());
        if was_stuck && !self.is_stuck {
            self.heard = Instant::now();
        }
        polled
    }

    fn queue_ping(&mut self) {
        // An error shows at the next flush.
        let ping = Message::Ping(Bytes::new());
        self.moved = Instant::now();
        self.is_dirty = Pin::new(&mut self.socket).start_send(ping).is_ok();
    }

    fn is_overdue(&self) -> bool {
        let Limits {
            dead_after, hello, ..
        } = *self.limits;
        let is_silent = self.heard.elapsed() > dead_after;
        // It sends, and does not read what it is sent.
        let waits = self.is_dirty || !self.unsent.is_empty();
        let is_deaf = waits && self.moved.elapsed() > dead_after;
        let is_nobody = !self.outbound.meter.is_welcomed() && self.since.elapsed() >= hello;
        is_silent || is_deaf || is_nobody
    }

    async fn farewell(&mut self, unavailable: Unavailable) {
        let frame = FromRelay::Unavailable(unavailable).encode();
        self.unsent.push_back(frame.into());
        self.is_closing = true;
        self.finish().await;
    }

    /// Sends what is left and closes, for as long as the other side takes it.
    async fn finish(&mut self) {
        if self.outbound.is_cut() {
            return;
        }
        let flushed = tokio::time::timeout(self.limits.farewell, async {
            std::future::poll_fn(|cx| {
                self.unsent.extend(self.outbound.take(cx).0);
                Poll::Ready(())
            })
            .await;
            self.is_closing = true;
            while let Ok(Sent::Room) = std::future::poll_fn(|cx| self.poll_send(cx)).await {}
            futures_util::SinkExt::send(&mut self.socket, Message::Close(None)).await
        });
        if !matches!(flushed.await, Ok(Ok(()))) {
            tracing::debug!("a connection did not take its last frames");
        }
    }
}

enum Sent {
    /// There is room that the core waits for.
    Room,
    /// All is sent and nothing more comes.
    Everything,
}

/// How long until it is looked at a connection that has not said who it is.
fn first_look(limits: &Limits) -> Duration {
    limits.hello.min(limits.ping_every)
}

/// A token bucket of frames and bytes.
struct Rate {
    frames_per_second: f64,
    bytes_per_second: f64,
    frames: f64,
    bytes: f64,
    at: Instant,
}

impl Rate {
    const fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            frames_per_second: limits.frames_per_second,
            bytes_per_second: limits.bytes_per_second,
            frames: limits.frames_per_second * BURST_SECONDS,
            bytes: limits.bytes_per_second * BURST_SECONDS,
            at: now,
        }
    }

    fn has_room(&mut self, now: Instant) -> bool {
        if self.frames >= 1.0 && self.bytes >= 1.0 {
            return true;
        }
        let seconds = now.duration_since(self.at).as_secs_f64();
        self.at = now;
        let fill = |left: f64, rate: f64| (left + seconds * rate).min(rate * BURST_SECONDS);
        self.frames = fill(self.frames, self.frames_per_second);
        self.bytes = fill(self.bytes, self.bytes_per_second);
        self.frames >= 1.0 && self.bytes >= 1.0
    }

    fn take(&mut self, bytes: usize) {
        self.frames -= 1.0;
        self.bytes -= bytes as f64;
    }

    /// How long until there is room again; `None` where there is.
    fn wait(&mut self, now: Instant) -> Option<Duration> {
        if self.has_room(now) {
            return None;
        }
        let frames = (1.0 - self.frames) / self.frames_per_second;
        let bytes = (1.0 - self.bytes) / self.bytes_per_second;
        Some(Duration::from_secs_f64(frames.max(bytes).max(0.001)))
    }
}
