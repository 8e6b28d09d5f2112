//! What holds for any bytes whatever: no decoder panics, and what decodes has one encoding.

use heqi_protocol::charter::Entry;
use heqi_protocol::frame::Sent;
use heqi_protocol::{Charter, Envelope, FromRelay, ToRelay, encode};

/// Reads `bytes` as a frame of either direction, and what the frame holds in turn.
pub(crate) fn frame(bytes: &[u8]) {
    if let Ok(frame) = ToRelay::decode(bytes) {
        assert_eq!(frame.encode(), bytes);
        inside_to_relay(&frame);
    }
    if let Ok(frame) = FromRelay::decode(bytes) {
        assert_eq!(frame.encode(), bytes);
        inside_from_relay(&frame);
    }
}

/// Reads `bytes` as a charter entry and tries it as the first one.
pub(crate) fn entry(bytes: &[u8]) {
    let Ok(entry) = Entry::decode(bytes) else {
        return;
    };
    assert_eq!(entry.bytes(), bytes);
    let content = encode(entry.content());
    assert_eq!(
        &bytes[..4],
        u32::try_from(content.len()).unwrap().to_le_bytes()
    );
    assert_eq!(&bytes[4..bytes.len() - 64], content);
    if let Ok(mut charter) = Charter::found(&entry) {
        assert_eq!(charter.venture().0, entry.hash().0);
        assert!(charter.append(&entry).is_err());
    }
}

/// Reads `bytes` as an envelope and verifies it.
pub(crate) fn envelope(bytes: &[u8]) {
    let Ok(envelope) = Envelope::decode(bytes.to_vec()) else {
        return;
    };
    assert_eq!(envelope.bytes(), bytes);
    assert_eq!(envelope.header_bytes(), encode(&envelope.header));
    let apart = 4 + envelope.header_bytes().len() + 4 + envelope.ciphertext().len() + 64;
    assert_eq!(apart, bytes.len());
    let verified = envelope.verify();
    assert_eq!(verified, envelope.verify());
    envelope.header.names_its_document();
}

fn inside_to_relay(frame: &ToRelay) {
    match frame {
        ToRelay::Found(bytes) | ToRelay::Amend(bytes) => entry(bytes),
        ToRelay::Append(bytes) => envelope(bytes),
        ToRelay::RestoreCharter(records) => records.iter().for_each(|record| entry(&record.entry)),
        ToRelay::Restore { entries, .. } => {
            entries.iter().for_each(|entry| envelope(&entry.envelope));
        }
        ToRelay::Hello(_)
        | ToRelay::Subscribe { .. }
        | ToRelay::Attest(_)
        | ToRelay::Prove { .. } => {}
    }
}

fn inside_from_relay(frame: &FromRelay) {
    if let FromRelay::Charter { entries, .. } = frame {
        entries.iter().for_each(|record| entry(&record.entry));
    }
    if let FromRelay::Entries { entries, .. } = frame {
        for entry in entries.iter() {
            if let Sent::Whole(bytes) = &entry.sent {
                envelope(bytes);
            }
        }
    }
}
