//! A link of an invitation mail leads through the person's browser; the dialog waits for them to come back.

use egui::{OpenUrl, Ui};
use lucide_icons::Icon;
use zeroize::Zeroizing;

use super::Intent;
use super::code::CodeEntry;
use crate::ui::fonts::Type;
use crate::ui::text;
use crate::ui::theme::space;
use crate::ui::widgets::{Button, Kind, State, Tone, footer, notice_line, paragraph, tokens};
use crate::worker::RequestId;

/// Whom the dialog waits for.
pub(super) struct Waiting {
    pub(super) request: RequestId,
    pub(super) entry: CodeEntry,
    url: Url,
}

/// What the browser has to open.
enum Url {
    /// The service is asked.
    Unknown,
    /// To be opened with the next frame.
    New(Zeroizing<String>),
    Opened(Zeroizing<String>),
}

impl Waiting {
    pub(super) const fn new(request: RequestId, entry: CodeEntry) -> Self {
        Self {
            request,
            entry,
            url: Url::Unknown,
        }
    }

    /// The worker says what the browser has to open.
    pub(super) fn take_url(&mut self, url: &Zeroizing<String>) {
        self.url = Url::New(url.clone());
    }
}

pub(super) fn view(ui: &mut Ui, waiting: &mut Waiting) -> Option<Intent> {
    if let Url::New(url) = &waiting.url {
        let url = url.clone();
        open(ui, &url);
        waiting.url = Url::Opened(url);
    }
    let muted = tokens(ui).muted;
    paragraph(ui, Type::Body, muted, text::IN_BROWSER);
    ui.add_space(space::S);
    notice_line(ui, Tone::Plain, Icon::ExternalLink, text::IN_BROWSER_LIMIT);
    let (_, (again, cancel)) = footer(
        ui,
        |_| (),
        |ui| {
            let state = State::from(matches!(waiting.url, Url::Opened(_)));
            let again = Button::new(Kind::Secondary, text::OPEN_AGAIN).state(state);
            let again = ui.add(again).clicked();
            (again, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
        },
    );
    match &waiting.url {
        Url::Opened(url) if again => open(ui, url),
        _ => {}
    }
    cancel.then_some(Intent::LeaveBrowser)
}

fn open(ui: &Ui, url: &str) {
    ui.ctx().open_url(OpenUrl::new_tab(url));
}
