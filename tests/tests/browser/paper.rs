//! What leaves the screen: codes that a camera reads, and a kit on paper.

use data_encoding::BASE64;
use heqi_tests::chrome::Profile;
use rqrr::PreparedImage;
use serde_json::json;

use super::page::Page;
use super::relay::Relay;
use super::{founded, heqi, open, started, web_folder};

/// Pixels to a module, as in a photograph that is just good enough.
const MODULE_PX: usize = 3;

/// Modules of light that the standard asks for around a code.
const MARGIN: usize = 4;

/// The modules of the code in the element `arguments[0]` finds, a text of `#` and `.` for each line, as the page paints
/// them: what is dark must be painted over something light.
const MODULES: &str = "
    const code = document.querySelector(arguments[0]);
    const [ground, dark] = [code.querySelector('rect'), code.querySelector('path')];
    const channels = (element) => getComputedStyle(element).fill.match(/[0-9]+/g).map(Number);
    if (channels(ground).some((it) => it < 200) || channels(dark).some((it) => it > 55)) return [];
    const pen = document.createElement('canvas').getContext('2d');
    const path = new Path2D(dark.getAttribute('d'));
    const { width } = code.viewBox.baseVal;
    const modules = [...Array(width).keys()];
    const is = (x, y) => pen.isPointInPath(path, x + 0.5, y + 0.5) ? '#' : '.';
    return modules.map((y) => modules.map((x) => is(x, y)).join(''));";

/// What a camera reads off the code in the element.
async fn read_code(page: &Page, css: &str) -> String {
    page.see(css).await;
    let arguments = vec![css.into()];
    let lines = page.client().execute(MODULES, arguments).await.unwrap();
    let lines: Vec<&[u8]> = lines
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap().as_bytes())
        .collect();
    let size = lines.len();
    assert!(size > 21 + 2 * MARGIN, "{css}: {size}");
    for (at, line) in lines.iter().enumerate() {
        let is_margin = at < MARGIN || at >= size - MARGIN;
        let (inner, outer) = (&line[MARGIN..size - MARGIN], &line[..MARGIN]);
        assert!(outer.iter().all(|module| *module == b'.'));
        assert!(!is_margin || inner.iter().all(|module| *module == b'.'));
    }
    let px = size * MODULE_PX;
    let paint = |x: usize, y: usize| match lines[y / MODULE_PX][x / MODULE_PX] {
        b'#' => 0,
        _ => 255,
    };
    let mut picture = PreparedImage::prepare_from_greyscale(px, px, paint);
    let grids = picture.detect_grids();
    assert_eq!(grids.len(), 1, "{css}");
    let (_, text) = grids[0].decode().unwrap();
    text
}

#[tokio::test]
async fn a_camera_reads_the_link_of_a_device_code_and_comes_in() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    let code = "[data-testid=device-code] [data-testid=qr]";
    for theme in ["light", "dark"] {
        page.run(&format!("localStorage.setItem('heqi.theme', '{theme}')"))
            .await;
        page.reload().await;
        page.show("settings").await;
        page.click("device-add").await;
        let link = page.text("device-link").await;
        assert_eq!(read_code(&page, code).await, link, "{theme}");
    }
    let read = read_code(&page, code).await;
    let home = tempfile::tempdir().unwrap();
    heqi(&home, &["device", "join", &read]).await;
    page.find("device-added").await;
    let listed = heqi(&home, &["plan", "list"]).await;
    assert!(listed.contains("Survey"), "{listed}");
    page.close().await;
}

#[tokio::test]
async fn a_camera_reads_the_link_of_an_invite() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    let link = page.make_invite("Südwerk").await;
    let code = "[data-testid=invite] [data-testid=qr]";
    assert_eq!(read_code(&page, code).await, link);
    page.close().await;
}

#[tokio::test]
async fn a_kit_is_printed_alone_on_one_page_and_its_code_brings_a_member_back() {
    let Some(web) = web_folder() else { return };
    let relay = Relay::start(&web).await;
    let chrome = started().await;
    let page = founded(&chrome, &relay).await;
    page.add_task("Survey").await;
    page.wait_for_sync("acknowledged").await;
    page.run("window.heqiPrinted = 0; window.print = () => window.heqiPrinted += 1")
        .await;
    page.click("recovery-save").await;
    page.find("kit-page").await;
    let words = [
        page.words("kit-words").await,
        page.words("kit-words-zh").await,
    ]
    .concat();
    let link = read_code(&page, "[data-testid=kit-page] [data-testid=qr]").await;
    assert!(link.starts_with(&relay.url()), "{link}");
    page.click("kit-print").await;
    page.wait_until("window.heqiPrinted === 1").await;
    let (_, on_screen) = seen(&page).await;
    assert!(on_screen > 0, "there is more than the kit on the screen");

    for theme in ["light", "dark"] {
        page.run(&format!(
            "document.documentElement.dataset.theme = '{theme}'"
        ))
        .await;
        let paper = json!({ "media": "print" });
        page.with_devtools("Emulation.setEmulatedMedia", paper)
            .await;
        assert_eq!(seen(&page).await, (true, 0), "{theme}");
        let text = page.run("return document.body.innerText").await;
        let text = text.as_str().unwrap();
        for word in &words {
            assert!(text.contains(word.as_str()), "{word} is not in {text}");
        }
        for part in ["Harbour bridge", "Anna · Nordbau", &relay.url()] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(!text.contains("Survey"), "{text}");
        page.picture(&format!("kit-printed-{theme}")).await;
        let sheet = json!({ "preferCSSPageSize": true, "printBackground": true });
        let printed = page.with_devtools("Page.printToPDF", sheet).await;
        let pdf = BASE64.decode(printed["data"].as_str().unwrap().as_bytes());
        assert_eq!(pages(&pdf.unwrap()), 1, "{theme}");
        page.with_devtools("Emulation.setEmulatedMedia", json!({ "media": "" }))
            .await;
    }
    page.click("kit-have").await;
    // Without a kit, the plan is what is printed.
    page.with_devtools("Emulation.setEmulatedMedia", json!({ "media": "print" }))
        .await;
    let text = page.run("return document.body.innerText").await;
    assert!(text.as_str().unwrap().contains("Survey"), "{text}");
    page.close().await;

    let empty = open(&chrome, &Profile::empty().unwrap()).await;
    empty.go(&link).await;
    empty.click("device-accept").await;
    empty.wait_for_task("Survey").await;
    empty.close().await;
}

/// Whether the kit's text is all the text in sight, and how many pictures, fields and buttons there are beside it.
async fn seen(page: &Page) -> (bool, u64) {
    const SEEN: &str = "
        const kit = document.querySelector('[data-testid=kit-page]');
        const all = [...document.querySelectorAll('svg, img, canvas, progress, input, select, textarea, button')];
        const beside = all.filter((it) => !kit.contains(it) && it.checkVisibility({ visibilityProperty: true }));
        return [document.body.innerText.trim() === kit.innerText.trim(), beside.length];";
    let seen = page.run(SEEN).await;
    (seen[0].as_bool().unwrap(), seen[1].as_u64().unwrap())
}

/// How many pages a file has.
fn pages(pdf: &[u8]) -> usize {
    let mark = b"/Type /Page\n";
    pdf.windows(mark.len()).filter(|it| it == mark).count()
}
