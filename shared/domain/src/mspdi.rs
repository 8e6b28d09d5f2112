//! Microsoft Project's XML (MSPDI, Project 2003 to 2019), read into an [`ImportedPlan`].
//!
//! A file is taken whole or refused whole, with line, column and reason. What the plan has no place for is counted in
//! the report, nothing goes silently. The result is a function of the bytes alone; the name that the file has on a disk
//! serves only as the plan's name when the file itself gives none. Values that Project calculates (slack, variances,
//! early and late dates, earned value) are no facts and are neither taken nor counted.
//!
//! Not fatal, but counted: links to tasks of other projects (Project writes them with UIDs this file lacks), links to
//! unknown tasks, repeated links, and outline levels that jump, which are repaired to the nearest parent above.

mod assembly;
mod cursor;
mod decode;
mod error;
mod outline;
mod project;
mod task;
mod value;

#[cfg(test)]
mod tests;

pub use error::{Expected, MspdiError, Reason};

use crate::import::ImportedPlan;
use cursor::Cursor;
use decode::at_start;

/// Start of the namespace of the root element.
const NAMESPACE: &str = "http://schemas.microsoft.com/project";

/// Largest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Deepest nesting of elements; Project's own stays below ten.
pub const XML_DEPTH_MAX: usize = 64;
/// Attributes of one element; Project writes one in the whole file.
pub const ATTRIBUTES_MAX: usize = 32;
/// Links of one file, left-out ones included.
pub const LINKS_MAX: usize = 200_000;
/// Calendars of one file; Project writes one for each resource.
pub const CALENDARS_MAX: usize = 20_000;
/// Bytes of one number, flag, date, duration or GUID.
pub const VALUE_BYTES_MAX: usize = 128;
/// Bytes of one text before it is cut to the plan's limits; beyond it the file is refused.
pub const TEXT_BYTES_MAX: usize = 1024 * 1024;

/// Reads a file of at most [`FILE_BYTES_MAX`] bytes; `file_name` names a plan that has no name of its own.
pub fn read(bytes: &[u8], file_name: &str) -> Result<ImportedPlan, MspdiError> {
    read_with(bytes, file_name, &mut |_, _| {})
}

/// Reads a file and reports progress as bytes of text done and in all.
pub fn read_with(
    bytes: &[u8],
    file_name: &str,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<ImportedPlan, MspdiError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(at_start(Reason::TooLarge {
            bytes: bytes.len() as u64,
            max: FILE_BYTES_MAX as u64,
        }));
    }
    let text = decode::decode(bytes)?;
    let mut cursor = Cursor::new(&text, progress);
    cursor.enter_root()?;
    let project = project::read(&mut cursor)?;
    cursor.finish()?;
    assembly::assemble(project, &cursor, bytes, file_name)
}
