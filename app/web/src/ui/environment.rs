//! What kind of place the page runs in, and what that means for data that lives only here.

use super::browser;

/// Quota below which a window is likely a private one, in bytes. Chromium tells the same 10 GiB in every window, so there
/// only the notice before the first edit speaks of private windows.
const PRIVATE_QUOTA_BYTES_MAX: f64 = 1024.0 * 1024.0 * 1024.0;

/// A reason not to start at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// `http:` to another machine: no locks, no offline shell, no kept data.
    InsecureOrigin,
    /// The browser lacks a feature, named for a report.
    Missing(&'static str),
}

/// How well the browser keeps what is stored here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeping {
    /// Kept until the person deletes it.
    Kept,
    /// May be cleared when space runs short.
    BestEffort,
    /// Most likely a private window: gone when it closes.
    Private,
    Unknown,
}

/// Whether the page can work here.
pub(crate) fn unfit() -> Option<Unfit> {
    if !browser::is_secure_context() {
        return Some(Unfit::InsecureOrigin);
    }
    if !browser::has_global("indexedDB") {
        return Some(Unfit::Missing("IndexedDB"));
    }
    if !browser::has_navigator("locks") {
        return Some(Unfit::Missing("Web Locks"));
    }
    None
}

/// Asks the browser to keep the data and tells what came of it.
pub(crate) async fn ask_to_keep() -> Keeping {
    let asked = browser::persist().await;
    keeping_of(asked, browser::storage_quota().await)
}

/// How well the data is kept now, without asking for more.
pub(crate) async fn keeping() -> Keeping {
    let persisted = browser::persisted().await;
    keeping_of(persisted, browser::storage_quota().await)
}

/// The app whose built-in browser shows the page, if any.
pub(crate) fn in_app_browser() -> Option<&'static str> {
    in_app_browser_of(&browser::user_agent())
}

/// Browser and system by the names that people know, as far as the browser tells.
pub(crate) fn device() -> (Option<&'static str>, Option<&'static str>) {
    device_of(&browser::user_agent())
}

fn device_of(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    // Most browsers name those that they descend from as well, so the narrower mark stands first.
    const BROWSERS: [(&str, &str); 11] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Vivaldi/", "Vivaldi"),
        ("QQBrowser/", "QQ Browser"),
        ("UCBrowser/", "UC Browser"),
        ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 8] = [
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("CrOS", "ChromeOS"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let named = |marks: &[(&str, &'static str)]| {
        let mut marks = marks.iter();
        marks
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let browser = in_app_browser_of(user_agent).or_else(|| named(&BROWSERS));
    (browser, named(&SYSTEMS))
}

fn keeping_of(persisted: Option<bool>, quota_bytes: Option<f64>) -> Keeping {
    match (persisted, quota_bytes) {
        (Some(true), _) => Keeping::Kept,
        (_, Some(quota)) if quota < PRIVATE_QUOTA_BYTES_MAX => Keeping::Private,
        (Some(false), _) => Keeping::BestEffort,
        (None, _) => Keeping::Unknown,
    }
}

fn in_app_browser_of(user_agent: &str) -> Option<&'static str> {
    // WeCom names WeChat's engine too, so the narrower mark stands first.
    const MARKS: [(&str, &str); 14] = [
        ("wxwork", "WeCom 企业微信"),
        ("MicroMessenger", "WeChat 微信"),
        ("DingTalk", "DingTalk 钉钉"),
        ("Lark/", "Feishu 飞书"),
        ("Feishu", "Feishu 飞书"),
        ("Outlook", "Outlook"),
        ("Teams/", "Microsoft Teams"),
        ("Slack", "Slack"),
        ("Weibo", "Weibo 微博"),
        ("FBAN", "Facebook"),
        ("FBAV", "Facebook"),
        ("Instagram", "Instagram"),
        ("Line/", "LINE"),
        (" QQ/", "QQ"),
    ];
    let known = MARKS.iter().find(|(mark, _)| user_agent.contains(mark));
    match known {
        Some((_, name)) => Some(name),
        None if user_agent.contains("; wv)") => Some("WebView"),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_app_browsers_are_named_and_ordinary_ones_are_not() {
        let wechat =
            "Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile MicroMessenger/8.0.50 Language/zh_CN";
        let wecom = "Mozilla/5.0 (Linux; Android 14; wv) wxwork/4.1 MicroMessenger/7.0.1";
        let webview = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) Chrome/120 Mobile";
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36";
        assert_eq!(in_app_browser_of(wechat), Some("WeChat 微信"));
        assert_eq!(in_app_browser_of(wecom), Some("WeCom 企业微信"));
        assert_eq!(in_app_browser_of(webview), Some("WebView"));
        assert_eq!(in_app_browser_of(chrome), None);
    }

    #[test]
    fn a_device_is_called_by_its_browser_and_system() {
        for (user_agent, browser, system) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
                "Chrome",
                "Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0",
                "Edge",
                "Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari",
                "iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36",
                "Chrome",
                "Android",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
                "Firefox",
                "Linux",
            ),
            (
                "Mozilla/5.0 (iPhone) AppleWebKit/605 Mobile MicroMessenger/8.0.50 Language/zh_CN",
                "WeChat 微信",
                "iPhone",
            ),
        ] {
            assert_eq!(
                device_of(user_agent),
                (Some(browser), Some(system)),
                "{user_agent}"
            );
        }
        assert_eq!(device_of("curl/8"), (None, None));
    }

    #[test]
    fn a_small_quota_speaks_of_a_private_window_unless_the_data_is_kept() {
        assert_eq!(keeping_of(Some(false), Some(1e8)), Keeping::Private);
        assert_eq!(keeping_of(Some(true), Some(1e8)), Keeping::Kept);
        assert_eq!(keeping_of(Some(false), Some(1e11)), Keeping::BestEffort);
        assert_eq!(keeping_of(None, None), Keeping::Unknown);
    }
}
