//! The data directory: `relay.redb` and `relay.key`. redb's lock keeps a second relay out.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use redb::Database;

const CACHE_BYTES: usize = 128 << 20;

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("cannot use {path}: {error}", path = path.display())]
    Io { path: PathBuf, error: io::Error },
    #[error("{path} is not a key of 32 bytes: put the right one back from a backup", path = .0.display())]
    BadKey(PathBuf),
    #[error("cannot open {path}: {error}", path = path.display())]
    Database {
        path: PathBuf,
        error: Box<redb::DatabaseError>,
    },
    #[error("the system gives no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    #[error("{path} is there, and its key {key} is not: put the key back from a backup", path = .path.display(), key = .key.display())]
    KeyLost { path: PathBuf, key: PathBuf },
}

/// What the directory holds.
#[derive(Debug)]
pub struct Opened {
    pub db: Database,
    pub key: SigningKey,
}

/// Opens the directory, and makes what is missing at the first start.
pub fn open(dir: &Path) -> Result<Opened, DataError> {
    let at = |error| DataError::Io {
        path: dir.into(),
        error,
    };
    fs::create_dir_all(dir).map_err(at)?;
    let (path, key_path) = (dir.join("relay.redb"), dir.join("relay.key"));
    if path.exists() && !key_path.exists() {
        return Err(DataError::KeyLost {
            path,
            key: key_path,
        });
    }
    let key = key(dir)?;
    let opened = redb::Builder::new()
        .set_cache_size(CACHE_BYTES)
        .create(&path);
    let db = opened.map_err(|error| DataError::Database {
        path,
        error: Box::new(error),
    })?;
    sync_dir(dir).map_err(at)?;
    Ok(Opened { db, key })
}

/// The relay's signing key, made at the first start.
pub fn key(dir: &Path) -> Result<SigningKey, DataError> {
    let path = dir.join("relay.key");
    let at = |error| DataError::Io {
        path: path.clone(),
        error,
    };
    match fs::read(&path) {
        Ok(bytes) => {
            let seed = bytes.try_into().map_err(|_| DataError::BadKey(path))?;
            Ok(SigningKey::from_bytes(&seed))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(dir).map_err(at)?;
            let seed = seed()?;
            write_key(dir, &path, &seed).map_err(at)?;
            Ok(SigningKey::from_bytes(&seed))
        }
        Err(error) => Err(at(error)),
    }
}

/// Thirty-two random bytes.
pub fn seed() -> Result<[u8; 32], DataError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    Ok(seed)
}

/// Writes beside and renames, so that a crash leaves a whole key or none.
fn write_key(dir: &Path, path: &Path, seed: &[u8; 32]) -> io::Result<()> {
    let beside = path.with_extension("key.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&beside)?;
    file.write_all(seed)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_dir(dir)
}

/// Makes the names in the directory last.
fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let made = key(dir.path()).unwrap();
        assert_eq!(key(dir.path()).unwrap(), made);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        key(dir.path()).unwrap();
        let mode = fs::metadata(dir.path().join("relay.key"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_directory_is_opened_by_one_relay_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let first = open(dir.path()).unwrap();
        assert!(matches!(open(dir.path()), Err(DataError::Database { .. })));
        drop(first);
        open(dir.path()).unwrap();
    }

    #[test]
    fn a_store_whose_key_is_lost_is_not_given_another() {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path()).unwrap());
        fs::remove_file(dir.path().join("relay.key")).unwrap();
        assert!(matches!(open(dir.path()), Err(DataError::KeyLost { .. })));
    }
}
