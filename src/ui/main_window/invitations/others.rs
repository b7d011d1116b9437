//! An invitation that another member, or another device, has left with the party.

use egui::Ui;
use lucide_icons::Icon;

use super::super::{MainAction, member_name};
use super::entry::{self, Entry};
use super::may_decide;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::widgets::{Button, Kind, Tone};
use crate::worker::{Command, DelegatedView, PartyView};

pub(super) fn view(ui: &mut Ui, party: &PartyView, delegated: &DelegatedView, scene: &Scene<'_>) -> Option<MainAction> {
    let mine = scene.model.own_identity() == Some(delegated.by);
    let by = if mine {
        None
    } else {
        Some(member_name(party, delegated.by))
    };
    let title = text::invitation_of(by);
    let kind = text::who_may_come_in(delegated.to);
    let uses = text::came_in(delegated.uses as usize, delegated.max_uses);
    let entry = Entry {
        icon: Icon::Clock,
        title: &title,
        role: delegated.role,
        status: text::ANY_ADMIN_LETS_IN,
        tone: Tone::Plain,
        details: [kind, &uses],
        created: None,
        expires: delegated.expires,
    };
    entry::view(ui, &entry, scene, |ui| {
        let label = format!("{}: {title}", text::REVOKE);
        let revoke = Button::new(Kind::DangerGhost, text::REVOKE).small().named(&label);
        let invitation = delegated.invitation;
        let clicked = may_decide(party) && ui.add(revoke).clicked();
        clicked.then(|| scene.send(Command::RevokeInvitation { invitation }))
    })
}
