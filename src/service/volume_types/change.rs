//! Changes of a volume type: one transaction each, in which its row is locked before the volumes that are of it.

use crate::domain::limits::{EXTRA_SPECS, TYPE_PROJECTS};
use crate::domain::volume_type::Encryption;
use crate::service::prelude::*;
use crate::store::volume_types as stored;

/// What is to become of a type.
pub enum Change {
    /// It is made.
    Make { name: String, description: Option<String>, is_public: bool, extra_specs: Map<String, Value> },
    /// What is given; the rest stays. Volumes that are of it are called after it.
    Update { name: Option<String>, description: Option<String>, is_public: Option<bool> },
    /// It is deleted, where no volume is of it.
    Delete,
    /// Its extra specs are changed.
    Specs(Edit),
    /// Volumes of it will be encrypted as these fields say.
    Encrypt(Map<String, Value>),
    /// They will be in another way: what is given of the encryption of this id.
    Reencrypt(Option<Id>, Map<String, Value>),
    /// They will not be any more.
    Decrypt(Option<Id>),
    /// A project sees it.
    Open(ProjectId),
    /// A project does not see it any more.
    Close(ProjectId),
}

/// The change of a type, and the type as it is then; deleted, as it was.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] where another has the name, or a project sees it already; [`Error::Missing`] for what
/// the type has not; [`Error::Invalid`] where volumes are of it, or it is public.
pub struct ChangeType {
    pub action: &'static Action,
    pub id: Id,
    pub change: Change,
}

/// Invariant kept: a volume that was made of a type is called after it, and encrypted as the type says.
impl Operation for ChangeType {
    /// The id of an encryption, should one be made.
    type Ready = Id;
    type Done = VolumeType;

    fn intent(&self) -> Intent<'_> {
        Intent::new(self.action, Target::record(RecordKind::VolumeType, self.id))
    }

    async fn prepare(&self, cx: &Context, _: &mut Target) -> Result<Id> {
        Ok(cx.new_id())
    }

    async fn write(&self, cx: &Context, new: &Id, tx: &mut Tx<'_>) -> Result<VolumeType> {
        let taken = |error, name: &str| match error {
            StoreError::Duplicate { .. } => {
                Error::Conflict(format!("Volume Type {} already exists. Give another name, or change that type.", shown(name)))
            }
            error => error.into(),
        };
        if let Change::Make { name, description, is_public, extra_specs } = &self.change {
            let mut made = VolumeType::new(self.id, name, cx.now());
            (made.description, made.is_public, made.extra_specs) = (description.clone(), *is_public, extra_specs.clone());
            bounded("extra specs", made.extra_specs.len(), EXTRA_SPECS)?;
            stored::TABLE.insert(tx, &made).await.map_err(|error| taken(error, name))?;
            return Ok(made);
        }
        let before = stored::locked(tx, self.id).await?.ok_or(Error::NotFound(RecordKind::VolumeType, self.id))?;
        // never earlier than what was changed before, though clocks differ
        let at = cx.now().max(before.updated_at.unwrap_or(before.created_at));
        let mut after = self.apply(cx, tx, before.clone(), (*new, at)).await?;
        if after != before {
            after.updated_at = Some(at);
            stored::save(tx, &after, &before.name).await.map_err(|error| taken(error, &after.name))?;
        }
        Ok(after)
    }
}

