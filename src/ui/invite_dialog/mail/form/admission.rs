//! Who lets in whoever reads the mailbox.

use egui::Ui;
use lucide_icons::Icon;

use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{Mark, Tone, banner, checkbox, label, row, tokens};
use crate::worker::MailAdmission;

pub(super) fn view(ui: &mut Ui, admission: &mut MailAdmission) {
    row(ui, 24.0, |ui| {
        let approved = *admission == MailAdmission::Approved;
        if checkbox(ui, Mark::from(approved), text::APPROVE_MAILED).clicked() {
            *admission = if approved {
                MailAdmission::AtOnce
            } else {
                MailAdmission::Approved
            };
        }
        let color = tokens(ui).text;
        label(ui, Type::Small, color, text::APPROVE_MAILED);
    });
    ui.add_space(space::XS);
    banner(ui, Tone::Plain, Icon::Mail, text::by_mail_explained(*admission));
}
