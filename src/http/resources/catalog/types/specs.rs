//! A type's extra specs: texts under keys, of which others than admins see few.

use super::{REFUSES, Specs, asked_for, changed, done};
use crate::http::resources::catalog::{ADMINS, CATALOG};
use crate::http::resources::prelude::*;
use crate::service::volume_types::{Change, no_spec};

operations! { CATALOG;
    /// Those that the caller sees.
    LIST: "List a type's extra specs", |call| list(call) => 200 One("extra_specs", part::<Texts>()),
        description: "All of them to an admin.", refuses: &[Kind::NotFound];

    /// Sets the keys of the body, keeps the others, and answers with those of the body.
    ADD: "Set extra specs of a type", |call, body: Specs<false>| add(call, body) => 200 One("extra_specs", part::<Texts>()),
        description: ADMINS, refuses: REFUSES;

    /// One of them; 404 where the type has none of this key, or none that the caller sees.
    SHOW: "Show an extra spec of a type", |call| show(call) => 200 Whole(part::<Texts>()), refuses: &[Kind::NotFound];

    /// Sets the one key of the path; 400 where the body has another, or more.
    SET: "Set an extra spec of a type", |call, body: Specs<true>| set(call, body) => 200 Whole(part::<Texts>()),
        description: ADMINS, refuses: REFUSES;

    /// 202, or 404 where the type has none of this key.
    DELETE: "Delete an extra spec of a type", |call| delete(call) => 202 Nothing, description: ADMINS, refuses: REFUSES;
}

async fn list(call: Call) -> Result<Answer> {
    let volume_type = asked_for(&call, &policy::TYPES_SPECS_LIST).await?;
    Ok(Answer::one(&call, 200, "extra_specs", &Texts(volume_type.specs(call.cx().sees_every_project()))))
}

async fn add(mut call: Call, Specs(specs): Specs<false>) -> Result<Answer> {
    changed(&mut call, &policy::TYPES_SPECS_ADD, Change::Specs(Edit::Merge(specs.clone()))).await?;
    Ok(Answer::one(&call, 200, "extra_specs", &Texts(specs)))
}

async fn show(call: Call) -> Result<Answer> {
    let volume_type = asked_for(&call, &policy::TYPES_SPECS_GET).await?;
    let key = call.parameter("key");
    let found = volume_type.specs(call.cx().sees_every_project()).remove(key);
    let value = found.ok_or_else(|| call.problem(no_spec(volume_type.id, key)))?;
    Ok(Answer::json(200, &json!({ key: value })))
}

async fn set(mut call: Call, Specs(specs): Specs<true>) -> Result<Answer> {
    let is_of_path = specs.len() == 1 && specs.contains_key(call.parameter("key"));
    ensure!(is_of_path, malformed("Request body and URI mismatch: send the one key of the path, {KEY: VALUE}."));
    changed(&mut call, &policy::TYPES_SPECS_SET, Change::Specs(Edit::Merge(specs.clone()))).await?;
    Ok(Answer::json(200, &Texts(specs)))
}

async fn delete(call: Call) -> Result<Answer> {
    let key = call.parameter("key").to_owned();
    done(call, &policy::TYPES_SPECS_DELETE, Change::Specs(Edit::Remove(key))).await
}
