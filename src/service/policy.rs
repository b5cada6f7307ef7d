//! The policy: what there is to do, what EVS and Cinder call it, and the roles that may. Nothing else decides what a caller may.

use crate::service::prelude::*;

/// Something that a caller may do or not.
#[derive(Debug, PartialEq, Eq)]
pub struct Action {
    /// EVS's name where it has one, else ours: what routes, acts and settings call it.
    pub name: &'static str,
    /// Cinder's, which messages use, where Cinder has one.
    pub cinder: Option<&'static str>,
    /// Any of these may.
    pub roles: &'static [&'static str],
}

impl Action {
    /// As messages call it.
    pub const fn spoken(&self) -> &'static str {
        if let Some(name) = self.cinder { name } else { self.name }
    }
}

/// The table in force: its rows as they stand here, but for those that a file changes.
#[derive(Debug, Clone, Default)]
pub struct Policy(HashMap<&'static str, Vec<String>>);

impl Policy {
    /// Reads the rows that change: YAML, of an action by either of its names the roles of which any may.
    ///
    /// # Errors
    /// What is wrong, and what is expected.
    pub fn read(text: &str) -> Result<Self, String> {
        let rows: BTreeMap<String, Vec<String>> = serde_saphyr::from_str(text).map_err(|error| {
            format!("is not read: {error}; expected are rows such as `evs:transfers:accept: [member, vault]`")
        })?;
        let mut policy = Self::default();
        for (name, roles) in rows {
            let called: Vec<_> = ACTIONS.iter().filter(|action| action.name == name || action.cinder == Some(&name)).collect();
            let unknown = || format!("has the unknown action `{name}`; docs/identity.md lists those that there are");
            ensure!(!called.is_empty(), unknown());
            let twice = || format!("has the action `{name}` under both of its names; give one of them");
            for action in called {
                ensure!(policy.0.insert(action.name, roles.clone()).is_none(), twice());
            }
        }
        Ok(policy)
    }

    /// Whether who has these roles may.
    pub fn allows(&self, action: &Action, roles: &Roles) -> bool {
        match self.0.get(action.name) {
            Some(changed) => changed.iter().any(|role| roles.has(role)),
            None => action.roles.iter().any(|role| roles.has(role)),
        }
    }
}

const READER: &[&str] = &[Roles::READER, Roles::MEMBER, Roles::ADMIN];
const MEMBER: &[&str] = &[Roles::MEMBER, Roles::ADMIN];
const ADMIN: &[&str] = &[Roles::ADMIN];
/// None but whose own it is.
const NOBODY: &[&str] = &[];

/// A static of each row, and the table of all.
macro_rules! actions {
    ($($constant:ident $name:literal $cinder:expr, $roles:ident;)+) => {
        $(pub static $constant: Action = Action { name: $name, cinder: $cinder, roles: $roles };)+

        /// Every action there is.
        pub static ACTIONS: &[&Action] = &[$(&$constant),+];
    };
}

// Source of Cinder's names: its `policies`.
#[rustfmt::skip]
actions! {
    // sees and changes the records of every project
    EVERY_PROJECT             "projects:all"              Some("context_is_admin"), ADMIN;

    TRANSFERS_CREATE          "evs:transfers:create"      Some("volume:create_transfer"), MEMBER;
    TRANSFERS_LIST            "evs:transfers:list"        Some("volume:get_all_transfers"), READER;
    TRANSFERS_GET             "evs:transfers:get"         Some("volume:get_transfer"), READER;
    TRANSFERS_DELETE          "evs:transfers:delete"      Some("volume:delete_transfer"), MEMBER;
    TRANSFERS_ACCEPT          "evs:transfers:accept"      Some("volume:accept_transfer"), MEMBER;

    VOLUMES_CREATE            "evs:volumes:create"          Some("volume:create"), MEMBER;
    VOLUMES_LIST              "evs:volumes:list"            Some("volume:get_all"), READER;
    VOLUMES_SUMMARY           "volumes:summary"           Some("volume:get_all"), READER;
    VOLUMES_GET               "evs:volumes:get"             Some("volume:get"), READER;
    VOLUMES_CHANGE            "evs:volumes:update"          Some("volume:update"), MEMBER;
    VOLUMES_DELETE            "evs:volumes:delete"          Some("volume:delete"), MEMBER;
    VOLUMES_DELETE_BY_FORCE   "volumes:delete_by_force"   Some("volume:force_delete"), ADMIN;
    VOLUMES_METADATA_GET      "volumes:metadata:get"      Some("volume:get_volume_metadata"), READER;
    VOLUMES_METADATA_ADD      "volumes:metadata:add"      Some("volume:create_volume_metadata"), MEMBER;
    VOLUMES_METADATA_REPLACE  "volumes:metadata:replace"  Some("volume:update_volume_metadata"), MEMBER;
    VOLUMES_METADATA_DELETE   "volumes:metadata:delete"   Some("volume:delete_volume_metadata"), MEMBER;
    VOLUMES_ATTACH            "evs:volumes:attach"          Some("volume_extension:volume_actions:attach"), MEMBER;
    VOLUMES_BEGIN_DETACHING   "volumes:begin_detaching"   Some("volume_extension:volume_actions:begin_detaching"), MEMBER;
    VOLUMES_DETACH            "evs:volumes:detach"          Some("volume_extension:volume_actions:detach"), MEMBER;
    VOLUMES_EXTEND            "evs:volumes:extend"          Some("volume:extend"), MEMBER;
    VOLUMES_FORCE_DELETE      "volumes:force_delete"      Some("volume_extension:volume_admin_actions:force_delete"), ADMIN;
    VOLUMES_RESERVE           "volumes:reserve"           Some("volume_extension:volume_actions:reserve"), MEMBER;
    VOLUMES_RESET_STATUS      "volumes:reset_status"      Some("volume_extension:volume_admin_actions:reset_status"), ADMIN;
    VOLUMES_RETYPE            "volumes:retype"            Some("volume:retype"), MEMBER;
    VOLUMES_ROLL_DETACHING    "volumes:roll_detaching"    Some("volume_extension:volume_actions:roll_detaching"), MEMBER;
    VOLUMES_SET_BOOTABLE      "volumes:set_bootable"      Some("volume:update"), MEMBER;
    VOLUMES_SET_READONLY      "volumes:set_readonly"      Some("volume:update_readonly_flag"), MEMBER;
    VOLUMES_IMAGE_METADATA_GET    "volumes:image_metadata:get"    Some("volume_extension:volume_image_metadata:show"), READER;
    VOLUMES_IMAGE_METADATA_SET    "volumes:image_metadata:set"    Some("volume_extension:volume_image_metadata:set"), MEMBER;
    VOLUMES_IMAGE_METADATA_REMOVE "volumes:image_metadata:remove" Some("volume_extension:volume_image_metadata:remove"), MEMBER;
    VOLUMES_UNRESERVE         "volumes:unreserve"         Some("volume_extension:volume_actions:unreserve"), MEMBER;

    SNAPSHOTS_CREATE          "evs:snapshots:create"        Some("volume:create_snapshot"), MEMBER;
    SNAPSHOTS_LIST            "evs:snapshots:list"          Some("volume:get_all_snapshots"), READER;
    SNAPSHOTS_GET             "evs:snapshots:get"           Some("volume:get_snapshot"), READER;
    SNAPSHOTS_CHANGE          "evs:snapshots:update"        Some("volume:update_snapshot"), MEMBER;
    SNAPSHOTS_DELETE          "evs:snapshots:delete"        Some("volume:delete_snapshot"), MEMBER;
    SNAPSHOTS_METADATA_GET    "snapshots:metadata:get"    Some("volume:get_snapshot_metadata"), READER;
    SNAPSHOTS_METADATA_ADD    "snapshots:metadata:add"    Some("volume:update_snapshot_metadata"), MEMBER;
    SNAPSHOTS_METADATA_REPLACE "snapshots:metadata:replace" Some("volume:update_snapshot_metadata"), MEMBER;
    SNAPSHOTS_METADATA_DELETE "snapshots:metadata:delete" Some("volume:delete_snapshot_metadata"), MEMBER;
    SNAPSHOTS_FORCE_DELETE    "snapshots:force_delete"    Some("volume_extension:snapshot_admin_actions:force_delete"), ADMIN;
    SNAPSHOTS_RESET_STATUS    "snapshots:reset_status"    Some("volume_extension:snapshot_admin_actions:reset_status"), ADMIN;
    SNAPSHOTS_REPORT          "snapshots:report"          Some("snapshot_extension:snapshot_actions:update_snapshot_status"), MEMBER;

    BACKUPS_CREATE            "backups:create"            Some("backup:create"), MEMBER;
    BACKUPS_LIST              "backups:list"              Some("backup:get_all"), READER;
    BACKUPS_GET               "backups:get"               Some("backup:get"), READER;
    BACKUPS_CHANGE            "backups:update"            Some("backup:update"), MEMBER;
    BACKUPS_DELETE            "backups:delete"            Some("backup:delete"), MEMBER;
    BACKUPS_FORCE_DELETE      "backups:force_delete"      Some("volume_extension:backup_admin_actions:force_delete"), ADMIN;
    BACKUPS_RESET_STATUS      "backups:reset_status"      Some("volume_extension:backup_admin_actions:reset_status"), ADMIN;

    TYPES_LIST                "types:list"                Some("volume_extension:type_get_all"), READER;
    TYPES_GET                 "evs:types:get"             Some("volume_extension:type_get"), READER;
    TYPES_CREATE              "types:create"              Some("volume_extension:type_create"), ADMIN;
    TYPES_CHANGE              "types:update"              Some("volume_extension:type_update"), ADMIN;
    TYPES_DELETE              "types:delete"              Some("volume_extension:type_delete"), ADMIN;
    TYPES_SPECS_LIST          "types:extra_specs"         Some("volume_extension:types_extra_specs:index"), READER;
    TYPES_SPECS_GET           "types:extra_specs:get"     Some("volume_extension:types_extra_specs:show"), READER;
    TYPES_SPECS_ADD           "types:extra_specs:add"     Some("volume_extension:types_extra_specs:create"), ADMIN;
    TYPES_SPECS_SET           "types:extra_specs:set"     Some("volume_extension:types_extra_specs:update"), ADMIN;
    TYPES_SPECS_DELETE        "types:extra_specs:delete"  Some("volume_extension:types_extra_specs:delete"), ADMIN;
    TYPES_ACCESS_LIST         "types:access"              Some("volume_extension:volume_type_access:get_all_for_type"), ADMIN;
    TYPES_ACCESS_ADD          "types:access:add"          Some("volume_extension:volume_type_access:addProjectAccess"), ADMIN;
    TYPES_ACCESS_REMOVE       "types:access:remove"       Some("volume_extension:volume_type_access:removeProjectAccess"), ADMIN;
    TYPES_ENCRYPTION          "types:encryption"          Some("volume_extension:volume_type_encryption:get"), ADMIN;
    TYPES_ENCRYPT             "types:encryption:create"   Some("volume_extension:volume_type_encryption:create"), ADMIN;
    TYPES_REENCRYPT           "types:encryption:update"   Some("volume_extension:volume_type_encryption:update"), ADMIN;
    TYPES_DECRYPT             "types:encryption:delete"   Some("volume_extension:volume_type_encryption:delete"), ADMIN;
    ZONES_LIST                "zones:list"                Some("volume:availability_zone_list"), READER;
    EXTENSIONS_LIST           "extensions:list"           None, READER;
    SERVICES_LIST             "services:list"             Some("volume_extension:services:index"), ADMIN;
    HOSTS_LIST                "hosts:list"                Some("volume_extension:hosts"), ADMIN;
    POOLS_LIST                "pools:list"                Some("scheduler_extension:scheduler_stats:get_pools"), ADMIN;

    QUOTAS_GET                "evs:quotas:get"            Some("volume_extension:quotas:show"), READER;
    QUOTAS_SET                "quotas:set"                Some("volume_extension:quotas:update"), ADMIN;
    QUOTAS_RESET              "quotas:reset"              Some("volume_extension:quotas:delete"), ADMIN;
    QUOTA_CLASSES_GET         "quotas:classes:get"        Some("volume_extension:quota_classes:get"), ADMIN;
    QUOTA_CLASSES_SET         "quotas:classes:set"        Some("volume_extension:quota_classes:update"), ADMIN;

    // Keystone's names and rules. Source: its `policies`; what is a user's own, the operation says
    IDENTITY_LIST_USERS       "identity:list_users"       None, ADMIN;
    IDENTITY_GET_USER         "identity:get_user"         None, ADMIN;
    IDENTITY_CREATE_USER      "identity:create_user"      None, ADMIN;
    IDENTITY_UPDATE_USER      "identity:update_user"      None, ADMIN;
    IDENTITY_DELETE_USER      "identity:delete_user"      None, ADMIN;
    IDENTITY_CHANGE_PASSWORD  "identity:change_password"  None, ADMIN;
    IDENTITY_LIST_PROJECTS    "identity:list_projects"    None, ADMIN;
    IDENTITY_GET_PROJECT      "identity:get_project"      None, ADMIN;
    IDENTITY_CREATE_PROJECT   "identity:create_project"   None, ADMIN;
    IDENTITY_UPDATE_PROJECT   "identity:update_project"   None, ADMIN;
    IDENTITY_DELETE_PROJECT   "identity:delete_project"   None, ADMIN;
    IDENTITY_LIST_ROLES       "identity:list_roles"       None, ADMIN;
    IDENTITY_GET_ROLE         "identity:get_role"         None, ADMIN;
    IDENTITY_CREATE_ROLE      "identity:create_role"      None, ADMIN;
    IDENTITY_UPDATE_ROLE      "identity:update_role"      None, ADMIN;
    IDENTITY_DELETE_ROLE      "identity:delete_role"      None, ADMIN;
    IDENTITY_LIST_DOMAINS     "identity:list_domains"     None, ADMIN;
    IDENTITY_LIST_SERVICES    "identity:list_services"    None, ADMIN;
    IDENTITY_LIST_ENDPOINTS   "identity:list_endpoints"   None, ADMIN;
    IDENTITY_LIST_REGIONS     "identity:list_regions"     None, ADMIN;
    IDENTITY_USER_PROJECTS    "identity:list_user_projects" None, ADMIN;
    IDENTITY_ASSIGNMENTS      "identity:list_role_assignments" None, ADMIN;
    IDENTITY_LIST_GRANTS      "identity:list_grants"      None, ADMIN;
    IDENTITY_CREATE_GRANT     "identity:create_grant"     None, ADMIN;
    IDENTITY_REVOKE_GRANT     "identity:revoke_grant"     None, ADMIN;
    IDENTITY_VALIDATE_TOKEN   "identity:validate_token"   None, ADMIN;
    IDENTITY_REVOKE_TOKEN     "identity:revoke_token"     None, ADMIN;
    IDENTITY_LIST_CREDENTIALS "identity:list_application_credentials" None, ADMIN;
    IDENTITY_MAKE_CREDENTIAL  "identity:create_application_credential" None, NOBODY;
    IDENTITY_DROP_CREDENTIAL  "identity:delete_application_credential" None, ADMIN;
    IDENTITY_LIST_KEYS        "identity:list_credentials" None, ADMIN;
    IDENTITY_MAKE_KEY         "identity:create_credential" None, ADMIN;
    IDENTITY_DROP_KEY         "identity:delete_credential" None, ADMIN;
}

/// Whether the caller may do this: by its roles, and to `owner`'s, where whose it is is no secret.
///
/// # Errors
/// [`Error::Forbidden`].
pub(super) fn permit(cx: &Context, action: &'static Action, owner: Option<&ProjectId>) -> Result<()> {
    if owner.is_none_or(|owner| cx.sees(owner)) && cx.may(action) { Ok(()) } else { Err(Error::Forbidden(action)) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn an_action_has_one_name_and_admins_may_all() {
        let names: BTreeSet<&str> = ACTIONS.iter().map(|action| action.name).collect();
        assert_eq!(names.len(), ACTIONS.len(), "no two are called alike");
        let (policy, own) = (Policy::default(), &IDENTITY_MAKE_CREDENTIAL);
        assert!(ACTIONS.iter().all(|action| policy.allows(action, &Roles::of(Roles::ADMIN)) || *action == own));
        assert!(!ACTIONS.iter().any(|action| policy.allows(action, &Roles::default())), "without a role nothing goes");
    }

    #[test]
    fn a_file_changes_rows_by_either_name_and_is_refused_whole() {
        let vault = Roles::from_iter(["vault"]);
        for name in ["evs:transfers:accept", "volume:accept_transfer"] {
            let policy = Policy::read(&format!("{name}: [member, vault]")).unwrap();
            assert!(policy.allows(&TRANSFERS_ACCEPT, &vault) && policy.allows(&TRANSFERS_ACCEPT, &Roles::of(Roles::MEMBER)));
            assert!(
                !policy.allows(&TRANSFERS_CREATE, &vault) && !policy.allows(&TRANSFERS_ACCEPT, &Roles::from_iter(["admin"]))
            );
        }
        assert!(Policy::read("# nothing\n{}").unwrap().allows(&TRANSFERS_CREATE, &Roles::of(Roles::MEMBER)));
        for (text, what) in [
            ("evs:transfers:acept: [member]", "unknown action `evs:transfers:acept`"),
            ("evs:transfers:accept: member", "is not read"),
            ("evs:transfers:accept: [member]\nevs:transfers:accept: [admin]", "is not read"),
            ("evs:transfers:accept: [member]\nvolume:accept_transfer: [admin]", "under both of its names"),
            ("- evs:transfers:accept", "is not read"),
        ] {
            let error = Policy::read(text).unwrap_err();
            assert!(error.contains(what), "{text}: {error}");
        }
    }
}
