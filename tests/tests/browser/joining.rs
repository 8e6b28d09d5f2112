//! Joining on a bad line: whoever the relay has let in comes in, however late they learn of it.

use heqi_tests::chrome::Profile;

use super::site::Site;
use super::{open, started, web_folder};

/// The worker hears nothing more of a relay that it has asked to admit it: the answer is lost on its way. The first byte
/// of a frame tells what it is.
const LOSE_THE_ANSWER: &str = "
    const amend = 2, send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (frame) {
        if (frame[0] === amend) this.onmessage = null;
        send.call(this, frame);
    };";

#[tokio::test]
async fn a_join_whose_answer_was_lost_is_finished_after_a_day_without_network() {
    let Some(web) = web_folder() else { return };
    let site = Site::serve(&web).await;
    let chrome = started().await;
    let (first, second) = (Profile::empty().unwrap(), Profile::empty().unwrap());
    let (a, b) = (open(&chrome, &first).await, open(&chrome, &second).await);
    a.create_venture(&site.url(), "Bad line", "Nordbau", "Anna")
        .await;
    a.add_task("Survey").await;
    a.wait_for_sync("acknowledged").await;
    let link = a.invite("Südwerk").await;

    b.go(&link).await;
    b.fill("invite-member-name", "Bo").await;
    b.wait_for_offline_shell().await;
    b.in_worker(LOSE_THE_ANSWER).await;
    b.click("invite-accept").await;
    // The relay has let Bo in, and Bo does not know.
    a.show("members").await;
    a.see("[data-testid=member][data-name=Bo]").await;
    b.end_worker().await;

    site.cut();
    b.go(&link).await;
    b.fill("invite-member-name", "Bo").await;
    b.click("invite-accept").await;
    b.find("invite-failed").await;
    b.end_worker().await;
    site.mend();
    b.go(&site.url()).await;
    b.click("venture").await;
    b.wait_for_task("Survey").await;
    a.close().await;
    b.close().await;
}
