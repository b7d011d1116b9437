//! Redemptions of ours: carrying out what their machines decide.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::failure::{Failure, MailTrouble};
use crate::identity::EndpointId;
use crate::invitation::invitee::{self, Gone, Invitee, Joiner, Pending, Promise, StoreRefusal, Stored};
use crate::invitation::{
    Closing, CodeKind, Env, ErrorCode, Exporter, Hint, InvitationId, InviteCode, Pin, RedeemError, RedemptionStage,
    SessionId,
};
use crate::net::{CloseReason, LinkId, Protocol, Relay};
use crate::party::{Act, AdmissionError, AdmissionExpectation, Op, Party, Received};
use crate::store::Change;

use super::addresses::found_at;
use super::connection::Trail;
use super::devices::machine_name;
use super::links::Link;
use super::open::Open;
use super::peers::Author;
use super::timers::Timer;
use super::view::RedemptionView;
use super::{Event, RedemptionId, RequestId};

/// One redemption of ours.
pub(super) struct Redemption {
    machine: Invitee,
    invitation: InvitationId,
    trail: Trail,
}

impl Redemption {
    /// The code that is redeemed.
    pub(super) fn code(&self) -> &InviteCode {
        &self.machine.pending().code
    }

    /// What is remembered of its links.
    pub(super) const fn trail(&self) -> &Trail {
        &self.trail
    }
}

impl Open {
    /// Starts to redeem a code, or shows the redemption of this code that is under way.
    #[expect(clippy::fn_params_excessive_bools, reason = "the command's own field, by its name")]
    pub(super) async fn redeem(
        &mut self,
        request: RequestId,
        code: Arc<InviteCode>,
        allow_relay: bool,
    ) -> Result<Event, Failure> {
        match code.kind() {
            CodeKind::Interactive | CodeKind::Delegated => {}
            CodeKind::DevicePairing => {
                self.may_become_anothers(code.invitation_id())
                    .map_err(Failure::Redeem)?;
            }
            // The service says what it takes, to who has opened the mail.
            CodeKind::Email => return Err(Failure::Mail(MailTrouble::NotALink)),
            CodeKind::Nearby => return Err(Failure::CodeKindUnsupported),
        }
        if let (Some(host), false) = (self.foreign_relay(&code), allow_relay) {
            return Err(Failure::RelayNotAllowed { host });
        }
        if self.is_in_party_of(&code) {
            return Err(Failure::Redeem(RedeemError::AlreadyMember));
        }
        if code.kind() == CodeKind::Delegated {
            return self.apply_for(request, code, allow_relay).await;
        }
        self.begin_or_go_on(request, code, allow_relay).await
    }

    /// Whether this device is in the party that a code leads into.
    pub(super) fn is_in_party_of(&self, code: &InviteCode) -> bool {
        let me = self.keys.endpoint.id();
        let is_member =
            |party: &Party| party.id().tag() == code.party_tag() && party.membership().by_endpoint(me).is_some();
        self.parties.values().any(is_member)
    }

    /// Whether a code other than this one is being redeemed.
    pub(super) fn redeems_others(&self, than: InvitationId) -> bool {
        let mut redemptions = self.redemptions.values();
        !self.applications.is_empty() || redemptions.any(|redemption| redemption.invitation != than)
    }

    /// Starts a redemption, or shows the one of this invitation that is under way.
    #[expect(clippy::fn_params_excessive_bools, reason = "the command's own field, by its name")]
    pub(super) async fn begin_or_go_on(
        &mut self,
        request: RequestId,
        code: Arc<InviteCode>,
        allow_relay: bool,
    ) -> Result<Event, Failure> {
        let (invitation, kind, relay_left_out) = (code.invitation_id(), code.kind(), self.relay_left_out(&code));
        let under_way = self
            .redemptions
            .iter()
            .find(|(_, redemption)| redemption.invitation == invitation);
        let (id, stage) = match under_way.map(|(id, _)| *id) {
            Some(id) => {
                self.renew_code(id, code).await?;
                (id, self.ask_invitee(id, invitee::Input::Retry).await?)
            }
            None => {
                let pending = self.stored_or_new(code, allow_relay).await?;
                self.begin_redemption(pending).await?
            }
        };
        let redemption = RedemptionView {
            id,
            invitation,
            kind,
            stage,
            relay_left_out,
        };
        Ok(Event::RedemptionStarted {
            request,
            redemption: Arc::new(redemption),
        })
    }

