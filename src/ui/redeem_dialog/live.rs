//! A redemption that runs or has ended: which screen its stage is.

use std::sync::Arc;

use egui::{Id, Ui};
use zeroize::Zeroizing;

use super::pin::PinEntry;
use super::relay::LeftOut;
use super::{Intent, asking, ending, pin, waiting};
use crate::invitation::{CodeKind, InviteCode, RedeemError, RedemptionStage};
use crate::party::{PartyId, Role};
use crate::ui::frame::Frame;
use crate::ui::widgets::Entered;
use crate::worker::{RedemptionId, RedemptionView};

/// A redemption that runs or has ended.
pub(super) struct Live {
    pub(super) redemption: RedemptionId,
    pub(super) stage: RedemptionStage,
    pub(super) pin: PinEntry,
    welcome: Option<Welcome>,
    pub(super) left_out: LeftOut,
    /// None after a restart: the worker remembers the code, the dialog never saw it.
    pub(super) code: Option<Arc<InviteCode>>,
    pub(super) typed: Zeroizing<String>,
    kind: CodeKind,
}

/// What the inviter's app has told once the PIN was right.
#[derive(Clone, Debug)]
pub(super) struct Welcome {
    pub(super) party: String,
    pub(super) inviter: String,
    pub(super) role: Role,
}

impl Live {
    pub(super) fn new(view: &RedemptionView, code: Option<Arc<InviteCode>>, typed: Zeroizing<String>) -> Self {
        let mut live = Self {
            redemption: view.id,
            stage: RedemptionStage::Connecting { failed_tries: 0 },
            pin: PinEntry::default(),
            welcome: None,
            left_out: LeftOut::default(),
            code,
            typed,
            kind: view.kind,
        };
        live.change(view);
        live
    }

    /// Whether it goes on without anybody here: with a code that works while its maker is away, or by e-mail.
    pub(super) fn needs_nobody(&self) -> bool {
        self.kind.is_delegated()
    }

    /// Whether the two devices still look for each other.
    pub(super) const fn seeks(&self) -> bool {
        matches!(
            self.stage,
            RedemptionStage::Connecting { .. }
                | RedemptionStage::InviterOffline
                | RedemptionStage::MembersOffline { .. }
        )
    }

    /// The worker has told how it stands now.
    pub(super) fn change(&mut self, view: &RedemptionView) {
        self.left_out.change(view.relay_left_out.as_deref());
        let stage = &view.stage;
        match stage {
            // Told the very same again: what is being typed stays.
            RedemptionStage::EnterPin { .. } if self.stage == *stage && !self.pin.is_sent() => {}
            RedemptionStage::EnterPin { notice, .. } => self.pin.ask(*notice),
            RedemptionStage::Joining { party, inviter, role } => {
                self.pin.clear();
                self.welcome = Some(Welcome {
                    party: party.clone(),
                    inviter: inviter.clone(),
                    role: *role,
                });
            }
            RedemptionStage::Checking => {}
            RedemptionStage::Connecting { .. }
            | RedemptionStage::InviterOffline
            | RedemptionStage::MembersOffline { .. }
            | RedemptionStage::WaitsForApproval { .. }
            | RedemptionStage::Queued { .. }
            | RedemptionStage::Joined { .. }
            | RedemptionStage::Pairing { .. }
            | RedemptionStage::Paired { .. }
            | RedemptionStage::Failed { .. }
            | RedemptionStage::Cancelled => self.pin.clear(),
        }
        self.stage = stage.clone();
    }

    pub(super) fn view(
        &mut self,
        ui: &mut Ui,
        id: Id,
        frame: &Frame<'_>,
        latest: Option<&(PartyId, String)>,
        entered: Entered,
    ) -> Option<Intent> {
        match &self.stage {
            RedemptionStage::Connecting { failed_tries } if self.needs_nobody() => {
                asking::view_connecting(ui, frame.now, *failed_tries, self.kind, &self.left_out, entered)
            }
            RedemptionStage::Connecting { failed_tries } => {
                waiting::view_connecting(ui, frame.now, *failed_tries, &self.left_out)
            }
            RedemptionStage::InviterOffline => waiting::view_offline(ui, frame.now, &self.left_out),
            RedemptionStage::Queued { position } => {
                let flags = self.code.as_deref().map(InviteCode::flags).unwrap_or_default();
                waiting::view_queued(ui, frame.now, *position, flags)
            }
            RedemptionStage::MembersOffline { next_try } => {
                asking::view_offline(ui, frame.now, *next_try, self.kind, &self.left_out, entered)
            }
            RedemptionStage::WaitsForApproval { fingerprint, next_poll } => {
                asking::view_request(ui, frame.now, *fingerprint, *next_poll, self.kind, entered)
            }
            RedemptionStage::EnterPin {
                digits,
                expires,
                tries_left,
                ..
            } => {
                let asked = pin::Asked {
                    digits: *digits,
                    expires: *expires,
                    tries_left: *tries_left,
                };
                pin::view(ui, id, &mut self.pin, &asked, frame.now, entered)
            }
            RedemptionStage::Checking => pin::view_checking(ui, id, &mut self.pin),
            RedemptionStage::Joining { .. } => waiting::view_joining(ui, self.welcome.as_ref()),
            RedemptionStage::Joined { party } => {
                let name = latest.filter(|(id, _)| id == party).map(|(_, name)| name.as_str());
                // Any member may have let them in, not the one who invited.
                let welcome = self.welcome.as_ref().filter(|_| !self.needs_nobody());
                ending::view_joined(ui, *party, name, welcome, entered)
            }
            RedemptionStage::Failed {
                error: RedeemError::AlreadyMember,
            } => ending::view_already_member(ui, self.code.as_deref().map(InviteCode::party_tag), entered),
            RedemptionStage::Failed { error } => ending::view_failed(ui, error, frame.now, entered),
            RedemptionStage::Cancelled => ending::view_cancelled(ui, entered),
            RedemptionStage::Pairing { person, device } => waiting::view_pairing(ui, person, device),
            RedemptionStage::Paired { .. } => ending::view_paired(ui, entered),
        }
    }
}
