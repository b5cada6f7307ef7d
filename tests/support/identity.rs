//! The built-in identity as clients drive it: a server of its own users, who signs in, and who is there to sign in.

use std::ops::Deref;

use super::{Answer, Binary, Client, Engine, Fixture, TestServer, Value, json};

/// What the user `admin` signs in with.
pub const ADMINS_PASSWORD: &str = "the first admin's password";
/// What everybody else does.
pub const PASSWORD: &str = "!#%&*+=@^_~ as tempest";

/// Flags of a server with users of its own.
pub const BUILT_IN: [&str; 3] =
    ["--auth=builtin", "--admin-password=the first admin's password", "--seal-key=a key of at least thirty-two characters"];

pub const TOKENS: &str = "/identity/v3/auth/tokens";

/// A server with users of its own.
pub struct BuiltIn(pub TestServer);

impl Fixture for BuiltIn {
    async fn on(engine: Engine) -> Self {
        Self(TestServer::with(engine, &BUILT_IN).await)
    }
}

impl Deref for BuiltIn {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.0
    }
}

/// The binary as a process of its own, with users of its own.
pub fn serve(database_url: &str, log: &str) -> Binary {
    let settings = [
        ("HANDOVER_AUTH", "builtin"),
        ("HANDOVER_ADMIN_PASSWORD", ADMINS_PASSWORD),
        ("HANDOVER_SEAL_KEY", "a key of at least thirty-two characters"),
        ("HANDOVER_LOG", log),
    ];
    Binary::serve(database_url, &[], &settings)
}

/// Something by its name in the one domain.
pub fn named(name: &str) -> Value {
    json!({"name": name, "domain": {"id": "default"}})
}

/// A sign-in by a password, for whatever `scope` says.
pub fn by_password(mut user: Value, password: &str, scope: Option<Value>) -> Value {
    user["password"] = password.into();
    let mut auth = json!({"identity": {"methods": ["password"], "password": {"user": user}}});
    if let Some(scope) = scope {
        auth["scope"] = scope;
    }
    json!({ "auth": auth })
}

/// A sign-in by a token.
pub fn by_token(token: &str, scope: Option<Value>) -> Value {
    let mut auth = json!({"identity": {"methods": ["token"], "token": {"id": token}}});
    if let Some(scope) = scope {
        auth["scope"] = scope;
    }
    json!({ "auth": auth })
}

/// A sign-in by an application credential.
pub fn by_credential(credential: &Value) -> Value {
    json!({"auth": {"identity": {"methods": ["application_credential"], "application_credential": credential}}})
}

/// A project by its id, as a scope.
#[allow(clippy::unnecessary_wraps)] // as a sign-in takes a scope
pub fn of_project(id: &str) -> Option<Value> {
    Some(json!({"project": {"id": id}}))
}

/// The token that a sign-in has given.
#[track_caller]
pub fn token_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 201, "{answer}");
    answer.header("x-subject-token").unwrap_or_else(|| panic!("no token: {answer}")).to_owned()
}

/// Keystone's error, which says its message.
#[track_caller]
pub fn refusal(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{answer}");
    let error = answer.one("error");
    assert_eq!(error["code"], status, "{answer}");
    assert!(error["title"].as_str().is_some_and(|title| !title.is_empty()), "{answer}");
    if status == 401 {
        let how = answer.header("www-authenticate").unwrap_or_default();
        assert!(how.starts_with("Keystone uri=\"http://127.0.0.1:") && how.ends_with("/identity/v3\""), "{answer}");
    }
    error["message"].as_str().unwrap().to_owned()
}

impl Client {
    /// Tries to sign in.
    pub async fn sign_in(&self, auth: Value) -> Answer {
        self.post(TOKENS, auth).by_nobody().await
    }

    /// A token of the first admin's.
    pub async fn admin(&self) -> String {
        self.enter("admin", ADMINS_PASSWORD, "admin").await
    }

    /// A token by the names of a user and a project.
    pub async fn enter(&self, user: &str, password: &str, project: &str) -> String {
        let scope = json!({"project": named(project)});
        token_of(&self.sign_in(by_password(named(user), password, Some(scope))).await)
    }

    /// What somebody asks for below `/identity/v3`.
    pub async fn seen(&self, by: &str, path: &str) -> Answer {
        self.get(&format!("/identity/v3/{path}")).by(by).await
    }

    /// Makes a user, a project or a role; its id.
    pub async fn make(&self, by: &str, kind: &str, fields: Value) -> String {
        let answer = self.post(&format!("/identity/v3/{kind}s"), json!({kind: fields})).by(by).await.is(201);
        answer.one(kind)["id"].as_str().unwrap().to_owned()
    }

    /// Changes a user, a project or a role.
    pub async fn patch(&self, by: &str, kind: &str, id: &str, fields: Value) -> Answer {
        self.ask("PATCH", &format!("/identity/v3/{kind}s/{id}")).json(&json!({kind: fields})).by(by).await
    }

    /// The id of a role.
    pub async fn role(&self, by: &str, name: &str) -> String {
        let rows = self.seen(by, &format!("roles?name={name}")).await.is(200).rows("roles");
        rows[0]["id"].as_str().unwrap().to_owned()
    }

    /// What a token stands for, asked by somebody.
    pub async fn validate(&self, by: &str, token: &str) -> Answer {
        self.get(TOKENS).by(by).header("X-Subject-Token", token).await
    }
}

/// Who is there beside the admin: alice, a member of the project alpha.
pub struct Cast {
    /// A token of the admin's.
    pub admin: String,
    pub alpha: String,
    pub alice: String,
    pub member: String,
}

impl Cast {
    pub async fn of(server: &Client) -> Self {
        let admin = server.admin().await;
        let alpha = server.make(&admin, "project", json!({"name": "alpha"})).await;
        let alice = server.make(&admin, "user", json!({"name": "alice", "password": PASSWORD})).await;
        let member = server.role(&admin, "member").await;
        let cast = Self { admin, alpha, alice, member };
        server.ask("PUT", &cast.grant()).by(&cast.admin).await.is(204);
        cast
    }

    /// Where it stands that alice is a member of alpha.
    pub fn grant(&self) -> String {
        grant(&self.alpha, &self.alice, &self.member)
    }

    /// A token of alice's for alpha.
    pub async fn enter(&self, server: &Client) -> String {
        token_of(&self.try_to_enter(server).await)
    }

    /// The same, which may fail.
    pub async fn try_to_enter(&self, server: &Client) -> Answer {
        server.sign_in(by_password(json!({"id": self.alice}), PASSWORD, of_project(&self.alpha))).await
    }

    /// What alice sees of her volumes with a token.
    pub async fn volumes(&self, server: &Client, token: &str) -> Answer {
        server.get(&format!("/v3/{}/volumes", self.alpha)).by(token).await
    }

    /// Makes an application credential of alice's, with one of her tokens.
    pub async fn credential(&self, server: &Client, token: &str, fields: Value) -> Value {
        let body = json!({"application_credential": fields});
        let answer = server.post(&self.credentials(), body).by(token).await.is(201);
        answer.one("application_credential")
    }

    /// Where alice's application credentials are.
    pub fn credentials(&self) -> String {
        format!("/identity/v3/users/{}/application_credentials", self.alice)
    }
}

/// Where it stands that somebody has a role somewhere.
pub fn grant(project: &str, user: &str, role: &str) -> String {
    format!("/identity/v3/projects/{project}/users/{user}/roles/{role}")
}