    /// A code that was copied again knows where the inviter is now.
    async fn renew_code(&mut self, id: RedemptionId, code: Arc<InviteCode>) -> Result<(), Failure> {
        let Some(redemption) = self.redemptions.get_mut(&id) else {
            return Err(Failure::RedemptionUnknown);
        };
        redemption
            .machine
            .use_code(code)
            .or(Err(Failure::Redeem(RedeemError::WrongParty)))?;
        let bytes = redemption.machine.pending().encode();
        let id = redemption.invitation;
        self.store(vec![Change::SavePending { id, bytes }]).await
    }

    /// A code that was tried before keeps its count of wrong PINs.
    #[expect(clippy::fn_params_excessive_bools, reason = "the command's own field, by its name")]
    pub(super) async fn stored_or_new(&self, code: Arc<InviteCode>, allow_relay: bool) -> Result<Pending, Failure> {
        let stored = self.context.store.run(|store| store.load_pending()).await??;
        let id = code.invitation_id();
        let known = stored
            .iter()
            .find(|stored| stored.id == id)
            .and_then(|stored| Pending::decode(&stored.bytes).ok());
        let mut pending = match known {
            Some(known) => known
                .with_code(code)
                .or(Err(Failure::Redeem(RedeemError::WrongParty)))?,
            None => Pending::new(code, self.now()),
        };
        pending.allow_relay |= allow_relay;
        Ok(pending)
    }

    /// Goes on with a redemption whose PIN was right; one that was not so far waits for its person to come back with the code.
    pub(super) async fn restore_redemption(&mut self, bytes: &[u8]) {
        match Pending::decode(bytes) {
            Ok(pending) if pending.code.kind().is_delegated() => self.restore_application(pending).await,
            Ok(pending) if pending.resumes_at_start() => match self.begin_redemption(pending).await {
                // It is shown before anybody has been reached.
                Ok((id, _)) => self.publish_redemption(id).await,
                Err(failure) => self.context.events.failed(None, failure).await,
            },
            Ok(pending) if pending.forgettable(self.now()) => {
                let id = pending.code.invitation_id();
                if let Err(failure) = self.store(vec![Change::DeletePending { id }]).await {
                    tracing::warn!(?failure, "an old redemption was not forgotten");
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "an unfinished redemption cannot be read");
                self.context.events.failed(None, Failure::ProfileDamaged).await;
            }
        }
    }

    /// Starts a machine. It may end at once, such as for a code that is blocked here; the stage says so.
    async fn begin_redemption(&mut self, pending: Pending) -> Result<(RedemptionId, RedemptionStage), Failure> {
        let id = self.new_redemption();
        let name = match pending.code.kind() {
            CodeKind::DevicePairing => machine_name(),
            _ => self.name.clone(),
        };
        let joiner = Joiner {
            keys: Arc::clone(&self.keys),
            name,
        };
        let redemption = Redemption {
            invitation: pending.id(),
            machine: Invitee::new(pending, joiner),
            trail: Trail::default(),
        };
        self.redemptions.insert(id, redemption);
        let stage = self.ask_invitee(id, invitee::Input::Start).await?;
        Ok((id, stage))
    }

    /// Hands in the PIN.
    pub(super) async fn submit_pin(&mut self, id: RedemptionId, pin: Arc<Pin>) -> Result<(), Failure> {
        self.ask_invitee(id, invitee::Input::SubmitPin(pin)).await.map(drop)
    }

