//! What is wrong in the identity's tables is named, row by row, as check does it of all others.

use crate::support::identity::{Cast, serve};
use crate::support::{Database, Engine, alter, apply, binary, both_engines, json};

const GRANT: &str = "a grant names a user, a project and a role that are there";
const CREDENTIAL: &str = "a credential names a user that is there, and a project where it names one";
const TOKEN: &str = "a token is of a user that is there, and kept as a hash";
const PASSWORD: &str =
    "only a user has a password, and it is kept as an Argon2id hash, as the secret of an application credential is";
const VERIFIABLE: &str = "the hash of a password, and of an application credential's secret, can be checked";
const FITS: &str = "every row fits a state";

fn check(url: &str) -> (Option<i32>, String) {
    let output = binary::run(&["check", "--database-url", url], "");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// An admin and alice, each with a grant and a token, and of alice's a credential of each kind.
#[apply(both_engines!)]
async fn a_row_of_the_identity_that_is_at_fault_is_named_with_the_sentence_that_it_breaks(engine: Engine) {
    let database = Database::fresh(engine);
    let mut server = serve(&database.url, "info");
    let cast = Cast::of(&server).await;
    let token = cast.enter(&server).await;
    cast.credential(&server, &token, json!({"name": "ci"})).await;
    let key = json!({"credential": {"description": "sdk"}});
    server.post("/identity/v3/OS-CREDENTIAL/credentials", key).by(&token).await.is(201);
    server.stop();
    let (status, out) = check(&database.url);
    assert_eq!(status, Some(0), "{out}");

    let renamed = |table: &str, column: &str, more: &str| {
        let set = |value: &str| format!("UPDATE {table} SET {column} = {value} WHERE {column} IS NOT NULL{more}");
        [set(&format!("'x' || {column}")), set(&format!("substr({column}, 2)"))]
    };
    let emptied = |table: &str| {
        ["[]", "{}"].map(|text| format!("UPDATE {table} SET attributes = '{text}' WHERE kind IN ('role', 'access_key')"))
    };
    let application = " AND kind = 'application'";
    for ([fault, mends], sentences, rows) in [
        (renamed("identity_grants", "user_id", ""), &[GRANT][..], 2),
        (renamed("identity_grants", "project_id", ""), &[GRANT], 2),
        (renamed("identity_grants", "role_id", ""), &[GRANT], 2),
        (renamed("identity_credentials", "user_id", ""), &[CREDENTIAL], 2),
        (renamed("identity_credentials", "project_id", ""), &[CREDENTIAL], 1),
        (renamed("identity_sessions", "user_id", ""), &[TOKEN], 2),
        (renamed("identity_sessions", "token_hash", ""), &[TOKEN], 2),
        (renamed("identity_entities", "password", ""), &[PASSWORD, VERIFIABLE], 4),
        (renamed("identity_credentials", "secret", application), &[PASSWORD, VERIFIABLE], 2),
        (emptied("identity_entities"), &[FITS], 4),
        (emptied("identity_credentials"), &[FITS], 1),
    ] {
        assert_ne!(alter(&database.url, leaked(fault.clone())).await, 0, "{fault}");
        let (status, out) = check(&database.url);
        assert_eq!((status, out.lines().count()), (Some(1), rows), "{fault}: {out}");
        assert!(
            out.lines().all(|line| sentences.iter().any(|sentence| line.ends_with(&format!("The rule is: {sentence}")))),
            "{fault}: {out}"
        );
        assert!(!out.contains("argon2id$"), "{fault}: {out}");
        alter(&database.url, leaked(mends)).await;
        let (status, out) = check(&database.url);
        assert_eq!(status, Some(0), "{fault} is mended: {out}");
    }
}

/// A statement that a test puts together.
fn leaked(sql: String) -> &'static str {
    Box::leak(sql.into_boxed_str())
}
