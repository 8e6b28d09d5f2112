//! Tells of which venture an invite or an offer is, to those who have nothing but a typed code.
//!
//! Who asks proves nothing, so questions are few: so many for each address, and so many for all.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use heqi_protocol::InviteId;

use super::Shared;
use super::http::Caller;

/// Questions that one address may ask at once, and each second after that.
const FOR_ONE: Allowance = Allowance {
    at_once: 20.0,
    each_second: 0.5,
};
/// The same for all together.
const FOR_ALL: Allowance = Allowance {
    at_once: 200.0,
    each_second: 50.0,
};
/// Addresses that are told apart; beyond that those who asked longest ago are forgotten.
const ADDRESSES_MAX: usize = 4096;

/// Answers with the venture and the relay that its charter names.
pub async fn find(
    State(shared): State<Arc<Shared>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Path(invite): Path<String>,
) -> Response {
    let asker = asker(caller.address.ip(), &headers, shared.proxy);
    if !shared.questions.may_ask(asker, Instant::now()) {
        let later = [(header::RETRY_AFTER, "2")];
        return (StatusCode::TOO_MANY_REQUESTS, later).into_response();
    }
    let Some(invite) = InviteId::parse(&invite) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let finder = shared.finder.clone();
    let found = tokio::task::spawn_blocking(move || finder.find(invite)).await;
    match found {
        Ok(Ok(Some(at))) => {
            // Hexadecimal needs no escaping.
            let body = format!(
                "{{\"venture\":\"{}\",\"relay\":\"{}\"}}",
                at.venture, at.relay
            );
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
                // A client that another host serves may ask too; there is nothing here for one account alone.
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
            ];
            (headers, body).into_response()
        }
        Ok(Ok(None)) => StatusCode::NOT_FOUND.into_response(),
        Ok(Err(error)) => {
            tracing::warn!(%error, "cannot look up a code");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// In which header the proxy in front of the relay says whom it speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Proxy {
    XForwardedFor,
    Forwarded,
}

/// The address of who asks: what the proxy has added last, for what stands before it anybody may have written.
fn asker(caller: IpAddr, headers: &HeaderMap, proxy: Option<Proxy>) -> IpAddr {
    let last = |name: &str| {
        let mut values = headers.get_all(name).into_iter();
        let value = values.next_back()?.to_str().ok()?;
        value.rsplit(',').next()
    };
    let said = match proxy {
        None => None,
        Some(Proxy::XForwardedFor) => last("x-forwarded-for"),
        Some(Proxy::Forwarded) => last("forwarded").and_then(|element| {
            let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
            let is_for = |(name, _): &(&str, &str)| name.trim().eq_ignore_ascii_case("for");
            pairs.find(is_for).map(|(_, address)| address)
        }),
    };
    said.and_then(address).unwrap_or(caller)
}

/// Reads an address as proxies write it: maybe with a port, in quotes, or in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || Some(text.parse::<SocketAddr>().ok()?.ip());
    bare.parse().ok().or_else(with_port)
}

/// How many questions were asked lately, and by whom.
#[derive(Debug, Default)]
pub struct Questions {
    asked: Mutex<Asked>,
}

#[derive(Debug, Default)]
struct Asked {
    by_address: BTreeMap<IpAddr, Bucket>,
    by_all: Bucket,
}

impl Questions {
    /// Counts a question, unless there were too many.
    fn may_ask(&self, address: IpAddr, now: Instant) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        if asked.by_address.len() >= ADDRESSES_MAX && !asked.by_address.contains_key(&address) {
            asked.forget_oldest();
        }
        let bucket = asked.by_address.entry(address).or_default();
        bucket.take(FOR_ONE, now) && asked.by_all.take(FOR_ALL, now)
    }
}

impl Asked {
    fn forget_oldest(&mut self) {
        let oldest = self.by_address.iter().min_by_key(|(_, bucket)| bucket.at);
        if let Some(address) = oldest.map(|(address, _)| *address) {
            self.by_address.remove(&address);
        }
    }
}

/// What one host usually has: an IPv4 address, or the first half of an IPv6 address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

#[derive(Clone, Copy, Debug)]
struct Allowance {
    at_once: f64,
    each_second: f64,
}

/// Questions asked and not yet made up for.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    asked: f64,
    at: Option<Instant>,
}

impl Bucket {
    fn take(&mut self, allowance: Allowance, now: Instant) -> bool {
        let since = self
            .at
            .map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        self.at = Some(now);
        self.asked = (self.asked - since * allowance.each_second).max(0.0);
        let may_ask = self.asked + 1.0 <= allowance.at_once;
        if may_ask {
            self.asked += 1.0;
        }
        may_ask
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn one_address_asks_so_often_and_again_after_a_while() {
        let questions = Questions::default();
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let now = Instant::now();
        let asked = (0..100).filter(|_| questions.may_ask(one, now)).count();
        assert_eq!(asked, 20);
        assert!(questions.may_ask(other, now), "nobody else is concerned");
        assert!(questions.may_ask(one, now + Duration::from_secs(2)));
        assert!(!questions.may_ask(one, now + Duration::from_secs(2)));
    }

    #[test]
    fn behind_a_proxy_it_is_the_address_that_the_proxy_added_last() {
        let peer = IpAddr::from([127, 0, 0, 1]);
        let asked = |name: &'static str, value: &str, proxy| {
            let mut headers = HeaderMap::new();
            headers.append(name, "198.51.100.1".parse().unwrap());
            headers.append(name, value.parse().unwrap());
            asker(peer, &headers, proxy).to_string()
        };
        let forwarded_for = "x-forwarded-for";
        let list = "198.51.100.7, 192.0.2.43";
        assert_eq!(asked(forwarded_for, list, None), "127.0.0.1");
        let proxy = Some(Proxy::XForwardedFor);
        assert_eq!(asked(forwarded_for, list, proxy), "192.0.2.43");
        assert_eq!(asked(forwarded_for, "192.0.2.43:4711", proxy), "192.0.2.43");
        assert_eq!(asked(forwarded_for, "2001:db8::1", proxy), "2001:db8::1");
        assert_eq!(asked(forwarded_for, "unknown", proxy), "127.0.0.1");
        assert_eq!(asked("forwarded", "for=192.0.2.43", proxy), "127.0.0.1");
        let proxy = Some(Proxy::Forwarded);
        let list = "for=198.51.100.7, proto=https; For=\"[2001:db8::1]:4711\"";
        assert_eq!(asked("forwarded", list, proxy), "2001:db8::1");
        assert_eq!(
            asked("forwarded", "for=\"[2001:db8::1]\"", proxy),
            "2001:db8::1"
        );
        assert_eq!(asked("forwarded", "for=_hidden", proxy), "127.0.0.1");
    }

    #[test]
    fn a_network_of_many_addresses_counts_as_one_and_all_together_are_bounded() {
        let questions = Questions::default();
        let now = Instant::now();
        let of_one_host = |n: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, n]);
        let asked = (0..100).filter(|n| questions.may_ask(of_one_host(*n), now));
        assert_eq!(asked.count(), 20);
        let of_many = |n: u32| IpAddr::from(std::net::Ipv4Addr::from_bits(n));
        let asked = (0..10_000).filter(|n| questions.may_ask(of_many(*n), now));
        assert_eq!(asked.count(), 180);
        let known = questions.asked.lock().unwrap().by_address.len();
        assert!(known <= ADDRESSES_MAX);
    }
}
