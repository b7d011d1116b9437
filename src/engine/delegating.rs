//! Delegated invitations: making and taking back this person's own, and who is known to have them.

mod code;

use std::sync::Arc;
use std::time::Duration;

use crate::email::Issuer;
use crate::failure::{Failure, MailTrouble};
use crate::identity::EndpointId;
use crate::invitation::delegation::Delegation;
use crate::invitation::mailbox::MailOrder;
use crate::invitation::{
    DelegationMethod, InvitationId, InvitationKind, InvitationStage, InviteCode, Secret, has_room,
};
use crate::party::{Act, Party, PartyId, Role};
use crate::store::Change;
use crate::time::Timestamp;

use super::open::Open;
use super::timers::Timer;
use super::view::{AdmittedView, InvitationView, MailView};
use super::{Event, InvitationOptions, RequestId};

/// The longest that a delegated invitation lasts.
pub(super) const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// How many people may come in by a delegated invitation at most.
const MAX_USES: u32 = 100;

/// One delegated invitation of this device.
pub(super) struct OwnDelegation {
    record: Delegation,
    code: Arc<InviteCode>,
    /// The stage that was last shown.
    shown: InvitationStage,
    /// What the service has said last, or that it does not answer, if its mail comes no further for that.
    trouble: Option<MailTrouble>,
}

impl OwnDelegation {
    pub(super) const fn record(&self) -> &Delegation {
        &self.record
    }

    pub(super) fn code(&self) -> &InviteCode {
        &self.code
    }

    pub(super) const fn stage(&self) -> &InvitationStage {
        &self.shown
    }

    /// Whether its mail was said to come no further, or nobody knows whether it has.
    pub(super) const fn is_kept_back(&self) -> bool {
        self.trouble.is_some()
    }

    /// Whether somebody may still come in by it.
    pub(super) const fn works(&self) -> bool {
        is_open(&self.shown)
    }

    /// Whether anybody is still invited to it: who was on the way at its end may come in for a while longer.
    pub(super) fn invites(&self, now: Timestamp) -> bool {
        self.works() && self.record.expires > now
    }
}

