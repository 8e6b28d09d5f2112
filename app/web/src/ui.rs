//! The interface: pages over the views that the worker sends, and commands back to it.
//!
//! It shows what the worker told and nothing else: a local edit appears by the same diff as a remote
//! one. It never waits for the network, and holds no document, key or connection.

#![allow(
    unreachable_pub,
    reason = "`#[component]` makes its items public wherever they stand"
)]

mod access;
mod app;
mod browser;
mod charter_words;
mod controls;
mod dialog;
mod downloads;
mod environment;
mod failure;
mod guard;
mod i18n;
mod icon;
mod idle;
mod kit;
mod lock_screen;
mod members;
mod merge;
mod mirror;
mod notices;
mod party_code;
mod passkey;
mod plan;
mod plan_closed;
mod port;
mod qr;
mod removed;
mod rename;
mod route;
mod security;
mod session;
mod settings;
mod shell;
mod start;
mod stop;
mod sync_pill;
mod theme;
mod toast;

/// Mounts the interface on the page.
pub fn start() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(app::App);
}
