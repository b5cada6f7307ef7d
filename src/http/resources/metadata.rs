//! The calls on metadata, the same for every kind of record that has it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::metadata::Edit;
use crate::domain::{Id, RecordKind, Volume, VolumeCopy};
use crate::http::answer::problem::{Kind, Problem};
use crate::http::answer::success::Answer;
use crate::http::answer::visibility::{Versioned, part};
use crate::http::operation::{Operation, Subject};
use crate::http::request::body::{Under, malformed};
use crate::http::request::call::Call;
use crate::http::request::content::Content;
use crate::http::request::fields::Texts;
use crate::service::copies::{self, ChangeOf, CopyKind};
use crate::service::volumes::{self, ChangeVolume};
use crate::service::{self, Query};

/// A kind of record that has metadata: how it is read, and what an edit of it is.
pub trait Described: 'static {
    const RECORD_KIND: RecordKind;
    /// The errors of an edit.
    const REFUSES: &'static [Kind];

    type Read: Query<Answer = Map<String, Value>> + Send;
    type Edit: service::Operation + Send;

    fn read(id: Id) -> Self::Read;

    fn edit(id: Id, edit: Edit) -> Self::Edit;

    /// What it is after the edit.
    fn metadata(edited: <Self::Edit as service::Operation>::Done) -> Map<String, Value>;
}

/// Of volumes.
pub enum OfVolume {}

impl Described for OfVolume {
    const RECORD_KIND: RecordKind = RecordKind::Volume;
    const REFUSES: &'static [Kind] = &[Kind::NotFound, Kind::Refused];

    type Read = volumes::metadata::Read;
    type Edit = ChangeVolume<Edit>;

    fn read(id: Id) -> Self::Read {
        volumes::metadata::Read(id)
    }

    fn edit(id: Id, change: Edit) -> Self::Edit {
        ChangeVolume { id, change }
    }

    fn metadata(edited: Volume) -> Map<String, Value> {
        edited.metadata
    }
}

/// Of snapshots.
pub enum OfSnapshot {}

impl Described for OfSnapshot {
    const RECORD_KIND: RecordKind = RecordKind::Snapshot;
    const REFUSES: &'static [Kind] = &[Kind::NotFound];

    type Read = copies::metadata::Read;
    type Edit = ChangeOf<Edit>;

    fn read(id: Id) -> Self::Read {
        copies::metadata::Read(id)
    }

    fn edit(id: Id, change: Edit) -> Self::Edit {
        ChangeOf { kind: CopyKind::Snapshot, id, change }
    }

    fn metadata(edited: VolumeCopy) -> Map<String, Value> {
        edited.metadata
    }
}

/// What the operations are about.
pub static METADATA: Subject = Subject { name: "metadata", what: "Texts under keys, of volumes and of snapshots." };

/// All of it, or some.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Metadata(Texts);

/// One key of it.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Meta(Texts);

/// Both are texts under keys.
macro_rules! are_texts {
    ($($kind:ident under $name:literal;)+) => {$(
        impl PartialSchema for $kind {
            fn schema() -> RefOr<Schema> {
                Texts::schema()
            }
        }

        impl ToSchema for $kind {
            fn name() -> Cow<'static, str> {
                Texts::name()
            }
        }

        impl Versioned for $kind {}

        impl Under for $kind {
            const NAME: &'static str = $name;
        }
    )+};
}

are_texts! {
    Metadata under "metadata";
    Meta under "meta";
}

const ALL: Content = Content::One("metadata", part::<Texts>());

const ONE: Content = Content::One("meta", part::<Texts>());

/// All of a volume's.
pub static LIST_OF_VOLUME: Operation = list_of::<OfVolume>("List a volume's metadata");
/// All of a snapshot's.
pub static LIST_OF_SNAPSHOT: Operation = list_of::<OfSnapshot>("List a snapshot's metadata");

const fn list_of<R: Described>(summary: &'static str) -> Operation {
    let list = Operation::new(&METADATA, summary, |call, ()| Box::pin(list::<R>(call)));
    list.answers(200, ALL).refuses(&[Kind::NotFound])
}

async fn list<R: Described>(call: Call) -> Result<Answer, Problem> {
    let texts = read::<R>(&call).await?;
    Ok(Answer::one(&call, 200, "metadata", &Texts(texts)))
}

/// Sets the keys of the body, keeps the others, and answers with all.
pub static ADD_TO_VOLUME: Operation<Metadata> = add_to::<OfVolume>("Set keys of a volume's metadata");
/// The same of a snapshot's.
pub static ADD_TO_SNAPSHOT: Operation<Metadata> = add_to::<OfSnapshot>("Set keys of a snapshot's metadata");

