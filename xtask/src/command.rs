//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::web::Profile;

#[derive(Debug, clap::Parser)]
#[command(
    name = "cargo xtask",
    about = "Set-up, build, serve, test and measure."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Builds everything that is missing and serves the product.
    Serve(Place),
    /// Serves like `serve`, with a fast build, and builds again whenever a source changes.
    Dev(Place),
    /// Builds only the web client.
    Web {
        /// `wasm` is small and slow to build, `wasm-test` the other way round.
        #[arg(long, default_value = "wasm")]
        profile: Profile,
        /// Where to put it; `target/web` (`target/web-test` for `wasm-test`) if not given.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Checks format and lints, and nothing that takes long.
    Check,
    /// Gets what the tests need, then runs every check and every test.
    Test {
        /// Passed on to `cargo test`, such as `-p heqi-relay` or `-- removed_member`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs the simulation from one seed, as printed by a failing run.
    Sim {
        /// The first seed.
        #[arg(long)]
        seed: u64,
        /// How many seeds, counting up.
        #[arg(long, default_value_t = 1)]
        seeds: u64,
    },
    /// Builds in release and measures.
    Bench {
        /// Passed on to the benchmark.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

/// Where the product is served, and from which data.
#[derive(Debug, clap::Args)]
pub(crate) struct Place {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:8787")]
    pub(crate) listen: SocketAddr,
    /// The folder of the relay's data; made if it is not there.
    #[arg(long, default_value = "./data")]
    pub(crate) data: PathBuf,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Arguments;

    #[test]
    fn command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }
}
