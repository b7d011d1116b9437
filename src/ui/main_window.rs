//! The window once the profile is open: parties on the left, one party on the right.

mod header;
mod invitations;
mod members;
mod notices;
mod sidebar;
mod tasks;

use std::sync::Arc;

use egui::{CentralPanel, Frame as Panel, Margin, Sense, Ui, Vec2, vec2};
use lucide_icons::Icon;

pub(crate) use self::notices::Notice;
use self::tasks::TaskList;
use super::fonts::Type;
use super::frame::Frame;
use super::model::Model;
use super::small_dialogs::Question;
use super::text;
use super::theme::space;
use super::widgets::{Button, Kind, Tone, banner, label, paint_icon, paragraph, tokens};
use crate::invitation::InvitationId;
use crate::party::PartyId;
use crate::worker::{Command, Event, PartyView, RedemptionId, RequestId};

/// Narrower than this the members stand above the tasks instead of beside them, and only when asked for. In points.
const ROOM_FOR_MEMBERS: f32 = 620.0;

/// What was clicked in the main window.
#[derive(Clone)]
pub(crate) enum MainAction {
    CreateParty,
    Join,
    Settings,
    Invite(PartyId),
    Rename(PartyId),
    Ask(Question),
    ShowInvitation(InvitationId),
    ShowRedemption(RedemptionId),
    InviteAgain(PartyId),
    Dismiss(usize),
    Send(RequestId, Command),
}

/// What the person has chosen to see, and what is half typed.
#[derive(Default)]
pub(crate) struct MainWindow {
    selected: Option<PartyId>,
    members: Members,
    tasks: TaskList,
}

/// Whether the members are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Members {
    /// Nobody has chosen: where there is room beside the tasks.
    #[default]
    WithRoom,
    Shown,
    Hidden,
}

/// Where the members are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Beside,
    Above,
    Nowhere,
}

impl Members {
    fn place(self, width: f32) -> Place {
        match (self, width > ROOM_FOR_MEMBERS) {
            (Self::WithRoom | Self::Shown, true) => Place::Beside,
            (Self::Shown, false) => Place::Above,
            (Self::WithRoom, false) | (Self::Hidden, _) => Place::Nowhere,
        }
    }

    /// The other choice than the one that is seen.
    const fn toggled(place: Place) -> Self {
        match place {
            Place::Beside | Place::Above => Self::Hidden,
            Place::Nowhere => Self::Shown,
        }
    }
}

impl MainWindow {
    pub(crate) const fn select(&mut self, party: PartyId) {
        self.selected = Some(party);
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        self.tasks.apply(event);
    }

    /// The party that is shown: the one chosen, else the first.
    fn shown<'m>(&self, model: &'m Model) -> Option<&'m Arc<PartyView>> {
        self.selected
            .and_then(|id| model.party(id))
            .or_else(|| model.parties.first())
    }

    pub(crate) fn view(
        &mut self,
        ui: &mut Ui,
        model: &Model,
        notices: &[Notice],
        frame: &Frame<'_>,
    ) -> Option<MainAction> {
        let t = tokens(ui);
        let shown = self.shown(model).map(Arc::clone);
        let clicked = sidebar::view(ui, model, shown.as_ref().map(|party| party.id));
        let mut action = match clicked {
            Some(sidebar::Clicked::Party(party)) => {
                self.selected = Some(party);
                None
            }
            Some(sidebar::Clicked::Action(action)) => Some(action),
            None => None,
        };
        let Some(party) = shown else {
            let panel = CentralPanel::no_frame().frame(Panel::new().fill(t.bg));
            let noticed = panel
                .show(ui, |ui| (notices::view(ui, model, notices), no_parties(ui)))
                .inner;
            return action.or(noticed.0).or(noticed.1);
        };
        let place = self.members.place(ui.available_width());
        match header::view(ui, &party) {
            Some(header::Clicked::ToggleMembers) => self.members = Members::toggled(place),
            Some(header::Clicked::Action(clicked)) => action = action.or(Some(clicked)),
            None => {}
        }
        if place == Place::Beside {
            action = action.or(members::view_beside(ui, &party));
        }
        let margin = Margin {
            left: 24,
            right: if place == Place::Beside { 16 } else { 24 },
            top: 24,
            bottom: 0,
        };
        let panel = CentralPanel::no_frame().frame(Panel::new().fill(t.bg).inner_margin(margin));
        let inside = panel.show(ui, |ui| {
            let noticed = notices::view(ui, model, notices);
            if party.role.is_none() {
                banner(ui, Tone::Warning, Icon::Info, text::NOT_MEMBER);
                ui.add_space(space::S);
            }
            let member = (place == Place::Above).then(|| members::view_above(ui, &party));
            let pending = invitations::view(ui, model, party.id, frame);
            noticed
                .or(member.flatten())
                .or(pending)
                .or(self.tasks.view(ui, &party, frame))
        });
        action.or(inside.inner)
    }
}

/// The first thing that a new person sees after their name.
fn no_parties(ui: &mut Ui) -> Option<MainAction> {
    let top = (ui.available_height() / 2.0 - 130.0).max(space::XL);
    ui.add_space(top);
    empty(ui, Icon::PartyPopper, text::NO_PARTIES, text::NO_PARTIES_MEANS);
    ui.add_space(space::L);
    ui.vertical_centered(|ui| {
        let size = vec2(360.0, super::theme::height::CONTROL);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        ui.allocate_ui_with_layout(size, layout, |ui| {
            let join = Button::new(Kind::Secondary, text::JOIN_WITH_CODE)
                .icon(Icon::Ticket)
                .width(176.0);
            let join = ui.add(join).clicked().then_some(MainAction::Join);
            let create = Button::new(Kind::Primary, text::CREATE_PARTY)
                .icon(Icon::Plus)
                .width(176.0);
            join.or(ui.add(create).clicked().then_some(MainAction::CreateParty))
        })
        .inner
    })
    .inner
}

/// An icon in a circle, a heading, a sentence: where there is nothing yet.
fn empty(ui: &mut Ui, icon: Icon, title: &str, sentence: &str) {
    let t = tokens(ui);
    ui.vertical_centered(|ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(56.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), 28.0, t.sunken);
        paint_icon(ui.painter(), rect.center(), 24.0, t.muted, icon);
        ui.add_space(space::S);
        label(ui, Type::Heading, t.text, title);
        let size = vec2(ui.available_width().min(400.0), 0.0);
        ui.allocate_ui_with_layout(size, egui::Layout::top_down(egui::Align::Center), |ui| {
            paragraph(ui, Type::Body, t.muted, sentence);
        });
    });
}
