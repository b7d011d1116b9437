//! One file.

use egui::{Align, Id, Layout, Rect, Sense, Ui, UiBuilder, Vec2, vec2};
use lucide_icons::Icon;

use super::FileList;
use crate::party::FileId;
use crate::ui::fonts::Type;
use crate::ui::main_window::in_place::{InPlace, Left};
use crate::ui::main_window::{may_write, member_name};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::radius;
use crate::ui::widgets::{
    Item, Tile, Tone, avatar, icon_button, label_truncated, lines_within, menu, paint_icon, right, tokens,
};
use crate::worker::{ContentView, FileView, PartyView, TransferStage, TransferView};

/// The longest name, in bytes.
const MAX_NAME: usize = 255;

/// What was done to a row.
pub(super) enum Done {
    Fetch,
    Cancel,
    Dismiss,
    Open,
    SaveAs,
    Rename,
    Named(String),
    Stop,
    History,
    Delete,
}

/// A name that is being changed.
pub(super) struct Renaming {
    file: FileId,
    name: InPlace,
}

impl Renaming {
    pub(super) fn of(file: FileId, name: &str) -> Self {
        Self {
            file,
            name: InPlace::of(name),
        }
    }
}

impl FileList {
    pub(super) fn row(
        &mut self,
        ui: &mut Ui,
        rect: Rect,
        party: &PartyView,
        view: &FileView,
        scene: &Scene<'_>,
    ) -> Option<Done> {
        let file = &view.file;
        let transfer = scene.model.transfers.get(&file.id);
        let mut child = inside(ui, rect, file.id);
        let ui = &mut child;
        let square = symbol(ui, &file.name);
        if let Some(texture) = self.thumbnails.get(file.id) {
            let size = texture.size_vec2();
            let fit = Rect::from_center_size(square.center(), size * (36.0 / size.max_elem()).min(1.0));
            egui::Image::new(texture).corner_radius(radius::SMALL).paint_at(ui, fit);
        }
        if let Some(renaming) = &mut self.renaming
            && renaming.file == file.id
        {
            return edit(ui, renaming);
        }
        let mut done = None;
        right(ui, |ui| {
            done = more(ui, party, view).or(main_button(ui, view, transfer));
            let name = member_name(party, file.author);
            let id = file.author.as_bytes();
            avatar(ui, 24.0, Tile { id, name }).on_hover_text(text::added_by(name));
            let added = text::some_days_ago(scene.calendar.date(file.added), scene.today());
            let (status, tone) =
                transfer.map_or_else(|| (format!("{}, {added}", text::size(file.length)), Tone::Good), status);
            names(ui, &file.name, &status, tone);
        });
        if let Some(transfer) = transfer {
            progress(ui, rect, transfer);
        }
        done
    }
}

/// A file that is being added.
pub(super) fn coming(ui: &mut Ui, rect: Rect, transfer: &TransferView) -> Option<Done> {
    let mut child = inside(ui, rect, transfer.file);
    let ui = &mut child;
    symbol(ui, &transfer.name);
    let (label, done) = if has_failed(transfer) {
        (text::dismiss_transfer(&transfer.name), Done::Dismiss)
    } else {
        (text::cancel_transfer(&transfer.name), Done::Cancel)
    };
    let clicked = right(ui, |ui| {
        let clicked = icon_button(ui, Icon::X, &label).clicked();
        let (status, tone) = status(transfer);
        names(ui, &transfer.name, &status, tone);
        clicked
    });
    progress(ui, rect, transfer);
    clicked.then_some(done)
}

fn inside(ui: &mut Ui, rect: Rect, file: FileId) -> Ui {
    let t = tokens(ui);
    if ui.rect_contains_pointer(rect) {
        let ground = t.hover.gamma_multiply(0.6);
        ui.painter()
            .rect_filled(rect.shrink2(vec2(4.0, 3.0)), radius::CONTROL, ground);
    }
    let place = UiBuilder::new()
        .id_salt(file)
        .max_rect(rect.shrink2(vec2(16.0, 0.0)))
        .layout(Layout::left_to_right(Align::Center));
    let mut child = ui.new_child(place);
    child.spacing_mut().item_spacing.x = 12.0;
    child
}

