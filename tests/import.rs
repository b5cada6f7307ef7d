//! Import: a document is laid over the database, whole or not at all. Every test ends with the command `check`.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::support::operator_cli::{NONE, ONE_CREATED, ONE_UNCHANGED, ONE_UPDATED, Ran, said};
use crate::support::{
    Database, Engine, Offered, OperatorCli, TestServer, Value, alter, apply, binary, both_engines, copy, ids, json, limited,
    new_id, pending, stored_usage, volume, with,
};

const SEED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/seed.yaml");

/// A record as Cinder's `volumes/detail` has it.
fn cinder(status: &str) -> Value {
    json!({
        "id": new_id(), "os-vol-tenant-attr:tenant_id": "alpha", "status": status, "size": 1, "bootable": "true",
        "metadata": {}, "attachments": [{"device": "/dev/vdb"}], "encrypted": false, "links": [], "replication_status": null,
    })
}

#[apply(both_engines!)]
async fn the_seed_loads_and_for_the_second_time_changes_nothing(desk: OperatorCli) {
    let first = desk.run(&["import", SEED], "");
    assert_eq!(
        (first.status, first.out.trim_end()),
        (Some(0), format!("{SEED}: volumes: 14 created, 0 updated, 0 unchanged; snapshots: {ONE_CREATED}; backups: {ONE_CREATED}; transfers: {ONE_CREATED}").as_str()),
        "{}",
        first.err
    );
    let before = desk.text();
    let second = desk.run(&["import", SEED], "");
    assert_eq!(
        second.out.trim_end(),
        format!(
            "{SEED}: volumes: 0 created, 0 updated, 14 unchanged; snapshots: {ONE_UNCHANGED}; backups: {ONE_UNCHANGED}; transfers: {ONE_UNCHANGED}"
        )
    );
    assert_eq!(desk.text(), before);
}

#[apply(both_engines!)]
async fn imports_of_one_document_at_the_same_time_take_turns(desk: OperatorCli) {
    let load = || binary::run(&["import", SEED, "--database-url", &desk.0.url, "--hash", "token"], "");
    let outputs: Vec<_> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(load)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let said: Vec<_> = outputs.iter().map(|output| String::from_utf8_lossy(&output.stdout)).collect();
    assert!(outputs.iter().all(|output| output.status.success()), "{outputs:?}");
    assert_eq!(said.iter().filter(|line| line.contains("volumes: 14 created")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|line| line.contains("14 unchanged")).count(), 3, "{said:?}");
}

#[apply(limited!)]
#[test]
fn either_engine_exports_the_same_text_and_loads_the_others() {
    let [sqlite, postgres] = [Engine::Sqlite, Engine::Postgres].map(OperatorCli::new);
    assert_eq!(sqlite.run(&["import", SEED], "").status, Some(0));
    let text = sqlite.text();
    postgres.import(&serde_json::from_str(&text).unwrap());
    assert_eq!(postgres.text(), text);
    let again = OperatorCli::new(Engine::Sqlite);
    again.import(&serde_json::from_str(&text).unwrap());
    assert_eq!(again.text(), text);
    assert!(text.starts_with("{\"handover\": 1,\n\"volumes\": [\n{\"id\":"), "{text:.80}");
}

