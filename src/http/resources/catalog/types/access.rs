//! Which projects see a private type, for admins.

use super::changed;
use super::request::OfProject;
use crate::domain::volume_type::Access;
use crate::http::resources::catalog::CATALOG;
use crate::http::resources::prelude::*;
use crate::service::volume_types::{self, Change};

view! {
    /// A project that sees a private type.
    #[schema(as = VolumeTypeAccess)]
    View<'a>,
    /// Of any of them.
    of(access: &'a Access) {
        volume_type_id: Id = access.volume_type_id,
        project_id: &'a ProjectId = &access.project_id,
    };
}

/// What can be done to types.
pub enum OnTypes {}

impl Actions for OnTypes {
    type Asked = Change;
    const TABLE: &'static [Row<Change>] = &[
        row!("addProjectAccess" OfProject => |OfProject { project }, _| Ok(Change::Open(project))),
        row!("removeProjectAccess" OfProject => |OfProject { project }, _| Ok(Change::Close(project))),
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

async fn list(call: Call) -> Result<Answer, Problem> {
    let all = call.look(volume_types::access(call.cx(), call.id(RecordKind::VolumeType)?)).await?;
    let rows: Vec<_> = all.iter().map(View::of).collect();
    Ok(Answer::rows(&call, "volume_type_access", &rows))
}

async fn act(mut call: Call, Acted(change, status): Acted<OnTypes>) -> Result<Answer, Problem> {
    changed(&mut call, change).await?;
    Ok(Answer::empty(status))
}
