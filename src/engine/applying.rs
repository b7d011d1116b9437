//! Redemptions of delegated invitations: carrying out what their machines decide.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::failure::Failure;
use crate::identity::EndpointId;
use crate::invitation::applicant::{self, Applicant};
use crate::invitation::invitee::{Gone, Joiner, Pending};
use crate::invitation::mailbox::MailProof;
use crate::invitation::{
    Closing, Env, ErrorCode, Exporter, InvitationId, InviteCode, RedeemError, RedemptionStage, SessionId,
};
use crate::net::{CloseReason, LinkId, Protocol};
use crate::store::Change;

use super::connection::Trail;
use super::links::Link;
use super::open::Open;
use super::redeeming::relay_of;
use super::timers::Timer;
use super::view::RedemptionView;
use super::{Event, RedemptionId, RequestId};

/// One redemption of a delegated invitation.
pub(super) struct Application {
    machine: Applicant,
    invitation: InvitationId,
    trail: Trail,
}

impl Application {
    /// The code that is redeemed.
    pub(super) fn code(&self) -> &InviteCode {
        &self.machine.pending().code
    }

    /// The redemption as it is on disk.
    pub(super) const fn pending(&self) -> &Pending {
        self.machine.pending()
    }

    /// What is remembered of its links.
    pub(super) const fn trail(&self) -> &Trail {
        &self.trail
    }
}

impl Open {
    /// Starts to redeem a delegated code, or shows the redemption of this code that is under way.
    #[expect(clippy::fn_params_excessive_bools, reason = "the command's own field, by its name")]
    pub(super) async fn apply_for(
        &mut self,
        request: RequestId,
        code: Arc<InviteCode>,
        allow_relay: bool,
    ) -> Result<Event, Failure> {
        let (invitation, kind, relay_left_out) = (code.invitation_id(), code.kind(), self.relay_left_out(&code));
        let mut applications = self.applications.iter();
        let under_way = applications.find(|(_, application)| application.invitation == invitation);
        let (id, stage) = match under_way.map(|(id, _)| *id) {
            Some(id) => {
                self.renew_delegated_code(id, code).await?;
                (id, self.ask_applicant(id, applicant::Input::Retry).await?)
            }
            None => {
                let pending = self.stored_or_new(code, allow_relay).await?;
                self.begin_application(pending).await?
            }
        };
        let redemption = Arc::new(RedemptionView {
            id,
            invitation,
            kind,
            stage,
            relay_left_out,
        });
        Ok(Event::RedemptionStarted { request, redemption })
    }

    /// Starts to redeem a code by e-mail, with what the service says of this person, or goes on with it.
    pub(super) async fn redeem_proven(
        &mut self,
        request: RequestId,
        code: Arc<InviteCode>,
        proof: MailProof,
    ) -> Result<Event, Failure> {
        if self.is_in_party_of(&code) {
            return Err(Failure::Redeem(RedeemError::AlreadyMember));
        }
        let (invitation, kind, relay_left_out) = (code.invitation_id(), code.kind(), self.relay_left_out(&code));
        let mut applications = self.applications.iter();
        let under_way = applications.find(|(_, application)| application.invitation == invitation);
        let (id, stage) = match under_way.map(|(id, _)| *id) {
            Some(id) => {
                if let Some(application) = self.applications.get_mut(&id) {
                    application.machine.use_proof(proof);
                }
                self.renew_delegated_code(id, code).await?;
                (id, self.ask_applicant(id, applicant::Input::Retry).await?)
            }
            None => {
                let mut pending = self.stored_or_new(code, false).await?;
                pending.mail = Some(proof);
                self.begin_application(pending).await?
            }
        };
        let redemption = Arc::new(RedemptionView {
            id,
            invitation,
            kind,
            stage,
            relay_left_out,
        });
        Ok(Event::RedemptionStarted { request, redemption })
    }

    /// A code that was copied again knows where members are now.
    async fn renew_delegated_code(&mut self, id: RedemptionId, code: Arc<InviteCode>) -> Result<(), Failure> {
        let application = self.applications.get_mut(&id).ok_or(Failure::RedemptionUnknown)?;
        let renewed = application.machine.use_code(code);
        renewed.or(Err(Failure::Redeem(RedeemError::WrongParty)))?;
        let bytes = application.machine.pending().encode();
        let id = application.invitation;
        self.store(vec![Change::SavePending { id, bytes }]).await
    }