#[apply(both_engines!)]
async fn what_the_api_has_made_of_a_document_moves_to_the_other_engine_whole(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let copies = || json!({"snapshots": [copy("available")], "backups": [copy("available")]});
    let [given, kept] = [with(volume("alpha"), copies()), with(volume("alpha"), copies())];
    let gone = with(volume("alpha"), json!({"backups": [copy("available")]}));
    let creating = json!([
        with(volume("alpha"), json!({"status": "creating", "creating_until": "2100-01-01T00:00:00.000000"})),
        with(volume("alpha"), json!({"status": "creating", "creating_reads": 3})),
    ]);
    server.seed(json!({"volumes": [given, gone, kept, creating[0], creating[1]]})).await;
    // copies left behind by a transfer and by a volume that is deleted, offers ended and pending, limits set and taken back
    let body = json!({"transfer": {"volume_id": given["id"], "no_snapshots": true}});
    let transfer = server.post("/v3/alpha/volume-transfers", body).at("3.55").await.is(202).transfer();
    let text = |key: &str| transfer[key].as_str().unwrap().to_owned();
    let offered = Offered { id: text("id"), key: text("auth_key"), volume_id: text("volume_id") };
    server.accept_by("beta", &offered).await.is(202);
    let withdrawn = server.offer_of(gone["id"].as_str().unwrap()).await;
    server.delete(&format!("/v2/alpha/os-volume-transfer/{}", withdrawn.id)).await.is(202);
    server.delete(&format!("/v3/alpha/volumes/{}", withdrawn.volume_id)).await.is(202);
    server.offer_of(kept["id"].as_str().unwrap()).await;
    for (path, limits) in [
        ("os-quota-sets/alpha", json!({"quota_set": {"volumes": 9, "groups": 0}})),
        ("os-quota-sets/beta", json!({"quota_set": {"volumes": 9}})),
        ("os-quota-class-sets/default", json!({"quota_class_set": {"gigabytes": -1, "snapshots": 4}})),
    ] {
        server.ask("PUT", &format!("/v3/ops/{path}")).by("admin:ops").json(&limits).await.is(200);
    }
    server.delete("/v3/ops/os-quota-sets/beta").by("admin:ops").await.is(200);

    let here = OperatorCli(server.database.clone());
    let all = here.export();
    let keys: Vec<&String> = all.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["handover", "volumes", "backups", "quotas", "transfers"]);
    let other = if engine == Engine::Sqlite { Engine::Postgres } else { Engine::Sqlite };
    let there = OperatorCli::new(other);
    there.import(&all);
    assert_eq!(there.text(), here.text());
    for project in ["alpha", "beta"] {
        assert_eq!(stored_usage(&there.0.url, project).await, server.usage(project).await);
    }
    // and once more changes nothing
    let said = there.import(&all);
    assert!(!said.contains("1 created") && !said.contains("1 updated") && said.contains("quotas: 0 created"), "{said}");
    assert_eq!(there.text(), here.text());
}

#[apply(both_engines!)]
async fn more_records_than_a_batch_holds_come_back_one_by_one(desk: OperatorCli) {
    let volumes: Vec<Value> = (0..1201)
        .map(|n| {
            with(
                volume("alpha"),
                json!({"name": format!("v{n}"), "snapshots": if n % 2 == 0 { json!([copy("error")]) } else { json!([]) }}),
            )
        })
        .collect();
    let transfers: Vec<Value> = volumes.iter().skip(1).step_by(2).map(pending).collect();
    // sorted keys: the transfers stand first
    let document = json!({"transfers": transfers, "volumes": volumes});
    let line = desk.import(&document);
    assert_eq!(
        line,
        format!(
            "volumes: 1201 created, 0 updated, 0 unchanged; snapshots: 601 created, 0 updated, 0 unchanged; backups: {NONE}; transfers: 600 created, 0 updated, 0 unchanged"
        )
    );
    let all = desk.export();
    let (mut expected, found) = (ids(&document["volumes"]), ids(&all["volumes"]));
    expected.sort_unstable();
    assert_eq!(found, expected);
    assert_eq!(all["transfers"].as_array().unwrap().len(), 600);
    let again = OperatorCli::new(desk.0.engine);
    again.import(&all);
    assert_eq!(again.export(), all);
}

#[apply(both_engines!)]
async fn what_an_export_of_cinder_does_not_say_stays_as_our_own_document_said_it(desk: OperatorCli) {
    let exported = cinder("available");
    desk.import(&json!({"count": 1, "volumes": [exported], "volumes_links": []}));
    let own = json!({"id": exported["id"], "project_id": "alpha", "frozen": true, "snapshots": [copy("available")]});
    assert!(desk.import(&json!({"volumes": [own]})).contains(ONE_UPDATED));
    let line = desk.import(&json!({"volumes": [exported]}));
    assert_eq!(line, said(ONE_UNCHANGED, NONE));
    let stored = desk.volume(&exported["id"]);
    assert_eq!((&stored["frozen"], &stored["bootable"], &stored["system_disk"]), (&json!(true), &json!(true), &json!(false)));
    assert_eq!(stored["attachments"], exported["attachments"]);
    assert_eq!(ids(&stored["snapshots"]), ids(&own["snapshots"]));
    assert!(stored.get("links").is_none());
}

