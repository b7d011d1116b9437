//! An invitation by e-mail: how far it is, sent again, revoked, shown among the others.

use egui::Ui;
use lucide_icons::Icon;

use super::super::MainAction;
use super::entry::{self, Entry};
use crate::ui::mail_tone::mail_tone;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::widgets::{Button, Kind};
use crate::worker::{Command, InvitationView, MailView};

pub(super) fn view(ui: &mut Ui, invitation: &InvitationView, mail: &MailView, scene: &Scene<'_>) -> Option<MainAction> {
    let (status, meaning) = text::mail_status(invitation);
    let trouble = mail.trouble.map(text::mail_trouble);
    let made = text::moment(&scene.calendar.local(invitation.created), scene.today());
    let from = text::mailed_from(text::host(&mail.issuer), &made);
    let entry = Entry {
        icon: Icon::Mail,
        title: &mail.address,
        role: invitation.role,
        status: &status,
        tone: mail_tone(invitation),
        details: [trouble.as_deref().unwrap_or(&meaning), &from],
        created: Some(invitation.created),
        expires: invitation.expires,
    };
    entry::view(ui, &entry, scene, |ui| {
        let id = invitation.id;
        let label = text::show_mail_to(&mail.address);
        let show = Button::new(Kind::Secondary, text::SHOW).small().named(&label);
        let show = ui.add(show).clicked();
        let label = text::send_again_to(&mail.address);
        let again = Button::new(Kind::Secondary, text::SEND_AGAIN).small().named(&label);
        let again = invitation.may_be_mailed_again() && ui.add(again).clicked();
        let label = text::revoke_mail_to(&mail.address);
        let revoke = Button::new(Kind::DangerGhost, text::REVOKE).small().named(&label);
        let revoke = ui.add(revoke).clicked();
        let send = |command| Some(scene.send(command));
        match (show, again, revoke) {
            (true, ..) => Some(MainAction::ShowInvitation(id)),
            (_, true, _) => send(Command::SendAgain { invitation: id }),
            (.., true) => send(Command::RevokeInvitation { invitation: id }),
            (false, false, false) => None,
        }
    })
}
