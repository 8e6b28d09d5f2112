//! The wire of the protocol: golden bytes, properties of every decoder, and what each verification refuses.
//!
//! `HEQI_BLESS=1` rewrites the golden files and the fuzz corpus made from them; the difference is then for a reader to judge.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic in a test is a failed test"
)]

mod wire {
    mod accept_refusals;
    mod arbitrary;
    mod arbitrary_body;
    mod charter_properties;
    mod charter_refusals;
    mod check;
    mod corpus;
    mod envelope;
    mod genesis_refusals;
    mod golden;
    mod handshake;
    mod properties;
    mod samples;
    mod specification;
    mod tags;
    mod threats;
    mod values;
    mod whole;
}

#[test]
fn no_test_file_is_forgotten() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let declared = std::fs::read_to_string(root.join("wire.rs")).unwrap();
    for file in std::fs::read_dir(root.join("wire")).unwrap() {
        let path = file.unwrap().path();
        let module = path.file_stem().unwrap().to_str().unwrap();
        assert!(
            declared.contains(&format!("    mod {module};\n")),
            "{module}"
        );
    }
}
