use std::sync::Arc;

use heqi_protocol::fixture;
use heqi_protocol::handshake::{Hello, Who};
use heqi_protocol::{FromRelay, Misbehaviour, Text, ToRelay, VentureId};

use super::harness::*;
use crate::image::Image;
use crate::{Options, Origin};

/// What a relay that is reached under `origins` says to a founder who dialled `dialled`.
fn answer(origins: &[&str], dialled: &str) -> FromRelay {
    let origins = origins.iter().map(|url| url.parse::<Origin>().unwrap());
    let options = Options {
        origins: origins.collect(),
        ..Options::default()
    };
    let mut relay = Relay::on(Image::default(), options);
    let ann = founder();
    let entry = fixture::genesis(&ann, fixture::relay_key(&relay_signing_key()), 7);
    let (conn, challenge) = relay.connect_with(Arc::new(unlimited()));
    let hello = Hello::sign(
        &challenge,
        VentureId(entry.hash().0),
        Who::Founder(ann.device()),
        Text::new(dialled).unwrap(),
        [1; 32],
        0,
        &ann.key,
    );
    relay.send(conn, &ToRelay::Hello(hello));
    let mut got = relay.take(conn);
    assert_eq!(got.len(), 1, "{got:?}");
    got.remove(0)
}

#[test]
fn a_client_that_dialled_another_address_is_refused_where_the_addresses_are_known() {
    let known = ["https://relay.example/", "http://localhost:8787"];
    for own in ["wss://relay.example/sync", "ws://localhost:8787/sync"] {
        assert!(
            matches!(answer(&known, own), FromRelay::Welcome(_)),
            "{own}"
        );
    }
    for other in [
        "wss://other.example/sync",
        "ws://relay.example/sync",
        "wss://relay.example",
        "",
    ] {
        let refused = FromRelay::Refused(Misbehaviour::WrongRelay);
        assert_eq!(answer(&known, other), refused, "{other}");
    }
}

#[test]
fn without_known_addresses_any_will_do() {
    let welcome = answer(&[], "wss://whatever.example/sync");
    assert!(matches!(welcome, FromRelay::Welcome(_)));
}

#[test]
fn an_address_has_a_scheme_and_a_host() {
    for bad in ["relay.example", "wss://relay.example", "https://", ""] {
        assert!(bad.parse::<Origin>().is_err(), "{bad}");
    }
}
