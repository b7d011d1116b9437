//! What the party's log says of a delegated invitation and of who comes with it. No IO.

use crate::identity::{EndpointId, IdentityId};
use crate::invitation::mailbox::{Attestation, TokenId, UsedTokens};
use crate::invitation::{ErrorCode, InvitationId, InvitationKey, Join, Method, has_room};
use crate::party::{Act, Answer, Delegated, DelegatedTo, MAX_REQUESTS, Party, Role};
use crate::time::Timestamp;

use super::{Decision, Facts, Known, Stranger};

/// What a member has to do for somebody who has proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Nothing: this is what the log says already. [`Decision::Admitted`] comes without the ops.
    Known(Decision),
    /// Write this act, then ask again.
    Write(Box<Act>),
    /// The same, and then note that this mail service's token has let somebody in.
    WriteAndSpend(Box<Act>, TokenId),
}

/// What a device that comes from `endpoint` finds at this member's `own_endpoint`. None if the party does not know the
/// invitation.
#[must_use]
pub fn read(
    party: &Party,
    invitation: InvitationId,
    endpoint: EndpointId,
    (me, own_endpoint): (IdentityId, EndpointId),
    now: Timestamp,
) -> Option<Facts> {
    let delegated = party.delegated(invitation.as_bytes())?;
    let inviter = party.membership().member(delegated.by);
    let name = inviter.and_then(|member| member.name.clone());
    let method = match delegated.to {
        DelegatedTo::Approved | DelegatedTo::ApprovedMailbox(_) => Method::Approval,
        DelegatedTo::Anybody | DelegatedTo::KeyHash(_) | DelegatedTo::Mailbox(_) => Method::None,
    };
    let closed = closed(&delegated, now);
    let stranger = match closed {
        Some(code) => Stranger::Refused(code),
        None if may_witness(party, &delegated, me) => Stranger::Welcome,
        None => Stranger::Refused(ErrorCode::UseElsewhere),
    };
    let known = party
        .asked_from(invitation.as_bytes(), endpoint)
        .map_or(Known::Nobody, |person| {
            match party.answer_to(invitation.as_bytes(), person) {
                Answer::None => Known::Nobody,
                // The invitee believes only who may admit.
                Answer::Admitted(op) if may_witness(party, &delegated, me) => Known::Admitted(op),
                Answer::Admitted(_) => Known::Refused(ErrorCode::UseElsewhere),
                Answer::Removed => Known::Refused(ErrorCode::AlreadyUsed),
                Answer::Waits(request) => closed.map_or(Known::Waits(request), Known::Refused),
                Answer::Denied => Known::Refused(ErrorCode::ApprovalDenied),
            }
        });
    Some(Facts {
        invitation,
        key: InvitationKey::from_bytes(delegated.key),
        tag: party.id().tag(),
        party_name: party.name().to_owned(),
        // Whoever has no name yet has hardly made an invitation; a frame without a name could not be read.
        inviter_name: name.unwrap_or_else(|| delegated.by.short()),
        members: u32::try_from(party.membership().members().len()).unwrap_or(u32::MAX),
        role: delegated.role,
        method,
        seconds_left: u32::try_from(now.until(delegated.not_after).as_secs()).unwrap_or(u32::MAX),
        own_endpoint,
        stranger,
        known,
    })
}