#[apply(both_engines!)]
async fn a_list_of_snapshots_is_the_whole_list(desk: OperatorCli) {
    let [kept, gone, new] = [copy("available"), copy("available"), copy("creating")];
    let one = with(volume("alpha"), json!({"snapshots": [kept, gone], "backups": [copy("available")]}));
    desk.import(&json!({"volumes": [one]}));
    let renamed = with(kept.clone(), json!({"name": "renamed"}));
    let line = desk.import(&json!({"volumes": [{"id": one["id"], "project_id": "alpha", "snapshots": [renamed, new]}]}));
    assert_eq!(
        line,
        format!(
            "volumes: {ONE_UNCHANGED}; snapshots: 1 created, 1 updated, 0 unchanged, 1 removed; backups: {NONE}; transfers: {NONE}"
        )
    );
    let stored = desk.volume(&one["id"]);
    let mut expected = vec![renamed, new];
    expected.sort_by_key(|copy| copy["id"].to_string());
    assert_eq!(stored["snapshots"], json!(expected));
    assert_eq!(stored["backups"], one["backups"]);

    let other = with(volume("alpha"), json!({"snapshots": [kept]}));
    let why = desk.refused(&json!({"volumes": [other]}));
    assert!(why.contains("snapshots[0] (id ") && why.contains("belongs to volume"), "{why}");
    let twice = [with(volume("alpha"), json!({"backups": [gone]})), with(volume("alpha"), json!({"backups": [gone]}))];
    assert!(desk.refused(&json!({"volumes": twice})).contains("stands twice"));
}

#[apply(both_engines!)]
async fn the_answers_about_snapshots_and_backups_add_to_what_is_there(desk: OperatorCli) {
    let one = with(volume("alpha"), json!({"snapshots": [copy("available")]}));
    desk.import(&json!({"volumes": [one]}));
    let answer = |more: Value| {
        with(
            json!({
                "id": new_id(), "volume_id": one["id"], "name": "s", "status": "error", "size": 3, "progress": "100%",
                "created_at": "2026-01-01T00:00:00", "metadata": {"key": "value"},
            }),
            more,
        )
    };
    let snapshot = answer(json!({"os-extended-snapshot-attributes:project_id": "beta", "updated_at": "2026-01-02T00:00:00"}));
    let backup = answer(json!({"os-backup-project-attr:project_id": "alpha", "is_incremental": false}));
    let line = desk.import(&json!({"snapshots": [snapshot], "snapshots_links": []}));
    assert_eq!(line, format!("volumes: {NONE}; snapshots: {ONE_CREATED}; backups: {NONE}; transfers: {NONE}"));
    let line = desk.import(&json!({"backups": [backup], "snapshots": [snapshot]}));
    assert_eq!(line, format!("volumes: {NONE}; snapshots: {ONE_UNCHANGED}; backups: {ONE_CREATED}; transfers: {NONE}"));
    let stored = desk.volume(&one["id"]);
    let expected = |id: &Value, more| {
        with(
            json!({
                "id": id, "user_id": "alice", "name": "s", "description": null, "status": "error", "size": 3,
                "consumes_quota": true, "metadata": {"key": "value"}, "created_at": "2026-01-01T00:00:00.000000", "updated_at": null,
            }),
            more,
        )
    };
    assert_eq!(stored["backups"], json!([expected(&backup["id"], json!({}))]));
    assert_eq!(stored["snapshots"].as_array().unwrap().len(), 2);
    let added = expected(&snapshot["id"], json!({"project_id": "beta", "updated_at": "2026-01-02T00:00:00.000000"}));
    assert!(stored["snapshots"].as_array().unwrap().contains(&added), "{stored}");

    let why = desk.refused(&json!({"volumes": [volume("alpha")], "backups": [with(backup, json!({"volume_id": new_id()}))]}));
    assert!(why.contains("backups[0] (id ") && why.contains(": belongs to volume "), "{why}");
    let other = volume("alpha");
    let why = desk.refused(&json!({"snapshots": [with(snapshot, json!({"volume_id": other["id"]}))], "volumes": [other]}));
    assert!(why.contains("snapshots[0] (id ") && why.contains(": belongs to volume "), "{why}");
}

