//! Rows under lock: every value of a locked venture is sealed at rest, except envelopes, which are sealed anyway.
//!
//! ```text
//! magic       8 bytes, "heqi row"
//! nonce       24 bytes
//! ciphertext  XChaCha20-Poly1305 of the value under the venture's row key, with the row's key as associated data
//! ```
//!
//! The row key is random. What is kept of it is wrapped: under Argon2id of a passphrase, or under the secret that a
//! passkey gives for a salt of its own (WebAuthn PRF). Locking rewrites all rows in one transaction, and again at the next
//! opening where that was cut off, so no value that could be read before stays in the database; what the browser's files
//! keep until they are compacted is not ours to wipe. The names on the start page stay readable.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use heqi_replica::{open_file, seal_file};
use serde::{Deserialize, Serialize};

use super::idb::{Database, Durability, Row, StoreError, Write};
use super::scope;
use crate::wire::{LockView, Passkey, Secret};

const MAGIC: &[u8; 8] = b"heqi row";
const NONCE_BYTES: usize = 24;
const WRAP_AAD: &[u8] = b"heqi row key by passkey v1";

/// The key that rows are sealed under while a venture is locked; in memory alone.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct RowKey([u8; 32]);

/// What a locked venture keeps of its row key, and what opens it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Lock {
    passphrase: Option<Vec<u8>>,
    passkey: Option<WrappedByPasskey>,
    pub(super) idle_minutes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WrappedByPasskey {
    credential: Vec<u8>,
    salt: Vec<u8>,
    wrapped: Vec<u8>,
}

/// A venture's rows, sealed where it has a lock.
pub(super) struct Vault {
    database: Database,
    key: Option<RowKey>,
}

impl RowKey {
    pub(super) fn fresh() -> Result<Self, String> {
        scope::entropy().map(Self)
    }

    fn seal(&self, row: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nonce: [u8; NONCE_BYTES] = scope::entropy().map_err(StoreError::Failed)?;
        Ok(self.seal_with(row, value, nonce))
    }

    fn seal_with(&self, row: &[u8], value: &[u8], nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
        let payload = Payload {
            msg: value,
            aad: row,
        };
        let ciphertext = cipher(&self.0).encrypt(&XNonce::from(nonce), payload);
        let ciphertext = ciphertext.expect("a row is far below what the cipher takes");
        [MAGIC.as_slice(), &nonce, &ciphertext].concat()
    }

    /// The value in a sealed row, or as it is in one that is not.
    fn open(&self, row: &[u8], value: Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let Some(rest) = value.strip_prefix(MAGIC.as_slice()) else {
            return Ok(value);
        };
        let opened = rest.split_first_chunk().and_then(|(nonce, ciphertext)| {
            let payload = Payload {
                msg: ciphertext,
                aad: row,
            };
            let nonce: [u8; NONCE_BYTES] = *nonce;
            cipher(&self.0).decrypt(&XNonce::from(nonce), payload).ok()
        });
        opened.ok_or_else(|| StoreError::Failed("a sealed row does not open".into()))
    }
}

impl Lock {
    /// What the interface is told of the lock.
    pub(super) fn view(&self) -> LockView {
        LockView {
            passphrase: self.passphrase.is_some(),
            passkey: self.passkey.as_ref().map(|one| Passkey {
                credential: one.credential.clone(),
                salt: one.salt.clone(),
            }),
            idle_minutes: self.idle_minutes,
        }
    }

    /// Lets one more secret open it, in the place of the one of its kind.
    pub(super) fn add(&mut self, key: &RowKey, secret: &Secret) -> Result<(), String> {
        match secret {
            Secret::Passphrase(passphrase) => {
                let random = scope::entropy()?;
                self.passphrase = Some(seal_file(&key.0, passphrase, random));
            }
            Secret::Passkey { passkey, secret } => {
                let secret = passkey_key(secret).ok_or("the passkey's secret is cut short")?;
                let wrapping = RowKey(secret);
                self.passkey = Some(WrappedByPasskey {
                    credential: passkey.credential.clone(),
                    salt: passkey.salt.clone(),
                    wrapped: wrapping.seal_with(WRAP_AAD, &key.0, scope::entropy()?),
                });
            }
        }
        Ok(())
    }

    /// Takes a secret away; false where nothing opens it any more.
    pub(super) fn take_away(&mut self, passkey: bool) -> bool {
        match passkey {
            true => self.passkey = None,
            false => self.passphrase = None,
        }
        self.passphrase.is_some() || self.passkey.is_some()
    }

