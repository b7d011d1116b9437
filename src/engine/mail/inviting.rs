//! Inviting by e-mail: the invitation is in the party's log and on disk before a service hears of it, and is handed over, looked
//! after and taken back as often as it takes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::Id;
use zeroize::Zeroizing;

use crate::email::{Handed, Issuer, Order, Service};
use crate::failure::{Failure, MailTrouble};
use crate::identity::EmailAddress;
use crate::invitation::delegation::Delegation;
use crate::invitation::mailbox::{MailOrder, MailStage, Told, party_reference};
use crate::invitation::{DelegationMethod, InvitationId, InvitationStage, Secret};
use crate::net::NetworkMode;
use crate::party::Role;

use super::super::delegating::{MAX_LIFETIME, OwnDelegation};
use super::super::inviting::MAX_LABEL;
use super::super::open::Open;
use super::super::timers::Timer;
use super::super::{Event, MailAdmission, MailOptions, RequestId};
use super::{Errand, Meeting, Report};

/// The longest message to somebody who is invited, in bytes: a service takes no more.
const MAX_MESSAGE: usize = 200;

/// When an invitation that a service has is looked after again: soon while somebody watches, then less and less often.
const LOOKS: [(Duration, Duration); 2] = [
    (Duration::from_secs(2 * 60), Duration::from_secs(5)),
    (Duration::from_secs(3600), Duration::from_secs(60)),
];
/// See [`LOOKS`].
const LAST_LOOKS: Duration = Duration::from_secs(10 * 60);

/// When a service that could not be reached is tried again.
const RETRY: Duration = Duration::from_secs(60);

impl Open {
    /// Asks the service about itself; the invitation is made when it has answered.
    pub(in super::super) fn invite_by_mail(&mut self, request: RequestId, options: MailOptions) -> Result<(), Failure> {
        let own_role = self.own_role(options.party)?;
        if own_role < Role::Admin || options.role > Role::Admin {
            return Err(Failure::NotAllowed);
        }
        if options.label.len() > MAX_LABEL || options.told.message.len() > MAX_MESSAGE {
            return Err(Failure::NameInvalid);
        }
        EmailAddress::parse(&options.address).or(Err(Failure::Mail(MailTrouble::NotAnAddress)))?;
        self.mail.account(&options.issuer)?;
        let post = self.mail.post.clone();
        if let Some(meeting) = self.mail.meetings.get_mut(&options.issuer) {
            meeting.wanted.push((request, options));
            return Ok(());
        }
        let issuer = options.issuer.clone();
        let asked = issuer.clone();
        let task = self.mail.running.spawn(async move {
            let met = post.meet(&asked).await;
            Report::Met(asked, met)
        });
        let wanted = vec![(request, options)];
        self.mail.meetings.insert(
            issuer,
            Meeting {
                task: task.id(),
                wanted,
            },
        );
        Ok(())
    }

    /// The service has said what it is, or does not answer: everybody who has waited for that is answered.
    pub(super) async fn met(&mut self, issuer: &Issuer, met: &Result<Service, MailTrouble>) {
        let Some(meeting) = self.mail.meetings.remove(issuer) else {
            return;
        };
        for (request, options) in meeting.wanted {
            let invited = match met {
                Ok(service) => self.invite_at(request, options, service).await,
                Err(trouble) => Err(Failure::Mail(*trouble)),
            };
            match invited {
                Ok(event) => self.context.events.send(event).await,
                Err(failure) => self.context.events.failed(Some(request), failure).await,
            }
        }
    }

    /// The task that asked a service has panicked.
    pub(super) async fn meeting_lost(&mut self, task: Id) {
        let lost = self.mail.meetings.extract_if(.., |_, meeting| meeting.task == task);
        let wanted: Vec<_> = lost.flat_map(|(_, meeting)| meeting.wanted).collect();
        for (request, _) in wanted {
            self.context.events.failed(Some(request), Failure::Internal).await;
        }
    }

    /// Makes the invitation, and has the service send it.
    async fn invite_at(
        &mut self,
        request: RequestId,
        options: MailOptions,
        service: &Service,
    ) -> Result<Event, Failure> {
        let address = EmailAddress::parse(&options.address).or(Err(Failure::Mail(MailTrouble::NotAnAddress)))?;
        let secret = Secret::generate(&mut rand::rng());
        let bind = secret.mail_key().bind(service.issuer.as_str(), &service.key, &address);
        let now = self.now();
        let record = Delegation {
            secret: Arc::new(secret),
            party: options.party,
            role: options.role,
            label: options.label,
            created: now,
            expires: now.plus(options.lifetime.min(MAX_LIFETIME)),
            max_uses: 1,
            method: match options.admission {
                MailAdmission::AtOnce => DelegationMethod::Mailbox(bind),
                MailAdmission::Approved => DelegationMethod::ApprovedMailbox(bind),
            },
            held_by: Vec::new(),
            mail: Some(MailOrder {
                issuer: service.issuer.as_str().to_owned(),
                address,
                told: options.told,
                stage: MailStage::Waiting,
                service_id: None,
            }),
        };
        let id = record.id();
        let created = self.open_delegation(request, record).await?;
        self.run_mail_errand(id);
        Ok(created)
    }

