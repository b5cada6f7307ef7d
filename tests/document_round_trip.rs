//! What is written is read as the same, whatever it is; and nothing makes the reader panic.

use handover::document::{Origin, write};
use handover::domain::copy::EXTRAS;
use handover::domain::quota::{self, Overrides, Quota};
use handover::domain::transfer::{Ending, MadeOn, Resource, Stamp, State};
use handover::domain::volume::{Billing, DedicatedStorage, Provisioning};
use handover::domain::{Id, KnownStatus, Offer, ProjectId, Time, Transfer, TransferName, Volume, VolumeCopy, VolumeStatus};
use proptest::prelude::*;
use serde_json::Map;

use crate::document::{now, read_all};
use crate::support::{Value, apply, json, limited};

fn time() -> impl Strategy<Value = Time> {
    (-62_135_596_800_000_000i64..253_402_300_800_000_000).prop_map(|micros| Time::from_micros(micros).unwrap())
}

fn id() -> impl Strategy<Value = Id> {
    any::<[u8; 16]>().prop_map(|bytes| Id::new(uuid::Uuid::from_bytes(bytes)))
}

fn project() -> impl Strategy<Value = ProjectId> {
    "[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}".prop_map(|text| ProjectId::parse(&text).unwrap())
}

fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[^\\x00]{1,40}")
}

fn status() -> impl Strategy<Value = VolumeStatus> {
    "[a-z0-9_-]{1,64}".prop_map(|text| VolumeStatus::parse(&text).unwrap())
}

fn extra() -> impl Strategy<Value = Map<String, Value>> {
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[^\\x00]{0,9}".prop_map(Value::from),
        "[^\\x00]{0,9}".prop_map(|text| json!({text: [1, null]})),
    ];
    proptest::collection::vec(("x-[^\\x00]{0,9}", value), 0..4).prop_map(|pairs| pairs.into_iter().collect())
}

fn metadata() -> impl Strategy<Value = Map<String, Value>> {
    // also what says something of the volume, whether or not the volume is so
    let said = proptest::sample::select(&["orderID", "policy", "__system__encrypted"][..]).prop_map(str::to_owned);
    let key = prop_oneof![said, "[^\\x00]{0,9}"];
    let value = prop_oneof![Just("1".to_owned()), "[^\\x00]{0,9}"].prop_map(Value::from);
    proptest::collection::vec((key, value), 0..3).prop_map(|pairs| pairs.into_iter().collect())
}

fn provisioning() -> impl Strategy<Value = Provisioning> {
    prop_oneof![time().prop_map(Provisioning::Until), (1..=1i64 << 31).prop_map(Provisioning::Reads)]
}

