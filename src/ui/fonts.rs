//! The fonts and the type scale. Inter for text, `JetBrains Mono` for codes and PINs, Lucide for icons; all embedded.

use std::sync::Arc;

use egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

const MEDIUM: &str = "inter-medium";
const SEMIBOLD: &str = "inter-semibold";
const MONO_MEDIUM: &str = "mono-medium";
const ICONS: &str = "lucide";

/// The type scale: what a text is for, not how large it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Title,
    Heading,
    Strong,
    Body,
    Small,
    SmallStrong,
    Overline,
    Mono,
    MonoSmall,
    /// The PIN as the inviter reads it out.
    PinShown,
    /// The PIN as the invitee types it.
    PinTyped,
}

impl Type {
    /// Family and size in points.
    pub(crate) fn font(self) -> FontId {
        let named = |size, name: &'static str| FontId::new(size, FontFamily::Name(name.into()));
        match self {
            Self::Title => named(20.0, SEMIBOLD),
            Self::Heading => named(15.0, SEMIBOLD),
            Self::Strong => named(14.0, MEDIUM),
            Self::Body => FontId::proportional(14.0),
            Self::Small => FontId::proportional(12.5),
            Self::SmallStrong => named(12.5, MEDIUM),
            Self::Overline => named(11.0, SEMIBOLD),
            Self::Mono => FontId::monospace(13.5),
            Self::MonoSmall => FontId::monospace(12.0),
            Self::PinShown => named(60.0, MONO_MEDIUM),
            Self::PinTyped => named(28.0, MONO_MEDIUM),
        }
    }

    /// Line height in points.
    pub(crate) const fn line(self) -> f32 {
        match self {
            Self::Title => 28.0,
            Self::Heading => 22.0,
            Self::Strong | Self::Body | Self::Mono => 20.0,
            Self::Small | Self::SmallStrong | Self::MonoSmall => 18.0,
            Self::Overline => 16.0,
            Self::PinShown => 72.0,
            Self::PinTyped => 36.0,
        }
    }

    /// Extra space between letters in points.
    pub(crate) const fn tracking(self) -> f32 {
        match self {
            Self::Title => -0.3,
            Self::Overline => 0.6,
            Self::Heading
            | Self::Strong
            | Self::Body
            | Self::Small
            | Self::SmallStrong
            | Self::Mono
            | Self::MonoSmall
            | Self::PinShown
            | Self::PinTyped => 0.0,
        }
    }
}

/// Semibold at a size that the scale does not have: initials in an avatar.
pub(crate) fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(SEMIBOLD.into()))
}

/// Medium at a size that the scale does not have: pills.
pub(crate) fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(MEDIUM.into()))
}

/// The icon font.
pub(crate) fn icons(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(ICONS.into()))
}

/// Gives a context these fonts, with egui's own behind them for what they lack.
pub(crate) fn install(ctx: &Context) {
    let mut fonts = FontDefinitions::default();
    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let mut add = |family: FontFamily, name: &str, bytes: &'static [u8]| {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
        let chain = std::iter::once(name.to_owned())
            .chain(fallback.iter().cloned())
            .collect();
        fonts.families.insert(family, chain);
    };
    let named = |name: &'static str| FontFamily::Name(name.into());
    add(
        FontFamily::Proportional,
        "inter",
        include_bytes!("../../assets/fonts/Inter-Regular.otf"),
    );
    add(
        named(MEDIUM),
        MEDIUM,
        include_bytes!("../../assets/fonts/Inter-Medium.otf"),
    );
    add(
        named(SEMIBOLD),
        SEMIBOLD,
        include_bytes!("../../assets/fonts/Inter-SemiBold.otf"),
    );
    add(
        FontFamily::Monospace,
        "mono",
        include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"),
    );
    add(
        named(MONO_MEDIUM),
        MONO_MEDIUM,
        include_bytes!("../../assets/fonts/JetBrainsMono-Medium.ttf"),
    );
    add(named(ICONS), ICONS, lucide_icons::LUCIDE_FONT_BYTES);
    ctx.set_fonts(fonts);
}
