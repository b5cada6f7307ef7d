//! What there is of the identity, for those who may see it: each reads, once the policy or that it is the caller's own allows it.

use super::credentials::token_hash;
use crate::domain::identity::effective;
use crate::service::prelude::*;
use crate::store::identity::{self as stored, CREDENTIALS, GRANTS, Wanted};

/// What the policy calls it to see all of a kind, and one of it.
const fn seeing(kind: EntityKind) -> [&'static Action; 2] {
    match kind {
        EntityKind::User => [&policy::IDENTITY_LIST_USERS, &policy::IDENTITY_GET_USER],
        EntityKind::Project => [&policy::IDENTITY_LIST_PROJECTS, &policy::IDENTITY_GET_PROJECT],
        EntityKind::Role => [&policy::IDENTITY_LIST_ROLES, &policy::IDENTITY_GET_ROLE],
    }
}

/// Whether the caller may: by its roles, or because it is this user's own.
pub fn permit(cx: &Context, action: &'static Action, own: Option<&str>) -> Result<()> {
    if cx.believes() || own == Some(&cx.caller.user) { Ok(()) } else { policy::permit(cx, action, None) }
}

/// The entities of a kind, by their names; of this name alone, where one is asked for. In no-auth mode what is asked for is there.
pub async fn entities(cx: &Context, kind: EntityKind, name: Option<&str>) -> Result<Vec<Entity>> {
    permit(cx, seeing(kind)[0], None)?;
    there(cx, kind, name).await
}

/// The same, of a caller who is known to be allowed.
async fn there(cx: &Context, kind: EntityKind, name: Option<&str>) -> Result<Vec<Entity>> {
    if cx.believes() {
        return Ok(match (kind, name) {
            (_, Some(name)) => vec![Entity::believed(kind, name)],
            (EntityKind::Role, None) => Roles::FIRST.iter().map(|role| Entity::believed(kind, role)).collect(),
            (_, None) => Vec::new(),
        });
    }
    Ok(stored::entities(&mut cx.reader().await?, kind, name).await?)
}

/// An entity by its id; one's own user and project are for everybody.
pub async fn entity(cx: &Context, kind: EntityKind, id: &str) -> Result<Entity> {
    let own = [(EntityKind::User, &*cx.caller.user), (EntityKind::Project, cx.caller.project.as_str())];
    permit(cx, seeing(kind)[1], own.contains(&(kind, id)).then_some(&cx.caller.user))?;
    if cx.believes() {
        return Ok(Entity::believed(kind, id));
    }
    stored::entity(&mut cx.reader().await?, kind, id).await?.ok_or_else(|| Error::NotKnown(kind.as_str(), id.to_owned()))
}

/// The projects that a user has a role on.
pub async fn projects_of(cx: &Context, user: &str) -> Result<Vec<Entity>> {
    permit(cx, &policy::IDENTITY_USER_PROJECTS, Some(user))?;
    if cx.believes() {
        let own = cx.caller.project.some().map(|own| Entity::believed(EntityKind::Project, own.as_str()));
        return Ok(own.into_iter().collect());
    }
    let mut db = cx.reader().await?;
    let grants = stored::all(&mut db, &GRANTS, &[("user_id", Some(user))]).await?;
    let mut projects = stored::entities(&mut db, EntityKind::Project, None).await?;
    projects.retain(|project| project.enabled && grants.iter().any(|grant| grant.project_id == project.id));
    Ok(projects)
}

/// Who has which role where, as far as it is asked for. In no-auth mode whatever is asked for in full is so.
pub async fn grants(cx: &Context, action: &'static Action, wanted: Wanted<'_>) -> Result<Vec<Grant>> {
    permit(cx, action, None)?;
    if cx.believes() {
        let of = |column| wanted.iter().find(|(name, _)| *name == column).and_then(|(_, value)| *value);
        let (Some(project), Some(user)) = (of("project_id"), of("user_id")) else { return Ok(Vec::new()) };
        let [project_id, user_id, role_id] = [project, user, of("role_id").unwrap_or("member")].map(str::to_owned);
        return Ok(vec![Grant { project_id, user_id, role_id }]);
    }
    Ok(stored::all(&mut cx.reader().await?, &GRANTS, wanted).await?)
}

