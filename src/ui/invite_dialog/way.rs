//! How somebody comes in: with a PIN while the inviter is there, while they are away, or by e-mail.

use egui::{Id, Ui};
use lucide_icons::Icon;

use super::choice::{Method, Options, Way};
use crate::identity::IdentityId;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Item, Kind, Tone, field, label, line_edit, menu, notice_line, right, row, segmented, tokens,
};

/// Somebody whose key is known from another party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acquaintance {
    pub(crate) person: IdentityId,
    pub(crate) name: String,
}

/// How many acquaintances the menu offers at most: it does not scroll.
const MAX_OFFERED: usize = 12;

/// The ways side by side.
pub(super) fn choose(ui: &mut Ui, options: &mut Options) {
    let t = tokens(ui);
    label(ui, Type::SmallStrong, t.text, text::THEY_COME_IN);
    let away = match options.way() {
        Way::Away(method) => method,
        Way::There | Way::Mail => Method::default(),
    };
    let mut way = options.way();
    let ways = [
        (Way::There, text::WITH_PIN),
        (Way::Away(away), text::WHILE_AWAY),
        (Way::Mail, text::BY_MAIL),
    ];
    segmented(ui, text::THEY_COME_IN, &mut way, &ways);
    options.choose(way);
    ui.add_space(space::XS);
}

/// Who may come in while the inviter is away.
pub(super) fn who_may(ui: &mut Ui, id: Id, options: &mut Options, known: &[Acquaintance]) {
    let Way::Away(mut method) = options.way() else { return };
    let methods = [
        (Method::Approval, text::APPROVED),
        (Method::KnownKey, text::KNOWN_PERSON),
        (Method::Link, text::WHOEVER_IS_FIRST),
    ];
    segmented(ui, text::WHO_MAY, &mut method, &methods);
    options.choose(Way::Away(method));
    if method == Method::KnownKey {
        key(ui, id, options, known);
    }
    ui.add_space(space::XS);
}

/// The key of the person who is meant: pasted, or of somebody known from another party.
fn key(ui: &mut Ui, id: Id, options: &mut Options, known: &[Acquaintance]) {
    field(ui, text::THEIR_KEY, |ui| {
        ui.add(
            line_edit(&mut options.key, text::THEIR_KEY_HINT)
                .id(id.with("key"))
                .font(Type::MonoSmall.font())
                .char_limit(80),
        )
    });
    let person: Option<IdentityId> = options.key.trim().parse().ok();
    let line = if known.is_empty() { 18.0 } else { 28.0 };
    row(ui, line, |ui| {
        right(ui, |ui| {
            if !known.is_empty() {
                let people = Button::new(Kind::Secondary, text::PEOPLE_YOU_KNOW)
                    .icon(Icon::Users)
                    .small();
                let button = ui.add(people);
                let items = known.iter().take(MAX_OFFERED).map(|one| Item {
                    icon: Icon::User,
                    text: &one.name,
                    tone: Tone::Plain,
                    action: one.person,
                });
                if let Some(chosen) = menu(&button, items.collect()) {
                    options.key = chosen.to_string();
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| match person {
                Some(person) => {
                    let name = known
                        .iter()
                        .find(|one| one.person == person)
                        .map(|one| one.name.as_str());
                    let words = text::key_is_of(name, &person.fingerprint().to_string());
                    notice_line(ui, Tone::Good, Icon::CircleCheck, &words);
                }
                None if options.key.trim().is_empty() => {
                    label(ui, Type::Small, tokens(ui).muted, text::KEY_HELP);
                }
                None => notice_line(ui, Tone::Bad, Icon::CircleAlert, text::NO_KEY),
            });
        });
    });
}
