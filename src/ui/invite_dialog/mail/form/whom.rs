//! The addresses, checked while they are typed.

use egui::{Id, Margin, TextBuffer, TextEdit, Ui};
use lucide_icons::Icon;

use super::super::Mail;
use super::super::addresses::{Addresses, MAX_AT_ONCE};
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::widgets::{Entered, Tone, bordered, field, marked, notice_line, paragraph, tokens};

/// The longest text, in bytes: more than so many addresses have in a mail program's copy.
const MAX_TEXT: usize = 16 * 1024;

pub(super) fn view(ui: &mut Ui, id: Id, mail: &mut Mail, read: &Addresses, entered: Entered) {
    let id = id.with("addresses");
    let is_typing = ui.memory(|memory| memory.has_focus(id));
    let marks = read.marks(is_typing);
    let t = tokens(ui);
    let mut layout = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
        let mut job = marked(t, Type::Body.font(), text.as_str(), &marks);
        job.wrap.max_width = width;
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    let response = field(ui, text::ADDRESSES, |ui| {
        bordered(ui, !marks.is_empty(), |ui| {
            ui.add(
                TextEdit::multiline(&mut mail.addresses)
                    .id(id)
                    .font(Type::Body.font())
                    .desired_rows(2)
                    .desired_width(f32::INFINITY)
                    .margin(Margin::symmetric(12, 8))
                    .char_limit(MAX_TEXT)
                    .hint_text(text::ADDRESSES_HINT)
                    .layouter(&mut layout),
            )
        })
    });
    entered.focus(&response);
    let wrong: Vec<&str> = marks
        .iter()
        .filter_map(|place| mail.addresses.get(place.clone()))
        .collect();
    verdict(ui, read, &wrong);
}

fn verdict(ui: &mut Ui, read: &Addresses, wrong: &[&str]) {
    if !wrong.is_empty() {
        return notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::no_addresses(wrong));
    }
    if read.good.len() > MAX_AT_ONCE {
        let sentence = text::too_many_addresses(MAX_AT_ONCE);
        return notice_line(ui, Tone::Bad, Icon::CircleAlert, &sentence);
    }
    let known: Vec<String> = read.known.iter().map(ToString::to_string).collect();
    let sentence = text::addresses_read(read.good.len(), read.repeated, &known);
    match (read.good.len(), read.repeated + known.len()) {
        (0, 0) => {
            let color = tokens(ui).muted;
            paragraph(ui, Type::Small, color, text::ADDRESSES_HELP);
        }
        (0, _) => notice_line(ui, Tone::Warning, Icon::Info, &sentence),
        (_, _) => notice_line(ui, Tone::Good, Icon::CircleCheck, &sentence),
    }
}
