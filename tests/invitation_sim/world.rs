//! A small world: one inviter's device, some invitees' devices, links between them, a clock that jumps from event to event,
//! and an order of events that a seed decides.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use partyline::identity::Keys;
use partyline::invitation::invitee::{self, Invitee, Joiner, Pending, StoreRefusal, Stored};
use partyline::invitation::inviter::{self, Inviter, Record, Refusal};
use partyline::invitation::{CodeKind, Flags, InvitationStage, InviteCode, RedemptionStage, Secret, SessionId};
use partyline::party::{OpId, PartyId, PartyTag, Role};
use partyline::time::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::faults::Faults;
use crate::links::Link;

pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
/// When every story begins.
const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
/// The longest story: enough for the slowest timers after the last fault.
const HORIZON: Duration = Duration::from_secs(40 * 3600);
/// After this nothing goes wrong any more, so that every story comes to an end.
const FAULTS_END: Duration = Duration::from_secs(20 * 60);
pub(crate) const PARTY_TAG: [u8; 16] = [0x7a; 16];

/// Who is meant: the inviter's device, or one of the invitees'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Inviter,
    Invitee(usize),
}

/// What is going to happen.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Happening {
    Arrives {
        link: u64,
        to: Side,
        frame: Vec<u8>,
    },
    Opens {
        link: u64,
    },
    Ends {
        link: u64,
        to: Side,
        reason: Ending,
    },
    Starts(Side),
    Admitted {
        run: u32,
        session: u64,
        outcome: Outcome,
    },
    StoredBy {
        invitee: usize,
        run: u32,
        outcome: Outcome,
    },
    /// A person does something.
    Acts(Side, Act),
}

/// What became of an admission on its way to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Written([u8; 32]),
    Refused,
    DiskFailed,
}

/// What a person does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Act {
    ShowNewPin,
    Next,
    Revoke,
    TypePin,
    Retry,
    Cancel,
    /// Somebody sets the clock, or the machine slept.
    ClockJumps,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ending {
    Unreachable,
    Lost,
    Closed(u32),
}

/// What all devices have: a clock of their own, and a timer.
pub(crate) struct Device {
    /// How much this device's clock is ahead of the world's, in milliseconds.
    pub(crate) ahead: i64,
    pub(crate) wake: Option<Timestamp>,
    /// Counts the runs of the program: answers to an earlier run are lost with it.
    pub(crate) run: u32,
}

pub(crate) struct InviterDevice {
    pub(crate) device: Device,
    pub(crate) machine: Option<Inviter>,
    /// The record on disk.
    pub(crate) disk: Vec<u8>,
    /// Who is in the party's log, with what.
    pub(crate) log: Vec<([u8; 32], OpId)>,
    pub(crate) wrong_pins: Vec<Timestamp>,
    /// Wrong PINs that were counted for this invitation, but for those of devices that were admitted.
    pub(crate) wrong_counted: u32,
    /// Every PIN that was shown.
    pub(crate) pins: Vec<String>,
    pub(crate) endings: Vec<InvitationStage>,
}

pub(crate) struct InviteeDevice {
    pub(crate) device: Device,
    pub(crate) keys: Arc<Keys>,
    pub(crate) machine: Option<Invitee>,
    /// The pending redemption on disk.
    pub(crate) disk: Option<Vec<u8>>,
    pub(crate) joined: Option<OpId>,
    /// The last stage of every run that came to an end.
    pub(crate) endings: Vec<RedemptionStage>,
    /// Endings of the current run.
    pub(crate) ended_now: u32,
    /// Types the PIN that the inviter says, or anything but that.
    pub(crate) knows_pin: bool,
    pub(crate) typed: u32,
}

pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) rng: StdRng,
    /// The machines' randomness, apart from the world's: a fault more or less does not change the PINs.
    pub(crate) machine_rng: StdRng,
    pub(crate) faults: Faults,
    pub(crate) queue: BinaryHeap<Reverse<(Timestamp, u64, Happening)>>,
    pub(crate) count: u64,
    pub(crate) links: BTreeMap<u64, Link>,
    pub(crate) inviter: InviterDevice,
    pub(crate) invitees: Vec<InviteeDevice>,
    pub(crate) code: Arc<InviteCode>,
    pub(crate) max_uses: u32,
}

fn secret(seed: u64) -> Secret {
    let mut bytes = [0x11; 16];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    Secret::from_bytes(bytes)
}

