//! What a person does in their browser: it is opened once, and the dialog waits for them to come back.

use egui::{OpenUrl, Ui};
use zeroize::Zeroizing;

use super::fonts::Type;
use super::text;
use super::theme::space;
use super::widgets::{Button, Kind, State, footer, paragraph, tokens};
use crate::worker::{Event, RequestId};

/// A command that the person answers in their browser.
pub(super) struct Browser {
    pub(super) request: RequestId,
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

impl Browser {
    pub(super) const fn new(request: RequestId) -> Self {
        let url = Url::Unknown;
        Self { request, url }
    }

    /// Takes in what the browser has to open, once the worker says so.
    pub(super) fn apply(&mut self, event: &Event) {
        if let Event::BrowserNeeded { request, url } = event
            && *request == self.request
        {
            self.url = Url::New(url.clone());
        }
    }

    /// Says what is waited for. Whether the person does not want to wait any more.
    pub(super) fn view(&mut self, ui: &mut Ui, waits_for: &str) -> bool {
        if let Url::New(url) = &self.url {
            let url = url.clone();
            open(ui, &url);
            self.url = Url::Opened(url);
        }
        let muted = tokens(ui).muted;
        paragraph(ui, Type::Body, muted, waits_for);
        ui.add_space(space::S);
        paragraph(ui, Type::Small, muted, text::IN_BROWSER_LIMIT);
        let (_, (again, cancel)) = footer(
            ui,
            |_| (),
            |ui| {
                let state = State::from(matches!(self.url, Url::Opened(_)));
                let again = Button::new(Kind::Secondary, text::OPEN_AGAIN).state(state);
                let again = ui.add(again).clicked();
                (again, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
            },
        );
        match &self.url {
            Url::Opened(url) if again => open(ui, url),
            _ => {}
        }
        cancel
    }
}

fn open(ui: &Ui, url: &str) {
    ui.ctx().open_url(OpenUrl::new_tab(url));
}
