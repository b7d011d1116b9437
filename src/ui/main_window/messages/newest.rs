//! The button back to the newest message, over the lower end of the list while one reads further up.

use egui::{Align2, Rect, Ui, UiBuilder, Vec2, vec2};
use lucide_icons::Icon;

use crate::ui::text;
use crate::ui::widgets::{Button, Kind};

/// Drawn over the list; whether it was clicked. `unread` is how many messages wait down there.
pub(super) fn view(ui: &mut Ui, list: Rect, unread: usize) -> bool {
    const SIZE: Vec2 = vec2(176.0, 28.0);
    let words = text::to_newest(unread);
    let place = Align2::CENTER_BOTTOM.align_size_within_rect(SIZE, list.shrink(12.0));
    let mut over = ui.new_child(UiBuilder::new().id_salt("newest").max_rect(place));
    let button = Button::new(Kind::Secondary, &words).icon(Icon::ArrowDown).small();
    over.add(button.width(SIZE.x)).clicked()
}
