//! The calls on metadata, the same for every kind of record that has it.

use crate::http::request::body::{self, Body, Content};
use crate::http::resources::prelude::*;
use crate::service::copies::ChangeOf;
use crate::service::volumes::ChangeVolume;

/// What the operations are about.
pub static METADATA: Subject = Subject { name: "metadata", what: "Texts under keys, of volumes and of snapshots." };

/// Texts under keys: all of it or some; or one key of it, which stands under another name.
pub struct Sent<const IS_ONE: bool>(Texts);

impl<const IS_ONE: bool> Body for Sent<IS_ONE> {
    const CONTENT: Content = if IS_ONE { ONE } else { ALL };

    fn read(call: &mut Call) -> Result<Self> {
        let name = if IS_ONE { "meta" } else { "metadata" };
        let sent = body::under(call.body.take(), name, None)?;
        body::fields(call, name, sent).map(Self)
    }
}

const ALL: Content = One("metadata", part::<Texts>());

const ONE: Content = One("meta", part::<Texts>());

/// The operations on the metadata of a kind of records, of which an edit may end in these errors.
macro_rules! metadata {
    ($($of:literal $kind:ident refuses $refuses:expr =>
       $list:ident $add:ident $replace:ident $show:ident $set:ident $remove:ident;)+) => {$(
        operations! { METADATA;
            /// All of it.
            $list: concat!("List a ", $of, "'s metadata"), |call| list(call, RecordKind::$kind) => 200 ALL,
                refuses: &[Kind::NotFound];

            /// Sets the keys of the body, keeps the others, and answers with all.
            $add: concat!("Set keys of a ", $of, "'s metadata"),
                |call, sent: Sent<false>| edit(call, RecordKind::$kind, Edit::Merge(sent.0.0)) => 200 ALL,
                description: "Other keys stay as they are.", refuses: $refuses;

            /// Puts the body in the place of all that was there.
            $replace: concat!("Replace a ", $of, "'s metadata"),
                |call, sent: Sent<false>| edit(call, RecordKind::$kind, Edit::Replace(sent.0.0)) => 200 ALL, refuses: $refuses;

            /// One key; 404 where the record has none of this name.
            $show: concat!("Show one key of a ", $of, "'s metadata"), |call| show(call, RecordKind::$kind) => 200 ONE,
                refuses: &[Kind::NotFound];

            /// Sets the one key of the path; 400 where the body has another, or more.
            $set: concat!("Set one key of a ", $of, "'s metadata"),
                |call, sent: Sent<true>| set(call, RecordKind::$kind, sent.0.0) => 200 ONE,
                description: "`meta` has the path's key, and no other.", refuses: $refuses;

            /// Removes one key: 200 without a body; 404 where the record has none of this name.
            $remove: concat!("Remove one key of a ", $of, "'s metadata"), |call| remove(call, RecordKind::$kind) => 200 Nothing,
                refuses: $refuses;
        }
    )+};
}

metadata! {
    "volume" Volume refuses &[Kind::NotFound, Kind::Refused] =>
        LIST_OF_VOLUME ADD_TO_VOLUME REPLACE_OF_VOLUME SHOW_OF_VOLUME SET_OF_VOLUME REMOVE_OF_VOLUME;
    "snapshot" Snapshot refuses &[Kind::NotFound, Kind::Refused] =>
        LIST_OF_SNAPSHOT ADD_TO_SNAPSHOT REPLACE_OF_SNAPSHOT SHOW_OF_SNAPSHOT SET_OF_SNAPSHOT REMOVE_OF_SNAPSHOT;
}

async fn list(call: Call, kind: RecordKind) -> Result<Answer> {
    Ok(Answer::one(&call, 200, "metadata", &Texts(read(&call, kind).await?)))
}

async fn edit(mut call: Call, kind: RecordKind, change: Edit) -> Result<Answer> {
    let all = perform(&mut call, kind, change).await?;
    Ok(Answer::one(&call, 200, "metadata", &Texts(all)))
}

async fn show(call: Call, kind: RecordKind) -> Result<Answer> {
    let (id, key) = (call.id(kind)?, call.parameter("key"));
    let value = read(&call, kind).await?.remove(key);
    let value = value.ok_or_else(|| call.problem(service::Error::NoMetadata(kind, id, key.to_owned())))?;
    Ok(Answer::one(&call, 200, "meta", &Texts(Map::from_iter([(key.to_owned(), value)]))))
}

async fn set(mut call: Call, kind: RecordKind, texts: Map<String, Value>) -> Result<Answer> {
    let mismatch = "Request body and URI mismatch: `meta` has not the key of the path. Send {\"meta\": {KEY: VALUE}}.";
    ensure!(texts.contains_key(call.parameter("key")), malformed(mismatch));
    ensure!(texts.len() <= 1, malformed("Request body contains too many items. Send the one key of the path in `meta`."));
    perform(&mut call, kind, Edit::Merge(texts.clone())).await?;
    Ok(Answer::one(&call, 200, "meta", &Texts(texts)))
}

async fn remove(mut call: Call, kind: RecordKind) -> Result<Answer> {
    let key = call.parameter("key").to_owned();
    perform(&mut call, kind, Edit::Remove(key)).await?;
    Ok(Answer::empty(200))
}

async fn read(call: &Call, kind: RecordKind) -> Result<Map<String, Value>> {
    call.look(service::metadata::list(call.cx(), kind, call.id(kind)?)).await
}

/// What it is after the edit.
async fn perform(call: &mut Call, kind: RecordKind, change: Edit) -> Result<Map<String, Value>> {
    let id = call.id(kind)?;
    Ok(match kind {
        RecordKind::Snapshot => call.perform(ChangeOf { kind: CopyKind::Snapshot, id, change }).await?.metadata,
        _ => call.perform(ChangeVolume { id, change }).await?.metadata,
    })
}
