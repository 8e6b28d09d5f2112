//! Files handed to the browser's downloads.

use leptos::task::spawn_local;

use super::i18n::t;
use super::session::Session;
use super::{browser, port};
use crate::wire::{Reply, Request};

/// Asks for a file and hands it to the browser's downloads.
pub(crate) fn save(session: Session, request: Request) {
    spawn_local(async move {
        match port::ask(request).await {
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

/// Exports the open plan as CSV.
pub(crate) fn save_csv(session: Session) {
    save(session, Request::ExportCsv);
}
