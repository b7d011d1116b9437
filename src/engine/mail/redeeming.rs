//! Coming in by e-mail: what the service gives becomes a redemption like any other, with a proof of the mailbox.

use std::sync::Arc;

use crate::email::{Issuer, MailCode, MailLink, Service, Tokens};
use crate::failure::{Failure, MailTrouble};
use crate::invitation::applicant::{self, Proof};
use crate::invitation::{CodeKind, InviteCode};

use super::super::open::Open;
use super::super::{Event, MailWay, RedemptionId, RequestId};
use super::{Asked, Report};

impl Open {
    /// Takes what somebody who was invited by e-mail has in hand to the service.
    pub(in super::super) async fn redeem_mail(&mut self, request: RequestId, way: MailWay) -> Result<(), Failure> {
        match way {
            MailWay::Link(link) => self.accept_in_browser(request, link).await,
            MailWay::Code { issuer, code } => self.accept_code(request, issuer, code),
        }
    }

    async fn accept_in_browser(&mut self, request: RequestId, link: MailLink) -> Result<(), Failure> {
        let (post, events) = (self.mail.post.clone(), self.context.events.clone());
        let task = self.mail.spawn_for(request, async move {
            let result = match post.accept(&link).await {
                Ok(sign_in) => {
                    let url = sign_in.url.clone();
                    events.send(Event::BrowserNeeded { request, url }).await;
                    sign_in.finish(&post).await
                }
                Err(trouble) => Err(trouble),
            };
            Report::Accepted(request, result)
        });
        self.wait_for_browser(request, task).await;
        Ok(())
    }

    fn accept_code(&mut self, request: RequestId, issuer: Issuer, code: MailCode) -> Result<(), Failure> {
        let post = self.mail.post.clone();
        self.mail.spawn_for(request, async move {
            let result = match post.meet(&issuer).await {
                Ok(service) => post.redeem_code(&service, &code).await.map(|tokens| (service, tokens)),
                Err(trouble) => Err(trouble),
            };
            Report::Accepted(request, result)
        });
        Ok(())
    }

    /// The service has given the code and its word about the mailbox.
    pub(super) async fn accepted(
        &mut self,
        request: RequestId,
        result: Result<(Service, Tokens), MailTrouble>,
    ) -> Result<Event, Failure> {
        let (service, tokens) = result.map_err(Failure::Mail)?;
        let no_party = Failure::Mail(MailTrouble::NoParty);
        let code = tokens.admission.as_ref().and_then(|admission| admission.code.as_ref());
        let code = InviteCode::parse(code.ok_or(no_party.clone())?).map_err(Failure::Code)?;
        if code.kind() != CodeKind::Email {
            return Err(no_party);
        }
        let proof = tokens.proof(&service, &code, self.now()).map_err(Failure::Mail)?;
        self.redeem_proven(request, Arc::new(code), proof).await
    }

    /// Asks the service of a redemption for another proof.
    pub(in super::super) fn prove_again(&mut self, redemption: RedemptionId) -> Option<applicant::Input> {
        let refused = || Some(applicant::Input::Proof(Proof::Refused));
        let Some(proof) = self
            .applications
            .get(&redemption)
            .and_then(|one| one.pending().mail.clone())
        else {
            return refused();
        };
        let (Some(refresh), Ok(issuer)) = (proof.renewal, Issuer::parse(&proof.attestation.issuer)) else {
            return refused();
        };
        let post = self.mail.post.clone();
        self.mail.spawn_asked(Asked::Redemption(redemption), async move {
            let result = match post.meet(&issuer).await {
                Ok(service) => post.renew(&service, &refresh).await.map(|tokens| (service, tokens)),
                Err(trouble) => Err(trouble),
            };
            Report::Proved(redemption, result)
        });
        None
    }

    /// The service has made another proof, or not.
    pub(super) async fn proved(&mut self, redemption: RedemptionId, result: Result<(Service, Tokens), MailTrouble>) {
        let Some(application) = self.applications.get(&redemption) else {
            return;
        };
        let proof = result.and_then(|(service, tokens)| tokens.proof(&service, application.code(), self.now()));
        let proof = match proof {
            Ok(mut proof) => {
                // A service that gives no new refresh token means the old one to be used again.
                let known = application.pending().mail.as_ref();
                proof.renewal = proof.renewal.or_else(|| known?.renewal.clone());
                Proof::Renewed(Box::new(proof))
            }
            Err(MailTrouble::Over | MailTrouble::SignedOut | MailTrouble::NoParty | MailTrouble::Refused) => {
                Proof::Refused
            }
            Err(_) => Proof::Unavailable,
        };
        self.drive_applicant(redemption, applicant::Input::Proof(proof)).await;
    }
}
