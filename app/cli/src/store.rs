//! The rows of a replica in one redb file of the home directory.
//!
//! redb locks its file: while one `heqi` has a home open, another is told so. A batch of writes is one transaction,
//! on disk when [`Store::write`] returns.

use std::fs::DirBuilder;
use std::path::{Path, PathBuf};

use heqi_protocol::Hash;
use heqi_replica::{ENVELOPE_TABLE, StoreOp, envelope_key};
use redb::{Database, DatabaseError, Durability, ReadableDatabase, TableDefinition};

const ROWS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("rows");
const FILE: &str = "replica.redb";

/// One row: key and value.
type Row = (Vec<u8>, Vec<u8>);

/// An envelope that was looked for.
type Found = (Hash, Option<Vec<u8>>);

/// The store of one home directory.
pub(crate) struct Store {
    database: Database,
    path: PathBuf,
}

/// Why the local store is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{home} holds no venture")]
    Absent { home: String },
    #[error("{home} already holds a venture")]
    Present { home: String },
    #[error("another heqi is using {home}")]
    Occupied { home: String },
    #[error("{path}: {cause}")]
    Broken { path: String, cause: String },
}

impl Store {
    /// Opens the store of a home that has one.
    pub(crate) fn open(home: &Path) -> Result<Self, StoreError> {
        let path = home.join(FILE);
        if !path.exists() {
            return Err(StoreError::Absent {
                home: home.display().to_string(),
            });
        }
        // A file that was copied while it was written is told of here, rather than met later.
        let database = Database::builder()
            .set_check_integrity_on_open(true)
            .open(&path)
            .map_err(|error| occupied_or_broken(error, home, &path))?;
        Ok(Self { database, path })
    }

    /// Makes the store of a home that has none yet.
    pub(crate) fn create(home: &Path) -> Result<Self, StoreError> {
        make_private_folder(home).map_err(|error| broken(home, error))?;
        let path = home.join(FILE);
        if path.exists() {
            // Reading it tells a store in use from one that is merely there.
            drop(Self::open(home)?);
            return Err(StoreError::Present {
                home: home.display().to_string(),
            });
        }
        make_private_file(&path).map_err(|error| broken(&path, error))?;
        let database =
            Database::create(&path).map_err(|error| occupied_or_broken(error, home, &path))?;
        Ok(Self { database, path })
    }

    /// Every row but the envelopes, in ascending order of their keys.
    pub(crate) fn rows(&self) -> Result<Vec<Row>, StoreError> {
        self.read_rows().map_err(|error| broken(&self.path, error))
    }

    /// The envelopes of those hashes, `None` where there is none.
    pub(crate) fn envelopes(&self, hashes: Vec<Hash>) -> Result<Vec<Found>, StoreError> {
        self.read_envelopes(hashes)
            .map_err(|error| broken(&self.path, error))
    }

    /// Writes all of it durably, or nothing.
    pub(crate) fn write(&self, ops: &[StoreOp]) -> Result<(), StoreError> {
        self.write_all(ops)
            .map_err(|error| broken(&self.path, error))
    }

    /// Removes the store from disk.
    pub(crate) fn discard(self) -> Result<(), StoreError> {
        let path = self.path;
        drop(self.database);
        std::fs::remove_file(&path).map_err(|error| broken(&path, error))
    }

