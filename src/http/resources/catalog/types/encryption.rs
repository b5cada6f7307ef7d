//! How volumes of a type are encrypted, for admins.

use super::request::{CreateEncryption, UpdateEncryption};
use super::{REFUSES, asked_for, changed};
use crate::domain::volume_type::Encryption;
use crate::http::resources::catalog::CATALOG;
use crate::http::resources::prelude::*;
use crate::service::volume_types::Change;

view! {
    /// How volumes of a type are encrypted.
    #[schema(as = Encryption)]
    View<'a>,
    /// Of a type's.
    of(volume_type_id: Id, the: &'a Encryption) {
        volume_type_id: Id = volume_type_id,
        encryption_id: Id = the.encryption_id,
        #[serde(flatten)]
        fields: Changed<'a> = Changed::of(the),
    };

    /// What can be changed of it.
    #[schema(as = ChangedEncryption)]
    Changed<'a>,
    /// Of any.
    of(the: &'a Encryption) {
        provider: &'a str = &the.provider,
        control_location: &'static str = the.control_location.as_str(),
        cipher: Option<&'a str> = the.cipher.as_deref(),
        key_size: Option<i64> = the.key_size,
    };
}

const ADMINS: &str = "For admins only.";

operations! { CATALOG;
    /// For admins: nothing where they are not encrypted.
    SHOW: "Show how volumes of a type are encrypted", |call| show(call) => 200 Object,
        description: "An empty object where they are not. For admins only.", refuses: &[Kind::NotFound];

    /// One key of that; 404 where there is none.
    SHOW_KEY: "Show one key of how volumes of a type are encrypted", |call| show_key(call) => 200 Object,
        description: "The path names a key, such as cipher. For admins only.", refuses: &[Kind::NotFound];

    /// 400 while a volume is of the type, or where it has one.
    CREATE: "Have volumes of a type encrypted", |call, body: CreateEncryption| create(call, body)
        => 200 One("encryption", part::<View>()), description: ADMINS, refuses: REFUSES;

    /// 400 while a volume is of the type.
    UPDATE: "Change how volumes of a type are encrypted", |call, body: UpdateEncryption| update(call, body)
        => 200 One("encryption", part::<Changed>()), description: ADMINS, refuses: REFUSES;

    /// 202, or 400 while a volume is of the type.
    DELETE: "Have volumes of a type not encrypted", |call| delete(call) => 202 Nothing, description: ADMINS, refuses: REFUSES;
}

/// All that is known of it, as Cinder shows it; nothing where there is none.
async fn known(call: &Call) -> Result<Map<String, Value>, Problem> {
    let volume_type = asked_for(call, &policy::TYPES_ENCRYPTION).await?;
    let Some(Value::Object(mut known)) = volume_type.encryption.map(|there| json!(there)) else { return Ok(Map::new()) };
    known.extend(
        [("volume_type_id", json!(volume_type.id)), ("deleted", json!(false)), ("deleted_at", Value::Null)]
            .map(|(key, value)| (key.to_owned(), value)),
    );
    Ok(known)
}

async fn show(call: Call) -> Result<Answer, Problem> {
    Ok(Answer::json(200, &known(&call).await?))
}

async fn show_key(call: Call) -> Result<Answer, Problem> {
    let key = call.parameter("encryption_id");
    let value = known(&call).await?.remove(key).ok_or_else(|| {
        let advice = "GET encryption shows those that there are.";
        problem!(NotFound, "The type's encryption has no key {}. {advice}", shown(key))
    })?;
    Ok(Answer::json(200, &json!({ key: value })))
}

async fn create(mut call: Call, body: CreateEncryption) -> Result<Answer, Problem> {
    let (id, the) = encrypted(&mut call, Change::Encrypt(body.asked())).await?;
    Ok(Answer::one(&call, 200, "encryption", &View::of(id, &the)))
}

async fn update(mut call: Call, body: UpdateEncryption) -> Result<Answer, Problem> {
    let named = Id::parse(call.parameter("encryption_id"));
    let (_, the) = encrypted(&mut call, Change::Reencrypt(named, body.asked())).await?;
    Ok(Answer::one(&call, 200, "encryption", &Changed::of(&the)))
}

/// Changes how volumes of the type that the path names are encrypted: the type's id, and how they are then.
async fn encrypted(call: &mut Call, change: Change) -> Result<(Id, Encryption), Problem> {
    let VolumeType { id, encryption, .. } = changed(call, change).await?;
    encryption.map(|the| (id, the)).ok_or_else(Problem::internal)
}

async fn delete(mut call: Call) -> Result<Answer, Problem> {
    let named = Id::parse(call.parameter("encryption_id"));
    changed(&mut call, Change::Decrypt(named)).await?;
    Ok(Answer::empty(202))
}
