//! Inviting by e-mail: who is invited through which service, and then what has become of each mail.

mod account;
mod addresses;
mod form;
mod letters;
mod list;
mod row;
mod signing_out;

use std::sync::Arc;

use egui::{Id, Ui};

use self::account::{Account, Step};
use self::addresses::Addresses;
use self::letters::{Act, Hitch, Letters, Of};
pub(super) use self::signing_out::SigningOut;
use super::InviteAction;
use super::choice::Options;
use crate::email::Issuer;
use crate::identity::EmailAddress;
use crate::invitation::InvitationId;
use crate::invitation::mailbox::Told;
use crate::party::{PartyId, Role};
use crate::ui::browser::Browser;
use crate::ui::frame::Frame;
use crate::ui::text;
use crate::ui::widgets::Entered;
use crate::worker::{Command, Event, InvitationView, MailAdmission, MailOptions, ServiceView};

/// Everything about it. It stays while the dialog shows something else.
#[derive(Default)]
pub(super) struct Mail {
    /// Who the person at this machine is.
    own_name: String,
    /// Where they are known.
    services: Vec<ServiceView>,
    account: Account,
    /// Addresses as they were typed.
    addresses: String,
    message: String,
    names: Names,
    admission: MailAdmission,
    letters: Letters,
    /// Where the person has just signed in: what has waited for that is tried again.
    signed_in: Option<Issuer>,
}

/// Whether a mail says who invites, and to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Names {
    #[default]
    Withheld,
    Told,
}

/// A person signs in at a service in their browser.
pub(super) struct SigningIn {
    pub(super) browser: Browser,
    issuer: Issuer,
    /// Where they go on afterwards.
    pub(super) back: Back,
}

/// Where the person has come from.
pub(super) enum Back {
    Options(Options),
    List,
}

/// A click while inviting by e-mail.
pub(super) enum Click {
    SignIn(Issuer),
    AskToSignOut(Issuer),
    SignOut(Issuer),
    StaySignedIn,
    LeaveBrowser,
    TryClient,
    Send,
    ShowList,
    Act(InvitationId, Act),
    TryAgain(Hitch),
    GiveUp(Hitch),
    InviteMore,
    Close,
}

impl Mail {
    pub(super) fn set_services(&mut self, services: Vec<ServiceView>) {
        self.services = services;
    }

    pub(super) fn set_own_name(&mut self, name: String) {
        self.own_name = name;
    }

    pub(super) fn put(&mut self, invitation: &Arc<InvitationView>) {
        if invitation.mail.is_some() {
            self.letters.put(invitation);
        }
    }

    /// Shows this one of them when the list is shown next.
    pub(super) const fn seek(&mut self, invitation: InvitationId) {
        self.letters.sought = Some(invitation);
    }

    pub(super) fn has(&self, invitation: InvitationId) -> bool {
        self.letters.has(invitation)
    }

    pub(super) fn subtitle(&self, party: &str) -> String {
        let (joined, of) = self.letters.joined();
        text::mailed_subtitle(party, joined, of)
    }

    /// Takes in what the worker tells.
    pub(super) fn apply(&mut self, event: &Event, party: PartyId) {
        if let Event::ServicesChanged { services } = event {
            self.services.clone_from(services);
        }
        self.account.apply(event);
        self.letters.apply(event, party);
    }

    /// Draws the choice of whom to invite.
    pub(super) fn view_form(
        &mut self,
        ui: &mut Ui,
        id: Id,
        options: &mut Options,
        own: Role,
        entered: Entered,
    ) -> Option<Click> {
        form::view(ui, id, self, options, own, entered)
    }

    /// Draws what has become of each mail.
    pub(super) fn view_list(&mut self, ui: &mut Ui, entered: Entered) -> Option<Click> {
        let clicked = list::view(ui, &mut self.letters, self.account.refused.as_ref(), entered);
        let waited = |hitch: &Hitch, issuer: &Issuer| hitch.wants_sign_in() && hitch.issuer == issuer.as_str();
        let again = self.signed_in.take().and_then(|issuer| {
            let mut hitches = self.letters.hitches().into_iter();
            hitches.find(|hitch| hitch.of == Of::Inviting && waited(hitch, &issuer))
        });
        clicked.or(again.map(Click::TryAgain))
    }

