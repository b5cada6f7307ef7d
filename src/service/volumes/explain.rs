//! Explain: why a volume is in its status, since when, by which request, and who can end it by which call.

use serde::Serialize;
use utoipa::ToSchema;

use super::show;
use crate::domain::volume::KnownStatus::Available;
use crate::domain::volume::Provisioning::{Reads, Until};
use crate::service::prelude::*;
use crate::store::acts;

/// Why a volume is in its status, as it is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    pub status: VolumeStatus,
    /// Since when it is.
    pub since: Time,
    /// By which request; null where that is not known any more, or an import did it.
    pub request_id: Option<String>,
    /// The transfer that it is on offer by, or that led to this status.
    pub transfer_id: Option<Id>,
    pub text: String,
    /// Who can end it, and by which call.
    pub ends: Vec<Way>,
}

/// A way out of a status.
#[derive(Debug, Serialize, ToSchema)]
pub struct Way {
    pub who: &'static str,
    pub call: String,
}

const ITS_PROJECT: &str = "the volume's project";
const AN_ADMIN: &str = "an admin";
const ITSELF: &str = "nobody: it ends by itself";
/// Of volumes `{volume}`, of transfers `{transfer}`.
const OFFER: (&str, &str) = (ITS_PROJECT, "POST /v3/volume-transfers {\"transfer\": {\"volume_id\": \"{volume}\"}}");
const ATTACH: (&str, &str) = (ITS_PROJECT, "POST /v3/volumes/{volume}/action {\"os-attach\": {…}}");
const UNRESERVE: (&str, &str) = (ITS_PROJECT, "POST /v3/volumes/{volume}/action {\"os-unreserve\": {}}");
const KEEP: (&str, &str) = (ITS_PROJECT, "POST /v3/volumes/{volume}/action {\"os-roll_detaching\": {}}");
const DETACH: (&str, &str) = (ITS_PROJECT, "POST /v3/volumes/{volume}/action {\"os-detach\": {…}}");
const DELETE: (&str, &str) = (ITS_PROJECT, "DELETE /v3/volumes/{volume}");
/// Whatever the status is.
const ANYWAY: [(&str, &str); 2] = [
    (AN_ADMIN, "POST /v3/volumes/{volume}/action {\"os-reset_status\": {\"status\": \"available\"}}"),
    (AN_ADMIN, "POST /v3/volumes/{volume}/action {\"os-force_delete\": {}}"),
];

