//! Colours by role, measures, and the egui style made of them. One table for light, one for dark; nothing else names a colour.

use egui::{Color32, Context, CornerRadius, Margin, Shadow, Stroke, Style, TextStyle, Theme, vec2};

use super::fonts::{self, Type};

/// A colour from its hexadecimal notation.
#[expect(clippy::disallowed_methods, reason = "this is the one place where colours are made")]
const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// Every colour of the window, by role.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens {
    pub(crate) bg: Color32,
    pub(crate) sidebar: Color32,
    /// Cards, list rows, fields.
    pub(crate) surface: Color32,
    /// Dialogs and menus.
    pub(crate) raised: Color32,
    /// Wells and tracks.
    pub(crate) sunken: Color32,
    pub(crate) hover: Color32,
    pub(crate) active: Color32,
    /// Hairlines and card outlines: decoration.
    pub(crate) border: Color32,
    /// Outlines that show where a field is: 3:1 against the surface.
    pub(crate) border_strong: Color32,
    /// Outline of secondary buttons and of fields that the layout makes plain.
    pub(crate) outline: Color32,
    pub(crate) text: Color32,
    pub(crate) muted: Color32,
    /// Disabled text and decoration only.
    pub(crate) faint: Color32,
    pub(crate) accent: Color32,
    pub(crate) accent_hover: Color32,
    pub(crate) accent_press: Color32,
    pub(crate) on_accent: Color32,
    pub(crate) accent_text: Color32,
    pub(crate) accent_soft: Color32,
    pub(crate) focus: Color32,
    pub(crate) success: Color32,
    pub(crate) success_soft: Color32,
    pub(crate) warning: Color32,
    pub(crate) warning_soft: Color32,
    pub(crate) danger: Color32,
    pub(crate) danger_soft: Color32,
    pub(crate) danger_solid: Color32,
    /// The filled presence dot.
    pub(crate) online: Color32,
    /// The selected cell of a choice, and its outline.
    pub(crate) chosen: Color32,
    pub(crate) chosen_outline: Color32,
    /// The outline of an empty PIN box.
    pub(crate) box_outline: Color32,
    pub(crate) selection: Color32,
    pub(crate) backdrop: Color32,
    pub(crate) shadow: Color32,
}

/// Bright surroundings.
pub(crate) const LIGHT: Tokens = Tokens {
    bg: rgb(0xFCFCFD),
    sidebar: rgb(0xF4F4F7),
    surface: rgb(0xFFFFFF),
    raised: rgb(0xFFFFFF),
    sunken: rgb(0xF2F2F5),
    hover: rgb(0xEBEBEF),
    active: rgb(0xE3E3E8),
    border: rgb(0xE4E4E9),
    border_strong: rgb(0x8B8D98),
    outline: rgb(0xD3D4DB),
    text: rgb(0x1C2024),
    muted: rgb(0x60646C),
    faint: rgb(0x8B8D98),
    accent: rgb(0x5B5BD6),
    accent_hover: rgb(0x5151CD),
    accent_press: rgb(0x4747BD),
    on_accent: rgb(0xFFFFFF),
    accent_text: rgb(0x5753C6),
    accent_soft: rgb(0xEEEEFC),
    focus: rgb(0x5B5BD6),
    success: rgb(0x1F7A4D),
    success_soft: rgb(0xE3F5EA),
    warning: rgb(0x9A5B00),
    warning_soft: rgb(0xFFF3D6),
    danger: rgb(0xC62A2F),
    danger_soft: rgb(0xFDEBEC),
    danger_solid: rgb(0xD13438),
    online: rgb(0x2B9A66),
    chosen: rgb(0xFFFFFF),
    chosen_outline: rgb(0xD9D9E0),
    box_outline: rgb(0xCDCED6),
    selection: rgb(0xCFCFFA),
    backdrop: Color32::from_rgba_premultiplied(7, 8, 9, 92),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 36),
};

/// Dark surroundings.
pub(crate) const DARK: Tokens = Tokens {
    bg: rgb(0x131417),
    sidebar: rgb(0x18191D),
    surface: rgb(0x1B1C21),
    raised: rgb(0x202127),
    sunken: rgb(0x16171B),
    hover: rgb(0x24262C),
    active: rgb(0x2D2F37),
    border: rgb(0x2C2E35),
    border_strong: rgb(0x696E77),
    outline: rgb(0x3A3D45),
    text: rgb(0xEDEEF0),
    muted: rgb(0xB0B4BA),
    faint: rgb(0x7D828B),
    accent: rgb(0x5B5BD6),
    accent_hover: rgb(0x6561DB),
    accent_press: rgb(0x5250C4),
    on_accent: rgb(0xFFFFFF),
    accent_text: rgb(0xB1A9FF),
    accent_soft: rgb(0x262650),
    focus: rgb(0x8F8BF5),
    success: rgb(0x4CC38A),
    success_soft: rgb(0x132D21),
    warning: rgb(0xFFCA5C),
    warning_soft: rgb(0x33270F),
    danger: rgb(0xFF9592),
    danger_soft: rgb(0x3B191D),
    danger_solid: rgb(0xD13438),
    online: rgb(0x30A46C),
    chosen: rgb(0x2F3138),
    chosen_outline: rgb(0x3C3F48),
    box_outline: rgb(0x43464F),
    selection: rgb(0x3D3D86),
    backdrop: Color32::from_rgba_premultiplied(0, 0, 0, 128),
    shadow: Color32::from_rgba_premultiplied(0, 0, 0, 120),
};

