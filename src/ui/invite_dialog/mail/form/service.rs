//! The service: one where the person is known, or another one to sign in at.

use egui::{Align, Id, Layout, TextEdit, Ui};
use lucide_icons::Icon;
use zeroize::Zeroizing;

use super::super::{Account, Click, Step};
use crate::email::Issuer;
use crate::failure::Failure;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::{height, space};
use crate::ui::widgets::{
    Button, Item, Kind, State, Tone, field, icon, label, label_truncated, line_edit, menu, notice_line, right, row,
    tokens, well,
};
use crate::worker::ServiceView;

/// How many services the menu offers at most: it does not scroll.
const MAX_OFFERED: usize = 8;

/// The longest of what is typed, in characters.
const MAX_TYPED: usize = 256;

pub(super) fn view(ui: &mut Ui, id: Id, services: &[ServiceView], account: &mut Account) -> Option<Click> {
    if let Some(service) = account.service(services).cloned() {
        let clicked = known(ui, services, &service, account);
        if let Some(failure) = &account.refused {
            notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
        }
        return clicked;
    }
    let step = account.step(services);
    let asked = match step {
        Step::Known | Step::Typing => typed(ui, id, account),
        Step::Client => {
            ui.add_enabled_ui(true, |ui| client(ui, id, account, State::Ready))
                .inner
        }
        Step::Trying(_) => {
            ui.add_enabled_ui(false, |ui| client(ui, id, account, State::Busy))
                .inner
        }
    };
    if let Some(failure) = trouble(account) {
        notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(&failure));
    }
    help_and_other_ways(ui, services, account, step);
    asked
}

/// What is wrong with the address that is typed, or what the last try has come to.
fn trouble(account: &Account) -> Option<Failure> {
    let typed = account.typed.trim();
    let wrong = Issuer::parse(typed).err().filter(|_| !typed.is_empty());
    wrong.map(Failure::Mail).or_else(|| account.refused.clone())
}

/// What can be done about a service where the person is known.
enum Change {
    Use(String),
    Another,
    SignOut,
}

/// One where the person is signed in, the way to others, and the way out.
fn known(ui: &mut Ui, services: &[ServiceView], service: &ServiceView, account: &mut Account) -> Option<Click> {
    let t = tokens(ui);
    let mut clicked = None;
    label(ui, Type::SmallStrong, t.text, text::SERVICE);
    ui.add_space(-2.0);
    well(ui).show(ui, |ui| {
        ui.set_width(ui.available_width());
        row(ui, height::SMALL, |ui| {
            icon(ui, 16.0, t.muted, Icon::Mail);
            right(ui, |ui| {
                let change = Button::new(Kind::Secondary, text::CHANGE_SERVICE)
                    .small()
                    .named(text::CHANGE_SERVICE_LABEL);
                let change = ui.add(change);
                let offered = services.iter().take(MAX_OFFERED).map(|one| Item {
                    icon: Icon::Mail,
                    text: text::host(&one.issuer),
                    tone: Tone::Plain,
                    action: Change::Use(one.issuer.clone()),
                });
                let other = Item {
                    icon: Icon::Plus,
                    text: text::OTHER_SERVICE,
                    tone: Tone::Plain,
                    action: Change::Another,
                };
                let out = Item {
                    icon: Icon::LogOut,
                    text: text::SIGN_OUT,
                    tone: Tone::Plain,
                    action: Change::SignOut,
                };
                match menu(&change, offered.chain([other, out]).collect()) {
                    Some(Change::Use(issuer)) => account.choose(issuer),
                    Some(Change::Another) => account.go(Step::Typing),
                    Some(Change::SignOut) => clicked = Issuer::parse(&service.issuer).ok().map(Click::AskToSignOut),
                    None => {}
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    label(ui, Type::Strong, t.text, text::host(&service.issuer));
                    label_truncated(ui, Type::Small, t.muted, text::signed_in_as(&service.name));
                });
            });
        });
    });
    clicked
}

