//! The small dialogs: name a party, rename it, confirm what cannot be taken back, settings.

mod confirm;
mod deleted;
mod devices;
mod history;
mod member;
mod own_key;
mod phrase;
mod reach;
mod search;
mod shortcuts;

use egui::{Context, Id, Key, ThemePreference, Ui};
use lucide_icons::Icon;

pub(crate) use self::confirm::{Applicant, ConfirmDialog, Question};
pub(crate) use self::deleted::DeletedDialog;
pub(crate) use self::devices::DevicesDialog;
pub(crate) use self::history::HistoryDialog;
pub(crate) use self::member::MemberDialog;
use self::reach::Reach;
pub(crate) use self::search::SearchDialog;
pub(crate) use self::shortcuts::ShortcutsDialog;
use super::chooser::Purpose;
use super::fonts::Type;
use super::frame::Frame;
use super::text;
use super::theme::space;
use super::widgets::{
    Button, Dialog, Entrance, Kind, State, Tone, field, footer, label, line_edit, notice_line, paragraph, row,
    scrolled, segmented, tokens,
};
use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::party::{ItemId, PartyId};
use crate::worker::{Command, Event, NetworkView, RequestId};

/// Width of what is inside, in points.
const WIDTH: f32 = 380.0;
/// What stands around the settings and stays in a low window, in points.
const REST: f32 = 120.0;
/// The longest name, in bytes.
pub(crate) const MAX_NAME: usize = 64;

/// What a small dialog wants of the app.
pub(crate) enum SmallAction {
    Send(RequestId, Command),
    /// Goes to one thing, and closes the dialog.
    Jump(PartyId, ItemId),
    Choose(Purpose),
    /// Copies what is no secret.
    Copy(String),
    Ask(Question),
    ShowDevices,
    Close,
}

/// An order that has been given, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Order {
    #[default]
    None,
    Sent(RequestId),
    Refused(Failure),
    Carried,
}

impl Order {
    fn apply(&mut self, event: &Event) {
        let Self::Sent(asked) = self else { return };
        match event {
            Event::Done { request } | Event::PartyCreated { request, .. } if request == asked => *self = Self::Carried,
            Event::Failed {
                request: Some(request),
                failure,
            } if request == asked => *self = Self::Refused(failure.clone()),
            _ => {}
        }
    }

    const fn state(&self) -> State {
        if matches!(self, Self::Sent(_)) {
            State::Busy
        } else {
            State::Ready
        }
    }
}

/// What is being named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    NewParty,
    Party(PartyId),
}

/// Asks for a party's name.
pub(crate) struct NameDialog {
    naming: Naming,
    name: String,
    order: Order,
    entrance: Entrance,
}

impl NameDialog {
    /// For a party that is to be founded.
    pub(crate) fn create() -> Self {
        Self {
            naming: Naming::NewParty,
            name: String::new(),
            order: Order::None,
            entrance: Entrance::default(),
        }
    }

