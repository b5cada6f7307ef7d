//! Volume types, in Cinder's shapes: seen by everybody, private ones by those whom they are open to; made and changed by admins.

pub mod encryption;
pub mod specs;

use super::{ADMINS, CATALOG};
use crate::domain::page::{Filter, FilterValue};
use crate::http::request::body::{self, Body, Content};
use crate::http::request::fields::Positive;
use crate::http::request::query::truth;
use crate::http::resources::prelude::*;
use crate::service::page::PageRequest;
use crate::service::volume_types::{self, Change, ChangeType};

// The bodies of what changes a type. Source of their rules: Cinder's `api/schemas`.

bodies! {
    /// A type to be made.
    CreateType under "volume_type" where {
        const IGNORES_NULLS: bool = true;
    } {
        name: Text,
        description: Option<Text>,
        /// Whether every project sees it; true where it is left out.
        #[serde(rename = "os-volume-type-access:is_public")]
        is_public: Option<LooseBool>,
        extra_specs: Option<Texts>,
    };

    /// What is to be different of a type.
    UpdateType under "volume_type" where {
        const IGNORES_NULLS: bool = true;
    } {
        name: Option<Text>,
        description: Option<Text>,
        is_public: Option<LooseBool>,
    };

    /// The project whose access is to be another.
    OfProject {
        project: ProjectId,
    };
}

fn name(Text(name): Text) -> Result<String> {
    ensure!(!name.is_empty(), malformed("Volume type name can not be empty. Give 1 to 255 characters."));
    Ok(name)
}

fn specs(Texts(specs): Texts) -> Result<Map<String, Value>> {
    match specs.keys().find(|key| !VolumeType::is_spec(key)) {
        Some(key) => Err(malformed(format!("extra_specs has the key {}; give {}.", quoted(key), VolumeType::SPEC))),
        None => Ok(specs),
    }
}

/// Some extra specs; or one, which stands in the body by itself.
pub struct Specs<const IS_ONE: bool>(pub Map<String, Value>);

impl<const IS_ONE: bool> Body for Specs<IS_ONE> {
    const CONTENT: Content = if IS_ONE { Whole(part::<Texts>()) } else { One("extra_specs", part::<Texts>()) };

    fn read(call: &mut Call) -> Result<Self> {
        let (name, sent) = ("extra_specs", call.body.take());
        let sent = if IS_ONE { body::object("body", sent)? } else { body::under(sent, name, None)? };
        specs(body::fields(call, name, sent)?).map(Self)
    }
}

/// On the server that has the volumes, or where they are kept.
fn control_location<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let given = Value::deserialize(from)?;
    let known = given.as_str().filter(|word| ["front-end", "back-end"].contains(word)).map(str::to_owned);
    known.map(Some).ok_or_else(|| D::Error::custom("must be one of front-end, back-end."))
}

/// What is said of how volumes of a type are to be encrypted; a new encryption has provider and control_location.
#[derive(Deserialize, ToSchema)]
#[allow(dead_code)] // what was sent is taken once it is known to be this
pub struct SetEncryption {
    /// What encrypts, such as luks.
    provider: Option<Text>,
    /// `front-end` or `back-end`.
    #[serde(default, deserialize_with = "control_location")]
    #[schema(value_type = Option<String>, pattern = "^(front|back)-end$", examples("front-end"))]
    control_location: Option<String>,
    cipher: Option<Text>,
    /// Bits.
    key_size: Option<Positive>,
}

impl Versioned for SetEncryption {
    const IGNORES_NULLS: bool = true;
}

/// The fields of an encryption.
pub struct Encrypted(pub Map<String, Value>);

impl Body for Encrypted {
    const CONTENT: Content = One("encryption", part::<SetEncryption>());

    fn read(call: &mut Call) -> Result<Self> {
        let mut sent = body::under(call.body.take(), "encryption", None)?;
        sent.retain(|_, value| !value.is_null());
        let read: SetEncryption = body::fields(call, "encryption", sent.clone())?;
        if let Some(Positive(bits)) = read.key_size {
            sent.insert("key_size".to_owned(), json!(bits)); // digits are taken too
        }
        Ok(Self(sent))
    }
}

