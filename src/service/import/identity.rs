//! The identity of a document: its roles, projects and users become what it says; what it does not mention stays as it is.

use super::keys::{Keys, patiently};
use super::{Outcome, Result, Run};
use crate::document::{AccessKeyFields, IdentityRecord, Place};
use crate::service::identity::{Change, Fields, bootstrap, credentials};
use crate::service::prelude::*;
use crate::store::identity::{self as stored, GRANTS};

/// Hashes the passwords of a document, or finds that the stored hash is theirs.
pub(super) async fn learn(service: &Service, keys: &mut Keys, records: Vec<IdentityRecord>) -> Result<()> {
    for record in records {
        let id = id(&mut service.store.reader().await?, &record).await?;
        let IdentityRecord { place, kind, fields } = record;
        if let Some(hash) = fields.password_hash.as_ref().filter(|phc| !hash::is_verifiable(phc)) {
            let problem = format!("{} characters that are no Argon2id hash which can be checked here", hash.len());
            return Err(place.field_fault("password_hash", problem).into());
        }
        let Some(password) = fields.password else { continue };
        service.identity.judge(&password).map_err(|problem| place.field_fault("password", problem))?;
        let stored = stored::entity(&mut service.store.reader().await?, kind, &id).await?.and_then(|user| user.password);
        let pool = &service.identity.passwords;
        let is_stored =
            async |phc: &String| patiently(|| pool.verify(password.clone(), phc.clone(), Turn::of(Turn::OPERATOR))).await;
        let hash = match stored {
            Some(phc) if is_stored(&phc).await? => phc,
            _ => patiently(|| service.hash_password(password.clone(), Turn::OPERATOR)).await?,
        };
        keys.of_users.insert(id, hash);
    }
    Ok(())
}

/// The id that a record gives; else that of what is called so already, or is to be.
async fn id(db: &mut Db, record: &IdentityRecord) -> Result<String, StoreError> {
    let called = match record.fields.id {
        None => stored::entities(db, record.kind, Some(&record.fields.name)).await?.pop(),
        Some(_) => None,
    };
    Ok(called.map_or_else(|| record.id(), |there| there.id))
}