fn copy_extra() -> impl Strategy<Value = Map<String, Value>> {
    let value =
        prop_oneof![Just(Value::Bool(true)), (1..i64::MAX).prop_map(Value::from), "[^\\x00]{0,9}".prop_map(Value::from)];
    proptest::collection::vec((proptest::sample::select(&EXTRAS[..]), value), 0..3)
        .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

prop_compose! {
    fn any_copy()(
        (id, project_id, user_id, name, description) in (id(), project(), text(), text(), text()),
        (size, status, metadata, extra, consumes_quota) in (0..=1i64 << 31, status(), metadata(), copy_extra(), any::<bool>()),
        (created_at, updated_at) in (time(), proptest::option::of(time())),
    ) -> VolumeCopy {
        VolumeCopy { id, volume_id: id, project_id, user_id, name, description, size, status, metadata, extra, created_at, updated_at, consumes_quota }
    }
}

prop_compose! {
    fn any_volume()(
        (id, project_id, user_id, name, description) in (id(), project(), text(), text(), text()),
        (size, status, availability_zone, volume_type) in (0..=1i64 << 31, status(), text(), text()),
        flags: [bool; 7], billing: bool, dedicated in 0..3usize,
        (backup_policy_id, consistency_group_id, extra) in (text(), text(), extra()),
        (created_at, updated_at) in (time(), proptest::option::of(time())),
        metadata in metadata(),
        provisioning in proptest::option::of(provisioning()),
    ) -> Volume {
        let [bootable, system_disk, encrypted, frozen, replication_enabled, multiattach, consumes_quota] = flags;
        let status = if provisioning.is_some() { KnownStatus::Creating.into() } else { status };
        Volume {
            id, project_id, user_id, name, description, size, status, provisioning, availability_zone, volume_type, bootable, system_disk,
            encrypted, frozen, replication_enabled, multiattach, consumes_quota, backup_policy_id, consistency_group_id, extra, created_at,
            updated_at,
            billing: if billing { Billing::Prepaid } else { Billing::Postpaid },
            dedicated_storage: [DedicatedStorage::None, DedicatedStorage::Dss, DedicatedStorage::Dess][dedicated],
            metadata,
        }
    }
}

prop_compose! {
    fn stamp()(at in time(), project_id in project(), user_id in "[^\\x00]{1,60}", request_id in id()) -> Stamp {
        Stamp { at, project_id, user_id, request_id }
    }
}

prop_compose! {
    fn any_transfer()(
        (id, volume_id, made, ended) in (id(), id(), stamp(), proptest::option::of((0..Ending::ALL.len(), stamp()))),
        name in text(), microversion in proptest::option::of(0..1000u16), on_vt: bool, no_snapshots: bool,
        expires_at in proptest::option::of(time()),
    ) -> Transfer {
        let resource = if on_vt { Resource::VolumeTransfers } else { Resource::OsVolumeTransfer };
        Transfer {
            offer: Offer {
                id, volume_id, made, no_snapshots, expires_at,
                name: name.and_then(|name| TransferName::parse(&name).ok()),
                made_on: MadeOn { resource, microversion },
            },
            state: match ended {
                None => State::Pending { auth_key_hash: "$argon2id$".to_owned() },
                Some((how, by)) => State::Ended { how: Ending::ALL[how], by },
            },
        }
    }
}

prop_compose! {
    fn any_quota()(
        project_id in proptest::option::of(project()),
        set in proptest::collection::vec(proptest::option::of(quota::LIMIT), quota::Resource::ALL.len()),
        at_least in quota::LIMIT,
    ) -> Quota {
        let mut limits = Overrides::default();
        limits.set(quota::Resource::Volumes, Some(at_least));
        for (resource, limit) in quota::Resource::ALL.into_iter().zip(set) {
            limits.set(resource, limit.or(limits.get(resource)));
        }
        Quota { project_id, limits }
    }
}

#[apply(limited!)]
#[test]
fn what_is_written_is_read_as_the_same() {
    proptest!(|(
        volume in any_volume(),
        copies in proptest::collection::vec(any_copy(), 0..3),
        transfer in any_transfer(),
        (backup, quota) in (any_copy(), any_quota()),
    )| {
        let copies: Vec<_> = copies.into_iter().map(|copy| VolumeCopy { volume_id: volume.id, ..copy }).collect();
        let lists = [
            ("volumes", write::volume(&volume, &copies, &[])),
            ("backups", write::backup(&backup)),
            ("quotas", write::quota(&quota)),
            ("transfers", write::transfer(&transfer)),
        ];
        let lists = lists.map(|(list, record)| format!("{}\n{record}{}", write::before(list), write::AFTER));
        let text = format!("{}{}{}", write::start(), lists.concat(), write::END);
        let all = read_all(&text).unwrap();
        let record = &all.volumes[0];
        prop_assert_eq!(record.over(None, now()).unwrap(), volume.clone());
        let snapshots = record.snapshots.as_ref().unwrap().iter();
        let read: Vec<_> = snapshots.map(|copy| copy.over(&record.place, &Origin::volume(&volume), None, now()).unwrap()).collect();
        prop_assert_eq!(read, copies);
        let loose = &all.backups[0];
        let origin = loose.origin().unwrap().unwrap();
        prop_assert_eq!(loose.record.over(&loose.place, &origin, None, now()).unwrap(), backup);
        prop_assert_eq!(&all.quotas[0].quota, &quota);
        prop_assert_eq!(all.transfers[0].differs_from(&transfer), None);
        let nobody = Stamp { at: now(), project_id: volume.project_id, user_id: String::new(), request_id: volume.id };
        prop_assert_eq!(all.transfers[0].offer(nobody), transfer.offer);
    });
}

#[apply(limited!)]
#[test]
fn no_document_makes_the_reader_panic() {
    proptest!(|(text in "\\PC{0,80}", mark in 0..3usize)| {
        let before = ["", "{\"volumes\": [", "volumes:\n  - "][mark];
        let _ = read_all(&format!("{before}{text}"));
    });
}
