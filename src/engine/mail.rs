//! Invitation services: this person's accounts there, and what is under way at them, in tasks of their own that report back to the
//! engine's loop. The engine itself never waits for a service.
//!
//! What uses an account goes one after the other: each use of a refresh token makes it another one. A person in their browser
//! holds nothing up; one is waited for at a time.

mod accounts;
mod inviting;
mod redeeming;

use std::collections::{BTreeMap, VecDeque};

use tokio::task::{AbortHandle, Id, JoinSet};

use crate::email::{Account, Handed, Issuer, Key, Order, Post, Service, Tokens};
use crate::failure::{Failure, MailTrouble};
use crate::invitation::InvitationId;

use super::open::Open;
use super::{Event, MailOptions, RedemptionId, RequestId};

/// How many errands may wait at once; more are asked for again later.
const MAX_ERRANDS: usize = 1024;

/// Everything about invitation services.
pub(super) struct Mail {
    post: Post,
    accounts: BTreeMap<Issuer, Account>,
    /// What opened each service last.
    keys: BTreeMap<Issuer, Key>,
    /// Who wants to invite, by the service that is asked about itself for them.
    meetings: BTreeMap<Issuer, Meeting>,
    waiting: VecDeque<(Issuer, Errand)>,
    at_work: Option<(Id, InvitationId)>,
    /// Which command the person's browser is to answer.
    browser: Option<(RequestId, AbortHandle)>,
    running: JoinSet<Report>,
    /// Who waits for the reports of tasks.
    asked: BTreeMap<Id, Asked>,
}

/// Who waits for a task's report, and is told if none comes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    /// Whoever has given a command.
    Command(RequestId),
    /// A redemption, for another proof of its mailbox.
    Redemption(RedemptionId),
}

/// A service is asked about itself: once for everybody who wants to invite meanwhile.
struct Meeting {
    task: Id,
    wanted: Vec<(RequestId, MailOptions)>,
}

/// What is done at a service with an account.
#[derive(Debug)]
pub(super) enum Errand {
    /// Hand an invitation over; for a command, if one asks for it.
    HandOver(Option<RequestId>, Box<Order>),
    /// See how far one is.
    Look(InvitationId, String),
    /// Send its mail again.
    SendAgain(RequestId, InvitationId, String),
    /// Take it back.
    TakeBack(InvitationId, String),
}

impl Errand {
    const fn invitation(&self) -> InvitationId {
        match self {
            Self::HandOver(_, order) => order.invitation,
            Self::Look(id, _) | Self::SendAgain(_, id, _) | Self::TakeBack(id, _) => *id,
        }
    }

    /// The command that it answers.
    const fn request(&self) -> Option<RequestId> {
        match self {
            Self::HandOver(request, _) => *request,
            Self::SendAgain(request, ..) => Some(*request),
            Self::Look(..) | Self::TakeBack(..) => None,
        }
    }
}

/// How a task has ended.
pub(super) enum Report {
    /// A person has come back from the browser, and was to sign in.
    SignedIn(RequestId, Result<(Service, Tokens), MailTrouble>),
    /// A service has, or has not, given what an invitation by mail is worth.
    Accepted(RequestId, Result<(Service, Tokens), MailTrouble>),
    /// A service was asked about itself, for invitations.
    Met(Issuer, Result<Service, MailTrouble>),
    /// A client of the person's own was tried.
    Tried(RequestId, Box<Account>, Result<(), MailTrouble>),
    /// An errand was run; with the key that it took.
    Errand(Issuer, Box<Errand>, Option<Key>, Result<Option<Handed>, MailTrouble>),
    /// Another proof of a mailbox was asked for.
    Proved(RedemptionId, Result<(Service, Tokens), MailTrouble>),
    /// A person has said goodbye to a service, whether it has heard that or not.
    Forgotten,
    /// A task has panicked.
    Lost(Id, Option<Asked>),
}

