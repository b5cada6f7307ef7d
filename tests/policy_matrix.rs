//! Who gets what answer where: every route, asked by everybody, about a record of one's own, one of another project's, and one
//! that is not there. Another project's record and one that is not there are told in the same words, byte for byte.

use handover::http::transport::router::{Path, Router};

use crate::support::{
    Answer, Engine, Fixture, TestServer, Value, apply, both_engines, copy, json, new_id, pending, volume, with,
};

/// Whose record is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Record {
    Own,
    Foreign,
    Missing,
}

const RECORDS: [Record; 3] = [Record::Own, Record::Foreign, Record::Missing];

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    NoToken,
    BadToken,
    /// A user without a role, whose token has no project.
    NoRole,
    Reader,
    Member,
    Admin,
}

const ASKERS: [Asker; 6] = [Asker::NoToken, Asker::BadToken, Asker::NoRole, Asker::Reader, Asker::Member, Asker::Admin];

/// What comes of it.
#[derive(Debug, PartialEq, Eq)]
enum Cell {
    Unauthorized,
    Forbidden,
    NotFound,
    /// Neither of these.
    Let,
}

/// Everybody signed in, and a server with two projects.
struct Cast {
    server: TestServer,
    tokens: Vec<(Asker, String)>,
}

impl Fixture for Cast {
    async fn on(engine: Engine) -> Self {
        let seal = format!("--seal-key={}", "k".repeat(32));
        let flags = ["--auth=builtin", "--admin-password=correct horse battery", &seal];
        let server = TestServer::with(engine, &flags).await;
        let user = |name: &str, roles: Value| json!({"name": name, "password": format!("{name}-secret"), "roles": roles});
        server
            .seed(json!({
                "projects": [{"name": "alpha"}, {"name": "beta"}],
                "users": [
                    user("reader", json!({"alpha": ["reader"]})),
                    user("member", json!({"alpha": ["member"]})),
                    user("boss", json!({"alpha": ["admin"]})),
                    user("norole", json!({})),
                ],
            }))
            .await;
        let mut tokens = vec![(Asker::BadToken, "no token of ours".to_owned())];
        for (asker, name) in
            [(Asker::NoRole, "norole"), (Asker::Reader, "reader"), (Asker::Member, "member"), (Asker::Admin, "boss")]
        {
            let user = json!({"name": name, "password": format!("{name}-secret"), "domain": {"id": "default"}});
            let mut auth = json!({"identity": {"methods": ["password"], "password": {"user": user}}});
            if asker != Asker::NoRole {
                auth["scope"] = json!({"project": {"id": "alpha"}});
            }
            let answer = server.post("/identity/v3/auth/tokens", json!({"auth": auth})).by_nobody().await.is(201);
            tokens.push((asker, answer.header("x-subject-token").unwrap().to_owned()));
        }
        Self { server, tokens }
    }
}

impl Cast {
    async fn ask(&self, asker: Asker, method: &str, path: &str, body: &Value) -> Answer {
        let ask = self.server.ask(method, path);
        let ask = if body.is_null() { ask } else { ask.json(body) };
        match self.tokens.iter().find(|(who, _)| *who == asker) {
            Some((_, token)) => ask.by(token).await,
            None => ask.by_nobody().await,
        }
    }

    /// Fresh records of this kind: ids of a volume with a snapshot and a backup, and of a transfer of another.
    async fn records(&self, record: Record) -> [String; 4] {
        let [at, project] = match record {
            Record::Missing => return [(); 4].map(|()| new_id()),
            Record::Own => ["alpha", "alpha"],
            Record::Foreign => ["beta", "beta"],
        };
        let metadata = json!({"metadata": {"k": "v"}});
        let (snapshot, backup) = (with(copy("available"), metadata.clone()), copy("available"));
        let whole = with(volume(at), with(metadata, json!({"snapshots": [snapshot], "backups": [backup]})));
        let offered = volume(project);
        let offer = pending(&offered);
        self.server.seed(json!({"volumes": [whole, offered], "transfers": [offer]})).await;
        [&whole["id"], &snapshot["id"], &backup["id"], &offer["id"]].map(|id| id.as_str().unwrap().to_owned())
    }
}

