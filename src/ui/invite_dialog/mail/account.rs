//! At which service the mails are sent, and how the person is known there. No drawing.

use zeroize::Zeroizing;

use crate::email::Issuer;
use crate::failure::Failure;
use crate::ui::model::answered;
use crate::worker::{Command, Event, Passphrase, RequestId, ServiceView};

/// The choice of a service, and what is typed to get to know a new one.
#[derive(Default)]
pub(super) struct Account {
    step: Step,
    /// Which of the known ones; the first one unless the person has chosen.
    chosen: Option<String>,
    /// The address of another one.
    pub(super) typed: String,
    /// A client of the person's own there.
    pub(super) client: String,
    pub(super) secret: Zeroizing<String>,
    /// The order to sign out, until it is carried out.
    leaving: Option<RequestId>,
    /// Why the last try has come to nothing.
    pub(super) refused: Option<Failure>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Step {
    /// One of those where the person is known; without any, its address is typed.
    #[default]
    Known,
    /// The address of another one is typed.
    Typing,
    /// Its address, and a client of the person's own.
    Client,
    /// The client is tried.
    Trying(RequestId),
}

impl Account {
    /// The service that sends the mails; none while another one is typed.
    pub(super) fn service<'a>(&self, known: &'a [ServiceView]) -> Option<&'a ServiceView> {
        let chosen = known.iter().find(|one| Some(&one.issuer) == self.chosen.as_ref());
        chosen.or_else(|| known.first()).filter(|_| self.step == Step::Known)
    }

    /// What is shown of it.
    pub(super) fn step(&self, known: &[ServiceView]) -> Step {
        match self.step {
            Step::Known if known.is_empty() => Step::Typing,
            step => step,
        }
    }

    pub(super) fn choose(&mut self, issuer: String) {
        self.chosen = Some(issuer);
        self.go(Step::Known);
    }

    pub(super) fn go(&mut self, step: Step) {
        self.step = step;
        self.refused = None;
    }

    /// The service whose address is typed.
    pub(super) fn issuer(&self) -> Option<Issuer> {
        Issuer::parse(&self.typed)
            .ok()
            .filter(|_| !self.typed.trim().is_empty())
    }

    /// The command that tries the client; none while something is missing.
    pub(super) fn try_client(&mut self, request: RequestId) -> Option<Command> {
        let issuer = self.issuer().filter(|_| self.has_client())?;
        self.go(Step::Trying(request));
        Some(Command::UseClient {
            issuer,
            id: self.client.trim().to_owned(),
            secret: Passphrase::new(self.secret.clone()),
        })
    }

    pub(super) fn has_client(&self) -> bool {
        !self.client.trim().is_empty() && !self.secret.is_empty()
    }

    /// The command that forgets the account at a service.
    pub(super) fn sign_out(&mut self, request: RequestId, issuer: Issuer) -> Command {
        self.go(Step::Known);
        self.leaving = Some(request);
        Command::SignOut { issuer }
    }

    /// The person is known at a service now.
    pub(super) fn is_known_at(&mut self, issuer: &Issuer) {
        self.choose(issuer.as_str().to_owned());
        self.typed.clear();
        self.client.clear();
        self.secret = Zeroizing::default();
    }

    /// Takes in what has become of the client, and of signing out.
    pub(super) fn apply(&mut self, event: &Event) {
        let Some(answered) = answered(event) else { return };
        let failure = match event {
            Event::Failed { failure, .. } => Some(failure.clone()),
            _ => None,
        };
        if self.leaving.take_if(|asked| *asked == answered).is_some() {
            self.refused = failure;
        } else if self.step == Step::Trying(answered) {
            match (failure, self.issuer()) {
                (None, Some(issuer)) => self.is_known_at(&issuer),
                (failure, _) => {
                    self.go(Step::Client);
                    self.refused = failure;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::MailTrouble;

    fn known(issuer: &str) -> ServiceView {
        let (issuer, name) = (issuer.to_owned(), String::new());
        ServiceView { issuer, name }
    }

    #[test]
    fn the_first_known_service_is_used_until_another_is_chosen() {
        let services = [known("https://a.example"), known("https://b.example")];
        let mut account = Account::default();
        assert_eq!(account.service(&services), services.first());
        account.choose("https://b.example".to_owned());
        assert_eq!(account.service(&services), services.last());
        assert_eq!(
            account.service(services.split_at(1).0),
            services.first(),
            "signed out there"
        );
        account.go(Step::Typing);
        assert_eq!(account.service(&services), None);
        assert_eq!(Account::default().step(&[]), Step::Typing);
    }

    #[test]
    fn a_client_is_tried_and_its_secret_forgotten_once_it_is_known() {
        let mut account = Account::default();
        account.go(Step::Client);
        account.typed = "invite.example.org".to_owned();
        assert!(account.try_client(RequestId(1)).is_none(), "nothing typed yet");
        account.client = "choir".to_owned();
        account.secret = Zeroizing::new("pls_1".to_owned());
        assert!(matches!(
            account.try_client(RequestId(1)),
            Some(Command::UseClient { .. })
        ));
        account.apply(&Event::Failed {
            request: Some(RequestId(1)),
            failure: Failure::Mail(MailTrouble::WrongClient),
        });
        assert!(account.refused.is_some() && account.step(&[]) == Step::Client);
        assert!(account.try_client(RequestId(2)).is_some());
        account.apply(&Event::Done { request: RequestId(2) });
        let services = [known("https://invite.example.org")];
        assert_eq!(account.service(&services), services.first());
        assert!(account.secret.is_empty() && account.typed.is_empty());
    }
}
