//! Who asks to come in by an invitation that needs approval: what is shown, and what this person decides.

use std::sync::Arc;

use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::invitation::{InvitationId, has_room};
use crate::party::{Act, Answer, JoinRequest, JoinRequestId, Party, PartyId, Role};

use super::open::Open;
use super::view::{DelegatedView, RequestView};

impl Open {
    /// Lets in somebody who waits.
    pub(super) async fn approve(&mut self, id: PartyId, request: JoinRequestId) -> Result<(), Failure> {
        self.waiting(id, request)?;
        let party = self.party(id)?;
        if !has_room(party.admission_length()) {
            return Err(Failure::PartyTooLarge);
        }
        let act = party.approval(request).ok_or(Failure::RequestUnknown)?;
        self.write(id, act).await
    }

    /// Refuses somebody who waits.
    pub(super) async fn deny(&mut self, id: PartyId, request: JoinRequestId) -> Result<(), Failure> {
        let (invitation, member) = self.waiting(id, request)?;
        self.write(id, Act::RequestDenied { invitation, member }).await
    }

    /// Who waits under this id, if this person may decide.
    fn waiting(&self, id: PartyId, request: JoinRequestId) -> Result<([u8; 16], IdentityId), Failure> {
        if self.own_role(id)? < Role::Admin {
            return Err(Failure::NotAllowed);
        }
        let party = self.party(id)?;
        let asked = party.request(request).ok_or(Failure::RequestUnknown)?;
        match party.answer_to(&asked.invitation, asked.member) {
            Answer::Waits(_) => {}
            Answer::None | Answer::Admitted(_) | Answer::Removed | Answer::Denied => {
                return Err(Failure::RequestUnknown);
            }
        }
        let works = party
            .delegated(&asked.invitation)
            .is_some_and(|delegated| delegated.works_at(self.now()));
        if works {
            Ok((asked.invitation, asked.member))
        } else {
            Err(Failure::InvitationOver)
        }
    }

    /// Who waits for approval, as faces see it.
    pub(super) fn request_views(&self, party: &Party) -> Arc<[RequestView]> {
        let view = |request: JoinRequest| {
            let delegated = party.delegated(&request.invitation)?;
            Some(RequestView {
                id: request.id,
                invitation: InvitationId::from_bytes(request.invitation),
                invited_by: delegated.by,
                member: request.member,
                name: request.name,
                fingerprint: request.member.fingerprint(),
                role: delegated.role,
                at: request.at,
            })
        };
        party
            .waiting_requests(self.now())
            .into_iter()
            .filter_map(view)
            .collect()
    }

    /// The delegated invitations of a party that still work.
    pub(super) fn delegated_views(&self, party: &Party) -> Arc<[DelegatedView]> {
        let now = self.now();
        let works = party
            .all_delegated()
            .into_iter()
            .filter(|delegated| delegated.works_at(now));
        let mut views: Vec<DelegatedView> = works
            .map(|delegated| DelegatedView {
                invitation: InvitationId::from_bytes(delegated.invitation),
                by: delegated.by,
                role: delegated.role,
                to: delegated.to,
                expires: delegated.not_after,
                uses: delegated.uses,
                max_uses: delegated.max_uses,
            })
            .collect();
        views.sort_unstable_by_key(|view| (view.expires, view.invitation));
        views.into()
    }
}