    /// Goes from the form to the list or back: what was refused there is no news here.
    pub(super) fn turn_page(&mut self) {
        self.account.refused = None;
    }

    /// Whether everybody who was typed is invited, or given up on.
    pub(super) fn is_settled(&self) -> bool {
        self.letters.are_settled()
    }

    fn read_addresses(&self) -> Addresses {
        Addresses::read(&self.addresses, &self.letters.invited())
    }

    /// Invites everybody who was typed.
    pub(super) fn send(
        &mut self,
        (party, party_name): (PartyId, &str),
        options: &Options,
        frame: &Frame<'_>,
    ) -> Option<InviteAction> {
        let service = self.account.service(&self.services)?;
        let issuer = Issuer::parse(&service.issuer).ok()?;
        let told = match self.names {
            Names::Withheld => Told::default(),
            Names::Told => Told {
                inviter: self.own_name.clone(),
                party: party_name.to_owned(),
                message: String::new(),
            },
        };
        let message = self.message.trim().to_owned();
        let one = |address: &EmailAddress| MailOptions {
            party,
            issuer: issuer.clone(),
            address: address.to_string(),
            role: options.role,
            lifetime: options.lifetime.duration(),
            label: String::new(),
            told: Told {
                message: message.clone(),
                ..told.clone()
            },
            admission: self.admission,
        };
        let wanted = self.read_addresses().good.iter().map(one).collect();
        self.addresses.clear();
        Some(InviteAction::SendAll(self.letters.send(wanted, frame.requests)))
    }

    /// Goes to a service in the browser.
    pub(super) fn sign_in(&mut self, issuer: Issuer, back: Back, frame: &Frame<'_>) -> (SigningIn, InviteAction) {
        self.account.refused = None;
        let request = frame.requests.next();
        let command = Command::SignIn { issuer: issuer.clone() };
        let browser = Browser::new(request);
        let signing_in = SigningIn { browser, issuer, back };
        (signing_in, InviteAction::Send(request, command))
    }

    /// The person has come back, or not. Whether it was them.
    pub(super) fn back_from(&mut self, signing_in: &SigningIn, event: &Event) -> bool {
        match event {
            Event::Done { request } if *request == signing_in.browser.request => {
                self.account.is_known_at(&signing_in.issuer);
                self.signed_in = Some(signing_in.issuer.clone());
                true
            }
            Event::Failed {
                request: Some(request),
                failure,
            } if *request == signing_in.browser.request => {
                self.account.refused = Some(failure.clone());
                true
            }
            _ => false,
        }
    }

    pub(super) fn try_client(&mut self, frame: &Frame<'_>) -> Option<InviteAction> {
        let request = frame.requests.next();
        let command = self.account.try_client(request)?;
        Some(InviteAction::Send(request, command))
    }

    pub(super) fn sign_out(&mut self, issuer: Issuer, frame: &Frame<'_>) -> InviteAction {
        let request = frame.requests.next();
        let command = self.account.sign_out(request, issuer);
        InviteAction::Send(request, command)
    }

    pub(super) fn act(&mut self, id: InvitationId, act: Act, frame: &Frame<'_>) -> InviteAction {
        let (request, command) = self.letters.act(id, act, frame.requests);
        InviteAction::Send(request, command)
    }

    pub(super) fn try_again(&mut self, hitch: &Hitch, frame: &Frame<'_>) -> InviteAction {
        InviteAction::SendAll(self.letters.try_again(hitch, frame.requests))
    }

    pub(super) fn give_up(&mut self, hitch: &Hitch) {
        self.letters.give_up(hitch);
    }
}

impl SigningIn {
    pub(super) fn title(&self) -> String {
        text::sign_in_at(self.issuer.host())
    }

    pub(super) fn view(&mut self, ui: &mut Ui) -> Option<Click> {
        let waits_for = text::signing_in(self.issuer.host());
        self.browser.view(ui, &waits_for).then_some(Click::LeaveBrowser)
    }
}
