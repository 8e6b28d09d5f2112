//! What a verb prints: one text for people, or one JSON document for programs.

use serde::Serialize;
use serde_json::{Value, json};

use crate::context::Context;
use crate::syncing::Synced;
use crate::trouble::{Exit, Trouble};
use heqi_replica::is_unprintable;
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

    /// Not as if all were well, where alarms stand that nobody has put away.
    pub(crate) fn alarmed(mut self, alarms: u64) -> Self {
        if alarms > 0 && self.exit == Exit::Done {
            self.exit = Exit::Misbehaviour;
        }
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
            print_json(&self.json);
            return self.exit;
        }
        if !self.text.is_empty() {
            print_text(self.text.trim_end_matches('\n'));
        }
        if let Some(note) = self.note {
            print_note(&note);
        }
        self.exit
    }
}

/// Prints why a verb was not done.
pub(crate) fn print_trouble(trouble: &Trouble, texts: &Texts, json: bool) -> Exit {
    print_error(trouble.exit(), &trouble.say(texts), json)
}

/// Prints why nothing was done, and answers with the exit code.
pub(crate) fn print_error(exit: Exit, message: &str, json: bool) -> Exit {
    if json {
        let error = json!({ "code": exit as u8, "kind": exit, "message": message });
        print_json(&json!({ "error": error }));
    } else {
        print_note(&format!("heqi: {message}"));
    }
    exit
}

/// Writes text for people to standard output.
pub(crate) fn print_text(text: &str) {
    print_line(&printable(text));
}

/// Writes a document to standard output, in one line.
pub(crate) fn print_json(document: &Value) {
    print_line(&escaped(&document.to_string()));
}

/// A reader that went away, as `head` does, is no failure.
fn print_line(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

fn print_note(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{}", printable(text));
}

/// The text without what would draw on the terminal: much of it was written by others.
fn printable(text: &str) -> String {
    text.replace(|c| c != '\n' && is_unprintable(c), " ")
}

/// The same JSON, with what would draw on a terminal escaped. It stands in strings only.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        match is_unprintable(c) {
            true => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            false => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_does_not_draw_on_the_terminal() {
        let text = "Ann\u{1b}]0;x\u{7}\nBo\u{9b}2J \u{202e}drawn\u{2066}";
        assert_eq!(printable(text), "Ann ]0;x \nBo 2J  drawn ");
    }

    #[test]
    fn a_document_says_the_same_with_nothing_that_draws() {
        let document = json!({ "name": "Bo\u{1b}\u{7f}\u{9b}2J\u{202e}", "名": "桩基" });
        let line = escaped(&document.to_string());
        assert!(!line.chars().any(is_unprintable), "{line:?}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), document);
    }
}
