//! The stages of an invitation that exists: which one is drawn, and what a click there asks for.

use std::sync::Arc;

use egui::{TextureHandle, Ui};

use super::{Copied, Intent, InviteAction, Order, Removal, Size, code, ending, large, pin};
use crate::invitation::InvitationStage;
use crate::time::Timestamp;
use crate::ui::frame::Frame;
use crate::ui::text;
use crate::ui::widgets::{Entered, Tone, qr_texture};
use crate::worker::{Command, InvitationView};

/// An invitation that exists, and what the person does with it.
pub(super) struct Live {
    pub(super) invitation: Arc<InvitationView>,
    pub(super) qr: Option<TextureHandle>,
    pub(super) size: Size,
    pub(super) copied: Option<(Copied, Timestamp)>,
    pub(super) order: Order,
}

impl Live {
    /// Whether the code is on show: nobody uses it now.
    pub(super) fn shows_code(&self) -> bool {
        matches!(
            self.invitation.stage,
            InvitationStage::Code { .. } | InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. }
        )
    }

    pub(super) const fn new(invitation: Arc<InvitationView>) -> Self {
        Self {
            invitation,
            qr: None,
            size: Size::Small,
            copied: None,
            order: Order::None,
        }
    }

    pub(super) fn is_large(&self) -> bool {
        matches!(
            (self.size, &self.invitation.stage),
            (
                Size::Large,
                InvitationStage::Code { .. } | InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. }
            )
        )
    }

    pub(super) fn is_for_device(&self) -> bool {
        self.invitation.is_for_device()
    }

    /// What the person does with the PIN: in short, and how.
    fn advice(&self) -> (&'static str, &'static str) {
        if self.is_for_device() {
            (text::TYPE_THE_PIN, text::TYPE_THE_PIN_MEANS)
        } else if self.invitation.nearby.is_some() {
            (text::READ_THE_PIN, text::ONLY_WHEN_ASKED)
        } else {
            (text::READ_THE_PIN, text::BY_VOICE)
        }
    }

    pub(super) fn view(&mut self, ui: &mut Ui, now: Timestamp, party: &str, entered: Entered) -> Option<Intent> {
        let invitation = Arc::clone(&self.invitation);
        if let Order::Remove(who, removal) = &self.order {
            return ending::view_removal(ui, removal, who, party, &invitation.stage);
        }
        match &invitation.stage {
            InvitationStage::Admitted { name, .. } if self.is_for_device() => {
                ending::view_device_added(ui, name, entered)
            }
            InvitationStage::Code { .. } | InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. } => {
                if self.qr.is_none() {
                    self.qr = qr_texture(ui.ctx(), &invitation.code.to_qr_text());
                }
                match self.size {
                    Size::Small => code::view(ui, self, now, entered),
                    Size::Large => large::view(ui, self, entered),
                }
            }
            InvitationStage::Pin {
                pin,
                expires,
                wrong,
                waiting,
            } => pin::view(
                ui,
                &self.order,
                now,
                &pin::Shown {
                    digits: pin.digits(),
                    expires: *expires,
                    wrong: *wrong,
                    advice: self.advice(),
                    line: pin::Line {
                        invitation: &invitation,
                        waiting: *waiting,
                    },
                },
            ),
            InvitationStage::PinVoid { reason, waiting } => {
                let line = pin::Line {
                    invitation: &invitation,
                    waiting: *waiting,
                };
                pin::view_void(ui, &self.order, *reason, line, entered)
            }
            InvitationStage::Admitting => ending::view_admitting(ui),
            InvitationStage::Admitted { .. } => ending::view_admitted(ui, &self.order, &invitation, party, entered),
            InvitationStage::Locked => ending::view_over(ui, Tone::Bad, text::INVITE_LOCKED, entered),
            InvitationStage::Revoked => ending::view_over(ui, Tone::Plain, text::INVITE_REVOKED, entered),
            InvitationStage::Expired if invitation.admitted.is_empty() => {
                ending::view_over(ui, Tone::Warning, text::INVITE_EXPIRED, entered)
            }
            InvitationStage::Expired => {
                let (title, sentence) = text::expired_after(invitation.admitted.len(), invitation.max_uses);
                ending::view_over(ui, Tone::Warning, (title, &sentence), entered)
            }
        }
    }

    pub(super) fn carry_out(&mut self, intent: Intent, frame: &Frame<'_>) -> Option<InviteAction> {
        let invitation = self.invitation.id;
        let command = match intent {
            Intent::Copy(what) => {
                self.copied = Some((what, frame.now));
                let code = &self.invitation.code;
                return Some(InviteAction::Copy(match what {
                    Copied::Code => code.to_text(),
                    Copied::Link => code.to_link(),
                }));
            }
            Intent::AskRemoval => {
                let last = self.invitation.admitted.last().cloned();
                self.order = last.map_or(Order::None, |last| Order::Remove(last, Removal::Asked));
                return None;
            }
            Intent::KeepMember => {
                self.order = Order::None;
                return None;
            }
            Intent::ShowLarge | Intent::ShowSmall => {
                let large = intent == Intent::ShowLarge;
                self.size = if large { Size::Large } else { Size::Small };
                return None;
            }
            Intent::Revoke => Command::RevokeInvitation { invitation },
            Intent::Next => Command::NextInvitee { invitation },
            Intent::ShowNewPin => Command::ShowNewPin { invitation },
            Intent::ShowNearby => Command::ShowNearby { invitation },
            Intent::HideNearby => Command::HideNearby { invitation },
            Intent::Remove(member) => Command::RemoveMember {
                party: self.invitation.party,
                member,
            },
            Intent::Explain | Intent::Create | Intent::OtherOptions | Intent::Another | Intent::Close => return None,
        };
        let request = frame.requests.next();
        match &mut self.order {
            Order::Remove(_, removal) => *removal = Removal::Sent(request),
            order => *order = Order::Sent(request, intent),
        }
        Some(InviteAction::Send(request, command))
    }
}