impl World {
    pub(crate) fn new(
        seed: u64,
        faults: Faults,
        people: &[(Arc<Keys>, bool)],
        inviter_keys: &Keys,
        max_uses: u32,
    ) -> Self {
        let expires = START.plus(DAY);
        let record = Record::new(
            Arc::new(secret(seed)),
            PartyId::from_bytes([0x7a; 32]),
            Role::Editor,
            String::new(),
            START,
            expires,
            max_uses,
        );
        let endpoint = inviter_keys.certificate.endpoint;
        let tag = PartyTag::from_bytes(PARTY_TAG);
        let code = InviteCode::new(
            CodeKind::Interactive,
            Flags::PIN,
            secret(seed),
            tag,
            endpoint,
            Some(expires),
            vec![],
        );
        let device = || Device {
            ahead: 0,
            wake: None,
            run: 0,
        };
        let inviter = InviterDevice {
            device: device(),
            machine: None,
            disk: record.encode().to_vec(),
            log: vec![],
            wrong_pins: vec![],
            wrong_counted: 0,
            pins: vec![],
            endings: vec![],
        };
        let invitee = |(keys, knows_pin): &(Arc<Keys>, bool)| InviteeDevice {
            device: device(),
            keys: Arc::clone(keys),
            machine: None,
            disk: None,
            joined: None,
            endings: vec![],
            ended_now: 0,
            knows_pin: *knows_pin,
            typed: 0,
        };
        let mut world = Self {
            now: START,
            rng: StdRng::seed_from_u64(seed),
            machine_rng: StdRng::seed_from_u64(seed ^ 0xa11ce),
            faults,
            queue: BinaryHeap::new(),
            count: 0,
            links: BTreeMap::new(),
            inviter,
            invitees: people.iter().map(invitee).collect(),
            code: Arc::new(code.expect("a code")),
            max_uses,
        };
        world.plan(Duration::ZERO, Happening::Starts(Side::Inviter));
        for invitee in 0..people.len() {
            let later = world.millis(0..20_000);
            world.plan(later, Happening::Starts(Side::Invitee(invitee)));
        }
        world.plan_interventions();
        world
    }

    /// Plays the story to its end.
    pub(crate) fn play(&mut self) {
        while let Some(next) = self.next_time().filter(|next| *next < START.plus(HORIZON)) {
            self.now = self.now.max(next);
            if let Some(side) = self.due() {
                self.wake(side);
            } else if let Some(Reverse((_, _, happening))) = self.queue.pop() {
                self.happen(happening);
            }
        }
    }

    pub(crate) fn next_time(&self) -> Option<Timestamp> {
        let planned = self.queue.peek().map(|Reverse((at, _, _))| *at);
        self.sides()
            .filter_map(|side| self.wake_time(side))
            .chain(planned)
            .min()
    }

    pub(crate) fn sides(&self) -> impl Iterator<Item = Side> + use<> {
        std::iter::once(Side::Inviter).chain((0..self.invitees.len()).map(Side::Invitee))
    }

    pub(crate) fn device(&self, side: Side) -> &Device {
        match side {
            Side::Inviter => &self.inviter.device,
            Side::Invitee(index) => &self.invitees[index].device,
        }
    }

    pub(crate) fn device_mut(&mut self, side: Side) -> &mut Device {
        match side {
            Side::Inviter => &mut self.inviter.device,
            Side::Invitee(index) => &mut self.invitees[index].device,
        }
    }

    pub(crate) fn is_running(&self, side: Side) -> bool {
        match side {
            Side::Inviter => self.inviter.machine.is_some(),
            Side::Invitee(index) => self.invitees[index].machine.is_some(),
        }
    }

    /// What this device's clock says.
    pub(crate) fn clock(&self, side: Side) -> Timestamp {
        Timestamp::from_millis(self.now.as_millis().saturating_add_signed(self.device(side).ahead))
    }

    /// When this device's timer goes off, by the world's clock.
    pub(crate) fn wake_time(&self, side: Side) -> Option<Timestamp> {
        let device = self.device(side);
        let at = device.wake.filter(|_| self.is_running(side))?;
        Some(Timestamp::from_millis(at.as_millis().saturating_add_signed(-device.ahead)).max(self.now))
    }

    pub(crate) fn due(&self) -> Option<Side> {
        self.sides()
            .find(|side| self.wake_time(*side).is_some_and(|at| at <= self.now))
    }

    pub(crate) fn wake(&mut self, side: Side) {
        self.device_mut(side).wake = None;
        match side {
            Side::Inviter => self.tell_inviter(inviter::Input::Wake),
            Side::Invitee(index) => self.tell_invitee(index, invitee::Input::Wake),
        }
    }

    pub(crate) fn plan(&mut self, after: Duration, happening: Happening) {
        self.plan_at(self.now.plus(after), happening);
    }

    pub(crate) fn plan_at(&mut self, at: Timestamp, happening: Happening) {
        self.count += 1;
        self.queue.push(Reverse((at, self.count, happening)));
    }

    pub(crate) fn plan_act(&mut self, after: Duration, side: Side, act: Act) {
        self.plan(after, Happening::Acts(side, act));
    }

    pub(crate) fn millis(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(self.rng.random_range(range))
    }

