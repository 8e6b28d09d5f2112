//! A disk in memory that survives its process, and of which older images can be put back.

use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard};

use redb::{Database, StorageBackend};

/// The bytes of a database file.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Vec<u8>>>);

impl Disk {
    /// A disk with the bytes that this one has now.
    pub fn image(&self) -> Self {
        Self(Arc::new(Mutex::new(self.bytes().clone())))
    }

    /// Opens the database on this disk.
    pub fn open(&self) -> Database {
        Database::builder()
            .set_cache_size(4 << 20)
            .create_with_backend(self.clone())
            .expect("a disk in memory opens")
    }

    /// True where the bytes hold `needle`.
    pub fn contains(&self, needle: &[u8]) -> bool {
        self.bytes()
            .windows(needle.len())
            .any(|window| window == needle)
    }

    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0
            .lock()
            .expect("no test panics while it holds the disk")
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.bytes().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let start = offset as usize;
        let bytes = self.bytes();
        let found = bytes.get(start..start + out.len());
        let found = found.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), Error> {
        self.bytes().resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), Error> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), Error> {
        let start = offset as usize;
        let mut bytes = self.bytes();
        let place = bytes.get_mut(start..start + data.len());
        let place = place.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
        place.copy_from_slice(data);
        Ok(())
    }
}