    fn read_rows(&self) -> Result<Vec<Row>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let table = match transaction.open_table(ROWS) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let (from, after) = ([ENVELOPE_TABLE], [ENVELOPE_TABLE + 1]);
        let mut rows = Vec::new();
        let before = table.range::<&[u8]>(..&from[..])?;
        let behind = table.range::<&[u8]>(&after[..]..)?;
        for row in before.chain(behind) {
            let (key, value) = row?;
            rows.push((key.value().to_vec(), value.value().to_vec()));
        }
        Ok(rows)
    }

    fn read_envelopes(&self, hashes: Vec<Hash>) -> Result<Vec<Found>, redb::Error> {
        let transaction = self.database.begin_read()?;
        let table = transaction.open_table(ROWS)?;
        let mut found = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let row = table.get(envelope_key(hash).as_slice())?;
            found.push((hash, row.map(|value| value.value().to_vec())));
        }
        Ok(found)
    }

    fn write_all(&self, ops: &[StoreOp]) -> Result<(), redb::Error> {
        let mut transaction = self.database.begin_write()?;
        transaction.set_durability(Durability::Immediate)?;
        // Spares the long repair after a crash.
        transaction.set_quick_repair(true);
        {
            let mut table = transaction.open_table(ROWS)?;
            for op in ops {
                match op {
                    StoreOp::Put(key, value) => {
                        table.insert(key.as_slice(), value.as_slice())?;
                    }
                    StoreOp::Delete(key) => {
                        table.remove(key.as_slice())?;
                    }
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }
}

fn broken(path: &Path, cause: impl std::fmt::Display) -> StoreError {
    StoreError::Broken {
        path: path.display().to_string(),
        cause: cause.to_string(),
    }
}

fn occupied_or_broken(error: DatabaseError, home: &Path, path: &Path) -> StoreError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => StoreError::Occupied {
            home: home.display().to_string(),
        },
        error => broken(path, error),
    }
}

/// Makes a folder that only its owner enters; one that is there stays as it is.
fn make_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an empty file that only its owner reads; it must not be there yet.
pub(crate) fn make_private_file(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(key: &[u8], value: &[u8]) -> StoreOp {
        StoreOp::Put(key.to_vec(), value.to_vec())
    }

    #[test]
    fn rows_come_back_in_order_without_the_envelopes() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::create(home.path()).unwrap();
        assert_eq!(store.rows().unwrap(), []);
        let hash = Hash([7; 32]);
        let ops = [
            put(&[9, 1], b"later"),
            put(&envelope_key(hash), b"sealed"),
            put(&[1], b"first"),
            put(&[2, 2], b"gone"),
            StoreOp::Delete(vec![2, 2]),
        ];
        store.write(&ops).unwrap();
        drop(store);
        let store = Store::open(home.path()).unwrap();
        let rows = [
            (vec![1], b"first".to_vec()),
            (vec![9, 1], b"later".to_vec()),
        ];
        assert_eq!(store.rows().unwrap(), rows);
        let other = Hash([8; 32]);
        let found = [(hash, Some(b"sealed".to_vec())), (other, None)];
        assert_eq!(store.envelopes(vec![hash, other]).unwrap(), found);
    }

    #[test]
    fn a_home_in_use_is_told_from_an_empty_one_and_from_a_full_one() {
        let home = tempfile::tempdir().unwrap();
        let opened = |result: Result<Store, StoreError>| result.err().unwrap();
        assert!(matches!(
            opened(Store::open(home.path())),
            StoreError::Absent { .. }
        ));
        let store = Store::create(home.path()).unwrap();
        assert!(matches!(
            opened(Store::open(home.path())),
            StoreError::Occupied { .. }
        ));
        assert!(matches!(
            opened(Store::create(home.path())),
            StoreError::Occupied { .. }
        ));
        drop(store);
        assert!(matches!(
            opened(Store::create(home.path())),
            StoreError::Present { .. }
        ));
    }

    #[test]
    fn a_file_that_is_no_store_is_an_error_and_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join(FILE), b"something else").unwrap();
        let error = Store::open(home.path()).err().unwrap();
        assert!(matches!(error, StoreError::Broken { .. }), "{error}");
        assert_eq!(
            std::fs::read(home.path().join(FILE)).unwrap(),
            b"something else"
        );
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_store() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        drop(Store::create(&home).unwrap());
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&home), mode(&home.join(FILE))), (0o700, 0o600));
    }
}
