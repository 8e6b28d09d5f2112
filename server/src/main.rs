//! The relay's command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use heqi_relay::serve::find::Proxy;
use heqi_relay::serve::limits::Limits;
use heqi_relay::serve::{Settings, data, serve};
use heqi_relay::{Core, Options, Origin};
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

/// A relay: it orders, keeps and passes on what members have sealed, and cannot read it.
#[derive(Parser)]
#[command(name = "heqi-relay", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves members, and the web client with --web.
    Serve(ServeArgs),
    /// Starts a new incarnation: run it once after putting a backup back.
    Reincarnate(DataArgs),
    /// Prints the relay's public key.
    Key(DataArgs),
}

#[derive(Args)]
struct DataArgs {
    /// Directory of the store and the key; made if it is not there.
    #[arg(long, default_value = "data")]
    data: PathBuf,
}

#[derive(Args)]
struct ServeArgs {
    #[command(flatten)]
    data: DataArgs,
    /// Address and port to listen on.
    #[arg(long, default_value = "127.0.0.1:8787")]
    listen: SocketAddr,
    /// Directory of the web client.
    #[arg(long)]
    web: Option<PathBuf>,
    /// Certificate chain, PEM.
    #[arg(long, requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key, PEM.
    #[arg(long, requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Address it is reached under, such as https://relay.example; may be repeated. A client that dialled another is
    /// refused. Without it any address will do.
    #[arg(long = "origin", value_name = "URL")]
    origins: Vec<Origin>,
    /// Takes no new ventures, founded here or moved here.
    #[arg(long)]
    closed: bool,
    /// A proxy stands in front and says in this header whom it speaks for: typed codes are then bounded for each asker and
    /// not for all who come by it. Never without a proxy, for anybody may write the header.
    #[arg(
        long,
        value_name = "HEADER",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "x-forwarded-for"
    )]
    behind_proxy: Option<Proxy>,
    /// Connections at the same time; fewer where the system allows fewer open files.
    #[arg(long, default_value_t = 10_000)]
    connections_max: usize,
    /// Megabytes of charter and envelopes one venture may keep here: beyond them no envelope is taken.
    #[arg(long)]
    venture_megabytes_max: Option<u64>,
}

fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("HEQI_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match Cli::parse().command {
        Command::Serve(args) => run(args),
        Command::Reincarnate(args) => reincarnate(args),
        Command::Key(args) => key(args),
    }
}

fn run(args: ServeArgs) -> anyhow::Result<()> {
    let scheme = if args.tls_cert.is_some() {
        "https"
    } else {
        "http"
    };
    let settings = Settings {
        data: args.data.data,
        listen: args.listen,
        web: args.web,
        tls: args.tls_cert.zip(args.tls_key),
        connections_max: args.connections_max,
        limits: Limits::default(),
        proxy: args.behind_proxy,
        options: Options {
            is_closed: args.closed,
            venture_bytes_max: args
                .venture_megabytes_max
                .map(|it| it.saturating_mul(1 << 20)),
            origins: args.origins,
        },
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        let (listening, address) = oneshot::channel();
        let serving = serve(settings, stop_signal(), listening);
        tokio::pin!(serving);
        tokio::select! {
            ended = &mut serving => return ended.map_err(Into::into),
            Ok(address) = address => println!("listening on {scheme}://{address}"),
        }
        serving.await.map_err(Into::into)
    })
}

/// Waits for SIGINT or SIGTERM.
async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if interrupt.await.is_err() {
        // Without signals it runs until it is killed, which loses nothing acknowledged.
        std::future::pending::<()>().await;
    }
}

fn reincarnate(args: DataArgs) -> anyhow::Result<()> {
    let opened = data::open(&args.data)?;
    let mut core = Core::open(opened.db, opened.key, data::seed()?, Options::default())?;
    core.reincarnate();
    if let Some(error) = core.take_broken() {
        return Err(error).context("the new incarnation is not on disk");
    }
    println!("incarnation {}", core.incarnation().number);
    Ok(())
}

fn key(args: DataArgs) -> anyhow::Result<()> {
    let key = data::key(&args.data)?;
    println!(
        "{}",
        heqi_protocol::RelayKey(key.verifying_key().to_bytes())
    );
    Ok(())
}