    /// Has the mail of an invitation sent again, or tries again at once to hand it over if the service does not have it.
    pub(in super::super) fn send_again(&mut self, request: RequestId, id: InvitationId) -> Result<(), Failure> {
        let own = self.delegations.get(&id).ok_or(Failure::InvitationUnknown)?;
        let mail = own.record().mail.as_ref().ok_or(Failure::InvitationUnknown)?;
        let issuer = Issuer::parse(&mail.issuer).map_err(Failure::Mail)?;
        self.mail.account(&issuer)?;
        if !own.invites(self.now()) {
            return Err(Failure::InvitationOver);
        }
        let errand = match &mail.service_id {
            Some(service_id) => Errand::SendAgain(request, id, service_id.clone()),
            None => Errand::HandOver(Some(request), order(own, mail).ok_or(Failure::InvitationOver)?),
        };
        self.mail.send(issuer, errand);
        Ok(())
    }

    /// Does what is to be done at services for all invitations of this device.
    pub(in super::super) fn run_mail_errands(&mut self) {
        let mailed: Vec<InvitationId> = self
            .delegations
            .iter()
            .filter(|(_, own)| own.record().mail.is_some())
            .map(|(id, _)| *id)
            .collect();
        for id in mailed {
            self.run_mail_errand(id);
        }
    }

    /// The same, without a person who asks for it.
    pub(in super::super) fn go_on_with_mail(&mut self) {
        let mailed: Vec<InvitationId> = self.delegations.keys().copied().collect();
        for id in mailed {
            self.go_on_with_mail_of(id);
        }
    }

    /// Does what is due at a service for one invitation, as far as the network mode lets this device ask by itself.
    pub(in super::super) fn go_on_with_mail_of(&mut self, id: InvitationId) {
        let mail = self.delegations.get(&id).and_then(|own| own.record().mail.as_ref());
        let issuer = mail.and_then(|mail| Issuer::parse(&mail.issuer).ok());
        if issuer.is_some_and(|issuer| may_ask(self.network_to_be(), &issuer)) {
            self.run_mail_errand(id);
        }
    }

    /// Does what is to be done at the service for one invitation now: hand it over, take it back, or look how far it is.
    pub(in super::super) fn run_mail_errand(&mut self, id: InvitationId) {
        let Some(own) = self.delegations.get(&id) else { return };
        let Some(mail) = &own.record().mail else { return };
        let Ok(issuer) = Issuer::parse(&mail.issuer) else {
            return;
        };
        if !self.mail.accounts.contains_key(&issuer) || self.mail.has_errand_for(id) {
            return;
        }
        let errand = match &mail.service_id {
            None if own.invites(self.now()) && mail.stage == MailStage::Waiting => match order(own, mail) {
                Some(order) => Errand::HandOver(None, order),
                None => return,
            },
            Some(service_id) if mail.stage.is_to_be_taken_back() && *own.stage() == InvitationStage::Revoked => {
                Errand::TakeBack(id, service_id.clone())
            }
            // What is told of a service goes only with another answer of it, also for a mail that comes no further.
            Some(service_id) if !mail.stage.is_final() || own.is_kept_back() => Errand::Look(id, service_id.clone()),
            _ => return,
        };
        self.mail.send(issuer, errand);
    }

