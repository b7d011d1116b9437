//! A camera looks for the code: what it sees, as in a mirror, until an invite code is held in front of it. Where there are
//! several, the person chooses; one that shows nothing says why, and the others can be chosen.

use std::sync::{Arc, Weak};

use egui::accesskit::Role;
use egui::{Align2, ColorImage, Image, Rect, Sense, TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::Intent;
use super::code::two_lines;
use super::entry::CodeEntry;
use crate::desktop::{CameraError, CameraId, CameraOffer, Preview, QrError, Viewfinder};
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{Button, Entered, Item, Kind, Tone, footer, menu, notice_line, paint_icon, paragraph, tokens};
use crate::worker::RequestId;

/// How high the picture is for its width, as cameras are.
const SHAPE: f32 = 9.0 / 16.0;

/// What stands around the picture and stays in a low window, in points.
const REST: f32 = 300.0;

/// How many cameras the menu offers at most: it does not scroll.
const MAX_OFFERED: usize = 8;

/// The lowest picture that is of use, in points.
const LOWEST: f32 = 120.0;

/// The camera is on, as long as this exists and is seen.
pub(super) struct Looking {
    pub(super) request: RequestId,
    camera: CameraId,
    /// What was typed before.
    pub(super) entry: CodeEntry,
    viewfinder: Arc<Viewfinder>,
    picture: Option<TextureHandle>,
    /// There was a QR that is not the one.
    other: Option<QrError>,
    /// Why it shows nothing more.
    failed: Option<CameraError>,
}

impl Looking {
    pub(super) fn new(request: RequestId, camera: CameraId, entry: CodeEntry) -> Self {
        Self {
            request,
            camera,
            entry,
            viewfinder: Arc::default(),
            picture: None,
            other: None,
            failed: None,
        }
    }

    /// The camera is off.
    pub(super) fn fail(&mut self, error: CameraError) {
        self.failed = Some(error);
        self.picture = None;
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

    /// `several` is empty unless there is a choice.
    pub(super) fn view(&mut self, ui: &mut Ui, several: &[CameraOffer], entered: Entered) -> Option<Intent> {
        let seen = self.viewfinder.look();
        if let Some(preview) = &seen.preview {
            self.develop(ui, preview);
        }
        self.other = seen.other.or(self.other);
        match (&self.picture, self.failed) {
            (Some(picture), _) => mirror(ui, picture),
            (None, Some(_)) => dark(ui, Icon::CameraOff, text::CAMERA_OFF),
            (None, None) => dark(ui, Icon::Camera, text::CAMERA_STARTS),
        }
        ui.add_space(space::XS);
        two_lines(ui, |ui| match (self.failed, self.other) {
            (Some(error), _) => notice_line(ui, Tone::Bad, Icon::CircleAlert, text::this_camera(error)),
            (None, Some(other)) => notice_line(ui, Tone::Plain, Icon::Info, text::seen_other(other)),
            (None, None) => {
                let color = tokens(ui).muted;
                paragraph(ui, Type::Small, color, text::CAMERA_HELP);
            }
        });
        let (chosen, cancel) = footer(
            ui,
            |ui| choice(ui, several, &self.camera),
            |ui| {
                let cancel = ui.add(Button::new(Kind::Secondary, text::CANCEL));
                entered.focus(&cancel);
                cancel.clicked()
            },
        );
        chosen.map(Intent::Look).or(cancel.then_some(Intent::BackToCode))
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

/// The way from one camera to another.
fn choice(ui: &mut Ui, several: &[CameraOffer], used: &CameraId) -> Option<CameraId> {
    if several.is_empty() {
        return None;
    }
    let button = Button::new(Kind::Secondary, text::CHOOSE_CAMERA).icon(Icon::SwitchCamera);
    let offered = several.iter().take(MAX_OFFERED).map(|offer| Item {
        icon: if offer.id == *used { Icon::Check } else { Icon::Camera },
        text: &offer.name,
        tone: Tone::Plain,
        action: offer.id.clone(),
    });
    menu(&ui.add(button), offered.collect())
}

/// Where the picture is: as large as there is room for.
fn place(ui: &mut Ui, says: &str) -> Rect {
    let room = (ui.ctx().content_rect().height() - REST).max(LOWEST);
    let size = vec2(ui.available_width(), (ui.available_width() * SHAPE).min(room));
    let (place, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, says));
    place
}

/// The picture, left and right exchanged.
fn mirror(ui: &mut Ui, picture: &TextureHandle) {
    let place = place(ui, text::CAMERA_SEES);
    let scale = (place.size() / picture.size_vec2()).min_elem();
    let shown = Rect::from_center_size(place.center(), picture.size_vec2() * scale);
    Image::from_texture(picture)
        .uv(Rect::from_min_max(pos2(1.0, 0.0), pos2(0.0, 1.0)))
        .corner_radius(radius::CARD)
        .paint_at(ui, shown);
}

/// There is no picture.
fn dark(ui: &mut Ui, icon: Icon, says: &str) {
    let (t, place) = (tokens(ui), place(ui, says));
    let (painter, center) = (ui.painter(), place.center());
    painter.rect_filled(place, radius::CARD, t.sunken);
    paint_icon(painter, center - vec2(0.0, 14.0), 24.0, t.muted, icon);
    let below = center + vec2(0.0, 16.0);
    painter.text(below, Align2::CENTER_CENTER, says, Type::Small.font(), t.muted);
}
