//! What a verb prints: one text for people, or one JSON document for programs.

use serde::Serialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::syncing::Synced;
use crate::trouble::{Exit, Trouble};
use heqi_wording::Texts;

/// The outcome of a verb.
pub(crate) struct Answer {
    json: Value,
    text: String,
    /// For standard error, beside the text.
    note: Option<String>,
    exit: Exit,
}

impl Answer {
    /// `json` holds plain data, which always serialises.
    pub(crate) fn new(json: impl Serialize, text: String) -> Self {
        Self {
            json: serde_json::to_value(json).unwrap_or(Value::Null),
            text,
            note: None,
            exit: Exit::Done,
        }
    }

    /// With what became of the edits: `sync` in the JSON, a digest in the text, the exit code.
    pub(crate) fn synced(mut self, synced: &Synced, texts: &Texts) -> Self {
        if let Value::Object(fields) = &mut self.json {
            let value = serde_json::to_value(synced).unwrap_or(Value::Null);
            fields.insert("sync".into(), value);
        }
        for line in synced.digest(texts) {
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
            self.text.push_str(&line);
        }
        self.note = synced.note(texts);
        self.exit = synced.exit();
        self
    }

    /// With a remark on standard error.
    pub(crate) fn noted(mut self, note: Option<String>, exit: Exit) -> Self {
        self.note = note;
        self.exit = exit;
        self
    }

    /// Prints it and answers with the exit code.
    pub(crate) fn print(self, context: &Context) -> Exit {
        if context.json {
            print_line(&self.json.to_string());
            return self.exit;
        }
        if !self.text.is_empty() {
            print_line(self.text.trim_end_matches('\n'));
        }
        if let Some(note) = self.note {
            print_note(&note);
        }
        self.exit
    }
}

/// Prints why a verb was not done.
pub(crate) fn print_trouble(trouble: &Trouble, texts: &Texts, json: bool) -> Exit {
    let exit = trouble.exit();
    let message = trouble.say(texts);
    if json {
        let error = json!({ "code": exit as u8, "kind": exit, "message": message });
        print_line(&json!({ "error": error }).to_string());
    } else {
        print_note(&format!("heqi: {message}"));
    }
    exit
}

/// Writes a line to standard output. A reader that went away, as `head` does, is no failure.
pub(crate) fn print_line(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn print_note(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
