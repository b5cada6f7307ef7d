//! Backups that have outlived their volume: records by themselves, in a document as in the database.

use handover::domain::quota::Usage;

use crate::support::operator_cli::{NONE, ONE_CREATED, ONE_UNCHANGED, ONE_UPDATED};
use crate::support::{OperatorCli, Value, apply, both_engines, copy, json, new_id, stored_usage, volume, with};

/// A backup of a volume that is nowhere, with every key.
fn left_behind() -> Value {
    let more = json!({"volume_id": new_id(), "project_id": "beta", "size": 4, "metadata": {"key": "value"}});
    with(copy("available"), more)
}

/// What an import says of backups when it touches nothing else.
fn said(backups: &str) -> String {
    format!("volumes: {NONE}; snapshots: {NONE}; backups: {backups}; transfers: {NONE}")
}

#[apply(both_engines!)]
async fn a_backup_without_its_volume_is_loaded_counted_and_exported(desk: OperatorCli) {
    assert_eq!(desk.export().get("backups"), None, "a list that has nothing is not written");
    let backup = left_behind();
    let document = json!({"volumes": [volume("alpha")], "backups": [backup]});
    assert!(desk.import(&document).contains(&format!("backups: {ONE_CREATED}")));
    assert_eq!(stored_usage(&desk.0.url, "beta").await, Usage::backup(4));
    assert_eq!(desk.import(&json!({"backups": [backup]})), said(ONE_UNCHANGED));

    let all = desk.export();
    assert_eq!(all["backups"], json!([backup]));
    let there = OperatorCli::new(desk.0.engine);
    there.import(&all);
    assert_eq!(there.text(), desk.text());
}

#[apply(both_engines!)]
async fn it_says_whose_and_how_large_it_is_unless_it_is_stored(desk: OperatorCli) {
    let backup = left_behind();
    for key in ["project_id", "size"] {
        let mut record = backup.clone();
        record.as_object_mut().unwrap().remove(key);
        let why = desk.refused(&json!({"backups": [record]}));
        let id = backup["volume_id"].as_str().unwrap();
        let said = format!("volume_id: volume {id} is neither in this document nor in the database; give project_id and size");
        assert!(why.contains(&said), "{why}");
    }
    for (key, wrong) in [("project_id", json!("a b")), ("size", json!(-1))] {
        let why = desk.refused(&json!({"backups": [with(backup.clone(), json!({key: wrong}))]}));
        assert!(why.contains(&format!("backups[0] (id {}): {key}: ", backup["id"].as_str().unwrap())), "{why}");
    }
    let why = desk.refused(&json!({"snapshots": [backup]}));
    assert!(why.contains("is neither in this document nor in the database") && !why.contains("outlived"), "{why}");

    desk.import(&json!({"backups": [backup]}));
    let renamed = json!({"id": backup["id"], "volume_id": backup["volume_id"], "name": "renamed"});
    assert_eq!(desk.import(&json!({"backups": [renamed]})), said(ONE_UPDATED));
    assert_eq!(desk.export()["backups"], json!([with(backup, json!({"name": "renamed"}))]));
}

#[apply(both_engines!)]
async fn when_its_volume_comes_back_it_stands_with_it_again(desk: OperatorCli) {
    let backup = left_behind();
    desk.import(&json!({"backups": [backup]}));
    desk.import(&json!({"volumes": [{"id": backup["volume_id"], "project_id": "alpha"}]}));
    let all = desk.export();
    assert_eq!(all.get("backups"), None);
    let mut expected = backup;
    expected.as_object_mut().unwrap().remove("volume_id");
    assert_eq!(all["volumes"][0]["backups"], json!([expected]));
}

#[apply(both_engines!)]
async fn more_than_a_batch_holds_come_back_one_by_one(desk: OperatorCli) {
    let backups: Vec<Value> = (0..1203).map(|_| left_behind()).collect();
    desk.import(&json!({"backups": backups}));
    let all = desk.export();
    assert_eq!(all["backups"].as_array().unwrap().len(), 1203);
    let there = OperatorCli::new(desk.0.engine);
    there.import(&all);
    assert_eq!(there.text(), desk.text());
}
