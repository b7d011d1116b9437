//! What the mail says beside the link.

use egui::{Id, Ui};
use lucide_icons::Icon;

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
    if have_link(&mail.message) {
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

/// Whether a program that shows mail could make a link of some word, which services refuse: nobody is to be led elsewhere by an invitation.
pub(super) fn have_link(words: &str) -> bool {
    let words = words.to_lowercase();
    let is_name = |word: &str| {
        let word = word.trim_matches('.');
        word.rsplit_once('.').is_some_and(|(before, top)| {
            before.ends_with(char::is_alphanumeric) && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic)
        })
    };
    ["://", "www.", "mailto:", "tel:"]
        .iter()
        .any(|start| words.contains(start))
        || words
            .split(|c: char| !c.is_alphanumeric() && !"-.@".contains(c))
            .any(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_space_and_an_address_are_links_and_numbers_are_not() {
        for words in [
            "See you on Saturday.Bring tea",
            "www.a",
            "at https://a",
            "me@example.org",
            "look at example.org.",
        ] {
            assert!(have_link(words), "{words}");
        }
        for words in [
            "",
            "See you on Saturday. Bring tea...",
            "at 2.5 or 10.30",
            "J.S. Bach",
            "e.g. tea",
        ] {
            assert!(!have_link(words), "{words}");
        }
    }
}