    /// For a party that has a name.
    pub(crate) fn rename(party: PartyId, name: &str) -> Self {
        Self {
            naming: Naming::Party(party),
            name: name.to_owned(),
            ..Self::create()
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        self.order.apply(event);
    }

    pub(crate) fn show(&mut self, ctx: &Context, id: Id, frame: &Frame<'_>) -> Option<SmallAction> {
        if self.order == Order::Carried {
            return Some(SmallAction::Close);
        }
        let (title, subtitle) = match self.naming {
            Naming::NewParty => (text::CREATE_PARTY, text::CREATE_PARTY_MEANS),
            Naming::Party(_) => (text::RENAME_PARTY, text::RENAME_MEANS),
        };
        let dialog = Dialog {
            id,
            width: WIDTH,
            title,
            subtitle,
            name: title,
        };
        let (action, close) = dialog.show(ctx, |ui| self.view(ui, id, frame));
        action.or_else(|| close.map(|_| SmallAction::Close))
    }

    fn view(&mut self, ui: &mut Ui, id: Id, frame: &Frame<'_>) -> Option<SmallAction> {
        let response = field(ui, text::PARTY_NAME, |ui| {
            ui.add(
                line_edit(&mut self.name, text::PARTY_NAME_HINT)
                    .id(id.with("name"))
                    .char_limit(MAX_NAME),
            )
        });
        self.entrance.stage("name").focus(&response);
        let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        refusal(ui, &self.order);
        let name = self.name.trim().to_owned();
        let good = !name.is_empty() && name.len() <= MAX_NAME;
        let words = if self.naming == Naming::NewParty {
            text::CREATE
        } else {
            text::SAVE
        };
        let state = if good { self.order.state() } else { State::Disabled };
        let (_, (go, cancel)) = footer(
            ui,
            |_| (),
            |ui| {
                let go = ui.add(Button::new(Kind::Primary, words).state(state)).clicked();
                (go, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
            },
        );
        if (go || enter) && state == State::Ready {
            let request = frame.requests.next();
            self.order = Order::Sent(request);
            return Some(SmallAction::Send(
                request,
                match self.naming {
                    Naming::NewParty => Command::CreateParty { name },
                    Naming::Party(party) => Command::RenameParty { party, name },
                },
            ));
        }
        cancel.then_some(SmallAction::Close)
    }
}

/// One line of fixed height for a refusal.
fn refusal(ui: &mut Ui, order: &Order) {
    match order {
        Order::Refused(failure) => notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure)),
        Order::None | Order::Sent(_) | Order::Carried => row(ui, 18.0, |_| ()),
    }
}

/// Theme, own name, network, about.
pub(crate) struct SettingsDialog {
    name: String,
    identity: Option<IdentityId>,
    saved: String,
    order: Order,
    compacting: Compacting,
    reach: Reach,
}

/// How far the compacting of the storage is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Compacting {
    #[default]
    No,
    Asked(RequestId),
    /// Bytes before and after.
    Done(u64, u64),
    Refused(Failure),
}

impl Compacting {
    fn apply(&mut self, event: &Event) {
        let Self::Asked(asked) = self else { return };
        match event {
            Event::StorageCompacted { request, before, after } if request == asked => {
                *self = Self::Done(*before, *after);
            }
            Event::Failed {
                request: Some(request),
                failure,
            } if request == asked => *self = Self::Refused(failure.clone()),
            _ => {}
        }
    }

    fn view(&mut self, ui: &mut Ui, frame: &Frame<'_>) -> Option<SmallAction> {
        let t = tokens(ui);
        label(ui, Type::SmallStrong, t.text, text::STORAGE);
        ui.add_space(-6.0);
        let sentence = match self {
            Self::No | Self::Asked(_) => text::COMPACT_MEANS.to_owned(),
            Self::Done(before, after) => text::compacted(&text::size(*before), &text::size(*after)),
            Self::Refused(failure) => text::both(failure),
        };
        paragraph(ui, Type::Small, t.muted, sentence);
        row(ui, 28.0, |ui| {
            let state = if matches!(self, Self::Asked(_)) {
                State::Busy
            } else {
                State::Ready
            };
            let compact = Button::new(Kind::Secondary, text::COMPACT).small().state(state);
            if ui.add(compact).clicked() {
                let request = frame.requests.next();
                *self = Self::Asked(request);
                return Some(SmallAction::Send(request, Command::CompactStorage));
            }
            let import = ui
                .add(Button::new(Kind::Secondary, text::IMPORT_PARTY).small())
                .clicked();
            import.then_some(SmallAction::Choose(Purpose::Import))
        })
    }
}