/// What a request has to send, so that nothing but the policy and the record says no.
fn body(operation: &str, volume: &str) -> Value {
    match operation {
        "transfers::CREATE" => json!({"transfer": {"volume_id": volume}}),
        "handover::CREATE" => json!({"transfer": {"volume_id": volume, "expires_in": 60}}),
        "handover::CHECK" => json!({"create": {"volume_id": volume}}),
        "transfers::ACCEPT" => json!({"accept": {"auth_key": "9266c59563c84664"}}),
        "volumes::CREATE" => json!({"volume": {"size": 1}}),
        "volumes::UPDATE" => json!({"volume": {"name": "new"}}),
        "volumes::actions::ACT" => json!({"os-set_bootable": {"bootable": true}}),
        "snapshots::CREATE" => json!({"snapshot": {"volume_id": volume}}),
        "snapshots::UPDATE" => json!({"snapshot": {"name": "new"}}),
        "backups::CREATE" => json!({"backup": {"volume_id": volume}}),
        "backups::UPDATE" => json!({"backup": {"name": "new"}}),
        "snapshots::ACT" | "backups::ACT" => json!({"os-reset_status": {"status": "error"}}),
        name if name.starts_with("metadata::ADD") || name.starts_with("metadata::REPLACE") => json!({"metadata": {"k": "v"}}),
        name if name.starts_with("metadata::SET") => json!({"meta": {"k": "v"}}),
        "catalog::types::CREATE" | "catalog::types::UPDATE" => json!({"volume_type": {"name": new_id()}}),
        "catalog::types::CHANGE_ACCESS" => json!({"addProjectAccess": {"project": "beta"}}),
        "catalog::types::specs::ADD" => json!({"extra_specs": {"k": "v"}}),
        "catalog::types::specs::SET" => json!({"multiattach": "v"}),
        "catalog::types::encryption::CREATE" | "catalog::types::encryption::UPDATE" => {
            json!({"encryption": {"provider": "luks", "control_location": "front-end"}})
        }
        "quotas::SET" => json!({"quota_set": {"volumes": -1}}),
        "quotas::SET_CLASS" => json!({"quota_class_set": {"volumes": -1}}),
        _ => Value::Null,
    }
}

/// What the contract says: who looks may be a reader, who changes a member, and some things are an admin's.
fn expected(asker: Asker, record: Record, operation: &str, method: &str, path: &Path) -> Cell {
    if matches!(asker, Asker::NoToken | Asker::BadToken | Asker::NoRole) {
        return Cell::Unauthorized;
    }
    // what would be refused is told, and is no refusal
    if operation == "handover::CHECK" {
        return Cell::Let;
    }
    let is_admins = match operation {
        "quotas::SET" | "quotas::RESET" | "quotas::SHOW_CLASS" | "quotas::SET_CLASS" => true,
        "snapshots::ACT" | "backups::ACT" => true,
        "catalog::types::CREATE" | "catalog::types::UPDATE" | "catalog::types::DELETE" => true,
        "catalog::types::specs::ADD" | "catalog::types::specs::SET" | "catalog::types::specs::DELETE" => true,
        name => ["SERVICES", "HOSTS", "POOLS", "types::LIST_ACCESS", "types::CHANGE_ACCESS", "types::encryption::"]
            .iter()
            .any(|of| name.starts_with(&format!("catalog::{of}"))),
    };
    let may = match asker {
        Asker::Admin => true,
        Asker::Member => !is_admins,
        _ => !is_admins && method == "GET",
    };
    // a project's own quotas are for its readers, another's for admins: projects are no secret
    if path.template.contains("{target_project_id}") {
        let sees = asker == Asker::Admin || record == Record::Own;
        return if may && sees { Cell::Let } else { Cell::Forbidden };
    }
    let is_of_record =
        ["{volume_id}", "{snapshot_id}", "{backup_id}", "{transfer_id}"].iter().any(|id| path.template.contains(id));
    let is_in_body = matches!(
        operation,
        "transfers::CREATE" | "snapshots::CREATE" | "backups::CREATE" | "handover::CREATE" | "handover::CHECK"
    );
    let sees = match record {
        Record::Own => true,
        // whoever knows an offer may try its key
        Record::Foreign => operation == "transfers::ACCEPT" || asker == Asker::Admin,
        Record::Missing => false,
    };
    match (may, sees) {
        (true, true) => Cell::Let,
        (true, false) if is_of_record || is_in_body => Cell::NotFound,
        (true, false) => Cell::Let,
        (false, false) if (is_of_record || is_in_body) && operation != "transfers::ACCEPT" => Cell::NotFound,
        (false, _) => Cell::Forbidden,
    }
}

