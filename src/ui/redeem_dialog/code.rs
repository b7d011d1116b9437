//! First step: the code, checked while it is typed; the character that is wrong is marked where it stands. A picture of its QR
//! may be pasted, dropped, chosen or taken from the screen.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::text::{LayoutJob, TextFormat};
use egui::{
    Align, Event, Id, Key, Layout, Margin, Modifiers, Response, Stroke, TextBuffer, TextEdit, Ui, ViewportCommand, vec2,
};
use lucide_icons::Icon;
use zeroize::Zeroizing;

use super::{Intent, nearby};
use crate::desktop::ScanError;
use crate::failure::{Failure, words};
use crate::invitation::nearby::Sightings;
use crate::invitation::{CodeError, InviteCode};
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::scanner::{QrPicture, Scanned};
use crate::ui::text;
use crate::ui::theme::{Tokens, space};
use crate::ui::widgets::{Button, Entered, Kind, State, Tone, field, footer, notice_line, paragraph, tokens};
use crate::worker::RequestId;

/// A code that is about to expire is worth a warning.
const SOON: Duration = Duration::from_secs(120);

/// What has been typed, and what it means.
#[derive(Default)]
pub(super) struct CodeEntry {
    text: Zeroizing<String>,
    check: Check,
}

#[derive(Default)]
enum Check {
    /// Nothing yet, or just the beginning of a code.
    #[default]
    Nothing,
    Wrong(CodeError),
    Good(Arc<InviteCode>),
    /// The worker would not begin with it.
    Refused(Failure, Arc<InviteCode>),
    /// A picture is looked at.
    Scanning(RequestId),
    NotScanned(ScanError),
    /// The worker would not begin with what was picked nearby.
    NotPicked(Failure),
}

impl CodeEntry {
    pub(super) fn typed(text: &str) -> Self {
        let mut entry = Self {
            text: Zeroizing::new(text.to_owned()),
            check: Check::Nothing,
        };
        entry.read();
        entry
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn refuse(&mut self, failure: Failure) {
        self.read();
        self.check = match &self.check {
            Check::Good(code) => Check::Refused(failure, Arc::clone(code)),
            _ => Check::NotPicked(failure),
        };
    }

    pub(super) fn scan(&mut self, request: RequestId) {
        self.check = Check::Scanning(request);
    }

    pub(super) fn take_scanned(&mut self, scanned: Scanned) {
        if !matches!(self.check, Check::Scanning(request) if request == scanned.request) {
            return;
        }
        match scanned.code {
            Ok(code) => {
                if let Some(code) = code {
                    self.text = code;
                }
                self.read();
            }
            Err(error) => self.check = Check::NotScanned(error),
        }
    }

    fn read(&mut self) {
        let begun = self.text.trim().to_lowercase();
        self.check = if "party1".starts_with(&begun) {
            Check::Nothing
        } else {
            match InviteCode::parse(&self.text) {
                Ok(code) => Check::Good(Arc::new(code)),
                Err(error) => Check::Wrong(error),
            }
        };
    }

    const fn code(&self) -> Option<&Arc<InviteCode>> {
        match &self.check {
            Check::Good(code) | Check::Refused(_, code) => Some(code),
            Check::Nothing | Check::Wrong(_) | Check::Scanning(_) | Check::NotScanned(_) | Check::NotPicked(_) => None,
        }
    }

    /// Which character to mark, counted in characters of what was pasted.
    const fn mark(&self) -> Option<usize> {
        match self.check {
            Check::Wrong(CodeError::Character { at } | CodeError::Checksum { at: Some(at) }) => Some(at),
            _ => None,
        }
    }
}

/// The code field, open.
pub(super) fn view(
    ui: &mut Ui,
    id: Id,
    entry: &mut CodeEntry,
    heard: &Sightings,
    now: Timestamp,
    entered: Entered,
) -> Option<Intent> {
    let response = code_field(ui, id, entry);
    entered.focus(&response);
    if response.changed() {
        entry.read();
    }
    two_lines(ui, |ui| verdict(ui, entry, now));
    let scanning = matches!(entry.check, Check::Scanning(_));
    let picture = sources(ui, State::from(!scanning), &response).or_else(|| given(ui));
    ui.add_space(space::S);
    let picked = nearby::view(ui, heard);
    // Not `response.has_focus()`: keys that come from a screen reader or a tool reach a window that is not in front, too.
    let here = ui.memory(|memory| memory.has_focus(response.id));
    let enter = here && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let expired = entry
        .code()
        .and_then(|code| code.expires())
        .is_some_and(|expires| expires <= now);
    let (_, (go, cancel)) = footer(
        ui,
        |_| (),
        |ui| {
            let words = if expired { text::TRY_ANYWAY } else { text::CONTINUE };
            let state = State::from(entry.code().is_some());
            let go = ui.add(Button::new(Kind::Primary, words).state(state)).clicked();
            (go, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
        },
    );
    match entry.code() {
        _ if picked.is_some() => picked,
        Some(code) if go || enter => Some(Intent::Redeem(Arc::clone(code))),
        _ if cancel => Some(Intent::Close),
        _ => picture.filter(|_| !scanning).map(Intent::Scan),
    }
}

/// Where a code may come from other than the keyboard.
fn sources(ui: &mut Ui, state: State, field: &Response) -> Option<QrPicture> {
    let button = |icon, words| Button::new(Kind::Secondary, words).icon(icon).small();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if ui.add(button(Icon::ClipboardPaste, text::PASTE)).clicked() {
            // What is in the clipboard arrives as an event: its text at the field that has the keyboard.
            field.request_focus();
            ui.ctx().send_viewport_cmd(ViewportCommand::RequestPaste);
        }
        let file = button(Icon::Image, text::SCAN_PICTURE).state(state);
        let file = ui.add(file).clicked().then_some(QrPicture::Chosen);
        let screen = button(Icon::ScanQrCode, text::SCAN_SCREEN).state(state);
        file.or(ui.add(screen).clicked().then_some(QrPicture::Screen))
    })
    .inner
}

