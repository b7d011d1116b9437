//! What stands before the main window: opening, first start, unlocking, and what can go wrong with them.

use egui::{Align, CentralPanel, Frame as Panel, Id, Key, Layout, Sense, Ui, Vec2, vec2};
use lucide_icons::Icon;
use zeroize::Zeroizing;

use super::fonts::Type;
use super::frame::Frame;
use super::model::Condition;
use super::small_dialogs::MAX_NAME;
use super::text;
use super::theme::space;
use super::widgets::{
    Button, Entrance, Kind, State, Tone, banner, card, field, label, line_edit, notice_line, outcome, paint_icon,
    paragraph, row, segmented, spinner, tokens,
};
use crate::failure::{Failure, words};
use crate::worker::{Command, Event, KeyringView, Passphrase, ProfileView, Protection, RequestId};

/// Width of the card, in points.
const WIDTH: f32 = 400.0;
/// The shortest passphrase, in characters.
const MIN_PASSPHRASE: usize = 8;

/// How the person protects the profile where there is no keyring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Choice {
    #[default]
    Passphrase,
    Unprotected,
}

/// The screens before the main window.
#[derive(Default)]
pub(crate) struct Onboarding {
    name: String,
    choice: Choice,
    passphrase: Zeroizing<String>,
    again: Zeroizing<String>,
    order: Order,
    entrance: Entrance,
}

#[derive(Default)]
enum Order {
    #[default]
    None,
    Sent(RequestId),
    Refused(Failure),
}

impl Onboarding {
    pub(crate) fn apply(&mut self, event: &Event) {
        let Order::Sent(asked) = self.order else { return };
        match event {
            Event::ProfileChanged {
                request: Some(request), ..
            } if *request == asked => *self = Self::default(),
            Event::Failed {
                request: Some(request),
                failure,
            } if *request == asked => {
                self.order = Order::Refused(failure.clone());
                self.entrance.again();
            }
            _ => {}
        }
    }

    /// Draws the screen that the condition calls for; gives the command that the person's answer is.
    pub(crate) fn view(
        &mut self,
        ui: &mut Ui,
        id: Id,
        condition: &Condition,
        frame: &Frame<'_>,
    ) -> Option<(RequestId, Command)> {
        let t = tokens(ui);
        let panel = CentralPanel::no_frame().frame(Panel::new().fill(t.sidebar));
        let command = panel
            .show(ui, |ui| in_the_middle(ui, id, |ui| self.screen(ui, id, condition)))
            .inner;
        command.map(|command| {
            let request = frame.requests.next();
            self.order = Order::Sent(request);
            (request, command)
        })
    }

    fn screen(&mut self, ui: &mut Ui, id: Id, condition: &Condition) -> Option<Command> {
        match condition {
            Condition::Opening => opening(ui),
            Condition::Closed(failure) => {
                outcome(
                    ui,
                    Tone::Bad,
                    Icon::CircleAlert,
                    text::CANNOT_OPEN,
                    &text::both(failure),
                );
                None
            }
            Condition::Stopped => {
                outcome(ui, Tone::Bad, Icon::CircleAlert, text::STOPPED, text::STOPPED_MEANS);
                None
            }
            Condition::Profile(ProfileView::New { keyring }) => self.first_start(ui, id, *keyring),
            Condition::Profile(ProfileView::Locked) => self.locked(ui, id),
            Condition::Profile(ProfileView::KeyringSilent { failure }) => self.keyring_silent(ui, failure),
            Condition::Profile(ProfileView::Open { .. }) => None,
        }
    }

    fn busy(&self) -> bool {
        matches!(self.order, Order::Sent(_))
    }

    fn first_start(&mut self, ui: &mut Ui, id: Id, keyring: KeyringView) -> Option<Command> {
        heading(ui, text::WELCOME, text::WELCOME_MEANS);
        let busy = self.busy();
        let name = ui
            .add_enabled_ui(!busy, |ui| {
                field(ui, text::YOUR_NAME, |ui| {
                    ui.add(
                        line_edit(&mut self.name, text::YOUR_NAME_HINT)
                            .id(id.with("name"))
                            .char_limit(MAX_NAME),
                    )
                })
            })
            .inner;
        self.entrance.stage("name").focus(&name);
        let mut enter = name.lost_focus();
        if keyring == KeyringView::Unavailable {
            ui.add_space(space::S);
            enter |= self.protection(ui, id);
        }
        self.refusal(ui);
        let good = !self.name.trim().is_empty() && self.name.trim().len() <= MAX_NAME;
        let protected =
            keyring == KeyringView::Available || self.choice == Choice::Unprotected || self.passphrase_good();
        let words = if busy { text::STARTING } else { text::START };
        let state = if busy {
            State::Busy
        } else {
            State::from(good && protected)
        };
        let pressed = primary(ui, words, Icon::ArrowRight, state);
        let enter = enter && ui.input(|input| input.key_pressed(Key::Enter));
        ((pressed || enter) && good && protected && !busy).then(|| Command::CreateProfile {
            name: self.name.trim().to_owned(),
            protection: match (keyring, self.choice) {
                (KeyringView::Available, _) => Protection::Keyring,
                (KeyringView::Unavailable, Choice::Passphrase) => {
                    Protection::Passphrase(Passphrase::new(self.passphrase.clone()))
                }
                (KeyringView::Unavailable, Choice::Unprotected) => Protection::Unprotected,
            },
        })
    }

    fn passphrase_good(&self) -> bool {
        self.passphrase.chars().count() >= MIN_PASSPHRASE && *self.passphrase == *self.again
    }