impl Mail {
    /// With the accounts that are stored.
    pub(super) fn new(post: Post, accounts: Vec<Account>) -> Self {
        Self {
            post,
            accounts: accounts
                .into_iter()
                .map(|account| (account.issuer.clone(), account))
                .collect(),
            keys: BTreeMap::new(),
            meetings: BTreeMap::new(),
            waiting: VecDeque::new(),
            at_work: None,
            browser: None,
            running: JoinSet::new(),
            asked: BTreeMap::new(),
        }
    }

    /// The next report, while anything is under way.
    pub(super) async fn next_report(&mut self) -> Option<Report> {
        loop {
            match self.running.join_next_with_id().await? {
                Ok((task, report)) => {
                    self.asked.remove(&task);
                    return Some(report);
                }
                Err(error) => {
                    let (task, asked) = (error.id(), self.asked.remove(&error.id()));
                    if error.is_panic() {
                        tracing::error!("a task for an invitation service ended early: {error}");
                        return Some(Report::Lost(task, asked));
                    }
                }
            }
        }
    }

    /// Stops everything that is under way.
    pub(super) async fn shut_down(mut self) {
        self.running.shutdown().await;
    }

    fn account(&self, issuer: &Issuer) -> Result<&Account, Failure> {
        self.accounts.get(issuer).ok_or(Failure::Mail(MailTrouble::NoAccount))
    }

    /// Whether this person has an account at a service.
    pub(super) fn is_known_at(&self, issuer: &str) -> bool {
        self.accounts.keys().any(|known| known.as_str() == issuer)
    }

    fn spawn_for(&mut self, request: RequestId, task: impl Future<Output = Report> + Send + 'static) -> AbortHandle {
        self.spawn_asked(Asked::Command(request), task)
    }

    fn spawn_asked(&mut self, asked: Asked, task: impl Future<Output = Report> + Send + 'static) -> AbortHandle {
        let handle = self.running.spawn(task);
        self.asked.insert(handle.id(), asked);
        handle
    }

    /// Whether something is under way for an invitation.
    fn has_errand_for(&self, invitation: InvitationId) -> bool {
        self.at_work.is_some_and(|(_, of)| of == invitation)
            || self.waiting.iter().any(|(_, errand)| errand.invitation() == invitation)
    }

    /// Queues an errand. What has no account waits for the person to sign in again.
    fn send(&mut self, issuer: Issuer, errand: Errand) {
        // What a command waits for is bounded by the commands.
        if self.waiting.len() < MAX_ERRANDS || errand.request().is_some() {
            self.waiting.push_back((issuer, errand));
        }
        self.go_on();
    }

    /// Runs the next errand, if none is being run.
    fn go_on(&mut self) {
        if self.at_work.is_some() {
            return;
        }
        let Some((issuer, errand)) = self.waiting.pop_front() else {
            return;
        };
        let (request, invitation) = (errand.request(), errand.invitation());
        let (post, account) = (self.post.clone(), self.accounts.get(&issuer).cloned());
        let last = self.keys.get(&issuer).cloned();
        let task = self.running.spawn(async move {
            let (key, result) = run(post, account, last, &errand).await;
            Report::Errand(issuer, Box::new(errand), key, result)
        });
        if let Some(request) = request {
            self.asked.insert(task.id(), Asked::Command(request));
        }
        self.at_work = Some((task.id(), invitation));
    }
}

/// Runs an errand.
async fn run(
    post: Post,
    account: Option<Account>,
    last: Option<Key>,
    errand: &Errand,
) -> (Option<Key>, Result<Option<Handed>, MailTrouble>) {
    let Some(account) = account else {
        return (None, Err(MailTrouble::NoAccount));
    };
    let key = match post.open(&account, last).await {
        Ok(key) => key,
        Err(trouble) => return (None, Err(trouble)),
    };
    let issuer = account.issuer;
    let result = match errand {
        Errand::HandOver(_, order) => post.hand_over(&issuer, &key, order).await.map(Some),
        Errand::Look(_, id) => post.look(&issuer, &key, id).await.map(Some),
        Errand::SendAgain(_, _, id) => post.send_again(&issuer, &key, id).await.map(|()| None),
        Errand::TakeBack(_, id) => post.take_back(&issuer, &key, id).await.map(|()| None),
    };
    (Some(key), result)
}

