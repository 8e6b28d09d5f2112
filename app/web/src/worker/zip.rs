//! Several files as one: a ZIP without compression, for what is sealed or compressed already.

/// Packs files by their paths; all of it must stay below 4 GiB, `None` otherwise.
pub(super) fn pack(files: &[(String, Vec<u8>)]) -> Option<Vec<u8>> {
    let mut packed = Vec::new();
    let mut directory = Vec::new();
    for (path, content) in files {
        let offset = u32::try_from(packed.len()).ok()?;
        let entry = entry(path, content)?;
        packed.extend(0x0403_4b50_u32.to_le_bytes());
        packed.extend(&entry);
        packed.extend(path.as_bytes());
        packed.extend(content);
        directory.extend(0x0201_4b50_u32.to_le_bytes());
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&entry);
        // Comment, disk, attributes: none.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(path.as_bytes());
    }
    let count = u16::try_from(files.len()).ok()?;
    let start = u32::try_from(packed.len()).ok()?;
    let size = u32::try_from(directory.len()).ok()?;
    packed.extend(directory);
    packed.extend(0x0605_4b50_u32.to_le_bytes());
    packed.extend([0; 4]);
    packed.extend(count.to_le_bytes());
    packed.extend(count.to_le_bytes());
    packed.extend(size.to_le_bytes());
    packed.extend(start.to_le_bytes());
    packed.extend([0; 2]);
    Some(packed)
}

/// What local header and directory say alike: version, flags (UTF-8 names), method, time, checksum, sizes, name.
fn entry(path: &str, content: &[u8]) -> Option<Vec<u8>> {
    let size = u32::try_from(content.len()).ok()?;
    let mut entry = Vec::new();
    entry.extend(20_u16.to_le_bytes());
    entry.extend(0x0800_u16.to_le_bytes());
    entry.extend([0; 4]);
    // The first day that a ZIP can name.
    entry.extend(0x0021_u16.to_le_bytes());
    entry.extend(crc32(content).to_le_bytes());
    entry.extend(size.to_le_bytes());
    entry.extend(size.to_le_bytes());
    entry.extend(u16::try_from(path.len()).ok()?.to_le_bytes());
    entry.extend([0; 2]);
    Some(entry)
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let low = crc & 1;
            crc >> 1 ^ (0xedb8_8320 & low.wrapping_neg())
        })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn the_end_of_a_pack_names_its_files_and_where_their_list_begins() {
        let files = [
            ("a/b.log".to_owned(), b"one".to_vec()),
            ("c".into(), Vec::new()),
        ];
        let packed = pack(&files).expect("two short files fit");
        let end = &packed[packed.len() - 22..];
        assert_eq!(end[..4], [0x50, 0x4b, 5, 6]);
        assert_eq!(end[10..12], [2, 0]);
        let start = u32::from_le_bytes([end[16], end[17], end[18], end[19]]) as usize;
        assert_eq!(packed[start..start + 4], [0x50, 0x4b, 1, 2]);
        assert_eq!(&packed[30..37], b"a/b.log");
        assert_eq!(&packed[37..40], b"one");
    }
}
