//! The signed way: a request is signed with an access key, whose secret is looked up, with what its user may where, once a second
//! at most.

use super::fresh::Fresh;
use super::signature::Signature;
use crate::domain::identity::{CredentialKind, Session};
use crate::identity::prelude::*;
use crate::secrets::sealing::Seal;
use crate::store::{Store, StoreError, identity};

/// The signed way.
pub struct Signed {
    store: Store,
    clock: Arc<dyn Clock>,
    /// What opens the secrets; `None` where there is no key for it, and so no secret.
    seal: Option<Arc<Seal>>,
    /// By the access key and the project.
    known: Fresh<(String, Option<ProjectId>), Known>,
}

#[derive(Clone)]
struct Known {
    secret: SecretString,
    /// `None` where its user may not be there.
    who: Option<Caller>,
}

impl Signed {
    /// By the access keys of a database.
    pub fn new(store: Store, clock: Arc<dyn Clock>, seal: Option<Arc<Seal>>) -> Self {
        Self { store, clock, seal, known: Fresh::default() }
    }

    /// Who has signed this request.
    pub async fn identify(&self, head: &Head<'_>) -> Result<Caller, Unidentified> {
        let signature = Signature::read(head, self.clock.now())?;
        let key = (signature.access.to_owned(), signature.project()?);
        let known = self.known.get(&key, async || self.ask(&key).await).await.map_err(|error| {
            tracing::warn!(%error, "an access key cannot be looked up");
            Unidentified::Unavailable("The database cannot be asked whose access key this is".to_owned())
        })?;
        signature.verify(known.as_ref().map(|known| &known.secret))?;
        let roleless = "The user of this access key has no role on the project, or one of them is disabled";
        known.and_then(|known| known.who).ok_or_else(|| Unidentified::Refused(roleless.to_owned()))
    }

    async fn ask(&self, key: &(String, Option<ProjectId>)) -> Result<Option<Known>, StoreError> {
        let (access, project) = key;
        let mut db = self.store.reader().await?;
        let credential = identity::credential(&mut db, CredentialKind::AccessKey, access).await?;
        let secret = credential.as_ref().zip(self.seal.as_ref()).and_then(|(key, seal)| seal.open(&key.secret, &key.id));
        let (Some(credential), Some(secret)) = (credential, secret) else { return Ok(None) };
        let project_id = project.as_ref().map(ToString::to_string);
        let may_be_there = project_id.is_none() || credential.project_id.is_none() || project_id == credential.project_id;
        let session = Session { user_id: credential.user_id, project_id, ..Session::default() };
        let signed = if may_be_there { identity::signed_in(&mut db, session).await? } else { None };
        Ok(Some(Known { secret, who: signed.map(Into::into) }))
    }
}
