//! Which projects see a private type, for admins.

use super::{OfProject, asked_for, changed};
use crate::http::resources::catalog::CATALOG;
use crate::http::resources::prelude::*;
use crate::service::volume_types::Change;

view! {
    /// A project that sees a private type.
    #[schema(as = VolumeTypeAccess)]
    View<'a>,
    /// Of any of them.
    of(id: Id, project: &'a ProjectId) {
        volume_type_id: Id = id,
        project_id: &'a ProjectId = project,
    };
}

/// What an action comes to, and what the policy calls it.
type Asked = (&'static Action, Change);

/// What can be done to types.
pub enum OnTypes {}

impl Actions for OnTypes {
    type Asked = Asked;
    const TABLE: &'static [Row<Asked>] = &[
        row!("addProjectAccess" OfProject => |OfProject { project }, _| Ok((&policy::TYPES_ACCESS_ADD, Change::Open(project)))),
        row!("removeProjectAccess" OfProject => |OfProject { project }, _| Ok((&policy::TYPES_ACCESS_REMOVE, Change::Close(project)))),
    ];
}

operations! { CATALOG;
    /// 404 for a public type, which every project sees.
    LIST: "List the projects that see a private type", |call| list(call) => 200 Rows("volume_type_access", part::<View>()),
        description: "For admins only.", refuses: &[Kind::NotFound];

    /// An action of the table; 400 for a public type.
    ACT: "Have a project see a private type, or not any more", |call, body: Acted<OnTypes>| act(call, body) => 202 Nothing,
        description: "The body's one key names what is done. For admins only.",
        refuses: &[Kind::NotFound, Kind::Refused, Kind::Conflict];
}

async fn list(call: Call) -> Result<Answer> {
    let the = asked_for(&call, &policy::TYPES_ACCESS_LIST).await?;
    if the.is_public {
        let words = "Access list not available for public volume types. Every project sees this one.";
        return Err(Problem::new(Kind::NotFound, words));
    }
    let rows: Vec<_> = the.projects.iter().map(|project| View::of(the.id, project)).collect();
    Ok(Answer::rows(&call, "volume_type_access", &rows))
}

async fn act(mut call: Call, Acted((action, change), status): Acted<OnTypes>) -> Result<Answer> {
    changed(&mut call, action, change).await?;
    Ok(Answer::empty(status))
}
