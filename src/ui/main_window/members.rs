//! The members of a party, with who is there and what they may do.

use std::time::Duration;

use egui::accesskit::Role as Access;
use egui::{Align, CursorIcon, Frame as Panel, Layout, Margin, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, vec2};

use super::MainAction;
use crate::party::Role;
use crate::ui::fonts::Type;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{
    Tile, avatar, card, focus_ring, label_truncated, lines, overline, pill, presence_dot, right, row, tokens,
};
use crate::worker::{MemberView, PartyView, Presence};

/// Width beside the tasks, in points.
const WIDTH: f32 = 264.0;
/// Height of what can be seen of them above the tasks, in points: three and a half, so that one sees that there are more.
const HEIGHT: f32 = 168.0;

/// At the right edge of the window.
pub(super) fn view_beside(ui: &mut Ui, party: &PartyView, scene: &Scene<'_>) -> Option<MainAction> {
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
        .show(ui, |ui| list(ui, party, f32::INFINITY, scene))
        .inner
}

/// In a window that is too narrow for a column of their own.
pub(super) fn view_above(ui: &mut Ui, party: &PartyView, scene: &Scene<'_>) -> Option<MainAction> {
    let action = list(ui, party, HEIGHT, scene);
    ui.add_space(space::M);
    action
}

fn list(ui: &mut Ui, party: &PartyView, height: f32, scene: &Scene<'_>) -> Option<MainAction> {
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
                action = action.or(ui
                    .push_id(member.identity, |ui| member_row(ui, party, member, scene))
                    .inner);
            }
            action
        });
        rows.inner
    })
    .inner
}

fn member_row(ui: &mut Ui, party: &PartyView, member: &MemberView, scene: &Scene<'_>) -> Option<MainAction> {
    let t = tokens(ui);
    let name = member.name.as_deref().unwrap_or(text::UNNAMED);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Access::Button, true, text::about_member(name)));
    if response.hovered() {
        ui.painter().rect_filled(rect, radius::CONTROL, t.hover);
    }
    if response.has_focus() {
        focus_ring(ui, rect.shrink(2.0), radius::CONTROL);
    }
    let ground = if response.hovered() { t.hover } else { t.surface };
    let inside = UiBuilder::new()
        .max_rect(rect.shrink2(vec2(8.0, 0.0)))
        .layout(Layout::left_to_right(Align::Center));
    let mut ui = ui.new_child(inside);
    let ui = &mut ui;
    let id = member.identity.as_bytes();
    let picture = avatar(ui, 32.0, Tile { id, name });
    presence_dot(ui, picture.rect, member.presence, ground);
    ui.add_space(space::XS);
    lines(ui, 36.0, |ui| {
        row(ui, 18.0, |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let pilled = (member.role != Role::Editor).then(|| text::role(member.role));
            right(ui, |ui| {
                if let Some(role) = pilled {
                    pill(ui, role, t.accent_text, t.accent_soft);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    label_truncated(ui, Type::SmallStrong, t.text, name);
                });
            });
        });
        label_truncated(ui, Type::Small, t.muted, presence(ui, member.presence, scene));
    });
    let clicked = response.on_hover_cursor(CursorIcon::PointingHand).clicked();
    clicked.then_some(MainAction::ShowMember(party.id, member.identity))
}

/// Whether somebody is there, and when they were if not. The window is drawn again when that reads differently.
pub(crate) fn presence(ui: &Ui, presence: Presence, scene: &Scene<'_>) -> String {
    match presence {
        Presence::Me => text::YOU_HERE.to_owned(),
        Presence::Online => text::PRESENT.to_owned(),
        Presence::Offline(None) => text::NEVER_SEEN.to_owned(),
        Presence::Offline(Some(at)) => {
            let ago = scene.now().since(at);
            if ago < Duration::from_secs(3600) {
                let next = 60 - ago.as_secs() % 60;
                ui.ctx().request_repaint_after(Duration::from_secs(next));
            }
            text::seen(&scene.calendar.local(at), ago, scene.today())
        }
    }
}

/// The roles that the person at this machine may give a member instead of the one they have; that one among them.
/// Nobody but an owner makes owners, and nobody changes an owner's role or their own.
pub(crate) fn roles_for(party: &PartyView, member: &MemberView) -> Vec<Role> {
    let roles = [Role::Reader, Role::Editor, Role::Admin, Role::Owner];
    let mine = party.role.filter(|_| may_remove(party, member));
    let may = |role: &Role| mine.is_some_and(|mine| *role <= mine);
    roles.into_iter().filter(may).collect()
}

/// Admins and owners remove whom they outrank: a lower role, or the same role but later. Nobody outranks an owner.
pub(crate) fn may_remove(party: &PartyView, member: &MemberView) -> bool {
    let place = |wanted: &MemberView| party.members.iter().position(|other| other.identity == wanted.identity);
    let me = party.members.iter().find(|other| other.presence == Presence::Me);
    me.is_some_and(|me| {
        let senior = me.role == member.role && place(me) < place(member);
        me.role >= Role::Admin && member.role < Role::Owner && (me.role > member.role || senior) && me != member
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::identity::IdentityId;
    use crate::party::PartyId;
    use crate::time::Timestamp;
    use crate::worker::{PartyHealth, SyncView, UnreadView};

    fn member(byte: u8, role: Role, presence: Presence) -> MemberView {
        let since = Timestamp::from_millis(u64::from(byte));
        MemberView {
            identity: IdentityId::from_bytes([byte; 32]),
            name: None,
            role,
            admitted_by: None,
            since,
            how: None,
            invitation: None,
            devices: Vec::new(),
            presence,
        }
    }

    fn removable(me: usize, roles: &[Role]) -> Vec<usize> {
        let presence = |index| if index == me { Presence::Me } else { Presence::Online };
        let members: Vec<_> = roles
            .iter()
            .enumerate()
            .map(|(index, role)| member(index as u8, *role, presence(index)))
            .collect();
        let party = PartyView {
            id: PartyId::from_bytes([0; 32]),
            name: String::new(),
            role: None,
            members: members.clone(),
            tasks: Arc::default(),
            notes: Arc::default(),
            messages: Arc::default(),
            files: Arc::default(),
            deleted: Arc::default(),
            requests: Arc::default(),
            delegated: Arc::default(),
            unread: UnreadView::default(),
            health: PartyHealth::Whole,
            sync: SyncView::default(),
        };
        (0..members.len())
            .filter(|index| may_remove(&party, &members[*index]))
            .collect()
    }

    #[test]
    fn one_removes_whom_one_outranks() {
        let roles = [Role::Owner, Role::Admin, Role::Admin, Role::Editor];
        assert_eq!(removable(0, &roles), [1, 2, 3]);
        assert_eq!(removable(1, &roles), [2, 3]);
        assert_eq!(removable(2, &roles), [3]);
        assert_eq!(removable(3, &roles), [0_usize; 0]);
    }
}