impl ChangeType {
    async fn apply(&self, cx: &Context, tx: &mut Tx<'_>, mut the: VolumeType, new: (Id, Time)) -> Result<VolumeType> {
        let id = the.id;
        match &self.change {
            Change::Make { .. } => {}
            Change::Update { name, description, is_public } => {
                the.name = name.clone().unwrap_or(the.name);
                the.description = description.clone().or(the.description);
                the.is_public = is_public.unwrap_or(the.is_public);
            }
            Change::Delete => {
                let is_default = super::default_type(cx, tx).await?.is_some_and(|default| default.id == id);
                let words = "is a default volume type and cannot be deleted. Name another first in the settings.";
                ensure!(!is_default, Error::Invalid(format!("The volume type {id} {words}")));
                unused(tx, &the, "Target volume type is still in use.").await?;
                stored::TABLE.remove(tx, id).await?;
            }
            Change::Specs(edit) => {
                edit.apply(&mut the.extra_specs).map_err(|key| no_spec(id, key))?;
                bounded("extra specs", the.extra_specs.len(), EXTRA_SPECS)?;
            }
            Change::Encrypt(how) => {
                unused(tx, &the, "Cannot create encryption specs. Volume type in use.").await?;
                let words = "already exists. Change it, or delete it first.";
                ensure!(the.encryption.is_none(), Error::Invalid(format!("Volume type encryption for type {id} {words}")));
                the.encryption = encrypted(json!({"encryption_id": new.0, "created_at": new.1}), how)?;
            }
            Change::Reencrypt(named, how) => {
                unused(tx, &the, "Cannot update encryption specs. Volume type in use.").await?;
                the.encryption = encrypted(json!(Encryption { updated_at: Some(new.1), ..encryption(&the, *named)? }), how)?;
            }
            Change::Decrypt(named) => {
                unused(tx, &the, "Cannot delete encryption specs. Volume type in use.").await?;
                encryption(&the, *named)?;
                the.encryption = None;
            }
            Change::Open(_) | Change::Close(_) if the.is_public => {
                let words = "Type access modification is not applicable to public volume type. Make it private first.";
                return Err(Error::Invalid(format!("Invalid volume type: {words}")));
            }
            Change::Open(project) => {
                let words = || format!("Volume type access for {id} / {project} combination already exists.");
                ensure!(the.projects.insert(project.clone()), Error::Conflict(words()));
                bounded("projects", the.projects.len(), TYPE_PROJECTS)?;
            }
            Change::Close(project) => {
                let words = "combination. GET os-volume-type-access lists the projects that see the type.";
                let missing = || Error::Missing(format!("Volume type access not found for {id} / {project} {words}"));
                ensure!(the.projects.remove(project), missing());
            }
        }
        Ok(the)
    }
}

/// That no volume is of a type; in Cinder's words where some is.
async fn unused(db: &mut Db, the: &VolumeType, words: &str) -> Result<()> {
    let advice = || format!("Delete the volumes that are of the type {} first.", shown(&the.name));
    ensure!(!stored::is_used(db, &the.name).await?, Error::Invalid(format!("{words} {}", advice())));
    Ok(())
}

/// The encryption of a type that has this id.
fn encryption(the: &VolumeType, named: Option<Id>) -> Result<Encryption> {
    let found = the.encryption.clone().filter(|there| Some(there.encryption_id) == named);
    let words = "does not exist. GET encryption shows the one that there is, if any.";
    found.ok_or_else(|| Error::Missing(format!("Volume type encryption for type {} {words}", the.id)))
}

/// An encryption with these fields.
fn encrypted(mut there: Value, how: &Map<String, Value>) -> Result<Option<Encryption>> {
    there.as_object_mut().into_iter().for_each(|there| there.extend(how.clone()));
    if let Some(missing) = ["provider", "control_location"].into_iter().find(|key| there.get(*key).is_none()) {
        return Err(Error::Invalid(format!("Invalid input received: encryption.{missing} is missing; give it.")));
    }
    serde_json::from_value(there).map(Some).map_err(|error| Error::Invalid(format!("Invalid input received: {error}.")))
}

fn bounded(what: &str, count: usize, most: usize) -> Result<()> {
    let words = || format!("Invalid input received: the type would have {count} {what}; leave it at {most}.");
    if count > most { Err(Error::Invalid(words())) } else { Ok(()) }
}

/// That a type has no such extra spec, or none that the caller sees.
pub fn no_spec(id: Id, key: &str) -> Error {
    let words = "List its extra specs to see the keys that it has.";
    Error::Missing(format!("Volume Type {id} has no extra specs with key {}. {words}", shown(key)))
}
