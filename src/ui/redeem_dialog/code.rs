//! First step: the code, checked while it is typed; the character that is wrong is marked where it stands. A picture of its QR
//! may be pasted, dropped, chosen or taken from the screen, or the camera looks for it. The short code of an invitation page needs the name of its service.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::text::CCursorRange;
use egui::text_edit::TextEditState;
use egui::{
    Align, Event, Id, Key, Layout, Margin, Modifiers, Response, TextBuffer, TextEdit, Ui, ViewportCommand, vec2,
};
use lucide_icons::Icon;

use super::entry::{Check, CodeEntry};
use super::{Intent, nearby};
use crate::desktop::CameraId;
use crate::email::Issuer;
use crate::failure::{Failure, words};
use crate::invitation::CodeError;
use crate::invitation::nearby::Sightings;
use crate::time::Timestamp;
use crate::ui::fonts::Type;
use crate::ui::scanner::QrPicture;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{
    Button, Entered, Kind, State, Tone, bordered, field, footer, line_edit, marked, notice_line, paragraph, scrolled,
    tokens,
};

/// The longest name of a service, in characters.
const MAX_SERVICE: usize = 256;

/// What stands around the field and stays in a low window, in points.
const REST: f32 = 200.0;

/// A code that is about to expire is worth a warning.
const SOON: Duration = Duration::from_secs(120);

/// Where a code may come from, besides what is always there.
pub(super) struct Sources<'a> {
    /// The camera that is used.
    pub(super) camera: Option<CameraId>,
    /// What is heard in the local network.
    pub(super) nearby: &'a Sightings,
}

/// The code field, open.
pub(super) fn view(
    ui: &mut Ui,
    id: Id,
    entry: &mut CodeEntry,
    other: &Sources<'_>,
    now: Timestamp,
    entered: Entered,
) -> Option<Intent> {
    let (response, entered_service, scanning, picture, picked) = scrolled(ui, REST, |ui| {
        let response = code_field(ui, id, entry);
        entered.focus(&response);
        if entered == Entered::Now && entry.refused.is_some() {
            // What is pasted next takes the place of what did not work.
            select_all(ui, response.id, &entry.text);
        }
        if response.changed() {
            entry.read();
        }
        two_lines(ui, |ui| verdict(ui, entry, now));
        let entered_service = entry.is_of_page() && service_field(ui, id, entry);
        let scanning = matches!(entry.check, Check::Scanning(_));
        let state = State::from(!scanning);
        let picture = sources(ui, state, &response, other).or_else(|| given(ui).map(Intent::Scan));
        ui.add_space(space::S);
        (
            response,
            entered_service,
            scanning,
            picture,
            nearby::view(ui, other.nearby),
        )
    });
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
            let state = State::from(entry.intent().is_some());
            let go = ui.add(Button::new(Kind::Primary, words).state(state)).clicked();
            (go, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
        },
    );
    match entry.intent() {
        _ if picked.is_some() => picked,
        Some(intent) if go || enter || entered_service => Some(intent),
        _ if cancel => Some(Intent::Close),
        _ => picture.filter(|_| !scanning),
    }
}

fn select_all(ui: &Ui, field: Id, text: &str) {
    let mut state = TextEditState::load(ui.ctx(), field).unwrap_or_default();
    state.cursor.set_char_range(Some(CCursorRange::select_all_str(text)));
    state.store(ui.ctx(), field);
}

/// Where a code may come from other than the keyboard.
fn sources(ui: &mut Ui, state: State, field: &Response, other: &Sources<'_>) -> Option<Intent> {
    let button = |icon, words| Button::new(Kind::Secondary, words).icon(icon).small();
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if ui.add(button(Icon::ClipboardPaste, text::PASTE)).clicked() {
            // What is in the clipboard arrives as an event: its text at the field that has the keyboard.
            field.request_focus();
            ui.ctx().send_viewport_cmd(ViewportCommand::RequestPaste);
        }
        let mut clicked = |icon, words| ui.add(button(icon, words).state(state)).clicked();
        let file = clicked(Icon::Image, text::SCAN_PICTURE).then_some(QrPicture::Chosen);
        let screen = clicked(Icon::ScanQrCode, text::SCAN_SCREEN).then_some(QrPicture::Screen);
        let camera = other.camera.clone();
        let camera = camera.filter(|_| clicked(Icon::Camera, text::SCAN_CAMERA));
        file.or(screen).map(Intent::Scan).or(camera.map(Intent::Look))
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

/// The code while the worker begins, or the service is asked: not to be changed.
pub(super) fn view_starting(
    ui: &mut Ui,
    id: Id,
    entry: &mut CodeEntry,
    other: &Sources<'_>,
    words: &str,
) -> Option<Intent> {
    scrolled(ui, REST, |ui| {
        ui.add_enabled_ui(false, |ui| {
            let field = code_field(ui, id, entry);
            two_lines(ui, |_| ());
            if entry.is_of_page() {
                service_field(ui, id, entry);
            }
            sources(ui, State::Disabled, &field, other);
            ui.add_space(space::S);
            nearby::view(ui, other.nearby);
        });
    });
    let (_, cancel) = footer(
        ui,
        |_| (),
        |ui| {
            ui.add(Button::new(Kind::Primary, words).state(State::Busy));
            ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked()
        },
    );
    cancel.then_some(Intent::Close)
}

fn code_field(ui: &mut Ui, id: Id, entry: &mut CodeEntry) -> Response {
    let t = tokens(ui);
    let (mark, wrong) = (entry.mark(), entry.is_wrong());
    let mut layout = |ui: &Ui, text: &dyn TextBuffer, width: f32| {
        let mut job = marked(t, Type::Mono.font(), text.as_str(), mark.as_slice());
        job.wrap.max_width = width;
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    field(ui, text::CODE_OR_LINK, |ui| {
        bordered(ui, wrong, |ui| {
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
    })
}

/// Whose page shows the code. Whether Enter was pressed there.
fn service_field(ui: &mut Ui, id: Id, entry: &mut CodeEntry) -> bool {
    let response = field(ui, text::SERVICE, |ui| {
        let edit = line_edit(&mut entry.service, text::SERVICE_HINT).id(id.with("service"));
        ui.add(edit.char_limit(MAX_SERVICE))
    });
    if response.changed() {
        entry.refused = None;
    }
    let typed = entry.service.trim();
    match Issuer::parse(typed) {
        Err(trouble) if !typed.is_empty() => {
            notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(&Failure::Mail(trouble)));
        }
        _ => {
            let color = tokens(ui).muted;
            paragraph(ui, Type::Small, color, text::WHICH_SERVICE_HELP);
        }
    }
    ui.add_space(space::S);
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

/// Room for two lines, whether they are needed or not, so that nothing below jumps while one types.
pub(super) fn two_lines(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
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
        _ if entry.refused.is_some() => {
            let sentence = entry.refused.as_ref().map(text::both).unwrap_or_default();
            notice_line(ui, Tone::Bad, Icon::CircleAlert, &sentence);
        }
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
        Check::PageBegun => notice_line(ui, Tone::Plain, Icon::Info, text::PAGE_CODE_BEGUN),
        Check::Page(_) => notice_line(ui, Tone::Good, Icon::Mail, text::PAGE_CODE_COMPLETE),
        Check::NoLink(trouble) => notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(&Failure::Mail(*trouble))),
        Check::Link(link) => notice_line(ui, Tone::Good, Icon::Mail, &text::mail_link(link.issuer.host())),
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
