//! How many files, and so connections, the process may have open.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files beside those of connections: the store, the listener, those of the web client.
#[cfg(unix)]
const OTHERS: u64 = 64;

/// Raises the limit to what so many connections need, and says where the system does not allow that.
#[cfg(unix)]
pub fn allow(connections_max: usize) {
    let wanted = (connections_max as u64).saturating_add(OTHERS);
    let now = getrlimit(Resource::Nofile);
    if now.current.is_none_or(|files| files >= wanted) {
        return;
    }
    let files = now.maximum.map_or(wanted, |most| most.min(wanted));
    let raised = Rlimit {
        current: Some(files),
        maximum: now.maximum,
    };
    if setrlimit(Resource::Nofile, raised).is_err() || files < wanted {
        tracing::warn!(
            files,
            wanted,
            "the system allows fewer open files than connections"
        );
    }
}

#[cfg(not(unix))]
pub const fn allow(_: usize) {}
