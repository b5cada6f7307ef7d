//! How volumes of a type are encrypted, for admins.

use super::{Encrypted, REFUSES, asked_for, changed, done};
use crate::domain::volume_type::Encryption;
use crate::http::resources::catalog::{ADMINS, CATALOG};
use crate::http::resources::prelude::*;
use crate::service::volume_types::Change;

view! {
    /// How volumes of a type are encrypted.
    #[schema(as = Encryption)]
    // Of a type's.
    View<'a> of(volume_type_id: Id, the: &'a Encryption) {
        volume_type_id: Id = volume_type_id,
        encryption_id: Id = the.encryption_id,
        #[serde(flatten)]
        fields: ChangedEncryption<'a> = ChangedEncryption::of(the),
    };

    /// What can be changed of it.
    ChangedEncryption<'a> of(the: &'a Encryption) {
        provider: &'a str = &the.provider,
        control_location: &'a str = &the.control_location,
        cipher: Option<&'a str> = the.cipher.as_deref(),
        key_size: Option<i64> = the.key_size,
    };
}

operations! { CATALOG;
    /// For admins: nothing where they are not encrypted.
    SHOW: "Show how volumes of a type are encrypted", |call| show(call) => 200 Object,
        description: "An empty object where they are not. For admins only.", refuses: &[Kind::NotFound];

    /// One key of that; 404 where there is none.
    SHOW_KEY: "Show one key of how volumes of a type are encrypted", |call| show_key(call) => 200 Object,
        description: "The path names a key, such as cipher. For admins only.", refuses: &[Kind::NotFound];

    /// 400 while a volume is of the type, or where it has one.
    CREATE: "Have volumes of a type encrypted", |call, how: Encrypted| create(call, how.0)
        => 200 One("encryption", part::<View>()), description: ADMINS, refuses: REFUSES;

    /// 400 while a volume is of the type.
    UPDATE: "Change how volumes of a type are encrypted", |call, how: Encrypted| update(call, how.0)
        => 200 One("encryption", part::<ChangedEncryption>()), description: ADMINS, refuses: REFUSES;

    /// 202, or 400 while a volume is of the type.
    DELETE: "Have volumes of a type not encrypted", |call| delete(call) => 202 Nothing, description: ADMINS, refuses: REFUSES;
}

/// All that is known of it, as Cinder shows it; nothing where there is none.
async fn known(call: &Call) -> Result<Map<String, Value>> {
    let volume_type = asked_for(call, &policy::TYPES_ENCRYPTION).await?;
    let Some(Value::Object(mut known)) = volume_type.encryption.map(|there| json!(there)) else { return Ok(Map::new()) };
    let more = [("volume_type_id", json!(volume_type.id)), ("deleted", json!(false)), ("deleted_at", Value::Null)];
    known.extend(more.map(|(key, value)| (key.to_owned(), value)));
    Ok(known)
}

async fn show(call: Call) -> Result<Answer> {
    Ok(Answer::json(200, &known(&call).await?))
}

async fn show_key(call: Call) -> Result<Answer> {
    let key = call.parameter("encryption_id");
    let value = known(&call).await?.remove(key).ok_or_else(|| {
        let advice = "GET encryption shows those that there are.";
        problem!(NotFound, "The type's encryption has no key {}. {advice}", shown(key))
    })?;
    Ok(Answer::json(200, &json!({ key: value })))
}

async fn create(mut call: Call, how: Map<String, Value>) -> Result<Answer> {
    let the = changed(&mut call, &policy::TYPES_ENCRYPT, Change::Encrypt(how)).await?;
    Ok(Answer::one(&call, 200, "encryption", &View::of(the.id, &the.encryption.ok_or_else(Problem::internal)?)))
}

async fn update(mut call: Call, how: Map<String, Value>) -> Result<Answer> {
    let named = Id::parse(call.parameter("encryption_id"));
    let the = changed(&mut call, &policy::TYPES_REENCRYPT, Change::Reencrypt(named, how)).await?;
    Ok(Answer::one(&call, 200, "encryption", &ChangedEncryption::of(&the.encryption.ok_or_else(Problem::internal)?)))
}

async fn delete(call: Call) -> Result<Answer> {
    let named = Id::parse(call.parameter("encryption_id"));
    done(call, &policy::TYPES_DECRYPT, Change::Decrypt(named)).await
}
