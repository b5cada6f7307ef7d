//! What ends a token, on every replica within a second: asked about it is unknown at once, and it opens nothing any more.

use std::time::{Duration, Instant};

use crate::support::identity::{
    ADMINS_PASSWORD, BUILT_IN, Cast, PASSWORD, TOKENS, by_credential, by_password, by_token, of_project, refusal, token_of,
};
use crate::support::{Answer, Engine, Replicas, TestServer, apply, both_engines, count, json, until};

/// Replicas that all know alice and a token of hers.
struct Known {
    replicas: Replicas,
    cast: Cast,
    token: String,
}

impl Known {
    async fn on(engine: Engine) -> Self {
        let replicas = Replicas::with(engine, &BUILT_IN).await;
        let cast = Cast::of(replicas.nth(0)).await;
        let token = cast.enter(replicas.nth(0)).await;
        let known = Self { replicas, cast, token };
        known.opens(&known.token).await;
        known
    }

    fn first(&self) -> &TestServer {
        self.replicas.nth(0)
    }

    /// Everywhere.
    async fn opens(&self, token: &str) {
        for server in &self.replicas.0 {
            self.cast.volumes(server, token).await.is(200);
        }
    }

    /// Within a second, everywhere.
    async fn is_over(&self, token: &str) {
        let since = Instant::now();
        for server in &self.replicas.0 {
            refusal(&server.validate(&self.cast.admin, token).await, 404);
            until("a token that is over is refused", async || self.cast.volumes(server, token).await.status == 401).await;
            refusal(&server.sign_in(by_token(token, of_project(&self.cast.alpha))).await, 404);
        }
        // a second, and what a busy machine takes for three servers
        assert!(since.elapsed() < Duration::from_secs(4), "{:?}", since.elapsed());
    }

    async fn patch(&self, kind: &str, id: &str, fields: crate::support::Value) {
        self.first().patch(&self.cast.admin, kind, id, fields).await.is(200);
    }

    async fn delete(&self, path: &str) {
        self.first().delete(path).by(&self.cast.admin).await.is(204);
    }

    async fn tries(&self, status: u16) -> Answer {
        self.cast.try_to_enter(self.replicas.nth(1)).await.is(status)
    }
}

#[apply(both_engines!)]
async fn a_token_that_is_revoked(engine: Engine) {
    let known = Known::on(engine).await;
    let (server, token) = (known.first(), &known.token);
    let other = token_of(&known.tries(201).await);
    let revoke = |by: &str| server.delete(TOKENS).by(by).header("X-Subject-Token", token);
    server.make(&known.cast.admin, "user", json!({"name": "bob", "password": PASSWORD})).await;
    let bob = token_of(&server.sign_in(by_password(crate::support::identity::named("bob"), PASSWORD, None)).await);
    let said = refusal(&revoke(&bob).await, 403);
    assert_eq!(said, "You are not authorized to perform the requested action: identity:revoke_token.");
    let said = refusal(&server.validate(&bob, token).await, 403);
    assert_eq!(said, "You are not authorized to perform the requested action: identity:validate_token.");
    revoke(&known.cast.admin).await.is(204);
    known.is_over(token).await;
    let again = revoke(&known.cast.admin).await;
    assert!(!refusal(&again, 404).contains(token.as_str()), "{again}");
    known.opens(&other).await;
    server.delete(TOKENS).by(&other).header("X-Subject-Token", &other).await.is(204);
    known.is_over(&other).await;
    known.tries(201).await;
    refusal(&server.delete(TOKENS).by(&known.cast.admin).await, 404);
}

#[apply(both_engines!)]
async fn those_of_a_user_that_is_disabled(engine: Engine) {
    let known = Known::on(engine).await;
    known.patch("user", &known.cast.alice, json!({"enabled": false})).await;
    known.is_over(&known.token).await;
    known.tries(401).await;
    known.patch("user", &known.cast.alice, json!({"enabled": true})).await;
    known.is_over(&known.token).await;
    known.opens(&token_of(&known.tries(201).await)).await;
}

