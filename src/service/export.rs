//! Export: everything, of one moment, in our own form.

use std::io;

use serde::de::DeserializeOwned;

use crate::document::write;
use crate::service::prelude::*;
use crate::store::table::Table;
use crate::store::{identity as stored, volume_types};

/// Why an export ended early.
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
    batch::prepare(&mut db).await?;
    out.write_all(write::start().as_bytes())?;
    volumes(&mut db, List::new(out, "volumes").begun()?).await?;
    // the others stand in their volumes
    records(&mut db, List::new(out, "backups"), (&copies::BACKUPS, Some(batch::WITHOUT_VOLUME)), write::backup).await?;
    records(&mut db, List::new(out, "quotas"), (&limits::TABLE, None), write::quota).await?;
    records(&mut db, List::new(out, "transfers").begun()?, (&transfers::TABLE, None), write::transfer).await?;
    volume_types(&mut db, List::new(out, "volume_types")).await?;
    identity(&mut db, out).await?;
    out.write_all(write::END.as_bytes())?;
    Ok(out.flush()?)
}

async fn volumes(db: &mut Db, mut list: List<'_, impl io::Write>) -> Result<(), ExportError> {
    let mut cursor = batch::Cursor::default();
    loop {
        let batch = batch::next(db, &volumes::TABLE, None, &mut cursor).await?;
        let mut volumes: Vec<Volume> = batch.into_iter().collect::<Result<_, _>>()?;
        // of one on offer the transfer says until when
        for volume in volumes.iter_mut().filter(|volume| volume.status.is(KnownStatus::AwaitingTransfer)) {
            volume.provisioning = None;
        }
        let (Some(first), Some(last)) = (volumes.first(), volumes.last()) else { return list.end() };
        let snapshots = by_volume(db, CopyKind::Snapshot, first.id, last.id).await?;
        let backups = by_volume(db, CopyKind::Backup, first.id, last.id).await?;
        for volume in &volumes {
            let of = |copies: &HashMap<Id, Vec<VolumeCopy>>| copies.get(&volume.id).cloned().unwrap_or_default();
            list.add(&write::volume(volume, &of(&snapshots), &of(&backups)))?;
        }
    }
}

async fn by_volume(db: &mut Db, kind: CopyKind, first: Id, last: Id) -> Result<HashMap<Id, Vec<VolumeCopy>>, StoreError> {
    let mut by_volume = HashMap::<Id, Vec<VolumeCopy>>::new();
    for copy in copies::between(db, kind, first, last).await? {
        by_volume.entry(copy.volume_id).or_default().push(copy);
    }
    Ok(by_volume)
}

async fn records<T: DeserializeOwned>(
    db: &mut Db,
    mut list: List<'_, impl io::Write>,
    (table, only): (&Table<T>, Option<&'static str>),
    record: fn(&T) -> String,
) -> Result<(), ExportError> {
    let mut cursor = batch::Cursor::default();
    loop {
        let batch = batch::next(db, table, only, &mut cursor).await?;
        let records: Vec<T> = batch.into_iter().collect::<Result<_, _>>()?;
        if records.is_empty() {
            return list.end();
        }
        records.iter().try_for_each(|stored| list.add(&record(stored)))?;
    }
}

/// Those types that are not as the settings made them, and will again elsewhere: few enough to be in memory at once.
async fn volume_types(db: &mut Db, mut list: List<'_, impl io::Write>) -> Result<(), ExportError> {
    let all = stored::all(db, &volume_types::TABLE, &[]).await?;
    all.iter().filter(|the| !the.is_as_named()).try_for_each(|the| list.add(&write::volume_type(the)))?;
    list.end()
}

/// Roles, projects and users: few enough to be in memory at once.
async fn identity(db: &mut Db, out: &mut impl io::Write) -> Result<(), ExportError> {
    let roles = stored::entities(db, EntityKind::Role, None).await?;
    let grants = stored::all(db, &stored::GRANTS, &[]).await?;
    let credentials = stored::all(db, &stored::CREDENTIALS, &[]).await?;
    let granted = |user: &str| {
        let mut by_project = BTreeMap::<String, Vec<String>>::new();
        for grant in grants.iter().filter(|grant| grant.user_id == user) {
            let role = roles.iter().find(|role| role.id == grant.role_id).map_or(&grant.role_id, |role| &role.name);
            by_project.entry(grant.project_id.clone()).or_default().push(role.clone());
        }
        by_project
    };
    for (kind, name) in [(EntityKind::Role, "roles"), (EntityKind::Project, "projects"), (EntityKind::User, "users")] {
        let mut list = List::new(out, name);
        for entity in stored::entities(db, kind, None).await? {
            let is_users = |credential: &&Credential| kind == EntityKind::User && credential.user_id == entity.id;
            let of_user: Vec<Credential> = credentials.iter().filter(is_users).cloned().collect();
            let roles = if kind == EntityKind::User { granted(&entity.id) } else { BTreeMap::new() };
            list.add(&write::entity(&entity, roles, &of_user))?;
        }
        list.end()?;
    }
    Ok(())
}

/// A list of records. It begins with its first one, so that a list without any is written only where it was begun before.
struct List<'a, W> {
    out: &'a mut W,
    /// Until it has begun.
    key: Option<&'static str>,
    separator: &'static str,
}

impl<'a, W: io::Write> List<'a, W> {
    fn new(out: &'a mut W, key: &'static str) -> Self {
        Self { out, key: Some(key), separator: "\n" }
    }

    fn begun(mut self) -> io::Result<Self> {
        self.begin()?;
        Ok(self)
    }

    fn begin(&mut self) -> io::Result<()> {
        self.key.take().map_or(Ok(()), |key| self.out.write_all(write::before(key).as_bytes()))
    }

    fn add(&mut self, record: &str) -> io::Result<()> {
        self.begin()?;
        let before = std::mem::replace(&mut self.separator, ",\n");
        write!(self.out, "{before}{record}")
    }

    fn end(self) -> Result<(), ExportError> {
        if self.key.is_none() {
            self.out.write_all(write::AFTER.as_bytes())?;
        }
        Ok(())
    }
}
