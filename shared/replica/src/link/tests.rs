use super::*;

fn link() -> InviteLink {
    let url = relay_url("https://relay.example:8443/heqi").unwrap();
    InviteLink::new(url, RelayKey([3; 32]), VentureId([4; 32]), [5; 32])
}

#[test]
fn a_link_reads_as_it_was_printed_with_space_around_it() {
    let text = link().url();
    assert!(text.starts_with("https://relay.example:8443/heqi/#invite="));
    assert!(InviteLink::parse(&format!("\n  {text} \n")).unwrap() == link());
}

#[test]
fn a_link_that_was_cut_short_anywhere_is_damaged() {
    let text = link().url();
    let start = text.find(MARK).unwrap() + MARK.len();
    for end in start..text.len() {
        let parsed = InviteLink::parse(&text[..end]).err();
        assert_eq!(parsed, Some(BadLink::Damaged), "cut at {end}");
    }
    assert_eq!(
        InviteLink::parse(&format!("{text}AA")).err(),
        Some(BadLink::Damaged)
    );
    assert_eq!(
        InviteLink::parse(&format!("{text}!")).err(),
        Some(BadLink::Damaged)
    );
}

#[test]
fn a_link_of_a_newer_build_says_so_and_an_older_version_is_damaged() {
    let with_version = |version| {
        let mut newer = link();
        newer.version = version;
        InviteLink::parse(&newer.url()).err()
    };
    assert_eq!(with_version(2), Some(BadLink::Newer));
    assert_eq!(with_version(0), Some(BadLink::Damaged));
}

#[test]
fn a_text_without_invite_is_no_link() {
    for text in [
        "",
        "https://relay.example/",
        "https://relay.example/#join=AAAA",
    ] {
        assert_eq!(InviteLink::parse(text).err(), Some(BadLink::NoInvite));
    }
}

#[test]
fn a_link_whose_address_is_not_in_normal_form_is_refused() {
    for (url, bad) in [
        ("https://relay.example/", BadLink::Damaged),
        ("ftp://relay.example", BadLink::Url),
        ("https://user@relay.example", BadLink::Url),
    ] {
        let mut odd = link();
        odd.relay_url = Text::new(url).unwrap();
        assert_eq!(InviteLink::parse(&odd.url()).err(), Some(bad), "{url}");
    }
}

#[test]
fn the_address_of_a_relay_has_one_normal_form() {
    for (given, normal) in [
        (" https://relay.example/ ", "https://relay.example"),
        ("http://10.0.0.7:8080", "http://10.0.0.7:8080"),
        ("https://a.example/heqi//", "https://a.example/heqi"),
    ] {
        assert_eq!(&*relay_url(given).unwrap(), normal);
    }
    for bad in [
        "",
        "relay.example",
        "https://",
        "https:///path",
        "ws://relay.example",
        "https://a b",
        "https://a/#x",
        "https://a/?x",
        "https://a@b",
        "https://ä.example",
    ] {
        assert_eq!(relay_url(bad), Err(BadLink::Url), "{bad}");
    }
    let long = format!("https://{}", "a".repeat(URL_BYTES_MAX));
    assert_eq!(relay_url(&long), Err(BadLink::Url));
}

#[test]
fn only_the_scheme_of_an_address_becomes_that_of_a_socket() {
    assert_eq!(
        socket_url("https://http.example"),
        "wss://http.example/sync"
    );
    assert_eq!(socket_url("http://a:1/b"), "ws://a:1/b/sync");
}