#[apply(both_engines!)]
async fn those_of_a_user_that_is_deleted(engine: Engine) {
    let known = Known::on(engine).await;
    known.delete(&format!("/identity/v3/users/{}", known.cast.alice)).await;
    known.is_over(&known.token).await;
    known.tries(401).await;
    let gone = known.first().delete(&format!("/identity/v3/users/{}", known.cast.alice)).by(&known.cast.admin).await;
    refusal(&gone, 404);
    // somebody of the same name is somebody else
    let fields = json!({"name": "alice", "password": PASSWORD});
    let another = known.first().make(&known.cast.admin, "user", fields).await;
    assert_ne!(another, known.cast.alice);
    known.is_over(&known.token).await;
}

#[apply(both_engines!)]
async fn those_for_a_project_that_is_disabled(engine: Engine) {
    let known = Known::on(engine).await;
    let nowhere = token_of(&known.first().sign_in(by_token(&known.token, Some(json!("unscoped")))).await);
    known.patch("project", &known.cast.alpha, json!({"enabled": false})).await;
    known.is_over(&known.token).await;
    known.tries(401).await;
    known.first().validate(&nowhere, &nowhere).await.is(200);
    let own = known.first().seen(&nowhere, "auth/projects").await.rows("projects");
    assert!(own.is_empty(), "a disabled project is none to sign in for: {own:?}");
    known.patch("project", &known.cast.alpha, json!({"enabled": true})).await;
    known.is_over(&known.token).await;
    known.tries(201).await;
}

#[apply(both_engines!)]
async fn those_for_a_project_that_is_deleted_though_it_still_has_volumes(engine: Engine) {
    let known = Known::on(engine).await;
    let path = format!("/v3/{}/volumes", known.cast.alpha);
    known.first().post(&path, json!({"volume": {"size": 1}})).by(&known.token).await.is(202);
    let project = format!("/identity/v3/projects/{}", known.cast.alpha);
    known.delete(&project).await;
    known.is_over(&known.token).await;
    known.tries(401).await;
    assert_eq!(known.first().usage(&known.cast.alpha).await.volumes, 1);
    refusal(&known.first().delete(&project).by(&known.cast.admin).await, 404);
}

#[apply(both_engines!)]
async fn those_that_the_password_before_was_good_for(engine: Engine) {
    let known = Known::on(engine).await;
    let (server, alice) = (known.first(), &known.cast.alice);
    let enter = |password: &str| {
        known.replicas.nth(2).sign_in(by_password(json!({"id": alice}), password, of_project(&known.cast.alpha)))
    };
    known.patch("user", alice, json!({"password": "a second password"})).await;
    known.is_over(&known.token).await;
    known.tries(401).await;
    let second = token_of(&enter("a second password").await);
    known.opens(&second).await;

    let path = format!("/identity/v3/users/{alice}/password");
    let change =
        |from: &str, to: &str| server.post(&path, json!({"user": {"original_password": from, "password": to}})).by(&second);
    refusal(&change("not it", "a third password").await, 401);
    refusal(&change("a second password", "short").await, 400);
    known.opens(&second).await;
    change("a second password", "a third password").await.is(204);
    known.is_over(&second).await;
    refusal(&enter("a second password").await, 401);
    known.opens(&token_of(&enter("a third password").await)).await;
}

#[apply(both_engines!)]
async fn those_that_a_role_was_in_which_is_taken(engine: Engine) {
    let known = Known::on(engine).await;
    let reader = known.first().role(&known.cast.admin, "reader").await;
    let as_reader = crate::support::identity::grant(&known.cast.alpha, &known.cast.alice, &reader);
    known.first().ask("PUT", &as_reader).by(&known.cast.admin).await.is(204);
    known.delete(&known.cast.grant()).await;
    known.is_over(&known.token).await;
    let less = token_of(&known.tries(201).await);
    known.opens(&less).await;
    let path = format!("/v3/{}/volumes", known.cast.alpha);
    known.first().post(&path, json!({"volume": {"size": 1}})).by(&less).await.is(403);
    known.delete(&as_reader).await;
    known.is_over(&less).await;
    known.tries(401).await;
}

#[apply(both_engines!)]
async fn those_that_had_nothing_but_a_role_which_is_deleted(engine: Engine) {
    let known = Known::on(engine).await;
    known.delete(&format!("/identity/v3/roles/{}", known.cast.member)).await;
    known.is_over(&known.token).await;
    known.tries(401).await;
}