/// Of statuses: what they mean, and the ways out.
type Row = (&'static [KnownStatus], &'static str, &'static [(&'static str, &'static str)]);

const ROWS: &[Row] = &[
    (&[Available], "The volume can be used: nothing holds it.", &[OFFER, ATTACH, DELETE]),
    (&[KnownStatus::Creating], "The volume is still being made.", &[]),
    (&[KnownStatus::Attaching], "A server has reserved the volume, and is about to get it.", &[ATTACH, UNRESERVE]),
    (&[KnownStatus::InUse], "A server has the volume.", &[DETACH]),
    (&[KnownStatus::Detaching], "A server is about to let go of the volume.", &[DETACH, KEEP]),
    (
        &[KnownStatus::AwaitingTransfer],
        "The volume is on offer by transfer {transfer}: until that has ended it can be neither used nor offered again.",
        &[
            ("whoever has the offer's key", "POST /v3/volume-transfers/{transfer}/accept {\"accept\": {\"auth_key\": \"…\"}}"),
            ("the donor, or an admin", "DELETE /v3/volume-transfers/{transfer}"),
        ],
    ),
    (
        &[KnownStatus::Error, KnownStatus::ErrorRestoring, KnownStatus::ErrorExtending, KnownStatus::ErrorManaging],
        "Something failed that was done to the volume elsewhere, or an admin has said so.",
        &[DELETE],
    ),
];

/// Nothing of this API leads to any other.
const OTHERWISE: Row = (&[], "Nothing of this API leads to this status but an admin's reset and an import.", &[]);

/// What leads to a status: the action, to which it may lead, and what it was. `None`: to any.
type Cause = (&'static str, Option<&'static [KnownStatus]>, &'static str);

const CAUSES: &[Cause] = &[
    ("evs:volumes:create", Some(&[KnownStatus::Creating, Available]), "It was made then."),
    ("evs:transfers:create", Some(&[KnownStatus::AwaitingTransfer]), "It was offered then."),
    ("evs:transfers:accept", Some(&[Available]), "Its offer, transfer {transfer}, was accepted then."),
    ("evs:transfers:delete", Some(&[Available]), "Its offer, transfer {transfer}, was taken back then."),
    (expiry::ACTION, Some(&[Available]), "Its offer, transfer {transfer}, ended by itself then: nobody accepted it in time."),
    ("evs:volumes:attach", Some(&[KnownStatus::InUse]), "A server got it then."),
    ("evs:volumes:detach", Some(&[KnownStatus::InUse, Available]), "A server let go of it then."),
    ("volumes:reserve", Some(&[KnownStatus::Attaching]), "A server reserved it then."),
    ("volumes:unreserve", Some(&[KnownStatus::InUse, Available]), "The reservation was given up then."),
    ("volumes:begin_detaching", Some(&[KnownStatus::Detaching]), "A server began to let go of it then."),
    ("volumes:roll_detaching", Some(&[KnownStatus::InUse]), "The server kept it after all."),
    ("volumes:reset_status", None, "An admin reset its status then."),
];

/// Why a volume is in its status.
///
/// # Errors
/// [`Error::NotFound`], for another project's too.
pub async fn explain(cx: &Context, id: Id) -> Result<Explanation> {
    show::read(cx, &policy::VOLUMES_GET, id).await?;
    // of one moment
    let mut db = cx.service.store.snapshot().await?;
    let volume = settling::settled(show::visible(cx, &mut db, id).await?, cx.now());
    let pending = transfers::pending_of(&mut db, [id]).await?.pop().map(|pending| pending.offer);
    let offer = pending.filter(|offer| !offer.is_over(cx.now()));
    let acts = acts::done_to(&mut db, id).await?;
    let cause = cause(&volume.status, &acts);
    let led = offer.map(|offer| (offer.made.at, offer.made.request_id, Some(offer.id)));
    let led = led.or(cause.map(|(_, act)| (act.at, act.request_id, act.transfer_id)));
    let (since, request) = led.map(|(at, request, _)| (at, request)).unzip();
    let transfer_id = led.and_then(|(.., transfer)| transfer);
    let row = ROWS.iter().find(|(statuses, ..)| statuses.iter().any(|status| volume.status.is(*status)));
    let (_, what, ways) = row.unwrap_or(&OTHERWISE);
    let filled = |text: &str| {
        let transfer = transfer_id.map(|transfer| transfer.to_string()).unwrap_or_default();
        text.replace("{volume}", &id.to_string()).replace("{transfer}", &transfer)
    };
    let end = match volume.provisioning {
        Some(Until(at)) => Some(format!("at {at}")),
        Some(Reads(left)) => Some(format!("when it was looked at so many times more: {left}")),
        None => None,
    };
    let text =
        [Some(filled(what)), cause.map(|(was, _)| filled(was)), end.as_ref().map(|end| format!("It ends by itself {end}."))];
    let by_itself = end.map(|call| Way { who: ITSELF, call });
    let ways = ways.iter().chain(ANYWAY.iter().filter(|_| !volume.status.is(Available)));
    let ways = ways.map(|(who, call)| Way { who, call: filled(call) });
    Ok(Explanation {
        since: since.unwrap_or(volume.updated_at.unwrap_or(volume.created_at)),
        request_id: request.map(|id| format!("req-{id}")),
        transfer_id,
        text: text.into_iter().flatten().collect::<Vec<_>>().join(" "),
        ends: by_itself.into_iter().chain(ways).collect(),
        status: volume.status,
    })
}

/// The act that led to a status, the first of those that would have, and what it was.
fn cause<'a>(status: &VolumeStatus, newest_first: &'a [Act]) -> Option<(&'static str, &'a Act)> {
    let mut found = None;
    for act in newest_first {
        let Some((_, leads, was)) = CAUSES.iter().find(|(action, ..)| *action == act.action) else { continue };
        match leads {
            Some(leads) if leads.iter().any(|to| status.is(*to)) => found = Some((*was, act)),
            Some(_) => break,
            None if status.is(KnownStatus::AwaitingTransfer) => {} // of something else
            None => return Some((*was, act)),
        }
    }
    found
}
