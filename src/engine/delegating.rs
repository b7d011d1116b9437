//! Delegated invitations: making and taking back this person's own, and deciding on who asks to come in.

use std::sync::Arc;
use std::time::Duration;

use crate::failure::Failure;
use crate::identity::{EndpointId, IdentityId};
use crate::invitation::delegation::Delegation;
use crate::invitation::{
    CodeError, CodeKind, DelegationMethod, Flags, Hint, InvitationId, InvitationKind, InvitationStage, InviteCode,
    MAX_ADMISSION, Secret,
};
use crate::net::NetworkMode;
use crate::party::{Act, Answer, JoinRequest, JoinRequestId, Party, PartyId, Role};
use crate::store::Change;
use crate::time::Timestamp;

use super::open::Open;
use super::timers::Timer;
use super::view::{AdmittedView, DelegatedView, InvitationView, RequestView};
use super::{Event, InvitationOptions, RequestId};

/// The longest that a delegated invitation lasts.
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// How many further devices a code names.
const FURTHER_DEVICES: usize = 3;

/// How many addresses of this device a code with further devices has room for.
const OWN_ADDRESSES: usize = 2;

/// One delegated invitation of this device.
pub(super) struct OwnDelegation {
    record: Delegation,
    code: Arc<InviteCode>,
    /// The stage that was last shown.
    shown: InvitationStage,
}

impl Open {
    /// Creates a delegated invitation: the op and the secret are on disk, in one transaction, before anybody sees the code.
    pub(super) async fn delegate(
        &mut self,
        request: RequestId,
        party: PartyId,
        options: InvitationOptions,
        method: DelegationMethod,
    ) -> Result<Event, Failure> {
        let own_role = self.own_role(party)?;
        if own_role < Role::Admin || options.role > Role::Admin {
            return Err(Failure::NotAllowed);
        }
        if method == DelegationMethod::Link && options.role > Role::Editor {
            return Err(Failure::LinkRoleTooHigh);
        }
        if self.party(party)?.admission_length() > MAX_ADMISSION {
            return Err(Failure::PartyTooLarge);
        }
        let known_key = matches!(method, DelegationMethod::KnownKey(_));
        let now = self.now();
        let record = Delegation {
            secret: Arc::new(Secret::generate(&mut rand::rng())),
            party,
            role: options.role,
            label: options.label,
            created: now,
            expires: now.plus(options.lifetime.min(MAX_LIFETIME)),
            max_uses: if known_key { 1 } else { options.max_uses },
            method,
            held_by: Vec::new(),
        };
        let op = self.party(party)?.prepare(&self.keys, record.act(), now)?;
        let code = self.delegated_code(&record).or(Err(Failure::Internal))?;
        let append = Change::AppendOps {
            party,
            ops: vec![op.clone()],
        };
        self.store(vec![append, save(&record)]).await?;

        let id = record.id();
        let own = OwnDelegation {
            record,
            code: Arc::new(code),
            shown: InvitationStage::OnlyHere,
        };
        self.timers.set(own.record.closes(), Timer::DelegationEnds(id));
        self.delegations.insert(id, own);
        self.apply(party, op).await;
        let invitation = self.delegation_view(id).ok_or(Failure::Internal)?;
        self.update_advertising();
        Ok(Event::InvitationCreated {
            request,
            invitation: Arc::new(invitation),
        })
    }

    /// Brings a stored delegated invitation back; forgets one that nobody needs any more.
    pub(super) async fn restore_delegation(&mut self, record: Delegation) {
        let id = record.id();
        if record.forgettable() < self.now() {
            if let Err(failure) = self.store(vec![Change::DeleteInvitation { id }]).await {
                tracing::warn!(?failure, "an old invitation was not forgotten");
            }
            return;
        }
        let Ok(code) = self.delegated_code(&record) else {
            tracing::error!("the code of a stored invitation cannot be made");
            return self.context.events.failed(None, Failure::ProfileDamaged).await;
        };
        self.timers.set(record.closes(), Timer::DelegationEnds(id));
        let mut own = OwnDelegation {
            record,
            code: Arc::new(code),
            shown: InvitationStage::OnlyHere,
        };
        own.shown = self.delegation_stage(&own.record);
        let works = is_open(&own.shown);
        self.delegations.insert(id, own);
        if works {
            self.publish_delegation(id).await;
        }
    }

