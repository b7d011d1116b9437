//! About one member: who let them in and how, their devices, their role.

use egui::{Context, Id, Ui};
use lucide_icons::Icon;

use super::{Order, Question, SmallAction};
use crate::identity::IdentityId;
use crate::party::{PartyId, Role};
use crate::ui::fonts::Type;
use crate::ui::main_window::member_name;
use crate::ui::main_window::members::{may_remove, presence, roles_for};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Dialog, Kind, Tile, Tone, avatar, footer, label, label_truncated, lines, notice_line, paragraph,
    presence_dot, row, segmented, tokens,
};
use crate::worker::{Command, Event, MemberView, PartyView};

/// One member of one party; both are in the model.
pub(crate) struct MemberDialog {
    party: PartyId,
    member: IdentityId,
    order: Order,
}

impl MemberDialog {
    pub(crate) const fn new(party: PartyId, member: IdentityId) -> Self {
        Self {
            party,
            member,
            order: Order::None,
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        self.order.apply(event);
    }

    pub(crate) fn show(&mut self, ctx: &Context, id: Id, scene: &Scene<'_>) -> Option<SmallAction> {
        let party = scene.model.party(self.party)?;
        let Some(member) = party.members.iter().find(|member| member.identity == self.member) else {
            return Some(SmallAction::Close);
        };
        let name = member.name.as_deref().unwrap_or(text::UNNAMED);
        let dialog = Dialog {
            id,
            width: 420.0,
            title: "",
            subtitle: "",
            name: &text::about_member(name),
        };
        let (action, close) = dialog.show(ctx, |ui| {
            who(ui, member, name, scene);
            ui.add_space(space::S);
            for (heading, sentences) in [
                (text::CAME_IN, came_in(party, member, scene)),
                (text::DEVICES, devices(member)),
            ] {
                let t = tokens(ui);
                label(ui, Type::SmallStrong, t.text, heading);
                for sentence in sentences {
                    ui.add_space(-6.0);
                    paragraph(ui, Type::Small, t.muted, sentence);
                }
            }
            self.role(ui, party, member, scene)
                .or_else(|| remove(ui, party, member, name))
        });
        action.or_else(|| close.map(|_| SmallAction::Close))
    }

    fn role(&mut self, ui: &mut Ui, party: &PartyView, member: &MemberView, scene: &Scene<'_>) -> Option<SmallAction> {
        let t = tokens(ui);
        label(ui, Type::SmallStrong, t.text, text::ROLE);
        let roles = roles_for(party, member);
        let mut chosen = member.role;
        if roles.len() > 1 {
            let choices: Vec<(Role, &str)> = roles.iter().map(|role| (*role, text::role(*role))).collect();
            segmented(ui, text::ROLE, &mut chosen, &choices);
        } else {
            ui.add_space(-6.0);
            paragraph(ui, Type::Small, t.muted, text::role(member.role));
        }
        if let Order::Refused(failure) = &self.order {
            notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
        } else {
            ui.add_space(-4.0);
            paragraph(ui, Type::Small, t.muted, text::role_means(member.role));
        }
        if chosen == member.role || matches!(self.order, Order::Sent(_)) {
            return None;
        }
        let request = scene.frame.requests.next();
        self.order = Order::Sent(request);
        let command = Command::ChangeRole {
            party: self.party,
            member: self.member,
            role: chosen,
        };
        Some(SmallAction::Send(request, command))
    }
}

fn who(ui: &mut Ui, member: &MemberView, name: &str, scene: &Scene<'_>) {
    let t = tokens(ui);
    row(ui, 48.0, |ui| {
        let id = member.identity.as_bytes();
        let picture = avatar(ui, 48.0, Tile { id, name });
        presence_dot(ui, picture.rect, member.presence, t.raised);
        ui.add_space(space::XS);
        lines(ui, 48.0, |ui| {
            label_truncated(ui, Type::Title, t.text, name);
            label(ui, Type::Small, t.muted, presence(ui, member.presence, scene));
        });
    });
}

fn came_in(party: &PartyView, member: &MemberView, scene: &Scene<'_>) -> Vec<String> {
    let when = text::moment(&scene.calendar.local(member.since), scene.today());
    let Some(by) = member.admitted_by else {
        return vec![format!("{}, {when}", text::FOUNDED)];
    };
    let known = party.members.iter().any(|other| other.identity == by);
    let by = if known { member_name(party, by) } else { text::SOMEBODY };
    let mut sentences = vec![text::let_in(by, &when, member.how)];
    sentences.extend(member.invitation.map(|id| text::invitation(&id.to_string())));
    sentences
}

fn devices(member: &MemberView) -> Vec<String> {
    let keys = member.devices.iter().map(|device| device.endpoint.short());
    let mut sentences = vec![text::devices(member.devices.len())];
    sentences.extend(keys);
    sentences
}

fn remove(ui: &mut Ui, party: &PartyView, member: &MemberView, name: &str) -> Option<SmallAction> {
    if !may_remove(party, member) {
        return None;
    }
    let label = text::remove_member(name);
    let clicked = footer(
        ui,
        |ui| {
            let button = Button::new(Kind::DangerGhost, &label).icon(Icon::UserMinus).flush();
            ui.add(button).clicked()
        },
        |_| (),
    )
    .0;
    clicked.then(|| {
        SmallAction::Ask(Question::Remove {
            party: party.id,
            name: party.name.clone(),
            member: member.identity,
            member_name: name.to_owned(),
        })
    })
}
