//! How many connections the process may have: each is an open file, and the system allows so many.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files beside those of connections: the store, the listener, those of the web client.
const OTHERS: usize = 64;
/// WebSockets without which a relay is of little use: a venture of a few parties has about as many devices.
const USEFUL: usize = 100;

/// Connections of each kind, at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub websockets: usize,
    /// Those beyond as many as there may be WebSockets.
    pub plain: usize,
    /// Those whose TLS handshake is not done.
    pub handshakes: usize,
}

/// Has the system allow what is wanted as far as it does, and returns how many there may be.
pub fn allow(wanted: Room) -> Room {
    let files = raise(wanted.files());
    let room = wanted.within(files);
    let (connections, wanted) = (room.websockets, wanted.websockets);
    if connections < wanted {
        match connections < USEFUL {
            true => tracing::warn!(
                files,
                connections,
                wanted,
                "the system allows few open files"
            ),
            false => tracing::info!(
                files,
                connections,
                wanted,
                "fewer connections: the system allows no more open files"
            ),
        }
    }
    room
}

impl Room {
    fn files(self) -> u64 {
        let all = [self.websockets, self.plain, self.handshakes, OTHERS];
        all.into_iter()
            .fold(0, |sum, files| sum.saturating_add(files as u64))
    }

    /// What of it that many files are enough for: handshakes get half of what there is at most.
    fn within(self, files: u64) -> Self {
        let files = usize::try_from(files).unwrap_or(usize::MAX);
        let left = files.saturating_sub(OTHERS).saturating_sub(self.plain);
        let handshakes = self.handshakes.min((left / 2).max(1));
        let websockets = self.websockets.min(left.saturating_sub(handshakes).max(1));
        Self {
            websockets,
            plain: self.plain,
            handshakes,
        }
    }
}

/// Raises the limit to so many files, or to the most that the system allows, and returns what it is now.
#[cfg(unix)]
fn raise(wanted: u64) -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let now = limit.current.unwrap_or(u64::MAX);
    let files = limit.maximum.map_or(wanted, |most| most.min(wanted));
    if files <= now {
        return now;
    }
    let raised = Rlimit {
        current: Some(files),
        maximum: limit.maximum,
    };
    setrlimit(Resource::Nofile, raised).map_or(now, |()| files)
}

#[cfg(not(unix))]
const fn raise(wanted: u64) -> u64 {
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_as_many_as_there_are_files_for() {
        let wanted = Room {
            websockets: 10_000,
            plain: 64,
            handshakes: 1_024,
        };
        assert_eq!(wanted.within(wanted.files()), wanted);
        assert_eq!(wanted.within(u64::MAX), wanted);
        for files in [20_000, 5_000, 1_024, 256, 200] {
            let room = wanted.within(files);
            assert!(room.files() <= files, "{room:?} of {files}");
            assert!(room.websockets >= room.handshakes, "{room:?} of {files}");
        }
        let plain = Room {
            handshakes: 0,
            ..wanted
        };
        assert_eq!(plain.within(1_024).websockets, 1_024 - 64 - OTHERS);
        assert_eq!(wanted.within(10).websockets, 1, "it is tried all the same");
    }
}
