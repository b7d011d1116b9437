//! The invitations of a party that mails carry, and what is under way for them. No drawing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::addresses::MAX_AT_ONCE;
use crate::email::Issuer;
use crate::failure::{Failure, MailTrouble};
use crate::identity::EmailAddress;
use crate::invitation::InvitationId;
use crate::invitation::mailbox::MailStage;
use crate::party::PartyId;
use crate::ui::frame::Requests;
use crate::ui::model::is_pending;
use crate::worker::{Command, Event, InvitationView, MailOptions, RequestId};

/// All of them.
#[derive(Default)]
pub(super) struct Letters {
    /// The newest last.
    pub(super) all: Vec<Arc<InvitationView>>,
    /// Who is being invited.
    sending: Vec<(RequestId, MailOptions)>,
    /// Who is not, and why.
    unsent: Vec<(MailOptions, Failure)>,
    orders: BTreeMap<InvitationId, Order>,
    /// The one that the person has come for.
    pub(super) sought: Option<InvitationId>,
}

/// What the person has asked for one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Sent(RequestId, Act),
    Refused(Failure),
}

/// What can be done with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui::invite_dialog) enum Act {
    SendAgain,
    Revoke,
}

/// What keeps several of them back, told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ui::invite_dialog) struct Hitch {
    pub(super) failure: Failure,
    pub(super) issuer: String,
    /// Whom it concerns.
    pub(super) addresses: Vec<String>,
    pub(super) of: Of,
}

/// What is kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui::invite_dialog) enum Of {
    /// There is no invitation.
    Inviting,
    /// There is one, and the service does not have it, or does not say how far it is.
    Mail,
}

impl Hitch {
    /// Whether the person has to sign in (again).
    pub(super) const fn wants_sign_in(&self) -> bool {
        matches!(
            self.failure,
            Failure::Mail(MailTrouble::NoAccount | MailTrouble::SignedOut)
        )
    }
}

impl Letters {
    pub(super) fn put(&mut self, invitation: &Arc<InvitationView>) {
        match self.all.iter_mut().find(|old| old.id == invitation.id) {
            Some(old) => *old = Arc::clone(invitation),
            None => {
                self.all.push(Arc::clone(invitation));
                self.all.sort_by_key(|one| one.created);
            }
        }
    }