    /// Tries again at once.
    pub(super) async fn retry_redemption(&mut self, id: RedemptionId) -> Result<(), Failure> {
        if let Some(retried) = self.retry_application(id).await {
            return retried;
        }
        self.ask_invitee(id, invitee::Input::Retry).await.map(drop)
    }

    /// Stops a redemption. Harmless when it has ended.
    pub(super) async fn cancel_redemption(&mut self, id: RedemptionId) -> Result<(), Failure> {
        if let Some(cancelled) = self.cancel_application(id).await {
            return cancelled;
        }
        match self.ask_invitee(id, invitee::Input::Cancel).await {
            Err(Failure::RedemptionUnknown) => Ok(()),
            other => other.map(drop),
        }
    }

    /// The link that a machine asked for is open.
    pub(super) async fn redemption_connected(&mut self, link: LinkId) {
        let Some(&Link::Redeeming(id)) = self.links.get(&link) else {
            return self.close(link, Closing::ORDERLY);
        };
        let Some(redemption) = self.redemptions.get_mut(&id) else {
            return self.close(link, Closing::ORDERLY);
        };
        redemption.trail.opened(link);
        let exporter = self
            .net
            .as_ref()
            .and_then(|net| net.exporter(link, redemption.invitation.as_bytes()));
        let Some(exporter) = exporter.map(Exporter::from_bytes) else {
            return self.close(link, Closing::ORDERLY);
        };
        self.drive_invitee(
            id,
            invitee::Input::Connected {
                session: SessionId(link.0),
                exporter,
            },
        )
        .await;
    }

    /// A frame of the inviter.
    pub(super) async fn redemption_frame(&mut self, id: RedemptionId, link: LinkId, frame: Vec<u8>) {
        let now = self.now();
        if let Some(Redemption { machine, trail, .. }) = self.redemptions.get_mut(&id) {
            trail.heard(&frame, &machine.pending().code, now);
        }
        self.drive_invitee(
            id,
            invitee::Input::Frame {
                session: SessionId(link.0),
                frame,
            },
        )
        .await;
    }

    /// The link is over, or was not to be had.
    pub(super) async fn redemption_gone(&mut self, id: RedemptionId, link: LinkId, reason: CloseReason) {
        if let Some(redemption) = self.redemptions.get_mut(&id) {
            redemption.trail.closed(link, reason);
        }
        let reason = match reason {
            CloseReason::Unreachable | CloseReason::Refused => Gone::Unreachable,
            CloseReason::NoCommonProtocol => Gone::NoCommonProtocol,
            CloseReason::Code(code) => Gone::Closed(code),
            CloseReason::Misbehaved(_) => Gone::Closed(ErrorCode::BadMessage.close_code()),
            CloseReason::Lost | CloseReason::Local => Gone::Lost,
        };
        self.drive_invitee(
            id,
            invitee::Input::Gone {
                session: SessionId(link.0),
                reason,
            },
        )
        .await;
    }

    /// Feeds a machine; one that has ended misses it.
    pub(super) async fn drive_invitee(&mut self, id: RedemptionId, input: invitee::Input) {
        match self.ask_invitee(id, input).await {
            // It has ended meanwhile: nobody asked.
            Ok(_) | Err(Failure::RedemptionUnknown) => {}
            Err(failure) => self.context.events.failed(None, failure).await,
        }
    }

    /// Feeds a machine and does what it says; the stage it has come to.
    async fn ask_invitee(&mut self, id: RedemptionId, input: invitee::Input) -> Result<RedemptionStage, Failure> {
        let mut inputs = VecDeque::from([input]);
        let mut failed = None;
        let mut stage = Err(Failure::RedemptionUnknown);
        while let Some(input) = inputs.pop_front() {
            let outputs = self.step_invitee(id, input).await?;
            let invitation = self.redemptions.get(&id).ok_or(Failure::RedemptionUnknown)?.invitation;
            for output in outputs {
                match self.do_invitee_output(id, invitation, output).await {
                    Ok(next) => inputs.extend(next),
                    Err(failure) => {
                        // What was to be durable is not: nothing after it may happen.
                        inputs.push_back(invitee::Input::SaveFailed);
                        failed = Some(failure);
                        break;
                    }
                }
            }
            let machine = &self.redemptions.get(&id).ok_or(Failure::RedemptionUnknown)?.machine;
            stage = Ok(machine.stage());
            if machine.has_ended() {
                if failed.is_some() {
                    // Nor was it told that it has ended.
                    self.publish_redemption(id).await;
                    self.close_links(
                        |link| matches!(link, Link::Redeeming(redemption) if *redemption == id),
                        Closing::at_once(ErrorCode::Internal),
                    );
                }
                self.redemptions.remove(&id);
                break;
            }
        }
        failed.map_or(stage, Err)
    }

