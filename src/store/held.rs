//! The SQLite file of a service: held against a second one, and watched, since a file can be taken away from under it.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::StoreError;

/// A file that no other service may serve meanwhile.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    file: File,
}

impl Held {
    /// Takes the file, which is made where it is missing.
    ///
    /// # Errors
    /// [`StoreError::Served`] when another has it.
    pub fn take(path: &Path) -> Result<Self, StoreError> {
        let unavailable = |error| StoreError::Unavailable(sqlx::Error::Io(error));
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(unavailable)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Served(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(unavailable(error)),
        }
    }

    /// Whether the path still leads to this file: what is written to one that was deleted or replaced is lost.
    ///
    /// # Errors
    /// [`StoreError::TakenAway`] when it does not; [`StoreError::Unavailable`] when it cannot be seen for now.
    pub fn check(&self) -> Result<(), StoreError> {
        let which = |file: Metadata| (file.dev(), file.ino());
        let is_in_place = match self.path.metadata() {
            Ok(there) => self.file.metadata().is_ok_and(|held| which(held) == which(there)),
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(StoreError::Unavailable(sqlx::Error::Io(error))),
        };
        if is_in_place { Ok(()) } else { Err(StoreError::TakenAway(self.path.clone())) }
    }
}
