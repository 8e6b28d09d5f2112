//! A virtual authenticator: passkeys of a device whose owner agrees to everything.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::json;
use url::{ParseError, Url};

#[derive(Debug)]
struct Add;

impl WebDriverCompatibleCommand for Add {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/webauthn/authenticator"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({
            "protocol": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "extensions": ["prf"],
        });
        (Method::POST, Some(body.to_string()))
    }
}

/// Gives the browser an authenticator for as long as its session lives.
pub(super) async fn add(client: &Client) {
    client.issue_cmd(Add).await.unwrap();
}
