//! The engines of the little world: outputs in their order, and every durable one is a moment to die at.

use partyline::invitation::invitee::{self, Pending, Phase};
use partyline::invitation::inviter::{self, Admission, Record};
use partyline::invitation::{Env, MAX_WRONG_PER_DEVICE, MAX_WRONG_PINS};
use partyline::party::OpId;

use crate::world::{DAY, Happening, Outcome, PARTY_TAG, Side, World, contains};

impl World {
    pub(crate) fn tell_inviter(&mut self, input: inviter::Input) {
        let now = self.clock(Side::Inviter);
        let Some(machine) = self.inviter.machine.take() else {
            return;
        };
        let today = self
            .inviter
            .wrong_pins
            .iter()
            .filter(|at| now.since(**at) < DAY)
            .count();
        let wrong_pins_today = u32::try_from(today).expect("few");
        let mut env = Env {
            now,
            rng: &mut self.machine_rng,
            wrong_pins_today,
        };
        let step = machine.handle(input, &mut env);
        let run = self.inviter.device.run;
        self.inviter.machine = Some(step.next);
        for output in step.outputs {
            let dies = self.dies_before(&output);
            if dies || self.inviter.machine.is_none() {
                break;
            }
            self.inviter_does(output, run);
        }
    }

    pub(crate) fn dies_before(&mut self, output: &inviter::Output) -> bool {
        use inviter::Output::{Admit, Save, SaveWrongPin};
        let dies = matches!(output, Save(_) | SaveWrongPin(_) | Admit(_)) && self.chance(self.faults.kill);
        if dies {
            self.kill(Side::Inviter);
        }
        dies
    }

    pub(crate) fn inviter_does(&mut self, output: inviter::Output, run: u32) {
        match output {
            inviter::Output::Save(record) => self.write_record(&record),
            inviter::Output::SaveWrongPin(record) => {
                let at = self.clock(Side::Inviter);
                self.inviter.wrong_pins.push(at);
                self.inviter.wrong_counted += 1;
                self.write_record(&record);
            }
            inviter::Output::Send { session, frame } => self.send(Side::Inviter, session.0, frame),
            inviter::Output::Close { session, closing } => {
                self.close(Side::Inviter, session.0, closing);
            }
            inviter::Output::Admit(request) => {
                let identity = *request.join.identity.as_bytes();
                let outcome = if self.inviter.log.iter().any(|(member, _)| *member == identity) {
                    Outcome::Refused
                } else if self.chance(self.faults.storage) {
                    Outcome::DiskFailed
                } else {
                    self.count += 1;
                    let mut op = identity;
                    op[..8].copy_from_slice(&self.count.to_le_bytes());
                    self.check_is_recoverable(identity);
                    self.inviter.log.push((identity, OpId::from_bytes(op)));
                    let after = request.record_after(OpId::from_bytes(op));
                    // The right try and the device's wrong ones before it are given back.
                    let tries = Record::decode(&self.inviter.disk)
                        .expect("the record on disk")
                        .wrong_total;
                    let back = tries.saturating_sub(after.wrong_total).saturating_sub(1);
                    let most = if self.max_uses == 1 {
                        MAX_WRONG_PINS
                    } else {
                        MAX_WRONG_PER_DEVICE
                    };
                    assert!(back < most, "{back} wrong tries of one device are given back");
                    self.inviter.wrong_counted = self.inviter.wrong_counted.saturating_sub(u32::from(back));
                    self.write_record(&after);
                    Outcome::Written(op)
                };
                let later = self.millis(0..50);
                self.plan(
                    later,
                    Happening::Admitted {
                        run,
                        session: request.session.0,
                        outcome,
                    },
                );
            }
            inviter::Output::FetchAdmission { session, op } => {
                let later = self.millis(0..50);
                self.plan(
                    later,
                    Happening::Admitted {
                        run,
                        session: session.0,
                        outcome: Outcome::Written(*op.as_bytes()),
                    },
                );
            }
            inviter::Output::AlreadyAdmitted => assert!(!self.inviter.log.is_empty() || self.faults.storage > 0.0),
            inviter::Output::NoMorePins => {}
            inviter::Output::StageChanged => self.inviter_stage_changed(),
            inviter::Output::WakeAt(at) => self.inviter.device.wake = Some(at),
        }
    }

