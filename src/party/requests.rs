//! Delegated invitations and who asks to come in by them, as the log says. No IO.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::{Act, How, JoinRequestId, OpId, Party, Role};
use crate::identity::{DeviceId, EndpointId, IdentityId};
use crate::time::Timestamp;

const DOMAIN: &[u8] = b"party-log/1 request\0";

/// What an invitation for approval compares with if it pins no mailbox.
const NO_MAILBOX: [u8; 32] = [0; 32];

/// How many may ask by one invitation beyond those whom it admits: whoever has the code can make up people.
pub const MAX_REQUESTS: u32 = 32;

/// How far an admission may be dated after its invitation's end, for clocks that differ, in milliseconds.
pub(super) const CLOCK_SLACK_MS: u64 = 10 * 60 * 1000;

impl JoinRequestId {
    /// The id of this person's request by this invitation: the first 16 bytes of
    /// `SHA-256("party-log/1 request" ‖ 00 ‖ invitation ‖ identity)`. Whichever member it reaches, it is the same.
    #[must_use]
    pub fn of(invitation: &[u8; 16], member: IdentityId) -> Self {
        let hash = Sha256::new()
            .chain_update(DOMAIN)
            .chain_update(invitation)
            .chain_update(member.as_bytes())
            .finalize();
        let mut id = [0; 16];
        id.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        Self::from_bytes(id)
    }
}

/// Who may come in by a delegated invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelegatedTo {
    /// Whoever comes first with the code.
    Anybody,
    /// Whose identity key has this SHA-256 hash.
    KeyHash([u8; 32]),
    /// Whom a mail service attests.
    Mailbox([u8; 32]),
    /// Whom an administrator approves.
    Approved,
    /// Whom a mail service attests and an administrator approves.
    ApprovedMailbox([u8; 32]),
}

impl DelegatedTo {
    /// Exactly this person.
    #[must_use]
    pub fn person(identity: IdentityId) -> Self {
        Self::KeyHash(Sha256::digest(identity.as_bytes()).into())
    }

    /// Whether the method leaves it to this person to come in; approval and mail aside.
    #[must_use]
    pub fn fits(&self, identity: IdentityId) -> bool {
        match self {
            Self::KeyHash(_) => *self == Self::person(identity),
            Self::Anybody | Self::Mailbox(_) | Self::Approved | Self::ApprovedMailbox(_) => true,
        }
    }

    /// The number of the method, and what it compares with.
    #[must_use]
    pub const fn numbers(&self) -> (u8, [u8; 32]) {
        match self {
            Self::Anybody => (0, [0; 32]),
            Self::KeyHash(hash) => (1, *hash),
            Self::Mailbox(bind) => (2, *bind),
            Self::Approved => (3, NO_MAILBOX),
            Self::ApprovedMailbox(bind) => (3, *bind),
        }
    }

    pub(super) fn from_numbers(method: u8, bind: [u8; 32]) -> Option<Self> {
        match method {
            0 => Some(Self::Anybody),
            1 => Some(Self::KeyHash(bind)),
            2 => Some(Self::Mailbox(bind)),
            // A pinned mailbox is of no concern to the log: it is for whoever takes the request.
            3 if bind == NO_MAILBOX => Some(Self::Approved),
            3 => Some(Self::ApprovedMailbox(bind)),
            _ => None,
        }
    }

    /// How somebody comes in by it.
    #[must_use]
    pub const fn how(&self) -> How {
        match self {
            Self::Anybody => How::Link,
            Self::KeyHash(_) => How::KnownKey,
            Self::Mailbox(_) => How::Email,
            Self::Approved | Self::ApprovedMailbox(_) => How::Approved,
        }
    }
}

/// A delegated invitation as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegated {
    /// Its id.
    pub invitation: [u8; 16],
    /// The public half of its key.
    pub key: [u8; 32],
    /// Who made it.
    pub by: IdentityId,
    /// The role that it gives.
    pub role: Role,
    /// Who may come in by it.
    pub to: DelegatedTo,
    /// When it ends.
    pub not_after: Timestamp,
    /// The least role of who may admit by it.
    pub min_admitter_role: Role,
    /// How many it has admitted.
    pub uses: u32,
    /// How many it may admit.
    pub max_uses: u32,
    /// How many have asked to come in by it.
    pub requests: u32,
    /// Whether it was revoked.
    pub revoked: bool,
    /// The role of who made it; none if they are out.
    pub author_role: Option<Role>,
}

impl Delegated {
    /// Whether it still admits somebody at this time, by the clock of who asks.
    #[must_use]
    pub fn works_at(&self, now: Timestamp) -> bool {
        !self.revoked && self.is_backed() && self.uses < self.max_uses && !self.is_over(now)
    }

    /// Whether who made it may still give its role: who loses that has no way in left open behind them.
    #[must_use]
    pub fn is_backed(&self) -> bool {
        may_back(self.author_role, self.role)
    }