    async fn step_invitee(&mut self, id: RedemptionId, input: invitee::Input) -> Result<Vec<invitee::Output>, Failure> {
        let kind = self.redemptions.get(&id).map(|redemption| redemption.code().kind());
        let wrong_pins_today = match kind {
            Some(CodeKind::Nearby) => self.unanswered_nearby().await?.len(),
            _ => 0,
        };
        let Redemption {
            machine,
            invitation,
            trail,
        } = self.redemptions.remove(&id).ok_or(Failure::RedemptionUnknown)?;
        let mut rng = rand::rng();
        let mut env = Env {
            now: self.context.now(),
            rng: &mut rng,
            wrong_pins_today: u32::try_from(wrong_pins_today).unwrap_or(u32::MAX),
        };
        let step = machine.handle(input, &mut env);
        let machine = step.next;
        let redemption = Redemption {
            machine,
            invitation,
            trail,
        };
        self.redemptions.insert(id, redemption);
        Ok(step.outputs)
    }

    /// Does one output; the input that answers it, if it asks something.
    async fn do_invitee_output(
        &mut self,
        id: RedemptionId,
        invitation: InvitationId,
        output: invitee::Output,
    ) -> Result<Option<invitee::Input>, Failure> {
        match output {
            invitee::Output::Save(pending) => {
                self.store(vec![Change::SavePending {
                    id: invitation,
                    bytes: pending.encode(),
                }])
                .await?;
            }
            invitee::Output::Delete => self.store(vec![Change::DeletePending { id: invitation }]).await?,
            invitee::Output::Connect => return Ok(self.connect_to_inviter(id)),
            invitee::Output::Send { session, frame } => self.send_frame(LinkId(session.0), frame),
            invitee::Output::Close { session, closing } => {
                let link = LinkId(session.0);
                self.links.remove(&link);
                self.close(link, closing);
            }
            invitee::Output::StoreAdmission { ops, promise } => {
                let makes_device = |redemption: &Redemption| redemption.code().kind() == CodeKind::DevicePairing;
                let stored = if self.redemptions.get(&id).is_some_and(makes_device) {
                    self.store_pairing(id, invitation, &ops, promise.admitter).await
                } else {
                    let inviter = self.inviter_addresses(id);
                    self.store_admission(inviter, invitation, &ops, promise).await
                };
                return Ok(Some(invitee::Input::Stored(stored)));
            }
            invitee::Output::StageChanged => self.publish_redemption(id).await,
            invitee::Output::WakeAt(at) => self.timers.set(at, Timer::WakeInvitee(id)),
        }
        Ok(None)
    }

    /// The relay that a code names, if it is neither a built-in one nor this person's own.
    fn foreign_relay(&self, code: &InviteCode) -> Option<String> {
        code.hints().iter().find_map(|hint| match hint {
            Hint::RelayHost(host) if self.own_relay() != Some(Relay::Host(host.clone())) => Some(host.clone()),
            _ => None,
        })
    }

