//! The answers of identity, in Keystone's forms.

use utoipa::PartialSchema;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

use crate::domain::identity::{Credential, DOMAIN, SignedIn, id_of};
use crate::http::resources::prelude::*;

/// What is shown of something: `id`, `name` and `links`, and what else there is of it.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Shown(pub Value);

impl Versioned for Shown {}

impl PartialSchema for Shown {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let open = Some(AdditionalProperties::FreeForm(true));
        let shown = ObjectBuilder::new().schema_type(Type::Object).property("id", text()).property("name", text());
        shown.description(Some("As Keystone shows it.")).additional_properties(open).into()
    }
}

impl ToSchema for Shown {}

/// Where identity is.
pub fn base(call: &Call) -> String {
    format!("{}/identity/v3", call.public_url)
}

/// A time as Keystone writes it.
pub fn time(at: Time) -> String {
    format!("{at}Z")
}

/// A user, a project or a role.
pub fn entity(call: &Call, entity: &Entity) -> Shown {
    let Entity { kind, id, name, enabled, attributes, .. } = entity;
    let links = json!({"self": format!("{}/{}s/{id}", base(call), kind.as_str())});
    let mut shown = match kind {
        EntityKind::User => json!({
            "id": id, "name": name, "domain_id": DOMAIN, "enabled": enabled, "password_expires_at": null, "options": {},
        }),
        EntityKind::Project => json!({
            "id": id, "name": name, "domain_id": DOMAIN, "enabled": enabled, "description": "", "parent_id": DOMAIN,
            "is_domain": false, "tags": [], "options": {},
        }),
        EntityKind::Role => json!({"id": id, "name": name, "domain_id": null, "description": null, "options": {}}),
    };
    for (key, value) in attributes {
        shown[key] = value.clone();
    }
    shown["links"] = links;
    Shown(shown)
}

/// Rows, of which those are left that have what the query asks for by their own keys; with the links of every list.
pub fn rows(call: &Call, query: &Query, name: &'static str, rows: impl IntoIterator<Item = Shown>) -> Answer {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let is = |value: &str, key, asked| value == asked || key == "enabled" && value.eq_ignore_ascii_case(asked);
    // what a row does not have narrows nothing
    let fits = |row: &Value, (key, asked)| row.get(key).is_none_or(|value| is(&text(value), key, asked));
    let rows: Vec<Shown> = rows.into_iter().filter(|Shown(row)| query.iter().all(|asked| fits(row, asked))).collect();
    let links = json!({"self": format!("{}{}", call.public_url, call.raw_path), "previous": null, "next": null});
    Answer::json(200, &json!({name: rows, "links": links}))
}

/// The one domain.
pub fn domains(_: &Call) -> Vec<Value> {
    vec![json!({
        "id": DOMAIN, "name": "Default", "description": "The one domain that there is.", "enabled": true, "tags": [],
        "options": {},
    })]
}

/// The one region.
pub fn regions(call: &Call) -> Vec<Value> {
    vec![json!({"id": call.service.identity.region, "description": "", "parent_region_id": null})]
}

/// The services of the catalogue.
pub fn services(call: &Call) -> Vec<Value> {
    let service = |of: &Value| json!({"id": of["id"], "name": of["name"], "type": of["type"], "enabled": true});
    catalog(call, ANY_PROJECT).iter().map(service).collect()
}

/// The endpoints of the catalogue, each with its service.
pub fn endpoints(call: &Call) -> Vec<Value> {
    let of = |mut service: Value| {
        let Value::Array(mut endpoints) = service["endpoints"].take() else { return Vec::new() };
        for endpoint in &mut endpoints {
            endpoint["service_id"] = service["id"].clone();
            endpoint["enabled"] = true.into();
        }
        endpoints
    };
    catalog(call, ANY_PROJECT).into_iter().flat_map(of).collect()
}

/// What stands in URLs for whatever project a client has.
const ANY_PROJECT: &str = "$(project_id)s";

/// What is fixed, with where each is.
pub fn linked(call: &Call, plural: &str, values: Vec<Value>) -> Vec<Shown> {
    let linked = |mut value: Value| {
        value["links"] = json!({"self": format!("{}/{plural}/{}", base(call), value["id"].as_str().unwrap_or_default())});
        Shown(value)
    };
    values.into_iter().map(linked).collect()
}

