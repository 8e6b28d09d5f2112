use heqi_protocol::Roles;

use super::*;

fn profile() -> Profile {
    Profile {
        version: PROFILE_VERSION,
        relay_url: Text::new("https://relay.example").unwrap(),
        venture: Some(VentureId([1; 32])),
        device_seed: [2; 32],
        phase: Phase::Member,
        next_relay: None,
    }
}

fn read(rows: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Rows, Damaged> {
    Rows::read(rows)
}

#[test]
fn rows_read_as_they_were_written() {
    let document = DocumentId([3; 32]);
    let log = LogRow {
        hash: Hash([4; 32]),
        charter_position: 5,
    };
    let row = DocumentRow {
        space: Space::Plan,
        incarnation: None,
        ack: None,
        applied: 6,
        own_last: None,
    };
    let intent = Intent::Invite(InviteIntent {
        party: "Bob Ltd".into(),
        code: "B".into(),
        roles: Roles::new(&[]),
        expires_ms: Some(7),
        invite_seed: [8; 32],
        party_id: heqi_protocol::PartyId([9; 16]),
    });
    let applying = Applying { seq: 1, tries: 2 };
    let rows = read(vec![
        (key(Table::Profile, &()), encode(&profile())),
        (key(Table::Log, &(document, Ordered::new(1))), encode(&log)),
        (envelope_key(Hash([4; 32])), b"not looked at".to_vec()),
        (key(Table::Saved, &document), b"saved".to_vec()),
        (key(Table::Document, &document), encode(&row)),
        (key(Table::Applying, &document), encode(&applying)),
        (key(Table::Intent, &Ordered::new(3)), encode(&intent)),
        (key(Table::Waiting, &(document, Hash([4; 32]))), Vec::new()),
    ])
    .unwrap();
    assert_eq!(rows.profile, Some(profile()));
    assert_eq!(rows.log, vec![((document, Ordered::new(1)), log)]);
    assert_eq!(rows.saved, vec![(document, b"saved".to_vec())]);
    assert_eq!(rows.documents, vec![(document, row)]);
    assert_eq!(rows.applying, vec![(document, applying)]);
    assert_eq!(rows.intents, vec![(Ordered::new(3), intent)]);
    let waiting = ((document, Hash([4; 32])), WaitingRow::default());
    assert_eq!(rows.waiting, vec![waiting]);
}

#[test]
fn a_row_that_cannot_be_read_names_its_table() {
    // Saved, journal and envelope values are opaque here, and so are waiting ones.
    for tag in (1..=21).filter(|tag| *tag != ENVELOPE_TABLE) {
        let garbage = read(vec![(vec![tag, 1, 2], vec![255; 3])]).err();
        assert_eq!(garbage, Some(Damaged { table: tag }));
    }
    let unknown = read(vec![(vec![200], Vec::new())]).err();
    assert_eq!(unknown, Some(Damaged { table: 200 }));
    let empty = read(vec![(Vec::new(), Vec::new())]).err();
    assert_eq!(empty, Some(Damaged { table: 0 }));
    let mut longer = encode(&profile());
    longer.push(0);
    let trailing = read(vec![(key(Table::Profile, &()), longer)]).err();
    assert_eq!(trailing, Some(Damaged { table: 1 }));
}

#[test]
fn rows_sort_by_their_numbers() {
    let document = DocumentId([3; 32]);
    let keys = [0, 1, 255, 256, 65_536, u64::MAX]
        .map(|number| key(Table::Log, &(document, Ordered::new(number))));
    assert!(keys.is_sorted());
    assert_eq!(Ordered::new(u64::MAX).number(), u64::MAX);
}

#[test]
fn no_secret_is_shown_by_a_write() {
    let op = StoreOp::Put(key(Table::Profile, &()), encode(&profile()));
    assert_eq!(
        format!("{op:?}"),
        format!("Put(Some(1), {} bytes)", encode(&profile()).len())
    );
}
