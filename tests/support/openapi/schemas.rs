//! The schemas of the document: those of bodies and answers, closed, each key with what `visibility` says of it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{AdditionalProperties, SchemaType};
use utoipa::openapi::{ArrayBuilder, Object, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};

use handover::domain::transfer::Resource;
use handover::http::answer::links::Link;
use handover::http::answer::listing::{Count, Listing};
use handover::http::answer::visibility::{FieldRule, Part};
use handover::http::request::api::Api;
use handover::http::request::body::{Content, Form};

/// On which paths a part is seen: some keys are on some alone.
#[derive(Clone, Copy)]
pub struct Place {
    pub api: Api,
    pub resource: Resource,
}

/// Which way a body goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Asked,
    Answered,
}

/// What is referred to by name.
#[derive(Default)]
pub struct Schemas(pub BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    /// The schema of a JSON body; `None` for a body that is none, or no JSON.
    pub fn of(&mut self, content: Content, place: Place, way: Way) -> Option<RefOr<Schema>> {
        Some(match content {
            Content::Nothing | Content::Other(_) => return None,
            Content::Object => ObjectBuilder::new().schema_type(Type::Object).into(),
            Content::Whole(part) => self.part(part, place, way).into(),
            Content::One(name, part) => holding([(name.to_owned(), self.part(part, place, way).into())]).into(),
            Content::Rows(name, part) => {
                let links = (place.api == Api::Identity)
                    .then(|| ("links".to_owned(), ObjectBuilder::new().schema_type(Type::Object).into()));
                holding([(name.to_owned(), rows(self.part(part, place, way)))].into_iter().chain(links)).into()
            }
            Content::WithIgnored(name, part, ignored) => {
                let object = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::Object, Type::Null]));
                let ignored = (ignored.to_owned(), object.description(Some("Says nothing.")).into());
                let mut whole = holding([(name.to_owned(), self.part(part, place, way).into()), ignored]);
                whole.required.truncate(1);
                whole.into()
            }
            Content::Either(name, parts) => {
                let either =
                    parts.map(|part| self.part(part, place, way)).into_iter().fold(OneOfBuilder::new(), OneOfBuilder::item);
                holding([(name.to_owned(), either.into())]).into()
            }
            Content::Action(forms) => {
                let forms = forms().into_iter().map(|form| self.action(&form, place));
                forms.fold(OneOfBuilder::new(), OneOfBuilder::item).into()
            }
            Content::Page(listing) => self.page(listing, place, way),
        })
    }

    /// An action: an object with its name as the one key.
    fn action(&mut self, form: &Form, place: Place) -> Object {
        let fields: RefOr<Schema> = match form.fields {
            None => ObjectBuilder::new().schema_type(SchemaType::AnyValue).description(Some("Says nothing.")).into(),
            Some(part) if form.or_null => {
                let null = ObjectBuilder::new().schema_type(Type::Null);
                OneOfBuilder::new().item(null).item(self.part(part, place, Way::Asked)).into()
            }
            Some(part) => self.part(part, place, Way::Asked).into(),
        };
        let mut object = holding([(form.name.to_owned(), fields)]);
        object.title = Some(form.name.to_owned());
        object
    }

    /// Rows, a link where there is a next page, and how many there are on all pages where a list says so.
    fn page(&mut self, listing: &Listing, place: Place, way: Way) -> RefOr<Schema> {
        let links = listing.links_name().into_owned();
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let count = match listing.count {
            Count::Always => Some(number),
            Count::Asked if place.api == Api::V3 => {
                Some(number.description(Some("From microversion 3.45, where it is asked for.")))
            }
            Count::Asked | Count::Never => None,
        };
        let rows_of = rows(self.part(listing.part, place, way));
        let keys = [(listing.name.to_owned(), rows_of), (links.clone(), rows(self.named::<Link>()))];
        let mut page = holding(keys.into_iter().chain(count.map(|count| ("count".to_owned(), count.into()))));
        page.required.retain(|name| match name.as_str() {
            "count" => listing.count == Count::Always,
            name => name != links || listing.always_links,
        });
        page.into()
    }

    /// A struct that is the same everywhere.
    pub fn named<T: ToSchema>(&mut self) -> Ref {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        for (name, schema) in nested {
            self.insert(name, closed(schema, Way::Answered));
        }
        self.insert(T::name().into_owned(), closed(T::schema(), Way::Answered))
    }

    fn part(&mut self, part: Part, place: Place, way: Way) -> Ref {
        let mut nested = Vec::new();
        let schema = part.schema.expect("a debug build has what the document is made of")(&mut nested);
        let mut nested: BTreeMap<_, _> = nested.into_iter().collect();
        let mut object = whole(schema, &mut nested);
        for (name, schema) in nested {
            self.insert(name, closed(schema, way));
        }
        close(&mut object, way);
        if part.ignores_nulls {
            let null = RefOr::from(ObjectBuilder::new().schema_type(Type::Null));
            object.additional_properties = Some(Box::new(AdditionalProperties::RefOr(null)));
        }
        // our own paths know no versions: there a key that came later is as any other
        let lasts = |key: &&FieldRule| place.api != Api::Own || key.for_admins || key.at_times;
        let keys: Vec<FieldRule> = part.keys.iter().filter(lasts).copied().collect();
        let (known, hidden): (Vec<FieldRule>, Vec<FieldRule>) =
            keys.iter().partition(|key| key.is_known_on(place.api, place.resource));
        for key in &hidden {
            object.properties.shift_remove(key.name);
        }
        object.required.retain(|name| keys.iter().all(|key| key.name != name));
        mark(&mut object, &known);
        // without the keys that came later it is what it was at 3.0
        let is_own = place.api == Api::Own && part.keys.iter().any(|key| key.is_own);
        let age = match hidden.iter().all(|key| key.is_own) {
            _ if is_own => "_own",
            true => "",
            false => "_3.0",
        };
        self.insert(format!("{}{age}", (part.name)()), object.into())
    }

    fn insert(&mut self, name: String, schema: RefOr<Schema>) -> Ref {
        let to = Ref::from_schema_name(&name);
        match self.0.entry(name) {
            Entry::Vacant(place) => drop(place.insert(schema)),
            Entry::Occupied(first) => {
                let name = first.key();
                debug_assert!(*first.get() == schema, "two schemas are called {name}: rename one, #[schema(as = …)]");
            }
        }
        to
    }
}

