//! Who is calling, what every way of identification comes down to: a user, on a project that owns volumes and makes or takes offers.

use std::borrow::Cow;

use super::prelude::*;

/// A project's id: 1 to 64 of `A-Z a-z 0-9 - _ .`, but neither `.` nor `..`, as it stands in a path. The default is that
/// of a caller who has none: no record is its.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Display, Serialize)]
pub struct ProjectId(String);

impl ProjectId {
    /// What a project id may be, for messages.
    pub const RULE: &'static str = "1 to 64 letters, digits, `-`, `_` and `.`, but neither `.` nor `..`";

    /// The project, where there is one.
    pub fn some(&self) -> Option<&Self> {
        (!self.0.is_empty()).then_some(self)
    }

    /// Reads what was stored of a caller: no project too.
    pub fn stored(text: &str) -> Option<Self> {
        if text.is_empty() { Some(Self::default()) } else { Self::parse(text) }
    }

    /// `None` when the text breaks [`Self::RULE`].
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len()) && text != "." && text != "..";
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (fits && text.bytes().all(allowed)).then(|| Self(text.to_owned()))
    }
}

word!(ProjectId, ProjectId::RULE, ProjectId::parse);

str_enum! {
    /// A style of error bodies: EVS's, or the one that OpenStack's services share.
    pub enum Dialect {
        Evs = "evs",
        Openstack = "openstack",
        /// Keystone's: of the identity's paths, whatever the others have.
        Keystone = "keystone",
    }

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

/// A caller whose identity is settled. Made by `identity`, trusted afterwards. What a caller may do, the policy alone says. Who is about
/// to say who it is has none of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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

    /// Those of who was given one: with those that it implies.
    pub fn of(role: &str) -> Self {
        Self::implied(role).iter().copied().collect()
    }
}

impl<R: Into<Cow<'static, str>>> FromIterator<R> for Roles {
    fn from_iter<I: IntoIterator<Item = R>>(roles: I) -> Self {
        Self(roles.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_sixty_four_of_the_allowed_characters() {
        for good in ["a", "A-Z_0.9", "dddddddddddddddddddddddddddddddd", &"p".repeat(64)] {
            assert_eq!(ProjectId::parse(good).as_ref().map(ProjectId::as_str), Some(good));
        }
        for bad in ["", "a b", "a/b", "é", "a:b", "a\0", ".", "..", &"p".repeat(65)] {
            assert_eq!(ProjectId::parse(bad), None, "{bad:?}");
        }
    }
}
