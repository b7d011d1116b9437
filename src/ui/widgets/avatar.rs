//! Round avatars of members, rounded tiles of parties, and the dot that says who is there.

use egui::{Color32, Rect, Response, Sense, Stroke, Ui, Vec2, pos2};

use super::label::tokens;
use crate::ui::fonts;
use crate::ui::theme;
use crate::worker::Presence;

/// Whose mark is drawn: the hue comes from the id, the letters from the name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tile<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) name: &'a str,
}

/// The first letters of the first two words.
pub(crate) fn initials(name: &str) -> String {
    name.split_whitespace()
        .filter_map(|word| word.chars().next())
        .take(2)
        .collect::<String>()
        .to_uppercase()
}

fn paint(ui: &Ui, rect: Rect, who: Tile<'_>, corner: f32) {
    ui.painter().rect_filled(rect, corner, theme::hue(who.id));
    let font = fonts::semibold((rect.width() * 0.40).round());
    let galley = ui.painter().layout_no_wrap(initials(who.name), font, Color32::WHITE);
    // Centred around the ink: capitals sit too high in their line box.
    let offset = rect.center() - galley.mesh_bounds.center();
    ui.painter().galley(pos2(0.0, 0.0) + offset, galley, Color32::WHITE);
}

/// A party's tile.
pub(crate) fn tile(ui: &mut Ui, size: f32, party: Tile<'_>) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    paint(ui, rect, party, size * 0.28);
    response
}

/// A member's avatar.
pub(crate) fn avatar(ui: &mut Ui, size: f32, member: Tile<'_>) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    paint(ui, rect, member, size / 2.0);
    response
}

/// The presence dot on an avatar: filled when there, hollow when not, so that the colour alone says nothing.
/// `ground` is the colour behind the avatar.
pub(crate) fn presence_dot(ui: &Ui, avatar: Rect, presence: Presence, ground: Color32) {
    let t = tokens(ui);
    let size = avatar.width();
    let center = avatar.right_bottom() - Vec2::splat(size * 0.13);
    let dot = (size * 0.15).max(4.0);
    ui.painter().circle_filled(center, dot + 2.0, ground);
    match presence {
        Presence::Me | Presence::Online => ui.painter().circle_filled(center, dot, t.online),
        Presence::Offline(_) => ui.painter().circle_stroke(center, dot - 1.0, Stroke::new(2.0, t.faint)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_take_the_first_letters_of_two_words() {
        assert_eq!(initials("Hiking crew"), "HC");
        assert_eq!(initials("  bob "), "B");
        assert_eq!(initials("Åsa von Öst"), "ÅV");
        assert_eq!(initials(""), "");
    }
}