/// What tells parties and members apart. White text stands on each with at least 4.9:1.
const HUES: [Color32; 8] = [
    rgb(0x4F5BD5),
    rgb(0xA144AF),
    rgb(0xCF3068),
    rgb(0xB4540A),
    rgb(0x2B7A4B),
    rgb(0x0B7A75),
    rgb(0x0B68CB),
    rgb(0x846358),
];

/// The hue of a party or member, from the bytes of its id: the same on every machine and at every start.
pub(crate) fn hue(id: &[u8]) -> Color32 {
    // FNV-1a; the bits above the 40th have seen every byte.
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = id.iter().fold(0xcbf2_9ce4_8422_2325, mix);
    HUES.get((hash >> 40) as usize % HUES.len())
        .copied()
        .unwrap_or(LIGHT.accent)
}

/// The dark of a QR code and the white around it: the same in both themes, since cameras want contrast.
pub(crate) const QR_INK: Color32 = rgb(0x111113);

/// Distances on a grid of 4 points.
pub(crate) mod space {
    pub(crate) const XS: f32 = 4.0;
    pub(crate) const S: f32 = 8.0;
    pub(crate) const M: f32 = 12.0;
    pub(crate) const L: f32 = 16.0;
    pub(crate) const XL: f32 = 24.0;
}

/// Corner radii in points.
pub(crate) mod radius {
    pub(crate) const SMALL: u8 = 6;
    pub(crate) const CONTROL: u8 = 8;
    pub(crate) const ROW: u8 = 10;
    pub(crate) const CARD: u8 = 12;
    pub(crate) const DIALOG: u8 = 16;
}

/// Heights in points.
pub(crate) mod height {
    pub(crate) const SMALL: f32 = 28.0;
    pub(crate) const CONTROL: f32 = 36.0;
    pub(crate) const BIG: f32 = 44.0;
}

/// The colours of the theme in use.
pub(crate) fn tokens(ctx: &Context) -> &'static Tokens {
    if ctx.theme() == Theme::Dark { &DARK } else { &LIGHT }
}

/// Gives a context the fonts and both styles. Whoever shows the dialogs in a window of their own calls this once.
pub fn install(ctx: &Context) {
    fonts::install(ctx);
    // Linux reports no theme through winit; egui would then fall back to dark.
    ctx.options_mut(|options| options.fallback_theme = Theme::Light);
    ctx.style_mut_of(Theme::Light, |style| apply(style, &LIGHT));
    ctx.style_mut_of(Theme::Dark, |style| apply(style, &DARK));
}

/// The shadow of a dialog.
pub(crate) const fn dialog_shadow(tokens: &Tokens) -> Shadow {
    Shadow {
        offset: [0, 16],
        blur: 48,
        spread: 0,
        color: tokens.shadow,
    }
}

fn apply(style: &mut Style, t: &Tokens) {
    style.text_styles = [
        (TextStyle::Small, Type::Small.font()),
        (TextStyle::Body, Type::Body.font()),
        (TextStyle::Button, Type::Strong.font()),
        (TextStyle::Heading, Type::Title.font()),
        (TextStyle::Monospace, Type::Mono.font()),
    ]
    .into();
    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 8.0);
    spacing.button_padding = vec2(12.0, 6.0);
    spacing.interact_size = vec2(36.0, 32.0);
    spacing.window_margin = Margin::same(24);
    spacing.menu_margin = Margin::same(6);
    spacing.menu_spacing = 4.0;
    spacing.text_edit_width = 280.0;
    spacing.tooltip_width = 320.0;
    spacing.scroll = egui::style::ScrollStyle::floating();
    spacing.scroll.bar_width = 8.0;
    spacing.scroll.floating_width = 4.0;
    // Selectable labels swallow the clicks of the row they are in; texts worth copying turn it on for themselves.
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style.animation_time = 0.15;
    apply_visuals(&mut style.visuals, t);
}