#[apply(both_engines!)]
async fn every_route_answers_everybody_as_the_policy_has_it(cast: Cast) {
    let router = Router::of_table();
    let mut cells = 0;
    let boss = &cast.tokens.iter().find(|(who, _)| *who == Asker::Admin).unwrap().1;
    let types = cast.server.full_type(boss).await;
    // of one's own, another project's, and such as are not there; as they were made
    let mut whole = [cast.records(Record::Own).await, cast.records(Record::Foreign).await, cast.records(Record::Missing).await];
    for path in router
        .0
        .iter()
        .filter(|path| ["/v", "/h"].iter().any(|of| path.template.starts_with(of)) && !path.template.starts_with("/health"))
    {
        for route in path.routes.iter().filter(|route| !route.on.is_for_anybody()) {
            let method = route.method.as_str();
            let is_read = method == "GET";
            for asker in ASKERS {
                let mut words = Vec::new();
                for (record, ids) in RECORDS.into_iter().zip(&mut whole) {
                    let [volume, snapshot, backup, transfer] = ids.clone();
                    let fresh = match (asker, path.template.contains("{type_id}")) {
                        (Asker::Admin, true) if !is_read => Some(cast.server.full_type(boss).await),
                        _ => None,
                    };
                    let of_type = fresh.as_ref().unwrap_or(&types);
                    let project = if record == Record::Own { "alpha" } else { "beta" };
                    let asked = path
                        .template
                        .replace("{project_id}", "alpha")
                        .replace("{volume_id}", &volume)
                        .replace("{snapshot_id}", &snapshot)
                        .replace("{backup_id}", &backup)
                        .replace("{transfer_id}", &transfer)
                        .replace("{target_project_id}", project)
                        .replace("{class_name}", "default")
                        .replace("{alias}", "os-volume-transfer")
                        .replace("{type_id}", &of_type.id)
                        .replace("{encryption_id}", if is_read { "provider" } else { &of_type.encryption_id })
                        .replace("{key}", if path.template.contains("{type_id}") { "multiattach" } else { "k" });
                    let body = body(route.name, &volume);
                    let answer = match route.name {
                        "volumes::SUMMARY" | "backups::UPDATE" => {
                            let ask = cast.server.ask(method, &asked).at("3.71");
                            let ask = if body.is_null() { ask } else { ask.json(&body) };
                            let token = cast.tokens.iter().find(|(who, _)| *who == asker);
                            match token {
                                Some((_, token)) => ask.by(token).await,
                                None => ask.by_nobody().await,
                            }
                        }
                        _ => cast.ask(asker, method, &asked, &body).await,
                    };
                    let cell = match answer.status {
                        401 => Cell::Unauthorized,
                        403 => Cell::Forbidden,
                        404 => Cell::NotFound,
                        _ => Cell::Let,
                    };
                    let wanted = expected(asker, record, route.name, method, path);
                    assert_eq!(cell, wanted, "{asker:?}, {record:?}, {}: {answer}", route.name);
                    assert!(answer.status < 500, "{answer}");
                    assert!(!is_read || cell != Cell::Let || answer.status == 200, "{answer}");
                    let told = ids.iter().fold(answer.text().to_owned(), |text, id| text.replace(id.as_str(), "ID"));
                    if cell == Cell::Let && !is_read {
                        *ids = cast.records(record).await;
                    }
                    words.push((cell, told));
                    cells += 1;
                }
                if words[1].0 == Cell::NotFound {
                    assert_eq!(words[1].1, words[2].1, "{asker:?} is told by {method} {} what is another's", path.template);
                }
            }
        }
    }
    assert!(cells > 2000, "{cells}");
}

/// What is everybody's own, or everybody's to see.
const OPEN: [&str; 5] = [
    "identity::tokens::PROJECTS",
    "identity::tokens::DOMAINS",
    "identity::tokens::SYSTEMS",
    "identity::tokens::CATALOG",
    "identity::credentials::LIST_KEYS",
];

#[apply(both_engines!)]
async fn every_route_of_identity_is_an_admins_but_for_what_is_ones_own(cast: Cast) {
    let router = Router::of_table();
    let mut cells = 0;
    for path in router.0.iter().filter(|path| path.template.starts_with("/identity/v3")) {
        for route in path.routes.iter().filter(|route| !route.on.is_for_anybody()) {
            let method = route.method.as_str();
            for asker in ASKERS {
                let id = new_id();
                let named = ["{id}", "{user_id}", "{on_project_id}", "{role_id}"];
                let asked = named.iter().fold(path.template.clone(), |asked, name| asked.replace(name, &id));
                let body = match route.name {
                    "identity::CREATE_USER" | "identity::UPDATE_USER" => {
                        json!({"user": {"name": id, "password": "a new secret"}})
                    }
                    "identity::CREATE_PROJECT" | "identity::UPDATE_PROJECT" => json!({"project": {"name": id}}),
                    "identity::CREATE_ROLE" | "identity::UPDATE_ROLE" => json!({"role": {"name": id}}),
                    "identity::tokens::CHANGE_PASSWORD" => {
                        json!({"user": {"password": "a new secret", "original_password": "y"}})
                    }
                    "identity::credentials::CREATE" => json!({"application_credential": {"name": "ci"}}),
                    "identity::credentials::CREATE_KEY" => json!({"credential": {"user_id": id}}),
                    _ => Value::Null,
                };
                let answer = cast.ask(asker, method, &asked, &body).await;
                let is_open = OPEN.contains(&route.name);
                let status = answer.status;
                let is_right = match asker {
                    Asker::NoToken | Asker::BadToken => status == 401,
                    Asker::NoRole if route.name == "identity::tokens::CATALOG" => status == 403,
                    // no token is asked about
                    _ if route.name.starts_with("identity::tokens::") && path.template.ends_with("/auth/tokens") => {
                        status == 404
                    }
                    // nobody makes another's, and nobody knows another's password
                    Asker::Admin if route.name == "identity::credentials::CREATE" => status == 403,
                    Asker::Admin if route.name == "identity::tokens::CHANGE_PASSWORD" => status == 401,
                    Asker::Admin => matches!(status, 200 | 201 | 204 | 404),
                    _ if is_open => status == 200,
                    _ => status == 403,
                };
                assert!(is_right, "{asker:?}, {}: {answer}", route.name);
                cells += 1;
            }
        }
    }
    assert!(cells > 200, "{cells}");
}