impl Run<'_> {
    pub(super) async fn identity(&mut self, records: Vec<IdentityRecord>) -> Result<()> {
        for record in records {
            let kind = record.kind;
            let outcome = self.entity(record).await?;
            self.report.of(IdentityRecord::list(kind)).count(outcome);
        }
        Ok(())
    }

    async fn entity(&mut self, record: IdentityRecord) -> Result<Outcome> {
        let id = id(&mut self.db, &record).await?;
        let IdentityRecord { place, kind, fields } = record;
        let there = stored::entity(&mut self.db, kind, &id).await?;
        let password = self.keys.of_users.get(&id).cloned().or(fields.password_hash);
        let said =
            Entity { enabled: fields.enabled, password, attributes: fields.attributes, ..Entity::new(kind, &id, fields.name) };
        let becomes = |there: &Entity| Entity { password: said.password.clone().or(there.password.clone()), ..said.clone() };
        let outcome = match there {
            None => self.change(&place, Change::Make(said)).await.map(|()| Outcome::Created)?,
            Some(there) if there == becomes(&there) => Outcome::Unchanged,
            Some(there) => {
                let Entity { name, enabled, password, mut attributes, .. } = said;
                // those that it does not have any more go
                for key in there.attributes.keys() {
                    attributes.entry(key.clone()).or_insert_with(Default::default);
                }
                let with = Fields { name: Some(name), enabled: Some(enabled), password, attributes };
                self.change(&place, Change::Update { kind, id: id.clone(), with }).await.map(|()| Outcome::Updated)?
            }
        };
        let mut has_more = false;
        // a document may give those that are always there, before any start has made them
        if fields.roles.values().any(|roles| !roles.is_empty()) {
            bootstrap::make_roles(&mut self.db).await?;
        }
        for (project, roles) in &fields.roles {
            has_more |= self.grants(&place, &id, project, roles).await?;
        }
        for key in fields.access_keys {
            has_more |= self.access_key(&place, &id, key).await?;
        }
        for credential in fields.application_credentials {
            let credential = Credential { user_id: id.clone(), ..credential.0 };
            let there = stored::credential(&mut self.db, CredentialKind::Application, &credential.id).await?;
            has_more |= self.keep(&place, there, credential).await?;
        }
        Ok(if has_more && outcome == Outcome::Unchanged { Outcome::Updated } else { outcome })
    }

    /// Gives a user these roles on a project, and no others; whether that changed anything.
    async fn grants(&mut self, place: &Place, user: &str, project: &str, roles: &[String]) -> Result<bool> {
        let field = format!("roles.{project}");
        let project_id = self.named(place, &field, EntityKind::Project, project).await?;
        let mut wanted = Vec::new();
        for role in roles {
            wanted.push(self.named(place, &field, EntityKind::Role, role).await?);
        }
        let there = stored::all(&mut self.db, &GRANTS, &[("user_id", Some(user)), ("project_id", Some(&*project_id))]).await?;
        let mut has_changed = false;
        for role_id in wanted.iter().filter(|role| there.iter().all(|grant| grant.role_id != **role)) {
            let grant = Grant { project_id: project_id.clone(), user_id: user.to_owned(), role_id: role_id.clone() };
            self.change(place, Change::Grant(grant)).await?;
            has_changed = true;
        }
        for grant in there.into_iter().filter(|grant| !wanted.contains(&grant.role_id)) {
            self.change(place, Change::Take(grant)).await?;
            has_changed = true;
        }
        Ok(has_changed)
    }

    /// The id of what is called so, by its id or its name.
    async fn named(&mut self, place: &Place, field: &str, kind: EntityKind, called: &str) -> Result<String> {
        let found = stored::called(&mut self.db, kind, called).await?;
        let missing =
            || place.field_fault(field, format!("{} {called} is neither in this document nor in the database", kind.as_str()));
        Ok(found.ok_or_else(missing)?.id)
    }

    async fn access_key(&mut self, place: &Place, user: &str, key: AccessKeyFields) -> Result<bool> {
        let AccessKeyFields { access, secret, sealed_secret, project_id, created_at, attributes } = key;
        let there = stored::credential(&mut self.db, CredentialKind::AccessKey, &access).await?;
        let is_its = |there: &&Credential| secret.as_ref().is_some_and(|secret| self.opens(there, secret));
        // sealed anew it would differ each time
        let opened = there.as_ref().filter(is_its);
        let secret = match (opened, secret) {
            (Some(there), _) => there.secret.clone(),
            (None, Some(secret)) => credentials::sealed(self.service, &access, &secret)
                .map_err(|problem| place.field_fault("access_keys", problem))?,
            (None, None) => sealed_secret.unwrap_or_default(),
        };
        let new = Credential::new(CredentialKind::AccessKey, access, user.to_owned(), self.now);
        let key = Credential { project_id, secret, attributes, ..new };
        let made = |at: Time| Credential { created_at: created_at.unwrap_or(at), ..key.clone() };
        let same = there.as_ref().map(|there| made(there.created_at)).filter(|same| there.as_ref() == Some(same));
        self.keep(place, there, same.unwrap_or_else(|| made(self.now))).await
    }

    fn opens(&self, stored: &Credential, secret: &SecretString) -> bool {
        let seal = self.service.identity.seal(&*self.service.random).ok();
        let opened = seal.and_then(|seal| seal.open(&stored.secret, &stored.id));
        opened.is_some_and(|opened| opened.expose_secret() == secret.expose_secret())
    }

    /// Makes a credential what it is to be; whether that changed anything.
    async fn keep(&mut self, place: &Place, there: Option<Credential>, credential: Credential) -> Result<bool> {
        if there.as_ref() == Some(&credential) {
            return Ok(false);
        }
        if let Some(there) = there {
            let taken = || place.fault(format!("credential {} is another user's", there.id));
            ensure!(there.user_id == credential.user_id, taken().into());
            self.change(place, Change::Drop { kind: there.kind, user_id: there.user_id, id: there.id }).await?;
        }
        self.change(place, Change::Keep(credential)).await.map(|()| true)
    }

    async fn change(&mut self, place: &Place, change: Change) -> Result<()> {
        change.run(&mut self.db).await.map(drop).map_err(|error| match error {
            Error::Store(error) => error.into(),
            error => place.fault(error.to_string()).into(),
        })
    }
}
