//! What the engine would not do, with the button that does something about it.

use egui::Ui;
use lucide_icons::Icon;

use super::{Intent, Order};
use crate::failure::Remedy;
use crate::ui::text;
use crate::ui::widgets::{Button, Kind, Tone, notice_line};

/// The line below the stage's content; nothing unless the last order was refused.
pub(super) fn view(ui: &mut Ui, order: &Order) -> Option<Intent> {
    let Order::Refused(failure, asked) = order else {
        return None;
    };
    notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
    let (remedy, intent) = match failure.button()? {
        remedy @ Remedy::TryAgain => (remedy, *asked),
        remedy @ Remedy::NewCode => (remedy, Intent::Another),
        remedy @ Remedy::ShowNewPin => (remedy, Intent::ShowNewPin),
        // The invitee's.
        Remedy::OtherCode | Remedy::AllowRelay | Remedy::UseRelays | Remedy::OpenParty | Remedy::CopyOwnKey => {
            return None;
        }
    };
    let button = Button::new(Kind::Secondary, text::button(remedy)).small();
    ui.add(button).clicked().then_some(intent)
}
