//! `POST volumes/{id}/action`: the table of actions, and how each is read.
//! Source: Cinder's `api/schemas`, `volume_actions` and `admin_actions`.

use super::VOLUMES;
use crate::domain::KnownStatus;
use crate::domain::attachment::{Mode, host_name};
use crate::domain::volume::{AttachStatus, MigrationStatus};
use crate::http::resources::prelude::*;
use crate::service::volumes::actions::VolumeAction;
use crate::service::volumes::actions::attach::Attach;
use crate::service::volumes::actions::reset_status::ResetStatus;
use crate::service::volumes::{self, ChangeVolume, Delete, Manner};

/// What an action comes to: most change the volume.
pub enum Asked {
    Change(VolumeAction),
    /// The same, answered with what is known of its image then.
    ChangeImage(VolumeAction),
    ShowImage,
    ForceDelete,
}

/// Those of volumes.
pub enum OnVolumes {}

impl Actions for OnVolumes {
    type Asked = Asked;
    const TABLE: &'static [Row<Asked>] = &[
        row!("os-attach" AttachVolume => |attach, _| attach.asked()),
        bare("os-begin_detaching", 202, |_, _| Ok(Asked::Change(VolumeAction::BeginDetaching))),
        row!("os-detach" DetachVolume or null => |DetachVolume { attachment_id }, _| {
            Ok(Asked::Change(VolumeAction::Detach(attachment_id.unwrap_or_default().0)))
        }),
        row!("os-extend" ExtendVolume => |ExtendVolume { new_size }, call| {
            Ok(Asked::Change(VolumeAction::Extend { new_size: new_size.0, while_in_use: call.is_from(42) }))
        }),
        bare("os-force_delete", 202, |_, _| Ok(Asked::ForceDelete)),
        bare("os-reserve", 202, |_, _| Ok(Asked::Change(VolumeAction::Reserve))),
        row!("os-reset_status" ResetVolumeStatus => |reset, _| reset.asked()),
        row!("os-retype" RetypeVolume => |RetypeVolume { new_type: Text(name), .. }, _| Ok(Asked::Change(VolumeAction::Retype(name)))),
        bare("os-roll_detaching", 202, |_, _| Ok(Asked::Change(VolumeAction::RollDetaching))),
        row!("os-set_bootable" SetBootable answers 200 => |SetBootable { bootable }, _| Ok(Asked::Change(VolumeAction::SetBootable(bootable.0)))),
        row!("os-set_image_metadata" SetImageMetadata answers 200 => |SetImageMetadata { metadata }, _| {
            Ok(Asked::ChangeImage(VolumeAction::EditImageMetadata(Edit::Merge(metadata.0))))
        }),
        bare("os-show_image_metadata", 200, |_, _| Ok(Asked::ShowImage)),
        bare("os-unreserve", 202, |_, _| Ok(Asked::Change(VolumeAction::Unreserve))),
        row!("os-unset_image_metadata" UnsetImageMetadata answers 200 => |UnsetImageMetadata { key: Text(key) }, _| {
            Ok(Asked::Change(VolumeAction::EditImageMetadata(Edit::Remove(key))))
        }),
        row!("os-update_readonly_flag" SetReadonly => |SetReadonly { readonly }, _| Ok(Asked::Change(VolumeAction::SetReadonly(readonly.0)))),
    ];
}

operations! { VOLUMES;
    /// An action of the table; 400 where there is no such action, or the volume's state refuses it.
    ACT: "Do something to a volume", |call, body: Acted<OnVolumes>| act(call, body) => 200 One("metadata", part::<Texts>()),
        description: "The body's one key names what is done. Only os-set_image_metadata and os-show_image_metadata are answered with a body.",
        refuses: &[Kind::NotFound, Kind::Refused, Kind::Quota];
}

async fn act(mut call: Call, Acted(asked, status): Acted<OnVolumes>) -> Result<Answer> {
    let id = call.id(RecordKind::Volume)?;
    match asked {
        Asked::Change(change) => drop(call.perform(ChangeVolume { id, change }).await?),
        Asked::ChangeImage(change) => {
            let volume = call.perform(ChangeVolume { id, change }).await?;
            return Ok(Answer::one(&call, status, "metadata", &Texts(volume.image_metadata())));
        }
        Asked::ShowImage => {
            let all = call.look(volumes::image_metadata(call.cx(), id)).await?;
            return Ok(Answer::one(&call, status, "metadata", &Texts(all)));
        }
        Asked::ForceDelete => call.perform(Delete { id, cascade: false, manner: Manner::ForceDelete }).await?,
    }
    Ok(Answer::empty(status))
}

