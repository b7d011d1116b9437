//! "Why can't we connect?": the facts about the way to the other device, and a text of them without secrets to be copied.

use std::sync::Arc;

use egui::{ScrollArea, Ui};
use lucide_icons::Icon;

use super::fonts::Type;
use super::frame::Frame;
use super::text;
use super::theme::space;
use super::widgets::{Button, Entered, Kind, Tone, footer, icon, label, paragraph, spinner, tokens};
use crate::worker::{Command, ConnectionView, Event, RedemptionId, RequestId};

/// Shown in place of a dialog's stage until the person goes back.
pub(super) struct Explanation {
    of: Option<RedemptionId>,
    facts: Facts,
}

enum Facts {
    Asked(RequestId),
    Known(Arc<ConnectionView>),
}

/// What was clicked.
pub(super) enum Clicked {
    Back,
    Copy(String),
    /// Look again: send this.
    Ask(RequestId, Command),
}

/// One fact: how good it is, what it is about, what it is.
pub(super) struct Fact {
    pub(super) tone: Tone,
    pub(super) about: &'static str,
    pub(super) told: String,
}

impl Explanation {
    /// Asks about a redemption, or about this device alone; with what is to be sent.
    pub(super) fn ask(of: Option<RedemptionId>, frame: &Frame<'_>) -> (Self, RequestId, Command) {
        let request = frame.requests.next();
        let facts = Facts::Asked(request);
        (
            Self { of, facts },
            request,
            Command::ExplainConnection { redemption: of },
        )
    }

    /// A name for each of its two looks: the keyboard is put to the first button of each.
    pub(super) const fn name(&self) -> &'static str {
        match self.facts {
            Facts::Asked(_) => "facts asked",
            Facts::Known(_) => "facts known",
        }
    }

    pub(super) fn apply(&mut self, event: &Event) {
        if let (Event::ConnectionExplained { request, connection }, Facts::Asked(asked)) = (event, &self.facts)
            && request == asked
        {
            self.facts = Facts::Known(Arc::clone(connection));
        }
    }

    pub(super) fn view(&mut self, ui: &mut Ui, frame: &Frame<'_>, entered: Entered) -> Option<Clicked> {
        // As much as there are facts, less in a low window.
        let room = (ui.ctx().content_rect().height() - 230.0).clamp(120.0, 400.0);
        let facts = match &self.facts {
            Facts::Asked(_) => {
                spinner(ui, 20.0);
                None
            }
            Facts::Known(connection) => Some(text::facts(connection)),
        };
        let area = ScrollArea::vertical().max_height(room).auto_shrink([false, true]);
        area.show(ui, |ui| facts.iter().flatten().for_each(|fact| line(ui, fact)));
        let (back, (copy, again)) = buttons(ui, entered);
        if again {
            let (asked, request, command) = Self::ask(self.of, frame);
            *self = asked;
            return Some(Clicked::Ask(request, command));
        }
        match facts {
            Some(facts) if copy => Some(Clicked::Copy(text::facts_to_copy(&facts))),
            _ => back.then_some(Clicked::Back),
        }
    }
}

/// Back; copy, look again.
fn buttons(ui: &mut Ui, entered: Entered) -> (bool, (bool, bool)) {
    footer(
        ui,
        |ui| {
            let back = ui.add(Button::new(Kind::Ghost, text::BACK).icon(Icon::ArrowLeft).flush());
            entered.focus(&back);
            back.clicked()
        },
        |ui| {
            let copy = Button::new(Kind::Secondary, text::COPY_FACTS).icon(Icon::Copy);
            let copy = ui.add(copy).clicked();
            let again = Button::new(Kind::Secondary, text::LOOK_AGAIN).icon(Icon::RefreshCw);
            (copy, ui.add(again).clicked())
        },
    )
}

fn line(ui: &mut Ui, fact: &Fact) {
    let t = tokens(ui);
    let symbol = match fact.tone {
        Tone::Good => Icon::CircleCheck,
        Tone::Plain => Icon::Info,
        Tone::Warning => Icon::TriangleAlert,
        Tone::Bad => Icon::CircleAlert,
    };
    let color = if fact.tone == Tone::Plain {
        t.muted
    } else {
        fact.tone.front(t)
    };
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        ui.spacing_mut().interact_size.y = 0.0;
        icon(ui, 16.0, color, symbol);
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            label(ui, Type::SmallStrong, t.text, fact.about);
            paragraph(ui, Type::Small, t.muted, &fact.told);
        });
    });
    ui.add_space(space::XS);
}
