//! What the mail says beside the link.

use egui::{Id, Ui};
use lucide_icons::Icon;

use crate::identity::reads_like_an_address;
use crate::ui::fonts::Type;
use crate::ui::invite_dialog::mail::{Mail, Names};
use crate::ui::text;
use crate::ui::widgets::{Mark, Tone, checkbox, field, label, line_edit, notice_line, row, tokens};

/// The longest message, in bytes: a service takes no more.
const MAX_MESSAGE: usize = 200;

pub(super) fn view(ui: &mut Ui, id: Id, mail: &mut Mail) {
    field(ui, text::MAIL_WORDS, |ui| {
        let edit = line_edit(&mut mail.message, text::MAIL_WORDS_HINT);
        ui.add(edit.id(id.with("message")).char_limit(MAX_MESSAGE))
    });
    // The limit is in bytes, the field counts characters.
    while mail.message.len() > MAX_MESSAGE {
        mail.message.pop();
    }
    if reads_like_an_address(&mail.message) {
        notice_line(ui, Tone::Warning, Icon::TriangleAlert, text::NO_LINKS);
    }
    row(ui, 24.0, |ui| {
        let told = mail.names == Names::Told;
        if checkbox(ui, Mark::from(told), text::TELL_NAMES).clicked() {
            mail.names = if told { Names::Withheld } else { Names::Told };
        }
        let color = tokens(ui).text;
        label(ui, Type::Small, color, text::TELL_NAMES);
    });
}
