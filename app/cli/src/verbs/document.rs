//! Documents of the spaces: listed, begun anew, deleted.

use heqi_protocol::DocumentId;
use heqi_replica::{Act, LogWords};
use serde_json::json;

use crate::answer::Answer;
use crate::args::DocumentVerb;
use crate::asking::carry_out;
use crate::charter_words::Named;
use crate::context::Context;
use crate::finding::{document as document_of, short};
use crate::shell::Shell;
use crate::space::key;
use crate::table::Table;
use crate::trouble::Trouble;
use crate::verbs::security::security_of;
use heqi_wording::say;

pub(crate) async fn on_document(context: &Context, verb: DocumentVerb) -> Result<Answer, Trouble> {
    match verb {
        DocumentVerb::List => list(context),
        DocumentVerb::NewGeneration { document } => {
            let done = "cli-generation-begun";
            act(context, &document, done, Act::BeginGeneration).await
        }
        DocumentVerb::Delete { document } => {
            let done = "cli-document-deleted";
            act(context, &document, done, Act::DeleteDocument).await
        }
    }
}

fn list(context: &Context) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let logs = security_of(&mut shell)?.logs;
    let (directory, texts) = (shell.replica().directory(), &context.texts);
    let named = Named {
        texts,
        directory: &directory,
    };
    let mut table = Table::default();
    let mut listed = Vec::new();
    for log in &logs {
        let generation = generation(&shell, log);
        table.row([
            short(log.document),
            named.space(log.space),
            say!(texts, "cli-generation", number = generation),
            say!(texts, "cli-envelopes", count = log.seq),
        ]);
        listed.push(json!({
            "id": log.document.to_string(),
            "space": key(log.space),
            "generation": generation,
            "envelopes": log.seq,
        }));
    }
    Ok(Answer::new(json!({ "documents": listed }), table.text()))
}

/// Counted from 0.
fn generation(shell: &Shell, log: &LogWords) -> u32 {
    let charter = shell.replica().charter();
    charter.map_or(0, |charter| charter.generation_in(log.space, log.document))
}

async fn act(
    context: &Context,
    document: &str,
    done: &str,
    act: impl FnOnce(DocumentId) -> Act,
) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let logs = security_of(&mut shell)?.logs;
    let log = document_of(&logs, document)?;
    let directory = shell.replica().directory();
    let named = Named {
        texts: &context.texts,
        directory: &directory,
    };
    let space = named.space(log.space);
    let done = context.texts.say(done, &[("space", space.into())]);
    let json = json!({ "document": log.document.to_string(), "space": key(log.space) });
    let act = act(log.document);
    carry_out(context, shell, act, json, done).await
}
