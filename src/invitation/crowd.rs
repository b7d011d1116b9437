//! For tests: members with replicas of a party and people who come with a delegated code, a frame at a time.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::identity::{EndpointId, Keys};
use crate::party::fixture::admits;
use crate::party::{Act, AdmissionExpectation, DelegatedTo, JoinRequestId, Party, Role};
use crate::time::Timestamp;

use super::admitter::{self, Admitter, Decision, Ruling, read, rule};
use super::applicant::{self, Applicant};
use super::delegation::Delegation;
use super::invitee::{Gone, Joiner, Pending, StoreRefusal, Stored};
use super::mailbox::{MailProof, UsedTokens};
use super::{
    CodeKind, DelegationMethod, Env, ErrorCode, Exporter, Flags, Hint, InvitationId, InviteCode, Message, RedeemError,
    RedemptionStage, Secret, SessionId,
};

mod attacks;
mod chaos;
mod mailbox;
mod stories;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn keys(number: u8) -> Arc<Keys> {
    Arc::new(Keys::from_seeds(&[number; 32], &[number + 50; 32], &[number + 100; 32]))
}

/// A member's device.
struct Host {
    keys: Arc<Keys>,
    party: Party,
    is_online: bool,
    /// What it says to everybody who comes, whatever its log says.
    lie: Option<ErrorCode>,
    used: UsedTokens,
    sessions: BTreeMap<u64, Admitter>,
}

/// Somebody who comes with the code.
struct Guest {
    keys: Arc<Keys>,
    machine: Option<Applicant>,
    /// What is on the guest's disk.
    stored: Option<Vec<u8>>,
    party: Option<Party>,
    wake: Option<Timestamp>,
    stage: RedemptionStage,
    /// Which host each link leads to.
    links: BTreeMap<u64, usize>,
    dialled: Vec<EndpointId>,
}

/// All of them.
struct Crowd {
    now: Timestamp,
    rng: StdRng,
    hosts: Vec<Host>,
    guests: Vec<Guest>,
    secret: Arc<Secret>,
    next_link: u64,
    /// After so many outputs of a guest its program stops, once.
    crash_in: Option<usize>,
    /// What a mail service answers to guests who ask for another proof; it is not there when there is no answer.
    proofs: VecDeque<applicant::Proof>,
}

impl Crowd {
    /// Alice (host 0, owner), Bob (1, editor), Clara (2, admin) with one delegated invitation of Alice that all have heard of.
    fn new(method: DelegationMethod, max_uses: u32) -> Self {
        let mut rng = StdRng::seed_from_u64(7);
        let people = [keys(1), keys(2), keys(3)];
        let alice = &people[0];
        let (mut party, _) = Party::found(alice, "Alice", "Crew", START, &mut rng).expect("a party");
        for (who, role) in people[1..].iter().zip([Role::Editor, Role::Admin]) {
            party.write(alice, admits(who, role), START).expect("admitted");
        }
        let secret = Arc::new(Secret::from_bytes([9; 16]));
        let record = Delegation {
            secret: Arc::clone(&secret),
            party: party.id(),
            role: Role::Editor,
            label: String::new(),
            created: START,
            expires: START.plus(DAY * 3),
            max_uses,
            method,
            held_by: Vec::new(),
            mail: None,
        };
        party.write(alice, record.act(), START).expect("delegated");
        let host = |keys: &Arc<Keys>| Host {
            keys: Arc::clone(keys),
            party: party.clone(),
            is_online: true,
            lie: None,
            used: UsedTokens::default(),
            sessions: BTreeMap::new(),
        };
        Self {
            now: START.plus(Duration::from_secs(60)),
            rng,
            hosts: people.iter().map(host).collect(),
            guests: Vec::new(),
            secret,
            next_link: 1,
            crash_in: None,
            proofs: VecDeque::new(),
        }
    }

    fn id(&self) -> InvitationId {
        self.secret.invitation_id()
    }

