//! How serious the state of an invitation by e-mail is: the dialog and the page of invitations show it alike.

use super::widgets::Tone;
use crate::invitation::InvitationStage;
use crate::invitation::mailbox::MailStage;
use crate::worker::InvitationView;

/// Good news, bad news, or none.
pub(crate) fn mail_tone(invitation: &InvitationView) -> Tone {
    match invitation.stage {
        InvitationStage::Admitted { .. } => return Tone::Good,
        InvitationStage::Revoked | InvitationStage::Locked | InvitationStage::Expired => return Tone::Plain,
        InvitationStage::Code { .. }
        | InvitationStage::OnlyHere
        | InvitationStage::OfflineReady { .. }
        | InvitationStage::Pin { .. }
        | InvitationStage::PinVoid { .. }
        | InvitationStage::Admitting => {}
    }
    match invitation.mail.as_ref().map(|mail| mail.stage) {
        Some(MailStage::Bounced | MailStage::Failed | MailStage::Refused) => Tone::Bad,
        Some(
            MailStage::Waiting | MailStage::Declined | MailStage::Suppressed | MailStage::Revoked | MailStage::Expired,
        ) => Tone::Warning,
        Some(MailStage::Accepted) => Tone::Good,
        Some(MailStage::Queued | MailStage::Sent | MailStage::Opened) | None => Tone::Plain,
    }
}
