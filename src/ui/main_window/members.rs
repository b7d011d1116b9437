//! The members of a party, with who is there and what they may do.

use egui::{Align, Frame as Panel, Layout, Margin, ScrollArea, Sense, Ui, UiBuilder, vec2};
use lucide_icons::Icon;

use super::MainAction;
use crate::party::Role;
use crate::ui::fonts::Type;
use crate::ui::small_dialogs::Question;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Tile, avatar, card, icon_button, label_truncated, lines, overline, pill, presence_dot, right, row, tokens,
};
use crate::worker::{MemberView, PartyView, Presence};

/// Width beside the tasks, in points.
const WIDTH: f32 = 264.0;
/// Height of what can be seen of them above the tasks, in points: three and a half, so that one sees that there are more.
const HEIGHT: f32 = 168.0;

/// At the right edge of the window.
pub(super) fn view_beside(ui: &mut Ui, party: &PartyView) -> Option<MainAction> {
    let t = tokens(ui);
    let margin = Margin {
        left: 8,
        right: 24,
        top: 24,
        bottom: 16,
    };
    egui::Panel::right("members")
        .exact_size(WIDTH)
        .resizable(false)
        .show_separator_line(false)
        .frame(Panel::new().fill(t.bg).inner_margin(margin))
        .show(ui, |ui| list(ui, party, f32::INFINITY))
        .inner
}

/// In a window that is too narrow for a column of their own.
pub(super) fn view_above(ui: &mut Ui, party: &PartyView) -> Option<MainAction> {
    let action = list(ui, party, HEIGHT);
    ui.add_space(space::M);
    action
}

fn list(ui: &mut Ui, party: &PartyView, height: f32) -> Option<MainAction> {
    let card = card(ui).inner_margin(Margin::symmetric(8, 12));
    card.show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        row(ui, 20.0, |ui| {
            ui.add_space(8.0);
            overline(ui, text::MEMBERS);
        });
        ui.add_space(space::S);
        let area = ScrollArea::vertical().id_salt("members").max_height(height);
        let rows = area.show(ui, |ui| {
            let mut action = None;
            for member in &party.members {
                action = action.or(ui.push_id(member.identity, |ui| member_row(ui, party, member)).inner);
            }
            action
        });
        rows.inner
    })
    .inner
}

fn member_row(ui: &mut Ui, party: &PartyView, member: &MemberView) -> Option<MainAction> {
    let t = tokens(ui);
    let name = member.name.as_deref().unwrap_or(text::UNNAMED);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::hover());
    let inside = UiBuilder::new()
        .max_rect(rect.shrink2(vec2(8.0, 0.0)))
        .layout(Layout::left_to_right(Align::Center));
    let mut ui = ui.new_child(inside);
    let ui = &mut ui;
    let picture = avatar(
        ui,
        32.0,
        Tile {
            id: member.identity.as_bytes(),
            name,
        },
    );
    presence_dot(ui, picture.rect, member.presence, t.surface);
    ui.add_space(space::XS);
    right(ui, |ui| {
        let removable = may_remove(party, member);
        let remove = removable && icon_button(ui, Icon::UserMinus, &text::remove_member(name)).clicked();
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            lines(ui, 36.0, |ui| {
                row(ui, 18.0, |ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    label_truncated(ui, Type::SmallStrong, t.text, name);
                });
                row(ui, 18.0, |ui| {
                    ui.spacing_mut().item_spacing.x = 6.0;
                    let presence = presence(member.presence);
                    if member.role >= Role::Admin {
                        pill(ui, text::role(member.role), t.accent_text, t.accent_soft);
                        label_truncated(ui, Type::Small, t.muted, presence);
                    } else {
                        label_truncated(
                            ui,
                            Type::Small,
                            t.muted,
                            format!("{}, {presence}", text::role(member.role)),
                        );
                    }
                });
            });
        });
        remove.then(|| {
            MainAction::Ask(Question::Remove {
                party: party.id,
                name: party.name.clone(),
                member: member.identity,
                member_name: name.to_owned(),
            })
        })
    })
}

const fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Me => text::YOU,
        Presence::Online => text::ONLINE,
        Presence::Offline(_) => text::OFFLINE,
    }
}

/// Admins and owners remove whom they outrank: a lower role, or the same role but later. Nobody outranks an owner.
fn may_remove(party: &PartyView, member: &MemberView) -> bool {
    let place = |wanted: &MemberView| party.members.iter().position(|other| other.identity == wanted.identity);
    let me = party.members.iter().find(|other| other.presence == Presence::Me);
    me.is_some_and(|me| {
        let senior = me.role == member.role && place(me) < place(member);
        me.role >= Role::Admin && member.role < Role::Owner && (me.role > member.role || senior) && me != member
    })
}