/// The catalogue, for this project: this service, under each of its names, and where it is.
pub fn catalog(call: &Call, project: &str) -> Vec<Value> {
    let (url, region) = (&call.public_url, &call.service.identity.region);
    let services = [
        ("identity", "keystone", base(call)),
        ("block-storage", "cinder", format!("{url}/v3/{project}")),
        ("volumev3", "cinderv3", format!("{url}/v3/{project}")),
        ("volumev2", "cinderv2", format!("{url}/v2/{project}")),
        ("evs", "evs", format!("{url}/v2/{project}")),
    ];
    let service = |(kind, name, url): (&str, &str, String)| {
        let endpoints = ["public", "internal", "admin"].map(|interface| {
            let id = id_of(&format!("endpoint {kind} {interface}"));
            json!({"id": id, "interface": interface, "region_id": region, "region": region, "url": url})
        });
        json!({"id": id_of(&format!("service {kind}")), "type": kind, "name": name, "endpoints": endpoints})
    };
    services.map(service).into()
}

fn in_domain(id: &str, name: &str) -> Value {
    json!({"id": id, "name": name, "domain": {"id": DOMAIN, "name": "Default"}})
}

/// What a token stands for, as Keystone shows it.
pub fn token(call: &Call, signed: &SignedIn, with_catalog: bool) -> Shown {
    let SignedIn { session, user, project, roles, credential } = signed;
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut shown = json!({
        "methods": words(&session.methods), "user": in_domain(&user.id, &user.name), "audit_ids": words(&session.audit_ids),
        "expires_at": time(session.expires_at), "issued_at": time(session.issued_at),
    });
    shown["user"]["password_expires_at"] = Value::Null;
    if let Some(project) = project {
        shown["project"] = in_domain(&project.id, &project.name);
        shown["is_domain"] = false.into();
        shown["roles"] = roles.iter().map(|role| json!({"id": role.id, "name": role.name})).collect();
        if with_catalog {
            shown["catalog"] = json!(catalog(call, &project.id));
        }
    }
    if let Some(credential) = credential {
        let restricted = !credential.is_unrestricted();
        shown["application_credential"] = json!({"id": credential.id, "name": credential.name, "restricted": restricted});
    }
    Shown(shown)
}

/// Who has which role where; with names where they are given.
pub fn assignment(call: &Call, grant: &Grant, names: Option<[&str; 3]>) -> Shown {
    let Grant { user_id, project_id, role_id } = grant;
    let link = format!("{}/projects/{project_id}/users/{user_id}/roles/{role_id}", base(call));
    let mut shown = json!({
        "links": {"assignment": link}, "scope": {"project": {"id": project_id}}, "user": {"id": user_id}, "role": {"id": role_id},
    });
    if let Some([user, project, role]) = names {
        shown["user"] = in_domain(user_id, user);
        shown["scope"]["project"] = in_domain(project_id, project);
        shown["role"] = json!({"id": role_id, "name": role});
    }
    Shown(shown)
}

/// An application credential; its secret, where it was just made.
pub fn credential(call: &Call, credential: &Credential, roles: &[Entity], secret: Option<&SecretString>) -> Shown {
    let Credential { user_id, id, name, project_id, expires_at, attributes, .. } = credential;
    let link = format!("{}/users/{user_id}/application_credentials/{id}", base(call));
    let role = |id: &str| {
        let role = roles.iter().find(|role| role.id == id);
        json!({"id": id, "name": role.map_or(id, |role| &role.name), "domain_id": null, "description": null, "options": {}})
    };
    let shown = json!({
        "id": id, "name": name, "description": attributes.get("description"), "user_id": user_id, "project_id": project_id,
        "system": null, "expires_at": expires_at.map(time), "unrestricted": credential.is_unrestricted(),
        "roles": credential.roles().into_iter().map(role).collect::<Vec<_>>(), "links": {"self": link},
    });
    with_secret(shown, secret)
}

/// An access key; its secret, where it was just made. Source: Huawei Cloud IAM, "permanent access keys".
pub fn access_key(key: &Credential, secret: Option<&SecretString>) -> Shown {
    let shown = json!({
        "access": key.id, "user_id": key.user_id, "description": key.attributes.get("description"), "status": "active",
        "create_time": time(key.created_at),
    });
    with_secret(shown, secret)
}

fn with_secret(mut shown: Value, secret: Option<&SecretString>) -> Shown {
    if let Some(secret) = secret {
        shown["secret"] = secret.expose_secret().into();
    }
    Shown(shown)
}
