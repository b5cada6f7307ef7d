//! Create: a new volume, empty or a copy of another volume, a snapshot or a backup.

use super::change::refuse_too_much;
use super::source::{Origin, Source};
use crate::domain::volume::DedicatedStorage;
use crate::service::prelude::*;
use crate::service::volume_types;

/// What a client asks for: a volume of its project. What is left out comes from the source, else from the catalogue. By the
/// setting it is `available` at once, or `creating` for a while.
///
/// # Errors
/// [`Error::NotFound`] when the source is not there, or another project's; [`Error::Missing`] of its type; [`Error::Invalid`] when the zone is none, or the
/// source cannot be copied or is larger; [`Error::OverQuota`].
pub struct Create {
    pub name: Option<String>,
    pub description: Option<String>,
    /// GiB; there must be one where there is no source.
    pub size: Option<i64>,
    /// The name or the id of one that there is.
    pub volume_type: Option<String>,
    pub availability_zone: Option<String>,
    pub source: Option<Source>,
    /// The image that the volume is to hold, by its id or name.
    pub image: Option<String>,
    pub multiattach: bool,
    /// What EVS's GPSSD2 and ESSD2 are asked for: operations a second, and MiB a second.
    pub performance: [Option<i64>; 2],
    pub consistency_group_id: Option<Id>,
    pub group_id: Option<Id>,
    pub metadata: Map<String, Value>,
}

/// What is drawn beforehand.
pub struct Ready {
    id: Id,
    /// The encryption key's id, should the volume be encrypted.
    key: Id,
}

/// Invariant kept: what a project has is the sum of its rows.
impl Operation for Create {
    type Ready = Ready;
    type Done = Volume;

    fn intent(&self) -> Intent<'_> {
        Intent::new(&policy::VOLUMES_CREATE, Target::new(RecordKind::Volume))
    }

    async fn prepare(&self, cx: &Context, target: &mut Target) -> Result<Ready> {
        if self.source.is_none() {
            self.judge_zone(cx)?;
        }
        let ready = Ready { id: cx.new_id(), key: cx.new_id() };
        *target = Target::record(RecordKind::Volume, ready.id);
        Ok(ready)
    }

    async fn write(&self, cx: &Context, ready: &Ready, tx: &mut Tx<'_>) -> Result<Volume> {
        let origin = if let Some(source) = self.source { source.origin(cx, tx).await? } else { Origin::default() };
        self.judge(cx, &origin)?;
        let (asked, inherited) = (self.volume_type.as_deref(), origin.volume_type.as_deref());
        let volume_type = volume_types::of_volume(cx, tx, asked, inherited).await?;
        let (project, size) = (&cx.caller.project, self.size.unwrap_or(origin.size));
        // first, since it makes others of the project wait: then the one that commits later is the younger one
        quotas::charge(cx, tx, project, Usage::volume(size), Some(size)).await?;
        let volume = self.volume(cx, ready, origin, volume_type);
        refuse_too_much(0, carried(&volume.metadata, &volume.extra))?;
        volumes::TABLE.save(tx, std::slice::from_ref(&volume)).await?;
        Ok(volume)
    }
}

impl Create {
    /// Whether a copy of this source may be as it is asked for. Source of the words: Cinder's `create_volume` flow.
    fn judge(&self, cx: &Context, origin: &Origin) -> Result<()> {
        let Some(source) = self.source else { return Ok(()) };
        let words = "The source has no size, as one whose adoption failed. Give the size in GiB.";
        ensure!(self.size.unwrap_or(origin.size) != 0, Error::Invalid(format!("Invalid input received: {words}")));
        if let Some(size) = self.size.filter(|size| *size < origin.size) {
            let of = if matches!(source, Source::Volume(_)) { "original volume" } else { source.name() };
            let least = origin.size;
            return Err(Error::Invalid(format!(
                "Invalid input received: Volume size '{size}'GB cannot be smaller than the {of} size {least}GB. \
                 They must be >= {of} size. Ask for more, or leave the size out."
            )));
        }
        match (&self.availability_zone, &origin.availability_zone) {
            (Some(asked), Some(zone)) if asked != zone => Err(Error::Invalid(format!(
                "Invalid input received: Volume must be in the same availability zone as the {}, which is {zone}. \
                 Ask for that one, or leave the zone out.",
                source.name()
            ))),
            // its source's zone need not be one of ours: an import may have brought it
            (Some(_), Some(_)) => Ok(()),
            _ => self.judge_zone(cx),
        }
    }