const fn add_to<R: Described>(summary: &'static str) -> Operation<Metadata> {
    let add = Operation::new(&METADATA, summary, |call, Metadata(texts)| Box::pin(edit::<R>(call, Edit::Merge(texts.0))));
    add.description("Other keys stay as they are.").answers(200, ALL).refuses(R::REFUSES)
}

/// Puts the body in the place of all that was there.
pub static REPLACE_OF_VOLUME: Operation<Metadata> = replace_of::<OfVolume>("Replace a volume's metadata");
/// The same of a snapshot's.
pub static REPLACE_OF_SNAPSHOT: Operation<Metadata> = replace_of::<OfSnapshot>("Replace a snapshot's metadata");

const fn replace_of<R: Described>(summary: &'static str) -> Operation<Metadata> {
    let replace = Operation::new(&METADATA, summary, |call, Metadata(texts)| Box::pin(edit::<R>(call, Edit::Replace(texts.0))));
    replace.answers(200, ALL).refuses(R::REFUSES)
}

async fn edit<R: Described>(mut call: Call, change: Edit) -> Result<Answer, Problem> {
    let all = perform::<R>(&mut call, change).await?;
    Ok(Answer::one(&call, 200, "metadata", &Texts(all)))
}

/// One key; 404 where the volume has none of this name.
pub static SHOW_OF_VOLUME: Operation = show_of::<OfVolume>("Show one key of a volume's metadata");
/// The same of a snapshot's.
pub static SHOW_OF_SNAPSHOT: Operation = show_of::<OfSnapshot>("Show one key of a snapshot's metadata");

const fn show_of<R: Described>(summary: &'static str) -> Operation {
    let show = Operation::new(&METADATA, summary, |call, ()| Box::pin(show::<R>(call)));
    show.answers(200, ONE).refuses(&[Kind::NotFound])
}

async fn show<R: Described>(call: Call) -> Result<Answer, Problem> {
    let (id, key) = (call.id(R::RECORD_KIND)?, call.parameter("key"));
    let value = read::<R>(&call).await?.remove(key);
    let value = value.ok_or_else(|| call.problem(service::Error::NoMetadata(R::RECORD_KIND, id, key.to_owned())))?;
    Ok(Answer::one(&call, 200, "meta", &Texts(Map::from_iter([(key.to_owned(), value)]))))
}

/// Sets the one key of the path; 400 where the body has another, or more.
pub static SET_OF_VOLUME: Operation<Meta> = set_of::<OfVolume>("Set one key of a volume's metadata");
/// The same of a snapshot's.
pub static SET_OF_SNAPSHOT: Operation<Meta> = set_of::<OfSnapshot>("Set one key of a snapshot's metadata");

const fn set_of<R: Described>(summary: &'static str) -> Operation<Meta> {
    let set = Operation::new(&METADATA, summary, |call, Meta(texts)| Box::pin(set::<R>(call, texts.0)));
    set.description("`meta` has the path's key, and no other.").answers(200, ONE).refuses(R::REFUSES)
}

async fn set<R: Described>(mut call: Call, texts: Map<String, Value>) -> Result<Answer, Problem> {
    if !texts.contains_key(call.parameter("key")) {
        return Err(malformed(
            "Request body and URI mismatch: `meta` has not the key of the path. Send {\"meta\": {KEY: VALUE}}.",
        ));
    }
    if texts.len() > 1 {
        return Err(malformed("Request body contains too many items. Send the one key of the path in `meta`."));
    }
    perform::<R>(&mut call, Edit::Merge(texts.clone())).await?;
    Ok(Answer::one(&call, 200, "meta", &Texts(texts)))
}

/// Removes one key: 200 without a body; 404 where the volume has none of this name.
pub static REMOVE_OF_VOLUME: Operation = remove_of::<OfVolume>("Remove one key of a volume's metadata");
/// The same of a snapshot's.
pub static REMOVE_OF_SNAPSHOT: Operation = remove_of::<OfSnapshot>("Remove one key of a snapshot's metadata");

const fn remove_of<R: Described>(summary: &'static str) -> Operation {
    Operation::new(&METADATA, summary, |call, ()| Box::pin(remove::<R>(call))).refuses(R::REFUSES)
}

async fn remove<R: Described>(mut call: Call) -> Result<Answer, Problem> {
    let key = call.parameter("key").to_owned();
    perform::<R>(&mut call, Edit::Remove(key)).await?;
    Ok(Answer::empty(200))
}

async fn read<R: Described>(call: &Call) -> Result<Map<String, Value>, Problem> {
    call.look(R::read(call.id(R::RECORD_KIND)?)).await
}

async fn perform<R: Described>(call: &mut Call, edit: Edit) -> Result<Map<String, Value>, Problem> {
    let id = call.id(R::RECORD_KIND)?;
    call.perform(R::edit(id, edit)).await.map(R::metadata)
}
