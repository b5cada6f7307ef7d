//! Which volumes may be transferred: the two rule sets as tables that code walks and docs are printed from.
//! Source: EVS, "creating a volume transfer"; Cinder, `transfer/api.py`. The order is the order of the answer.

use super::transfer::MadeOn;
use super::volume::{Billing, DedicatedStorage};
use super::{KnownStatus, Offer, VolumeStatus};

str_enum! {
    /// Which table applies.
    #[derive(Default)]
    pub enum RuleSet {
        #[default]
        Evs = "evs",
        Openstack = "openstack",
    }
}

/// All that a rule may ask about a volume: read under the volume's lock, or what the change that rests on it is held to.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // facts, one a rule
pub struct Facts {
    pub status: VolumeStatus,
    pub billing: Billing,
    pub frozen: bool,
    pub encrypted: bool,
    pub has_snapshots: bool,
    /// A snapshot that would go along exists whose status is not `available`: one that an earlier transfer has left behind stays
    /// where it is.
    pub has_unavailable_snapshot: bool,
    pub has_backups: bool,
    pub has_backup_policy: bool,
    pub dedicated_storage: DedicatedStorage,
    pub system_disk: bool,
    pub replication_enabled: bool,
    pub in_consistency_group: bool,
}

/// How the offer is, or was, made: the looser rules of newer microversions depend on it.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub made_on: MadeOn,
    pub no_snapshots: bool,
}

impl Terms {
    /// The terms of an offer that is being made, or was.
    pub fn of(offer: &Offer) -> Self {
        Self { made_on: offer.made_on, no_snapshots: offer.no_snapshots }
    }
}

/// A rule that can say no.
#[derive(Debug)]
pub struct Rule {
    /// The code in `reasons`.
    pub code: &'static str,
    /// What was wrong in Cinder's words where Cinder has them, what was expected, what to do.
    pub message: &'static str,
    refuses: fn(&Facts, Terms) -> bool,
}

/// One rule that said no.
pub type Refusal = &'static Rule;

/// A table: of each rule but the first, which both have, the code, what it says no to, and the message.
macro_rules! rules {
    ($($code:literal $refuses:expr => $message:expr;)+) => {
        &[STATUS, $(Rule { code: $code, message: $message, refuses: $refuses }),+]
    };
}

/// An offer itself changes the status: this is not asked again at accept.
const STATUS: Rule = Rule {
    code: "status",
    message: "Invalid volume: status must be available. Detach the volume; \
              one that is on offer already is awaiting-transfer until that transfer is accepted or deleted; \
              any other status an admin ends (os-reset_status).",
    refuses: |volume, _| !volume.status.is(KnownStatus::Available),
};

const ENCRYPTED: &str = "Invalid volume: transferring encrypted volume is not supported. \
    Copy its content to a volume that is not encrypted and offer that one.";

static EVS: &[Rule] = rules! {
    "prepaid" |volume, _| volume.billing == Billing::Prepaid =>
        "Invalid volume: a volume billed by the year or month cannot be transferred. Change it to pay-per-use first.";
    "frozen" |volume, _| volume.frozen =>
        "Invalid volume: a frozen volume cannot be transferred. Have it unfrozen first.";
    "encrypted" |volume, _| volume.encrypted => ENCRYPTED;
    "has_snapshots" |volume, _| volume.has_snapshots =>
        "Invalid volume: a volume with snapshots cannot be transferred. Delete its snapshots first.";
    "has_backups" |volume, _| volume.has_backups =>
        "Invalid volume: a volume with backups cannot be transferred. Delete its backups first.";
    "backup_policy" |volume, _| volume.has_backup_policy =>
        "Invalid volume: a volume with a backup policy cannot be transferred. Remove it from the policy first.";
    "dss" |volume, _| volume.dedicated_storage == DedicatedStorage::Dss =>
        "Invalid volume: a volume in dedicated storage (DSS) cannot be transferred. Copy it to shared storage and offer that one.";
    "dess" |volume, _| volume.dedicated_storage == DedicatedStorage::Dess =>
        "Invalid volume: a volume in dedicated enterprise storage (DESS) cannot be transferred. \
         Copy it to shared storage and offer that one.";
    "system_disk" |volume, _| volume.system_disk =>
        "Invalid volume: a system disk cannot be transferred. Copy it to a data disk and offer that one.";
    "replication" |volume, _| volume.replication_enabled =>
        "Invalid volume: a volume in a replication pair cannot be transferred. Delete the replication pair first.";
};

static OPENSTACK: &[Rule] = rules! {
    "encrypted" |volume, terms| volume.encrypted && (terms.no_snapshots || !terms.made_on.is_volume_transfers_from(70)) =>
        ENCRYPTED;
    "snapshot_status" |volume, terms| volume.has_unavailable_snapshot && !terms.no_snapshots =>
        "Invalid volume: the status of every snapshot must be available. \
         Delete the others, have an admin reset theirs (os-reset_status), or offer the volume with no_snapshots.";
    "consistency_group" |volume, _| volume.in_consistency_group =>
        "Invalid volume: a volume in a consistency group cannot be transferred. Remove it from the group first.";
};

/// When the rules are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Create,
    /// The volume is `awaiting-transfer` then, so its status is not asked about.
    Accept,
}

impl RuleSet {
    /// The table, in the order of the answer.
    pub fn rules(self) -> &'static [Rule] {
        match self {
            Self::Evs => EVS,
            Self::Openstack => OPENSTACK,
        }
    }

    /// Every rule that says no, in the table's order; empty when the volume may be transferred.
    pub fn refusals(self, facts: &Facts, terms: Terms, moment: Moment) -> Vec<Refusal> {
        let is_asked = |rule: &&Rule| moment == Moment::Create || rule.code != STATUS.code;
        self.rules().iter().filter(is_asked).filter(|rule| (rule.refuses)(facts, terms)).collect()
    }
}