    pub(crate) fn write_record(&mut self, record: &Record) {
        let bytes = record.encode().to_vec();
        for pin in &self.inviter.pins {
            assert!(!contains(&bytes, pin.as_bytes()), "a PIN is on disk");
        }
        self.inviter.disk = bytes;
        if self.chance(self.faults.kill) {
            self.kill(Side::Inviter);
        }
    }

    /// Whoever is admitted holds what it takes to become a member.
    pub(crate) fn check_is_recoverable(&self, identity: [u8; 32]) {
        let invitee = self
            .invitees
            .iter()
            .find(|one| *one.keys.certificate.identity.as_bytes() == identity);
        let disk = invitee
            .and_then(|one| one.disk.as_ref())
            .expect("the admitted device has a pending redemption");
        assert_eq!(Pending::decode(disk).expect("readable").phase, Phase::Proven);
    }

    /// The party's log as it is sent: an op is its id and the member.
    pub(crate) fn admission(&self, op: OpId) -> Admission {
        let entry = |(identity, op): &([u8; 32], OpId)| [op.as_bytes().as_slice(), identity].concat();
        Admission {
            op,
            ops: self.inviter.log.iter().map(entry).collect(),
        }
    }

    pub(crate) fn tell_invitee(&mut self, index: usize, input: invitee::Input) {
        let now = self.clock(Side::Invitee(index));
        let Some(machine) = self.invitees[index].machine.take() else {
            return;
        };
        let mut env = Env {
            now,
            rng: &mut self.machine_rng,
            wrong_pins_today: 0,
        };
        let step = machine.handle(input, &mut env);
        let run = self.invitees[index].device.run;
        self.invitees[index].machine = Some(step.next);
        for output in step.outputs {
            use invitee::Output::{Delete, Save, StoreAdmission};
            if matches!(output, Save(_) | Delete | StoreAdmission { .. }) && self.chance(self.faults.kill) {
                self.kill(Side::Invitee(index));
            }
            if self.invitees[index].machine.is_none() {
                break;
            }
            self.invitee_does(index, output, run);
        }
    }

    pub(crate) fn invitee_does(&mut self, index: usize, output: invitee::Output, run: u32) {
        let side = Side::Invitee(index);
        match output {
            invitee::Output::Save(pending) => self.write_pending(index, Some(pending.encode().to_vec())),
            invitee::Output::Delete => self.write_pending(index, None),
            invitee::Output::Connect => self.connect(index),
            invitee::Output::Send { session, frame } => self.send(side, session.0, frame),
            invitee::Output::Close { session, closing } => {
                self.close(side, session.0, closing);
            }
            invitee::Output::StoreAdmission { ops, promise } => {
                assert_eq!(promise.tag.map(|tag| *tag.as_bytes()), Some(PARTY_TAG));
                let me = *self.invitees[index].keys.certificate.identity.as_bytes();
                let mine = ops.iter().find(|op| op.ends_with(&me));
                let outcome = match mine.and_then(|op| op.first_chunk::<32>()) {
                    None => Outcome::Refused,
                    Some(_) if self.chance(self.faults.storage) => Outcome::DiskFailed,
                    Some(op) => {
                        self.invitees[index].joined = Some(OpId::from_bytes(*op));
                        self.write_pending(index, None);
                        Outcome::Written(*op)
                    }
                };
                let later = self.millis(0..50);
                self.plan(
                    later,
                    Happening::StoredBy {
                        invitee: index,
                        run,
                        outcome,
                    },
                );
            }
            invitee::Output::StageChanged => self.invitee_stage_changed(index),
            invitee::Output::WakeAt(at) => self.invitees[index].device.wake = Some(at),
        }
    }

    pub(crate) fn write_pending(&mut self, index: usize, bytes: Option<Vec<u8>>) {
        self.invitees[index].disk = bytes;
        if self.chance(self.faults.kill) {
            self.kill(Side::Invitee(index));
        }
    }

    pub(crate) fn invitee_stage_changed(&mut self, index: usize) {
        let invitee = &mut self.invitees[index];
        let Some(machine) = &invitee.machine else { return };
        let stage = machine.stage();
        if machine.has_ended() {
            invitee.ended_now += 1;
            assert_eq!(
                invitee.ended_now, 1,
                "a second ending: {stage:?} after {:?}",
                invitee.endings
            );
            invitee.endings.push(stage);
        } else {
            assert_eq!(invitee.ended_now, 0, "{stage:?} after the ending {:?}", invitee.endings);
            self.react_as_invitee(index, &stage);
        }
    }
}
