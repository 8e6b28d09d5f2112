//! Files handed to the browser's downloads: the recovery file and the plan as CSV.

use leptos::task::spawn_local;

use super::i18n::t;
use super::session::Session;
use super::{browser, port};
use crate::wire::{Reply, Request};

/// Exports the recovery file to the browser's downloads, sealed where a passphrase is given.
pub(crate) fn save(session: Session, passphrase: Option<String>) {
    spawn_local(async move {
        match port::ask(Request::ExportRecovery { passphrase }).await {
            Ok(Reply::File {
                name,
                media_type,
                bytes,
            }) => {
                if browser::download(&name, &media_type, &bytes).is_ok() {
                    session.recovery_saved(browser::now_ms());
                    session.toasts.good(t!("recovery-saved"));
                } else {
                    session.toasts.bad(t!("download-refused"));
                }
            }
            other => session.finish(other),
        }
    });
}

/// Exports the open plan as CSV to the browser's downloads.
pub(crate) fn save_csv(session: Session) {
    spawn_local(async move {
        match port::ask(Request::ExportCsv).await {
            Ok(Reply::File {
                name,
                media_type,
                bytes,
            }) => {
                if browser::download(&name, &media_type, &bytes).is_err() {
                    session.toasts.bad(t!("download-refused"));
                }
            }
            other => session.finish(other),
        }
    });
}
