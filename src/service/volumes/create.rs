//! Create: a new volume, empty or a copy of another volume, a snapshot or a backup.

use serde_json::{Map, Value, json};

use super::source::{Origin, Source};
use crate::{
    domain::{
        Id, ProjectId, Time, Volume, VolumeStatus,
        quota::Usage,
        volume::{Billing, DedicatedStorage},
    },
    secrets::random,
    service::{Asker, Error, Service, quotas},
    store::{Db, Write, load, volumes},
};

/// What a client asks for. What is left out comes from the source, else from the catalogue.
#[derive(Debug)]
pub struct Create {
    pub name: Option<String>,
    pub description: Option<String>,
    /// GiB; there must be one where there is no source.
    pub size: Option<i64>,
    /// The name of one that there is.
    pub volume_type: Option<String>,
    pub availability_zone: Option<String>,
    pub source: Option<Source>,
    /// The image that the volume is to hold, by its id or name.
    pub image: Option<String>,
    pub multiattach: bool,
    pub consistency_group_id: Option<Id>,
    pub group_id: Option<Id>,
    pub metadata: Map<String, Value>,
}

/// Makes a volume of the caller's project. By the setting it is `available` at once, or `creating` for a while.
///
/// # Errors
/// [`Error::NotFound`] when the source is not there, or another project's; [`Error::Invalid`] when the zone is none, or the
/// source cannot be copied or is larger; [`Error::OverQuota`].
pub async fn create(service: &Service, asker: &Asker, wanted: &Create) -> Result<Volume, Error> {
    if let Some(zone) = wanted.availability_zone.as_deref().filter(|zone| !service.catalog.has_zone(zone)) {
        let zones: Vec<&str> = service.catalog.zones().collect();
        return Err(Error::Invalid(format!("Availability zone '{zone}' is invalid. Give one of {}.", zones.join(", "))));
    }
    asker.still_waits()?;
    let (id, key) = (random::id(&*service.random), random::id(&*service.random));
    service.store.write(&Making { service, asker, wanted, id, key, now: service.clock.now() }).await
}

/// Invariant kept: what a project has is the sum of its rows.
struct Making<'a> {
    service: &'a Service,
    asker: &'a Asker,
    wanted: &'a Create,
    id: Id,
    /// The encryption key's id, should the volume be encrypted.
    key: Id,
    now: Time,
}

impl Write for Making<'_> {
    type Done = Volume;
    type Error = Error;

    async fn run(&self, db: &mut Db) -> Result<Volume, Error> {
        let origin = match self.wanted.source {
            Some(source) => source.origin(db, self.asker, self.now).await?,
            None => Origin::default(),
        };
        self.judge(&origin)?;
        let volume = self.volume(origin);
        quotas::check_size(self.service, db, self.project(), volume.size).await?;
        load::save(db, std::slice::from_ref(&volume)).await?;
        quotas::charge(self.service, db, self.project(), Usage::volume(volume.size)).await?;
        Ok(volume)
    }

    /// A row that only the lost transaction has inserted cannot be waited for, but the project's usage, which it holds too.
    async fn landed(&self, db: &mut Db) -> Result<Option<Volume>, Error> {
        crate::store::usage::add(db, self.project(), Usage::NONE).await?;
        Ok(volumes::by_id(db, self.id).await?)
    }
}

impl Making<'_> {
    const fn project(&self) -> &ProjectId {
        &self.asker.caller.project
    }

    /// Whether a copy of this source may be as it is asked for. Source of the words: Cinder's `create_volume` flow.
    fn judge(&self, origin: &Origin) -> Result<(), Error> {
        let Some(source) = self.wanted.source else { return Ok(()) };
        if let Some(size) = self.wanted.size.filter(|size| *size < origin.size) {
            let (of, least) =
                (if matches!(source, Source::Volume(_)) { "original volume" } else { source.name() }, origin.size);
            return Err(Error::Invalid(format!(
                "Invalid input received: Volume size '{size}'GB cannot be smaller than the {of} size {least}GB. \
                 They must be >= {of} size. Ask for more, or leave the size out."
            )));
        }
        match (&self.wanted.availability_zone, &origin.availability_zone) {
            (Some(asked), Some(zone)) if asked != zone => Err(Error::Invalid(format!(
                "Invalid input received: Volume must be in the same availability zone as the {}, which is {zone}. \
                 Ask for that one, or leave the zone out.",
                source.name()
            ))),
            _ => Ok(()),
        }
    }

    fn volume(&self, origin: Origin) -> Volume {
        let (wanted, catalog) = (self.wanted, &self.service.catalog);
        let creating = self.service.creation.begin(self.now);
        let default_type = || catalog.default_type().map(|known| known.name.clone());
        let encrypted = origin.encrypted || Volume::metadata_encrypts(&wanted.metadata);
        Volume {
            id: self.id,
            project_id: self.project().clone(),
            user_id: Some(self.asker.caller.user.clone()),
            name: wanted.name.clone(),
            description: wanted.description.clone(),
            size: wanted.size.unwrap_or(origin.size),
            status: if creating.is_some() { VolumeStatus::creating() } else { VolumeStatus::available() },
            bootable: wanted.image.is_some() || origin.bootable,
            extra: self.extra(&origin, encrypted),
            availability_zone: wanted
                .availability_zone
                .clone()
                .or(origin.availability_zone)
                .or_else(|| Some(catalog.default_zone().to_owned())),
            volume_type: wanted.volume_type.clone().or(origin.volume_type).or_else(default_type),
            system_disk: false,
            encrypted,
            frozen: false,
            billing: Billing::default(),
            backup_policy_id: None,
            dedicated_storage: DedicatedStorage::default(),
            replication_enabled: false,
            consistency_group_id: wanted.consistency_group_id.map(|id| id.to_string()),
            multiattach: wanted.multiattach,
            metadata: wanted.metadata.clone(),
            created_at: self.now,
            updated_at: None,
            creating,
        }
    }

    /// What the body of a volume shows, but the domain knows nothing of.
    fn extra(&self, origin: &Origin, encrypted: bool) -> Map<String, Value> {
        let image = self.wanted.image.as_ref().map(|image| match Id::parse(image) {
            Some(id) => json!({"image_id": id}),
            None => json!({"image_name": image}),
        });
        let of = |id: Option<Id>| id.map(|id| json!(id));
        let (snapshot, volume) = match self.wanted.source {
            Some(Source::Snapshot(id)) => (Some(id), None),
            Some(Source::Volume(id)) => (None, Some(id)),
            Some(Source::Backup(_)) | None => (None, None),
        };
        let entries = [
            ("snapshot_id", of(snapshot)),
            ("source_volid", of(volume)),
            ("group_id", of(self.wanted.group_id)),
            ("encryption_key_id", of(encrypted.then_some(self.key))),
            ("volume_image_metadata", image.or_else(|| origin.image.clone())),
        ];
        entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}
