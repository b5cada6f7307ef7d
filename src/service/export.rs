//! Export: everything, of one moment, in our own form.

use std::{collections::HashMap, io};

use crate::{
    document::write,
    domain::{Copy, Id},
    store::{
        Db, Store, StoreError, bulk,
        copies::{self, Kind},
        dump::{self, Cursor},
    },
};

#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// Writes the database to `out`, a batch of rows in memory at a time.
///
/// # Errors
/// When the database or `out` fails; what is written by then is no whole document.
pub async fn export(store: &Store, out: &mut impl io::Write) -> Result<(), ExportError> {
    let mut db = store.snapshot().await?;
    bulk::prepare(&mut db).await?;
    out.write_all(write::before_volumes().as_bytes())?;
    let (mut cursor, mut lines) = (Cursor::START, Lines::default());
    loop {
        let volumes = dump::volumes(&mut db, &mut cursor).await?;
        let (Some(first), Some(last)) = (volumes.first(), volumes.last()) else { break };
        let snapshots = by_volume(&mut db, Kind::Snapshot, first.id, last.id).await?;
        let backups = by_volume(&mut db, Kind::Backup, first.id, last.id).await?;
        for volume in &volumes {
            let of = |copies: &HashMap<Id, Vec<Copy>>| copies.get(&volume.id).cloned().unwrap_or_default();
            lines.write(out, &write::volume(volume, &of(&snapshots), &of(&backups)))?;
        }
    }
    out.write_all(write::BEFORE_TRANSFERS.as_bytes())?;
    let (mut cursor, mut lines) = (Cursor::START, Lines::default());
    loop {
        let transfers = dump::transfers(&mut db, &mut cursor).await?;
        if transfers.is_empty() {
            break;
        }
        for transfer in &transfers {
            lines.write(out, &write::transfer(transfer))?;
        }
    }
    out.write_all(write::AFTER_TRANSFERS.as_bytes())?;
    Ok(out.flush()?)
}

async fn by_volume(db: &mut Db, kind: Kind, first: Id, last: Id) -> Result<HashMap<Id, Vec<Copy>>, StoreError> {
    let mut by_volume = HashMap::<Id, Vec<Copy>>::new();
    for copy in copies::between(db, kind, first, last).await? {
        by_volume.entry(copy.volume_id).or_default().push(copy);
    }
    Ok(by_volume)
}

/// The records of one list: a comma before each but the first.
#[derive(Default)]
struct Lines {
    has_any: bool,
}

impl Lines {
    fn write(&mut self, out: &mut impl io::Write, line: &str) -> io::Result<()> {
        let before: &[u8] = if self.has_any { b",\n" } else { b"\n" };
        self.has_any = true;
        out.write_all(before)?;
        out.write_all(line.as_bytes())
    }
}
