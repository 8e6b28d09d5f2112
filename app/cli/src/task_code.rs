//! Tasks as people name them: by their code, or by the id that JSON shows.

use heqi_domain::RecordId;
use heqi_domain::plan::{DeletedTask, Plan, TaskRow};

use crate::trouble::Usage;

/// The task of that code; letters in any case, and `.` for the `·` of a code that was given twice.
pub(crate) fn find<'a>(plan: &'a Plan, text: &str) -> Result<&'a TaskRow, Usage> {
    let by_code = plan.rows().find(|row| is_code(&row.code, text));
    by_code
        .or_else(|| plan.row(RecordId::parse(text.trim())?))
        .ok_or_else(|| Usage::UnknownTask(text.to_owned()))
}

/// The deleted task of that code.
pub(crate) fn find_deleted(plan: &Plan, text: &str) -> Result<DeletedTask, Usage> {
    let id = RecordId::parse(text.trim());
    plan.deleted()
        .into_iter()
        .find(|task| is_code(&task.code, text) || Some(task.id) == id)
        .ok_or_else(|| Usage::UnknownDeleted(text.to_owned()))
}

fn is_code(code: &str, text: &str) -> bool {
    let plain = |text: &str| text.trim().replace('·', ".").to_lowercase();
    plain(code) == plain(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        assert!(is_code("A-T012", "a-t012 "));
        assert!(is_code("A-T012·2", "A-T012.2"));
        assert!(!is_code("A-T012·2", "A-T012"));
    }
}
