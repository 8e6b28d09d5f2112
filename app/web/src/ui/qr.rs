//! QR codes as inline SVG: one path, dark on light in every colour scheme, so that cameras read it.

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of light around the code, as the standard asks for.
const MARGIN: i32 = 4;

/// A text as a QR code; nothing where it is too long for one.
#[component]
pub(crate) fn Qr(
    text: String,
    /// What it is, for those who do not see it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    draw(&text).map(|(size, path)| {
        view! {
            <svg
                class="qr" role="img" aria-label=label data-testid="qr" shape-rendering="crispEdges"
                viewBox=format!("0 0 {size} {size}")
            >
                <rect width=size height=size fill="#fff" />
                <path d=path fill="#000" />
            </svg>
        }
    })
}

/// The width of the picture in modules, and the dark ones as a path of horizontal runs.
fn draw(text: &str) -> Option<(i32, String)> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size())
                .take_while(|x| code.get_module(*x, y))
                .count();
            let width = i32::try_from(run).unwrap_or(0);
            if width > 0 {
                path.push_str(&format!(
                    "M{} {}h{width}v1h-{width}z",
                    x + MARGIN,
                    y + MARGIN
                ));
            }
            x += width.max(1);
        }
    }
    Some((code.size() + 2 * MARGIN, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_in_the_corner_and_a_margin_around() {
        let (size, path) = draw("https://relay.example/#device=AbC").expect("it is short");
        assert!(size >= 21 + 2 * MARGIN);
        assert!(path.starts_with("M4 4h7v1h-7z"), "{path}");
        assert_eq!(draw(&"x".repeat(4000)), None);
    }
}
