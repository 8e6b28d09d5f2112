//! Files that a page is given: picked, or dropped.

use std::path::Path;

use serde_json::Value;

use super::{Page, texts};

impl Page {
    /// Gives a file to a file field.
    pub(in super::super) async fn pick(&self, testid: &str, file: &Path) {
        let field = self.find(testid).await;
        field.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// Imports a file and closes its report.
    pub(in super::super) async fn import(&self, file: &Path) {
        self.pick("import-input", file).await;
        self.click("import-report-close").await;
    }

    /// Drops a file on the empty plan, and notes from then on what the notice of progress says.
    pub(in super::super) async fn drop_on_plan(&self, name: &str, text: &str) {
        const SCRIPT: &str = "
            window.heqiProgress = [];
            const note = () => {
                const notice = document.querySelector('[data-testid=progress]');
                if (notice === null) return;
                const percent = notice.querySelector('progress').getAttribute('value') ?? '';
                const said = `${notice.textContent} ${percent}`.trim();
                if (window.heqiProgress.at(-1) !== said) window.heqiProgress.push(said);
            };
            const all = { subtree: true, childList: true, attributes: true, characterData: true };
            new MutationObserver(note).observe(document.body, all);
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([arguments[1]], arguments[0], { type: 'text/xml' }));
            const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
            document.querySelector('[data-testid=empty-plan]').dispatchEvent(drop);";
        let arguments = vec![Value::from(name), Value::from(text)];
        self.client.execute(SCRIPT, arguments).await.unwrap();
    }

    /// What the notice of progress has said since [`Self::drop_on_plan`], each once in a row.
    pub(in super::super) async fn progress_said(&self) -> Vec<String> {
        texts(self.run("return window.heqiProgress").await)
    }
}