    /// Shows the delegated invitations of a party that have come to another stage.
    pub(super) async fn delegations_changed(&mut self, party: PartyId) {
        let own: Vec<InvitationId> = self
            .delegations
            .values()
            .map(|own| &own.record)
            .filter(|record| record.party == party)
            .map(Delegation::id)
            .collect();
        for id in own {
            self.delegation_may_have_changed(id).await;
        }
    }

    /// The same for one.
    pub(super) async fn delegation_may_have_changed(&mut self, id: InvitationId) {
        let Some(own) = self.delegations.get(&id) else { return };
        let stage = self.delegation_stage(&own.record);
        if stage == own.shown {
            return;
        }
        if let Some(own) = self.delegations.get_mut(&id) {
            own.shown = stage;
        }
        self.publish_delegation(id).await;
        self.update_advertising();
    }

    /// A device holds all that this one has of a party: so it has the party's delegated invitations.
    pub(super) async fn note_holders(&mut self, party: PartyId) {
        let Some(digest) = self.parties.get(&party).map(Party::digest) else {
            return;
        };
        let linked = self.peers.linked.iter();
        let holders: Vec<EndpointId> = linked
            .filter(|(_, peer)| peer.sync.is_held(party, digest) == Some(true))
            .map(|(endpoint, _)| *endpoint)
            .collect();
        let mut changed = Vec::new();
        for own in self.delegations.values_mut().filter(|own| own.record.party == party) {
            let new = holders
                .iter()
                .filter(|endpoint| own.record.note_holder(**endpoint))
                .count();
            if new > 0 {
                changed.push(own.record.clone());
            }
        }
        for record in changed {
            // Shown only when it is stored: an inviter who goes must be able to rely on it after a restart, too.
            if self.store_or_tell(vec![save(&record)]).await.is_ok() {
                self.delegation_may_have_changed(record.id()).await;
            }
        }
    }

    /// Other addresses or other members: codes that are shown from now on carry them.
    pub(super) async fn renew_delegated_codes(&mut self) {
        let own: Vec<InvitationId> = self.delegations.keys().copied().collect();
        for id in own {
            let Some(own) = self.delegations.get(&id).filter(|own| is_open(&own.shown)) else {
                continue;
            };
            if let Ok(code) = self.delegated_code(&own.record)
                && *own.code != code
                && let Some(own) = self.delegations.get_mut(&id)
            {
                own.code = Arc::new(code);
                self.publish_delegation(id).await;
            }
        }
    }

    /// Revokes a delegated invitation, this person's or another's. None if there is none of this id.
    pub(super) async fn revoke_delegation(&mut self, invitation: InvitationId) -> Option<Result<(), Failure>> {
        let (party, delegated) = self
            .parties
            .values()
            .find_map(|party| Some((party.id(), party.delegated(invitation.as_bytes())?)))?;
        if delegated.revoked {
            return Some(Ok(()));
        }
        if delegated.uses >= delegated.max_uses {
            return Some(Err(Failure::AlreadyAdmitted));
        }
        let act = Act::InvitationRevoked {
            invitation: *invitation.as_bytes(),
        };
        Some(self.write(party, act).await)
    }

