//! A code of this device: copied again, shown again at the step that it has come to, revoked.

use egui::Ui;
use lucide_icons::Icon;

use super::super::MainAction;
use super::entry::{self, Entry};
use crate::invitation::{InvitationKind, InvitationStage, MAX_WRONG_PINS};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::widgets::{Button, Kind, Tone, small_icon_button};
use crate::worker::{Command, InvitationView};

pub(super) fn view(ui: &mut Ui, invitation: &InvitationView, scene: &Scene<'_>) -> Option<MainAction> {
    let title = text::invitation_for(&invitation.label);
    let (tone, status) = status(invitation);
    let made = text::moment(&scene.calendar.local(invitation.created), scene.today());
    let (details, made) = (details(invitation), text::made_by(&made));
    let entry = Entry {
        icon: icon(invitation.kind),
        title: &title,
        role: invitation.role,
        status: &status,
        tone,
        details: [&details, &made],
        created: Some(invitation.created),
        expires: invitation.expires,
    };
    entry::view(ui, &entry, scene, |ui| {
        let id = invitation.id;
        let show_label = text::show_invitation(&invitation.label);
        let show = Button::new(Kind::Secondary, text::SHOW).small().named(&show_label);
        let show = ui.add(show).clicked().then_some(MainAction::ShowInvitation(id));
        let copy = small_icon_button(ui, Icon::Copy, &text::copy_invitation(&invitation.label)).clicked();
        let revoke_label = text::revoke_invitation(&invitation.label);
        let revoke = Button::new(Kind::DangerGhost, text::REVOKE)
            .small()
            .named(&revoke_label);
        let revoke = ui.add(revoke).clicked();
        show.or(copy.then_some(MainAction::CopyCode(id)))
            .or(revoke.then(|| scene.send(Command::RevokeInvitation { invitation: id })))
    })
}

/// How somebody comes in, as a picture.
pub(super) const fn icon(kind: InvitationKind) -> Icon {
    match kind {
        InvitationKind::Interactive => Icon::KeyRound,
        InvitationKind::Delegated(_) => Icon::Clock,
    }
}

/// What the invitation waits for, and how urgent that is.
fn status(invitation: &InvitationView) -> (Tone, String) {
    match &invitation.stage {
        InvitationStage::Pin { .. } => (Tone::Good, text::PIN_SHOWN.to_owned()),
        InvitationStage::PinVoid { .. } => (Tone::Warning, text::PIN_NEEDED.to_owned()),
        InvitationStage::Admitting => (Tone::Good, text::LETTING_IN.to_owned()),
        InvitationStage::OnlyHere => (Tone::Warning, text::ONLY_HERE.to_owned()),
        InvitationStage::OfflineReady { devices } => (Tone::Good, text::ready_on(*devices)),
        InvitationStage::Code { .. }
        | InvitationStage::Admitted { .. }
        | InvitationStage::Locked
        | InvitationStage::Revoked
        | InvitationStage::Expired => (Tone::Plain, text::code_status(&invitation.stage, 0)),
    }
}

fn details(invitation: &InvitationView) -> String {
    let mut parts = vec![text::kind_of_invitation(invitation.kind).to_owned()];
    if invitation.max_uses > 1 {
        parts.push(text::came_in(invitation.admitted.len(), invitation.max_uses));
    }
    if invitation.kind == InvitationKind::Interactive {
        parts.push(text::attempts(invitation.wrong_pins, MAX_WRONG_PINS));
    }
    parts.join(" · ")
}
