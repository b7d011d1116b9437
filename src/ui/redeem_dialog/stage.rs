//! The stages of the Redeem dialog, one of which is shown.

use std::sync::Arc;

use super::browser::Waiting;
use super::camera::Looking;
use super::entry::CodeEntry;
use super::live::Live;
use crate::invitation::{InviteCode, PinNotice, RedemptionStage};
use crate::party::PartyTag;
use crate::worker::RequestId;

/// What the dialog shows.
pub(super) enum Stage {
    /// The code is typed or pasted.
    Code(CodeEntry),
    /// The camera looks for it.
    Camera(Looking),
    /// The code wants a relay that is not on the list: the person decides.
    Relay {
        host: String,
        entry: CodeEntry,
        code: Arc<InviteCode>,
    },
    /// The code makes this device somebody's, and the person came to join a party: they decide.
    Device { entry: CodeEntry, code: Arc<InviteCode> },
    /// The worker begins.
    Starting {
        request: RequestId,
        entry: CodeEntry,
        code: Arc<InviteCode>,
    },
    /// The service is asked for what the code of its page stands for.
    Asking { request: RequestId, entry: CodeEntry },
    /// The person is in their browser, with the link of a mail.
    Browser(Waiting),
    /// The code is of a party that this person is in: nothing was begun.
    Member(PartyTag),
    /// A redemption runs or has ended; its own stage says what to show.
    Live(Live),
}

impl Stage {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Code(_) => "code",
            Self::Camera(_) => "camera",
            Self::Relay { .. } => "relay",
            Self::Device { .. } => "device",
            Self::Starting { .. } => "starting",
            Self::Asking { .. } => "asking",
            Self::Browser(_) => "browser",
            Self::Member(_) => "member",
            Self::Live(live) => match live.stage {
                RedemptionStage::Connecting { .. } => "connecting",
                RedemptionStage::InviterOffline => "offline",
                RedemptionStage::MembersOffline { .. } => "members offline",
                RedemptionStage::WaitsForApproval { .. } => "waits for approval",
                RedemptionStage::Queued { .. } => "queued",
                RedemptionStage::EnterPin {
                    notice: Some(PinNotice::Void),
                    ..
                } => "pin void",
                RedemptionStage::EnterPin { .. } => "enter pin",
                RedemptionStage::Checking => "checking",
                RedemptionStage::Joining { .. } => "joining",
                RedemptionStage::Joined { .. } => "joined",
                RedemptionStage::Failed { .. } => "failed",
                RedemptionStage::Cancelled => "cancelled",
                RedemptionStage::Pairing { .. } => "pairing",
                RedemptionStage::Paired { .. } => "paired",
            },
        }
    }

    /// Whether a service's answer to this command is waited for.
    pub(super) fn asks_service(&self, command: RequestId) -> bool {
        match self {
            Self::Asking { request, .. } => *request == command,
            Self::Browser(waiting) => waiting.browser.request == command,
            _ => false,
        }
    }

    /// The code as it was typed, to go back to it.
    pub(super) fn take_entry(&mut self) -> CodeEntry {
        match self {
            Self::Code(entry)
            | Self::Relay { entry, .. }
            | Self::Device { entry, .. }
            | Self::Starting { entry, .. }
            | Self::Asking { entry, .. } => std::mem::take(entry),
            Self::Camera(looking) => std::mem::take(&mut looking.entry),
            Self::Browser(waiting) => std::mem::take(&mut waiting.entry),
            Self::Live(live) => CodeEntry::typed(&live.typed),
            Self::Member(_) => CodeEntry::default(),
        }
    }
}