/// What becomes of somebody who has proved to hold the code and who they are. `used` are tokens of mail services that have let
/// somebody in at this device.
#[must_use]
pub fn rule(
    party: &Party,
    invitation: InvitationId,
    join: &Join,
    me: IdentityId,
    used: &UsedTokens,
    now: Timestamp,
) -> Ruling {
    let refused = |code| Ruling::Known(Decision::Refused(code));
    let id = *invitation.as_bytes();
    let Some(delegated) = party.delegated(&id) else {
        return refused(ErrorCode::UnknownInvitation);
    };
    match party.answer_to(&id, join.identity) {
        Answer::Admitted(op) => return admitted(party, op, join),
        Answer::Removed => return refused(ErrorCode::AlreadyUsed),
        Answer::Denied => return refused(ErrorCode::ApprovalDenied),
        Answer::Waits(request) if closed(&delegated, now).is_none() => {
            return Ruling::Known(Decision::Waits(request));
        }
        Answer::Waits(_) | Answer::None => {}
    }
    if party.membership().member(join.identity).is_some() {
        return refused(ErrorCode::AlreadyMember);
    }
    if let Some(code) = closed(&delegated, now) {
        return refused(code);
    }
    if !delegated.to.fits(join.identity) {
        return refused(ErrorCode::NotAllowed);
    }
    let can_witness = may_witness(party, &delegated, me) && has_room(party.admission_length());
    let is_asked_too_often = delegated.requests >= delegated.max_uses.saturating_add(MAX_REQUESTS);
    match delegated.to {
        DelegatedTo::Anybody | DelegatedTo::KeyHash(_) if can_witness => {
            Ruling::Write(Box::new(admission(&delegated, join)))
        }
        DelegatedTo::Approved | DelegatedTo::ApprovedMailbox(_) if is_asked_too_often => {
            refused(ErrorCode::RateLimited)
        }
        DelegatedTo::Approved if can_witness => Ruling::Write(Box::new(request(&delegated, join))),
        DelegatedTo::Mailbox(bind) if can_witness => match attested(party, &bind, join, used, now) {
            Some(token) => Ruling::WriteAndSpend(Box::new(admission(&delegated, join)), token),
            None => refused(ErrorCode::MailboxUnproved),
        },
        DelegatedTo::ApprovedMailbox(bind) if can_witness => match attested(party, &bind, join, used, now) {
            Some(token) => Ruling::WriteAndSpend(Box::new(request(&delegated, join)), token),
            None => refused(ErrorCode::MailboxUnproved),
        },
        _ => refused(ErrorCode::UseElsewhere),
    }
}

/// The token by which a mail service says that this device may read the mailbox that the log pins.
fn attested(party: &Party, bind: &[u8; 32], join: &Join, used: &UsedTokens, now: Timestamp) -> Option<TokenId> {
    let attestation = Attestation::decode(&join.attestation)?;
    // TLS has authenticated this endpoint: a join of any other is refused before.
    let token = attestation.check(bind, party.id(), join.endpoint, now).ok()?;
    (!used.contains(token) && used.has_room(now)).then_some(token)
}

fn admitted(party: &Party, op: crate::party::OpId, join: &Join) -> Ruling {
    let member = party.membership().member(join.identity);
    let is_theirs = member.is_some_and(|member| member.devices.iter().any(|device| device.device == join.device));
    Ruling::Known(if is_theirs {
        Decision::Admitted { op, ops: Vec::new() }
    } else {
        Decision::Refused(ErrorCode::AlreadyMember)
    })
}

/// Why nobody comes in by an invitation any more, if so.
fn closed(delegated: &Delegated, now: Timestamp) -> Option<ErrorCode> {
    if delegated.revoked || !delegated.is_backed() {
        Some(ErrorCode::Revoked)
    } else if delegated.is_over(now) {
        Some(ErrorCode::Expired)
    } else {
        (delegated.uses >= delegated.max_uses).then_some(ErrorCode::AlreadyUsed)
    }
}

fn may_witness(party: &Party, delegated: &Delegated, me: IdentityId) -> bool {
    let role = party.membership().member(me).map(|member| member.role);
    role.is_some_and(|role| role >= delegated.min_admitter_role.max(Role::Editor)) && !party.is_incomplete()
}

fn admission(delegated: &Delegated, join: &Join) -> Act {
    Act::MemberAdmitted {
        member: join.identity,
        role: delegated.role,
        device: join.device,
        endpoint: join.endpoint,
        certificate: join.certificate,
        invitation: delegated.invitation,
        how: delegated.to.how(),
        evidence: join.evidence,
    }
}

fn request(delegated: &Delegated, join: &Join) -> Act {
    Act::JoinRequested {
        member: join.identity,
        device: join.device,
        endpoint: join.endpoint,
        certificate: join.certificate,
        invitation: delegated.invitation,
        evidence: join.evidence,
        name: join.name.clone(),
    }
}