impl SettingsDialog {
    pub(crate) fn new(name: &str, identity: Option<IdentityId>) -> Self {
        Self {
            name: name.to_owned(),
            identity,
            saved: name.to_owned(),
            order: Order::None,
            compacting: Compacting::No,
            reach: Reach::default(),
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        self.order.apply(event);
        if self.order == Order::Carried {
            self.order = Order::None;
            self.saved.clone_from(&self.name);
        }
        self.compacting.apply(event);
        self.reach.apply(event);
    }

    pub(crate) fn show(
        &mut self,
        ctx: &Context,
        id: Id,
        frame: &Frame<'_>,
        network: &NetworkView,
    ) -> Option<SmallAction> {
        let dialog = Dialog {
            id,
            width: WIDTH,
            title: text::SETTINGS,
            subtitle: "",
            name: text::SETTINGS,
        };
        let (action, close) = dialog.show(ctx, |ui| {
            scrolled(ui, REST, |ui| {
                let t = tokens(ui);
                theme_choice(ui);
                ui.add_space(space::S);
                let action = self.name_row(ui, id, frame);
                let key = self.identity.and_then(|identity| own_key::view(ui, identity));
                let action = action.or(key.map(SmallAction::Copy));
                let action = action.or_else(|| devices_row(ui)).or(self.compacting.view(ui, frame));
                ui.add_space(space::XS);
                let action = action.or(self.reach.view(ui, frame, network));
                ui.add_space(space::XS);
                label(ui, Type::SmallStrong, t.text, text::ABOUT);
                ui.add_space(-6.0);
                paragraph(ui, Type::Small, t.muted, text::version());
                ui.add_space(-6.0);
                paragraph(ui, Type::Small, t.muted, text::ABOUT_TEXT);
                action
            })
        });
        action.or_else(|| close.map(|_| SmallAction::Close))
    }

    fn name_row(&mut self, ui: &mut Ui, id: Id, frame: &Frame<'_>) -> Option<SmallAction> {
        let mut enter = false;
        let name = self.name.trim().to_owned();
        let good = !name.is_empty() && name.len() <= MAX_NAME && name != self.saved;
        let state = if good { self.order.state() } else { State::Disabled };
        let mut save = false;
        field(ui, text::YOUR_NAME, |ui| {
            ui.horizontal(|ui| {
                let width = ui.available_width() - 74.0;
                let edit = line_edit(&mut self.name, text::YOUR_NAME_HINT)
                    .id(id.with("name"))
                    .desired_width(width);
                let response = ui.add(edit.char_limit(MAX_NAME));
                enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                save = ui
                    .add(Button::new(Kind::Secondary, text::SAVE).width(66.0).state(state))
                    .clicked();
                response
            })
            .inner
        });
        refusal(ui, &self.order);
        if (save || enter) && state == State::Ready {
            let request = frame.requests.next();
            self.order = Order::Sent(request);
            return Some(SmallAction::Send(request, Command::RenameSelf { name }));
        }
        None
    }
}

/// The way to this person's devices and the recovery phrase.
fn devices_row(ui: &mut Ui) -> Option<SmallAction> {
    let t = tokens(ui);
    label(ui, Type::SmallStrong, t.text, text::YOUR_DEVICES);
    ui.add_space(-6.0);
    paragraph(ui, Type::Small, t.muted, text::DEVICES_IN_SETTINGS);
    let show = row(ui, 28.0, |ui| {
        ui.add(Button::new(Kind::Secondary, text::SHOW_DEVICES).small())
            .clicked()
    });
    ui.add_space(space::XS);
    show.then_some(SmallAction::ShowDevices)
}

/// egui keeps the choice; `run` saves it with the window.
fn theme_choice(ui: &mut Ui) {
    let color = tokens(ui).text;
    label(ui, Type::SmallStrong, color, text::APPEARANCE);
    let before = ui.ctx().options(|options| options.theme_preference);
    let mut chosen = before;
    segmented(
        ui,
        text::APPEARANCE,
        &mut chosen,
        &[
            (ThemePreference::Light, text::LIGHT),
            (ThemePreference::Dark, text::DARK),
            (ThemePreference::System, text::SYSTEM),
        ],
    );
    if chosen != before {
        ui.ctx().set_theme(chosen);
    }
}
