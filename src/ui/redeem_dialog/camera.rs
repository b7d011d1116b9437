//! The camera looks for the code: what it sees, as in a mirror, until an invite code is held in front of it.

use std::sync::{Arc, Weak};

use egui::accesskit::Role;
use egui::{Align2, ColorImage, Image, Rect, Sense, TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::Intent;
use super::code::two_lines;
use super::entry::CodeEntry;
use crate::desktop::{Preview, QrError, Viewfinder};
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{Button, Entered, Kind, Tone, footer, notice_line, paint_icon, paragraph, tokens};
use crate::worker::RequestId;

/// How high the picture is for its width, as cameras are.
const SHAPE: f32 = 9.0 / 16.0;

/// What stands around the picture and stays in a low window, in points.
const REST: f32 = 300.0;

/// The lowest picture that is of use, in points.
const LOWEST: f32 = 120.0;

/// The camera is on, as long as this exists and is seen.
pub(super) struct Looking {
    pub(super) request: RequestId,
    /// What was typed before.
    pub(super) entry: CodeEntry,
    viewfinder: Arc<Viewfinder>,
    picture: Option<TextureHandle>,
    /// There was a QR that is not the one.
    other: Option<QrError>,
}

impl Looking {
    pub(super) fn new(request: RequestId, entry: CodeEntry) -> Self {
        Self {
            request,
            entry,
            viewfinder: Arc::default(),
            picture: None,
            other: None,
        }
    }

    /// What the camera is to be seen in, as long as this exists.
    pub(super) fn viewfinder(&self) -> Weak<Viewfinder> {
        Arc::downgrade(&self.viewfinder)
    }

    /// The field that the answer goes into.
    pub(super) fn found(&mut self) -> CodeEntry {
        let mut entry = std::mem::take(&mut self.entry);
        entry.scan(self.request);
        entry
    }

    pub(super) fn view(&mut self, ui: &mut Ui, entered: Entered) -> Option<Intent> {
        let seen = self.viewfinder.look();
        if let Some(preview) = &seen.preview {
            self.develop(ui, preview);
        }
        self.other = seen.other.or(self.other);
        mirror(ui, self.picture.as_ref());
        ui.add_space(space::XS);
        two_lines(ui, |ui| match self.other {
            Some(other) => notice_line(ui, Tone::Plain, Icon::Info, text::seen_other(other)),
            None => {
                let color = tokens(ui).muted;
                paragraph(ui, Type::Small, color, text::CAMERA_HELP);
            }
        });
        let (_, cancel) = footer(
            ui,
            |_| (),
            |ui| {
                let cancel = ui.add(Button::new(Kind::Secondary, text::CANCEL));
                entered.focus(&cancel);
                cancel.clicked()
            },
        );
        cancel.then_some(Intent::BackToCode)
    }

    /// Makes a texture of what the camera sees, in the place of the one before.
    fn develop(&mut self, ui: &Ui, preview: &Preview) {
        let image = ColorImage::from_rgb([preview.width, preview.height], &preview.rgb);
        match &mut self.picture {
            Some(picture) => picture.set(image, TextureOptions::LINEAR),
            none => *none = Some(ui.ctx().load_texture("camera", image, TextureOptions::LINEAR)),
        }
    }
}

/// The picture as large as there is room for, left and right exchanged.
fn mirror(ui: &mut Ui, picture: Option<&TextureHandle>) {
    let room = (ui.ctx().content_rect().height() - REST).max(LOWEST);
    let size = vec2(ui.available_width(), (ui.available_width() * SHAPE).min(room));
    let (place, response) = ui.allocate_exact_size(size, Sense::hover());
    let says = if let Some(picture) = picture {
        let scale = (place.size() / picture.size_vec2()).min_elem();
        let shown = Rect::from_center_size(place.center(), picture.size_vec2() * scale);
        Image::from_texture(picture)
            .uv(Rect::from_min_max(pos2(1.0, 0.0), pos2(0.0, 1.0)))
            .corner_radius(radius::CARD)
            .paint_at(ui, shown);
        text::CAMERA_SEES
    } else {
        let t = tokens(ui);
        let (painter, center) = (ui.painter(), place.center());
        painter.rect_filled(place, radius::CARD, t.sunken);
        paint_icon(painter, center - vec2(0.0, 14.0), 24.0, t.muted, Icon::Camera);
        let below = center + vec2(0.0, 16.0);
        painter.text(
            below,
            Align2::CENTER_CENTER,
            text::CAMERA_STARTS,
            Type::Small.font(),
            t.muted,
        );
        text::CAMERA_STARTS
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, says));
}
