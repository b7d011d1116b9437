//! The left side: the mark, the parties, joining, the own profile.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Align, UiBuilder, WidgetInfo, pos2, vec2};
use egui::{Color32, CursorIcon, Frame as Panel, Layout, Margin, Rect, Response, ScrollArea, Sense, Stroke, Ui, Vec2};
use lucide_icons::Icon;

use super::{MainAction, first_name, invitations, member_name, one_line};
use crate::party::PartyId;
use crate::ui::fonts::{self, Type};
use crate::ui::model::{Condition, Model};
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{
    Button, Kind, Tile, avatar, icon_button, label, label_truncated, lines, overline, paint_icon, presence_dot, right,
    row, tile, tokens,
};
use crate::worker::{PartyView, Presence, ProfileView};

/// Width of the sidebar, in points.
const WIDTH: f32 = 256.0;

/// What was clicked in the sidebar.
pub(super) enum Clicked {
    Party(PartyId),
    Action(MainAction),
}

pub(super) fn view(ui: &mut Ui, model: &Model, shown: Option<PartyId>) -> Option<Clicked> {
    let t = tokens(ui);
    let margin = Margin {
        left: 12,
        right: 12,
        top: 16,
        bottom: 12,
    };
    egui::Panel::left("sidebar")
        .exact_size(WIDTH)
        .resizable(false)
        .show_separator_line(false)
        .frame(Panel::new().fill(t.sidebar).inner_margin(margin))
        .show(ui, |ui| {
            let edge = ui.max_rect().expand2(vec2(12.0, 16.0));
            ui.painter()
                .vline(edge.right() - 0.5, edge.y_range(), Stroke::new(1.0, t.border));
            ui.spacing_mut().item_spacing.y = 0.0;
            let search = mark(ui);
            ui.add_space(space::L);
            let mut clicked = search.or(parties_heading(ui));
            ui.add_space(space::XS);
            let foot = if model.parties.is_empty() { 72.0 } else { 132.0 };
            let height = (ui.available_height() - foot).max(60.0);
            let list = ScrollArea::vertical()
                .max_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    let mut clicked = None;
                    for party in &model.parties {
                        let response = ui.push_id(party.id, |ui| party_row(ui, party, shown)).inner;
                        if response.clicked() {
                            clicked = Some(Clicked::Party(party.id));
                        }
                        ui.add_space(2.0);
                    }
                    clicked
                });
            clicked = clicked.or(list.inner);
            ui.with_layout(Layout::bottom_up(Align::Min), |ui| clicked.or(foot_rows(ui, model)))
                .inner
        })
        .inner
}

fn mark(ui: &mut Ui) -> Option<Clicked> {
    let t = tokens(ui);
    row(ui, 32.0, |ui| {
        ui.add_space(8.0);
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(24.0), Sense::hover());
        ui.painter().rect_filled(rect, 7, t.accent);
        paint_icon(ui.painter(), rect.center(), 15.0, t.on_accent, Icon::PartyPopper);
        label(ui, Type::Heading, t.text, text::APP);
        right(ui, |ui| icon_button(ui, Icon::Search, text::SEARCH).clicked())
    })
    .then_some(Clicked::Action(MainAction::Search))
}

fn parties_heading(ui: &mut Ui) -> Option<Clicked> {
    row(ui, 32.0, |ui| {
        ui.add_space(8.0);
        overline(ui, text::PARTIES);
        right(ui, |ui| icon_button(ui, Icon::Plus, text::NEW_PARTY).clicked())
    })
    .then_some(Clicked::Action(MainAction::CreateParty))
}

