//! The no-auth way, as Cinder has it: `X-Auth-Token: user:project` is believed as it stands; user `admin` is an admin.
//! A token without a colon, or none, is user `noauth` of the path's project. What sign-in gives out for names that fit no header
//! is taken too.

use crate::domain::identity::{Believed, id_of};
use crate::identity::prelude::*;

const ANYONE: &str = "noauth";
/// As long as a stored user id may be.
const MAX_USER: usize = 255;

/// Who this token says the caller is; refused where it is no such token.
pub fn identify(token: Option<&[u8]>, path_project: Option<&ProjectId>) -> Result<Caller, Unidentified> {
    let malformed = Unidentified::Refused(
        "X-Auth-Token must be user:project in UTF-8, the user 1 to 255 bytes, the project a project id".to_owned(),
    );
    let token = token.unwrap_or_default();
    let token = std::str::from_utf8(token).map_err(|_| malformed.clone())?;
    if let Some(Believed { user, project }) = Believed::encoded(token) {
        let project = project.as_deref().and_then(|project| ProjectId::parse(&id_of(project))).unwrap_or_default();
        return Ok(Caller { roles: roles(&user), user: id_of(&user), project });
    }
    let of_path = path_project.cloned().unwrap_or_default();
    let Some((user, project)) = token.split_once(':') else {
        return Ok(Caller { user: ANYONE.to_owned(), project: of_path, roles: Roles::of(Roles::MEMBER) });
    };
    ensure!((1..=MAX_USER).contains(&user.len()) && !user.contains('\0'), malformed);
    let project = match project {
        "" => of_path,
        project => ProjectId::parse(project).ok_or(malformed)?,
    };
    Ok(Caller { user: user.to_owned(), project, roles: roles(user) })
}

/// What a user of this name may be.
fn roles(user: &str) -> Roles {
    Roles::of(if user == Roles::ADMIN { user } else { Roles::MEMBER })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identified(token: Option<&str>) -> Result<(String, Option<String>, bool), Unidentified> {
        identify(token.map(str::as_bytes), ProjectId::parse("path").as_ref())
            .map(|who| (who.user, who.project.some().map(ToString::to_string), who.roles == Roles::of(Roles::ADMIN)))
    }

    #[test]
    fn a_token_is_believed_as_it_stands() {
        let who = |user: &str, project: &str, is_admin| Ok((user.to_owned(), Some(project.to_owned()), is_admin));
        assert_eq!(identified(Some("alice:alpha")), who("alice", "alpha", false));
        assert_eq!(identified(Some("admin:alpha")), who("admin", "alpha", true));
        assert_eq!(identified(Some("alice:")), who("alice", "path", false));
        assert_eq!(identified(Some("notused")), who("noauth", "path", false));
        assert_eq!(identified(None), who("noauth", "path", false));
        assert!(identified(Some("alice:no project")).is_err());
        assert!(identified(Some(":alpha")).is_err());
        assert!(identified(Some("a:b:c")).is_err());
    }
}