view! {
    /// A volume type.
    #[schema(as = VolumeType)]
    View<'a> of(call: &Call, volume_type: &'a VolumeType) {
        id: Id = volume_type.id,
        name: &'a str = &volume_type.name,
        is_public: bool = volume_type.is_public,
        description: Option<&'a str> = volume_type.description.as_deref(),
        /// All of them to an admin.
        #[schema(value_type = Texts)]
        extra_specs: Map<String, Value> = volume_type.specs(call.cx().sees_every_project()),
        qos_specs_id: Option<Id> = None,
        /// Said twice: this is what clients read who know of access lists.
        access_is_public as "os-volume-type-access:is_public": bool = volume_type.is_public,
    }, keys &[FieldRule::of("qos_specs_id").for_admins()];

    /// A project that sees a private type.
    VolumeTypeAccess<'a> of(id: Id, project: &'a ProjectId) {
        volume_type_id: Id = id,
        project_id: &'a ProjectId = project,
    };
}

/// What types can be sorted by.
const SORT_KEYS: &[SortKey] = &[SortKey::Id, SortKey::Name, SortKey::CreatedAt];

/// What a list of them can be narrowed to.
const FILTERS: &[Parameter] = &[
    text("name"),
    own("is_public", "From an admin: true, false, or none for both.", "true"),
    dictionary("extra_specs", "Only what has all of these extra specs.").since(52),
];

/// The errors of a change of one.
const REFUSES: &[Kind] = &[Kind::NotFound, Kind::Refused, Kind::Conflict];

operations! { CATALOG;
    /// A page of the types that the caller sees.
    LIST: "List volume types", |call| list(call) => 200 Paged(&TYPES);

    /// A type, public unless the body says otherwise.
    CREATE: "Make a volume type", |call, body: CreateType| create(call, body) => 200 One("volume_type", part::<View>()),
        description: ADMINS, refuses: &[Kind::Refused, Kind::Conflict];

    /// One type; 404 where there is none of this id, or none that the caller sees.
    SHOW: "Show a volume type", |call| show(call) => 200 One("volume_type", part::<View>()), refuses: &[Kind::NotFound];

    /// The type of a volume that names none.
    DEFAULT: "Show the type of a volume that names none", |call| default(call) => 200 One("volume_type", part::<View>()),
        refuses: &[Kind::NotFound];

    /// Volumes that are of it are called after it.
    UPDATE: "Change a volume type", |call, body: UpdateType| update(call, body) => 200 One("volume_type", part::<View>()),
        description: "What is left out stays. For admins only.", refuses: REFUSES;

    /// 202, or 400 while a volume is of it.
    DELETE: "Delete a volume type", |call| done(call, &policy::TYPES_DELETE, Change::Delete) => 202 Nothing, description: ADMINS,
        refuses: &[Kind::NotFound, Kind::Refused];

    /// 404 for a public type, which every project sees.
    LIST_ACCESS: "List the projects that see a private type", |call| list_access(call) => 200 Rows("volume_type_access", part::<VolumeTypeAccess>()),
        description: ADMINS, refuses: &[Kind::NotFound];

    /// An action of the table; 400 for a public type.
    CHANGE_ACCESS: "Have a project see a private type, or not any more", |call, body: Acted<OnTypes>| change_access(call, body) => 202 Nothing,
        description: "The body's one key names what is done. For admins only.",
        refuses: &[Kind::NotFound, Kind::Refused, Kind::Conflict];
}

async fn list(call: Call) -> Result<Answer> {
    let query = call.query()?;
    let mut page = TYPES.wanted(&call, &query)?;
    narrow(&call, &query, &mut page)?;
    let page = TYPES.look(&call, volume_types::list(call.cx(), &page)).await?;
    Ok(Answer::page(&call, &TYPES, &page, None, |volume_type| View::of(&call, volume_type)))
}

static TYPES: Listing = Listing {
    links: Some("volume_type_links"),
    default: |_| Order::new([(SortKey::Name, Direction::Ascending)]).expect("one key is not too many"),
    ..listing("volume_types", part::<View>(), RecordKind::VolumeType, SORT_KEYS, &[FILTERS])
};

/// Which types are asked for: an admin says so, anyone else sees their own and no others by what they have in secret.
fn narrow(call: &Call, query: &Query, page: &mut PageRequest) -> Result<()> {
    let is_admin = call.cx().sees_every_project();
    let wrong = |text| problem!(Url, "Invalid is_public filter [{}]. Give true, false, or none for both.", shown(text));
    let is_public = match query.get("is_public").filter(|_| is_admin) {
        Some(text) if text.trim().eq_ignore_ascii_case("none") => None,
        Some(text) => Some(truth(text).ok_or_else(|| wrong(text))?),
        None => Some(true),
    };
    (page.all_projects, page.project) = (is_public != Some(true), None);
    if is_public == Some(false) {
        page.filters.push(Filter { name: "is_public", value: false.into() });
    }
    let is_secret = |key: &String| !is_admin && !VolumeType::VISIBLE.contains(&key.as_str());
    let asks = |filter: &Filter| matches!(&filter.value, FilterValue::Texts(specs) if specs.keys().any(is_secret));
    page.matches_none |= page.filters.iter().any(asks);
    Ok(())
}

