//! The page of a party's invitations: who waits for approval, the codes of this device, and what other members have offered.

mod entry;
mod mailed;
mod others;
mod own;
mod requests;

use std::collections::BTreeSet;

use egui::{ScrollArea, Ui};
use lucide_icons::Icon;

use super::{MainAction, empty};
use crate::party::Role;
use crate::ui::model::Model;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Kind, card, overline};
use crate::worker::{DelegatedView, PartyView};

/// The page.
pub(super) fn view(ui: &mut Ui, party: &PartyView, scene: &Scene<'_>, out: &mut Vec<MainAction>) {
    if count(party, scene.model) == 0 {
        out.extend(nothing(ui, party));
        return;
    }
    let area = ScrollArea::vertical()
        .id_salt(("invitations", party.id))
        .auto_shrink([false, false]);
    area.show(ui, |ui| {
        section(ui, text::WAIT_FOR_APPROVAL, party.requests.iter(), |ui, request| {
            out.extend(requests::view(ui, party, request, scene));
        });
        let codes = scene.model.pending(party.id).filter(|one| one.mail.is_none());
        section(ui, text::YOUR_CODES, codes, |ui, invitation| {
            out.extend(own::view(ui, invitation, scene));
        });
        let mailed = scene.model.pending(party.id);
        let mailed = mailed.filter_map(|one| Some((one, one.mail.as_ref()?)));
        section(ui, text::BY_MAIL, mailed, |ui, (invitation, mail)| {
            out.extend(mailed::view(ui, invitation, mail, scene));
        });
        section(ui, text::OTHERS_CODES, others(party, scene.model), |ui, delegated| {
            out.extend(others::view(ui, party, delegated, scene));
        });
    });
}

/// How many things are on the page.
pub(super) fn count(party: &PartyView, model: &Model) -> usize {
    party.requests.len() + model.pending(party.id).count() + others(party, model).count()
}

/// Whether the page is of use to this person: they may invite, or there is something to be seen.
pub(super) fn is_offered(party: &PartyView, model: &Model) -> bool {
    may_decide(party) || count(party, model) > 0
}

/// Whether this person lets people in.
pub(super) fn may_decide(party: &PartyView) -> bool {
    party.role.is_some_and(|role| role >= Role::Admin)
}

/// Delegated invitations that were made elsewhere: those of this device stand among its own.
fn others<'a>(party: &'a PartyView, model: &Model) -> impl Iterator<Item = &'a DelegatedView> + use<'a> {
    let own: BTreeSet<_> = model.pending(party.id).map(|own| own.id).collect();
    let delegated = party.delegated.iter();
    delegated.filter(move |delegated| !own.contains(&delegated.invitation))
}

/// A heading and one card for each entry, or nothing.
fn section<T>(ui: &mut Ui, title: &str, entries: impl Iterator<Item = T>, mut view: impl FnMut(&mut Ui, T)) {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return;
    }
    overline(ui, title);
    ui.add_space(-2.0);
    for (index, entry) in entries.enumerate() {
        card(ui).inner_margin(egui::Margin::symmetric(16, 12)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.push_id((title, index), |ui| view(ui, entry));
        });
    }
    ui.add_space(space::L);
}

fn nothing(ui: &mut Ui, party: &PartyView) -> Option<MainAction> {
    ui.add_space(48.0);
    empty(ui, Icon::Ticket, text::NO_INVITATIONS, text::NO_INVITATIONS_MEANS);
    ui.add_space(space::L);
    ui.vertical_centered(|ui| {
        let invite = Button::new(Kind::Secondary, text::INVITE_SOMEBODY).icon(Icon::UserPlus);
        (may_decide(party) && ui.add(invite).clicked()).then_some(MainAction::Invite(party.id))
    })
    .inner
}