/// From the bottom up: the own profile, and joining (which the empty state offers in the middle instead).
fn foot_rows(ui: &mut Ui, model: &Model) -> Option<Clicked> {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.y = 0.0;
    let settings = profile_row(ui, model);
    ui.add_space(space::M);
    let (line, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter()
        .hline(line.x_range(), line.center().y, Stroke::new(1.0, t.border));
    ui.add_space(space::M);
    let join = Button::new(Kind::Secondary, text::JOIN_WITH_CODE)
        .icon(Icon::Ticket)
        .full();
    let join = !model.parties.is_empty() && ui.add(join).clicked();
    settings.or(join.then_some(Clicked::Action(MainAction::Join)))
}

fn profile_row(ui: &mut Ui, model: &Model) -> Option<Clicked> {
    let t = tokens(ui);
    let Condition::Profile(ProfileView::Open { name, identity, .. }) = &model.condition else {
        return None;
    };
    row(ui, 44.0, |ui| {
        ui.add_space(8.0);
        let picture = avatar(
            ui,
            32.0,
            Tile {
                id: identity.as_bytes(),
                name,
            },
        );
        presence_dot(ui, picture.rect, Presence::Me, t.sidebar);
        ui.add_space(2.0);
        right(ui, |ui| {
            let settings = icon_button(ui, Icon::Settings, text::SETTINGS).clicked();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                lines(ui, 36.0, |ui| {
                    label_truncated(ui, Type::SmallStrong, t.text, name);
                    label_truncated(ui, Type::Small, t.muted, text::peers(model.network.peers));
                });
            });
            settings
        })
    })
    .then_some(Clicked::Action(MainAction::Settings))
}

fn party_row(ui: &mut Ui, party: &PartyView, shown: Option<PartyId>) -> Response {
    let (t, selected) = (tokens(ui), shown == Some(party.id));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 52.0), Sense::click());
    let requests = waiting(party);
    let label = text::party_row_waiting(&text::party_row(&party.name, party.unread.messages), requests);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, selected, label.clone()));
    let fill = match (selected, response.hovered()) {
        (true, _) => t.active,
        (false, true) => t.hover,
        (false, false) => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, radius::ROW, fill);
    let square = Rect::from_min_size(pos2(rect.left() + 8.0, rect.center().y - 18.0), Vec2::splat(36.0));
    let mut child = ui.new_child(UiBuilder::new().max_rect(square));
    tile(
        &mut child,
        36.0,
        Tile {
            id: party.id.as_bytes(),
            name: &party.name,
        },
    );
    let left = square.right() + 12.0;
    let mut edge = rect.right() - 10.0;
    for (count, fill, front) in [
        (party.unread.messages, t.accent, t.on_accent),
        (requests, t.warning_soft, t.warning),
    ] {
        if count > 0 {
            edge = badge(ui, pos2(edge, rect.center().y), count, fill, front) - 8.0;
        }
    }
    let line = |text: &str, kind: Type, color: Color32| {
        let mut job = LayoutJob::simple_singleline(text.to_owned(), kind.font(), color);
        job.wrap = TextWrapping::truncate_at_width(edge - left);
        ui.painter().layout_job(job)
    };
    ui.painter().galley(
        pos2(left, rect.top() + 8.0),
        line(&party.name, Type::Strong, t.text),
        t.text,
    );
    ui.painter().galley(
        pos2(left, rect.top() + 27.0),
        line(&last_event(party), Type::Small, t.muted),
        t.muted,
    );
    if response.has_focus() {
        let ring = Stroke::new(2.0, t.focus);
        ui.painter()
            .rect_stroke(rect.shrink(1.0), radius::ROW, ring, egui::StrokeKind::Inside);
    }
    response.on_hover_cursor(CursorIcon::PointingHand)
}

/// How many wait for a decision of this person.
fn waiting(party: &PartyView) -> usize {
    if invitations::may_decide(party) {
        party.requests.len()
    } else {
        0
    }
}

/// How many are new, at the right end of a row. Gives its left edge.
fn badge(ui: &Ui, right: egui::Pos2, count: usize, fill: Color32, front: Color32) -> f32 {
    let number = if count > 99 {
        "99+".to_owned()
    } else {
        count.to_string()
    };
    let galley = ui.painter().layout_no_wrap(number, fonts::semibold(11.0), front);
    let size = vec2((galley.size().x + 12.0).max(20.0), 20.0);
    let rect = Rect::from_min_size(right - vec2(size.x, size.y / 2.0), size);
    ui.painter().rect_filled(rect, 10, fill);
    let offset = rect.center() - galley.mesh_bounds.center();
    ui.painter().galley(egui::Pos2::ZERO + offset, galley, front);
    rect.left()
}

/// What was said last, or what there is to do.
fn last_event(party: &PartyView) -> String {
    party.messages.last().map_or_else(
        || text::tasks_left(party.tasks.iter().filter(|task| !task.done).count()),
        |message| text::said(first_name(member_name(party, message.author)), &one_line(&message.text)),
    )
}
