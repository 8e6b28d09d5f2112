//! Storage in memory for tests: it survives its database, can be copied, and can be made to fail.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::{Database, DatabaseError, StorageBackend};

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug, Default)]
pub struct Image {
    disk: Arc<Disk>,
}

#[derive(Debug, Default)]
struct Disk {
    bytes: Mutex<Bytes>,
    is_failing: AtomicBool,
}

#[derive(Default)]
struct Bytes(Vec<u8>);

impl std::fmt::Debug for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bytes({})", self.0.len())
    }
}

impl Image {
    /// Opens the database on this disk, or makes one. Only one at a time: drop the last first.
    pub fn open(&self) -> Result<Database, DatabaseError> {
        redb::Builder::new()
            .set_cache_size(16 << 20)
            .create_with_backend(self.clone())
    }

    /// A disk of its own that holds what this one holds now, as a backup or a crash would find it.
    pub fn copy(&self) -> Self {
        let copy = Self::default();
        copy.bytes().0.clone_from(&self.bytes().0);
        copy
    }

    /// True where the bytes on it hold `needle` anywhere.
    pub fn holds(&self, needle: &[u8]) -> bool {
        let bytes = self.bytes();
        bytes.0.windows(needle.len()).any(|window| window == needle)
    }

    /// From now on every write fails, or none.
    pub fn fail(&self, is_failing: bool) {
        self.disk.is_failing.store(is_failing, Ordering::SeqCst);
    }

    fn bytes(&self) -> MutexGuard<'_, Bytes> {
        let bytes = self.disk.bytes.lock();
        bytes.unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self) -> io::Result<()> {
        match self.disk.is_failing.load(Ordering::SeqCst) {
            true => Err(io::Error::other("the disk fails, as the test wants")),
            false => Ok(()),
        }
    }
}

impl StorageBackend for Image {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes().0.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let bytes = self.bytes();
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let found = bytes.0.get(start..start + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.check()?;
        let len = usize::try_from(len).map_err(io::Error::other)?;
        self.bytes().0.resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.check()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.check()?;
        let mut bytes = self.bytes();
        let start = usize::try_from(offset).map_err(io::Error::other)?;
        let place = bytes.0.get_mut(start..start + data.len());
        let place = place.ok_or(io::ErrorKind::UnexpectedEof)?;
        place.copy_from_slice(data);
        Ok(())
    }
}
