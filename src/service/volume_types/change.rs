//! Changes of a volume type: one transaction each, in which its row is locked before the volumes that are of it.

use crate::domain::limits::EXTRA_SPECS;
use crate::domain::metadata::Edit;
use crate::domain::volume_type::{Access, ControlLocation, Encryption};
use crate::service::prelude::*;
use crate::store::volume_types as stored;

/// What is to become of a type.
#[derive(Debug)]
pub enum Change {
    /// It is made.
    Make { name: String, description: Option<String>, is_public: bool, extra_specs: Map<String, Value> },
    /// What is given; the rest stays. Volumes that are of it are called after it.
    Update { name: Option<String>, description: Option<String>, is_public: Option<bool> },
    /// It is deleted, where no volume is of it.
    Delete,
    /// Its extra specs are changed; what the policy calls it.
    Specs(&'static Action, Edit),
    /// Volumes of it will be encrypted.
    Encrypt(Encrypted),
    /// They will be in another way: what is given of the encryption of this id.
    Reencrypt(Option<Id>, Encrypted),
    /// They will not be any more.
    Decrypt(Option<Id>),
    /// A project sees it.
    Open(ProjectId),
    /// A project does not see it any more.
    Close(ProjectId),
}

/// What is given of how volumes are encrypted.
#[derive(Debug, Default)]
pub struct Encrypted {
    pub provider: Option<String>,
    pub control_location: Option<ControlLocation>,
    pub cipher: Option<String>,
    pub key_size: Option<i64>,
}

/// The change of a type, and the type as it is then; deleted, as it was.
///
/// # Errors
/// [`Error::NotFound`]; [`Error::Conflict`] where another has the name, or a project sees it already; [`Error::Missing`] for what
/// the type has not; [`Error::Invalid`] where volumes are of it, or it is public.
#[derive(Debug)]
pub struct ChangeType {
    pub id: Id,
    pub change: Change,
}

/// Invariant kept: a volume that was made of a type is called after it, and encrypted as the type says.
impl Operation for ChangeType {
    /// The id of an encryption, should one be made.
    type Ready = Id;
    type Done = VolumeType;

    fn intent(&self) -> Intent<'_> {
        let action = match &self.change {
            Change::Make { .. } => &policy::TYPES_CREATE,
            Change::Update { .. } => &policy::TYPES_CHANGE,
            Change::Delete => &policy::TYPES_DELETE,
            Change::Specs(action, _) => action,
            Change::Encrypt(_) => &policy::TYPES_ENCRYPT,
            Change::Reencrypt(..) => &policy::TYPES_REENCRYPT,
            Change::Decrypt(_) => &policy::TYPES_DECRYPT,
            Change::Open(_) => &policy::TYPES_ACCESS_ADD,
            Change::Close(_) => &policy::TYPES_ACCESS_REMOVE,
        };
        Intent::new(action, Target::record(RecordKind::VolumeType, self.id))
    }

    async fn prepare(&self, cx: &Context, _: &mut Target) -> Result<Id, Error> {
        Ok(cx.new_id())
    }

    async fn write(&self, cx: &Context, new: &Id, tx: &mut Tx<'_>) -> Result<VolumeType, Error> {
        if let Change::Make { name, description, is_public, extra_specs } = &self.change {
            let (is_public, extra_specs) = (*is_public, bounded(extra_specs.clone())?);
            let made = VolumeType {
                description: description.clone(),
                is_public,
                extra_specs,
                ..VolumeType::new(self.id, name, cx.now())
            };
            stored::TABLE.insert(tx, &made).await.map_err(|error| taken(error, name))?;
            return Ok(made);
        }
        let before = stored::locked(tx, self.id).await?.ok_or(Error::NotFound(RecordKind::VolumeType, self.id))?;
        // never earlier than what was changed before, though clocks differ
        let at = cx.now().max(before.updated_at.unwrap_or(before.created_at));
        let mut after = self.apply(cx, tx, before.clone(), *new, at).await?;
        if after != before {
            after.updated_at = Some(at);
            stored::TABLE.save(tx, std::slice::from_ref(&after)).await.map_err(|error| taken(error, &after.name))?;
            if after.name != before.name {
                stored::rename(tx, &before.name, &after.name).await?;
            }
        }
        Ok(after)
    }
}

