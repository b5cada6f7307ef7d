//! How a service with users of its own starts: the first admin, the key that seals access keys, the file of the policy.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::support::identity::{TOKENS, by_password, named, token_of};
use crate::support::{Binary, Database, Engine, Value, apply, binary, both_engines, json, limited, volume};

/// The password that a start has told, if it has.
fn told(output: &str) -> Vec<String> {
    let line = |line: &str| Some(line.split_once("the user `admin` of the project `admin` has the password ")?.1.to_owned());
    output.lines().filter_map(line).collect()
}

async fn sign_in(server: &Binary, user: &str, password: &str, project: &str) -> String {
    let scope = Some(json!({"project": named(project)}));
    token_of(&server.post(TOKENS, by_password(named(user), password, scope)).by_nobody().await.is(201))
}

#[apply(both_engines!)]
async fn the_first_start_alone_draws_a_password_and_tells_it_once(engine: Engine) {
    let database = Database::fresh(engine);
    let flags = ["--auth=builtin", "--log-format=json"];
    let mut first = Binary::serve(&database.url, &flags, &[]);
    assert!(first.stop().success());
    let drawn = told(&first.output());
    assert_eq!(drawn.len(), 1, "{}", first.output());
    let mut second = Binary::serve(&database.url, &flags, &[]);
    sign_in(&second, "admin", &drawn[0], "admin").await;
    assert!(second.stop().success());
    assert!(!second.output().contains(&drawn[0]));
}

/// Runs `handover` to its end, which must be a failure; what it says.
#[track_caller]
fn fails(arguments: &[&str]) -> String {
    ends(arguments, 1)
}

fn ends(arguments: &[&str], status: i32) -> String {
    let output = binary::run(arguments, "");
    assert_eq!(output.status.code(), Some(status), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[apply(limited!)]
#[test]
fn the_key_that_seals_is_made_beside_the_database_and_another_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/handover.db", folder.path().display());
    let run = |arguments: &[&str], input: &str| {
        let output = binary::run(&[arguments, &["--database-url", &url]].concat(), input);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["migrate"], "");
    run(&["project", "create", "alpha"], "");
    let user: Value = serde_json::from_str(&run(&["user", "create", "alice", "--project", "alpha"], "")).unwrap();
    assert_eq!(user["password"].as_str().unwrap().len(), 32, "drawn, and told this once");
    let key: Value = serde_json::from_str(&run(&["access-key", "create", "alice", "alpha"], "")).unwrap();
    let file = folder.path().join("handover.seal-key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let exported = run(&["export"], "");
    assert!(exported.contains(key["access"].as_str().unwrap()) && !exported.contains(key["secret"].as_str().unwrap()));
    assert!(run(&["import", "-"], &exported).contains("users: 0 created, 0 updated, 1 unchanged"));
    let other = "another key of thirty-two characters and more";
    let serve = ["serve", "--auth=builtin", "--admin-password=correct horse battery", "--listen=127.0.0.1:0"];
    let short = "a key of a few characters";
    let said = ends(&[&serve[..], &["--database-url", &url, "--seal-key", short]].concat(), 2);
    assert!(said.contains("--seal-key (HANDOVER_SEAL_KEY) has fewer than 32 characters") && !said.contains(short), "{said}");
    let said = fails(&[&serve[..], &["--database-url", &url, "--seal-key", other]].concat());
    assert!(said.contains("sealed under another key") && !said.contains(other), "{said}");
    fs::remove_file(&file).unwrap();
    assert!(fails(&[&serve[..], &["--database-url", &url]].concat()).contains("put its file back"));
}

#[apply(both_engines!)]
async fn a_file_changes_who_may_what_and_one_that_is_wrong_stops_the_start(engine: Engine) {
    let database = Database::fresh(engine);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.yaml");
    let policy = format!("--policy={}", file.display());
    fs::write(&file, "volume:accept_transfer: [vault]\nevs:volumes:create: [reader]\n").unwrap();
    let flags = ["--auth=builtin", "--admin-password=correct horse battery", &policy];
    let server = Binary::serve(&database.url, &flags, &[]);
    let user = |name: &str, role: &str| json!({"name": name, "password": "a password of theirs", "roles": {"alpha": [role]}});
    let volumes = [volume("alpha")];
    let id = volumes[0]["id"].clone();
    let users = [user("vera", "vault"), user("rita", "reader"), user("mia", "member")];
    let document = json!({"roles": [{"name": "vault"}], "projects": [{"name": "alpha"}], "users": users, "volumes": volumes});
    binary::import(&database.url, &document);
    let enter = async |user| sign_in(&server, user, "a password of theirs", "alpha").await;
    let (vera, rita, mia) = (enter("vera").await, enter("rita").await, enter("mia").await);
    server.post("/v3/alpha/volumes", json!({"volume": {"size": 1}})).by(&rita).await.is(202);
    let offer = json!({"transfer": {"volume_id": id}});
    let offered = server.post("/v3/alpha/os-volume-transfer", offer).by(&mia).await.is(202).transfer();
    let accept = format!("/v3/alpha/os-volume-transfer/{}/accept", offered["id"].as_str().unwrap());
    let key = json!({"accept": {"auth_key": offered["auth_key"]}});
    let refused = server.post(&accept, key.clone()).by(&mia).await.is(403);
    assert!(refused.text().contains("Policy doesn't allow volume:accept_transfer to be performed."), "{refused}");
    server.post(&accept, key).by(&vera).await.is(202);

    for (text, what) in [("evs:transfers:acept: [member]", "unknown action `evs:transfers:acept`"), ("- [", "is not read")] {
        fs::write(&file, text).unwrap();
        let said = fails(&["serve", "--listen=127.0.0.1:0", "--database-url", &database.url, &policy]);
        assert!(said.contains(what) && said.contains("--policy"), "{said}");
    }
}
