//! What reading a document gives, and what it says no with.

use handover::document::{Batch, LooseCopy, QuotaRecord, ReadError, TransferRecord, VolumeRecord, read};
use handover::domain::volume::{Billing, DedicatedStorage, Provisioning};
use handover::domain::{Time, Volume, VolumeStatus};

use crate::support::{Value, apply, json, limited};

const ID: &str = "c86b9af4-151d-4ead-b62c-5fb967af0e37";

/// When every document of these tests is read.
pub fn now() -> Time {
    Time::parse("2026-11-24T12:00:00").unwrap()
}

/// All that a document holds, its batches put together.
#[derive(Default)]
pub struct Everything {
    pub volumes: Vec<VolumeRecord>,
    pub backups: Vec<LooseCopy>,
    pub transfers: Vec<TransferRecord>,
    pub quotas: Vec<QuotaRecord>,
}

/// Reads a whole document.
pub fn read_all(text: &str) -> Result<Everything, ReadError> {
    let mut all = Everything::default();
    read(std::io::Cursor::new(text.to_owned()), |batch| {
        match batch {
            Batch::Volumes(records) => all.volumes.extend(records),
            Batch::Snapshots(_) => {}
            Batch::Backups(records) => all.backups.extend(records),
            Batch::Transfers(records) => all.transfers.extend(records),
            Batch::Quotas(records) => all.quotas.extend(records),
            Batch::VolumeTypes(_) | Batch::Identity(_) => {}
        }
        Ok(())
    })
    .map(|()| all)
}

/// The one volume of a document with this record.
fn volume(record: &Value) -> Result<Volume, String> {
    let all = read_all(&json!({"volumes": [record]}).to_string()).map_err(|error| error.to_string())?;
    all.volumes[0].over(None, now()).map_err(|fault| fault.to_string())
}

fn refusal(text: &str) -> String {
    read_all(text).err().expect("it is refused").to_string()
}

