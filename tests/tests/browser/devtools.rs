//! What only a browser's developer tools can do: a full disk, a phone's window, a look into the worker.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command of Chromium's DevTools protocol, by chromedriver.
#[derive(Debug)]
struct Command {
    method: String,
    parameters: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({ "cmd": self.method, "params": self.parameters });
        (Method::POST, Some(body.to_string()))
    }
}

/// Does a command and returns what it answers.
pub(super) async fn run(client: &Client, method: &str, parameters: Value) -> Value {
    let command = Command {
        method: method.to_owned(),
        parameters,
    };
    let answer = client.issue_cmd(command).await;
    answer.unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// Runs a script in the worker that the tabs share; nothing comes back.
pub(super) async fn in_shared_worker(client: &Client, script: &str) {
    let targets = run(client, "Target.getTargets", json!({})).await;
    let targets = targets["targetInfos"].as_array().unwrap();
    let worker = targets
        .iter()
        .find(|target| target["type"] == "shared_worker");
    let worker = worker.unwrap_or_else(|| panic!("no shared worker among {targets:?}"));
    let attach = json!({ "targetId": worker["targetId"], "flatten": false });
    let attached = run(client, "Target.attachToTarget", attach).await;
    let message = json!({
        "id": 1,
        "method": "Runtime.evaluate",
        "params": { "expression": script },
    });
    let send = json!({ "sessionId": attached["sessionId"], "message": message.to_string() });
    run(client, "Target.sendMessageToTarget", send).await;
    // A worker that is looked into might not end.
    let detach = json!({ "sessionId": attached["sessionId"] });
    run(client, "Target.detachFromTarget", detach).await;
}
