//! What stands before the main window: opening, first start, unlocking, and what can go wrong with them.

use std::sync::Arc;

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
    paragraph, phrase_field, row, segmented, spinner, tokens,
};
use crate::failure::{Failure, words};
use crate::identity::RecoveryPhrase;
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

/// Who starts for the first time on this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    /// Somebody new.
    #[default]
    New,
    /// Somebody who has Partyline on another device.
    Device,
    /// Somebody who has a recovery phrase only.
    Phrase,
}

/// Whether the profile that is open now is to become another device's person's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    Window,
    DeviceCode,
}

/// The screens before the main window.
#[derive(Default)]
pub(crate) struct Onboarding {
    way: Way,
    next: Next,
    phrase: Zeroizing<String>,
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
            } if *request == asked => {
                let next = match self.way {
                    Way::Device => Next::DeviceCode,
                    Way::New | Way::Phrase => Next::Window,
                };
                *self = Self {
                    next,
                    ..Self::default()
                };
            }
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

    /// Whether a new device has a profile now and needs the code of the other one. Says so once.
    pub(crate) fn take_new_device(&mut self) -> bool {
        std::mem::take(&mut self.next) == Next::DeviceCode
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
        let (title, sentence) = match self.way {
            Way::New => (text::WELCOME, text::WELCOME_MEANS),
            Way::Device => (text::NEW_DEVICE, text::NEW_DEVICE_MEANS),
            Way::Phrase => (text::COME_BACK, text::COME_BACK_MEANS),
        };
        heading(ui, title, sentence);
        let busy = self.busy();
        let mut enter = match self.way {
            Way::Device => false,
            Way::New | Way::Phrase => ui.add_enabled_ui(!busy, |ui| self.name_field(ui, id)).inner,
        };
        if self.way == Way::Phrase {
            ui.add_enabled_ui(!busy, |ui| phrase_field(ui, id.with("phrase"), &mut self.phrase));
        }
        if keyring == KeyringView::Unavailable {
            ui.add_space(space::S);
            enter |= self.protection(ui, id);
        }
        self.refusal(ui);
        let named = !self.name.trim().is_empty() && self.name.trim().len() <= MAX_NAME;
        let phrase = RecoveryPhrase::read(&self.phrase).ok();
        let good = match self.way {
            Way::New => named,
            Way::Device => true,
            Way::Phrase => named && phrase.is_some(),
        };
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
        let command = ((pressed || enter) && good && protected && !busy).then(|| self.begin(keyring, phrase));
        if !busy {
            self.other_ways(ui);
        }
        command
    }

    /// Whether Enter may have been pressed in the field.
    fn name_field(&mut self, ui: &mut Ui, id: Id) -> bool {
        let name = field(ui, text::YOUR_NAME, |ui| {
            ui.add(
                line_edit(&mut self.name, text::YOUR_NAME_HINT)
                    .id(id.with("name"))
                    .char_limit(MAX_NAME),
            )
        });
        self.entrance.stage("name").focus(&name);
        name.lost_focus()
    }

    /// Those who are not new here.
    fn other_ways(&mut self, ui: &mut Ui) {
        ui.add_space(space::M);
        ui.vertical_centered(|ui| {
            for (way, words) in [
                (Way::New, text::NEW_HERE),
                (Way::Device, text::HAVE_DEVICE),
                (Way::Phrase, text::HAVE_PHRASE),
            ] {
                if way != self.way && ui.add(Button::new(Kind::Ghost, words).small()).clicked() {
                    self.way = way;
                    self.entrance.again();
                }
            }
        });
    }

    /// The command that makes the profile.
    fn begin(&self, keyring: KeyringView, phrase: Option<RecoveryPhrase>) -> Command {
        let protection = match (keyring, self.choice) {
            (KeyringView::Available, _) => Protection::Keyring,
            (KeyringView::Unavailable, Choice::Passphrase) => {
                Protection::Passphrase(Passphrase::new(self.passphrase.clone()))
            }
            (KeyringView::Unavailable, Choice::Unprotected) => Protection::Unprotected,
        };
        let name = self.name.trim().to_owned();
        match (self.way, phrase) {
            (Way::Phrase, Some(phrase)) => Command::RecoverProfile {
                name,
                protection,
                phrase: Arc::new(phrase),
            },
            (Way::Device, _) => Command::CreateProfile {
                name: text::NEW_DEVICE_NAME.to_owned(),
                protection,
            },
            (Way::New | Way::Phrase, _) => Command::CreateProfile { name, protection },
        }
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
