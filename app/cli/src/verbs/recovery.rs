//! The recovery file: what brings this device back.

use std::io::{Read, Write};
use std::path::Path;

use heqi_replica::{Failure, Reply, Request};
use serde_json::json;

use crate::answer::Answer;
use crate::context::Context;
use crate::store::make_private_file;
use crate::trouble::{Trouble, Usage};
use heqi_wording::say;

/// No recovery file is as large; what is larger is none.
const BYTES_MAX: u64 = 64 << 10;

/// Saves it where only its owner reads it; never over another file.
pub(crate) fn save(context: &Context, file: &Path) -> Result<Answer, Trouble> {
    let mut shell = context.open()?;
    let reply = shell.ask(Request::RecoveryFile)?;
    let Some(Reply::RecoveryFile(bytes)) = reply.transpose()? else {
        return Err(Failure::NotYetMember.into());
    };
    let path = file.display().to_string();
    let failed = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Trouble::from(Usage::FileExists(path.clone())),
        _ => Trouble::Write {
            path: path.clone(),
            cause: error.to_string(),
        },
    };
    let mut out = make_private_file(file).map_err(failed)?;
    out.write_all(&bytes).map_err(failed)?;
    out.sync_all().map_err(failed)?;
    let text = say!(context.texts, "cli-recovery-saved", path = path.as_str());
    Ok(Answer::new(json!({ "file": path }), text))
}

pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Trouble> {
    let failed = |error: std::io::Error| Trouble::Read {
        path: file.display().to_string(),
        cause: error.to_string(),
    };
    let mut bytes = Vec::new();
    let open = std::fs::File::open(file).map_err(failed)?;
    open.take(BYTES_MAX)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}
