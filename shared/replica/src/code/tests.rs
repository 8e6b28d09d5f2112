use heqi_protocol::charter::OfferKind;
use heqi_protocol::{MemberId, RelayKey, VentureId};
use proptest::prelude::*;

use super::{BadCode, Code, CodeLink, words};
use crate::link::relay_url;

fn link(code: Code) -> CodeLink {
    CodeLink::new(
        OfferKind::Recovery,
        relay_url("https://relay.test").unwrap(),
        RelayKey([3; 32]),
        VentureId([4; 32]),
        code,
    )
}

proptest! {
    #[test]
    fn a_code_is_read_back_in_every_form(secret in any::<[u8; 16]>()) {
        let code = Code::new(secret);
        prop_assert!(Code::parse(&code.typed()) == Ok(code));
        prop_assert!(Code::parse(&code.typed().to_lowercase().replace('-', " ")) == Ok(code));
        prop_assert!(Code::parse(&code.words().join("  ")) == Ok(code));
        prop_assert!(Code::parse(&code.chinese_words().join(" ")) == Ok(code));
        prop_assert!(Code::parse(&code.chinese_words().concat()) == Ok(code));
        prop_assert!(CodeLink::parse(&link(code).url()).unwrap().code == code);
        prop_assert!(CodeLink::from_file(&link(code).file()).unwrap().code == code);
    }

    #[test]
    fn a_mistyped_letter_is_noticed(secret in any::<[u8; 16]>(), at in 0..28_usize, by in 1..32_usize) {
        let typed = Code::new(secret).typed().replace('-', "").to_lowercase();
        let alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
        let mut letters: Vec<char> = typed.chars().collect();
        let index = alphabet.find(letters[at]).unwrap();
        letters[at] = alphabet.as_bytes()[(index + by) % 32].into();
        let typed: String = letters.into_iter().collect();
        // One in 4096 passes the checksum, as another code.
        prop_assert!(Code::parse(&typed) != Ok(Code::new(secret)));
    }

    #[test]
    fn no_text_or_file_makes_it_panic(text in ".{0,80}", file in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Code::parse(&text);
        let _ = CodeLink::parse(&text);
        let _ = CodeLink::from_file(&file);
    }
}

#[test]
fn letters_that_look_like_digits_are_taken_for_them() {
    let code = Code::new([0; 16]);
    let typed = code.typed();
    assert!(Code::parse(&typed.replace('0', "O")) == Ok(code));
}

#[test]
fn a_wrong_shape_and_a_wrong_checksum_are_told_apart() {
    let words = Code::new([7; 16]).words();
    let mut swapped = words.clone();
    swapped.swap(0, 1);
    assert!(Code::parse("abcd").err() == Some(BadCode::Shape));
    assert!(Code::parse(&words[..11].join(" ")).err() == Some(BadCode::Shape));
    assert!(Code::parse(&swapped.join(" ")).err() == Some(BadCode::Checksum));
}

#[test]
fn a_tag_is_of_one_code_venture_and_member() {
    let (venture, member) = (VentureId([1; 32]), MemberId([2; 16]));
    let tag = Code::new([1; 16]).tag(venture, member);
    assert_ne!(tag, Code::new([2; 16]).tag(venture, member));
    assert_ne!(tag, Code::new([1; 16]).tag(VentureId([2; 32]), member));
    assert_ne!(tag, Code::new([1; 16]).tag(venture, MemberId([3; 16])));
}

#[test]
fn equal_facts_give_equal_words() {
    assert_eq!(
        words("heqi test words v1", &[b"a"]),
        words("heqi test words v1", &[b"a"])
    );
    assert_ne!(
        words("heqi test words v1", &[b"a"]),
        words("heqi test words v1", &[b"b"])
    );
    assert_eq!(words("heqi test words v1", &[b"a"]).0.len(), 6);
}
