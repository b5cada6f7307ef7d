//! Changes of the identity beside each other, on several replicas of one PostgreSQL too: one name for one, no token of a password
//! that was changed, no row that names what is gone (the invariants look at the end of each test).

use futures_util::future::{join, join_all};

use crate::support::identity::{BUILT_IN, Cast, PASSWORD, by_password, grant, named, of_project, token_of};
use crate::support::{Answer, Engine, Replicas, apply, both_engines, json};

const ROUNDS: usize = 4;

async fn on(engine: Engine) -> (Replicas, Cast) {
    let replicas = Replicas::with(engine, &BUILT_IN).await;
    let cast = Cast::of(replicas.nth(0)).await;
    (replicas, cast)
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

#[apply(both_engines!)]
async fn of_many_that_make_one_name_at_once_one_does(engine: Engine) {
    let (replicas, cast) = on(engine).await;
    for (kind, more) in [("project", json!({})), ("role", json!({})), ("user", json!({"email": "a@b"}))] {
        for round in 0..ROUNDS {
            let name = format!("new-{round}");
            let body = json!({kind: crate::support::with(json!({"name": name}), more.clone())});
            let path = format!("/identity/v3/{kind}s");
            let make = |n: usize| {
                let ask = replicas.nth(n).post(&path, body.clone()).by(&cast.admin);
                async { ask.await }
            };
            let answers = join_all((0..4).map(make)).await;
            assert_eq!(statuses(&answers), [201, 409, 409, 409], "{kind}");
            let said = answers.iter().find(|answer| answer.status == 409).unwrap().message();
            let expected = format!("Conflict occurred attempting to store {kind} - Duplicate entry found with name {name}");
            assert!(said.starts_with(&expected), "{said}");
            let found = replicas.nth(0).seen(&cast.admin, &format!("{kind}s?name={name}")).await.rows(&format!("{kind}s"));
            assert_eq!(found.len(), 1);
        }
    }
}

#[apply(both_engines!)]
async fn two_that_take_one_name_at_once_do_not_both_have_it(engine: Engine) {
    let (replicas, cast) = on(engine).await;
    let mut ids = Vec::new();
    for name in ["a", "b"] {
        ids.push(replicas.nth(0).make(&cast.admin, "project", json!({"name": name})).await);
    }
    let taken = |n: usize| replicas.nth(n).patch(&cast.admin, "project", &ids[n], json!({"name": "both"}));
    let (first, second) = join(taken(0), taken(1)).await;
    assert_eq!(statuses(&[first, second]), [200, 409]);
}

#[apply(both_engines!)]
async fn no_sign_in_beside_a_change_of_the_password_leaves_a_token_of_the_one_before(engine: Engine) {
    let (replicas, cast) = on(engine).await;
    let mut password = PASSWORD.to_owned();
    for round in 0..ROUNDS {
        let next = format!("another password {round}");
        let auth = by_password(json!({"id": cast.alice}), &password, of_project(&cast.alpha));
        let tries = join_all((0..8).map(|n| replicas.nth(n).sign_in(auth.clone())));
        let change = replicas.nth(round).patch(&cast.admin, "user", &cast.alice, json!({"password": next}));
        let (answers, changed) = join(tries, change).await;
        assert_eq!(changed.status, 200, "{changed}");
        for answer in &answers {
            match answer.status {
                201 => {
                    let shown = replicas.nth(0).validate(&cast.admin, &token_of(answer)).await;
                    assert_eq!(shown.status, 404, "a token of the password before lives: {shown}");
                }
                status => assert_eq!(status, 401, "{answer}"),
            }
        }
        // whoever failed is forgotten by one that does not
        for server in &replicas.0 {
            token_of(&server.sign_in(by_password(json!({"id": cast.alice}), &next, of_project(&cast.alpha))).await);
        }
        password = next;
    }
}

#[apply(both_engines!)]
async fn nothing_is_given_to_who_is_being_deleted(engine: Engine) {
    let (replicas, cast) = on(engine).await;
    let server = replicas.nth(0);
    for round in 0..ROUNDS {
        for kind in ["user", "project", "role"] {
            let name = format!("{kind}-{round}");
            let id = server.make(&cast.admin, kind, json!({"name": name})).await;
            let path = match kind {
                "user" => grant(&cast.alpha, &id, &cast.member),
                "project" => grant(&id, &cast.alice, &cast.member),
                _ => grant(&cast.alpha, &cast.alice, &id),
            };
            let gives = join_all((0..4).map(async |n: usize| replicas.nth(n).ask("PUT", &path).by(&cast.admin).await));
            let deletes = async { replicas.nth(1).delete(&format!("/identity/v3/{kind}s/{id}")).by(&cast.admin).await };
            let (given, deleted) = join(gives, deletes).await;
            assert_eq!(deleted.status, 204, "{deleted}");
            assert!(given.iter().all(|answer| [204, 404].contains(&answer.status)), "{kind}: {:?}", statuses(&given));
        }
    }
}

#[apply(both_engines!)]
async fn who_is_being_deleted_neither_signs_in_nor_makes_credentials(engine: Engine) {
    let (replicas, cast) = on(engine).await;
    let server = replicas.nth(0);
    for round in 0..ROUNDS {
        let name = format!("bob-{round}");
        let bob = server.make(&cast.admin, "user", json!({"name": name, "password": PASSWORD})).await;
        server.ask("PUT", &grant(&cast.alpha, &bob, &cast.member)).by(&cast.admin).await.is(204);
        let scope = json!({"project": named("alpha")});
        let auth = by_password(named(&name), PASSWORD, Some(scope));
        let token = token_of(&server.sign_in(auth.clone()).await);
        let path = format!("/identity/v3/users/{bob}/application_credentials");
        let makes = join_all((0..4).map(async |n: usize| {
            let body = json!({"application_credential": {"name": format!("ci-{n}")}});
            replicas.nth(n).post(&path, body).by(&token).await
        }));
        let keys = join_all((0..4).map(async |n: usize| {
            let body = json!({"credential": {"description": "of one who goes"}});
            replicas.nth(n).post("/identity/v3/OS-CREDENTIAL/credentials", body).by(&token).await
        }));
        let enters = join_all((0..2).map(|n| replicas.nth(n).sign_in(auth.clone())));
        let deletes = async { replicas.nth(1).delete(&format!("/identity/v3/users/{bob}")).by(&cast.admin).await };
        let ((made, keyed), (entered, deleted)) = join(join(makes, keys), join(enters, deletes)).await;
        assert_eq!(deleted.status, 204, "{deleted}");
        for answer in made.iter().chain(&keyed).chain(&entered) {
            assert!([201, 401, 403, 404].contains(&answer.status), "{answer}");
            if let (201, Some(token)) = (answer.status, answer.header("x-subject-token")) {
                assert_eq!(server.validate(&cast.admin, token).await.status, 404);
            }
        }
    }
}
