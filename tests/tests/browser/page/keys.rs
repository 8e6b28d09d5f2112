//! Keys pressed wherever the focus is.

use fantoccini::key::Key;

use super::{PATIENCE, Page};
use crate::browser::until;

impl Page {
    /// Presses keys one after another, as the focus takes them.
    pub(in super::super) async fn press(&self, keys: &str) {
        let focused = self.client.active_element().await.unwrap();
        focused.send_keys(keys).await.unwrap();
    }

    /// Presses a key while others are held.
    pub(in super::super) async fn press_with(&self, held: &[Key], key: char) {
        let held: String = held.iter().copied().map(char::from).collect();
        let keys = format!("{held}{key}{}", char::from(Key::Null));
        self.press(&keys).await;
    }

    /// Waits until the focus is in a cell of this task's row.
    pub(in super::super) async fn wait_for_cell(&self, task: &str, column: &str) {
        let what = format!("the focus is on {column} of {task:?}");
        let script = format!(
            "const cell = document.activeElement;
            return cell?.matches('[data-col={column}]') === true
                && cell.closest('[data-testid=task-row]')?.dataset.name === '{task}'"
        );
        until(&what, PATIENCE, async || {
            (self.try_run(&script).await? == true).then_some(())
        })
        .await;
    }

    /// Waits until the plan is this, from top to bottom, each task behind a dash for every level.
    pub(in super::super) async fn wait_for_outline(&self, wanted: &[&str]) {
        let what = format!("the plan is {wanted:?}");
        until(&what, PATIENCE, async || {
            let text = "'-'.repeat(Number(row.dataset.depth)) + row.dataset.name";
            (self.rows(text).await == wanted).then_some(())
        })
        .await;
    }
}
