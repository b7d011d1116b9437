//! Devices that come with a delegated invitation: carrying out what their sessions' machines decide.

use std::collections::VecDeque;

use crate::failure::Failure;
use crate::identity::EndpointId;
use crate::invitation::admitter::{self, Admitter, Decision, Ruling, read, rule};
use crate::invitation::{Closing, Env, ErrorCode, Exporter, InvitationId, Join};
use crate::net::{LinkId, Origin};
use crate::party::{OpId, PartyId, WriteError};
use crate::store::Change;

use super::links::Link;
use super::open::Open;
use super::timers::Timer;

/// One session of a delegated invitation.
#[derive(Debug)]
pub(super) struct Session {
    machine: Admitter,
    invitation: InvitationId,
    party: PartyId,
}

impl Open {
    /// The party into which a delegated invitation of this id leads. A party can say that it has one of another party: the one
    /// for which this device made it counts, else one in which it works.
    pub(super) fn delegating_party(&self, invitation: InvitationId) -> Option<PartyId> {
        let made_for = self.delegated_for(invitation);
        let now = self.now();
        self.parties
            .values()
            .filter_map(|party| Some((party.id(), party.delegated(invitation.as_bytes())?)))
            .max_by_key(|(id, delegated)| (made_for == Some(*id), delegated.works_at(now)))
            .map(|(id, _)| id)
    }

    /// A device came with a delegated invitation that a party of this device knows.
    pub(super) async fn applicant_arrived(
        &mut self,
        link: LinkId,
        (party, invitation): (PartyId, InvitationId),
        (endpoint, origin): (EndpointId, Origin),
        exporter: Exporter,
        frame: Vec<u8>,
    ) {
        let own = (self.keys.identity.id(), self.keys.endpoint.id());
        let now = self.now();
        let known = self.parties.get(&party);
        let Some(facts) = known.and_then(|party| read(party, invitation, endpoint, own, now)) else {
            return self.refuse_later(link, ErrorCode::UnknownInvitation);
        };
        let others = self
            .admitting
            .values()
            .filter(|session| session.invitation == invitation)
            .count();
        let since = now;
        self.links.insert(link, Link::Admitting { origin, since });
        let session = Session {
            machine: Admitter::new(endpoint, exporter, facts, others),
            invitation,
            party,
        };
        self.admitting.insert(link, session);
        self.drive_admitter(link, admitter::Input::Frame(frame)).await;
    }

    /// Feeds a session's machine and does what it says; one that has ended misses it.
    pub(super) async fn drive_admitter(&mut self, link: LinkId, input: admitter::Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let Some(Session {
                machine,
                invitation,
                party,
            }) = self.admitting.remove(&link)
            else {
                return;
            };
            let mut rng = rand::rng();
            let mut env = Env {
                now: self.context.now(),
                rng: &mut rng,
                wrong_pins_today: 0,
            };
            let step = machine.handle(input, &mut env);
            let has_ended = step.next.has_ended();
            if !has_ended {
                let machine = step.next;
                let session = Session {
                    machine,
                    invitation,
                    party,
                };
                self.admitting.insert(link, session);
            }
            for output in step.outputs {
                match output {
                    admitter::Output::Send(frame) => self.send_frame(link, frame),
                    admitter::Output::Close(closing) if closing == Closing::at_once(ErrorCode::UnknownInvitation) => {
                        self.refuse_bad_proof(link);
                    }
                    admitter::Output::Close(closing) => {
                        self.links.remove(&link);
                        self.close(link, closing);
                    }
                    admitter::Output::Decide(join) => {
                        let decision = self.decide(party, invitation, &join).await;
                        inputs.push_back(admitter::Input::Decided(decision));
                    }
                    admitter::Output::Fetch(op) => {
                        inputs.push_back(admitter::Input::Decided(self.handed(party, op)));
                    }
                    admitter::Output::WakeAt(at) => self.timers.set(at, Timer::WakeAdmitter(link)),
                }
            }
        }
    }

    /// Writes what the log lacks of somebody who has proved who they are, in one transaction, and says what they are told.
    async fn decide(&mut self, id: PartyId, invitation: InvitationId, join: &Join) -> Decision {
        let me = self.keys.identity.id();
        // What waits for the disk is part of what an op names.
        if self.flush().await.is_err() {
            return Decision::Refused(ErrorCode::Internal);
        }
        let now = self.now();
        let Some(party) = self.parties.get(&id) else {
            return Decision::Refused(ErrorCode::UseElsewhere);
        };
        let (act, token) = match rule(party, invitation, join, me, &self.used_tokens, now) {
            Ruling::Known(Decision::Admitted { op, .. }) => return self.handed(id, op),
            Ruling::Known(decision) => return decision,
            Ruling::Write(act) => (*act, None),
            Ruling::WriteAndSpend(act, token) => (*act, Some(token)),
        };
        let op = match party.prepare(&self.keys, act, now) {
            Ok(op) => op,
            Err(error) => {
                tracing::info!(%error, "what a delegated invitation asks for is not allowed");
                return Decision::Refused(refusal(&error));
            }
        };
        let change = Change::AppendOps {
            party: id,
            ops: vec![op.clone()],
        };
        if self.store_or_tell(vec![change]).await.is_err() {
            return Decision::Refused(ErrorCode::Internal);
        }
        if let Some(token) = token {
            self.used_tokens.note(token, now);
        }
        self.apply(id, op).await;
        let Some(party) = self.parties.get(&id) else {
            return Decision::Refused(ErrorCode::Internal);
        };
        match rule(party, invitation, join, me, &self.used_tokens, now) {
            Ruling::Known(Decision::Admitted { op, .. }) => self.handed(id, op),
            Ruling::Known(decision) => decision,
            Ruling::Write(_) | Ruling::WriteAndSpend(..) => Decision::Refused(ErrorCode::Internal),
        }
    }

    /// An admission with what goes with it.
    fn handed(&self, party: PartyId, op: OpId) -> Decision {
        match self.admission(party, op) {
            Ok(admission) => Decision::Admitted {
                op: admission.op,
                ops: admission.ops,
            },
            Err(_) => Decision::Refused(ErrorCode::Internal),
        }
    }
}

/// What who asks is told of an op that this member could not write.
fn refusal(error: &WriteError) -> ErrorCode {
    match Failure::from(*error) {
        Failure::InvitationUnknown => ErrorCode::AlreadyUsed,
        _ => ErrorCode::UseElsewhere,
    }
}