    /// Lets in somebody who waits.
    pub(super) async fn approve(&mut self, id: PartyId, request: JoinRequestId) -> Result<(), Failure> {
        self.waiting(id, request)?;
        let party = self.party(id)?;
        if party.admission_length() > MAX_ADMISSION {
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

    /// Whether a delegated code of this device can be redeemed now.
    pub(super) fn has_open_delegations(&self) -> bool {
        self.delegations.values().any(|own| is_open(&own.shown))
    }

    fn delegation_stage(&self, record: &Delegation) -> InvitationStage {
        let id = record.id();
        let party = self.parties.get(&record.party);
        let delegated = party.and_then(|party| party.delegated(id.as_bytes()));
        if let Some(delegated) = &delegated {
            if let Some(last) = self
                .came_in_by(record)
                .pop()
                .filter(|_| delegated.uses >= delegated.max_uses)
            {
                return InvitationStage::Admitted {
                    member: last.member,
                    name: last.name,
                };
            }
            if delegated.revoked || delegated.uses >= delegated.max_uses {
                return InvitationStage::Revoked;
            }
        } else if party.is_some() {
            // What let its author make it has been cancelled.
            return InvitationStage::Revoked;
        }
        if record.closes() <= self.now() {
            return InvitationStage::Expired;
        }
        match record.held_by.len() {
            0 => InvitationStage::OnlyHere,
            devices => InvitationStage::OfflineReady { devices },
        }
    }

    /// Who is in by this invitation, in the order in which they came.
    fn came_in_by(&self, record: &Delegation) -> Vec<AdmittedView> {
        let id = *record.id().as_bytes();
        let members = self
            .parties
            .get(&record.party)
            .map(|party| party.membership().members());
        members
            .unwrap_or_default()
            .iter()
            .filter(|member| member.invitation == Some(id))
            .map(|member| AdmittedView {
                member: member.identity,
                name: member.name.clone().unwrap_or_default(),
            })
            .collect()
    }

    fn delegation_view(&self, id: InvitationId) -> Option<InvitationView> {
        let own = self.delegations.get(&id)?;
        let record = &own.record;
        Some(InvitationView {
            id,
            party: record.party,
            label: record.label.clone(),
            role: record.role,
            kind: InvitationKind::Delegated(record.method),
            code: Arc::clone(&own.code),
            created: record.created,
            expires: record.expires,
            max_uses: record.max_uses,
            wrong_pins: 0,
            admitted: self.came_in_by(record),
            stage: own.shown.clone(),
        })
    }

    async fn publish_delegation(&self, id: InvitationId) {
        if let Some(view) = self.delegation_view(id) {
            let invitation = Arc::new(view);
            self.context.events.send(Event::InvitationChanged { invitation }).await;
        }
    }

    /// The code of a delegated invitation: this device first, then members' devices that can finish it, whoever is there or was
    /// there last first.
    fn delegated_code(&self, record: &Delegation) -> Result<InviteCode, CodeError> {
        let mut hints: Vec<Hint> = Vec::new();
        let mut addresses = 0;
        for hint in self.code_hints() {
            addresses += usize::from(matches!(hint, Hint::Address(_)));
            if addresses <= OWN_ADDRESSES || !matches!(hint, Hint::Address(_)) {
                hints.push(hint);
            }
        }
        for (endpoint, place) in self.likely_admitters(record.party).into_iter().zip(1..) {
            hints.push(Hint::Endpoint(endpoint));
            // Elsewhere a name service finds it, and where somebody lives is not for a code to tell.
            let is_found = self.context.network == NetworkMode::PublicRelays;
            let address = self.addresses.get(&endpoint).and_then(|known| known.first());
            hints.extend(address.filter(|_| !is_found).map(|address| Hint::AddressOf {
                place,
                address: *address,
            }));
        }
        hints.push(Hint::Role(record.role.into()));
        let approval = match record.method {
            DelegationMethod::Approval => Flags::APPROVAL,
            DelegationMethod::KnownKey(_) | DelegationMethod::Link => Flags::default(),
        };
        let several = if record.max_uses > 1 {
            Flags::MULTI_USE
        } else {
            Flags::default()
        };
        InviteCode::new(
            CodeKind::Delegated,
            approval.with(several),
            Secret::from_bytes(*record.secret.as_bytes()),
            record.party.tag(),
            self.keys.endpoint.id(),
            Some(record.expires),
            hints,
        )
    }

    fn likely_admitters(&self, party: PartyId) -> Vec<EndpointId> {
        let Some(party) = self.parties.get(&party) else {
            return Vec::new();
        };
        let me = self.keys.identity.id();
        let mut devices: Vec<(bool, Option<Timestamp>, EndpointId)> = party
            .membership()
            .members()
            .iter()
            .filter(|member| member.identity != me && member.role >= Role::Editor)
            .flat_map(|member| {
                let seen = self.last_seen.get(&member.identity).copied();
                member.devices.iter().map(move |device| (seen, device.endpoint))
            })
            .map(|(seen, endpoint)| (self.peers.linked.contains_key(&endpoint), seen, endpoint))
            .collect();
        devices.sort_unstable_by(|one, other| other.cmp(one));
        devices
            .into_iter()
            .map(|(_, _, endpoint)| endpoint)
            .take(FURTHER_DEVICES)
            .collect()
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

const fn is_open(stage: &InvitationStage) -> bool {
    matches!(stage, InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. })
}

fn save(record: &Delegation) -> Change {
    Change::SaveInvitation {
        id: record.id(),
        party: record.party,
        bytes: record.encode(),
    }
}