/// Its address, and the way to its page.
fn typed(ui: &mut Ui, id: Id, account: &mut Account) -> Option<Click> {
    const BUTTON: f32 = 96.0;
    let issuer = account.issuer();
    let mut clicked = false;
    let response = field(ui, text::SERVICE, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let width = ui.available_width() - BUTTON - space::S;
            let edit = line_edit(&mut account.typed, text::SERVICE_HINT).id(id.with("service"));
            let response = ui.add(edit.desired_width(width).char_limit(MAX_TYPED));
            let button = Button::new(Kind::Secondary, text::SIGN_IN)
                .width(BUTTON)
                .state(State::from(issuer.is_some()));
            clicked = ui.add(button).clicked();
            response
        })
        .inner
    });
    if response.changed() {
        account.refused = None;
    }
    let enter = response.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    issuer.filter(|_| clicked || enter).map(Click::SignIn)
}

/// A client of the person's own.
fn client(ui: &mut Ui, id: Id, account: &mut Account, state: State) -> Option<Click> {
    const BUTTON: f32 = 96.0;
    let before = account.refused.is_some();
    let mut changed = field(ui, text::SERVICE, |ui| {
        let edit = line_edit(&mut account.typed, text::SERVICE_HINT).id(id.with("service"));
        ui.add(edit.char_limit(MAX_TYPED))
    })
    .changed();
    changed |= field(ui, text::CLIENT_ID, |ui| {
        let edit = line_edit(&mut account.client, "").id(id.with("client"));
        ui.add(edit.char_limit(MAX_TYPED))
    })
    .changed();
    let ready = account.issuer().is_some() && account.has_client();
    let mut clicked = false;
    changed |= field(ui, text::CLIENT_SECRET, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = space::S;
            let width = ui.available_width() - BUTTON - space::S;
            let response = ui.add(secret(&mut account.secret, id.with("secret")).desired_width(width));
            let state = if state == State::Busy {
                state
            } else {
                State::from(ready)
            };
            let button = Button::new(Kind::Secondary, text::USE_CLIENT)
                .width(BUTTON)
                .state(state);
            clicked = ui.add(button).clicked();
            response
        })
        .inner
    })
    .changed();
    if changed && before {
        account.refused = None;
    }
    clicked.then_some(Click::TryClient)
}

/// A field that shows dots. It has room for the longest secret from the start: no copy is left behind by a growing string.
fn secret(typed: &mut Zeroizing<String>, id: Id) -> TextEdit<'_> {
    let room = MAX_TYPED.saturating_sub(typed.len());
    typed.reserve_exact(room);
    line_edit(&mut **typed, "").id(id).password(true).char_limit(MAX_TYPED)
}

/// What this way takes, and the ways from the browser to a client and back, and back to a known one.
fn help_and_other_ways(ui: &mut Ui, services: &[ServiceView], account: &mut Account, step: Step) {
    let (help, words, to) = match step {
        Step::Known | Step::Typing => (text::SIGN_IN_HELP, text::OWN_CLIENT, Step::Client),
        Step::Client | Step::Trying(_) => (text::OWN_CLIENT_HELP, text::SIGN_IN_INSTEAD, Step::Typing),
    };
    let state = State::from(!matches!(step, Step::Trying(_)));
    row(ui, height::SMALL, |ui| {
        right(ui, |ui| {
            let other = Button::new(Kind::Secondary, words).small().state(state);
            if ui.add(other).clicked() {
                account.go(to);
            }
            if let Some(first) = services.first() {
                let back = Button::new(Kind::Secondary, text::host(&first.issuer))
                    .small()
                    .state(state);
                if ui.add(back).clicked() {
                    account.choose(first.issuer.clone());
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let color = tokens(ui).muted;
                label_truncated(ui, Type::Small, color, help);
            });
        });
    });
}