/// A picture that was pasted or dropped.
fn given(ui: &Ui) -> Option<QrPicture> {
    ui.input(|input| {
        let pasted = input.events.iter().find_map(|event| match event {
            Event::PasteImage(image) => Some(QrPicture::Pasted(Arc::clone(image))),
            _ => None,
        });
        let dropped = input.raw.dropped_files.first();
        pasted.or_else(|| dropped.map(|file| QrPicture::Dropped(PathBuf::from(file.path()))))
    })
}

/// The code while the worker begins: not to be changed.
pub(super) fn view_starting(ui: &mut Ui, id: Id, entry: &mut CodeEntry, heard: &Sightings) -> Option<Intent> {
    ui.add_enabled_ui(false, |ui| {
        let field = code_field(ui, id, entry);
        two_lines(ui, |_| ());
        sources(ui, State::Disabled, &field);
        ui.add_space(space::S);
        nearby::view(ui, heard);
    });
    let (_, cancel) = footer(
        ui,
        |_| (),
        |ui| {
            ui.add(Button::new(Kind::Primary, text::CONNECTING).state(State::Busy));
            ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked()
        },
    );
    cancel.then_some(Intent::Close)
}

fn code_field(ui: &mut Ui, id: Id, entry: &mut CodeEntry) -> Response {
    let t = tokens(ui);
    let mark = entry.mark();
    let bad = matches!(entry.check, Check::Wrong(_) | Check::Refused(..));
    let mut layout = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
        let mut job = marked(t, text.as_str(), mark);
        job.wrap.max_width = width;
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    field(ui, text::CODE_OR_LINK, |ui| {
        ui.scope(|ui| {
            if bad {
                let visuals = ui.visuals_mut();
                visuals.widgets.inactive.bg_stroke = Stroke::new(1.5, t.danger_solid);
                visuals.widgets.hovered.bg_stroke = Stroke::new(1.5, t.danger_solid);
                visuals.selection.stroke = Stroke::new(2.0, t.danger_solid);
            }
            ui.add(
                TextEdit::multiline(&mut *entry.text)
                    .id(id.with("code"))
                    .font(Type::Mono.font())
                    .desired_rows(4)
                    .desired_width(f32::INFINITY)
                    .margin(Margin::symmetric(12, 10))
                    .hint_text(text::CODE_HINT)
                    .layouter(&mut layout)
                    .return_key(None),
            )
        })
        .inner
    })
}

/// The text with one character marked by ground, weight and underline: never by colour alone.
fn marked(t: &Tokens, text: &str, mark: Option<usize>) -> LayoutJob {
    let plain = TextFormat {
        font_id: Type::Mono.font(),
        color: t.text,
        ..TextFormat::default()
    };
    let wrong = TextFormat {
        color: t.danger,
        background: t.danger_soft,
        underline: Stroke::new(2.0, t.danger_solid),
        ..plain.clone()
    };
    let start = mark
        .and_then(|at| text.char_indices().nth(at))
        .map_or(text.len(), |(byte, _)| byte);
    let (before, rest) = text.split_at(start);
    let (bad, after) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
    let mut job = LayoutJob::default();
    for (part, format) in [(before, &plain), (bad, &wrong), (after, &plain)] {
        if !part.is_empty() || text.is_empty() {
            job.append(part, 0.0, format.clone());
        }
    }
    job
}

/// Room for two lines, whether they are needed or not, so that nothing below jumps while one types.
fn two_lines(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let size = vec2(ui.available_width(), 36.0);
    ui.allocate_ui_with_layout(size, Layout::top_down(Align::Min), |ui| {
        ui.set_min_height(36.0);
        content(ui);
    });
}

/// What is thought of the code.
fn verdict(ui: &mut Ui, entry: &CodeEntry, now: Timestamp) {
    let dragged = ui.input(|input| !input.raw.hovered_files.is_empty());
    match &entry.check {
        _ if dragged => notice_line(ui, Tone::Plain, Icon::ImageDown, text::DROP_PICTURE),
        Check::Nothing => {
            let color = tokens(ui).muted;
            paragraph(ui, Type::Small, color, text::CODE_HELP);
        }
        Check::Wrong(error @ (CodeError::Truncated | CodeError::Empty)) => {
            notice_line(ui, Tone::Plain, Icon::Info, &sentence(error));
        }
        Check::Wrong(error) => notice_line(ui, Tone::Bad, Icon::CircleAlert, &sentence(error)),
        Check::Scanning(_) => notice_line(ui, Tone::Plain, Icon::ScanQrCode, text::SCANNING),
        Check::NotScanned(error) => notice_line(ui, Tone::Bad, Icon::CircleAlert, text::not_scanned(*error)),
        Check::Refused(failure, _) | Check::NotPicked(failure) => {
            notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
        }
        Check::Good(code) => match code.expires().map(|expires| now.until(expires)) {
            Some(Duration::ZERO) => notice_line(ui, Tone::Warning, Icon::TriangleAlert, text::CODE_LOOKS_EXPIRED),
            Some(left) if left < SOON => notice_line(ui, Tone::Warning, Icon::TriangleAlert, text::CODE_EXPIRES_SOON),
            _ => notice_line(ui, Tone::Good, Icon::CircleCheck, text::CODE_COMPLETE),
        },
    }
}

fn sentence(error: &CodeError) -> String {
    format!("{} {}", words::problem(error), words::remedy(error))
}
