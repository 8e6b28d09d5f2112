//! The web client: its size, and how it behaves with a large plan in real Chromium.

mod chrome;
mod plan_file;
mod scroll;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use self::chrome::Window;
use self::scroll::Scroll;
use crate::relay::server::Server;
use crate::replica::workload;
use crate::report::{Goal, Report, median};

const NAVIGATIONS: usize = 3;

/// Measures the client in `HEQI_WEB_DIR`, or in `web` of the target folder.
pub(crate) fn measure(report: &mut Report, target: &Path, quick: bool) -> Result<()> {
    let folder = std::env::var_os("HEQI_WEB_DIR").map_or_else(|| target.join("web"), PathBuf::from);
    size(
        report,
        &folder,
        "web.ui_brotli_kb",
        "web: interface wasm, brotli",
        "ui",
        300.0,
    )?;
    size(
        report,
        &folder,
        "web.worker_brotli_kb",
        "web: worker wasm, brotli",
        "worker",
        500.0,
    )?;
    let tasks = if quick { 1_000 } else { 10_000 };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    let is_built = folder.join("index.html").is_file();
    let seen = match is_built {
        true => runtime.block_on(in_browser(target, &folder, tasks)),
        false => Err(anyhow::anyhow!(
            "no built client; `cargo xtask bench` builds it"
        )),
    };
    tell(report, tasks, seen);
    Ok(())
}

/// What the browser showed, in milliseconds.
struct Seen {
    usable: Vec<f64>,
    import: f64,
    scroll: Scroll,
}

fn tell(report: &mut Report, tasks: usize, seen: Result<Seen>) {
    let usable = format!("web: navigation to a usable grid of {tasks} tasks");
    match seen {
        Ok(seen) => {
            report.add("web.usable_ms", &usable, median(&seen.usable), "ms");
            report.note(&format!(
                "opened from the browser's own store, median of {}; importing them took {:.1} s",
                seen.usable.len(),
                seen.import / 1000.0
            ));
            seen.scroll.tell(report, tasks);
        }
        Err(error) => {
            let why = format!("{error:#}");
            report.missing("web.usable_ms", &usable, "ms", &why);
            Scroll::missing(report, tasks, &why);
        }
    }
}

async fn in_browser(target: &Path, folder: &Path, tasks: usize) -> Result<Seen> {
    let window = Window::open().await?;
    let window = window.context("no chromedriver; `cargo xtask bench` finds or installs it")?;
    let relay = Server::relay(target, &[OsString::from("--web"), folder.into()]).await?;
    let seen = look(&window, &format!("http://{}", relay.address), tasks).await;
    window.close().await;
    seen
}

async fn look(window: &Window, site: &str, tasks: usize) -> Result<Seen> {
    window.go(&format!("{site}/#/create")).await?;
    window
        .type_into("create-venture-name", "Harbour crossing")
        .await?;
    window.type_into("create-party-name", "Nordbau").await?;
    window.type_into("create-member-name", "Anna").await?;
    window.click("create-submit").await?;
    let file = tempfile::Builder::new().suffix(".xml").tempfile()?;
    fs::write(file.path(), plan_file::text(&workload::plan(tasks)))?;
    let path = file
        .path()
        .to_str()
        .context("the path of a temporary file is no text")?;
    let started = std::time::Instant::now();
    window.type_into("import-input", path).await?;
    window.click("import-report-close").await?;
    let is_there = format!(
        "document.querySelector('[data-testid=task-count]')?.dataset.count === '{tasks}' \
         && document.querySelectorAll('[data-testid=task-row]').length > 10"
    );
    window.wait_until(&is_there).await?;
    let import = started.elapsed().as_secs_f64() * 1000.0;
    // What is still on its way would be counted to the next page.
    window
        .wait_until(
            "document.querySelector('[data-testid=sync-pill]')?.dataset.state === 'acknowledged'",
        )
        .await?;
    let address = window.address().await?;
    let mut usable = Vec::new();
    for _ in 0..NAVIGATIONS {
        // Without a page the worker ends: the next one opens the store anew.
        window.go("about:blank").await?;
        window.go(&address).await?;
        usable.push(number(&window.run(&usable_script(&is_there)).await?)?);
    }
    Ok(Seen {
        usable,
        import,
        scroll: Scroll::measure(window).await?,
    })
}

/// Milliseconds from the start of the navigation to the frame that shows the rows.
fn usable_script(is_there: &str) -> String {
    format!(
        "const look = () => {{
            if ({is_there}) requestAnimationFrame(() => done(performance.now()));
            else requestAnimationFrame(look);
        }};
        look();"
    )
}

fn number(value: &Value) -> Result<f64> {
    value.as_f64().context("the page gave no number")
}

/// The compressed size of a binary: `assets/<key>-<hash>/heqi-<key>_bg.wasm.br`.
fn size(
    report: &mut Report,
    folder: &Path,
    figure: &'static str,
    label: &str,
    key: &str,
    goal_kb: f64,
) -> Result<()> {
    let name = format!("heqi-{key}_bg.wasm");
    match find(folder, key, &name)? {
        Some(file) => {
            let plain = fs::metadata(&file)?.len() as f64 / 1000.0;
            let brotli = fs::metadata(file.with_extension("wasm.br"))
                .with_context(|| format!("{} is not compressed", file.display()))?;
            report.add(figure, label, brotli.len() as f64 / 1000.0, "kB");
            report.note(&format!("{plain:.0} kB plain"));
        }
        None => {
            let why = "no built client; `cargo xtask bench` builds it";
            report.missing(figure, label, "kB", why);
        }
    }
    report.goal(Goal::AtMost(goal_kb));
    Ok(())
}

fn find(folder: &Path, key: &str, name: &str) -> Result<Option<PathBuf>> {
    let assets = folder.join("assets");
    if !assets.is_dir() {
        return Ok(None);
    }
    for entry in fs::read_dir(&assets).context("cannot list the client")? {
        let entry = entry.context("cannot list the client")?;
        let is_its = entry.file_name().to_str().is_some_and(|folder| {
            folder
                .strip_prefix(key)
                .is_some_and(|rest| rest.starts_with('-'))
        });
        let file = entry.path().join(name);
        if is_its && file.is_file() {
            return Ok(Some(file));
        }
    }
    Ok(None)
}
