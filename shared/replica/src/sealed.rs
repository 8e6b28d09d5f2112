//! A file sealed with a passphrase: a recovery kit, or a key of the browser's lock.
//!
//! ```text
//! magic       16 bytes, "heqi sealed rf1\n"
//! salt        16 bytes
//! nonce       24 bytes
//! ciphertext  XChaCha20-Poly1305 of the file, with the bytes before it as associated data
//! ```
//!
//! The key is Argon2id of the passphrase with the salt, 32 MiB, 4 passes, 1 lane: another cost is another magic.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

const MAGIC: &[u8; 16] = b"heqi sealed rf1\n";
/// What magics of this and of later kinds begin with.
const KIND: &[u8] = b"heqi sealed ";
const SALT_BYTES: usize = 16;
const NONCE_BYTES: usize = 24;
const HEAD_BYTES: usize = MAGIC.len() + SALT_BYTES + NONCE_BYTES;

const MEMORY_KIB: u32 = 32 * 1024;
const PASSES: u32 = 4;
const LANES: u32 = 1;

/// Why a sealed file does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSealedFile {
    #[error("the sealed file is damaged")]
    Damaged,
    #[error("the file was sealed by a newer version")]
    Newer,
    #[error("the file is sealed with a passphrase")]
    PassphraseNeeded,
    #[error("the passphrase does not open the file")]
    PassphraseWrong,
}

/// Seals a file; `random` is fresh.
pub fn seal_file(file: &[u8], passphrase: &str, random: [u8; SALT_BYTES + NONCE_BYTES]) -> Vec<u8> {
    let mut sealed = MAGIC.to_vec();
    sealed.extend(random);
    let (salt, nonce) = random.split_at(SALT_BYTES);
    let payload = Payload {
        msg: file,
        aad: &sealed,
    };
    let ciphertext = cipher(passphrase, salt)
        .encrypt(&nonce_of(nonce), payload)
        .expect("a file in memory is far below what the cipher takes");
    sealed.extend(ciphertext);
    sealed
}

/// The file in `bytes`, opened where it is sealed and as it is where it is not.
pub fn open_file(bytes: &[u8], passphrase: Option<&str>) -> Result<Vec<u8>, BadSealedFile> {
    if !bytes.starts_with(KIND) {
        return Ok(bytes.to_vec());
    }
    if !bytes.starts_with(MAGIC) {
        return Err(BadSealedFile::Newer);
    }
    let (head, ciphertext) = bytes
        .split_at_checked(HEAD_BYTES)
        .ok_or(BadSealedFile::Damaged)?;
    let passphrase = passphrase.ok_or(BadSealedFile::PassphraseNeeded)?;
    let (salt, nonce) = head[MAGIC.len()..].split_at(SALT_BYTES);
    let payload = Payload {
        msg: ciphertext,
        aad: head,
    };
    cipher(passphrase, salt)
        .decrypt(&nonce_of(nonce), payload)
        .map_err(|_| BadSealedFile::PassphraseWrong)
}

fn cipher(passphrase: &str, salt: &[u8]) -> XChaCha20Poly1305 {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(32))
        .expect("the costs are constants within Argon2's limits");
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.trim().as_bytes(), salt, &mut key)
        .expect("salt and key have lengths that Argon2 takes");
    XChaCha20Poly1305::new(&Key::from(key))
}

fn nonce_of(bytes: &[u8]) -> XNonce {
    let mut nonce = [0; NONCE_BYTES];
    nonce.copy_from_slice(bytes);
    XNonce::from(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_file_opens_with_its_passphrase_and_with_no_other() {
        let sealed = seal_file(b"the file", "correct horse", [7; 40]);
        assert_eq!(
            open_file(&sealed, Some(" correct horse\n")),
            Ok(b"the file".to_vec())
        );
        let wrong = Err(BadSealedFile::PassphraseWrong);
        assert_eq!(open_file(&sealed, Some("correct hors")), wrong);
        assert_eq!(
            open_file(&sealed, None),
            Err(BadSealedFile::PassphraseNeeded)
        );
    }

    #[test]
    fn a_sealed_file_keeps_its_bytes() {
        let sealed = seal_file(b"the file", "correct horse", [7; 40]);
        let held = "6f0f16bef66b9d5cafedfb337b446d276bf194a5d6aad984";
        assert_eq!(data_encoding::HEXLOWER.encode(&sealed[HEAD_BYTES..]), held);
    }

    #[test]
    fn a_changed_file_does_not_open_file() {
        let mut sealed = seal_file(b"the file", "pass", [7; 40]);
        for at in [MAGIC.len(), HEAD_BYTES - 1, HEAD_BYTES, sealed.len() - 1] {
            sealed[at] ^= 1;
            assert_eq!(
                open_file(&sealed, Some("pass")),
                Err(BadSealedFile::PassphraseWrong)
            );
            sealed[at] ^= 1;
        }
    }

    #[test]
    fn a_file_that_is_not_sealed_passes_and_a_cut_or_later_one_does_not() {
        assert_eq!(
            open_file(b"heqi recovery 1\n..", None),
            Ok(b"heqi recovery 1\n..".to_vec())
        );
        assert_eq!(
            open_file(&MAGIC[..], Some("x")),
            Err(BadSealedFile::Damaged)
        );
        assert_eq!(
            open_file(b"heqi sealed rf2\n", None),
            Err(BadSealedFile::Newer)
        );
    }
}
