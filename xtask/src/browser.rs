//! The browser the tests drive: Chromium, its driver, and a font that has Chinese.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::apt::{self, Apt};
use crate::process;

const CHINESE_FONT: &str = "fonts-noto-cjk";
const DEBIAN_PACKAGES: [&str; 3] = ["chromium", "chromium-driver", CHINESE_FONT];

/// Where the browser's programs are.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) driver: PathBuf,
}

/// Finds Chromium, its driver and a Chinese font, and installs them where apt can.
///
/// CHROME and CHROMEDRIVER, if set, name the two programs.
pub(crate) fn ensure() -> Result<Browser> {
    if let Some(browser) = find() {
        return Ok(browser);
    }
    let packages = DEBIAN_PACKAGES.join(" ");
    let Some(apt) = Apt::usable() else {
        if process::find_program("apt-get").is_some() {
            bail!("the browser tests lack something. Type: sudo apt-get install {packages}");
        }
        bail!(
            "the browser tests need Chromium, its chromedriver and a Chinese font. Install them, and set CHROME and \
             CHROMEDRIVER to the two programs if they are not in PATH"
        );
    };
    apt.install(&DEBIAN_PACKAGES)?;
    match find() {
        Some(browser) => Ok(browser),
        None => bail!(
            "Chromium, chromedriver or a Chinese font is still missing after installing {packages}"
        ),
    }
}

fn find() -> Option<Browser> {
    let chromium = program(
        "CHROME",
        &["chromium", "chromium-browser", "google-chrome", "chrome"],
    )?;
    let driver = program("CHROMEDRIVER", &["chromedriver"])?;
    has_chinese_font().then_some(Browser { chromium, driver })
}

fn program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    match std::env::var_os(variable) {
        Some(path) => Some(PathBuf::from(path)),
        None => names.iter().find_map(|name| process::find_program(name)),
    }
}

/// Asks dpkg, then fontconfig; other systems than Linux bring such fonts.
fn has_chinese_font() -> bool {
    let listed = || {
        process::output_of(Command::new("fc-list").arg(":lang=zh"))
            .is_ok_and(|fonts| !fonts.is_empty())
    };
    !cfg!(target_os = "linux") || apt::is_installed(CHINESE_FONT) || listed()
}
