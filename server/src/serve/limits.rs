//! How long and how many: what a relay allows those who connect.

use std::time::Duration;

/// What a relay allows those who connect, people on slow lines among them.
#[derive(Clone, Debug)]
pub struct Limits {
    /// For a TLS handshake.
    pub handshake: Duration,
    /// TLS handshakes at the same time; those who come meanwhile are closed.
    pub handshakes_max: usize,
    /// For the head of a request, from the beginning of the connection or the answer before.
    pub head: Duration,
    /// For everything that is asked over one connection before it becomes a WebSocket, or is made anew.
    pub plain: Duration,
    /// Connections beyond as many as there may be WebSockets.
    pub plain_max: usize,
    /// For a WebSocket to say who it is.
    pub hello: Duration,
    /// Between two pings.
    pub ping_every: Duration,
    /// For a WebSocket to say anything, if only that it is there, and to take some of what waits for it.
    pub dead_after: Duration,
    /// For a WebSocket that is being closed to take its last frames.
    pub farewell: Duration,
    /// For all connections to take what is left for them when the relay stops.
    pub drain: Duration,
    /// A connection that sends faster is read more slowly, not closed: the limit is on what it costs others.
    pub frames_per_second: f64,
    pub bytes_per_second: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            handshakes_max: 1024,
            head: Duration::from_secs(10),
            plain: Duration::from_secs(600),
            plain_max: 64,
            hello: Duration::from_secs(10),
            ping_every: Duration::from_secs(30),
            dead_after: Duration::from_secs(90),
            farewell: Duration::from_secs(10),
            drain: Duration::from_secs(10),
            frames_per_second: 4_000.0,
            bytes_per_second: (32 << 20) as f64,
        }
    }
}