    /// Passphrase twice, or the explicit choice to do without. True when Enter may have been pressed in a field.
    fn protection(&mut self, ui: &mut Ui, id: Id) -> bool {
        let t = tokens(ui);
        paragraph(ui, Type::Small, t.muted, text::NO_KEYRING);
        label(ui, Type::SmallStrong, t.text, text::PROTECTION);
        let choices = [
            (Choice::Passphrase, text::WITH_PASSPHRASE),
            (Choice::Unprotected, text::WITHOUT),
        ];
        segmented(ui, text::PROTECTION, &mut self.choice, &choices);
        ui.add_space(space::XS);
        if self.choice == Choice::Unprotected {
            banner(ui, Tone::Warning, Icon::TriangleAlert, text::UNPROTECTED_MEANS);
            return false;
        }
        let first = secret_field(
            ui,
            text::PASSPHRASE,
            text::PASSPHRASE_HINT,
            id.with("passphrase"),
            &mut self.passphrase,
        );
        let second = secret_field(ui, text::PASSPHRASE_AGAIN, "", id.with("again"), &mut self.again);
        let length = self.passphrase.chars().count();
        if length > 0 && length < MIN_PASSPHRASE {
            notice_line(ui, Tone::Warning, Icon::Info, text::PASSPHRASE_SHORT);
        } else if !self.again.is_empty() && *self.passphrase != *self.again {
            notice_line(ui, Tone::Warning, Icon::Info, text::PASSPHRASES_DIFFER);
        } else {
            row(ui, 18.0, |ui| label(ui, Type::Small, t.muted, text::PASSPHRASE_GOOD));
        }
        first.lost_focus() || second.lost_focus()
    }

    fn locked(&mut self, ui: &mut Ui, id: Id) -> Option<Command> {
        heading(ui, text::WELCOME_BACK, text::UNLOCK_MEANS);
        let busy = self.busy();
        let response = secret_field(ui, text::PASSPHRASE, "", id.with("passphrase"), &mut self.passphrase);
        self.entrance.stage("unlock").focus(&response);
        let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        self.refusal(ui);
        let good = !self.passphrase.is_empty();
        let words = if busy { text::UNLOCKING } else { text::UNLOCK };
        let state = if busy { State::Busy } else { State::from(good) };
        let pressed = primary(ui, words, Icon::KeyRound, state);
        ((pressed || enter) && good && !busy).then(|| Command::UnlockProfile {
            passphrase: Passphrase::new(self.passphrase.clone()),
        })
    }

    fn keyring_silent(&self, ui: &mut Ui, failure: &Failure) -> Option<Command> {
        let sentence = format!("{} {}", words::problem(failure), words::remedy(failure));
        outcome(ui, Tone::Warning, Icon::KeyRound, text::KEYRING_SILENT, &sentence);
        let state = if self.busy() { State::Busy } else { State::Ready };
        primary(ui, text::TRY_AGAIN, Icon::RefreshCw, state).then_some(Command::RetryKeyring)
    }

    fn refusal(&self, ui: &mut Ui) {
        if let Order::Refused(failure) = &self.order {
            banner(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
        }
    }
}

fn opening(ui: &mut Ui) -> Option<Command> {
    let color = tokens(ui).muted;
    ui.vertical_centered(|ui| {
        ui.add_space(space::XL);
        spinner(ui, 24.0);
        ui.add_space(space::S);
        label(ui, Type::Body, color, text::OPENING);
        ui.add_space(space::XL);
    });
    None
}

fn heading(ui: &mut Ui, title: &str, sentence: &str) {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(44.0), Sense::hover());
    ui.painter().rect_filled(rect, 12, t.accent);
    paint_icon(ui.painter(), rect.center(), 26.0, t.on_accent, Icon::PartyPopper);
    ui.add_space(space::S);
    label(ui, Type::Title, t.text, title);
    ui.add_space(-6.0);
    paragraph(ui, Type::Body, t.muted, sentence);
    ui.add_space(space::M);
}

fn secret_field(ui: &mut Ui, name: &str, hint: &'static str, id: Id, secret: &mut Zeroizing<String>) -> egui::Response {
    field(ui, name, |ui| {
        ui.add(line_edit(&mut **secret, hint).id(id).password(true))
    })
}

/// The one button of a screen.
fn primary(ui: &mut Ui, words: &str, icon: Icon, state: State) -> bool {
    ui.add_space(space::S);
    ui.add(Button::new(Kind::Primary, words).icon(icon).state(state).full())
        .clicked()
}

/// A card in the middle of the window: by the height that it had in the frame before.
fn in_the_middle<R>(ui: &mut Ui, id: Id, content: impl FnOnce(&mut Ui) -> R) -> R {
    let key = id.with("card height");
    let before = ui.data(|data| data.get_temp::<f32>(key));
    let room = ui.available_size();
    let height = before.unwrap_or(360.0);
    let top = ((room.y - height) / 2.0).max(space::L);
    ui.add_space(top);
    let width = WIDTH + 64.0;
    let shown = ui.vertical_centered(|ui| {
        ui.allocate_ui_with_layout(vec2(width, height), Layout::top_down(Align::Min), |ui| {
            card(ui).inner_margin(32).corner_radius(16).show(ui, |ui| {
                ui.set_width(WIDTH);
                content(ui)
            })
        })
        .inner
    });
    let now = shown.inner.response.rect.height();
    ui.data_mut(|data| data.insert_temp(key, now));
    if before.is_none_or(|before| (before - now).abs() > 0.5) {
        ui.ctx().request_discard("card changed size");
    }
    shown.inner.inner
}
