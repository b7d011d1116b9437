//! Small pictures of the files that are seen. The worker makes them; a bounded number stays in the graphics memory.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use egui::{ColorImage, Context, TextureHandle, TextureOptions};

use crate::party::{FileId, PartyId};
use crate::ui::main_window::MainAction;
use crate::ui::scene::Scene;
use crate::worker::{Command, ContentView, Event, FileView, RequestId, ThumbnailView};

/// How many pictures are kept.
const KEPT: usize = 96;
/// How many are made at a time.
const ASKED: usize = 4;
/// Endings of files that may have a picture.
const PICTURES: [&str; 5] = [".jpg", ".jpeg", ".png", ".gif", ".webp"];

/// What is known of a file's picture.
enum Known {
    Asked,
    /// It came, and is not in the graphics memory yet.
    Came(Arc<ThumbnailView>),
    Shown(TextureHandle),
    /// The file is no picture.
    Nothing,
}

/// The pictures, the oldest first in `order`.
#[derive(Default)]
pub(super) struct Thumbnails {
    known: BTreeMap<FileId, Known>,
    order: VecDeque<FileId>,
    asked: BTreeMap<RequestId, FileId>,
}

impl Thumbnails {
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::ThumbnailMade { request, thumbnail } => {
                if let Some(file) = self.asked.remove(request) {
                    let known = thumbnail.clone().map_or(Known::Nothing, Known::Came);
                    self.known.insert(file, known);
                }
            }
            Event::Failed {
                request: Some(request), ..
            } => {
                if let Some(file) = self.asked.remove(request) {
                    self.known.insert(file, Known::Nothing);
                }
            }
            Event::Restarted => *self = Self::default(),
            _ => {}
        }
    }

    /// Brings what came into the graphics memory.
    pub(super) fn load(&mut self, ctx: &Context) {
        for (file, known) in &mut self.known {
            let Known::Came(view) = known else { continue };
            let size = [view.width as usize, view.height as usize];
            let whole = size[0].checked_mul(size[1]).and_then(|pixels| pixels.checked_mul(4));
            *known = if whole == Some(view.rgba.len()) && !view.rgba.is_empty() {
                let image = ColorImage::from_rgba_unmultiplied(size, &view.rgba);
                let name = format!("thumbnail {}", file.short());
                Known::Shown(ctx.load_texture(name, image, TextureOptions::LINEAR))
            } else {
                Known::Nothing
            };
        }
    }

    pub(super) fn get(&self, file: FileId) -> Option<&TextureHandle> {
        match self.known.get(&file)? {
            Known::Shown(texture) => Some(texture),
            Known::Asked | Known::Came(_) | Known::Nothing => None,
        }
    }

    /// Asks for the picture of a file that is seen, if it may have one.
    pub(super) fn wish(&mut self, party: PartyId, view: &FileView, scene: &Scene<'_>) -> Option<MainAction> {
        let file = view.file.id;
        let name = view.file.name.to_lowercase();
        let may_have = view.content == ContentView::Here && PICTURES.iter().any(|ending| name.ends_with(ending));
        if !may_have || self.known.contains_key(&file) || self.asked.len() >= ASKED {
            return None;
        }
        if self.order.len() >= KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        self.order.push_back(file);
        self.known.insert(file, Known::Asked);
        let request = scene.frame.requests.next();
        self.asked.insert(request, file);
        let command = Command::MakeThumbnail { party, file };
        Some(MainAction::SendQuietly(request, command))
    }
}
