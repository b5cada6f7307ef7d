//! `POST volumes/{id}/action`: the body's one key names the action, and a table says how what it holds is read, and which
//! status a success has. Source: Cinder's `api/schemas`, `volume_actions` and `admin_actions`.

use serde_json::{Map, Value};

use crate::{
    domain::{
        Id, KnownStatus, Noun,
        attachment::{Mode, host_name},
        status::{AttachStatus, MigrationStatus},
    },
    http::{
        answer::Answer,
        call::Call,
        fields::{Fields, boolean, kind_of, malformed, reference, size, text},
        problem::Problem,
    },
    service::volumes::actions::{
        self as service, Action, attach::Attach, detach::Detach, extend::Extend, moves, reset_status::ResetStatus,
    },
};

struct Row {
    name: &'static str,
    status: u16,
    reads: Reads,
}

/// What stands under an action's name.
enum Reads {
    /// An object with these fields and no other.
    Fields(fn(&Call, &mut Fields) -> Result<Action, Problem>),
    /// That, or null for an object without a field.
    FieldsOrNull(fn(&Call, &mut Fields) -> Result<Action, Problem>),
    /// Anything, which says nothing: clients send null, `{}` or the volume's id.
    Nothing(fn() -> Action),
}

const fn row(name: &'static str, status: u16, reads: Reads) -> Row {
    Row { name, status, reads }
}

static ACTIONS: &[Row] = &[
    row("os-attach", 202, Reads::Fields(attach)),
    row("os-begin_detaching", 202, Reads::Nothing(|| Action::Move(&moves::BEGIN_DETACHING))),
    row("os-detach", 202, Reads::FieldsOrNull(detach)),
    row("os-extend", 202, Reads::Fields(extend)),
    row("os-force_delete", 202, Reads::Nothing(|| Action::ForceDelete)),
    row("os-reserve", 202, Reads::Nothing(|| Action::Move(&moves::RESERVE))),
    row("os-reset_status", 202, Reads::Fields(reset_status)),
    row("os-roll_detaching", 202, Reads::Nothing(|| Action::Move(&moves::ROLL_DETACHING))),
    row("os-set_bootable", 200, Reads::Fields(set_bootable)),
    row("os-unreserve", 202, Reads::Nothing(|| Action::Move(&moves::UNRESERVE))),
    row("os-update_readonly_flag", 202, Reads::Fields(update_readonly_flag)),
];

pub async fn act(mut call: Call) -> Result<Answer, Problem> {
    let row = named(&call.body)?;
    let body = call.body.take();
    let action = read(&call, row, body)?;
    let id = call.id(Noun::Volume)?;
    service::act(&call.service, call.asker(), id, action).await.map_err(|error| call.problem(Noun::Volume, error))?;
    Ok(Answer::empty(row.status))
}

/// The row of the body's one key.
fn named(body: &Value) -> Result<&'static Row, Problem> {
    let known = || ACTIONS.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
    let expected = || format!("Send an object with one key, the action's name: one of {}.", known());
    let Value::Object(body) = body else {
        return Err(malformed(format!("The body is {}. {}", kind_of(body), expected())));
    };
    let shown = |name: &String| format!("`{}`", name.chars().take(64).collect::<String>().escape_debug());
    let mut names = body.keys();
    match (names.next(), names.next()) {
        (None, _) => Err(malformed(format!("The body names no action. {}", expected()))),
        (Some(first), Some(second)) => Err(malformed(format!(
            "The body has {} beside {}: too many body keys. {}",
            shown(second),
            shown(first),
            expected()
        ))),
        (Some(name), None) => ACTIONS
            .iter()
            .find(|row| row.name == name)
            .ok_or_else(|| malformed(format!("There is no such action: {}. {}", shown(name), expected()))),
    }
}

fn read(call: &Call, row: &Row, mut body: Value) -> Result<Action, Problem> {
    let parse = match row.reads {
        Reads::Nothing(action) => return Ok(action()),
        Reads::Fields(parse) => parse,
        Reads::FieldsOrNull(parse) => {
            if body[row.name].is_null() {
                body[row.name] = Value::Object(Map::new());
            }
            parse
        }
    };
    let mut fields = Fields::of(body, row.name)?;
    let action = parse(call, &mut fields)?;
    fields.end()?;
    Ok(action)
}

fn attach(_: &Call, fields: &mut Fields) -> Result<Action, Problem> {
    let server = fields.optional("instance_uuid").map_or(Ok(None), |value| reference("instance_uuid", &value))?;
    let host = fields.optional("host_name").map_or(Ok(None), |value| host(&value))?;
    if server.is_none() && host.is_none() {
        return Err(malformed("Neither instance_uuid nor host_name says who has the volume; give one of them, or both."));
    }
    let device = text("mountpoint", &fields.required("mountpoint")?)?.filter(|device| !device.is_empty());
    let device = device.ok_or_else(|| malformed("mountpoint is empty; give the device's path, such as /dev/vdb."))?;
    let mode = fields.optional("mode").map_or(Ok(Mode::default()), |value| mode(&value))?;
    Ok(Action::Attach(Attach { server, host, device, mode }))
}

fn host(value: &Value) -> Result<Option<String>, Problem> {
    let Some(text) = text("host_name", value)? else { return Ok(None) };
    let name = host_name(&text).ok_or_else(|| malformed("host_name has no letter or digit; give the host's name."))?;
    Ok(Some(name))
}

fn mode(value: &Value) -> Result<Mode, Problem> {
    value.as_str().and_then(Mode::parse).ok_or_else(|| malformed(format!("mode must be one of {}.", Mode::WORDS.join(", "))))
}

fn detach(_: &Call, fields: &mut Fields) -> Result<Action, Problem> {
    let attachment: Option<Id> =
        fields.optional("attachment_id").map_or(Ok(None), |value| reference("attachment_id", &value))?;
    Ok(Action::Detach(Detach { attachment }))
}

fn extend(call: &Call, fields: &mut Fields) -> Result<Action, Problem> {
    let new_size = size("new_size", &fields.required("new_size")?)?;
    Ok(Action::Extend(Extend { new_size, while_in_use: call.is_from(42) }))
}

fn set_bootable(_: &Call, fields: &mut Fields) -> Result<Action, Problem> {
    Ok(Action::SetBootable(boolean("bootable", &fields.required("bootable")?)?))
}

fn update_readonly_flag(_: &Call, fields: &mut Fields) -> Result<Action, Problem> {
    Ok(Action::SetReadonly(boolean("readonly", &fields.required("readonly")?)?))
}

fn reset_status(_: &Call, fields: &mut Fields) -> Result<Action, Problem> {
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
    Ok(Action::ResetStatus(asked))
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
