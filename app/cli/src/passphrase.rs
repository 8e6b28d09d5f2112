//! Passphrases as people type them: not shown on a terminal, and a line of standard input where there is none.

use std::io::{BufRead, IsTerminal, Write, stderr, stdin};

use heqi_wording::{Texts, say};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

use crate::trouble::{Trouble, Usage};

/// Asks for a passphrase; `None` where nobody gives one.
pub(crate) fn ask(texts: &Texts, question: &'static str) -> Result<Option<String>, Trouble> {
    let is_shown = stdin().is_terminal();
    if is_shown {
        let mut out = stderr().lock();
        // Where nobody reads the question, nobody answers it either.
        let _ = write!(out, "{} ", texts.say(question, &[]));
        let _ = out.flush();
    }
    let mut line = String::new();
    let read = quietly(is_shown, || stdin().lock().read_line(&mut line));
    if is_shown {
        let _ = writeln!(stderr());
    }
    read.map_err(|error| Trouble::Read {
        path: say!(texts, "cli-standard-input"),
        cause: error.to_string(),
    })?;
    let passphrase = line.trim();
    Ok((!passphrase.is_empty()).then(|| passphrase.to_owned()))
}

/// Asks for a new passphrase, twice where a slip of a finger would not be seen.
pub(crate) fn choose(texts: &Texts) -> Result<String, Trouble> {
    let first = ask(texts, "cli-passphrase-new")?.ok_or(Usage::NoPassphrase)?;
    if stdin().is_terminal() && ask(texts, "cli-passphrase-again")?.as_ref() != Some(&first) {
        return Err(Usage::PassphraseDiffers.into());
    }
    Ok(first)
}

/// Reads without the terminal showing what is typed.
fn quietly<T>(is_shown: bool, read: impl FnOnce() -> T) -> T {
    let before = is_shown.then(|| tcgetattr(stdin()).ok()).flatten();
    if let Some(before) = &before {
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        // A terminal that cannot be quietened shows it: better than to ask nothing.
        let _ = tcsetattr(stdin(), OptionalActions::Flush, &quiet);
    }
    let answer = read();
    if let Some(before) = &before {
        let _ = tcsetattr(stdin(), OptionalActions::Flush, before);
    }
    answer
}