    pub(super) fn has(&self, id: InvitationId) -> bool {
        self.all.iter().any(|one| one.id == id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty() && self.sending.is_empty() && self.unsent.is_empty()
    }

    /// Whether everybody who was typed is invited, or given up on.
    pub(super) fn are_settled(&self) -> bool {
        self.sending.is_empty() && self.unsent.is_empty()
    }

    /// Who has an invitation that works, or is getting one: their addresses, normalised.
    pub(super) fn invited(&self) -> BTreeSet<String> {
        let open = self.all.iter().filter(|one| is_pending(&one.stage));
        let addresses = open.filter_map(|one| EmailAddress::parse(&one.mail.as_ref()?.address).ok());
        let sending = self.sending().filter_map(|address| EmailAddress::parse(address).ok());
        addresses.chain(sending).map(|address| address.normalised()).collect()
    }

    /// How many came in, and of how many who still could or have.
    pub(super) fn joined(&self) -> (usize, usize) {
        let joined = self.all.iter().filter(|one| !one.admitted.is_empty()).count();
        let open = self
            .all
            .iter()
            .filter(|one| one.admitted.is_empty() && is_pending(&one.stage));
        (joined, joined + open.count())
    }

    /// Addresses that are being invited.
    pub(super) fn sending(&self) -> impl Iterator<Item = &str> {
        self.sending.iter().map(|(_, options)| options.address.as_str())
    }

    /// What the person has asked for one, unless there is no more to say of it than what its stage or a hitch tells.
    pub(super) fn order(&self, id: InvitationId) -> Option<&Order> {
        let invitation = self.all.iter().find(|one| one.id == id)?;
        let is_told = |failure: &Failure| {
            !is_pending(&invitation.stage) || hitch_of(invitation).is_some_and(|(why, _)| why == *failure)
        };
        let order = self.orders.get(&id)?;
        (!matches!(order, Order::Refused(failure) if is_told(failure))).then_some(order)
    }

    /// Invites everybody of these.
    pub(super) fn send(&mut self, wanted: Vec<MailOptions>, requests: &Requests) -> Vec<(RequestId, Command)> {
        let invite = |options: MailOptions| {
            let request = requests.next();
            self.sending.push((request, options.clone()));
            let options = Box::new(options);
            (request, Command::InviteByMail { options })
        };
        wanted.into_iter().map(invite).collect()
    }

    /// Tries again what a hitch has kept back.
    pub(super) fn try_again(&mut self, hitch: &Hitch, requests: &Requests) -> Vec<(RequestId, Command)> {
        match hitch.of {
            Of::Inviting => {
                let wanted = self.take_unsent(hitch);
                self.send(wanted, requests)
            }
            Of::Mail => {
                let held = self
                    .all
                    .iter()
                    .filter(|one| hitch_of(one).as_ref() == Some(&hitch.key()));
                let held: Vec<_> = held.map(|one| one.id).take(MAX_AT_ONCE).collect();
                let again = |id| self.act(id, Act::SendAgain, requests);
                held.into_iter().map(again).collect()
            }
        }
    }

    /// Gives up on who was not invited.
    pub(super) fn give_up(&mut self, hitch: &Hitch) {
        self.take_unsent(hitch);
    }

    fn take_unsent(&mut self, hitch: &Hitch) -> Vec<MailOptions> {
        let all = std::mem::take(&mut self.unsent);
        let (taken, kept) = all
            .into_iter()
            .partition(|(options, failure)| key_of(options, failure) == hitch.key());
        self.unsent = kept;
        let taken: Vec<(MailOptions, Failure)> = taken;
        taken.into_iter().map(|(options, _)| options).collect()
    }

    /// Asks for something to be done with one.
    pub(super) fn act(&mut self, invitation: InvitationId, act: Act, requests: &Requests) -> (RequestId, Command) {
        let request = requests.next();
        self.orders.insert(invitation, Order::Sent(request, act));
        let command = match act {
            Act::SendAgain => Command::SendAgain { invitation },
            Act::Revoke => Command::RevokeInvitation { invitation },
        };
        (request, command)
    }

    /// What keeps something back: each reason once.
    pub(super) fn hitches(&self) -> Vec<Hitch> {
        let unsent = self
            .unsent
            .iter()
            .map(|(options, failure)| (Of::Inviting, key_of(options, failure), options.address.clone()));
        let held = self.all.iter().filter_map(|one| {
            let address = one.mail.as_ref()?.address.clone();
            Some((Of::Mail, hitch_of(one)?, address))
        });
        let mut hitches: Vec<Hitch> = Vec::new();
        for (of, (failure, issuer), address) in unsent.chain(held) {
            let known = hitches
                .iter_mut()
                .find(|one| one.of == of && one.failure == failure && one.issuer == issuer);
            match known {
                Some(hitch) => hitch.addresses.push(address),
                None => hitches.push(Hitch {
                    failure,
                    issuer,
                    addresses: vec![address],
                    of,
                }),
            }
        }
        hitches
    }

    /// Takes in what the worker tells of this party's invitations.
    pub(super) fn apply(&mut self, event: &Event, party: PartyId) {
        match event {
            Event::InvitationCreated { request, invitation } => {
                let before = self.sending.len();
                self.sending.retain(|(asked, _)| asked != request);
                if self.sending.len() < before {
                    self.put(invitation);
                }
            }
            Event::InvitationChanged { invitation } if invitation.party == party && invitation.mail.is_some() => {
                self.put(invitation);
            }
            Event::Done { request } => self.orders.retain(|_, order| !is_sent(order, *request)),
            Event::Failed {
                request: Some(request),
                failure,
            } => {
                if let Some(at) = self.sending.iter().position(|(asked, _)| asked == request) {
                    let (_, options) = self.sending.remove(at);
                    self.unsent.push((options, failure.clone()));
                }
                // What the service does not have yet is handed over without another click.
                let (all, goes_on) = (&self.all, |id: &InvitationId, one: &InvitationView| {
                    let waits = one.mail.as_ref().is_some_and(|mail| mail.stage == MailStage::Waiting);
                    one.id == *id && waits && hitch_of(one).is_some_and(|(why, _)| why == *failure)
                });
                self.orders
                    .retain(|id, order| !(is_sent(order, *request) && all.iter().any(|one| goes_on(id, one))));
                if let Some(order) = self.orders.values_mut().find(|order| is_sent(order, *request)) {
                    *order = Order::Refused(failure.clone());
                }
            }
            _ => {}
        }
    }
}

/// What makes two hitches one.
type Key = (Failure, String);

impl Hitch {
    fn key(&self) -> Key {
        (self.failure.clone(), self.issuer.clone())
    }
}

fn key_of(options: &MailOptions, failure: &Failure) -> Key {
    let issuer = Issuer::as_str(&options.issuer).to_owned();
    (failure.clone(), issuer)
}

/// What keeps the mail of an invitation that works back.
fn hitch_of(invitation: &InvitationView) -> Option<Key> {
    let mail = invitation.mail.as_ref().filter(|_| is_pending(&invitation.stage))?;
    Some((Failure::Mail(mail.trouble?), mail.issuer.clone()))
}

const fn is_sent(order: &Order, request: RequestId) -> bool {
    matches!(order, Order::Sent(asked, _) if asked.0 == request.0)
}
