//! The calls on metadata, the same for every kind of record that has it.

use std::future::Future;

use serde_json::{Map, Value, json};

use super::{
    answer::Answer,
    call::Call,
    fields::{Fields, malformed, metadata},
    problem::Problem,
};
use crate::{
    domain::{Id, Noun, metadata::Edit},
    service::{
        self, Asker, Service,
        copies::{self, Kind},
        volumes,
    },
};

/// What metadata holds.
type Texts = Map<String, Value>;

/// A kind of record that has metadata.
pub trait Described {
    const NOUN: Noun;

    fn read(service: &Service, asker: &Asker, id: Id) -> impl Future<Output = Result<Texts, service::Error>> + Send;

    /// All of it after the edit.
    fn edit(
        service: &Service,
        asker: &Asker,
        id: Id,
        edit: &Edit,
    ) -> impl Future<Output = Result<Texts, service::Error>> + Send;
}

/// Of volumes.
pub enum OfVolume {}

impl Described for OfVolume {
    const NOUN: Noun = Noun::Volume;

    async fn read(service: &Service, asker: &Asker, id: Id) -> Result<Texts, service::Error> {
        volumes::metadata::read(service, asker, id).await
    }

    async fn edit(service: &Service, asker: &Asker, id: Id, edit: &Edit) -> Result<Texts, service::Error> {
        volumes::metadata::edit(service, asker, id, edit).await
    }
}

/// Of snapshots.
pub enum OfSnapshot {}

impl Described for OfSnapshot {
    const NOUN: Noun = Noun::Snapshot;

    async fn read(service: &Service, asker: &Asker, id: Id) -> Result<Texts, service::Error> {
        copies::metadata::read(service, asker, Kind::Snapshot, id).await
    }

    async fn edit(service: &Service, asker: &Asker, id: Id, edit: &Edit) -> Result<Texts, service::Error> {
        copies::metadata::edit(service, asker, Kind::Snapshot, id, edit).await
    }
}

pub async fn list<R: Described>(call: Call) -> Result<Answer, Problem> {
    let texts = read::<R>(&call).await?;
    Ok(Answer::json(200, json!({"metadata": texts})))
}

pub async fn add<R: Described>(mut call: Call) -> Result<Answer, Problem> {
    let texts = texts(&mut call, "metadata")?;
    let all = edit::<R>(&call, Edit::Merge(texts)).await?;
    Ok(Answer::json(200, json!({"metadata": all})))
}

pub async fn replace<R: Described>(mut call: Call) -> Result<Answer, Problem> {
    let texts = texts(&mut call, "metadata")?;
    let all = edit::<R>(&call, Edit::Replace(texts)).await?;
    Ok(Answer::json(200, json!({"metadata": all})))
}

pub async fn show<R: Described>(call: Call) -> Result<Answer, Problem> {
    let (id, key) = (call.id(R::NOUN)?, call.parameter("key"));
    let value = read::<R>(&call).await?.remove(key);
    let value = value.ok_or_else(|| call.problem(R::NOUN, service::Error::NoMetadata(R::NOUN, id, key.to_owned())))?;
    Ok(Answer::json(200, json!({"meta": {key: value}})))
}

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
    edit::<R>(&call, Edit::Merge(texts.clone())).await?;
    Ok(Answer::json(200, json!({"meta": texts})))
}

pub async fn remove<R: Described>(call: Call) -> Result<Answer, Problem> {
    edit::<R>(&call, Edit::Remove(call.parameter("key").to_owned())).await?;
    Ok(Answer::empty(200))
}

fn texts(call: &mut Call, name: &'static str) -> Result<Texts, Problem> {
    metadata(name, &Fields::of(call.body.take(), name)?.whole())
}

async fn read<R: Described>(call: &Call) -> Result<Texts, Problem> {
    let id = call.id(R::NOUN)?;
    R::read(&call.service, call.asker(), id).await.map_err(|error| call.problem(R::NOUN, error))
}

async fn edit<R: Described>(call: &Call, edit: Edit) -> Result<Texts, Problem> {
    let id = call.id(R::NOUN)?;
    R::edit(&call.service, call.asker(), id, &edit).await.map_err(|error| call.problem(R::NOUN, error))
}
