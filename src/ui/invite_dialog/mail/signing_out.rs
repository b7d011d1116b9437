//! Asks before the account at a service is forgotten: what waits for it goes no further until one signs in again.

use egui::Ui;

use super::Click;
use crate::email::Issuer;
use crate::ui::invite_dialog::choice::Options;
use crate::ui::text;
use crate::ui::widgets::{Button, Entered, Kind, footer};

/// The question, and where the person goes on afterwards.
pub(in crate::ui::invite_dialog) struct SigningOut {
    pub(in crate::ui::invite_dialog) issuer: Issuer,
    pub(in crate::ui::invite_dialog) back: Options,
}

impl SigningOut {
    pub(in crate::ui::invite_dialog) fn title(&self) -> String {
        text::sign_out_question(self.issuer.host())
    }

    pub(in crate::ui::invite_dialog) fn view(&self, ui: &mut Ui, entered: Entered) -> Option<Click> {
        let (_, (go, cancel)) = footer(
            ui,
            |_| (),
            |ui| {
                let go = ui.add(Button::new(Kind::Danger, text::SIGN_OUT_YES)).clicked();
                let cancel = ui.add(Button::new(Kind::Ghost, text::CANCEL));
                entered.focus(&cancel);
                (go, cancel.clicked())
            },
        );
        let go = go.then(|| Click::SignOut(self.issuer.clone()));
        go.or(cancel.then_some(Click::StaySignedIn))
    }
}
