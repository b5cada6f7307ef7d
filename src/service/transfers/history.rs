//! The past of transfers: what was given and got, and what was done to each. Whoever gave it sees it, whoever got it once it is
//! theirs, and admins; to everyone else it does not exist.

use std::cmp::Reverse;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::TransferName;
use crate::domain::limits::ACTS;
use crate::service::prelude::*;
use crate::store::{acts as stored, attempts};

/// A transfer with its past, as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TransferWithPast)]
pub struct Told {
    pub id: Id,
    pub name: Option<TransferName>,
    pub volume_id: Id,
    /// pending; or accepted, deleted, expired, or withdrawn when its volume was deleted or its status reset.
    pub state: &'static str,
    pub created_at: Time,
    /// When it ends, or ended, by itself; null where it does not.
    pub expires_at: Option<Time>,
    pub ended_at: Option<Time>,
    /// The donor.
    pub source_project_id: ProjectId,
    pub source_user_id: String,
    /// The recipient, once it is accepted.
    pub destination_project_id: Option<ProjectId>,
    pub destination_user_id: Option<String>,
    /// How many wrong keys it has met.
    pub failed_attempts: i64,
}

/// A transfer as it is now, whether that is stored already or not; `failed`: how many wrong keys transfers have met.
pub fn told(cx: &Context, transfer: &Transfer, failed: &BTreeMap<Id, i64>) -> Told {
    let Transfer { offer, state } = transfer.clone();
    let recipient = transfer.recipient().cloned();
    let is_over = transfer.pending_hash().is_some() && offer.is_over(cx.now());
    Told {
        id: offer.id,
        name: offer.name,
        volume_id: offer.volume_id,
        state: if is_over { Ending::Expired.as_str() } else { state.as_str() },
        created_at: offer.made.at,
        expires_at: offer.expires_at,
        ended_at: state.ended_by().map(|by| by.at).or(offer.expires_at.filter(|_| is_over)),
        source_project_id: offer.made.project_id,
        source_user_id: offer.made.user_id,
        destination_project_id: recipient.as_ref().map(|by| by.project_id.clone()),
        destination_user_id: recipient.map(|by| by.user_id),
        failed_attempts: failed.get(&offer.id).copied().unwrap_or_default(),
    }
}

/// A transfer, pending or ended.
///
/// # Errors
/// [`Error::NotFound`], for who neither gave nor got it.
pub async fn show(cx: &Context, id: Id) -> Result<Told> {
    let transfer = visible(cx, id).await?;
    Ok(told(cx, &transfer, &attempts::failed(&mut cx.reader().await?, [id]).await?))
}

/// What was done to a transfer, and refused, oldest first, as far as acts are kept.
///
/// # Errors
/// As of [`show`].
pub async fn acts(cx: &Context, id: Id) -> Result<Vec<Act>> {
    visible(cx, id).await?;
    Ok(stored::of_transfer(&mut cx.reader().await?, id, ACTS).await?)
}

async fn visible(cx: &Context, id: Id) -> Result<Transfer> {
    settling::all(cx).await;
    let mut db = look(cx, &policy::TRANSFERS_GET, Some((RecordKind::Transfer, id))).await?;
    let found = transfers::TABLE.by_id(&mut db, id).await?;
    found.filter(|transfer| is_partys(cx, transfer)).ok_or(Error::NotFound(RecordKind::Transfer, id))
}

fn is_partys(cx: &Context, transfer: &Transfer) -> bool {
    cx.sees(&transfer.offer.made.project_id) || transfer.recipient().is_some_and(|by| cx.sees(&by.project_id))
}

/// A page of what the caller's project gave or got, or of all to an admin who asks for them; and how many wrong keys those have met
/// that have met any.
///
/// # Errors
/// [`Error::MarkerNotFound`] when the marker names none of these.
pub async fn list(cx: &Context, asked: &PageRequest) -> Result<(Page<Transfer>, BTreeMap<Id, i64>)> {
    settling::all(cx).await;
    let mut db = look(cx, &policy::TRANSFERS_LIST, None).await?;
    let is_theirs = |transfer: &Transfer| is_partys(cx, transfer);
    let is_by_age = asked.order.as_age() == Some(Direction::Descending) && asked.offset == 0;
    let page = if is_by_age && asked.of_project(cx).is_some() {
        // each from its index
        let given = page::page_of(&mut db, cx, &transfers::GIVEN, asked, is_theirs).await?;
        let got = page::page_of(&mut db, cx, &transfers::GOT, asked, is_theirs).await?;
        let mut rows: Vec<_> = given.rows.into_iter().chain(got.rows).collect();
        rows.sort_by_key(|transfer| Reverse((transfer.offer.made.at, transfer.offer.id)));
        // what a project gave itself
        rows.dedup_by_key(|transfer| transfer.offer.id);
        let page = Page::from_one_more(rows, asked.limit.into());
        Page { has_next: page.has_next || given.has_next || got.has_next, ..page }
    } else {
        page::page_of(&mut db, cx, &transfers::ALL, asked, is_theirs).await?
    };
    let failed = attempts::failed(&mut db, page.rows.iter().map(|transfer| transfer.offer.id)).await?;
    Ok((page, failed))
}
