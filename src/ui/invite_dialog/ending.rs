//! Last stage: somebody is in, or nobody will be with this code.

use egui::{Align, Layout, Ui, vec2};
use lucide_icons::Icon;

use super::{Intent, Order, Removal, refusal};
use crate::failure::{Failure, Remedy, words};
use crate::invitation::InvitationStage;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::{height, space};
use crate::ui::widgets::{Button, Entered, Kind, State, Tone, label, outcome, row, spinner, tokens};
use crate::worker::{AdmittedView, InvitationView};

/// Two buttons of one width, centred; the second is the primary one and gets the keyboard.
fn pair<A: Copy>(ui: &mut Ui, buttons: [(Button<'_>, A); 2], entered: Entered) -> Option<A> {
    const WIDTH: f32 = 150.0;
    ui.add_space(space::S);
    let size = vec2(2.0 * WIDTH + space::S, height::CONTROL);
    ui.vertical_centered(|ui| {
        ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
            let mut chosen = None;
            for (button, action) in buttons {
                let response = ui.add(button.width(WIDTH));
                if response.clicked() {
                    chosen = Some(action);
                }
                entered.focus(&response);
            }
            chosen
        })
        .inner
    })
    .inner
}

/// The PIN was right; the admission is on its way to the disk.
pub(super) fn view_admitting(ui: &mut Ui) -> Option<Intent> {
    let t = tokens(ui);
    ui.vertical_centered(|ui| {
        ui.add_space(72.0);
        spinner(ui, 28.0);
        ui.add_space(space::M);
        label(ui, Type::Heading, t.text, text::ADMITTING);
        ui.add_space(72.0);
    });
    None
}

/// A new device is this person's.
pub(super) fn view_device_added(ui: &mut Ui, name: &str, entered: Entered) -> Option<Intent> {
    outcome(
        ui,
        Tone::Good,
        Icon::Check,
        &text::device_added(name),
        text::DEVICE_ADDED_MEANS,
    );
    ui.add_space(space::S);
    let done = ui.vertical_centered(|ui| {
        let response = ui.add(Button::new(Kind::Primary, text::DONE).width(150.0));
        entered.focus(&response);
        response.clicked()
    });
    done.inner.then_some(Intent::Close)
}

/// All are in for whom the invitation was. Only now a name is proved, so only now it is shown.
pub(super) fn view_admitted(
    ui: &mut Ui,
    order: &Order,
    invitation: &InvitationView,
    party: &str,
    entered: Entered,
) -> Option<Intent> {
    let names = || invitation.admitted.iter().map(|one| one.name.as_str());
    let last = names().next_back().unwrap_or(text::UNNAMED);
    let (title, sentence) = match names().len() {
        0 | 1 => (text::joined(last, party), text::JOINED_MEANS.to_owned()),
        many => (text::all_joined(many, party), text::names(names())),
    };
    outcome(ui, Tone::Good, Icon::Check, &title, &sentence);
    let remedy = refusal::view(ui, order);
    let another = Button::new(Kind::Secondary, text::INVITE_ANOTHER);
    let done = Button::new(Kind::Primary, text::DONE);
    let chosen = pair(ui, [(another, Intent::Another), (done, Intent::Close)], entered);
    chosen.or(remedy).or(removal(ui, last))
}

/// Somebody is to be removed who has just come in: the question, and that it is done.
pub(super) fn view_removal(
    ui: &mut Ui,
    removal: &Removal,
    who: &AdmittedView,
    party: &str,
    stage: &InvitationStage,
) -> Option<Intent> {
    if let Removal::Done = removal {
        let (title, sentence) = (text::removed(&who.name, party), text::REMOVED_MEANS);
        outcome(ui, Tone::Plain, Icon::UserMinus, &title, sentence);
        let back = if matches!(stage, InvitationStage::Admitted { .. }) {
            (Button::new(Kind::Secondary, text::INVITE_ANOTHER), Intent::Another)
        } else {
            (Button::new(Kind::Secondary, text::BACK_TO_CODE), Intent::KeepMember)
        };
        let done = (Button::new(Kind::Primary, text::DONE), Intent::Close);
        return pair(ui, [back, done], Entered::Before);
    }
    let title = text::remove_question(&who.name, party);
    outcome(ui, Tone::Bad, Icon::UserMinus, &title, text::REMOVE_MEANS);
    let busy = match removal {
        Removal::Sent(_) => State::Busy,
        Removal::Asked | Removal::Done => State::Ready,
    };
    let keep = Button::new(Kind::Secondary, text::KEEP);
    let remove = Button::new(Kind::Danger, text::REMOVE).state(busy);
    let buttons = [(keep, Intent::KeepMember), (remove, Intent::Remove(who.member))];
    pair(ui, buttons, Entered::Before)
}

/// Not who was meant? The way back stands right here.
fn removal(ui: &mut Ui, name: &str) -> Option<Intent> {
    let t = tokens(ui);
    ui.add_space(space::S);
    let button = text::remove_member(name);
    let width = 420.0;
    ui.vertical_centered(|ui| {
        ui.allocate_ui(vec2(width, height::SMALL), |ui| {
            row(ui, height::SMALL, |ui| {
                let text_width = measure(ui, text::NOT_THEM) + measure(ui, &button) + 28.0;
                ui.add_space(((width - text_width) / 2.0).max(0.0));
                label(ui, Type::Small, t.muted, text::NOT_THEM);
                ui.add(Button::new(Kind::DangerGhost, &button).small())
                    .clicked()
                    .then_some(Intent::AskRemoval)
            })
        })
        .inner
    })
    .inner
}

fn measure(ui: &Ui, text: &str) -> f32 {
    let color = tokens(ui).text;
    ui.painter()
        .layout_no_wrap(text.to_owned(), Type::Small.font(), color)
        .size()
        .x
}

/// The code is of no use any more. `tone` says whether that was meant.
pub(super) fn view_over(ui: &mut Ui, tone: Tone, (title, sentence): (&str, &str), entered: Entered) -> Option<Intent> {
    outcome(ui, tone, Icon::Ban, title, sentence);
    let close = Button::new(Kind::Secondary, text::CLOSE_DIALOG);
    let another = Button::new(Kind::Primary, text::NEW_CODE);
    pair(ui, [(close, Intent::Close), (another, Intent::Another)], entered)
}

/// There never was a code.
pub(super) fn view_not_created(ui: &mut Ui, failure: &Failure) -> Option<Intent> {
    let (problem, remedy) = (words::problem(failure), words::remedy(failure));
    outcome(
        ui,
        Tone::Bad,
        Icon::CircleAlert,
        text::NO_CODE,
        &format!("{problem} {remedy}"),
    );
    let close = Button::new(Kind::Secondary, text::CLOSE_DIALOG);
    let (words, intent) = match failure.button() {
        Some(remedy @ Remedy::TryAgain) => (text::button(remedy), Intent::Create),
        _ => (text::OTHER_OPTIONS, Intent::OtherOptions),
    };
    let next = Button::new(Kind::Primary, words);
    pair(ui, [(close, Intent::Close), (next, intent)], Entered::Before)
}