#[apply(both_engines!)]
async fn those_that_an_application_credential_was_good_for(engine: Engine) {
    let known = Known::on(engine).await;
    let made = known.cast.credential(known.first(), &known.token, json!({"name": "ci"})).await;
    let form = by_credential(&json!({"id": made["id"], "secret": made["secret"]}));
    let token = token_of(&known.replicas.nth(1).sign_in(form.clone()).await);
    known.opens(&token).await;
    let again = token_of(&known.first().sign_in(by_token(&token, of_project(&known.cast.alpha))).await);
    known.opens(&again).await;
    known
        .first()
        .delete(&format!("{}/{}", known.cast.credentials(), made["id"].as_str().unwrap()))
        .by(&known.token)
        .await
        .is(204);
    known.is_over(&token).await;
    known.is_over(&again).await;
    refusal(&known.replicas.nth(1).sign_in(form).await, 404);
    known.opens(&known.token).await;
}

#[apply(both_engines!)]
async fn those_whose_time_is_over(engine: Engine) {
    let known = Known::on(engine).await;
    let made = known.cast.credential(known.first(), &known.token, json!({"name": "ci"})).await;
    let later = |span| {
        for server in &known.replicas.0 {
            server.clock.advance(Duration::from_mins(span));
        }
    };
    later(59);
    known.opens(&known.token).await;
    let by_then = token_of(&known.tries(201).await);
    later(2);
    let admin = known.first().admin().await;
    for server in &known.replicas.0 {
        refusal(&server.validate(&admin, &known.token).await, 404);
        assert_eq!(known.cast.volumes(server, &known.token).await.status, 401, "at once: a time is no news");
    }
    refusal(&known.first().sign_in(by_token(&known.token, None)).await, 404);
    known.opens(&by_then).await;
    token_of(&known.first().sign_in(by_credential(&json!({"id": made["id"], "secret": made["secret"]}))).await);
}

#[apply(both_engines!)]
async fn those_of_a_credential_that_ends_and_no_later(engine: Engine) {
    let known = Known::on(engine).await;
    let now = handover::clock::Clock::now(&*known.first().clock);
    let soon = now.after(Duration::from_mins(10));
    let made = known.cast.credential(known.first(), &known.token, json!({"name": "ci", "expires_at": soon.to_string()})).await;
    assert_eq!(made["expires_at"], format!("{soon}Z"));
    let form = by_credential(&json!({"id": made["id"], "secret": made["secret"]}));
    let answer = known.first().sign_in(form.clone()).await;
    assert_eq!(answer.one("token")["expires_at"], made["expires_at"]);
    for server in &known.replicas.0 {
        server.clock.advance(Duration::from_mins(11));
    }
    known.is_over(&token_of(&answer)).await;
    refusal(&known.first().sign_in(form).await, 401);
    known.opens(&known.token).await;
}

#[apply(both_engines!)]
async fn the_admins_own_too(engine: Engine) {
    let known = Known::on(engine).await;
    let admin = &known.cast.admin;
    let own = known.first().validate(admin, admin).await.one("token")["user"]["id"].as_str().unwrap().to_owned();
    let change = json!({"user": {"original_password": ADMINS_PASSWORD, "password": "quite another password"}});
    known.first().post(&format!("/identity/v3/users/{own}/password"), change).by(admin).await.is(204);
    for server in &known.replicas.0 {
        until("the admin's token is refused", async || server.seen(admin, "users").await.status == 401).await;
    }
    let another = known.first().enter("admin", "quite another password", "admin").await;
    known.replicas.nth(1).seen(&another, "users").await.is(200);
}

#[apply(both_engines!)]
async fn a_token_that_is_over_is_deleted_when_others_are(server: crate::support::identity::BuiltIn) {
    const THERE: &str = "SELECT count(*) AS n FROM identity_sessions";
    let cast = Cast::of(&server).await;
    cast.enter(&server).await;
    assert_eq!(count(&server.database.url, THERE).await, 2);
    server.clock.advance(Duration::from_mins(62));
    let still = cast.enter(&server).await;
    until("tokens that are over are deleted", async || count(&server.database.url, THERE).await == 1).await;
    cast.volumes(&server, &still).await.is(200);
}