    /// Whether something of this probability happens.
    pub(crate) fn lucky(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability)
    }

    /// Whether a fault of this probability happens now.
    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.now < START.plus(FAULTS_END) && self.rng.random_bool(probability)
    }

    pub(crate) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Arrives { link, to, frame } => self.arrive(link, to, frame),
            Happening::Opens { link } => self.opened(link),
            Happening::Ends { link, to, reason } => self.ended(link, to, reason),
            Happening::Starts(Side::Inviter) => self.start_inviter(),
            Happening::Starts(Side::Invitee(index)) => self.start_invitee(index),
            Happening::Admitted { run, session, outcome } if run == self.inviter.device.run => {
                let result = match outcome {
                    Outcome::Written(op) => Ok(self.admission(OpId::from_bytes(op))),
                    Outcome::Refused => Err(Refusal::AlreadyMember),
                    Outcome::DiskFailed => Err(Refusal::Storage),
                };
                self.tell_inviter(inviter::Input::Admission {
                    session: SessionId(session),
                    result,
                });
            }
            Happening::StoredBy { invitee, run, outcome } if run == self.invitees[invitee].device.run => {
                let result = match outcome {
                    Outcome::Written(op) => Ok(Stored {
                        party: PartyId::from_bytes([0x7a; 32]),
                        op: OpId::from_bytes(op),
                    }),
                    Outcome::Refused => Err(StoreRefusal::BadLog),
                    Outcome::DiskFailed => Err(StoreRefusal::Storage),
                };
                self.tell_invitee(invitee, invitee::Input::Stored(result));
            }
            // The program that asked has died meanwhile.
            Happening::Admitted { .. } | Happening::StoredBy { .. } => {}
            Happening::Acts(side, act) => self.act(side, act),
        }
    }

    pub(crate) fn act(&mut self, side: Side, act: Act) {
        match (side, act) {
            (side, Act::ClockJumps) => {
                self.device_mut(side).ahead += i64::try_from(DAY.as_millis()).expect("a day");
                self.wake(side);
            }
            (Side::Inviter, Act::ShowNewPin) => self.tell_inviter(inviter::Input::ShowNewPin),
            (Side::Inviter, Act::Next) => self.tell_inviter(inviter::Input::Next),
            (Side::Inviter, _) => self.tell_inviter(inviter::Input::Revoke),
            (Side::Invitee(index), Act::TypePin) => {
                if let Some(pin) = self.pin_to_type(index) {
                    self.tell_invitee(index, invitee::Input::SubmitPin(pin));
                }
            }
            (Side::Invitee(index), Act::Retry) => self.tell_invitee(index, invitee::Input::Retry),
            (Side::Invitee(index), _) => self.tell_invitee(index, invitee::Input::Cancel),
        }
    }

    // Programs start and die.

    pub(crate) fn start_inviter(&mut self) {
        if self.inviter.machine.is_none() {
            let record = Record::decode(&self.inviter.disk).expect("the record on disk");
            self.inviter.machine = Some(Inviter::new(record));
            self.tell_inviter(inviter::Input::Wake);
        }
    }

    pub(crate) fn start_invitee(&mut self, index: usize) {
        let now = self.clock(Side::Invitee(index));
        let code = Arc::clone(&self.code);
        let invitee = &mut self.invitees[index];
        if invitee.machine.is_some() || invitee.joined.is_some() {
            return;
        }
        let pending = match &invitee.disk {
            Some(bytes) => Pending::decode(bytes).expect("the pending redemption on disk"),
            None => Pending::new(code, now),
        };
        let joiner = Joiner {
            keys: Arc::clone(&invitee.keys),
            name: format!("invitee {index}"),
        };
        invitee.machine = Some(Invitee::new(pending, joiner));
        invitee.ended_now = 0;
        self.tell_invitee(index, invitee::Input::Start);
    }

    /// The program dies with all that is in memory, and is started again a little later.
    pub(crate) fn kill(&mut self, side: Side) {
        match side {
            Side::Inviter => self.inviter.machine = None,
            Side::Invitee(index) => self.invitees[index].machine = None,
        }
        let backwards = self.faults.clock > 0.0 && self.rng.random_bool(0.1);
        let device = self.device_mut(side);
        device.run += 1;
        device.wake = None;
        if backwards {
            device.ahead -= i64::try_from(DAY.as_millis()).expect("a day");
        }
        let mine = |link: &Link| side == Side::Inviter || side == Side::Invitee(link.invitee);
        let links: Vec<_> = self
            .links
            .iter()
            .filter(|(_, link)| mine(link))
            .map(|(id, _)| *id)
            .collect();
        for id in links {
            self.cut(id);
        }
        let later = self.millis(0..30_000);
        self.plan(later, Happening::Starts(side));
    }
}

/// Whether these bytes are somewhere in those.
pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