async fn create(mut call: Call, body: CreateType) -> Result<Answer> {
    let change = Change::Make {
        name: name(body.name)?,
        description: first_of(body.description, None),
        is_public: body.is_public.is_none_or(|LooseBool(is_public)| is_public),
        extra_specs: specs(body.extra_specs.unwrap_or_default())?,
    };
    let (action, id) = (&policy::TYPES_CREATE, call.cx().new_id());
    let volume_type = call.perform(ChangeType { action, id, change }).await?;
    Ok(Answer::one(&call, 200, "volume_type", &View::of(&call, &volume_type)))
}

async fn show(call: Call) -> Result<Answer> {
    let volume_type = asked_for(&call, &policy::TYPES_GET).await?;
    Ok(Answer::one(&call, 200, "volume_type", &View::of(&call, &volume_type)))
}

async fn default(call: Call) -> Result<Answer> {
    let missing = || Problem::new(Kind::NotFound, "Default volume type can not be found. Name one in the settings.");
    let volume_type = call.look(volume_types::show(call.cx(), &policy::TYPES_GET, None)).await?.ok_or_else(missing)?;
    Ok(Answer::one(&call, 200, "volume_type", &View::of(&call, &volume_type)))
}

async fn update(mut call: Call, body: UpdateType) -> Result<Answer> {
    let UpdateType { name, description, is_public } = body;
    let is_something = name.is_some() || description.is_some() || is_public.is_some();
    ensure!(is_something, malformed("Specify volume type name, description, is_public or a combination thereof."));
    let (name, is_public) = (name.map(self::name).transpose()?, is_public.map(|LooseBool(is_public)| is_public));
    let change = Change::Update { name, description: first_of(description, None), is_public };
    let volume_type = changed(&mut call, &policy::TYPES_CHANGE, change).await?;
    Ok(Answer::one(&call, 200, "volume_type", &View::of(&call, &volume_type)))
}

/// The type that the path names, which there is; `action`: what the policy calls it to see this of it.
async fn asked_for(call: &Call, action: &'static Action) -> Result<VolumeType> {
    let found = call.look(volume_types::show(call.cx(), action, Some(call.id(RecordKind::VolumeType)?))).await?;
    found.ok_or_else(|| Problem::not_found(RecordKind::VolumeType, call.parameter("type_id")))
}

/// Changes the type that the path names, and gives it as it is then.
async fn changed(call: &mut Call, action: &'static Action, change: Change) -> Result<VolumeType> {
    call.perform(ChangeType { action, id: call.id(RecordKind::VolumeType)?, change }).await
}

/// Changes the type that the path names, and answers with nothing.
async fn done(mut call: Call, action: &'static Action, change: Change) -> Result<Answer> {
    changed(&mut call, action, change).await?;
    Ok(Answer::empty(202))
}

// Which projects see a private type, for admins.

/// What can be done to types.
pub enum OnTypes {}

impl Actions for OnTypes {
    /// What an action comes to, and what the policy calls it.
    type Asked = (&'static Action, Change);
    const TABLE: &'static [Row<Self::Asked>] = &[
        row!("addProjectAccess" OfProject => |OfProject { project }, _| Ok((&policy::TYPES_ACCESS_ADD, Change::Open(project)))),
        row!("removeProjectAccess" OfProject => |OfProject { project }, _| Ok((&policy::TYPES_ACCESS_REMOVE, Change::Close(project)))),
    ];
}

async fn list_access(call: Call) -> Result<Answer> {
    let the = asked_for(&call, &policy::TYPES_ACCESS_LIST).await?;
    let words = "Access list not available for public volume types. Every project sees this one.";
    ensure!(!the.is_public, Problem::new(Kind::NotFound, words));
    let view = |project| VolumeTypeAccess::of(the.id, project);
    Ok(Answer::rows(&call, "volume_type_access", the.projects.iter().map(view)))
}

async fn change_access(mut call: Call, Acted((action, change), status): Acted<OnTypes>) -> Result<Answer> {
    changed(&mut call, action, change).await?;
    Ok(Answer::empty(status))
}
