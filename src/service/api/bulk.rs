//! Makes up to a thousand invitations in one write, each with an answer of its own.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::{Secret, json as read_json, read, wrong};
use super::caller::{Asking, Caller, Right};
use super::change::ProofRequest;
use super::create::{Maker, Own};
use super::object::InvitationObject;
use super::request::InvitationRequest;
use super::retry::{self, Kept, Request};
use super::values::Values;
use crate::service::database::{Connection, DatabaseError};
use crate::service::http::Refusal;
use crate::service::invitation::Invitation;
use crate::service::openapi::Refusals;
use crate::service::state::Service;
use crate::time::Timestamp;

/// Invitations in one request.
const MOST: usize = 1000;

/// Values in one request, for each invitation as many as it can make use of.
const MOST_VALUES: usize = 50 * MOST;

/// The longest body, in bytes.
const MAX_BULK: usize = 2 * 1024 * 1024;

/// Several invitations. Members beside these are those of an invitation, and hold for each that does not say otherwise.
#[derive(Deserialize, ToSchema)]
pub(super) struct BulkRequest {
    /// The client, unless a header says it.
    #[schema(min_length = 1, max_length = 64)]
    #[expect(
        dead_code,
        reason = "read before the rest; here it only is no member of each invitation"
    )]
    client_id: Option<String>,
    /// Its secret, unless a header proves it.
    #[schema(value_type = Option<String>, format = Password, min_length = 1)]
    #[expect(dead_code, reason = "as the client")]
    client_secret: Option<Secret>,
    /// 1 to 1000 invitations, each as the body of `POST /api/invitations`. Each is judged by itself: one that breaks a rule is refused in its
    /// own answer.
    #[schema(value_type = Vec<Object>, min_items = 1, max_items = 1000)]
    invitations: Vec<Map<String, Value>>,
    #[serde(flatten)]
    #[schema(ignore)]
    common: Map<String, Value>,
}

/// Answers in the order of the request.
#[derive(Serialize, ToSchema)]
struct BulkAnswer {
    results: Vec<BulkResult>,
}

/// What became of one.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum BulkResult {
    Made {
        /// Its place in the request, from 0.
        index: usize,
        /// 201.
        status: u16,
        invitation: Box<InvitationObject>,
    },
    Refused {
        /// Its place in the request, from 0.
        index: usize,
        /// The status that a request for this one alone would have had.
        status: u16,
        error: &'static str,
        error_description: String,
    },
}

impl BulkResult {
    fn refused(index: usize, refusal: Refusal) -> Self {
        Self::Refused {
            index,
            status: refusal.status.as_u16(),
            error: refusal.error.code(),
            error_description: refusal.description,
        }
    }
}

/// `POST /api/invitations/bulk`.
#[utoipa::path(
    post,
    path = "/api/invitations/bulk",
    tag = "invitations",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, description = "Makes the request safe to repeat for 24 hours.")),
    request_body = BulkRequest,
    responses((status = 200, description = "An answer for each, in the order of the request.", body = BulkAnswer), Refusals),
    security((), ("client" = []), ("token" = ["invite"]))
)]
pub(super) async fn bulk(State(service): State<Service>, asking: Asking, body: Body) -> Result<Response, Refusal> {
    let now = asking.now;
    let bytes = read(&asking.headers, body, MAX_BULK).await?;
    // Who asks comes first, and how much it is: only then is memory spent on it.
    let who: ProofRequest = read_json(&bytes)?;
    let proof = (who.client_id.as_deref(), who.client_secret.as_ref());
    let caller = Caller::prove(&service, &asking, proof, Right::Invite).await?;
    let Values(values) = read_json(&bytes)?;
    if values > MOST_VALUES {
        return Err(wrong(format!("A bulk has at most {MOST_VALUES} values in all.")));
    }
    let asked: BulkRequest = read_json(&bytes)?;
    let request = Request::read(&asking.headers, "/api/invitations/bulk", &bytes, &caller)?;
    if asked.invitations.is_empty() || asked.invitations.len() > MOST {
        return Err(wrong(format!("invitations has 1 to {MOST} members.")));
    }
    // The request itself was counted with its token.
    if let Some(person) = &caller.inviter
        && let more @ 1.. = asked.invitations.len() - 1
    {
        let each = u32::try_from(more).unwrap_or(u32::MAX);
        let taken = service.paces.people.take_several(person, each);
        taken.map_err(|wait| Refusal::slow_down(wait, "This person asks for too much at once."))?;
    }
    let read: Vec<Result<InvitationRequest, Refusal>> = asked
        .invitations
        .into_iter()
        .map(|one| read_one(one, &asked.common))
        .collect();
    let named = read.iter().flatten().filter_map(|one| one.template_alias.as_deref());
    let own = Own::of(&service, &caller, named).await?;
    let checked: Vec<Result<Invitation, Refusal>> = read.into_iter().map(|one| own.check(one?, &caller, now)).collect();
    let mut maker = Maker::new(&service, caller, now);
    let work = retry::once(&service, request, now, move |connection| {
        Box::pin(async move {
            let answer = make_all(connection, &mut maker, checked, now).await?;
            Ok(Ok(Kept::of(200, None, &answer)))
        })
    });
    let answer = work.await?;
    service.outbox.notify_one();
    Ok(answer)
}

fn read_one(mut one: Map<String, Value>, common: &Map<String, Value>) -> Result<InvitationRequest, Refusal> {
    for (name, value) in common {
        one.entry(name.clone()).or_insert_with(|| value.clone());
    }
    serde_json::from_value(Value::Object(one))
        .map_err(|_unread| wrong("A member is of another type than it has to be."))
}

/// Makes them in the order of their domains and addresses, so that two such writes at once never wait for each other in a circle; the answers are in
/// the order of the request.
async fn make_all(
    connection: &mut Connection,
    maker: &mut Maker,
    checked: Vec<Result<Invitation, Refusal>>,
    now: Timestamp,
) -> Result<BulkAnswer, DatabaseError> {
    let mut results: Vec<(usize, BulkResult)> = Vec::new();
    let mut fine: Vec<(usize, Invitation)> = Vec::new();
    for (index, one) in checked.into_iter().enumerate() {
        match one {
            Ok(invitation) => fine.push((index, invitation)),
            Err(refusal) => results.push((index, BulkResult::refused(index, refusal))),
        }
    }
    fine.sort_by_cached_key(|(_index, invitation)| {
        let email = invitation.email.as_ref();
        email.map(|email| (email.domain().to_owned(), email.normalised()))
    });
    for (index, invitation) in fine {
        let result = match maker.make(connection, invitation).await? {
            Ok(made) => BulkResult::Made {
                index,
                status: 201,
                invitation: Box::new(InvitationObject::of(&made, now)),
            },
            Err(refusal) => BulkResult::refused(index, refusal),
        };
        results.push((index, result));
    }
    results.sort_by_key(|(index, _result)| *index);
    Ok(BulkAnswer {
        results: results.into_iter().map(|(_index, result)| result).collect(),
    })
}