impl ChangeType {
    async fn apply(&self, cx: &Context, tx: &mut Tx<'_>, mut the: VolumeType, new: Id, at: Time) -> Result<VolumeType, Error> {
        let id = the.id;
        match &self.change {
            Change::Make { .. } => {}
            Change::Update { name, description, is_public } => {
                the.name = name.clone().unwrap_or(the.name);
                the.description = description.clone().or(the.description);
                the.is_public = is_public.unwrap_or(the.is_public);
            }
            Change::Delete => {
                if cx.service.catalog.default_type() == Some(id) {
                    let words = "is a default volume type and cannot be deleted. Name another first in the settings.";
                    return Err(Error::Invalid(format!("The volume type {id} {words}")));
                }
                unused(tx, &the, "Target volume type is still in use.").await?;
                stored::remove(tx, id).await?;
            }
            Change::Specs(_, edit) => {
                edit.apply(&mut the.extra_specs).map_err(|key| no_spec(id, key))?;
                the.extra_specs = bounded(the.extra_specs)?;
            }
            Change::Encrypt(how) => {
                unused(tx, &the, "Cannot create encryption specs. Volume type in use.").await?;
                if the.encryption.is_some() {
                    let words = "already exists. Change it, or delete it first.";
                    return Err(Error::Invalid(format!("Volume type encryption for type {id} {words}")));
                }
                let Encrypted { provider, control_location, .. } = how;
                let none = Encryption {
                    encryption_id: new,
                    provider: provider.clone().unwrap_or_default(),
                    control_location: control_location.unwrap_or(ControlLocation::FrontEnd),
                    cipher: None,
                    key_size: None,
                    created_at: at,
                    updated_at: None,
                };
                the.encryption = Some(how.over(none));
            }
            Change::Reencrypt(named, how) => {
                unused(tx, &the, "Cannot update encryption specs. Volume type in use.").await?;
                let there = encryption(&the, *named)?;
                the.encryption = Some(Encryption { updated_at: Some(at), ..how.over(there) });
            }
            Change::Decrypt(named) => {
                unused(tx, &the, "Cannot delete encryption specs. Volume type in use.").await?;
                encryption(&the, *named)?;
                the.encryption = None;
            }
            Change::Open(project) => {
                private(&the)?;
                if !stored::access(tx, [id], Some(project)).await?.is_empty() {
                    let words = format!("Volume type access for {id} / {project} combination already exists.");
                    return Err(Error::Conflict(words));
                }
                stored::ACCESS.insert(tx, &Access { volume_type_id: id, project_id: project.clone() }).await?;
            }
            Change::Close(project) => {
                private(&the)?;
                if !stored::close(tx, id, project).await? {
                    let words = "combination. GET os-volume-type-access lists the projects that see the type.";
                    return Err(Error::Missing(format!("Volume type access not found for {id} / {project} {words}")));
                }
            }
        }
        Ok(the)
    }
}

impl Encrypted {
    /// The encryption with this.
    fn over(&self, there: Encryption) -> Encryption {
        Encryption {
            provider: self.provider.clone().unwrap_or(there.provider),
            control_location: self.control_location.unwrap_or(there.control_location),
            cipher: self.cipher.clone().or(there.cipher),
            key_size: self.key_size.or(there.key_size),
            ..there
        }
    }
}

/// That no volume is of a type; in Cinder's words where some is.
async fn unused(db: &mut Db, the: &VolumeType, words: &str) -> Result<(), Error> {
    if stored::is_used(db, &the.name).await? {
        return Err(Error::Invalid(format!("{words} Delete the volumes that are of the type {} first.", shown(&the.name))));
    }
    Ok(())
}

/// The encryption of a type that has this id.
fn encryption(the: &VolumeType, named: Option<Id>) -> Result<Encryption, Error> {
    let found = the.encryption.clone().filter(|there| Some(there.encryption_id) == named);
    let words = "does not exist. GET encryption shows the one that there is, if any.";
    found.ok_or_else(|| Error::Missing(format!("Volume type encryption for type {} {words}", the.id)))
}

fn private(the: &VolumeType) -> Result<(), Error> {
    let words = "Invalid volume type: Type access modification is not applicable to public volume type. Make it private first.";
    if the.is_public { Err(Error::Invalid(words.to_owned())) } else { Ok(()) }
}

fn bounded(specs: Map<String, Value>) -> Result<Map<String, Value>, Error> {
    if specs.len() > EXTRA_SPECS {
        let words = format!("the type would have {} extra specs; leave it at {EXTRA_SPECS}.", specs.len());
        return Err(Error::Invalid(format!("Invalid input received: {words}")));
    }
    Ok(specs)
}

/// That a type has no such extra spec, or none that the caller sees.
pub fn no_spec(id: Id, key: &str) -> Error {
    let words = "List its extra specs to see the keys that it has.";
    Error::Missing(format!("Volume Type {id} has no extra specs with key {}. {words}", shown(key)))
}

/// A name that another type has.
fn taken(error: StoreError, name: &str) -> Error {
    match error {
        StoreError::Duplicate { .. } => {
            Error::Conflict(format!("Volume Type {} already exists. Give another name, or change that type.", shown(name)))
        }
        error => error.into(),
    }
}
