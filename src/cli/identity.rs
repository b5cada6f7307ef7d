//! `handover user`, `handover project`, `handover role` and `handover access-key`: the built-in identity, from where the database
//! is. What is called by a name may be called by its id too.

use std::fs;
use std::io::{self, stdin};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{App, Result, failed, say};
use crate::domain::identity::{Credential, CredentialKind, Entity, EntityKind, Grant, id_of};
use crate::domain::{AuthMode, ProjectId, Roles};
use crate::secrets::sealing::hex;
use crate::secrets::{Turn, random};
use crate::service::Service;
use crate::service::identity::{Change, Fields, bootstrap, credentials};
use crate::store::Repeatable;
use crate::store::identity::{self as stored, CREDENTIALS, GRANTS};

/// What `handover user` does.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Make a user. Without --password-file a password is drawn, and printed this once
    Create {
        name: String,
        /// A file that holds the password; `-` is standard input
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Give the user the role `member` on this project
        #[arg(long, value_name = "PROJECT")]
        project: Option<String>,
    },
    /// Print every user, a line of JSON each
    List,
    /// Change a user, and end its tokens
    Set {
        user: String,
        /// A file that holds a new password; `-` is standard input
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        /// Whether the user may sign in
        #[arg(long, value_name = "BOOLEAN")]
        enabled: Option<bool>,
    },
    /// Delete a user with its roles, credentials and tokens
    Delete { user: String },
}

/// What `handover project` does.
#[derive(Debug, Subcommand)]
pub enum Project {
    /// Make a project
    Create {
        name: String,
        /// Its id, such as the one that volumes of a seed have; drawn where it is not given
        #[arg(long)]
        id: Option<String>,
    },
    /// Print every project, a line of JSON each
    List,
    /// Change a project
    Set {
        project: String,
        /// Whether anybody may sign in to it
        #[arg(long, value_name = "BOOLEAN")]
        enabled: Option<bool>,
    },
    /// Delete a project with all roles on it; its volumes stay
    Delete { project: String },
}

/// What `handover role` does.
#[derive(Debug, Subcommand)]
pub enum Role {
    /// Make a role
    Create { name: String },
    /// Print every role, a line of JSON each
    List,
    /// Delete a role, and take it from everybody
    Delete { role: String },
    /// Give a user a role on a project
    Add { user: String, project: String, role: String },
    /// Take a role from a user on a project, and end the tokens that it was in
    Remove { user: String, project: String, role: String },
}

/// What `handover access-key` does.
#[derive(Debug, Subcommand)]
pub enum AccessKey {
    /// Make an access key of a user's for a project, and print it with its secret this once. With `--auth keystone` both are ids of
    /// Keystone's, and the roles are those of --role
    Create {
        user: String,
        project: String,
        /// With `--auth keystone`: what the user may do by it
        #[arg(long, value_name = "ROLE", default_value = Roles::MEMBER)]
        role: String,
    },
    /// Print a user's access keys, a line of JSON each
    List { user: String },
    /// Delete an access key
    Delete { access: String },
}

/// One of these commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// See to the users of the built-in identity
    #[command(subcommand)]
    User(User),
    /// See to its projects
    #[command(subcommand)]
    Project(Project),
    /// See to its roles, and to who has which
    #[command(subcommand)]
    Role(Role),
    /// See to the keys that requests are signed with
    #[command(subcommand)]
    AccessKey(AccessKey),
}

