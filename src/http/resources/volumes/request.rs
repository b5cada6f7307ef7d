//! The bodies of create and update.

use crate::http::request::fields::Positive;
use crate::http::resources::prelude::*;
use crate::service::volumes::{Create, Source};

bodies! {
    /// A volume to be made: empty, or a copy of one of volume, snapshot, backup and image. A null is as good as absent.
    CreateVolume under "volume" where {
        const KEYS: &'static [FieldRule] = &[FieldRule::since("group_id", 13), FieldRule::since("backup_id", 47)];
        const IGNORES_NULLS: bool = true;
        /// Where a volume lies is no question here.
        const IGNORED: Option<&'static str> = Some("OS-SCH-HNT:scheduler_hints");
    } {
        /// May be left out of a copy of a volume, a snapshot or a backup, which has a size of its own.
        size: Option<Size>,
        name: Option<Text>,
        /// What `name` once was called.
        display_name: Option<Text>,
        description: Option<Text>,
        /// What `description` once was called.
        display_description: Option<Text>,
        /// Its name or its id.
        volume_type: Option<Text>,
        availability_zone: Option<Text>,
        /// What it is made of: one of this, `source_volid`, `backup_id` and `imageRef` at most.
        snapshot_id: Option<Reference>,
        /// What it is made of, as `snapshot_id`.
        source_volid: Option<Reference>,
        /// What it is made of, as `snapshot_id`.
        backup_id: Option<Reference>,
        /// What it is made of, as `snapshot_id`: an image's id, or a URL that ends in it.
        #[serde(rename = "imageRef")]
        image_ref: Option<Image>,
        /// What `imageRef` is also called.
        image_id: Option<Image>,
        multiattach: Option<LooseBool>,
        /// EVS: operations a second, of a GPSSD2 or ESSD2.
        iops: Option<Positive>,
        /// EVS: MiB a second, of a GPSSD2.
        throughput: Option<Positive>,
        metadata: Option<Texts>,
        consistencygroup_id: Option<Reference>,
        group_id: Option<Reference>,
        /// Says nothing: what old clients say of every new volume.
        #[serde(default, rename = "status")]
        #[schema(value_type = Option<String>, pattern = "^creating$", examples("creating"))]
        _status: Creating,
        /// Says nothing.
        #[serde(default, rename = "attach_status")]
        #[schema(value_type = Option<String>, pattern = "^detached$", examples("detached"))]
        _attach_status: Detached,
    };

    /// What a volume is to be called and to have as metadata; what is left out stays as it is.
    #[allow(clippy::option_option)] // of the metadata: absent, null, or texts
    UpdateVolume under "volume" {
        #[serde(default)]
        name: Renamed,
        /// What `name` once was called.
        #[serde(default)]
        display_name: Renamed,
        #[serde(default)]
        description: Renamed,
        /// What `description` once was called.
        #[serde(default)]
        display_description: Renamed,
        /// All of it; null leaves it as it is.
        #[serde(default, deserialize_with = "fields::given")]
        #[schema(value_type = Option<Texts>)]
        metadata: Option<Option<Texts>>,
    };
}

field_types! {
    /// The one word that the status may be.
    #[derive(Default)] Creating(()): |value| fields::only(value, "volume.status", "creating");

    /// The one word that the attachment's may be.
    #[derive(Default)] Detached(()): |value| fields::only(value, "volume.attach_status", "detached");

    /// An image's id or name: what stands behind the last slash, since some clients send a URL.
    #[derive(ToSchema)] #[schema(value_type = String)] Image(String): |value| {
        let refused = "is no image: Invalid image identifier or unable to access requested image. Give an image's id.";
        let last = fields::text(value)?.rsplit('/').next().unwrap_or_default().to_owned();
        if last.is_empty() { Err(refused.to_owned()) } else { Ok(last) }
    };
}

impl CreateVolume {
    /// What is asked for.
    ///
    /// # Errors
    /// When it is to be a copy of several things, or has no size.
    pub fn asked(self) -> Result<Create> {
        let said = |text: Option<Text>| text.map(|Text(text)| text).filter(|text| !text.is_empty());
        let id = |reference: Option<Reference>| reference.unwrap_or_default().0;
        let sources = [
            id(self.snapshot_id).map(Source::Snapshot),
            id(self.source_volid).map(Source::Volume),
            id(self.backup_id).map(Source::Backup),
        ];
        let image = self.image_id.or(self.image_ref).map(|Image(image)| image);
        let mut given = sources.into_iter().flatten();
        let source = given.next();
        let several = "May specify only one of snapshot, imageRef, source volume, backup. Leave the others out.";
        let is_one = given.next().is_none() && !(source.is_some() && image.is_some());
        ensure!(is_one, problem!(Refused, "Invalid input received: {several}"));
        let sizeless = "`volume.size` is missing; give GiB. Only a copy of a volume, snapshot or backup has a size of its own.";
        ensure!(source.is_some() || self.size.is_some(), malformed(sizeless));
        Ok(Create {
            name: first_of(self.name, self.display_name),
            description: first_of(self.description, self.display_description),
            size: self.size.map(|Size(size)| size),
            volume_type: said(self.volume_type),
            availability_zone: said(self.availability_zone),
            source,
            image,
            multiattach: self.multiattach.unwrap_or_default().0,
            performance: [self.iops, self.throughput].map(|asked| asked.map(|Positive(number)| number)),
            consistency_group_id: id(self.consistencygroup_id),
            group_id: id(self.group_id),
            metadata: self.metadata.unwrap_or_default().0,
        })
    }
}
