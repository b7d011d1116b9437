//! The people of the story: what they do when their screen changes, and what they do out of the blue.

use std::sync::Arc;
use std::time::Duration;

use partyline::invitation::{InvitationStage, Pin, RedemptionStage};

use crate::world::{Act, Side, World};

const DIGITS: u8 = 6;
/// Nobody tries for ever.
const PATIENCE: u32 = 30;

impl World {
    /// What happens to people in any case, at some time within the first minutes.
    pub(crate) fn plan_interventions(&mut self) {
        for (probability, side, act) in [
            (self.faults.revoke, Side::Inviter, Act::Revoke),
            (self.faults.clock * 0.3, Side::Inviter, Act::ClockJumps),
            (self.faults.clock, Side::Invitee(0), Act::ClockJumps),
            (self.faults.cancel, Side::Invitee(0), Act::Cancel),
        ] {
            if self.lucky(probability) {
                let later = self.millis(0..240_000);
                self.plan_act(later, side, act);
            }
        }
    }

    /// The inviter looks at a new screen.
    pub(crate) fn inviter_stage_changed(&mut self) {
        let Some(machine) = &self.inviter.machine else { return };
        let stage = machine.stage();
        let soon = self.millis(500..8_000);
        match &stage {
            InvitationStage::Pin { pin, waiting, .. } => {
                let waiting = *waiting;
                if self.inviter.pins.last().is_none_or(|last| last != pin.digits()) {
                    self.inviter.pins.push(pin.digits().to_owned());
                }
                if self.chance(self.faults.reset) {
                    self.plan_act(soon, Side::Inviter, Act::ShowNewPin);
                }
                if waiting > 0 && self.chance(self.faults.next) {
                    self.plan_act(soon, Side::Inviter, Act::Next);
                }
            }
            InvitationStage::PinVoid { .. } if self.lucky(0.9) => self.plan_act(soon, Side::Inviter, Act::ShowNewPin),
            InvitationStage::Admitted { .. }
            | InvitationStage::Locked
            | InvitationStage::Revoked
            | InvitationStage::Expired => self.inviter.endings.push(stage),
            InvitationStage::Code { .. }
            | InvitationStage::OnlyHere
            | InvitationStage::OfflineReady { .. }
            | InvitationStage::PinVoid { .. }
            | InvitationStage::Admitting => {}
        }
    }

    /// An invitee looks at a new screen.
    pub(crate) fn react_as_invitee(&mut self, index: usize, stage: &RedemptionStage) {
        let side = Side::Invitee(index);
        let soon = self.millis(300..15_000);
        match stage {
            RedemptionStage::EnterPin { tries_left, .. }
                if *tries_left > 0 && self.invitees[index].typed < PATIENCE =>
            {
                self.plan_act(soon, side, Act::TypePin);
            }
            RedemptionStage::EnterPin { .. } if self.lucky(0.1) => self.plan_act(soon * 20, side, Act::Cancel),
            RedemptionStage::InviterOffline if self.lucky(0.2) => self.plan_act(soon, side, Act::Retry),
            RedemptionStage::Queued { .. } if self.chance(self.faults.cancel) => {
                self.plan_act(Duration::from_secs(30), side, Act::Cancel);
            }
            RedemptionStage::Checking | RedemptionStage::Joining { .. } if self.chance(self.faults.cancel) => {
                let at_once = self.millis(0..400);
                self.plan_act(at_once, side, Act::Cancel);
            }
            _ => {}
        }
    }

    /// What the invitee types: the PIN that the inviter reads out, or one that is surely another.
    pub(crate) fn pin_to_type(&mut self, index: usize) -> Option<Arc<Pin>> {
        let shown = self.inviter.machine.as_ref().and_then(|machine| match machine.stage() {
            InvitationStage::Pin { pin, .. } => Some(pin),
            _ => None,
        });
        self.invitees[index].typed += 1;
        if self.invitees[index].knows_pin && !self.chance(self.faults.mistyped) {
            return shown;
        }
        let wrong = match &shown {
            Some(pin) if pin.digits() == "000000" => "000001",
            _ => "000000",
        };
        // A PIN that is still to be made may be the one typed, once in a million; the check wants never.
        self.inviter.machine.as_ref()?;
        Some(Arc::new(Pin::parse(wrong, DIGITS).expect("six digits")))
    }
}
