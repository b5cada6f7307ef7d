//! Who is believed without proof, and the token that says so: `user:project`, or a form of it that fits a header where a name
//! does not.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::ProjectId;

/// What the form begins with that holds names which fit no header.
const ENCODED: char = '=';

/// A user, and a project where one was named, by what they are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed {
    pub user: String,
    pub project: Option<String>,
}

impl Believed {
    /// The token that says so.
    pub fn token(&self) -> String {
        let project = self.project.as_deref().unwrap_or_default();
        let fits = |name: &str| name.is_empty() || ProjectId::parse(name).is_some();
        if fits(&self.user) && fits(project) {
            return format!("{}:{project}", self.user);
        }
        let encoded = |name| utf8_percent_encode(name, NON_ALPHANUMERIC);
        format!("{ENCODED}{}:{}", encoded(&self.user), encoded(project))
    }

    /// What a token says, in either of its forms.
    pub fn said(token: &str) -> Option<Self> {
        let plain = || {
            let (user, project) = token.split_once(':')?;
            Some(Self { user: user.to_owned(), project: Some(project.to_owned()).filter(|project| !project.is_empty()) })
        };
        Self::encoded(token).or_else(plain)
    }

    /// What a token of that form says; `None` of any other, which is `user:project` as it stands.
    pub fn encoded(token: &str) -> Option<Self> {
        let (user, project) = token.strip_prefix(ENCODED)?.split_once(':')?;
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
        Some(Self { user: decoded(user)?, project: Some(decoded(project)?).filter(|project| !project.is_empty()) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_token_fits_a_header_and_says_what_it_was_made_of(user in ".{1,40}", project in proptest::option::of(".{1,40}")) {
            let believed = Believed { user, project };
            let token = believed.token();
            prop_assert!(token.bytes().all(|byte| byte.is_ascii_graphic()), "{token}");
            prop_assert_eq!(Believed::said(&token), Some(believed.clone()));
            if token.starts_with('=') {
                prop_assert_eq!(Believed::encoded(&token), Some(believed));
            } else {
                prop_assert_eq!(token.split_once(':'), Some((&*believed.user, &*believed.project.unwrap_or_default())));
            }
        }
    }
}