bodies! {
    /// Who has the volume from now on: a server, a host, or both.
    AttachVolume {
        instance_uuid: Option<Reference>,
        host_name: Option<HostName>,
        /// The device's path, such as /dev/vdb.
        #[schema(value_type = String, examples("/dev/vdb"))]
        mountpoint: Text,
        #[serde(default)]
        #[schema(value_type = Option<Mode>, nullable = false)]
        mode: AttachMode,
    };

    /// Who has it no longer; may be left out where one alone has it.
    DetachVolume {
        attachment_id: Option<Reference>,
    };

    /// How large it is to be. Since microversion 3.42 also while it is in use.
    ExtendVolume {
        new_size: Size,
    };

    /// At least one of the three.
    ResetVolumeStatus {
        #[serde(default)]
        #[schema(value_type = Option<KnownStatus>)]
        status: ToStatus,
        #[serde(default)]
        #[schema(value_type = Option<AttachStatus>)]
        attach_status: ToAttachStatus,
        #[serde(default)]
        #[schema(value_type = Option<MigrationStatus>)]
        migration_status: ToMigrationStatus,
    };

    /// Of which type it is to be, by name or id.
    RetypeVolume {
        #[schema(value_type = String, examples("SSD"))]
        new_type: Text,
        /// Says nothing: there is no data to move. `on-demand` or `never`.
        #[serde(default, rename = "migration_policy")]
        #[schema(value_type = Option<String>, pattern = "^(on-demand|never)$", examples("never"))]
        _migration_policy: MigrationPolicy,
    };

    /// Whether it can be booted from.
    SetBootable {
        bootable: LooseBool,
    };

    /// What is known of the image that it was made of, beside what is there.
    SetImageMetadata {
        metadata: Texts,
    };

    /// A key that is to be known no longer; 404 where it is not there.
    UnsetImageMetadata {
        #[schema(value_type = String, examples("image_name"))]
        key: Text,
    };

    /// Whether it can be attached for reading only.
    SetReadonly {
        readonly: LooseBool,
    };
}

impl AttachVolume {
    fn asked(self) -> Result<Asked> {
        let (server, host) = (self.instance_uuid.unwrap_or_default().0, self.host_name.map(|HostName(name)| name));
        let nobody = "Neither instance_uuid nor host_name says who has the volume; give one of them, or both.";
        ensure!(server.is_some() || host.is_some(), malformed(nobody));
        let Text(device) = self.mountpoint;
        ensure!(!device.is_empty(), malformed("mountpoint is empty; give the device's path, such as /dev/vdb."));
        Ok(Asked::Change(VolumeAction::Attach(Attach { server, host, device, mode: self.mode.0 })))
    }
}

field_types! {
    /// How it is attached.
    #[derive(Default)] AttachMode(Mode): |value| {
        value.as_str().and_then(Mode::parse).ok_or_else(|| format!("must be one of {}.", Mode::WORDS.join(", ")))
    };

    /// What it is said to be, where that is said.
    #[derive(Default)] ToStatus(Option<KnownStatus>): |value| fields::word(value, "Volume status", KnownStatus::parse, KnownStatus::WORDS);
    /// Whether anything has it.
    #[derive(Default)] ToAttachStatus(Option<AttachStatus>): |value| fields::word(value, "Volume attach status", AttachStatus::parse, AttachStatus::WORDS);
    /// How far its move to another host is.
    #[derive(Default)] ToMigrationStatus(Option<MigrationStatus>): |value| fields::word(value, "Volume migration status", MigrationStatus::parse, MigrationStatus::WORDS);
    /// When its content is to be moved.
    #[derive(Default)] MigrationPolicy(()): |value| {
        let is_known = value.is_null() || value == "on-demand" || value == "never";
        if is_known { Ok(()) } else { Err("must be one of on-demand, never.".to_owned()) }
    };

    /// A host's name, as far as it can be one.
    #[derive(ToSchema)] #[schema(value_type = String)] HostName(String): |value| {
        host_name(&fields::text(value)?).ok_or_else(|| "has no letter or digit; give the host's name.".to_owned())
    };
}

impl ResetVolumeStatus {
    fn asked(self) -> Result<Asked> {
        let (status, attach_status, migration_status) = (self.status.0, self.attach_status.0, self.migration_status.0);
        let is_something = status.is_some() || attach_status.is_some() || migration_status.is_some();
        ensure!(is_something, malformed("Must specify 'status', 'attach_status' or 'migration_status' for update."));
        Ok(Asked::Change(VolumeAction::ResetStatus(ResetStatus { status, attach_status, migration_status })))
    }
}
