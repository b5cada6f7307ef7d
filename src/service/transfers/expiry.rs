//! Expiry: an offer that nobody claimed by its moment has ended at that very moment, whether or not that is stored already. Whoever
//! comes first stores it, under the volume's lock as everything that ends an offer: accept or expiry, never both.

use crate::domain::Act;
use crate::domain::act::Outcome;
use crate::service::prelude::*;
use crate::store::{acts, volumes as stored};

/// What the policy would call it, if anybody asked for it.
pub const ACTION: &str = "evs:transfers:expire";

/// Who ends an offer that ends by itself, in its donor's project.
pub const USER: &str = "handover";

/// How many end in one transaction.
const BATCH: i64 = 50;

/// Ends some of the offers whose time is over; what is to be counted of it.
pub(in crate::service) async fn some(service: &Service, db: &mut Db, now: Time) -> Result<Counts, StoreError> {
    let due = transfers::due(db, now, BATCH).await?;
    if due.is_empty() {
        return Ok(Counts::default());
    }
    batch::lock(db, due.iter().copied()).await?;
    of_volumes(service, db, &due, now).await
}

/// Ends those of the offers of these volumes, which are locked, whose time is over; what is to be counted of it.
pub(in crate::service) async fn of_volumes(
    service: &Service,
    db: &mut Db,
    volumes: &[Id],
    now: Time,
) -> Result<Counts, StoreError> {
    let mut ended = Vec::new();
    let mut counts = Counts::default();
    for Transfer { offer, .. } in transfers::pending_of(db, volumes.iter().copied()).await? {
        let Some(at) = offer.expires_at.filter(|_| offer.is_over(now)) else { continue };
        counts += Counts::ended(Ending::Expired);
        let request_id = random::id(&*service.random);
        let by = Stamp { at, project_id: offer.made.project_id.clone(), user_id: USER.to_owned(), request_id };
        ended.push(Transfer { offer, state: State::Ended { how: Ending::Expired, by } });
    }
    transfers::TABLE.save(db, &ended).await?;
    stored::settle(db, Some(ended.iter().map(|transfer| transfer.offer.volume_id)), now).await?;
    for transfer in &ended {
        acts::insert(db, &act(transfer));
    }
    Ok(counts)
}

fn act(Transfer { offer, state }: &Transfer) -> Act {
    let by = state.ended_by().unwrap_or(&offer.made).clone();
    Act {
        at: by.at,
        request_id: by.request_id,
        action: ACTION.to_owned(),
        target: offer.volume_id,
        kind: RecordKind::Transfer.as_str().to_owned(),
        record: Some(offer.id.to_string()),
        transfer_id: Some(offer.id),
        outcome: Outcome::Done,
        project_id: by.project_id,
        user_id: by.user_id,
        address: None,
    }
}
