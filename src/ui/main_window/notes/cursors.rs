//! Where others are in a note: a coloured bar with a name.

use egui::text::CCursor;
use egui::text_edit::TextEditOutput;
use egui::{Color32, Rect, Ui, pos2, vec2};

use crate::ui::fonts;
use crate::ui::main_window::{first_name, member_name};
use crate::ui::theme;
use crate::worker::{CursorView, PartyView};

/// Paints the cursors; their places count in what is shown.
pub(super) fn paint(ui: &Ui, party: &PartyView, shown: &TextEditOutput, cursors: impl Iterator<Item = CursorView>) {
    for cursor in cursors {
        let place = shown.galley.pos_from_cursor(CCursor::new(cursor.at));
        let place = place.translate(shown.galley_pos.to_vec2());
        let color = theme::hue(cursor.member.as_bytes());
        let bar = Rect::from_min_max(
            pos2(place.left() - 1.0, place.top()),
            pos2(place.left() + 1.0, place.bottom()),
        );
        ui.painter().rect_filled(bar, 1, color);
        let name = first_name(member_name(party, cursor.member)).to_owned();
        let galley = ui.painter().layout_no_wrap(name, fonts::medium(10.5), Color32::WHITE);
        let size = galley.size() + vec2(8.0, 2.0);
        let tag = Rect::from_min_size(pos2(bar.left(), bar.top() - size.y + 2.0), size);
        ui.painter().rect_filled(tag, 3, color);
        ui.painter().galley(tag.min + vec2(4.0, 1.0), galley, Color32::WHITE);
    }
}