#[apply(both_engines!)]
async fn a_snapshot_left_behind_keeps_its_project(desk: OperatorCli) {
    let own = copy("available");
    let left_behind = with(copy("available"), json!({"project_id": "beta"}));
    let one = with(volume("alpha"), json!({"snapshots": [own, left_behind]}));
    desk.import(&json!({"volumes": [one]}));
    let stored = desk.volume(&one["id"]);
    let projects: Vec<_> = stored["snapshots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|copy| (copy["id"].clone(), copy.get("project_id").cloned()))
        .collect();
    assert!(projects.contains(&(own["id"].clone(), None)), "{projects:?}");
    assert!(projects.contains(&(left_behind["id"].clone(), Some(json!("beta")))), "{projects:?}");
}

#[apply(both_engines!)]
async fn an_old_document_gives_nothing_back_to_the_donor(engine: Engine) {
    let server = TestServer::with(engine, &["--rules=openstack"]).await;
    let snapshot = copy("available");
    let one = with(volume("alpha"), json!({"snapshots": [snapshot]}));
    let [alone, volume_id] =
        [with(snapshot.clone(), json!({"volume_id": one["id"], "project_id": "alpha"})), one["id"].clone()];
    server.seed(json!({"volumes": [one]})).await;
    let offered = server.offer_of(volume_id.as_str().unwrap()).await;
    server.accept_by("beta", &offered).await.is(202);
    let desk = OperatorCli(server.database.clone());
    let accepted = desk.text();
    for (document, place) in [
        (json!({"volumes": [one]}), "volumes[0]"),
        (json!({"volumes": [volume("alpha"), one]}), "volumes[1]"),
        (json!({"snapshots": [alone]}), "snapshots[0]"),
    ] {
        for arguments in [&["import", "-"][..], &["import", "--check", "-"]] {
            let ran = desk.run(arguments, &document.to_string());
            let words = "alpha given, but in the database it is of beta; give the project it has, or move it there with --move";
            assert!(ran.status == Some(1) && ran.err.contains(words) && ran.err.contains(place), "{}", ran.err);
        }
        assert_eq!(desk.text(), accepted);
    }
    // nor in two steps, of which the first takes a snapshot away that another project has
    let left_behind = json!({"volumes": [{"id": volume_id, "project_id": "beta", "snapshots": [with(copy("available"), json!({"project_id": "gamma"}))]}]});
    let ran = desk.run(&["import", "--move", "-"], &left_behind.to_string());
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    let left = desk.text();
    let ran =
        desk.run(&["import", "-"], &json!({"volumes": [{"id": volume_id, "project_id": "beta", "snapshots": []}]}).to_string());
    assert!(ran.status == Some(1) && ran.err.contains("of gamma"), "{}", ran.err);
    assert_eq!(desk.text(), left);
    // what a record does not say stays
    let stored = desk.volume(&volume_id)["snapshots"][0]["id"].clone();
    desk.import(
        &json!({"volumes": [{"id": volume_id, "project_id": "beta", "snapshots": [{"id": stored, "name": "renamed"}]}]}),
    );
    assert_eq!(desk.volume(&volume_id)["snapshots"][0]["project_id"], "gamma");
    desk.import(&json!({"snapshots": [{"id": stored, "volume_id": volume_id, "name": "again"}]}));
    assert_eq!(desk.volume(&volume_id)["snapshots"][0]["project_id"], "gamma");
    let ran = desk.run(&["import", "--move", "-"], &json!({"volumes": [one]}).to_string());
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert_eq!(desk.volume(&volume_id)["project_id"], "alpha");
}

#[apply(both_engines!)]
async fn a_volume_that_awaits_a_transfer_which_is_nowhere_is_refused_or_loaded_as_available(desk: OperatorCli) {
    let [orphan, other] = [cinder("awaiting-transfer"), cinder("in-use")];
    let document = json!({"volumes": [other, orphan]});
    let why = desk.refused(&document);
    let id = orphan["id"].as_str().unwrap();
    assert!(why.contains(&format!("standard input: volumes[1] (id {id}): status: awaiting-transfer given")), "{why}");
    assert!(why.contains("--orphans available") && why.contains("Nothing was loaded"), "{why}");
    for (n, tally) in ["2 created, 0 updated, 0 unchanged", "0 created, 0 updated, 2 unchanged"].iter().enumerate() {
        let ran = desk.run(&["import", "--orphans", "available", "-"], &document.to_string());
        assert!(ran.out.contains(&format!("volumes: {tally}")), "{n}: {} {}", ran.out, ran.err);
        assert_eq!(desk.volume(&orphan["id"])["status"], "available");
    }
}

#[apply(both_engines!)]
async fn check_says_what_would_be_done_and_writes_nothing(desk: OperatorCli) {
    let before = desk.text();
    let ran = desk.run(&["import", "--check", SEED], "");
    assert_eq!(ran.status, Some(0), "{}", ran.err);
    assert!(
        ran.out.contains("volumes: 14 created") && ran.out.trim_end().ends_with("(checked, nothing written)"),
        "{}",
        ran.out
    );
    assert_eq!(desk.text(), before);
    let empty = OperatorCli(Database::empty(desk.0.engine).into());
    let ran = empty.run(&["import", "--check", SEED], "");
    assert!(ran.status == Some(0) && ran.err.contains("checked against an empty one"), "{}", ran.err);
    assert!(ran.out.contains("volumes: 14 created") && ran.out.contains("nothing written"), "{}", ran.out);
    let ran = empty.run(&["export"], "");
    assert!(ran.status == Some(1) && ran.err.contains("run `handover migrate` first"), "nothing was made: {}", ran.err);
    let nowhere = ["import", "--check", SEED, "--database-url", "postgres://nobody@127.0.0.1:1/none"];
    let ran = Ran::of(&binary::run(&nowhere, ""));
    assert!(ran.status == Some(1) && ran.err.contains("the database is unavailable"), "it may hold anything: {}", ran.err);
    assert_eq!(empty.run(&["migrate"], "").status, Some(0));
}

#[apply(both_engines!)]
async fn files_are_loaded_one_by_one_until_one_is_refused(desk: OperatorCli) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, document: &Value| {
        let path = folder.path().join(name);
        std::fs::write(&path, document.to_string()).unwrap();
        path.display().to_string()
    };
    let [first, last] = [volume("alpha"), volume("alpha")];
    let files = [
        file("first.json", &json!({"volumes": [first]})),
        file("bad.json", &json!({"volumes": [volume("alpha"), with(volume("alpha"), json!({"encryped": true}))]})),
        file("last.json", &json!({"volumes": [last]})),
    ];
    let ran = desk.run(&["import", &files[0], &files[1], &files[2]], "");
    assert_eq!(ran.status, Some(1));
    assert_eq!(ran.out, format!("{}: {}\n", files[0], said(ONE_CREATED, NONE)));
    assert!(
        ran.err.contains(&format!("{}: volumes[1] (id ", files[1])) && ran.err.contains("unknown field `encryped`"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains(&format!("before it were {}", files[0])), "{}", ran.err);
    assert_eq!(ids(&desk.export()["volumes"]), [first["id"].as_str().unwrap()]);
    assert!(Path::new(&files[2]).exists());
}

#[apply(both_engines!)]
async fn a_refused_document_does_not_wait_for_the_rest_of_a_pipe(desk: OperatorCli) {
    let mut records: Vec<Value> = (0..1200).map(|_| volume("alpha")).collect();
    // as many as are told at once
    records[600..700].iter_mut().for_each(|record| record["size"] = json!(0));
    let start = json!({"volumes": records}).to_string();
    let start = start.trim_end_matches("]}");
    let mut child = binary::command(&["import", "-", "--database-url", &desk.0.url])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let _ = pipe.write_all(start.as_bytes());
    // the pipe stays open: only the command can end this
    assert_eq!(child.wait().unwrap().code(), Some(1));
    drop(pipe);
}

#[apply(both_engines!)]
async fn an_export_that_breaks_off_is_taken_by_no_import(engine: Engine) {
    let database = Database::fresh(engine);
    let volumes: Vec<Value> = (0..1500).map(|_| volume("alpha")).collect();
    binary::import(&database.url, &json!({"volumes": volumes}));
    let last = volumes.iter().map(|volume| volume["id"].as_str().unwrap()).max().unwrap();
    alter(&database.url, &*format!("UPDATE volumes SET extra = '[]' WHERE id = '{last}'").leak()).await;
    let broken = binary::run(&["export", "--database-url", &database.url], "");
    let (text, why) = (String::from_utf8(broken.stdout).unwrap(), String::from_utf8(broken.stderr).unwrap());
    assert!(broken.status.code() == Some(1) && why.contains(last), "{why}");
    let end = text.lines().last().unwrap();
    assert!(end.starts_with("# this export broke off, and is no document: ") && end.contains(last), "{end}");
    let desk = OperatorCli::new(engine);
    let ran = desk.run(&["import", "-"], &text);
    assert!(ran.status == Some(1) && ran.err.contains("Nothing was loaded"), "{}", ran.err);
    assert_eq!(desk.export()["volumes"], json!([]));
}