/// An export's record with the fields of `more`.
fn export(more: &Value) -> Value {
    let mut record = json!({"id": ID, "os-vol-tenant-attr:tenant_id": "p", "links": [{"rel": "self"}]});
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

#[apply(limited!)]
#[test]
fn yaml_and_json_say_the_same() {
    let yaml = format!(
        "# a comment\nvolumes:\n  - id: {ID}\n    project_id: p\n    created_at: 2015-02-25T03:56:53.081642\n    name: no\n"
    );
    let json = json!({"volumes": [{"id": ID, "project_id": "p", "created_at": "2015-02-25T03:56:53.081642", "name": "no"}]});
    let [yaml, json] = [yaml, json.to_string()].map(|text| read_all(&text).unwrap().volumes[0].over(None, now()).unwrap());
    assert_eq!(yaml, json);
    assert_eq!(yaml.name.as_deref(), Some("no"));
}

#[apply(limited!)]
#[test]
fn transfers_wait_for_the_volumes_whatever_the_order_of_the_keys() {
    let mut order = Vec::new();
    let text = json!({
        "transfers": [{"id": ID, "volume_id": ID, "auth_key": "k"}],
        "volumes": [{"id": ID, "project_id": "p"}],
    });
    read(std::io::Cursor::new(text.to_string()), |batch| {
        order.push(matches!(batch, Batch::Volumes(_)));
        Ok(())
    })
    .unwrap();
    assert_eq!(order, [true, false]);
}

#[apply(limited!)]
#[test]
fn an_absent_key_leaves_alone_what_is_stored() {
    let stored = volume(&json!({"id": ID, "project_id": "p", "frozen": true, "name": "n", "tags": {"a": "b"}})).unwrap();
    let all = read_all(&json!({"volumes": [export(&json!({"status": "in-use", "wwn": "1"}))]}).to_string()).unwrap();
    let laid_over = all.volumes[0].over(Some(&stored), now()).unwrap();
    let status = VolumeStatus::parse("in-use").unwrap();
    let extra = json!({"tags": {"a": "b"}, "wwn": "1"}).as_object().unwrap().clone();
    assert_eq!(laid_over, Volume { status, extra, ..stored });
}

#[apply(limited!)]
#[test]
fn of_two_keys_that_say_the_same_the_stored_one_gives_way_and_our_own_wins() {
    let over = |stored: &Volume, more: Value| {
        let mut record = json!({"id": ID, "project_id": "p"});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let all = read_all(&json!({"volumes": [record]}).to_string()).unwrap();
        all.volumes[0].over(Some(stored), now()).map_err(|fault| fault.to_string())
    };
    let new = json!({"id": ID, "project_id": "p", "status": "creating", "creating_reads": 3, "consistency_group_id": "a"});
    let stored = volume(&new).unwrap();
    assert_eq!(over(&stored, json!({})), Ok(stored.clone()));
    let until = over(&stored, json!({"creating_until": "2026-11-24T13:00:00"})).unwrap().provisioning;
    assert_eq!(until, Time::parse("2026-11-24T13:00:00").map(Provisioning::Until));
    assert_eq!(over(&stored, json!({"status": "available"})).unwrap().provisioning, None);
    for key in ["creating_until", "creating_reads"] {
        let said = over(&stored, json!({key: null})).unwrap_err();
        assert!(said.starts_with(&format!("volumes[0] (id {ID}): {key}: null given, ")), "{said}");
    }
    let group = |more| over(&stored, more).unwrap().consistency_group_id;
    assert_eq!(group(json!({"consistencygroup_id": "b"})).as_deref(), Some("b"));
    assert_eq!(group(json!({"consistency_group_id": "c", "consistencygroup_id": "b"})).as_deref(), Some("c"));
}

#[apply(limited!)]
#[test]
fn what_an_export_leaves_null_says_nothing() {
    let stored = volume(&json!({"id": ID, "project_id": "p", "bootable": true, "metadata": {"a": "b"}})).unwrap();
    let nulls = json!({"bootable": null, "metadata": null, "encrypted": null, "multiattach": null, "service_type": "EVS"});
    let all = read_all(&json!({"volumes": [export(&nulls)]}).to_string()).unwrap();
    let extra = json!({"service_type": "EVS"}).as_object().unwrap().clone();
    assert_eq!(all.volumes[0].over(Some(&stored), now()), Ok(Volume { extra, ..stored }));
}

#[apply(limited!)]
#[test]
fn an_evs_export_tells_its_facts() {
    let evs = |more: Value| {
        let mut record = export(&json!({"service_type": "EVS", "metadata": {}, "bootable": "false"}));
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        volume(&record).unwrap()
    };
    let plain = evs(json!({}));
    assert!(!plain.system_disk && !plain.encrypted && !plain.replication_enabled);
    assert_eq!((plain.billing, plain.dedicated_storage), (Billing::Postpaid, DedicatedStorage::None));
    assert_eq!(plain.extra, json!({"service_type": "EVS"}).as_object().unwrap().clone());
    assert_eq!(evs(json!({"metadata": {"orderID": "CS1"}})).billing, Billing::Prepaid);
    assert_eq!(evs(json!({"metadata": {"orderID": ""}})).billing, Billing::Postpaid);
    assert!(evs(json!({"metadata": {"__system__encrypted": "1"}, "encrypted": false})).encrypted);
    assert!(!evs(json!({"metadata": {"__system__encrypted": "0"}})).encrypted);
    assert!(evs(json!({"bootable": "true"})).system_disk);
    assert_eq!(evs(json!({"service_type": "DSS"})).dedicated_storage, DedicatedStorage::Dss);
    assert_eq!(evs(json!({"dedicated_storage_id": "d"})).dedicated_storage, DedicatedStorage::Dss);
    assert_eq!(evs(json!({"service_type": "DESS", "dedicated_storage_id": "d"})).dedicated_storage, DedicatedStorage::Dess);
    assert!(evs(json!({"replication_status": "enabled"})).replication_enabled);
    assert!(!evs(json!({"replication_status": "disabled"})).replication_enabled);
    assert!(evs(json!({"os-volume-replication:extended_status": "{'primary': true}"})).replication_enabled);
    assert_eq!(evs(json!({"consistencygroup_id": "g"})).consistency_group_id.as_deref(), Some("g"));
    assert_eq!(evs(json!({"consistencygroup_id": ""})).consistency_group_id, None);
}

#[apply(limited!)]
#[test]
fn in_a_cinder_export_bootable_is_no_system_disk() {
    let volume = volume(&export(&json!({"bootable": "true"}))).unwrap();
    assert!(volume.bootable && !volume.system_disk);
}

#[apply(limited!)]
#[test]
fn our_own_key_in_an_exports_record_wins() {
    let frozen = json!({"metadata": {"orderID": ""}, "billing": "prepaid", "frozen": true, "iops": {"frozened": false}});
    let volume = volume(&export(&frozen)).unwrap();
    assert_eq!((volume.billing, volume.frozen), (Billing::Prepaid, true));
}

#[apply(limited!)]
#[test]
fn a_record_that_is_wrong_is_named_with_field_value_and_what_was_expected() {
    let at = format!("volumes[0] (id {ID})");
    for (more, said) in [
        (json!({"encryped": true}), format!("{at}: unknown field `encryped`")),
        (json!({"frozen": 7}), format!("{at}: frozen: 7 given, true or false expected")),
        (json!({"name": 7}), format!("{at}: name: 7 given, a text (put it in quotes) expected")),
        (json!({"name": "x".repeat(256)}), format!("{at}: name: 256 characters given, at most 255 expected")),
        (
            json!({"size": 0}),
            format!("{at}: size: 0 given, a whole number of GiB from 1 to 2147483648 expected of a volume that is available"),
        ),
        (
            json!({"size": 1.5}),
            format!(
                "{at}: size: a number that is not in plain digits given, a whole number of GiB from 1 to 2147483648 expected"
            ),
        ),
        (json!({"billing": "free"}), format!("{at}: billing: \"free\" given, postpaid or prepaid expected")),
        (json!({"metadata": {"a": {}}}), format!("{at}: metadata: a: {{}} given, a text expected")),
        (json!({"tags": ["a\0"]}), format!("{at}: tags: holds a NUL character, which cannot be stored")),
        (
            json!({"created_at": "today"}),
            format!("{at}: created_at: \"today\" given, a time such as 2015-02-25T03:56:53.081642 (UTC) expected"),
        ),
        (json!({"snapshots": [{"name": "s"}]}), format!("{at}: snapshots[0].id: missing, a UUID expected")),
        (
            json!({"backups": [{"id": ID, "sise": 1}]}),
            format!(
                "{at}: backups[0]: unknown field `sise`, one of id, project_id, user_id, name, description, status, size, \
                 consumes_quota, metadata, created_at, updated_at expected"
            ),
        ),
        (
            json!({"project_id": "a b"}),
            format!(
                "{at}: project_id: \"a b\" given, 1 to 64 letters, digits, `-`, `_` and `.`, but neither `.` nor `..` expected"
            ),
        ),
        (json!({"id": "first"}), "volumes[0]: id: \"first\" given, a UUID expected".to_owned()),
    ] {
        let mut record = json!({"id": ID, "project_id": "p"});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(volume(&record), Err(said));
    }
    let said = volume(&json!({"id": ID})).unwrap_err();
    assert!(said.starts_with(&format!("{at}: has neither project_id")), "{said}");
}

#[apply(limited!)]
#[test]
fn a_quota_that_is_wrong_is_named_with_field_value_and_what_was_expected() {
    let limit = "a whole number from -1 (no limit) to 2147483647 expected";
    let words = "volumes, snapshots, gigabytes, per_volume_gigabytes, backups, backup_gigabytes, groups";
    for (record, said) in [
        (
            json!({"volumes": 1}),
            "project_id: missing; 1 to 64 letters, digits, `-`, `_` and `.`, but neither `.` nor `..`, or null for the default class expected".to_owned(),
        ),
        (
            json!({"project_id": "", "volumes": 1}),
            "project_id: \"\" given, 1 to 64 letters, digits, `-`, `_` and `.`, but neither `.` nor `..` expected".to_owned(),
        ),
        (json!({"project_id": null}), format!("names no limit; one of {words} expected")),
        (json!({"project_id": "p", "volums": 1}), format!("unknown field `volums`; project_id and {words} expected")),
        (json!({"project_id": "p", "volumes": null}), format!("volumes: null given, {limit}")),
        (json!({"project_id": "p", "volumes": -2}), format!("volumes: -2 given, {limit}")),
        (json!({"project_id": "p", "volumes": "1"}), format!("volumes: \"1\" given, {limit}")),
        (json!({"project_id": "p", "volumes": 2_147_483_648_u64}), format!("volumes: 2147483648 given, {limit}")),
        (json!("p"), "\"p\" given, an object expected".to_owned()),
    ] {
        assert_eq!(refusal(&json!({"quotas": [record]}).to_string()), format!("quotas[0]: {said}"));
    }
    let one = json!({"project_id": "p", "volumes": 1});
    let twice = json!({"quotas": [one, {"project_id": null, "volumes": 1}, one]});
    assert_eq!(refusal(&twice.to_string()), "quotas[2]: project_id: stands twice in this document");
}

#[apply(limited!)]
#[test]
fn a_document_that_is_wrong_says_what_is_taken() {
    let twice = json!({"id": ID, "project_id": "p"});
    for (text, said) in [
        ("", "is empty; an object with volumes or transfers expected".to_owned()),
        ("{}", "has none of volumes, snapshots, backups, transfers, roles, projects, users, quotas, volume_types".to_owned()),
        (
            "{\"volumes\": [], \"groups\": []}",
            "has the unknown key `groups`; volumes, snapshots, backups, transfers, roles, projects, users, quotas, volume_types expected"
                .to_owned(),
        ),
        ("{\"volumes\": [],\n \"volumes\": []}", "has the key `volumes` twice".to_owned()),
        (
            "{\"handover\": 2, \"volumes\": []}",
            "is of version 2 of the form, but this binary reads only up to 1; use the handover that wrote it".to_owned(),
        ),
        (
            "{\"volumes\": [{\"id\": 1,\n\"id\": 2}]}",
            "is no JSON that is taken here: key \"id\" is given twice at line 2 column 5".to_owned(),
        ),
        ("{\"volumes\": [", "is no JSON that is taken here: EOF while parsing a list at line 1 column 13".to_owned()),
        (&json!({"volumes": [twice, twice]}).to_string(), format!("volumes[1] (id {ID}): stands twice in this document")),
    ] {
        assert_eq!(refusal(text), said, "{text}");
    }
    assert!(refusal("volumes: []\nvolumes: []\n").contains("duplicate"), "{}", refusal("volumes: []\nvolumes: []\n"));
    assert!(refusal("just text").contains("an object with volumes or transfers"), "{}", refusal("just text"));
}

#[apply(limited!)]
#[test]
fn yaml_may_begin_with_a_brace_too() {
    let read = read_all(&format!("{{volumes: [{{id: {ID}, project_id: p}}]}}")).unwrap();
    assert_eq!(read.volumes.len(), 1);
}

#[apply(limited!)]
#[test]
fn a_document_that_export_wrote_may_have_keys_of_a_newer_one() {
    let records = json!([{"id": ID, "project_id": "p", "colour": "blue"}]);
    let read = |text: String| read_all(&text).unwrap().volumes[0].over(None, now());
    let kept = read(json!({"handover": 1, "volumes": records}).to_string()).unwrap();
    assert_eq!(kept.extra, json!({"colour": "blue"}).as_object().unwrap().clone());
    assert!(read(json!({"volumes": records}).to_string()).is_err());
}

#[apply(limited!)]
#[test]
fn a_key_is_never_repeated_in_a_message() {
    let record = |more: Value| {
        let mut record = json!({"id": ID, "volume_id": ID});
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"transfers": [record]}).to_string()
    };
    for more in [
        json!({"auth_key": ["feedfacecafebeef"]}),
        json!({"auth_key": "feedfacecafebeef".repeat(20)}),
        json!({"auth_key": "feedfacecafebeef", "auth_key_hash": "feedfacecafebeef"}),
        json!({"auth_key": "feedfacecafebeef", "state": "accepted"}),
        json!({"auth_key_hash": {"feedfacecafebeef": 1}}),
        json!({"auth_key": "feedfacecafebeef", "colour": 1}),
    ] {
        let said = refusal(&record(more));
        assert!(!said.contains("feedface"), "{said}");
    }
    for shape in [json!({"transfers": "feedfacecafebeef"}), json!({"transfers": [["auth_key", "feedfacecafebeef"]]})] {
        let said = refusal(&shape.to_string());
        assert!(!said.contains("feedface") && said.contains("expected"), "{said}");
    }
    let yaml = format!("transfers:\n  - {{ id: {ID}, auth_key: feedfacecafebeef, auth_key: [\n");
    assert!(!refusal(&yaml).contains("feedface"), "{}", refusal(&yaml));
    let all = read_all(&record(json!({"auth_key": "feedfacecafebeef"}))).unwrap();
    assert!(!format!("{:?}", all.transfers).contains("feedface"));
}