/// An object with exactly these keys.
pub fn holding(keys: impl IntoIterator<Item = (String, RefOr<Schema>)>) -> Object {
    let object = ObjectBuilder::new().schema_type(Type::Object);
    let object = keys.into_iter().fold(object, |object, (name, schema)| object.property(&name, schema).required(name));
    object.additional_properties(Some(AdditionalProperties::FreeForm(false))).build()
}

fn rows(row: Ref) -> RefOr<Schema> {
    ArrayBuilder::new().items(row).into()
}

/// A struct with the fields of those that are flattened into it.
fn whole(schema: RefOr<Schema>, nested: &mut BTreeMap<String, RefOr<Schema>>) -> Object {
    match schema {
        RefOr::T(Schema::Object(object)) => object,
        RefOr::T(Schema::AllOf(parts)) => {
            let mut all = Object::with_type(Type::Object);
            all.description = parts.description;
            for part in parts.items {
                let part = whole(part, nested);
                all.properties.extend(part.properties);
                all.required.extend(part.required);
            }
            all
        }
        RefOr::Ref(to) => {
            let name = to.ref_location.rsplit('/').next().unwrap_or_default();
            let schema = nested.remove(name).expect("a derived schema lists what it refers to");
            whole(schema, nested)
        }
        RefOr::T(_) => unreachable!("a body is a struct"),
    }
}

fn closed(mut schema: RefOr<Schema>, way: Way) -> RefOr<Schema> {
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        close(object, way);
    }
    schema
}

/// Nothing beside its properties; and in an answer every one of them is there, but for those that are left out rather than
/// null.
fn close(object: &mut Object, way: Way) {
    if object.properties.is_empty() || object.additional_properties.is_some() {
        return;
    }
    object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    for property in object.properties.values_mut() {
        if let RefOr::T(Schema::Object(inner)) = property {
            close(inner, way);
        }
    }
    if way == Way::Answered {
        let is_there = |name: &String, schema| object.required.contains(name) || may_be_null(schema);
        object.required =
            object.properties.iter().filter(|(name, schema)| is_there(name, schema)).map(|(name, _)| name.clone()).collect();
    }
}

fn may_be_null(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => match &object.schema_type {
            SchemaType::Type(kind) => *kind == Type::Null,
            SchemaType::Array(kinds) => kinds.contains(&Type::Null),
            SchemaType::AnyValue => true,
        },
        RefOr::T(Schema::OneOf(either)) => either.items.iter().any(may_be_null),
        _ => false,
    }
}

/// Says of each key who sees it, in words and, under `x-keys`, for machines.
fn mark(object: &mut Object, keys: &[FieldRule]) {
    let mut marks = Map::new();
    for key in keys {
        let since = key.since.map(|minor| format!("3.{minor}"));
        let says = [
            since.map(|since| ("since", format!("From microversion {since}."), Value::from(since))),
            key.for_admins.then(|| ("for_admins", "For admins only.".to_owned(), true.into())),
            key.at_times.then(|| ("at_times", "Left out where there is none.".to_owned(), true.into())),
        ];
        let says = || says.iter().flatten();
        if let Some(property) = object.properties.get_mut(key.name) {
            describe(property, &says().map(|(_, words, _)| words.as_str()).collect::<Vec<_>>().join(" "));
            let marked: Map<_, _> = says().map(|(name, _, mark)| ((*name).to_owned(), mark.clone())).collect();
            marks.insert(key.name.to_owned(), marked.into());
        }
    }
    if !marks.is_empty() {
        object.extensions = Some(Extensions::from_iter([("x-keys", marks)]));
    }
}

/// Adds to a property's description.
fn describe(property: &mut RefOr<Schema>, words: &str) {
    let added = |text: &str| format!("{text} {words}").trim_start().to_owned();
    let description = match property {
        RefOr::Ref(to) => {
            to.description = added(&to.description);
            return;
        }
        RefOr::T(Schema::Object(object)) => &mut object.description,
        RefOr::T(Schema::Array(array)) => &mut array.description,
        RefOr::T(Schema::OneOf(either)) => &mut either.description,
        RefOr::T(_) => unreachable!("a field is a value, a list, or either of two"),
    };
    *description = Some(added(description.as_deref().unwrap_or_default()));
}