/// Runs a command.
pub async fn run(command: &Command, App { store, service }: &App) -> Result {
    store.require_newest().await?;
    let desk = Desk(service);
    match command {
        Command::User(User::Create { name, password_file, project }) => {
            let password = match password_file {
                Some(file) => secret(file)?,
                None => hex(random::bytes::<16>(&*service.random)).into(),
            };
            let mut line = desk.create(EntityKind::User, name, None, Some(desk.hash(&password).await?)).await?;
            if let Some(project) = project {
                desk.role(Change::Grant, name, project, Roles::MEMBER).await?;
            }
            if password_file.is_none() {
                line["password"] = password.expose_secret().into();
            }
            say(line)
        }
        Command::User(User::List) => desk.list(EntityKind::User).await,
        Command::User(User::Set { user, password_file, enabled }) => {
            let password = if let Some(file) = password_file { Some(desk.hash(&secret(file)?).await?) } else { None };
            desk.set(EntityKind::User, user, Fields { enabled: *enabled, password, ..Fields::default() }).await
        }
        Command::User(User::Delete { user }) => desk.delete(EntityKind::User, user).await,
        Command::Project(Project::Create { name, id }) => {
            say(desk.create(EntityKind::Project, name, id.as_deref(), None).await?)
        }
        Command::Project(Project::List) => desk.list(EntityKind::Project).await,
        Command::Project(Project::Set { project, enabled }) => {
            desk.set(EntityKind::Project, project, Fields { enabled: *enabled, ..Fields::default() }).await
        }
        Command::Project(Project::Delete { project }) => desk.delete(EntityKind::Project, project).await,
        Command::Role(Role::Create { name }) => say(desk.create(EntityKind::Role, name, None, None).await?),
        Command::Role(Role::List) => desk.list(EntityKind::Role).await,
        Command::Role(Role::Delete { role }) => desk.delete(EntityKind::Role, role).await,
        Command::Role(Role::Add { user, project, role }) => desk.role(Change::Grant, user, project, role).await,
        Command::Role(Role::Remove { user, project, role }) => desk.role(Change::Take, user, project, role).await,
        Command::AccessKey(AccessKey::Create { user, project, role }) => {
            if service.identity.mode == AuthMode::Keystone {
                // what Keystone calls a user and a project is noted, so that a key may name them
                for (kind, id) in [(EntityKind::User, user), (EntityKind::Project, project)] {
                    if stored::called(&mut store.reader().await?, kind, id).await?.is_none() {
                        desk.create(kind, id, Some(id), None).await?;
                    }
                }
                desk.role(Change::Grant, user, project, role).await?;
            }
            let user = desk.find(EntityKind::User, user).await?;
            let project_id = desk.find(EntityKind::Project, project).await?.id;
            let (mut key, secret) = credentials::new_key(service, user.id, Some(project_id.clone()));
            key.secret = credentials::sealed(service, &key.id, &secret).map_err(failed)?;
            let secret = secret.expose_secret();
            let line = json!({"access": key.id, "secret": secret, "user_id": key.user_id, "project_id": project_id});
            desk.make(Change::Keep(key)).await?;
            say(line)
        }
        Command::AccessKey(AccessKey::List { user }) => {
            let user = desk.find(EntityKind::User, user).await?;
            let asked = [("user_id", Some(&*user.id)), ("kind", Some(CredentialKind::AccessKey.as_str()))];
            let keys = stored::all(&mut store.reader().await?, &CREDENTIALS, &asked).await?;
            let line = |key: &Credential| json!({"access": key.id, "project_id": key.project_id, "created_at": key.created_at});
            keys.iter().map(line).try_for_each(say)
        }
        Command::AccessKey(AccessKey::Delete { access }) => {
            let kind = CredentialKind::AccessKey;
            let found = stored::credential(&mut store.reader().await?, kind, access).await?;
            let Credential { user_id, id, .. } = found.ok_or_else(|| failed(format!("there is no access key {access}")))?;
            desk.make(Change::Drop { kind, user_id, id }).await
        }
    }
}

/// Where the identity is seen to.
struct Desk<'a>(&'a Service);

impl Desk<'_> {
    async fn find(&self, kind: EntityKind, called: &str) -> Result<Entity> {
        let missing = || failed(format!("there is no {} {called}; `handover {} list` shows all", kind.as_str(), kind.as_str()));
        stored::called(&mut self.0.store.reader().await?, kind, called).await?.ok_or_else(missing)
    }

    async fn create(&self, kind: EntityKind, name: &str, id: Option<&str>, password: Option<String>) -> Result<Value> {
        let wrong = |rule| failed(format!("the name of a {} is {rule}", kind.as_str()));
        Entity::may_be_called(kind, name).map_err(wrong)?;
        let id = match id {
            Some(id) if id_of(id) == id => id.to_owned(),
            Some(id) => return Err(failed(format!("the id {id} is not {}", ProjectId::RULE))),
            None => random::id(&*self.0.random).uuid().simple().to_string(),
        };
        self.make(Change::Make(Entity { password, ..Entity::new(kind, &id, name) })).await?;
        Ok(json!({"id": id, "name": name}))
    }

    async fn list(&self, kind: EntityKind) -> Result {
        let mut db = self.0.store.reader().await?;
        for entity in stored::entities(&mut db, kind, None).await? {
            let mut line = json!({"id": entity.id, "name": entity.name, "enabled": entity.enabled});
            if kind == EntityKind::User {
                let grants = stored::all(&mut db, &GRANTS, &[("user_id", Some(&entity.id))]).await?;
                let grant = |grant: &Grant| json!({"project_id": grant.project_id, "role_id": grant.role_id});
                line["roles"] = grants.iter().map(grant).collect();
            }
            say(line)?;
        }
        Ok(())
    }

    async fn set(&self, kind: EntityKind, called: &str, with: Fields) -> Result {
        self.make(Change::Update { kind, id: self.find(kind, called).await?.id, with }).await
    }

    async fn delete(&self, kind: EntityKind, called: &str) -> Result {
        self.make(Change::Delete(kind, self.find(kind, called).await?.id)).await
    }

    async fn role(&self, change: fn(Grant) -> Change, user: &str, project: &str, role: &str) -> Result {
        self.0.store.write(&Repeatable((), |(), db| Box::pin(bootstrap::make_roles(db)))).await?;
        let user_id = self.find(EntityKind::User, user).await?.id;
        let project_id = self.find(EntityKind::Project, project).await?.id;
        let role_id = self.find(EntityKind::Role, role).await?.id;
        self.make(change(Grant { project_id, user_id, role_id })).await
    }

    async fn hash(&self, password: &SecretString) -> Result<String> {
        self.0.identity.judge(password).map_err(failed)?;
        Ok(self.0.hash_password(password.clone(), Turn::OPERATOR).await?)
    }

    async fn make(&self, change: Change) -> Result {
        Ok(self.0.store.write(&change).await.map(drop)?)
    }
}

/// The text of a file, without the end of its line.
fn secret(file: &Path) -> Result<SecretString> {
    let read = if file == Path::new("-") { io::read_to_string(stdin()) } else { fs::read_to_string(file) };
    let text = read.map_err(|error| failed(format!("the password file {} cannot be read: {error}", file.display())))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned().into())
}
