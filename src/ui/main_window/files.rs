//! The files of a party: rows of which only those that can be seen are drawn, and a place to drop more.

mod row;
mod thumbnails;

use std::ops::Range;

use egui::accesskit::Role;
use egui::{CursorIcon, Rect, ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use self::row::{Done, Renaming};
use self::thumbnails::Thumbnails;
use super::{MainAction, empty, may_write, would_drop};
use crate::desktop::Surface;
use crate::party::{FileId, ItemId, PartyId};
use crate::ui::chooser::Purpose;
use crate::ui::fonts::Type;
use crate::ui::model::Model;
use crate::ui::scene::Scene;
use crate::ui::surface::takes_drops;
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{paint_icon, tokens};
use crate::worker::{Command, Event, FileView, PartyView, TransferView};

/// Height of a row, in points.
const ROW: f32 = 60.0;
/// Height of the place to drop files, in points.
const DROP: f32 = 72.0;

/// What is half typed, and the small pictures. The files themselves are in the model.
#[derive(Default)]
pub(super) struct FileList {
    renaming: Option<Renaming>,
    thumbnails: Thumbnails,
    revealed: Option<FileId>,
}

/// What a row shows.
enum Entry<'a> {
    File(&'a FileView),
    /// One that is being added and that nobody else knows of yet.
    Coming(&'a TransferView),
}

impl FileList {
    pub(super) fn apply(&mut self, event: &Event) {
        self.thumbnails.apply(event);
    }

    /// Scrolls to a file when the list is drawn next.
    pub(super) const fn reveal(&mut self, file: FileId) {
        self.revealed = Some(file);
    }

    pub(super) fn view(&mut self, ui: &mut Ui, party: &PartyView, scene: &Scene<'_>, out: &mut Vec<MainAction>) {
        ui.spacing_mut().item_spacing.y = 0.0;
        self.thumbnails.load(ui.ctx());
        if may_write(party) {
            if drop_zone(ui, scene.surface) {
                out.push(MainAction::Choose(Purpose::AddFiles(party.id)));
            }
            ui.add_space(space::L);
        }
        let entries = entries(party, scene.model);
        if entries.is_empty() {
            ui.add_space(48.0);
            empty(ui, Icon::Files, text::NO_FILES, text::NO_FILES_MEANS);
            return;
        }
        let mut area = ScrollArea::vertical()
            .id_salt(("files", party.id))
            .auto_shrink([false, false]);
        if let Some(file) = self.revealed.take()
            && let Some(index) = entries.iter().position(|entry| entry.id() == file)
        {
            area = area.vertical_scroll_offset((index as f32 - 2.0).max(0.0) * ROW);
        }
        area.show_rows(ui, ROW, entries.len(), |ui, rows| {
            self.rows(ui, party, &entries, rows, scene, out);
        });
    }

    fn rows(
        &mut self,
        ui: &mut Ui,
        party: &PartyView,
        entries: &[Entry<'_>],
        rows: Range<usize>,
        scene: &Scene<'_>,
        out: &mut Vec<MainAction>,
    ) {
        let t = tokens(ui);
        // One card around all rows, most of it outside of what can be seen.
        let top = ui.max_rect().top() - rows.start as f32 * ROW;
        let size = vec2(ui.available_width(), entries.len() as f32 * ROW);
        let card = Rect::from_min_size(pos2(ui.max_rect().left(), top), size);
        let stroke = Stroke::new(1.0, t.border);
        ui.painter()
            .rect(card, radius::CARD, t.surface, stroke, StrokeKind::Inside);
        for (index, entry) in entries.iter().enumerate().skip(rows.start).take(rows.len()) {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
            if index + 1 < entries.len() {
                let line = rect.left() + 16.0..=rect.right() - 16.0;
                ui.painter().hline(line, rect.bottom() - 0.5, stroke);
            }
            let done = match entry {
                Entry::File(view) => {
                    out.extend(self.thumbnails.wish(party.id, view, scene));
                    self.row(ui, rect, party, view, scene)
                }
                Entry::Coming(transfer) => row::coming(ui, rect, transfer),
            };
            if let Some(done) = done {
                out.extend(self.carry_out(done, party.id, entry, scene));
            }
        }
    }

    fn carry_out(&mut self, done: Done, party: PartyId, entry: &Entry<'_>, scene: &Scene<'_>) -> Option<MainAction> {
        let file = entry.id();
        let name = entry.name();
        let command = match done {
            Done::Fetch => Command::FetchFile { party, file },
            Done::Cancel => Command::CancelTransfer { party, file },
            Done::Dismiss => return Some(MainAction::DismissTransfer(file)),
            Done::Delete => Command::DeleteItem {
                party,
                item: ItemId::File(file),
            },
            Done::Named(new) => {
                self.renaming = None;
                if new.is_empty() || new == name {
                    return None;
                }
                Command::RenameFile { party, file, name: new }
            }
            Done::Rename => {
                self.renaming = Some(Renaming::of(file, name));
                return None;
            }
            Done::Stop => {
                self.renaming = None;
                return None;
            }
            Done::Open => return Some(MainAction::OpenFile(party, file)),
            Done::SaveAs => {
                let name = name.to_owned();
                return Some(MainAction::Choose(Purpose::SaveFile { party, file, name }));
            }
            Done::History => return Some(MainAction::ShowHistory(party, ItemId::File(file), name.to_owned())),
        };
        Some(scene.send(command))
    }
}

impl Entry<'_> {
    fn id(&self) -> FileId {
        match self {
            Self::File(view) => view.file.id,
            Self::Coming(transfer) => transfer.file,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::File(view) => &view.file.name,
            Self::Coming(transfer) => &transfer.name,
        }
    }
}

/// What is being added, then the files.
fn entries<'a>(party: &'a PartyView, model: &'a Model) -> Vec<Entry<'a>> {
    let is_new = |transfer: &&TransferView| {
        transfer.party == party.id && !party.files.iter().any(|view| view.file.id == transfer.file)
    };
    let coming = model.transfers.values().filter(is_new).map(Entry::Coming);
    coming.chain(party.files.iter().map(Entry::File)).collect()
}

/// A place that says where to drop files, if they can be, and opens the system's dialog when it is clicked.
fn drop_zone(ui: &mut Ui, surface: Surface) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), DROP), Sense::click());
    let offer = if takes_drops(surface) {
        text::DROP_FILES
    } else {
        text::CHOOSE_FILES
    };
    let (ground, line, words) = if would_drop(ui) {
        (t.accent_soft, t.accent, text::DROP_NOW)
    } else if response.hovered() || response.has_focus() {
        (t.hover, t.border_strong, offer)
    } else {
        (t.sunken, t.border_strong, offer)
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, words));
    ui.painter().rect_filled(rect, radius::CARD, ground);
    dashes(ui, rect.shrink(0.5), f32::from(radius::CARD), Stroke::new(1.0, line));
    let galley = ui
        .painter()
        .layout_no_wrap(words.to_owned(), Type::Body.font(), t.muted);
    let left = rect.center().x - (galley.size().x + 26.0) / 2.0;
    paint_icon(
        ui.painter(),
        pos2(left + 8.0, rect.center().y),
        18.0,
        t.muted,
        Icon::FileUp,
    );
    let at = pos2(left + 26.0, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(at, galley, t.muted);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// A dashed outline with round corners.
fn dashes(ui: &Ui, rect: Rect, corner: f32, stroke: Stroke) {
    let mut points = Vec::new();
    let inner = rect.shrink(corner);
    let centers = [
        inner.right_bottom(),
        inner.left_bottom(),
        inner.left_top(),
        inner.right_top(),
    ];
    for (quarter, center) in centers.into_iter().enumerate() {
        for step in 0..=6_u8 {
            let angle = (quarter as f32 + f32::from(step) / 6.0) * std::f32::consts::FRAC_PI_2;
            points.push(center + egui::Vec2::angled(angle) * corner);
        }
    }
    points.extend(points.first().copied());
    ui.painter().extend(Shape::dashed_line(&points, stroke, 5.0, 4.0));
}
