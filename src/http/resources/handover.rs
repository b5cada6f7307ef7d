//! Our own paths, below `/handover/v1`: offers that end by themselves, those that have ended, what was done to them, why a volume is as
//! it is, and what would come of a request. Nothing of it shows in the answers of EVS's and Cinder's paths.

use crate::domain::{Act, AuthKey};
use crate::http::answer::errors::Reason;
use crate::http::request::fields::Key;
use crate::http::resources::prelude::*;
use crate::http::resources::transfers::{CreateTransfer, Created, SORT_KEYS, create};
use crate::service::transfers::history::{self, Told};
use crate::service::transfers::{Accept, Create};
use crate::service::volumes::explain::{self, Explanation};
use crate::service::{Error, rehearse};

// The bodies.

bodies! {
    /// The claim to an offer.
    Claim {
        /// The offer's id, a UUID.
        #[schema(value_type = Id)]
        transfer_id: Reference,
        /// What the answer to create showed.
        #[schema(value_type = AuthKey)]
        auth_key: Key,
    };
}

/// What can be asked whether it would be done.
pub struct Checks;

/// One of them.
pub enum Checked {
    Create(Create),
    Accept(Accept),
}

impl Actions for Checks {
    type Asked = Checked;

    const TABLE: &'static [Row<Checked>] = &[
        row!("accept" Claim answers 200 => |claim, _| {
            let id = claim.transfer_id.0.ok_or_else(|| malformed("accept.transfer_id is empty; give the transfer's UUID."))?;
            Ok(Checked::Accept(Accept { id, key: claim.auth_key.0 }))
        }),
        row!("create" CreateTransfer answers 200 => |body, call| Ok(Checked::Create(body.asked(call)))),
    ];
}

// What is answered; the service knows the rest as it is shown.

impl Versioned for Told {}

impl Versioned for Explanation {}

view! {
    /// One thing that was done to a transfer, or refused.
    #[schema(as = Act)]
    Done<'a>,
    /// As this caller sees it.
    of(call: &Call, act: &'a Act) {
        at: Time = act.at,
        /// What was asked for, as the policy calls it.
        action: &'a str = &act.action,
        /// done, or the refusal's code.
        outcome: &'a str = act.outcome.words().0,
        /// The code of each rule that said no.
        reasons: &'a [String] = act.outcome.words().1,
        /// Whose act it was: null of another project's, but to an admin.
        project_id: Option<&'a ProjectId> = Some(&act.project_id).filter(|project| call.cx().sees(project)),
        /// Who did it, likewise.
        user_id: Option<&'a str> = Some(act.user_id.as_str()).filter(|_| call.cx().sees(&act.project_id)),
        address: Option<&'a str> = act.address.as_deref(),
        request_id: String = format!("req-{}", act.request_id),
    };

    /// What would come of a request.
    #[schema(as = Verdict)]
    Verdict<'a>,
    /// As it was found.
    of(code: Option<&'a str>, problem: Option<&'a Problem>) {
        would: bool = problem.is_none(),
        /// The status of the refusal.
        #[serde(skip_serializing_if = "Option::is_none")]
        status: Option<u16> = problem.map(|problem| problem.kind.row().status.as_u16()),
        /// The refusal's code, as histories have it.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<&'a str> = code,
        /// What was wrong, what was expected, what to do.
        #[serde(skip_serializing_if = "Option::is_none")]
        message: Option<&'a str> = problem.map(|problem| problem.message.as_str()),
        /// Each rule that said no.
        #[serde(skip_serializing_if = "Option::is_none")]
        reasons: Option<Vec<Reason>> = problem.map(Reason::all),
    }, keys &[
        FieldRule::of("status").at_times(), FieldRule::of("code").at_times(),
        FieldRule::of("message").at_times(), FieldRule::of("reasons").at_times(),
    ];
}

/// What the operations are about.
pub static HANDOVER: Subject = Subject {
    name: "handover",
    what: "Beyond EVS and Cinder: offers that end by themselves, the past of transfers and volumes, and what would be refused.",
};

operations! { HANDOVER;
    /// 202 with the only answer that shows the key.
    CREATE: "Offer a volume for a time", |call, body: CreateTransfer| create(call, body) => 202 One("transfer", part::<Created>()),
        description: "The answer is the only one that shows the key. At its moment the offer is gone on every path, and its volume is \
                      available again.",
        is_idempotent: true,
        refuses: &[Kind::VolumeId, Kind::NotFound, Kind::Refused];

    /// A page of those that the caller's project gave or got, newest first.
    LIST: "List transfers, ended ones too", |call| list(call) => 200 Paged(&TRANSFERS);

    /// To the donor, to the recipient once it is accepted, and to admins.
    SHOW: "Show a transfer, ended or not", |call| show(call) => 200 One("transfer", part::<Told>()), refuses: &[Kind::NotFound];

    /// Each act on a transfer, oldest first.
    HISTORY: "Show what was done to a transfer", |call| acts(call) => 200 Rows("acts", part::<Done>()),
        description: "Refused acts too, as long as acts are kept.", refuses: &[Kind::NotFound];

    /// Why, since when, and who can end it.
    EXPLAIN: "Explain a volume's status", |call| why(call) => 200 One("explanation", part::<Explanation>()), refuses: &[Kind::NotFound];

    /// What a request would come to, with all that would be refused; nothing is done.
    CHECK: "Ask what a request would come to", |call, asked: Acted<Checks>| check(call, asked) => 200 Whole(part::<Verdict>()),
        description: "Nothing is done, but a wrong key counts as one that was tried.";
}

static TRANSFERS: Listing =
    listing("transfers", part::<Told>(), RecordKind::Transfer, SORT_KEYS, &[&[text("state"), id("volume_id")]]);

async fn list(call: Call) -> Result<Answer> {
    let asked = TRANSFERS.wanted(&call, &call.query()?)?;
    let (page, failed) = TRANSFERS.look(&call, history::list(call.cx(), &asked)).await?;
    Ok(Answer::page(&call, &TRANSFERS, &page, None, |transfer| history::told(call.cx(), transfer, &failed)))
}

async fn show(call: Call) -> Result<Answer> {
    let told = call.look(history::show(call.cx(), call.id(RecordKind::Transfer)?)).await?;
    Ok(Answer::one(&call, 200, "transfer", &told))
}

async fn acts(call: Call) -> Result<Answer> {
    let acts = call.look(history::acts(call.cx(), call.id(RecordKind::Transfer)?)).await?;
    Ok(Answer::rows(&call, "acts", acts.iter().map(|act| Done::of(&call, act))))
}

async fn why(call: Call) -> Result<Answer> {
    let found = call.look(Box::pin(explain::explain(call.cx(), call.id(RecordKind::Volume)?))).await?;
    Ok(Answer::one(&call, 200, "explanation", &found))
}

async fn check(call: Call, Acted(asked, _): Acted<Checks>) -> Result<Answer> {
    let refused = match asked {
        Checked::Create(create) => call.look(rehearse(call.cx(), &create)).await?,
        Checked::Accept(accept) => call.look(rehearse(call.cx(), &accept)).await?,
    };
    let code = refused.as_ref().and_then(Error::refusal);
    let problem = refused.map(|error| call.problem(error));
    let answer = Answer::json(200, &Verdict::of(code.as_ref().map(|outcome| outcome.words().0), problem.as_ref()));
    Ok(Answer { headers: problem.map_or_else(Vec::new, |problem| problem.headers), ..answer })
}