impl Open {
    /// Takes the report of a task.
    pub(super) async fn mail_report(&mut self, report: Report) {
        match report {
            Report::SignedIn(request, result) => {
                self.back_from_browser(request);
                let answer = self.signed_in(result).await;
                self.answer_mail(request, answer).await;
            }
            Report::Accepted(request, result) => {
                self.back_from_browser(request);
                match self.accepted(request, result).await {
                    Ok(event) => self.context.events.send(event).await,
                    Err(failure) => self.context.events.failed(Some(request), failure).await,
                }
            }
            Report::Met(issuer, result) => self.met(&issuer, &result).await,
            Report::Tried(request, account, result) => {
                let answer = match result {
                    Ok(()) => self.keep_account(*account).await,
                    // Nobody was known there before.
                    Err(MailTrouble::SignedOut) => Err(Failure::Mail(MailTrouble::WrongClient)),
                    Err(trouble) => Err(Failure::Mail(trouble)),
                };
                self.answer_mail(request, answer).await;
            }
            Report::Errand(issuer, errand, key, result) => {
                self.mail.at_work = None;
                self.keep_key(issuer, key).await;
                self.errand_run(*errand, result).await;
                self.mail.go_on();
            }
            Report::Proved(redemption, result) => self.proved(redemption, result).await,
            Report::Forgotten => {}
            Report::Lost(task, asked) => {
                if self.mail.at_work.is_some_and(|(running, _)| running == task) {
                    self.mail.at_work = None;
                    self.mail.go_on();
                }
                self.meeting_lost(task).await;
                match asked {
                    Some(Asked::Command(request)) => {
                        self.back_from_browser(request);
                        self.context.events.failed(Some(request), Failure::Internal).await;
                    }
                    // It asks again later, as if the service were away.
                    Some(Asked::Redemption(redemption)) => {
                        self.proved(redemption, Err(MailTrouble::Unreachable)).await;
                    }
                    None => {}
                }
            }
        }
    }

    async fn answer_mail(&self, request: RequestId, answer: Result<(), Failure>) {
        match answer {
            Ok(()) => self.context.events.send(Event::Done { request }).await,
            Err(failure) => self.context.events.failed(Some(request), failure).await,
        }
    }

    /// From now on the browser is waited for, for this command and no other.
    async fn wait_for_browser(&mut self, request: RequestId, task: AbortHandle) {
        self.stop_browser().await;
        self.mail.browser = Some((request, task));
    }

    /// Waits for the browser no more.
    pub(super) async fn stop_browser(&mut self) {
        if let Some((request, task)) = self.mail.browser.take() {
            task.abort();
            let failure = Failure::Mail(MailTrouble::Stopped);
            self.context.events.failed(Some(request), failure).await;
        }
    }

    fn back_from_browser(&mut self, request: RequestId) {
        self.mail.browser.take_if(|(waiting, _)| *waiting == request);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    use super::*;
    use crate::identity::Keys;
    use crate::time::Timestamp;

    #[tokio::test]
    async fn whoever_waits_for_a_task_that_panics_is_told() {
        let keys = Keys::generate(&mut StdRng::seed_from_u64(1));
        let post = Post::new(Arc::new(keys), Arc::new(|| Timestamp::from_millis(0)));
        let mut mail = Mail::new(post, Vec::new());
        let redemption = RedemptionId(7);
        mail.spawn_asked(Asked::Redemption(redemption), async move {
            assert_eq!(redemption, RedemptionId(8), "as a mistake would");
            Report::Forgotten
        });
        let report = mail.next_report().await;
        assert!(matches!(report, Some(Report::Lost(_, Some(Asked::Redemption(of)))) if of == redemption));
        assert!(mail.asked.is_empty() && mail.next_report().await.is_none());
    }
}