fn apply_visuals(v: &mut egui::Visuals, t: &Tokens) {
    v.weak_text_color = Some(t.muted);
    v.hyperlink_color = t.accent_text;
    v.faint_bg_color = t.sunken;
    v.extreme_bg_color = t.surface;
    v.code_bg_color = t.sunken;
    v.text_edit_bg_color = Some(t.surface);
    v.warn_fg_color = t.warning;
    v.error_fg_color = t.danger;
    v.panel_fill = t.bg;
    v.window_fill = t.raised;
    v.window_stroke = Stroke::new(1.0, t.border);
    v.window_corner_radius = CornerRadius::same(radius::DIALOG);
    v.menu_corner_radius = CornerRadius::same(radius::CARD);
    v.window_shadow = dialog_shadow(t);
    v.popup_shadow = Shadow {
        offset: [0, 8],
        blur: 24,
        spread: 0,
        color: t.shadow,
    };
    v.selection.bg_fill = t.selection;
    v.selection.stroke = Stroke::new(2.0, t.focus);
    v.text_cursor.stroke = Stroke::new(2.0, t.accent_text);
    v.interact_cursor = Some(egui::CursorIcon::PointingHand);
    let corners = CornerRadius::same(radius::CONTROL);
    let set = |w: &mut egui::style::WidgetVisuals, fill: Color32, outline: Color32| {
        w.bg_fill = fill;
        w.weak_bg_fill = fill;
        w.bg_stroke = Stroke::new(1.0, outline);
        w.fg_stroke = Stroke::new(1.5, t.text);
        w.corner_radius = corners;
        w.expansion = 0.0;
    };
    set(&mut v.widgets.noninteractive, t.surface, t.border);
    set(&mut v.widgets.inactive, t.surface, t.border_strong);
    set(&mut v.widgets.hovered, t.hover, t.border_strong);
    set(&mut v.widgets.active, t.active, t.focus);
    set(&mut v.widgets.open, t.hover, t.border_strong);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2 contrast ratio.
    fn contrast(a: Color32, b: Color32) -> f32 {
        let luminance = |c: Color32| {
            let linear = |x: u8| {
                let x = f32::from(x) / 255.0;
                if x <= 0.03928 {
                    x / 12.92
                } else {
                    ((x + 0.055) / 1.055).powf(2.4)
                }
            };
            0.2126 * linear(c.r()) + 0.7152 * linear(c.g()) + 0.0722 * linear(c.b())
        };
        let (x, y) = (luminance(a), luminance(b));
        (x.max(y) + 0.05) / (x.min(y) + 0.05)
    }

    #[test]
    fn text_stands_out_from_every_ground_it_is_on() {
        for t in [&LIGHT, &DARK] {
            let grounds = [t.bg, t.sidebar, t.surface, t.raised, t.sunken, t.hover, t.active];
            let mut pairs: Vec<_> = grounds
                .iter()
                .flat_map(|ground| [(t.text, *ground), (t.muted, *ground)])
                .collect();
            pairs.extend([
                (t.on_accent, t.accent),
                (t.on_accent, t.accent_hover),
                (t.on_accent, t.accent_press),
                (t.on_accent, t.danger_solid),
                (t.accent_text, t.accent_soft),
                (t.accent_text, t.raised),
                (t.danger, t.danger_soft),
                (t.danger, t.raised),
                (t.success, t.success_soft),
                (t.success, t.raised),
                (t.warning, t.warning_soft),
                (t.warning, t.raised),
                (t.text, t.warning_soft),
                (t.text, t.danger_soft),
                (t.text, t.accent_soft),
                (t.text, t.selection),
            ]);
            for (front, ground) in pairs {
                assert!(
                    contrast(front, ground) >= 4.5,
                    "{front:?} on {ground:?}: {}",
                    contrast(front, ground)
                );
            }
        }
    }

    #[test]
    fn outlines_that_carry_meaning_stand_out() {
        for t in [&LIGHT, &DARK] {
            for (front, ground) in [(t.focus, t.raised), (t.focus, t.bg), (t.border_strong, t.surface)] {
                assert!(
                    contrast(front, ground) >= 3.0,
                    "{front:?} on {ground:?}: {}",
                    contrast(front, ground)
                );
            }
        }
        for hue in HUES {
            assert!(contrast(Color32::WHITE, hue) >= 4.5);
        }
    }

    #[test]
    fn hues_depend_on_the_id_alone_and_all_of_them_occur() {
        assert_eq!(hue(&[1, 2, 3]), hue(&[1, 2, 3]));
        for place in [0, 31] {
            let hues = (0..=255).map(|byte| {
                let mut id = [7; 32];
                id[place] = byte;
                hue(&id)
            });
            let mut hues: Vec<_> = hues.map(|hue| hue.to_array()).collect();
            hues.sort_unstable();
            hues.dedup();
            assert_eq!(hues.len(), HUES.len());
        }
    }
}