    /// An errand has come to its end.
    pub(super) async fn errand_run(&mut self, errand: Errand, result: Result<Option<Handed>, MailTrouble>) {
        let (id, request) = (errand.invitation(), errand.request());
        self.mail_is_kept_back(id, result.as_ref().err().copied()).await;
        match (&errand, &result) {
            (_, Ok(Some(handed))) => self.mail_is_at(id, handed.stage, Some(handed.service_id.clone())).await,
            (Errand::TakeBack(..), Ok(None)) => self.mail_is_at(id, MailStage::Revoked, None).await,
            (Errand::SendAgain(..), Ok(None)) => self.mail_is_at(id, MailStage::Queued, None).await,
            // Nothing is lost: what is due then is tried again, or when the person has signed in again. A mail is sent again only
            // if the person asks once more; meanwhile this looks whether the service answers.
            (_, Err(MailTrouble::Unreachable | MailTrouble::TooMany)) => {
                self.timers.set(self.now().plus(RETRY), Timer::Mail(id));
            }
            (_, Err(MailTrouble::SignedOut | MailTrouble::NoAccount)) => {}
            (Errand::HandOver(asked, _), Err(trouble)) => {
                self.mail_is_at(id, MailStage::Refused, None).await;
                if asked.is_none() {
                    self.context.events.failed(None, Failure::Mail(*trouble)).await;
                }
            }
            (_, Err(trouble)) => {
                tracing::info!(?trouble, "a service does not say how far an invitation is");
                self.timers.set(self.now().plus(LAST_LOOKS), Timer::Mail(id));
            }
            (_, Ok(None)) => {}
        }
        // It may have been revoked while the service was asked for something else.
        let comes_later = matches!(
            result,
            Err(MailTrouble::Unreachable | MailTrouble::TooMany | MailTrouble::SignedOut | MailTrouble::NoAccount)
        );
        if !comes_later && !matches!(errand, Errand::TakeBack(..)) && self.is_to_be_taken_back(id) {
            self.run_mail_errand(id);
        }
        if let Some(request) = request {
            self.answer_mail(request, result.map(drop).map_err(Failure::Mail)).await;
        }
    }

    /// Whether a service still has an invitation that is revoked.
    fn is_to_be_taken_back(&self, id: InvitationId) -> bool {
        self.delegations.get(&id).is_some_and(|own| {
            let mail = own.record().mail.as_ref();
            *own.stage() == InvitationStage::Revoked
                && mail.is_some_and(|mail| mail.service_id.is_some() && mail.stage.is_to_be_taken_back())
        })
    }

    /// The service has said how far a mail is.
    async fn mail_is_at(&mut self, id: InvitationId, stage: MailStage, service_id: Option<String>) {
        let Some(own) = self.delegations.get(&id) else { return };
        let mut record = own.record().clone();
        let Some(mail) = &mut record.mail else { return };
        let new_id = service_id.or_else(|| mail.service_id.clone());
        let is_new = mail.stage != stage || mail.service_id != new_id;
        (mail.stage, mail.service_id) = (stage, new_id);
        if mail.service_id.is_some() {
            // The service has it; this device needs to know it no longer.
            mail.told = Told::default();
        }
        if !stage.is_final() {
            let age = record.created.until(self.now());
            let looks = LOOKS.iter().find(|(until, _)| age < *until);
            let pause = looks.map_or(LAST_LOOKS, |(_, pause)| *pause);
            self.timers.set(self.now().plus(pause), Timer::Mail(id));
        }
        if is_new
            && self
                .store_or_tell(vec![super::super::delegating::save(&record)])
                .await
                .is_ok()
        {
            self.replace_delegation(record).await;
        }
    }
}

/// Whether a service is asked without a person who presses for it: `--offline` promises that nothing leaves the local network.
fn may_ask(network: &NetworkMode, issuer: &Issuer) -> bool {
    match network {
        NetworkMode::PublicRelays | NetworkMode::OwnRelay { .. } => true,
        NetworkMode::LocalNetwork | NetworkMode::Loopback => issuer.is_on_this_machine(),
    }
}

/// What the service is asked to send; nothing for an invitation that pins no mailbox.
fn order(own: &OwnDelegation, mail: &MailOrder) -> Option<Box<Order>> {
    let record = own.record();
    let bind = record.method.mailbox()?;
    Some(Box::new(Order {
        invitation: record.id(),
        party: party_reference(record.party),
        pinned: (bind, record.secret.mail_key()),
        address: mail.address.clone(),
        code: Zeroizing::new(own.code().to_text().to_string()),
        // The same whenever it is asked again, so that the service knows that it has done it.
        lifetime: record.created.until(record.expires),
        told: mail.told.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offline_nobody_elsewhere_is_asked_unless_a_person_does() {
        let issuer = |text| Issuer::parse(text).unwrap();
        let (far, here) = (issuer("https://invite.example.org"), issuer("http://127.0.0.1:8080"));
        for (network, asks_far) in [
            (NetworkMode::PublicRelays, true),
            (NetworkMode::LocalNetwork, false),
            (NetworkMode::Loopback, false),
        ] {
            assert_eq!(may_ask(&network, &far), asks_far, "{network:?}");
            assert!(may_ask(&network, &here), "{network:?}");
        }
    }
}
