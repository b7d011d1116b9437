//! The field for a recovery phrase.

use egui::{Id, Margin, Response, TextEdit, Ui};
use lucide_icons::Icon;
use zeroize::Zeroizing;

use super::banner::{Tone, notice_line};
use super::field::field;
use super::label::row;
use crate::identity::{PHRASE_WORDS, RecoveryPhrase};
use crate::ui::text;

/// Longer than 24 words with their numbers, in bytes.
const LONGEST_PHRASE: usize = 512;

/// The words, and below them what is wrong once there are enough.
pub(crate) fn phrase_field(ui: &mut Ui, id: Id, typed: &mut Zeroizing<String>) -> Response {
    // Longer than any phrase: no copy is left behind by a growing string.
    let room = LONGEST_PHRASE.saturating_sub(typed.len());
    typed.reserve_exact(room);
    let response = field(ui, text::RECOVERY_PHRASE, |ui| {
        let edit = TextEdit::multiline(&mut **typed)
            .id(id)
            .desired_rows(4)
            .margin(Margin::symmetric(12, 8));
        ui.add(
            edit.hint_text(text::PHRASE_HINT)
                .char_limit(LONGEST_PHRASE)
                .desired_width(f32::INFINITY),
        )
    });
    match RecoveryPhrase::read(typed) {
        Err(slip) if typed.split_whitespace().count() >= PHRASE_WORDS => {
            notice_line(ui, Tone::Warning, Icon::Info, &text::both(&slip));
        }
        _ => row(ui, 18.0, |_| ()),
    }
    response
}
