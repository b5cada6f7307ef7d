//! List: a page of the snapshots or backups that a caller may see.

use super::Kind;
use crate::{
    domain::{Copy, page::Page},
    service::{
        Asker, Error, Service,
        page::{self, Wanted},
    },
    store::{
        copies::{self, BackupRow, SnapshotRow},
        copy_lists::{BACKUPS, SNAPSHOTS},
    },
};

/// A page of one kind.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names none that the caller may see.
pub async fn list(service: &Service, asker: &Asker, kind: Kind, wanted: &Wanted) -> Result<Page<Copy>, Error> {
    let mut db = service.store.reader().await?;
    let marker = match wanted.marker {
        Some(id) => copies::by_ids(&mut db, kind, [id]).await?.pop(),
        None => None,
    };
    let marker = marker.filter(|copy| wanted.sees_all(asker) || copy.project_id == asker.caller.project);
    Ok(match kind {
        Kind::Snapshot => {
            page::page(&mut db, asker, &SNAPSHOTS, wanted, marker.map(SnapshotRow)).await?.map(|SnapshotRow(copy)| copy)
        }
        Kind::Backup => page::page(&mut db, asker, &BACKUPS, wanted, marker.map(BackupRow)).await?.map(|BackupRow(copy)| copy),
    })
}

/// How many there are on all pages.
pub async fn count(service: &Service, asker: &Asker, kind: Kind, wanted: &Wanted) -> Result<i64, Error> {
    let listing = match kind {
        Kind::Snapshot => &SNAPSHOTS,
        Kind::Backup => &BACKUPS,
    };
    page::count(&mut service.store.reader().await?, asker, listing, wanted).await
}