impl Open {
    /// Creates a delegated invitation.
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
        let most = match method {
            DelegationMethod::KnownKey(_) => 1,
            // Without a service nobody gets the code: see `invite_by_mail`.
            DelegationMethod::Mailbox(_) | DelegationMethod::ApprovedMailbox(_) => 0,
            DelegationMethod::Approval | DelegationMethod::Link => MAX_USES,
        };
        if !(1..=most).contains(&options.max_uses) {
            return Err(Failure::TooManyPeople);
        }
        let now = self.now();
        let record = Delegation {
            secret: Arc::new(Secret::generate(&mut rand::rng())),
            party,
            role: options.role,
            label: options.label,
            created: now,
            expires: now.plus(options.lifetime.min(MAX_LIFETIME)),
            max_uses: options.max_uses,
            method,
            held_by: Vec::new(),
            mail: None,
        };
        self.open_delegation(request, record).await
    }

    /// Opens a delegated invitation: the op and the secret are on disk, in one transaction, before anybody sees the code.
    pub(super) async fn open_delegation(&mut self, request: RequestId, record: Delegation) -> Result<Event, Failure> {
        let (party, now) = (record.party, self.now());
        if !has_room(self.party(party)?.admission_length()) {
            return Err(Failure::PartyTooLarge);
        }
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
            trouble: None,
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
            trouble: None,
        };
        own.shown = self.delegation_stage(&own.record, &own.code);
        // What has become of a mail is of interest after its end, too.
        let told = is_open(&own.shown) || own.record.mail.is_some();
        self.delegations.insert(id, own);
        if told {
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
            self.renew_own_code(id).await;
            self.delegation_may_have_changed(id).await;
        }
    }

    /// The same for one.
    pub(super) async fn delegation_may_have_changed(&mut self, id: InvitationId) {
        let Some(own) = self.delegations.get(&id) else { return };
        let stage = self.delegation_stage(&own.record, &own.code);
        if stage == own.shown {
            return;
        }
        if let Some(own) = self.delegations.get_mut(&id) {
            own.shown = stage;
        }
        self.publish_delegation(id).await;
        self.update_advertising();
        // What ends here ends at the service, too.
        self.run_mail_errand(id);
    }

    /// An invitation's record is another one, and is on disk.
    pub(super) async fn replace_delegation(&mut self, record: Delegation) {
        let id = record.id();
        if let Some(own) = self.delegations.get_mut(&id) {
            own.record = record;
        }
        self.publish_delegation(id).await;
    }

    /// Devices that hold all that this one has of a party have its delegated invitations, too.
    pub(super) async fn note_holders(&mut self, id: PartyId) {
        let Some(party) = self.parties.get(&id) else { return };
        let digest = party.digest();
        let linked = self.peers.linked.iter();
        let holders: Vec<EndpointId> = linked
            .filter(|(endpoint, peer)| peer.sync.is_held(id, digest) == Some(true) && may_finish(party, **endpoint))
            .map(|(endpoint, _)| *endpoint)
            .collect();
        let of_party = self.delegations.values().map(|own| &own.record);
        let records: Vec<Delegation> = of_party.filter(|record| record.party == id).cloned().collect();
        for mut record in records {
            let new = holders.iter().filter(|endpoint| record.note_holder(**endpoint)).count();
            // Shown only when it is stored: an inviter who goes must be able to rely on it after a restart, too.
            if new > 0 && self.store_or_tell(vec![save(&record)]).await.is_ok() {
                let id = record.id();
                if let Some(own) = self.delegations.get_mut(&id) {
                    own.record = record;
                }
                self.delegation_may_have_changed(id).await;
            }
        }
    }

    /// Other addresses or other members: codes that are shown from now on carry them.
    pub(super) async fn renew_delegated_codes(&mut self) {
        let own: Vec<InvitationId> = self.delegations.keys().copied().collect();
        for id in own {
            self.renew_own_code(id).await;
            self.delegation_may_have_changed(id).await;
        }
    }

    async fn renew_own_code(&mut self, id: InvitationId) {
        let Some(own) = self.delegations.get(&id).filter(|own| is_open(&own.shown)) else {
            return;
        };
        if let Ok(code) = self.delegated_code(&own.record)
            && *own.code != code
            && let Some(own) = self.delegations.get_mut(&id)
        {
            own.code = Arc::new(code);
            self.publish_delegation(id).await;
        }
    }

    /// The party for which this device made a delegated invitation.
    pub(super) fn delegated_for(&self, invitation: InvitationId) -> Option<PartyId> {
        self.delegations.get(&invitation).map(|own| own.record.party)
    }

    /// Revokes a delegated invitation, this person's or another's, in every party that has it and lets this person do so. None if
    /// there is none of this id.
    pub(super) async fn revoke_delegation(&mut self, invitation: InvitationId) -> Option<Result<(), Failure>> {
        let meant = self.delegating_party(invitation)?;
        let revoked = self.revoke_in(meant, invitation).await;
        let others = self.parties.keys().copied().filter(|other| *other != meant);
        for other in others.collect::<Vec<_>>() {
            if let Err(failure) = self.revoke_in(other, invitation).await {
                tracing::info!(?failure, "another party's invitation of the same id stays");
            }
        }
        Some(revoked)
    }

    async fn revoke_in(&mut self, party: PartyId, invitation: InvitationId) -> Result<(), Failure> {
        let Some(delegated) = self.party(party)?.delegated(invitation.as_bytes()) else {
            return Ok(());
        };
        if delegated.revoked {
            return Ok(());
        }
        if delegated.uses >= delegated.max_uses {
            return Err(Failure::AlreadyAdmitted);
        }
        let act = Act::InvitationRevoked {
            invitation: *invitation.as_bytes(),
        };
        self.write(party, act).await
    }

    /// Whether a delegated code of this device can be redeemed now.
    pub(super) fn has_open_delegations(&self) -> bool {
        self.delegations.values().any(|own| is_open(&own.shown))
    }

    fn delegation_stage(&self, record: &Delegation, code: &InviteCode) -> InvitationStage {
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
            if delegated.revoked || !delegated.is_backed() || delegated.uses >= delegated.max_uses {
                return InvitationStage::Revoked;
            }
        } else if party.is_some() {
            // What let its author make it has been cancelled.
            return InvitationStage::Revoked;
        }
        if record.closes() <= self.now() {
            return InvitationStage::Expired;
        }
        // Whoever has the code looks for nobody whom it does not name.
        let named = code.admitters();
        let can_finish = |endpoint: &&EndpointId| {
            named.iter().any(|(named, _)| named == *endpoint)
                && party.is_some_and(|party| may_finish(party, **endpoint))
        };
        match record.held_by.iter().filter(can_finish).count() {
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
            nearby: None,
            mail: record.mail.as_ref().map(|mail| MailView {
                address: mail.address.to_string(),
                issuer: mail.issuer.clone(),
                stage: mail.stage,
                trouble: self.mail_trouble(own, mail),
            }),
        })
    }

    /// Shows what keeps a mail back, or that nothing does any more.
    pub(super) async fn mail_is_kept_back(&mut self, id: InvitationId, trouble: Option<MailTrouble>) {
        let Some(own) = self.delegations.get_mut(&id).filter(|own| own.trouble != trouble) else {
            return;
        };
        own.trouble = trouble;
        self.publish_delegation(id).await;
    }

    /// Shows the invitations by e-mail through a service anew: this person is known there now, or not any more.
    pub(super) async fn show_mails_through(&self, issuer: &Issuer) {
        for (id, own) in &self.delegations {
            if own
                .record
                .mail
                .as_ref()
                .is_some_and(|mail| mail.issuer == issuer.as_str())
            {
                self.publish_delegation(*id).await;
            }
        }
    }

    /// Why a mail comes no further.
    fn mail_trouble(&self, own: &OwnDelegation, mail: &MailOrder) -> Option<MailTrouble> {
        let concerns_service = is_open(&own.shown) || own.shown == InvitationStage::Revoked;
        let needs_account = concerns_service && !mail.stage.is_final() && !self.mail.is_known_at(&mail.issuer);
        if needs_account {
            Some(MailTrouble::NoAccount)
        } else {
            own.trouble
        }
    }

    async fn publish_delegation(&self, id: InvitationId) {
        if let Some(view) = self.delegation_view(id) {
            let invitation = Arc::new(view);
            self.context.events.send(Event::InvitationChanged { invitation }).await;
        }
    }
}

/// Whether the device is one of a member who can finish delegated invitations.
fn may_finish(party: &Party, endpoint: EndpointId) -> bool {
    let member = party.membership().by_endpoint(endpoint);
    member.is_some_and(|member| member.role >= Role::Editor)
}

/// Whether somebody may still come in by an invitation.
pub(super) const fn is_open(stage: &InvitationStage) -> bool {
    matches!(stage, InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. })
}

pub(super) fn save(record: &Delegation) -> Change {
    Change::SaveInvitation {
        id: record.id(),
        party: record.party,
        bytes: record.encode(),
    }
}
