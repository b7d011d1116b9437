//! Second stage: the code, as a picture and as text.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Label, Ui, WidgetInfo};
use lucide_icons::Icon;
use zeroize::Zeroizing;

use super::{Copied, Intent, Live, Order, STAGE_HEIGHT, nearby, newcomers, refusal};
use crate::invitation::{CodeKind, InvitationStage};
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, State, countdown, footer, icon, label, qr_button, rich, right, strip, tokens, waiting_dot,
    well,
};
use crate::worker::InvitationView;

/// Side of the QR card and height of the column beside it, in points.
const CARD: f32 = 248.0;
/// How long a button says "Copied".
const COPIED_FOR: Duration = Duration::from_secs(2);

/// The code.
pub(super) fn view(ui: &mut Ui, live: &Live, now: Timestamp, entered: Entered) -> Option<Intent> {
    let top = ui.cursor().top();
    let (large, copied) = ui
        .horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::XL;
            let large = live
                .qr
                .as_ref()
                .is_some_and(|qr| qr_button(ui, qr, CARD, text::SHOW_QR_LARGE).clicked());
            let copied = ui.vertical(|ui| code_column(ui, live, now, entered)).inner;
            (large, copied)
        })
        .inner;
    ui.add_space(space::S);
    let invitation = &*live.invitation;
    let remedy = refusal::view(ui, &live.order);
    if !matches!(live.order, Order::Refused(..)) {
        status(ui, invitation, now);
    }
    let switched = if invitation.code.kind() == CodeKind::Interactive {
        ui.add_space(space::XS);
        nearby::view(ui, &live.order, invitation.nearby.as_deref())
    } else {
        None
    };
    let removal = newcomers::view_removable(ui, invitation);
    let height = STAGE_HEIGHT + newcomers::height(invitation);
    ui.add_space((top + height - ui.cursor().top()).max(0.0));
    let busy = if matches!(live.order, Order::Sent(..)) {
        State::Disabled
    } else {
        State::Ready
    };
    let (revoke, keep) = footer(
        ui,
        |ui| {
            ui.add(Button::new(Kind::DangerGhost, text::REVOKE_CODE).flush().state(busy))
                .clicked()
        },
        |ui| {
            let keep = ui.add(Button::new(Kind::Secondary, text::KEEP_IN_BACKGROUND)).clicked();
            let why = ui.add(Button::new(Kind::Ghost, text::WHY_NOT)).clicked();
            keep.then_some(Intent::Close).or(why.then_some(Intent::Explain))
        },
    );
    copied
        .or(remedy)
        .or(removal)
        .or(large.then_some(Intent::ShowLarge))
        .or(switched)
        .or(revoke.then_some(Intent::Revoke))
        .or(keep)
}

fn code_column(ui: &mut Ui, live: &Live, now: Timestamp, entered: Entered) -> Option<Intent> {
    let t = tokens(ui);
    ui.spacing_mut().item_spacing.x = space::S;
    label(ui, Type::SmallStrong, t.text, text::INVITE_CODE);
    well(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.set_height(CARD - 90.0);
        let code = live.invitation.code.to_text();
        let grouped = rich(Type::Mono, t.text, groups_of_five(&code).as_str()).line_height(Some(19.5));
        let shown = ui.add(Label::new(grouped).wrap());
        shown.widget_info(|| WidgetInfo::labeled(Role::Label, true, text::code_label(&code)));
    });
    let mut intent = None;
    ui.horizontal(|ui| {
        let width = (ui.available_width() - space::S) / 2.0;
        for (what, kind, icon, words) in [
            (Copied::Code, Kind::Primary, Icon::Copy, text::COPY_CODE),
            (Copied::Link, Kind::Secondary, Icon::Link2, text::COPY_LINK),
        ] {
            let fresh = live
                .copied
                .is_some_and(|(last, at)| last == what && now.since(at) < COPIED_FOR);
            let (icon, words) = if fresh {
                (Icon::Check, text::COPIED)
            } else {
                (icon, words)
            };
            let response = ui.add(Button::new(kind, words).icon(icon).width(width));
            if what == Copied::Code {
                entered.focus(&response);
            }
            if response.clicked() {
                ui.ctx().request_repaint_after(COPIED_FOR);
                intent = Some(Intent::Copy(what));
            }
        }
    });
    intent
}

/// For the eye: groups of five. What is copied is plain.
fn groups_of_five(code: &str) -> Zeroizing<String> {
    let mut grouped = Zeroizing::new(String::with_capacity(code.len() + code.len() / 5));
    for (index, character) in code.chars().enumerate() {
        if index > 0 && index % 5 == 0 {
            grouped.push(' ');
        }
        grouped.push(character);
    }
    grouped
}

fn status(ui: &mut Ui, invitation: &InvitationView, now: Timestamp) {
    let t = tokens(ui);
    strip(ui, |ui| {
        let status = match &invitation.stage {
            InvitationStage::OnlyHere => {
                icon(ui, 16.0, t.warning, Icon::TriangleAlert);
                text::ONLY_HERE_MEANS.to_owned()
            }
            InvitationStage::OfflineReady { devices } => {
                icon(ui, 16.0, t.success, Icon::CircleCheck);
                text::offline_ready(*devices)
            }
            stage => {
                waiting_dot(ui, now);
                text::code_status(stage, invitation.wrong_pins)
            }
        };
        let response = label(ui, Type::Small, t.text, status);
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_live(egui::accesskit::Live::Polite);
        });
        right(ui, |ui| {
            let total = invitation.created.until(invitation.expires);
            countdown(ui, now, invitation.expires, total, text::EXPIRES_IN);
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_shown_in_groups_of_five() {
        assert_eq!(groups_of_five("party1abcdef").as_str(), "party 1abcd ef");
        assert_eq!(groups_of_five("party").as_str(), "party");
    }
}
