//! Progress of long work, drawn on a terminal and nowhere else.

use std::time::Duration;

use heqi_replica::{Link, Status};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::context::Context;
use heqi_wording::say;

/// Quick work shows nothing.
const REDRAW: Duration = Duration::from_millis(100);

/// A bar; gone from the terminal when dropped.
pub(crate) struct Bar {
    bar: ProgressBar,
    words: [String; 3],
    most: u64,
}

impl Bar {
    /// Bytes or pieces done of `total`.
    pub(crate) fn of(context: &Context, what: String, total: u64) -> Self {
        let mut bar = Self::hidden_or_drawn(context);
        bar.most = total;
        // It draws as soon as it has a message or a length.
        bar.bar.set_style(style("{msg} [{bar:30}] {percent}%"));
        bar.bar.set_message(what);
        bar.bar.set_length(total);
        bar
    }

    /// Edits going out and coming in; what the total is shows on the way.
    pub(crate) fn of_syncing(context: &Context) -> Self {
        let bar = Self::hidden_or_drawn(context);
        bar.bar.set_style(style("{spinner} {msg}"));
        bar.bar.enable_steady_tick(REDRAW);
        bar
    }

    /// That much is done.
    pub(crate) fn done(&self, done: u64) {
        self.bar.set_position(done.min(self.most));
    }

    /// Where syncing stands.
    pub(crate) fn show(&mut self, status: &Status) {
        let left = status.pending + status.incoming;
        if left > self.most {
            self.most = left;
            self.bar.set_length(left);
        }
        if self.most > 1 {
            self.bar
                .set_style(style("{spinner} {msg} [{bar:30}] {pos}/{len}"));
        }
        self.bar.set_position(self.most - left);
        let [connecting, reading, sending] = &self.words;
        let words = match status.link {
            Link::Offline | Link::Waiting { .. } | Link::Connecting => connecting,
            Link::Online if status.incoming > 0 => reading,
            Link::Online => sending,
        };
        if self.bar.message() != *words {
            self.bar.set_message(words.clone());
        }
    }

    fn hidden_or_drawn(context: &Context) -> Self {
        let target = if context.draws {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let texts = &context.texts;
        Self {
            bar: ProgressBar::with_draw_target(None, target),
            words: [
                say!(texts, "sync-connecting"),
                say!(texts, "cli-reading"),
                say!(texts, "sync-sending"),
            ],
            most: 0,
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
