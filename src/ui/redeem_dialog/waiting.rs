//! What is shown while the inviter's device is sought, and while the admission is under way.

use egui::Ui;
use lucide_icons::Icon;

use super::Intent;
use super::live::Welcome;
use super::relay::LeftOut;
use crate::invitation::Flags;
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Kind, Tone, banner, footer, label, paragraph, spinner, strip, tokens, waiting_dot};

/// A strip that says what goes on, a sentence that says what the person can do.
fn waiting(ui: &mut Ui, now: Timestamp, status: &str, sentence: &str) {
    let t = tokens(ui);
    strip(ui, |ui| {
        waiting_dot(ui, now);
        label(ui, Type::Small, t.text, status);
    });
    paragraph(ui, Type::Small, t.muted, sentence);
}

fn cancel(ui: &mut Ui) -> Option<Intent> {
    let (_, cancel) = footer(
        ui,
        |_| (),
        |ui| ui.add(Button::new(Kind::Secondary, text::CANCEL)).clicked(),
    );
    cancel.then_some(Intent::Cancel)
}

/// The way to the facts.
pub(super) fn why(ui: &mut Ui) -> Option<Intent> {
    let button = Button::new(Kind::Ghost, text::WHY_NOT).flush();
    ui.add(button).clicked().then_some(Intent::Explain)
}

/// The inviter's device is being reached.
pub(super) fn view_connecting(ui: &mut Ui, now: Timestamp, failed_tries: u32, left_out: &LeftOut) -> Option<Intent> {
    waiting(ui, now, &text::connecting(failed_tries), text::INVITER_MUST_BE_OPEN);
    let relay = left_out.view(ui);
    let (why, cancel) = footer(ui, why, |ui| {
        ui.add(Button::new(Kind::Secondary, text::CANCEL)).clicked()
    });
    relay.or(why).or(cancel.then_some(Intent::Cancel))
}

/// Two minutes of tries have failed.
pub(super) fn view_offline(ui: &mut Ui, now: Timestamp, left_out: &LeftOut) -> Option<Intent> {
    let t = tokens(ui);
    banner(ui, Tone::Warning, Icon::WifiOff, text::INVITER_OFFLINE);
    strip(ui, |ui| {
        waiting_dot(ui, now);
        label(ui, Type::Small, t.text, text::KEEPS_TRYING);
    });
    let relay = left_out.view(ui);
    let (why, intent) = footer(ui, why, |ui| {
        let now = ui
            .add(Button::new(Kind::Primary, text::TRY_NOW).icon(Icon::RefreshCw))
            .clicked();
        let cancel = ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked();
        if now {
            Some(Intent::TryNow)
        } else {
            cancel.then_some(Intent::Cancel)
        }
    });
    relay.or(why).or(intent)
}

/// Another device is using the code: others who were invited, too, if it is a code for several people.
pub(super) fn view_queued(ui: &mut Ui, now: Timestamp, position: u8, flags: Flags) -> Option<Intent> {
    if flags.contains(Flags::MULTI_USE) {
        waiting(ui, now, &text::queued(position), text::IN_LINE);
        return cancel(ui);
    }
    banner(ui, Tone::Warning, Icon::TriangleAlert, text::ANOTHER_USES_CODE);
    waiting(ui, now, &text::queued(position), text::QUEUED_MEANS);
    cancel(ui)
}

/// The PIN was right; the admission is under way.
pub(super) fn view_joining(ui: &mut Ui, welcome: Option<&Welcome>) -> Option<Intent> {
    let sentence = welcome.map(|welcome| text::let_in_by(&welcome.inviter, welcome.role));
    under_way(
        ui,
        &text::joining(welcome.map(|welcome| welcome.party.as_str())),
        sentence.as_deref(),
    );
    None
}

/// The PIN was right; this device becomes one of a person's.
pub(super) fn view_pairing(ui: &mut Ui, person: &str, device: &str) -> Option<Intent> {
    under_way(ui, &text::pairing(person), Some(&text::paired_by(device)));
    None
}

/// A spinner with what it stands for.
fn under_way(ui: &mut Ui, heading: &str, sentence: Option<&str>) {
    let t = tokens(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(48.0);
        spinner(ui, 28.0);
        ui.add_space(space::M);
        label(ui, Type::Heading, t.text, heading);
        if let Some(sentence) = sentence {
            label(ui, Type::Body, t.muted, sentence);
        }
        ui.add_space(48.0);
    });
}