    /// Goes on with a redemption: it needs no person.
    pub(super) async fn restore_application(&mut self, pending: Pending) {
        match self.begin_application(pending).await {
            // It is shown before anybody has been reached.
            Ok((id, _)) => self.publish_application(id).await,
            Err(failure) => self.context.events.failed(None, failure).await,
        }
    }

    async fn begin_application(&mut self, pending: Pending) -> Result<(RedemptionId, RedemptionStage), Failure> {
        let id = self.new_redemption();
        let joiner = Joiner {
            keys: Arc::clone(&self.keys),
            name: self.name.clone(),
        };
        let application = Application {
            invitation: pending.id(),
            machine: Applicant::new(pending, joiner),
            trail: Trail::default(),
        };
        self.applications.insert(id, application);
        let stage = self.ask_applicant(id, applicant::Input::Start).await?;
        Ok((id, stage))
    }

    /// Tries again at once. None if it is no redemption of a delegated invitation.
    pub(super) async fn retry_application(&mut self, id: RedemptionId) -> Option<Result<(), Failure>> {
        self.applications.get(&id)?;
        Some(self.ask_applicant(id, applicant::Input::Retry).await.map(drop))
    }

    /// Stops it. None if it is no redemption of a delegated invitation.
    pub(super) async fn cancel_application(&mut self, id: RedemptionId) -> Option<Result<(), Failure>> {
        self.applications.get(&id)?;
        Some(self.ask_applicant(id, applicant::Input::Cancel).await.map(drop))
    }

    /// A link that a machine asked for is open.
    pub(super) async fn application_connected(&mut self, id: RedemptionId, link: LinkId, endpoint: EndpointId) {
        let application = self.applications.get_mut(&id);
        let invitation = application.map(|application| {
            application.trail.opened(link);
            application.invitation
        });
        let exporter = invitation.zip(self.net.as_ref());
        let exporter = exporter.and_then(|(invitation, net)| net.exporter(link, invitation.as_bytes()));
        let Some(exporter) = exporter.map(Exporter::from_bytes) else {
            self.links.remove(&link);
            return self.close(link, Closing::ORDERLY);
        };
        let session = SessionId(link.0);
        let input = applicant::Input::Connected {
            session,
            endpoint,
            exporter,
        };
        self.drive_applicant(id, input).await;
    }

    /// A frame of a member.
    pub(super) async fn application_frame(&mut self, id: RedemptionId, link: LinkId, frame: Vec<u8>) {
        let now = self.now();
        if let Some(Application { machine, trail, .. }) = self.applications.get_mut(&id) {
            trail.heard(&frame, &machine.pending().code, now);
        }
        let session = SessionId(link.0);
        self.drive_applicant(id, applicant::Input::Frame { session, frame })
            .await;
    }

    /// A link is over, or was not to be had.
    pub(super) async fn application_gone(
        &mut self,
        id: RedemptionId,
        (link, endpoint): (LinkId, EndpointId),
        reason: CloseReason,
    ) {
        if let Some(application) = self.applications.get_mut(&id) {
            application.trail.closed(link, reason);
        }
        let session = SessionId(link.0);
        let reason = match reason {
            CloseReason::Unreachable | CloseReason::Refused | CloseReason::NoCommonProtocol => {
                return self.drive_applicant(id, applicant::Input::Unreachable(endpoint)).await;
            }
            CloseReason::Code(code) => Gone::Closed(code),
            CloseReason::Misbehaved(_) => Gone::Closed(ErrorCode::BadMessage.close_code()),
            CloseReason::Lost | CloseReason::Local => Gone::Lost,
        };
        self.drive_applicant(id, applicant::Input::Gone { session, reason })
            .await;
    }

    /// Feeds a machine; one that has ended misses it.
    pub(super) async fn drive_applicant(&mut self, id: RedemptionId, input: applicant::Input) {
        match self.ask_applicant(id, input).await {
            Ok(_) | Err(Failure::RedemptionUnknown) => {}
            Err(failure) => self.context.events.failed(None, failure).await,
        }
    }

    /// Feeds a machine and does what it says; the stage it has come to.
    async fn ask_applicant(&mut self, id: RedemptionId, input: applicant::Input) -> Result<RedemptionStage, Failure> {
        let mut inputs = VecDeque::from([input]);
        let mut failed = None;
        let mut stage = Err(Failure::RedemptionUnknown);
        while let Some(input) = inputs.pop_front() {
            let outputs = self.step_applicant(id, input)?;
            for output in outputs {
                match self.do_applicant_output(id, output).await {
                    Ok(next) => inputs.extend(next),
                    Err(failure) => {
                        // What was to be durable is not: nothing after it may happen.
                        inputs.push_back(applicant::Input::SaveFailed);
                        failed = Some(failure);
                        break;
                    }
                }
            }
            let machine = &self.applications.get(&id).ok_or(Failure::RedemptionUnknown)?.machine;
            stage = Ok(machine.stage());
            if machine.has_ended() {
                if failed.is_some() {
                    // Nor was it told that it has ended.
                    self.publish_application(id).await;
                }
                // Those that are still being opened; what the machine has closed is gone already.
                self.close_links(
                    |link| matches!(link, Link::Applying(redemption, _) if *redemption == id),
                    Closing::ORDERLY,
                );
                self.applications.remove(&id);
                break;
            }
        }
        failed.map_or(stage, Err)
    }

