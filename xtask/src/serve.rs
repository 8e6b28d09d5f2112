//! Builds the product in release and serves it.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::command::Place;
use crate::process::{self, step};
use crate::programs;
use crate::wasm::Toolchain;
use crate::web::{self, Profile};
use crate::workspace::Workspace;

/// Gets what is missing, builds client and relay, then becomes the relay.
pub(crate) fn run(workspace: &Workspace, place: &Place) -> Result<()> {
    refuse_taken_address(place.listen)?;
    let toolchain = Toolchain::ensure()?;
    let client = step("web client", || {
        web::build(workspace, &toolchain, Profile::Wasm)
    })?;
    step("relay", || {
        programs::build_release(workspace, &["heqi-relay"])
    })?;
    announce_address(place)?;
    let mut relay = relay(workspace, "release", place, &client);
    let error = relay.exec();
    Err(error).with_context(|| format!("cannot start `{}`", process::shown(&relay)))
}

/// The relay, ready to start; `folder` is `debug` or `release`.
pub(crate) fn relay(workspace: &Workspace, folder: &str, place: &Place, client: &Path) -> Command {
    let mut relay = Command::new(workspace.program(folder, "heqi-relay"));
    relay.arg("serve");
    relay.arg("--data").arg(&place.data);
    relay.arg("--listen").arg(place.listen.to_string());
    relay.arg("--web").arg(client);
    relay
}

/// Fails before minutes of building if the relay could not listen afterwards.
pub(crate) fn refuse_taken_address(listen: SocketAddr) -> Result<()> {
    if let Err(error) = TcpListener::bind(listen) {
        bail!(
            "cannot listen on {listen} ({error}). Stop what listens there, or choose another with --listen"
        );
    }
    Ok(())
}

pub(crate) fn announce_address(place: &Place) -> Result<()> {
    let data = std::path::absolute(&place.data)?;
    eprintln!("\n   Heqi is served on {}", address(place.listen));
    eprintln!("   Data is kept in {}. Ctrl-C stops.\n", data.display());
    Ok(())
}

/// What to type into a browser. Browsers trust `localhost` without TLS, which the client needs.
fn address(listen: SocketAddr) -> String {
    if listen.ip().is_loopback() || listen.ip().is_unspecified() {
        format!("http://localhost:{}", listen.port())
    } else {
        format!("http://{listen}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_told_as_localhost() {
        for listen in ["127.0.0.1:8787", "[::1]:8787", "0.0.0.0:8787"] {
            assert_eq!(address(listen.parse().unwrap()), "http://localhost:8787");
        }
        assert_eq!(
            address("192.0.2.7:80".parse().unwrap()),
            "http://192.0.2.7:80"
        );
    }

    #[test]
    fn taken_address_is_refused_with_what_to_do() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let error = refuse_taken_address(taken.local_addr().unwrap())
            .unwrap_err()
            .to_string();
        assert!(error.contains("--listen"), "{error}");
    }
}