    fn judge_zone(&self, cx: &Context) -> Result<()> {
        let catalog = &cx.service.catalog;
        let Some(zone) = self.availability_zone.as_deref().filter(|zone| !catalog.has_zone(zone)) else { return Ok(()) };
        let zones: Vec<&str> = catalog.zones().collect();
        Err(Error::Invalid(format!("Availability zone '{}' is invalid. Give one of {}.", shown(zone), zones.join(", "))))
    }

    fn volume(&self, cx: &Context, ready: &Ready, origin: Origin, of: Option<VolumeType>) -> Volume {
        let catalog = &cx.service.catalog;
        // never before what it is a copy of, though clocks differ
        let now = origin.made_at.map_or_else(|| cx.now(), |made_at| cx.now().max(made_at));
        let provisioning = cx.service.provisioning.begin(now);
        let zone = self.availability_zone.as_ref().or(origin.availability_zone.as_ref());
        let is_types = of.as_ref().is_some_and(|of| of.encryption.is_some());
        let encrypted = is_types || origin.encrypted || Volume::metadata_encrypts(&self.metadata);
        Volume {
            id: ready.id,
            project_id: cx.caller.project.clone(),
            user_id: Some(cx.caller.user.clone()),
            name: self.name.clone(),
            description: self.description.clone(),
            size: self.size.unwrap_or(origin.size),
            status: if provisioning.is_some() { KnownStatus::Creating.into() } else { KnownStatus::Available.into() },
            bootable: self.image.is_some() || origin.bootable,
            system_disk: false,
            extra: self.extra(ready.id, &origin, encrypted.then_some(ready.key)),
            availability_zone: Some(zone.map_or(catalog.default_zone(), String::as_str).to_owned()),
            volume_type: of.map(|of| of.name).or(origin.volume_type),
            encrypted,
            frozen: false,
            billing: Volume::metadata_bills(&self.metadata),
            backup_policy_id: Volume::metadata_backs_up(&self.metadata),
            dedicated_storage: DedicatedStorage::default(),
            replication_enabled: false,
            consistency_group_id: self.consistency_group_id.map(|id| id.to_string()),
            multiattach: self.multiattach,
            consumes_quota: true,
            metadata: self.metadata.clone(),
            created_at: now,
            updated_at: None,
            provisioning,
        }
    }

    /// What the body of a volume shows, but the domain knows nothing of.
    fn extra(&self, made: Id, origin: &Origin, encryption_key: Option<Id>) -> Map<String, Value> {
        let image = self.image.as_ref().map(|image| match Id::parse(image) {
            Some(id) => json!({"image_id": id}),
            None => json!({"image_name": image}),
        });
        let of = |id: Option<Id>| id.map(|id| json!(id));
        let (snapshot, volume) = match self.source {
            Some(Source::Snapshot(id)) => (Some(id), None),
            Some(Source::Volume(id)) => (None, Some(id)),
            Some(Source::Backup(_)) | None => (None, None),
        };
        // as EVS shows it
        let performance =
            self.performance.map(|total| Some(json!({"frozened": false, "id": made, "total_val": total?, "volume_id": made})));
        let [iops, throughput] = performance;
        let entries = [
            ("iops", iops),
            ("throughput", throughput),
            ("snapshot_id", of(snapshot)),
            ("source_volid", of(volume)),
            ("group_id", of(self.group_id)),
            ("encryption_key_id", of(encryption_key)),
            ("volume_image_metadata", image.or_else(|| origin.image.clone())),
        ];
        entries.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}
