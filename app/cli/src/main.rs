//! `heqi`, the headless replica: one venture of one device, from the command line.
//!
//! ```text
//! arguments ─► verb ─► shell ─► replica ─► store, then socket
//! answer ◄───── plan, directory, status ◄─┘
//! ```
//!
//! A verb opens the store, does its work on the replica, and exchanges with the relay unless `--offline`. What was
//! edited is on disk before anything is sent, and stays there when the relay cannot be reached.

mod answer;
mod args;
mod asking;
mod charter_words;
mod context;
mod finding;
mod http;
mod passphrase;
mod progress;
mod removal;
mod shell;
mod socket;
mod space;
mod store;
mod syncing;
mod table;
mod task_code;
mod trouble;
mod unread;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use args::Arguments;
use context::Context;
use heqi_wording::Language;
use trouble::{Exit, Trouble, Usage};

fn main() -> ExitCode {
    let exit = match Arguments::try_parse() {
        Ok(arguments) => run(arguments),
        Err(unparsed) => answer_unparsed(&unparsed),
    };
    ExitCode::from(exit as u8)
}

/// Prints the help or version that was asked for, or what is wrong with the command line.
fn answer_unparsed(unparsed: &clap::Error) -> Exit {
    if unparsed.use_stderr() && args::asks_for_json(std::env::args_os()) {
        let message = unparsed.to_string();
        return answer::print_error(Exit::Usage, message.trim_end(), true);
    }
    // A reader that went away is no failure.
    let _ = unparsed.print();
    match unparsed.use_stderr() {
        true => Exit::Usage,
        false => Exit::Done,
    }
}

fn run(arguments: Arguments) -> Exit {
    let Arguments { global, verb } = arguments;
    let json = global.json;
    let wanted = global.lang.as_deref().map(|tag| {
        Language::of(tag).ok_or_else(|| Trouble::Usage(Usage::Language(tag.to_owned())))
    });
    let language =
        wanted.unwrap_or_else(|| Ok(Language::of_environment(|name| std::env::var(name).ok())));
    let language = match language {
        Ok(language) => language,
        Err(trouble) => {
            let texts = context::texts(Language::English);
            return answer::print_trouble(&trouble, &texts, json);
        }
    };
    // One worker for the socket, so that it answers pings while this thread merges.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            return answer::print_error(Exit::Unexpected, &error.to_string(), json);
        }
    };
    let context = Context::new(global, language, verb.space());
    match runtime.block_on(verbs::run(verb, &context)) {
        Ok(answer) => answer.print(&context),
        Err(trouble) => answer::print_trouble(&trouble, &context.texts, json),
    }
}
