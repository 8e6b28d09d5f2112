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
    ExitCode::from(run(Arguments::parse()) as u8)
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
            answer::print_line(&format!("heqi: {error}"));
            return Exit::Unexpected;
        }
    };
    let context = Context::new(global, language, verb.space());
    match runtime.block_on(verbs::run(verb, &context)) {
        Ok(answer) => answer.print(&context),
        Err(trouble) => answer::print_trouble(&trouble, &context.texts, json),
    }
}
