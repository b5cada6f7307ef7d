//! `POST volumes/{id}/action`: the table of actions, and how each is read.
//! Source: Cinder's `api/schemas`, `volume_actions` and `admin_actions`.

use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    domain::{
        Id, KnownStatus, Noun,
        attachment::{Mode, host_name},
        status::{AttachStatus, MigrationStatus},
    },
    http::{
        answer::{
            problem::Problem,
            shape::{Shape, part},
            success::Answer,
            types::{Flag, Size},
        },
        request::{
            action::{self, Reads, Row, row},
            call::Call,
            fields::{Fields, boolean, kind_of, malformed, reference, size, text},
        },
    },
    service::volumes::{
        ChangeVolume, Delete, Manner,
        actions::{VolumeAction, attach::Attach, detach::Detach, extend::Extend, moves, reset_status::ResetStatus},
    },
};

/// What an action comes to.
pub enum Asked {
    Change(VolumeAction),
    ForceDelete,
}

/// Each action with the status of its success, in the order of their names.
pub static ACTIONS: &[Row<Asked>] = &[
    row("os-attach", 202, Reads::Fields(part::<AttachVolume>(), attach)),
    row("os-begin_detaching", 202, Reads::Nothing(|| Asked::Change(VolumeAction::Move(&moves::BEGIN_DETACHING)))),
    row("os-detach", 202, Reads::FieldsOrNull(part::<DetachVolume>(), detach)),
    row("os-extend", 202, Reads::Fields(part::<ExtendVolume>(), extend)),
    row("os-force_delete", 202, Reads::Nothing(|| Asked::ForceDelete)),
    row("os-reserve", 202, Reads::Nothing(|| Asked::Change(VolumeAction::Move(&moves::RESERVE)))),
    row("os-reset_status", 202, Reads::Fields(part::<ResetVolumeStatus>(), reset_status)),
    row("os-roll_detaching", 202, Reads::Nothing(|| Asked::Change(VolumeAction::Move(&moves::ROLL_DETACHING)))),
    row("os-set_bootable", 200, Reads::Fields(part::<SetBootable>(), set_bootable)),
    row("os-unreserve", 202, Reads::Nothing(|| Asked::Change(VolumeAction::Move(&moves::UNRESERVE)))),
    row("os-update_readonly_flag", 202, Reads::Fields(part::<SetReadonly>(), update_readonly_flag)),
];

/// Who has the volume from now on: a server, a host, or both.
#[derive(ToSchema)]
pub struct AttachVolume {
    pub instance_uuid: Option<Id>,
    pub host_name: Option<String>,
    /// The device's path, such as /dev/vdb.
    #[schema(examples("/dev/vdb"))]
    pub mountpoint: String,
    #[schema(nullable = false)]
    pub mode: Option<Mode>,
}

/// Who has it no longer; may be left out where one alone has it.
#[derive(ToSchema)]
pub struct DetachVolume {
    pub attachment_id: Option<Id>,
}

/// How large it is to be. Since microversion 3.42 also while it is in use.
#[derive(ToSchema)]
pub struct ExtendVolume {
    pub new_size: Size,
}

/// At least one of the three.
#[derive(ToSchema)]
pub struct ResetVolumeStatus {
    pub status: Option<KnownStatus>,
    pub attach_status: Option<AttachStatus>,
    pub migration_status: Option<MigrationStatus>,
}

/// Whether it can be booted from.
#[derive(ToSchema)]
pub struct SetBootable {
    pub bootable: Flag,
}

/// Whether it can be attached for reading only.
#[derive(ToSchema)]
pub struct SetReadonly {
    pub readonly: Flag,
}

impl Shape for AttachVolume {}

impl Shape for DetachVolume {}

impl Shape for ExtendVolume {}

impl Shape for ResetVolumeStatus {}

impl Shape for SetBootable {}

impl Shape for SetReadonly {}

/// An action of [`ACTIONS`]; 400 where there is no such action, or the volume's state refuses it.
pub async fn act(mut call: Call) -> Result<Answer, Problem> {
    let (action, status) = action::asked(&mut call, ACTIONS)?;
    let id = call.id(Noun::Volume)?;
    match action {
        Asked::Change(change) => drop(call.perform(ChangeVolume { id, change }).await?),
        Asked::ForceDelete => call.perform(Delete { id, cascade: false, manner: Manner::ForceDelete }).await?,
    }
    Ok(Answer::empty(status))
}