/// A user's credentials of a kind.
pub async fn credentials(cx: &Context, kind: CredentialKind, user: &str) -> Result<Vec<Credential>> {
    permit(cx, about(kind).0, Some(user))?;
    if cx.believes() {
        return Ok(Vec::new());
    }
    Ok(stored::all(&mut cx.reader().await?, &CREDENTIALS, &[("user_id", Some(user)), ("kind", Some(kind.as_str()))]).await?)
}

/// What the policy calls it to see credentials of a kind, and what messages call one.
const fn about(kind: CredentialKind) -> (&'static Action, &'static str) {
    match kind {
        CredentialKind::Application => (&policy::IDENTITY_LIST_CREDENTIALS, "Application Credential"),
        CredentialKind::AccessKey => (&policy::IDENTITY_LIST_KEYS, "access key"),
    }
}

/// A credential by its id: a user's own, or for whoever may see all. Where `of` says whose it is, it is nobody else's.
pub async fn credential(cx: &Context, kind: CredentialKind, of: Option<&str>, id: &str) -> Result<Credential> {
    if cx.believes() {
        let name = (kind == CredentialKind::Application).then(|| id.to_owned());
        let project_id = cx.caller.project.some().map(ToString::to_string);
        let user = of.unwrap_or(&cx.caller.user).to_owned();
        return Ok(Credential { name, project_id, ..Credential::new(kind, id.to_owned(), user, cx.now()) });
    }
    let found = stored::credential(&mut cx.reader().await?, kind, id).await?;
    let found = found.filter(|found| of.is_none_or(|of| of == found.user_id));
    let owner = of.or(found.as_ref().map(|found| found.user_id.as_str()));
    permit(cx, about(kind).0, owner)?;
    found.ok_or_else(|| unknown_credential(kind, id))
}

pub(super) fn unknown_credential(kind: CredentialKind, id: &str) -> Error {
    Error::NotKnown(about(kind).1, id.to_owned())
}

/// A token is not repeated: it may be a good one with a slip.
pub(super) fn unknown_token() -> Error {
    Error::NotKnown("token", "it is unknown, revoked or over".to_owned())
}

/// What a token stands for: one of the caller's own, or for whoever may do this with any.
pub async fn token(cx: &Context, action: &'static Action, token: &SecretString) -> Result<SignedIn> {
    if cx.believes() {
        return Believed::said(token.expose_secret()).map(|believed| cx.believe(&believed)).ok_or_else(unknown_token);
    }
    let signed = stored::by_token(&mut cx.reader().await?, &token_hash(token), cx.now()).await?;
    permit(cx, action, signed.as_ref().map(|signed| signed.user.id.as_str()))?;
    signed.ok_or_else(unknown_token)
}

/// Every role, for whoever shows a caller's records to call roles by their names.
pub async fn roles(cx: &Context) -> Result<Vec<Entity>> {
    there(cx, EntityKind::Role, None).await
}

/// Who there is, for grants to be called by their names.
pub struct Everybody {
    /// Whoever is asked for.
    is_believed: bool,
    users: Vec<Entity>,
    projects: Vec<Entity>,
    roles: Vec<Entity>,
}

impl Everybody {
    /// As they are now.
    pub async fn of(cx: &Context) -> Result<Self> {
        let all = |kind| there(cx, kind, None);
        let (users, projects) = (all(EntityKind::User).await?, all(EntityKind::Project).await?);
        Ok(Self { is_believed: cx.believes(), users, projects, roles: roles(cx).await? })
    }

    /// The names of the user, the project and the role of a grant.
    pub fn names<'n>(&'n self, grant: &'n Grant) -> Option<[&'n str; 3]> {
        let name = |of: &'n [Entity], id: &'n str| {
            let found = of.iter().find(|entity| entity.id == id).map(|entity| entity.name.as_str());
            found.or(self.is_believed.then_some(id))
        };
        Some([name(&self.users, &grant.user_id)?, name(&self.projects, &grant.project_id)?, name(&self.roles, &grant.role_id)?])
    }

    /// Those, and what they imply, each once.
    pub fn effective(&self, grants: &[Grant]) -> Vec<Grant> {
        let implied = grants.iter().flat_map(|grant| {
            let roles = effective(&self.roles, &[&grant.role_id]).into_iter();
            roles.map(|role| Grant { role_id: role.id.clone(), ..grant.clone() })
        });
        implied.collect::<BTreeSet<_>>().into_iter().collect()
    }
}