    fn code(&self) -> Arc<InviteCode> {
        let others = self.hosts[1..].iter();
        let hints = others.map(|host| Hint::Endpoint(host.keys.endpoint.id())).collect();
        let (kind, flags) = match self.hosts[0].party.delegated(self.id().as_bytes()).map(|one| one.to) {
            Some(DelegatedTo::Mailbox(_)) => (CodeKind::Email, Flags::default()),
            Some(DelegatedTo::ApprovedMailbox(_)) => (CodeKind::Email, Flags::APPROVAL),
            _ => (CodeKind::Delegated, Flags::APPROVAL),
        };
        let code = InviteCode::new(
            kind,
            flags,
            Secret::from_bytes(*self.secret.as_bytes()),
            self.hosts[0].party.id().tag(),
            self.hosts[0].keys.endpoint.id(),
            Some(START.plus(DAY * 3)),
            hints,
        );
        Arc::new(code.expect("a code"))
    }

    /// Somebody pastes the code; their place.
    fn comes(&mut self, number: u8) -> usize {
        self.comes_with(number, None)
    }

    /// Somebody comes with what a mail service says of them.
    fn comes_with(&mut self, number: u8, mail: Option<MailProof>) -> usize {
        let pending = Pending {
            mail,
            ..Pending::new(self.code(), self.now)
        };
        self.guests.push(Guest {
            keys: keys(number),
            machine: None,
            stored: Some(pending.encode().to_vec()),
            party: None,
            wake: None,
            stage: RedemptionStage::Connecting { failed_tries: 0 },
            links: BTreeMap::new(),
            dialled: Vec::new(),
        });
        let guest = self.guests.len() - 1;
        self.starts(guest);
        guest
    }

    /// The guest's program starts with what is on its disk.
    fn starts(&mut self, guest: usize) {
        let Some(bytes) = self.guests[guest].stored.clone() else {
            return;
        };
        let pending = Pending::decode(&bytes).expect("stored");
        assert!(pending.resumes_at_start());
        let joiner = Joiner {
            keys: Arc::clone(&self.guests[guest].keys),
            name: format!("Guest {guest}"),
        };
        self.guests[guest].machine = Some(Applicant::new(pending, joiner));
        self.feed(guest, applicant::Input::Start);
    }

