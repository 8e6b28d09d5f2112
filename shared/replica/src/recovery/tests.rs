use super::*;

fn file() -> Vec<u8> {
    let url = Text::new("https://relay.example").unwrap();
    RecoveryFile::new(url, VentureId([1; 32]), [2; 32]).encode()
}

#[test]
fn a_recovery_file_reads_as_it_was_written() {
    let read = RecoveryFile::decode(&file()).unwrap();
    assert_eq!(&*read.relay_url, "https://relay.example");
    assert_eq!(read.venture, VentureId([1; 32]));
    assert_eq!(read.device_seed, [2; 32]);
}

#[test]
fn any_flipped_bit_of_a_recovery_file_is_noticed() {
    let file = file();
    for at in 0..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 1 << (at % 8);
        let expected = match at < MAGIC.len() {
            true => BadRecoveryFile::NotOne,
            false => BadRecoveryFile::Damaged,
        };
        assert_eq!(RecoveryFile::decode(&damaged).err(), Some(expected));
    }
}

#[test]
fn a_recovery_file_that_is_cut_short_or_goes_on_is_damaged() {
    let file = file();
    for end in MAGIC.len()..file.len() {
        let read = RecoveryFile::decode(&file[..end]).err();
        assert_eq!(read, Some(BadRecoveryFile::Damaged));
    }
    let longer = [file.as_slice(), b"\n"].concat();
    assert_eq!(
        RecoveryFile::decode(&longer).err(),
        Some(BadRecoveryFile::Damaged)
    );
    assert_eq!(
        RecoveryFile::decode(b"").err(),
        Some(BadRecoveryFile::NotOne)
    );
}