/// What kind of file it is, by its ending.
fn symbol(ui: &mut Ui, name: &str) -> Rect {
    let t = tokens(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(36.0), Sense::hover());
    ui.painter().rect_filled(rect, radius::CONTROL, t.sunken);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let icon = match ending.as_deref() {
        Some("jpg" | "jpeg" | "png" | "gif" | "webp" | "heic" | "svg") => Icon::Image,
        Some("mp4" | "mov" | "mkv" | "webm" | "avi") => Icon::Film,
        Some("mp3" | "ogg" | "flac" | "wav" | "m4a") => Icon::Music,
        Some("zip" | "gz" | "xz" | "7z" | "tar" | "rar") => Icon::FileArchive,
        Some("ods" | "xlsx" | "xls" | "csv") => Icon::FileSpreadsheet,
        Some("pdf" | "txt" | "md" | "doc" | "docx" | "odt" | "gpx") => Icon::FileText,
        _ => Icon::File,
    };
    paint_icon(ui.painter(), rect.center(), 18.0, t.muted, icon);
    rect
}

fn names(ui: &mut Ui, name: &str, status: &str, tone: Tone) {
    let t = tokens(ui);
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        lines_within(ui, vec2(ui.available_width(), 38.0), |ui| {
            label_truncated(ui, Type::Strong, t.text, name);
            let color = if tone == Tone::Bad { t.danger } else { t.muted };
            label_truncated(ui, Type::Small, color, status);
        });
    });
}

/// The next thing to do with a file: get it, stop getting it, or open it.
fn main_button(ui: &mut Ui, view: &FileView, transfer: Option<&TransferView>) -> Option<Done> {
    let name = &view.file.name;
    let failed = transfer.is_some_and(has_failed);
    let (icon, label, done) = match (transfer, view.content) {
        (Some(_), _) if !failed => (Icon::X, text::cancel_transfer(name), Done::Cancel),
        (_, ContentView::Elsewhere) => (Icon::Download, text::download(name), Done::Fetch),
        (_, ContentView::Here) => (Icon::SquareArrowOutUpRight, text::open_file(name), Done::Open),
    };
    icon_button(ui, icon, &label).clicked().then_some(done)
}

fn more(ui: &mut Ui, party: &PartyView, view: &FileView) -> Option<Done> {
    let item = |icon, text, tone, action| Item {
        icon,
        text,
        tone,
        action,
    };
    let mut items = Vec::new();
    if view.content == ContentView::Here {
        items.push(item(Icon::Save, text::SAVE_AS, Tone::Plain, Done::SaveAs));
    }
    items.push(item(Icon::History, text::HISTORY, Tone::Plain, Done::History));
    if may_write(party) {
        items.push(item(Icon::Pencil, text::RENAME, Tone::Plain, Done::Rename));
        items.push(item(Icon::Trash2, text::DELETE, Tone::Bad, Done::Delete));
    }
    let button = icon_button(ui, Icon::Ellipsis, &text::file_menu(&view.file.name));
    menu(&button, items)
}

const fn has_failed(transfer: &TransferView) -> bool {
    matches!(transfer.stage, TransferStage::Failed(_))
}

/// How far a transfer is, in words.
fn status(transfer: &TransferView) -> (String, Tone) {
    let words = match &transfer.stage {
        TransferStage::Adding => text::ADDING.to_owned(),
        TransferStage::Waiting => text::WAITING_FOR_MEMBER.to_owned(),
        TransferStage::Coming { rate, seconds_left } => {
            text::coming(transfer.done, transfer.total, *rate, *seconds_left)
        }
        TransferStage::Done | TransferStage::Cancelled => text::size(transfer.total),
        TransferStage::Failed(failure) => return (text::both(failure), Tone::Bad),
    };
    (words, Tone::Plain)
}

/// A line along the lower edge of the row.
fn progress(ui: &Ui, rect: Rect, transfer: &TransferView) {
    if has_failed(transfer) {
        return;
    }
    let t = tokens(ui);
    let track = Rect::from_min_max(
        egui::pos2(rect.left() + 64.0, rect.bottom() - 7.0),
        egui::pos2(rect.right() - 16.0, rect.bottom() - 4.0),
    );
    ui.painter().rect_filled(track, 2, t.active);
    let part = transfer.done as f32 / transfer.total.max(1) as f32;
    let done = track.with_max_x(track.left() + track.width() * part.clamp(0.0, 1.0));
    ui.painter().rect_filled(done, 2, t.accent);
}

fn edit(ui: &mut Ui, renaming: &mut Renaming) -> Option<Done> {
    let id = Id::unique(("rename file", ui.scope_id()));
    Some(match renaming.name.view(ui, id, text::FILE_NAME, MAX_NAME)? {
        Left::With(name) => Done::Named(name),
        Left::Escaped => Done::Stop,
    })
}