    /// The row key, where the secret opens it.
    pub(super) fn open(&self, secret: &Secret) -> Option<RowKey> {
        let key = match secret {
            Secret::Passphrase(passphrase) => {
                let wrapped = self.passphrase.as_ref()?;
                open_file(wrapped, Some(passphrase)).ok()?
            }
            Secret::Passkey { secret, .. } => {
                let wrapped = self.passkey.as_ref()?.wrapped.clone();
                RowKey(passkey_key(secret)?).open(WRAP_AAD, wrapped).ok()?
            }
        };
        key.try_into().ok().map(RowKey)
    }
}

impl Vault {
    pub(super) async fn open(name: &str, key: Option<RowKey>) -> Result<Self, StoreError> {
        let database = Database::open(name).await?;
        Ok(Self { database, key })
    }

    /// All rows but those of the table `without`, in the order of their keys.
    ///
    /// A row that is not sealed where it should be is sealed first: setting the lock was cut off before.
    pub(super) async fn rows(&self, without: u8) -> Result<Vec<Row>, StoreError> {
        let rows = self.database.rows(Some(without)).await?;
        let Some(key) = &self.key else {
            return Ok(rows);
        };
        let plain = rows.iter().filter(|(_, value)| !is_sealed(value));
        let plain: Vec<Write> = plain
            .map(|(row, value)| (row.clone(), Some(value.clone())))
            .collect();
        if !plain.is_empty() {
            self.write(plain, Durability::Strict).await?;
        }
        let open = |(row, value): Row| {
            let opened = key.open(&row, value)?;
            Ok((row, opened))
        };
        rows.into_iter().map(open).collect()
    }

    /// Values of rows that are never sealed by the lock.
    pub(super) async fn envelopes(
        &self,
        keys: &[Vec<u8>],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.database.values(keys).await
    }

    /// Does all the writes, in their order, or none of them.
    pub(super) async fn write(
        &self,
        writes: impl IntoIterator<Item = Write>,
        durability: Durability,
    ) -> Result<(), StoreError> {
        let Some(key) = &self.key else {
            return self.database.write(writes, durability).await;
        };
        let mut sealed = Vec::new();
        for (row, value) in writes {
            let value = match value {
                Some(value) if row.first() != Some(&heqi_replica::ENVELOPE_TABLE) => {
                    Some(key.seal(&row, &value)?)
                }
                other => other,
            };
            sealed.push((row, value));
        }
        self.database.write(sealed, durability).await
    }

    /// Seals every row under another key, or leaves all of them open, in one transaction.
    pub(super) async fn rekey(&mut self, key: Option<RowKey>) -> Result<(), StoreError> {
        let rows = self.rows(heqi_replica::ENVELOPE_TABLE).await?;
        self.key = key;
        let writes = rows.into_iter().map(|(row, value)| (row, Some(value)));
        self.write(writes, Durability::Strict).await
    }
}

fn is_sealed(value: &[u8]) -> bool {
    value.starts_with(MAGIC)
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

/// The secret of a passkey as a key: what the browser gives is a pseudorandom function's output.
fn passkey_key(secret: &[u8]) -> Option<[u8; 32]> {
    secret.first_chunk::<32>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_row_opens_in_its_place_and_under_its_key_alone() {
        let key = RowKey([1; 32]);
        let sealed = key.seal_with(b"row", b"seed", [7; 24]);
        assert!(!sealed.windows(4).any(|part| part == b"seed"));
        assert_eq!(key.open(b"row", sealed.clone()), Ok(b"seed".to_vec()));
        assert!(key.open(b"other", sealed.clone()).is_err());
        assert!(RowKey([2; 32]).open(b"row", sealed).is_err());
    }

    #[test]
    fn a_row_that_was_not_sealed_yet_is_read_as_it_is() {
        let key = RowKey([1; 32]);
        assert_eq!(key.open(b"row", b"plain".to_vec()), Ok(b"plain".to_vec()));
    }

    #[test]
    fn either_secret_opens_a_lock_and_one_taken_away_does_not() {
        let key = RowKey([9; 32]);
        let passphrase = |text: &str| Secret::Passphrase(text.into());
        let passkey = |secret: u8| Secret::Passkey {
            passkey: Passkey {
                credential: vec![1],
                salt: vec![2],
            },
            secret: vec![secret; 32],
        };
        let mut lock = Lock::default();
        lock.add(&key, &passphrase("correct horse")).unwrap();
        lock.add(&key, &passkey(5)).unwrap();
        for secret in [passphrase("correct horse"), passkey(5)] {
            assert!(lock.open(&secret) == Some(key.clone()));
        }
        assert!(lock.open(&passphrase("battery")).is_none());
        assert!(lock.open(&passkey(6)).is_none());
        assert!(lock.take_away(false));
        assert!(lock.open(&passphrase("correct horse")).is_none());
        assert!(!lock.take_away(true));
    }
}
