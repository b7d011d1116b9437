//! Below the code: the invitations that are heard in the local network, each by its two words.

use std::sync::Arc;

use egui::{Ui, vec2};
use lucide_icons::Icon;

use super::Intent;
use crate::invitation::nearby::Sightings;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::{height, space};
use crate::ui::widgets::{Button, Kind, State, Tone, label, notice_line, paragraph, tokens};

/// Room for two rows of words and a line, so that what is heard moves no button.
const HEIGHT: f32 = 2.0 * (height::SMALL + space::XS) + 22.0;

/// What is heard. A click picks one; words that two devices show cannot be picked.
pub(super) fn view(ui: &mut Ui, heard: &Sightings) -> Option<Intent> {
    let t = tokens(ui);
    label(ui, Type::SmallStrong, t.text, text::NEARBY);
    paragraph(ui, Type::Small, t.muted, text::NEARBY_HELP);
    let size = vec2(ui.available_width(), HEIGHT);
    ui.allocate_ui_with_layout(size, egui::Layout::top_down(egui::Align::Min), |ui| {
        ui.set_min_height(HEIGHT);
        rows(ui, heard)
    })
    .inner
}

fn rows(ui: &mut Ui, heard: &Sightings) -> Option<Intent> {
    let t = tokens(ui);
    if heard.shown().is_empty() {
        label(ui, Type::Small, t.muted, text::NOBODY_NEARBY);
        return None;
    }
    let mut picked = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::S, space::XS);
        for one in heard.shown() {
            let words = one.label().to_string();
            let state = State::from(!heard.is_ambiguous(one.label()));
            let name = text::pick_nearby(&words);
            let button = Button::new(Kind::Secondary, &words).icon(Icon::Radio).small();
            if ui.add(button.state(state).named(&name)).clicked() {
                picked = Some(Intent::PickNearby(Arc::new(one.clone())));
            }
        }
    });
    let twins = heard.shown().iter().any(|one| heard.is_ambiguous(one.label()));
    if twins {
        notice_line(ui, Tone::Warning, Icon::TriangleAlert, text::NEARBY_TWINS);
    } else if heard.left_out() > 0 {
        notice_line(
            ui,
            Tone::Warning,
            Icon::TriangleAlert,
            &text::nearby_left_out(heard.left_out()),
        );
    }
    picked
}
