//! Who is calling: what every way of identification comes down to.

use std::borrow::Cow;

use super::ProjectId;

str_enum! {
    /// Whose word it is that a caller is who it says.
    pub enum AuthMode {
        /// The caller's own.
        None = "none",
        /// The built-in identity's.
        BuiltIn = "builtin",
        /// A Keystone's.
        Keystone = "keystone",
    }
}

impl AuthMode {
    /// Who may call, in words.
    pub const fn callers(self) -> &'static str {
        match self {
            Self::None => "callers are whoever they say they are",
            Self::BuiltIn => "callers sign in at /identity/v3",
            Self::Keystone => "callers sign in at Keystone",
        }
    }
}

/// A caller whose identity is settled. Made by `identity`, trusted afterwards. What a caller may do, the policy alone says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user: String,
    pub project: ProjectId,
    pub roles: Roles,
}

/// The roles of a caller on its project, each with those that it implies.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roles(Vec<Cow<'static, str>>);

impl Roles {
    /// Looks.
    pub const READER: &'static str = "reader";
    /// Sees to a project.
    pub const MANAGER: &'static str = "manager";
    /// Looks and changes.
    pub const MEMBER: &'static str = "member";
    /// May do everything, to every project's records.
    pub const ADMIN: &'static str = "admin";

    /// Whether this role is among them.
    pub fn has(&self, role: &str) -> bool {
        self.0.iter().any(|had| had == role)
    }

    /// The roles that there are from the beginning, each of which implies those behind it. Source: Keystone's bootstrap.
    pub const FIRST: &'static [&'static str] = &[Self::ADMIN, Self::MANAGER, Self::MEMBER, Self::READER];

    /// A role that there is from the beginning, and those that it implies; none of any other.
    pub fn implied(role: &str) -> &'static [&'static str] {
        let at = Self::FIRST.iter().position(|first| *first == role);
        at.map_or(&[], |at| &Self::FIRST[at..])
    }

    /// A member, and what that implies.
    pub fn member() -> Self {
        Self::implied(Self::MEMBER).iter().copied().collect()
    }

    /// An admin, and what that implies.
    pub fn admin() -> Self {
        Self::implied(Self::ADMIN).iter().copied().collect()
    }
}

impl<R: Into<Cow<'static, str>>> FromIterator<R> for Roles {
    fn from_iter<I: IntoIterator<Item = R>>(roles: I) -> Self {
        Self(roles.into_iter().map(Into::into).collect())
    }
}