    /// Feeds a guest's machine and everything that follows at once.
    fn feed(&mut self, guest: usize, input: applicant::Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let Some(machine) = self.guests[guest].machine.take() else {
                return;
            };
            let mut env = Env {
                now: self.now,
                rng: &mut self.rng,
                wrong_pins_today: 0,
            };
            let step = machine.handle(input, &mut env);
            let (stage, has_ended) = (step.next.stage(), step.next.has_ended());
            self.guests[guest].stage = stage;
            self.guests[guest].machine = (!has_ended).then_some(step.next);
            for output in step.outputs {
                if let Some(left) = self.crash_in.as_mut() {
                    if *left == 0 {
                        self.crash_in = None;
                        return self.guest_crashes(guest);
                    }
                    *left -= 1;
                }
                self.do_output(guest, output, &mut inputs);
            }
        }
    }

    fn guest_crashes(&mut self, guest: usize) {
        self.guests[guest].machine = None;
        for (link, host) in std::mem::take(&mut self.guests[guest].links) {
            self.host(host, link, admitter::Input::Gone);
        }
    }

    fn do_output(&mut self, guest: usize, output: applicant::Output, inputs: &mut VecDeque<applicant::Input>) {
        match output {
            applicant::Output::Save(pending) => self.guests[guest].stored = Some(pending.encode().to_vec()),
            applicant::Output::Delete => self.guests[guest].stored = None,
            applicant::Output::Connect(endpoint) => {
                self.guests[guest].dialled.push(endpoint);
                let mut hosts = self.hosts.iter();
                let host = hosts.position(|host| host.is_online && host.keys.endpoint.id() == endpoint);
                let Some(host) = host else {
                    return inputs.push_back(applicant::Input::Unreachable(endpoint));
                };
                let link = self.next_link;
                self.next_link += 1;
                self.guests[guest].links.insert(link, host);
                inputs.push_back(applicant::Input::Connected {
                    session: SessionId(link),
                    endpoint,
                    exporter: exporter(link),
                });
            }
            applicant::Output::Send { session, frame } => {
                if let Some(host) = self.guests[guest].links.get(&session.0).copied() {
                    let answers = self.host_hears(host, guest, session.0, frame);
                    inputs.extend(answers);
                }
            }
            applicant::Output::Close { session, .. } => {
                if let Some(host) = self.guests[guest].links.remove(&session.0) {
                    self.host(host, session.0, admitter::Input::Gone);
                }
            }
            applicant::Output::StoreAdmission { ops, promise } => {
                let guest = &mut self.guests[guest];
                let expect = AdmissionExpectation {
                    tag: promise.tag,
                    admitter: promise.admitter,
                    identity: guest.keys.identity.id(),
                    device: guest.keys.device.id(),
                    role: promise.role,
                };
                let stored = Party::from_admission(&ops, &expect).map(|(party, _)| {
                    let member = party.membership().member(expect.identity).expect("admitted");
                    let (id, op) = (party.id(), member.admission);
                    (guest.party, guest.stored) = (Some(party), None);
                    Stored { party: id, op }
                });
                inputs.push_back(applicant::Input::Stored(stored.or(Err(StoreRefusal::BadLog))));
            }
            applicant::Output::ProveMailbox => {
                let proof = self.proofs.pop_front().unwrap_or(applicant::Proof::Unavailable);
                inputs.push_back(applicant::Input::Proof(proof));
            }
            applicant::Output::StageChanged => {}
            applicant::Output::WakeAt(at) => self.guests[guest].wake = Some(at),
        }
    }

    /// A frame reaches a host; what comes back.
    fn host_hears(&mut self, host: usize, guest: usize, link: u64, frame: Vec<u8>) -> Vec<applicant::Input> {
        if let Some(lie) = self.hosts[host].lie {
            return answers(link, vec![admitter::Output::Send(Message::error(lie, 0).encode())]);
        }
        if !self.hosts[host].sessions.contains_key(&link) {
            let endpoint = self.guests[guest].keys.endpoint.id();
            let own = (self.hosts[host].keys.identity.id(), self.hosts[host].keys.endpoint.id());
            let Some(facts) = read(&self.hosts[host].party, self.id(), endpoint, own, self.now) else {
                let code = ErrorCode::UnknownInvitation;
                return answers(link, vec![admitter::Output::Send(Message::error(code, 0).encode())]);
            };
            let admitter = Admitter::new(endpoint, exporter(link), facts, 0);
            self.hosts[host].sessions.insert(link, admitter);
        }
        let outputs = self.host(host, link, admitter::Input::Frame(frame));
        answers(link, outputs)
    }

    /// Feeds a session at a host; frames and closings that it gives.
    fn host(&mut self, host: usize, link: u64, input: admitter::Input) -> Vec<admitter::Output> {
        let mut inputs = VecDeque::from([input]);
        let mut said = Vec::new();
        while let Some(input) = inputs.pop_front() {
            let Some(machine) = self.hosts[host].sessions.remove(&link) else {
                break;
            };
            let mut env = Env {
                now: self.now,
                rng: &mut self.rng,
                wrong_pins_today: 0,
            };
            let step = machine.handle(input, &mut env);
            if !step.next.has_ended() {
                self.hosts[host].sessions.insert(link, step.next);
            }
            for output in step.outputs {
                match output {
                    admitter::Output::Decide(join) => {
                        let id = self.id();
                        let Host { keys, party, used, .. } = &mut self.hosts[host];
                        let me = keys.identity.id();
                        let act = match rule(party, id, &join, me, used, self.now) {
                            Ruling::Known(_) => None,
                            Ruling::Write(act) => Some(act),
                            Ruling::WriteAndSpend(act, token) => {
                                used.note(token, self.now);
                                Some(act)
                            }
                        };
                        if let Some(act) = act {
                            party
                                .write(keys, *act, self.now)
                                .expect("what the rules say is allowed");
                        }
                        let Ruling::Known(decision) = rule(party, id, &join, me, used, self.now) else {
                            panic!("it is written")
                        };
                        inputs.push_back(admitter::Input::Decided(handed(party, decision)));
                    }
                    admitter::Output::Fetch(op) => {
                        let decision = Decision::Admitted { op, ops: Vec::new() };
                        inputs.push_back(admitter::Input::Decided(handed(&self.hosts[host].party, decision)));
                    }
                    other => said.push(other),
                }
            }
        }
        said
    }

    /// Time passes; guests' machines are woken when they asked for it.
    fn wait(&mut self, time: Duration) {
        let until = self.now.plus(time);
        loop {
            let wakes = self.guests.iter().enumerate();
            let next = wakes.filter_map(|(guest, one)| Some((one.wake?, guest))).min();
            match next {
                Some((at, guest)) if at <= until => {
                    self.now = self.now.max(at);
                    self.guests[guest].wake = None;
                    self.feed(guest, applicant::Input::Wake);
                }
                _ => break,
            }
        }
        self.now = until;
    }

    /// Two hosts hear of each other's ops.
    fn meet(&mut self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            let have = self.hosts[to].party.have();
            for op in self.hosts[from].party.missing(&have, usize::MAX) {
                self.hosts[to].party.receive(op).expect("a good op");
            }
        }
    }

    fn all_meet(&mut self) {
        for (one, other) in [(0, 1), (1, 2), (0, 2), (0, 1)] {
            self.meet(one, other);
        }
    }

    fn online(&mut self, who: &[usize]) {
        for (place, host) in self.hosts.iter_mut().enumerate() {
            host.is_online = who.contains(&place);
        }
    }

    fn write(&mut self, host: usize, act: Act) {
        let Host { keys, party, .. } = &mut self.hosts[host];
        party.write(keys, act, self.now).expect("allowed");
    }

    fn request(&self, guest: usize) -> JoinRequestId {
        JoinRequestId::of(self.id().as_bytes(), self.guests[guest].keys.identity.id())
    }

    fn approve(&mut self, host: usize, guest: usize) {
        let act = self.hosts[host].party.approval(self.request(guest)).expect("a request");
        self.write(host, act);
    }

    fn deny(&mut self, host: usize, guest: usize) {
        let member = self.guests[guest].keys.identity.id();
        let invitation = *self.id().as_bytes();
        self.write(host, Act::RequestDenied { invitation, member });
    }

    /// Whether a host counts a guest as a member.
    fn is_in(&self, host: usize, guest: usize) -> bool {
        let identity = self.guests[guest].keys.identity.id();
        self.hosts[host].party.membership().member(identity).is_some()
    }

    fn stage(&self, guest: usize) -> &RedemptionStage {
        &self.guests[guest].stage
    }

    fn has_joined(&self, guest: usize) -> bool {
        matches!(self.stage(guest), RedemptionStage::Joined { .. }) && self.guests[guest].party.is_some()
    }

    fn waits(&self, guest: usize) -> bool {
        matches!(self.stage(guest), RedemptionStage::WaitsForApproval { .. })
    }

    fn failed(&self, guest: usize) -> Option<&RedeemError> {
        match self.stage(guest) {
            RedemptionStage::Failed { error } => Some(error),
            _ => None,
        }
    }
}

fn exporter(link: u64) -> Exporter {
    let mut bytes = [0x5c; 32];
    bytes[..8].copy_from_slice(&link.to_be_bytes());
    Exporter::from_bytes(bytes)
}

fn handed(party: &Party, decision: Decision) -> Decision {
    match decision {
        Decision::Admitted { op, .. } => {
            let closure = party.membership_closure();
            let ops = closure.iter().map(|op| op.bytes().to_vec()).collect();
            Decision::Admitted { op, ops }
        }
        other => other,
    }
}

/// What a guest gets of what a host says on a link.
fn answers(link: u64, outputs: Vec<admitter::Output>) -> Vec<applicant::Input> {
    let session = SessionId(link);
    let input = |output| match output {
        admitter::Output::Send(frame) => Some(applicant::Input::Frame { session, frame }),
        admitter::Output::Close(closing) => Some(applicant::Input::Gone {
            session,
            reason: Gone::Closed(closing.code),
        }),
        _ => None,
    };
    outputs.into_iter().filter_map(input).collect()
}