    fn step_applicant(&mut self, id: RedemptionId, input: applicant::Input) -> Result<Vec<applicant::Output>, Failure> {
        let known = self.applications.remove(&id);
        let Application {
            machine,
            invitation,
            trail,
        } = known.ok_or(Failure::RedemptionUnknown)?;
        let mut rng = rand::rng();
        let mut env = Env {
            now: self.context.now(),
            rng: &mut rng,
            wrong_pins_today: 0,
        };
        let step = machine.handle(input, &mut env);
        let machine = step.next;
        let application = Application {
            machine,
            invitation,
            trail,
        };
        self.applications.insert(id, application);
        Ok(step.outputs)
    }

    /// Does one output; the input that answers it, if it asks something.
    async fn do_applicant_output(
        &mut self,
        id: RedemptionId,
        output: applicant::Output,
    ) -> Result<Option<applicant::Input>, Failure> {
        let invitation = self.applications.get(&id).ok_or(Failure::RedemptionUnknown)?.invitation;
        match output {
            applicant::Output::Save(pending) => {
                let bytes = pending.encode();
                self.store(vec![Change::SavePending { id: invitation, bytes }]).await?;
            }
            applicant::Output::Delete => self.store(vec![Change::DeletePending { id: invitation }]).await?,
            applicant::Output::Connect(endpoint) => return Ok(self.connect_to_member(id, endpoint)),
            applicant::Output::Send { session, frame } => self.send_frame(LinkId(session.0), frame),
            applicant::Output::Close { session, closing } => {
                let link = LinkId(session.0);
                self.links.remove(&link);
                self.close(link, closing);
            }
            applicant::Output::StoreAdmission { ops, promise } => {
                let addresses = self.addresses_in_code(id, promise.admitter);
                let admitter = (!addresses.is_empty()).then_some((promise.admitter, addresses));
                let stored = self.store_admission(admitter, invitation, &ops, promise).await;
                return Ok(Some(applicant::Input::Stored(stored)));
            }
            applicant::Output::ProveMailbox => return Ok(self.prove_again(id)),
            applicant::Output::StageChanged => self.publish_application(id).await,
            applicant::Output::WakeAt(at) => self.timers.set(at, Timer::WakeApplicant(id)),
        }
        Ok(None)
    }

    fn connect_to_member(&mut self, id: RedemptionId, endpoint: EndpointId) -> Option<applicant::Input> {
        let relay = relay_of(&self.applications.get(&id)?.machine.pending().code);
        let addresses = self.addresses_in_code(id, endpoint);
        let net = self.net.as_ref();
        let connected = net.and_then(|net| net.connect(Protocol::Invite, endpoint, addresses, relay).ok());
        match connected {
            Some(link) => {
                self.links.insert(link, Link::Applying(id, endpoint));
                None
            }
            // No network on this side: the machine tries again by itself.
            None => Some(applicant::Input::Unreachable(endpoint)),
        }
    }

    /// Where the code says that a device is, as far as this machine may go there.
    fn addresses_in_code(&self, id: RedemptionId, endpoint: EndpointId) -> Vec<SocketAddr> {
        let code = self
            .applications
            .get(&id)
            .map(|application| &application.machine.pending().code);
        let admitters = code.map(|code| code.admitters()).unwrap_or_default();
        let hints = admitters.into_iter().find(|(one, _)| *one == endpoint);
        self.usable_hints(&hints.map(|(_, hints)| hints).unwrap_or_default())
    }

    pub(super) async fn publish_application(&self, id: RedemptionId) {
        if let Some(application) = self.applications.get(&id) {
            let redemption = Arc::new(RedemptionView {
                id,
                invitation: application.invitation,
                kind: application.code().kind(),
                stage: application.machine.stage(),
                relay_left_out: self.relay_left_out(application.code()),
            });
            self.context.events.send(Event::RedemptionChanged { redemption }).await;
        }
    }
}