    fn connect_to_inviter(&mut self, id: RedemptionId) -> Option<invitee::Input> {
        let code = Arc::clone(&self.redemptions.get(&id)?.machine.pending().code);
        let addresses: Vec<SocketAddr> = self.ways_to(&code);
        let connected = match &self.net {
            Some(net) => net
                .connect(Protocol::Invite, code.endpoint(), addresses, relay_of(&code))
                .ok(),
            None => None,
        };
        match connected {
            Some(link) => {
                self.links.insert(link, Link::Redeeming(id));
                None
            }
            // No network on this side: the machine tries again by itself.
            None => Some(invitee::Input::Gone {
                session: SessionId(u64::MAX),
                reason: Gone::Unreachable,
            }),
        }
    }

    /// Checks what the inviter handed over, and joins: party, own name and the end of the redemption in one transaction.
    pub(super) async fn store_admission(
        &mut self,
        admitter: Option<(EndpointId, Vec<SocketAddr>)>,
        invitation: InvitationId,
        ops: &[Vec<u8>],
        promise: Promise,
    ) -> Result<Stored, StoreRefusal> {
        let expectation = AdmissionExpectation {
            tag: promise.tag,
            admitter: promise.admitter,
            identity: self.keys.identity.id(),
            device: self.keys.device.id(),
            role: promise.role,
        };
        let (mut party, mut stored) = Party::from_admission(ops, &expectation).map_err(|error| {
            tracing::warn!(%error, "what the inviter handed over does not prove the membership");
            if error == AdmissionError::WrongParty {
                StoreRefusal::WrongParty
            } else {
                StoreRefusal::BadLog
            }
        })?;
        let admission = party
            .brought(expectation.device)
            .map(Op::id)
            .ok_or(StoreRefusal::BadLog)?;
        // Who was in before has a past here, and this device's chains go on from it.
        if let Some(known) = self.parties.get(&party.id()) {
            let mut whole = known.clone();
            let mut new = Vec::new();
            for op in stored {
                if let Ok(Received::New(released)) = whole.receive(op) {
                    new.extend(released);
                }
            }
            (party, stored) = (whole, new);
        }
        // Members know people by the name that each writes for themselves.
        let named = Act::Named {
            name: self.name.clone(),
        };
        stored.push(
            party
                .write(&self.keys, named, self.now())
                .or(Err(StoreRefusal::BadLog))?,
        );

        let party_id = party.id();
        let mut changes = vec![
            Change::AppendOps {
                party: party_id,
                ops: stored,
            },
            Change::DeletePending { id: invitation },
        ];
        // In the same transaction: the code is forgotten, and without it nothing else would lead back to the inviter.
        changes.extend(admitter.as_ref().map(found_at));
        self.store_or_tell(changes).await.or(Err(StoreRefusal::Storage))?;
        self.parties.insert(party_id, party);
        self.addresses.extend(admitter);
        // Of all members this one is there: its device is dialled first.
        self.seen(&[expectation.admitter]).await;
        self.publish_party(party_id).await;
        self.membership_changed(party_id, Author::Peer);
        Ok(Stored {
            party: party_id,
            op: admission,
        })
    }

    /// The inviter's device was just reached where the code says: that is where to look for it again.
    pub(super) fn inviter_addresses(&self, id: RedemptionId) -> Option<(EndpointId, Vec<SocketAddr>)> {
        let code = &self.redemptions.get(&id)?.machine.pending().code;
        let addresses = self.ways_to(code);
        (!addresses.is_empty()).then(|| (code.endpoint(), addresses))
    }

    pub(super) async fn publish_redemption(&self, id: RedemptionId) {
        if let Some(redemption) = self.redemptions.get(&id) {
            let redemption = Arc::new(RedemptionView {
                id,
                invitation: redemption.invitation,
                kind: redemption.code().kind(),
                stage: redemption.machine.stage(),
                relay_left_out: self.relay_left_out(redemption.code()),
            });
            self.context.events.send(Event::RedemptionChanged { redemption }).await;
        }
    }
}

pub(super) fn relay_of(code: &InviteCode) -> Option<Relay> {
    code.hints().iter().find_map(|hint| match hint {
        Hint::RelayPreset(number) => Some(Relay::Preset(*number)),
        Hint::RelayHost(host) => Some(Relay::Host(host.clone())),
        _ => None,
    })
}