fn attach(_: &Call, fields: &mut Fields) -> Result<Asked, Problem> {
    let server = fields.optional("instance_uuid").map_or(Ok(None), |value| reference("instance_uuid", &value))?;
    let host = fields.optional("host_name").map_or(Ok(None), |value| host(&value))?;
    if server.is_none() && host.is_none() {
        return Err(malformed("Neither instance_uuid nor host_name says who has the volume; give one of them, or both."));
    }
    let device = text("mountpoint", &fields.required("mountpoint")?)?.filter(|device| !device.is_empty());
    let device = device.ok_or_else(|| malformed("mountpoint is empty; give the device's path, such as /dev/vdb."))?;
    let mode = fields.optional("mode").map_or(Ok(Mode::default()), |value| mode(&value))?;
    Ok(Asked::Change(VolumeAction::Attach(Attach { server, host, device, mode })))
}

fn host(value: &Value) -> Result<Option<String>, Problem> {
    let Some(text) = text("host_name", value)? else { return Ok(None) };
    let name = host_name(&text).ok_or_else(|| malformed("host_name has no letter or digit; give the host's name."))?;
    Ok(Some(name))
}

fn mode(value: &Value) -> Result<Mode, Problem> {
    value.as_str().and_then(Mode::parse).ok_or_else(|| malformed(format!("mode must be one of {}.", Mode::WORDS.join(", "))))
}

fn detach(_: &Call, fields: &mut Fields) -> Result<Asked, Problem> {
    let attachment: Option<Id> =
        fields.optional("attachment_id").map_or(Ok(None), |value| reference("attachment_id", &value))?;
    Ok(Asked::Change(VolumeAction::Detach(Detach { attachment })))
}

fn extend(call: &Call, fields: &mut Fields) -> Result<Asked, Problem> {
    let new_size = size("new_size", &fields.required("new_size")?)?;
    Ok(Asked::Change(VolumeAction::Extend(Extend { new_size, while_in_use: call.is_from(42) })))
}

fn set_bootable(_: &Call, fields: &mut Fields) -> Result<Asked, Problem> {
    Ok(Asked::Change(VolumeAction::SetBootable(boolean("bootable", &fields.required("bootable")?)?)))
}

fn update_readonly_flag(_: &Call, fields: &mut Fields) -> Result<Asked, Problem> {
    Ok(Asked::Change(VolumeAction::SetReadonly(boolean("readonly", &fields.required("readonly")?)?)))
}

fn reset_status(_: &Call, fields: &mut Fields) -> Result<Asked, Problem> {
    let asked = ResetStatus {
        status: word(fields, "status", "Volume status", KnownStatus::parse, KnownStatus::WORDS)?,
        attach_status: word(fields, "attach_status", "Volume attach status", AttachStatus::parse, AttachStatus::WORDS)?,
        migration_status: word(
            fields,
            "migration_status",
            "Volume migration status",
            MigrationStatus::parse,
            MigrationStatus::WORDS,
        )?,
    };
    if asked.status.is_none() && asked.attach_status.is_none() && asked.migration_status.is_none() {
        return Err(malformed("Must specify 'status', 'attach_status' or 'migration_status' for update."));
    }
    Ok(Asked::Change(VolumeAction::ResetStatus(asked)))
}

/// A word of a closed list, in any case; absent, null or empty is none. `called`: as Cinder's message has it.
fn word<T>(
    fields: &mut Fields,
    name: &str,
    called: &str,
    parse: fn(&str) -> Option<T>,
    words: &[&str],
) -> Result<Option<T>, Problem> {
    match fields.optional(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => parse(&text.to_lowercase()).map(Some).ok_or_else(|| {
            let shown = text.chars().take(64).collect::<String>();
            malformed(format!("{called}: {} is invalid, valid statuses are: {}.", shown.escape_debug(), words.join(", ")))
        }),
        Some(other) => Err(malformed(format!("{name} is {}; give a string, one of {}.", kind_of(&other), words.join(", ")))),
    }
}
