//! The policy at the door: who may what by its roles, and what a caller learns of records who may not.

use std::sync::Arc;

use handover::app::App;
use handover::domain::{AuthKey, Caller, Id, ProjectId, Roles};
use handover::service::copies::{self, CopyKind};
use handover::service::{self, Context, Error, quotas, transfers, volumes};
use handover::store::Purpose;
use handover::system::System;

use crate::support::{TestServer, apply, both_engines, new_id, settings, stored_acts};

/// An app beside a server, over the same database, and callers of it with any roles.
struct Beside(App);

impl Beside {
    async fn of(server: &TestServer) -> Self {
        let settings = settings::parse(&server.database.url, &[]);
        Self(App::build(&settings, Purpose::Command, Arc::new(System)).await.unwrap())
    }

    fn caller(&self, project: &str, roles: &[&'static str]) -> Context {
        Context {
            service: Arc::clone(&self.0.service),
            caller: Caller {
                user: "somebody".to_owned(),
                project: ProjectId::parse(project).unwrap(),
                roles: roles.iter().copied().collect::<Roles>(),
            },
            request_id: Id::parse(&new_id()).unwrap(),
            address: None,
            name: None,
            signature: None,
            progress: Arc::default(),
        }
    }
}

fn id(text: &str) -> Id {
    Id::parse(text).unwrap()
}

fn is_forbidden<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::Forbidden(_)))
}

fn is_missing<T>(outcome: &Result<T, Error>) -> bool {
    matches!(outcome, Err(Error::NotFound(..)))
}

#[apply(both_engines!)]
async fn a_reader_looks_and_changes_nothing_and_who_has_no_role_does_neither(server: TestServer) {
    let (offered, beside) = (server.offer().await, Beside::of(&server).await);
    let before = stored_acts(&server.database.url).await.len();
    for (roles, looks) in [(&["reader"][..], true), (&[], false), (&["vault"], false)] {
        let cx = || beside.caller("alpha", roles);
        let shown = transfers::show(&cx(), id(&offered.id)).await;
        assert!(if looks { shown.is_ok() } else { is_forbidden(&shown) }, "{roles:?}: {shown:?}");
        let deleted = service::perform(&cx(), &transfers::Delete(id(&offered.id))).await;
        assert!(is_forbidden(&deleted), "{roles:?}: {deleted:?}");
        let manner = volumes::Manner::Gently;
        let volume = volumes::Delete { id: id(&offered.volume_id), cascade: false, manner };
        assert!(is_forbidden(&service::perform(&cx(), &volume).await), "{roles:?}");
        let quota = quotas::show(&cx(), &ProjectId::parse("alpha").unwrap()).await;
        assert!(if looks { quota.is_ok() } else { is_forbidden(&quota) }, "{roles:?}");
    }
    let acts = stored_acts(&server.database.url).await;
    assert_eq!(acts.len() - before, 6, "each refused write, and no look, leaves its act");
    assert_eq!(server.stored_volume(&offered.volume_id).await.status.as_str(), "awaiting-transfer");
    beside.0.store.close().await;
}

#[apply(both_engines!)]
async fn to_who_may_not_a_record_is_refused_where_it_exists_and_missing_where_it_does_not(server: TestServer) {
    let (offered, beside) = (server.offer().await, Beside::of(&server).await);
    let snapshot = server.snapshot(&server.volume().await).await;
    let ended = server.offer().await;
    server.accept_by("beta", &ended).await.is(202);
    let roles = &["reader"][..];
    for (project, transfer, is_there) in
        [("alpha", &offered.id, true), ("beta", &offered.id, false), ("alpha", &new_id(), false), ("alpha", &ended.id, false)]
    {
        let deleted = service::perform(&beside.caller(project, roles), &transfers::Delete(id(transfer))).await;
        assert!(if is_there { is_forbidden(&deleted) } else { is_missing(&deleted) }, "{project}: {deleted:?}");
    }
    for (project, is_there) in [("alpha", true), ("beta", false)] {
        let cx = beside.caller(project, roles);
        let delete = copies::Delete { kind: CopyKind::Snapshot, id: id(&snapshot), is_by_force: false };
        let deleted = service::perform(&cx, &delete).await;
        assert!(if is_there { is_forbidden(&deleted) } else { is_missing(&deleted) }, "{project}: {deleted:?}");
        let manner = volumes::Manner::ForceDelete;
        let cx = beside.caller(project, &["member", "reader"]);
        let forced = volumes::Delete { id: id(&offered.volume_id), cascade: false, manner };
        let forced = service::perform(&cx, &forced).await;
        assert!(if is_there { is_forbidden(&forced) } else { is_missing(&forced) }, "{project}: {forced:?}");
    }
    beside.0.store.close().await;
}

#[apply(both_engines!)]
async fn on_accept_the_policy_comes_before_the_record(server: TestServer) {
    let (offered, beside) = (server.offer().await, Beside::of(&server).await);
    for transfer in [&offered.id, &new_id()] {
        let accept = || transfers::Accept { id: id(transfer), key: AuthKey::claimed(offered.key.clone()) };
        let refused = service::perform(&beside.caller("beta", &["reader"]), &accept()).await;
        assert!(is_forbidden(&refused), "whether there is such an offer is not said: {refused:?}");
    }
    let unknown = transfers::Accept { id: id(&new_id()), key: AuthKey::claimed(offered.key.clone()) };
    assert!(is_missing(&service::perform(&beside.caller("beta", &["member"]), &unknown).await));
    let accept = transfers::Accept { id: id(&offered.id), key: AuthKey::claimed(offered.key.clone()) };
    service::perform(&beside.caller("beta", &["member"]), &accept).await.unwrap();
    assert_eq!(server.stored_volume(&offered.volume_id).await.project_id.as_str(), "beta");
    beside.0.store.close().await;
}
