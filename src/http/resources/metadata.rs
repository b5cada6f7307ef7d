//! The calls on metadata, the same for every kind of record that has it.

use serde_json::{Map, Value, json};

use crate::{
    domain::{Copy, Id, Noun, Volume, metadata::Edit},
    http::{
        answer::{problem::Problem, success::Answer},
        request::{
            call::Call,
            fields::{Fields, malformed, metadata},
        },
    },
    service::{
        self, Operation, Query,
        copies::{self, ChangeOf, Kind},
        volumes::{self, ChangeVolume},
    },
};

/// What metadata holds.
type Texts = Map<String, Value>;

/// A kind of record that has metadata: how it is read, and what an edit of it is.
pub trait Described {
    const NOUN: Noun;

    type Read: Query<Answer = Texts>;
    type Edit: Operation;

    fn read(id: Id) -> Self::Read;

    fn edit(id: Id, edit: Edit) -> Self::Edit;

    /// What it is after the edit.
    fn metadata(edited: <Self::Edit as Operation>::Done) -> Texts;
}

/// Of volumes.
pub enum OfVolume {}

impl Described for OfVolume {
    const NOUN: Noun = Noun::Volume;

    type Read = volumes::metadata::Read;
    type Edit = ChangeVolume<Edit>;

    fn read(id: Id) -> Self::Read {
        volumes::metadata::Read(id)
    }

    fn edit(id: Id, change: Edit) -> Self::Edit {
        ChangeVolume { id, change }
    }

    fn metadata(edited: Volume) -> Texts {
        edited.metadata
    }
}

/// Of snapshots.
pub enum OfSnapshot {}

impl Described for OfSnapshot {
    const NOUN: Noun = Noun::Snapshot;

    type Read = copies::metadata::Read;
    type Edit = ChangeOf<Edit>;

    fn read(id: Id) -> Self::Read {
        copies::metadata::Read(id)
    }

    fn edit(id: Id, change: Edit) -> Self::Edit {
        ChangeOf { kind: Kind::Snapshot, id, change }
    }

    fn metadata(edited: Copy) -> Texts {
        edited.metadata
    }
}

/// All of it.
pub async fn list<R: Described>(call: Call) -> Result<Answer, Problem> {
    let texts = read::<R>(&call).await?;
    Ok(Answer::json(200, json!({"metadata": texts})))
}

/// Sets the keys of the body, keeps the others, and answers with all.
pub async fn add<R: Described>(mut call: Call) -> Result<Answer, Problem> {
    let texts = texts(&mut call, "metadata")?;
    let all = edit::<R>(&mut call, Edit::Merge(texts)).await?;
    Ok(Answer::json(200, json!({"metadata": all})))
}

/// Puts the body in the place of all that was there.
pub async fn replace<R: Described>(mut call: Call) -> Result<Answer, Problem> {
    let texts = texts(&mut call, "metadata")?;
    let all = edit::<R>(&mut call, Edit::Replace(texts)).await?;
    Ok(Answer::json(200, json!({"metadata": all})))
}

/// One key; 404 where the record has none of this name.
pub async fn show<R: Described>(call: Call) -> Result<Answer, Problem> {
    let (id, key) = (call.id(R::NOUN)?, call.parameter("key"));
    let value = read::<R>(&call).await?.remove(key);
    let value = value.ok_or_else(|| call.problem(service::Error::NoMetadata(R::NOUN, id, key.to_owned())))?;
    Ok(Answer::json(200, json!({"meta": {key: value}})))
}

/// Sets the one key of the path; 400 where the body has another, or more.
pub async fn set<R: Described>(mut call: Call) -> Result<Answer, Problem> {
    let texts = texts(&mut call, "meta")?;
    let key = call.parameter("key");
    if !texts.contains_key(key) {
        return Err(malformed(
            "Request body and URI mismatch: `meta` has not the key of the path. Send {\"meta\": {KEY: VALUE}}.",
        ));
    }
    if texts.len() > 1 {
        return Err(malformed("Request body contains too many items. Send the one key of the path in `meta`."));
    }
    edit::<R>(&mut call, Edit::Merge(texts.clone())).await?;
    Ok(Answer::json(200, json!({"meta": texts})))
}

/// Removes one key: 200 without a body; 404 where the record has none of this name.
pub async fn remove<R: Described>(mut call: Call) -> Result<Answer, Problem> {
    let key = call.parameter("key").to_owned();
    edit::<R>(&mut call, Edit::Remove(key)).await?;
    Ok(Answer::empty(200))
}

fn texts(call: &mut Call, name: &'static str) -> Result<Texts, Problem> {
    metadata(name, &Fields::of(call.body.take(), name)?.whole())
}

async fn read<R: Described>(call: &Call) -> Result<Texts, Problem> {
    call.look(R::read(call.id(R::NOUN)?)).await
}

async fn edit<R: Described>(call: &mut Call, edit: Edit) -> Result<Texts, Problem> {
    let id = call.id(R::NOUN)?;
    call.perform(R::edit(id, edit)).await.map(R::metadata)
}