    /// Whether its time is over, also for clocks that are a little slow.
    #[must_use]
    pub const fn is_over(&self, now: Timestamp) -> bool {
        now.as_millis() > self.not_after.as_millis().saturating_add(CLOCK_SLACK_MS)
    }
}

/// Whether an invitation to this role works while its author has that one, or is out.
pub(super) fn may_back(author: Option<Role>, role: Role) -> bool {
    author.is_some_and(|author| author >= Role::Admin.max(role))
}

/// Somebody who asks to come in by an invitation that needs approval.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinRequest {
    /// Its id.
    pub id: JoinRequestId,
    /// By which invitation.
    pub invitation: [u8; 16],
    /// Who asks.
    pub member: IdentityId,
    /// The name that they give.
    pub name: String,
    /// Their first device.
    pub device: DeviceId,
    /// Its endpoint.
    pub endpoint: EndpointId,
    /// When they asked, by the clock of who took the request.
    pub at: Timestamp,
    /// The device's certificate.
    pub(super) certificate: [u8; 64],
    /// The invitation's signature over who asks.
    pub(super) evidence: [u8; 64],
    /// The op that says so.
    pub op: OpId,
}

/// Ids only: a name is not for logs.
impl fmt::Debug for JoinRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinRequest")
            .field("id", &self.id)
            .field("member", &self.member)
            .finish_non_exhaustive()
    }
}

/// What the log says of a person and an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    None,
    /// They came in by it, with this op, and are in.
    Admitted(OpId),
    /// They came in by it, and are out again.
    Removed,
    /// They have asked, and nobody has decided.
    Waits(JoinRequestId),
    /// An administrator has said no.
    Denied,
}

impl Party {
    /// The delegated invitation of this id.
    #[must_use]
    pub fn delegated(&self, invitation: &[u8; 16]) -> Option<Delegated> {
        self.resolved.state.delegated(invitation)
    }

    /// All delegated invitations, in no order.
    #[must_use]
    pub fn all_delegated(&self) -> Vec<Delegated> {
        self.resolved.state.all_delegated()
    }

    /// Who has asked under this id, whatever has become of it.
    #[must_use]
    pub fn request(&self, id: JoinRequestId) -> Option<&JoinRequest> {
        self.resolved.state.request(id)
    }

    /// Who waits for approval at this time, the longest first: asked, not answered, by an invitation that still works.
    #[must_use]
    pub fn waiting_requests(&self, now: Timestamp) -> Vec<JoinRequest> {
        let state = &self.resolved.state;
        let works = |request: &JoinRequest| {
            state
                .delegated(&request.invitation)
                .is_some_and(|delegated| delegated.works_at(now))
        };
        let mut waiting: Vec<JoinRequest> = state
            .all_requests()
            .filter(|request| {
                matches!(self.answer_to(&request.invitation, request.member), Answer::Waits(_)) && works(request)
            })
            .cloned()
            .collect();
        waiting.sort_by_key(|request| (request.at, request.id));
        waiting
    }

    /// What the log says of a person who comes with this invitation.
    #[must_use]
    pub fn answer_to(&self, invitation: &[u8; 16], person: IdentityId) -> Answer {
        let state = &self.resolved.state;
        if state.has_used(invitation, person) {
            let member = self.membership.member(person);
            let member = member.filter(|member| member.invitation.as_ref() == Some(invitation));
            return member.map_or(Answer::Removed, |member| Answer::Admitted(member.admission));
        }
        let id = JoinRequestId::of(invitation, person);
        if state.is_denied(id) {
            Answer::Denied
        } else if state.request(id).is_some() {
            Answer::Waits(id)
        } else {
            Answer::None
        }
    }

    /// The person who asked with this endpoint, or came in with it, by this invitation.
    #[must_use]
    pub fn asked_from(&self, invitation: &[u8; 16], endpoint: EndpointId) -> Option<IdentityId> {
        let member = self.membership.by_endpoint(endpoint);
        let member = member.filter(|member| member.invitation.as_ref() == Some(invitation));
        if let Some(member) = member {
            return Some(member.identity);
        }
        let mut requests = self.resolved.state.all_requests();
        requests
            .find(|request| request.endpoint == endpoint && request.invitation == *invitation)
            .map(|request| request.member)
    }

    /// The act that lets in who asked.
    #[must_use]
    pub fn approval(&self, request: JoinRequestId) -> Option<Act> {
        let request = self.resolved.state.request(request)?;
        let delegated = self.delegated(&request.invitation)?;
        Some(Act::MemberAdmitted {
            member: request.member,
            role: delegated.role,
            device: request.device,
            endpoint: request.endpoint,
            certificate: request.certificate,
            invitation: request.invitation,
            how: How::Approved,
            evidence: request.evidence,
        })
    }
}
