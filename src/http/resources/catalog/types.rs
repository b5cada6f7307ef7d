//! Volume types: public all of them, without extra specs.

use super::CATALOG;
use crate::domain::catalog::VolumeType;
use crate::http::request::query::truth;
use crate::http::resources::prelude::*;
use crate::service::catalog;
use crate::service::policy::Action;

view! {
    /// A volume type.
    #[schema(as = VolumeType)]
    View<'a>,
    /// Of any type.
    of(volume_type: &'a VolumeType) {
        id: Id = volume_type.id,
        name: &'a str = &volume_type.name,
        is_public: bool = true,
        description: Option<&'a str> = None,
        #[schema(value_type = Texts)]
        extra_specs: Map<String, Value> = Map::new(),
        qos_specs_id: Option<Id> = None,
        /// Said twice: this is what clients read who know of access lists.
        access_is_public as "os-volume-type-access:is_public": bool = true,
    }, keys &[FieldRule::for_admins("qos_specs_id")];
}

/// What types can be sorted by.
const SORT_KEYS: &[SortKey] = &[SortKey::Id, SortKey::Name, SortKey::CreatedAt];

/// What a list of them can be narrowed to.
const FILTERS: &[Parameter] = &[
    text("name"),
    own("is_public", "From an admin: true, false, or none for both. There are no private ones.", "true"),
    own("extra_specs", "A dictionary of extra specs. No type has any.", "{}").since(52),
];

operations! { CATALOG;
    /// A page of the types that the settings name.
    LIST: "List volume types", |call| list(call) => 200 Paged(&TYPES);

    /// One type; 404 where there is none of this id.
    SHOW: "Show a volume type", |call| show(call) => 200 One("volume_type", part::<View>()), refuses: &[Kind::NotFound];

    /// The type of a volume that names none.
    DEFAULT: "Show the type of a volume that names none", |call| default(call) => 200 One("volume_type", part::<View>()),
        refuses: &[Kind::NotFound];

    /// No type has any: an empty object, for a type that there is.
    EXTRA_SPECS: "List a type's extra specs", |call| extra_specs(call) => 200 One("extra_specs", part::<Texts>()),
        description: "There are none.", refuses: &[Kind::NotFound];

    /// For admins: how volumes of the type are encrypted, which is not at all.
    ENCRYPTION: "Show how volumes of a type are encrypted", |call| encryption(call) => 200 Object,
        description: "Not at all: an empty object. For admins only.", refuses: &[Kind::NotFound];
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let query = call.query()?;
    let is_impossible = asks_for_private(&call, &query)? || asks_for_extra_specs(&call, &query);
    let filters = Filters::of(&query).table(&call, FILTERS)?.nothing_if(is_impossible);
    let page = TYPES.narrowed(&call, &query, filters)?;
    let page = TYPES.look(&call, catalog::types(call.cx(), &page)).await?;
    Ok(Answer::page(&call, &TYPES, &page, None, View::of))
}

static TYPES: Listing = Listing {
    links: Some("volume_type_links"),
    default: |_| Order::new([(SortKey::Name, Direction::Ascending)]).expect("one key is not too many"),
    ..listing("volume_types", part::<View>(), RecordKind::VolumeType, SORT_KEYS, &[FILTERS])
};

async fn show(call: Call) -> Result<Answer, Problem> {
    let volume_type = asked_for(&call, &policy::TYPES_GET).await?;
    Ok(Answer::one(&call, 200, "volume_type", &View::of(&volume_type)))
}

async fn default(call: Call) -> Result<Answer, Problem> {
    let volume_type = looked_up(&call, &policy::TYPES_GET, None).await?;
    Ok(Answer::one(&call, 200, "volume_type", &View::of(&volume_type)))
}

async fn extra_specs(call: Call) -> Result<Answer, Problem> {
    asked_for(&call, &policy::TYPES_EXTRA_SPECS).await?;
    Ok(Answer::json(200, &json!({"extra_specs": {}})))
}

async fn encryption(call: Call) -> Result<Answer, Problem> {
    asked_for(&call, &policy::TYPES_ENCRYPTION).await?;
    Ok(Answer::json(200, &json!({})))
}

/// The type that the path names.
async fn asked_for(call: &Call, action: &'static Action) -> Result<VolumeType, Problem> {
    let id = call.id(RecordKind::VolumeType)?;
    looked_up(call, action, Some(id)).await
}

async fn looked_up(call: &Call, action: &'static Action, id: Option<Id>) -> Result<VolumeType, Problem> {
    let missing = || Problem::new(Kind::NotFound, "Default volume type can not be found. Name one in the settings.");
    call.look(catalog::volume_type(call.cx(), action, id)).await?.ok_or_else(missing)
}

/// Of an admin's `is_public`: true, false, or none for both; there are no private ones. From anyone else it is ignored.
fn asks_for_private(call: &Call, query: &Query) -> Result<bool, Problem> {
    let asked =
        query.get("is_public").filter(|text| call.cx().sees_every_project() && !text.trim().eq_ignore_ascii_case("none"));
    let Some(text) = asked else { return Ok(false) };
    truth(text)
        .map(|is_public| !is_public)
        .ok_or_else(|| problem!(Url, "Invalid is_public filter [{}]. Give true, false, or none for both.", shown(text)))
}

/// From 3.52 types are asked for by extra specs too, of which ours have none.
fn asks_for_extra_specs(call: &Call, query: &Query) -> bool {
    call.is_from(52) && query.get("extra_specs").is_some_and(|specs| specs.trim() != "{}")
}
