//! Delegated invitations and requests in a state. No IO.

use std::sync::Arc;

use super::state::{Delegation, State};
use crate::identity::IdentityId;
use crate::party::requests::{CLOCK_SLACK_MS, may_back};
use crate::party::{Act, Delegated, DelegatedTo, JoinRequest, JoinRequestId, Op, Role};
use crate::time::Timestamp;

impl State {
    /// Notes that somebody asks to come in.
    pub(super) fn take_request(&mut self, op: &Op) {
        let Act::JoinRequested {
            member,
            device,
            endpoint,
            certificate,
            invitation,
            evidence,
            name,
        } = op.act()
        else {
            return;
        };
        let id = JoinRequestId::of(invitation, *member);
        let request = JoinRequest {
            id,
            invitation: *invitation,
            member: *member,
            name: name.clone(),
            device: *device,
            endpoint: *endpoint,
            at: op.time(),
            certificate: *certificate,
            evidence: *evidence,
            op: op.id(),
        };
        self.requests.insert(id, Arc::new(request));
        self.change_delegation(*invitation, |delegation| {
            delegation.requests = delegation.requests.saturating_add(1);
        });
    }

    pub(in crate::party) fn delegated(&self, invitation: &[u8; 16]) -> Option<Delegated> {
        self.read(*invitation, self.delegations.get(invitation)?)
    }

    pub(in crate::party) fn all_delegated(&self) -> Vec<Delegated> {
        self.delegations
            .iter()
            .filter_map(|(invitation, delegation)| self.read(*invitation, delegation))
            .collect()
    }

    /// Whether who made the invitation may still give its role.
    pub(super) fn is_backed(&self, delegation: &Delegation) -> bool {
        may_back(self.role_of(delegation.by), delegation.role)
    }

    fn role_of(&self, person: IdentityId) -> Option<Role> {
        self.member(person).map(|entry| entry.role)
    }

    pub(in crate::party) fn request(&self, id: JoinRequestId) -> Option<&JoinRequest> {
        self.requests.get(&id).map(|request| &**request)
    }

    pub(in crate::party) fn all_requests(&self) -> impl Iterator<Item = &JoinRequest> {
        self.requests.iter().map(|(_, request)| &**request)
    }

    pub(in crate::party) fn is_denied(&self, id: JoinRequestId) -> bool {
        self.denied.contains(&id)
    }

    /// Whether this person has come in by this invitation.
    pub(in crate::party) fn has_used(&self, invitation: &[u8; 16], person: IdentityId) -> bool {
        self.delegations
            .get(invitation)
            .is_some_and(|delegation| delegation.used_by.contains(&person))
    }

    /// None for a method of a newer version.
    fn read(&self, invitation: [u8; 16], delegation: &Delegation) -> Option<Delegated> {
        Some(Delegated {
            invitation,
            key: delegation.key,
            by: delegation.by,
            role: delegation.role,
            to: DelegatedTo::from_numbers(delegation.method, delegation.bind)?,
            not_after: Timestamp::from_millis(delegation.not_after),
            min_admitter_role: delegation.min_admitter_role,
            uses: u32::try_from(delegation.used_by.len()).unwrap_or(u32::MAX),
            max_uses: delegation.max_uses,
            requests: delegation.requests,
            revoked: delegation.revoked,
            author_role: self.role_of(delegation.by),
        })
    }
}

impl Delegation {
    /// Whether its time is over for an op of this time, whose past was written up to `newest`.
    pub(super) const fn is_over(&self, time: Timestamp, newest: u64, past_slack_ms: u64) -> bool {
        let latest = self.not_after.saturating_add(CLOCK_SLACK_MS);
        time.as_millis() > latest || newest > latest.saturating_add(past_slack_ms)
    }
}
