//! The identity's version document.

use super::IDENTITY;
use super::response::base;
use crate::http::resources::discovery::MediaType;
use crate::http::resources::prelude::*;

view! {
    /// A version of the identity's API, and where it is.
    #[schema(as = IdentityVersion)]
    Version,
    /// The one that there is.
    of(call: &Call) {
        id: &'static str = "v3.14",
        status: &'static str = "stable",
        updated: &'static str = "2020-04-07T00:00:00Z",
        links: [Link; 1] = [Link { rel: "self", href: format!("{}/", base(call)) }],
        media_types as "media-types": [MediaType; 1] = [MediaType::of("identity-v3+json")],
    };
}

operations! { IDENTITY;
    /// All versions, with status 300, as Keystone has it.
    ALL: "List the identity's versions", |call| ready(Ok(all(&call))) => 300 Object;

    /// The one version.
    V3: "Show the identity's version v3", |call| ready(Ok(Answer::one(&call, 200, "version", &Version::of(&call))))
        => 200 One("version", part::<Version>());
}

fn all(call: &Call) -> Answer {
    let all = json!({"versions": {"values": [Version::of(call)]}});
    Answer::json(300, &all).with_header("Location", format!("{}/", base(call)))
}
