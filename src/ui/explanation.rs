//! "Why can't we connect?": the facts about the way to the other device, and a text of them without secrets to be copied.

use std::sync::Arc;

use egui::{ScrollArea, Ui};
use lucide_icons::Icon;

use super::fonts::Type;
use super::frame::Frame;
use super::text;
use super::theme::space;
use super::widgets::{Button, Entered, Kind, Tone, banner, footer, icon, label, paragraph, spinner, tokens};
use crate::failure::{Failure, Remedy};
use crate::worker::{Command, ConnectionView, Event, NetworkMode, RedemptionId, RequestId};

/// Shown in place of a dialog's stage until the person goes back.
pub(super) struct Explanation {
    of: Option<RedemptionId>,
    facts: Facts,
}

enum Facts {
    Asked(RequestId),
    Known(Arc<ConnectionView>),
    /// Relays are to be used from now on.
    Switching(RequestId),
    /// They are: what was known before is no longer so.
    Stale,
    Failed(Failure),
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
            Facts::Asked(_) | Facts::Switching(_) | Facts::Stale => "facts asked",
            Facts::Known(_) | Facts::Failed(_) => "facts known",
        }
    }

    pub(super) fn apply(&mut self, event: &Event) {
        let (Facts::Asked(asked) | Facts::Switching(asked)) = self.facts else {
            return;
        };
        match event {
            Event::Done { request } if *request == asked => self.facts = Facts::Stale,
            Event::ConnectionExplained { request, connection } if *request == asked => {
                self.facts = Facts::Known(Arc::clone(connection));
            }
            Event::Failed { request, failure } if *request == Some(asked) => {
                self.facts = Facts::Failed(failure.clone());
            }
            _ => {}
        }
    }

    pub(super) fn view(&mut self, ui: &mut Ui, frame: &Frame<'_>, entered: Entered) -> Option<Clicked> {
        if matches!(self.facts, Facts::Stale) {
            return Some(self.look_again(frame));
        }
        // As much as there are facts, less in a low window.
        let room = (ui.ctx().content_rect().height() - 230.0).clamp(120.0, 400.0);
        let facts = match &self.facts {
            Facts::Asked(_) | Facts::Switching(_) | Facts::Stale => {
                spinner(ui, 20.0);
                None
            }
            Facts::Known(connection) => Some(text::facts(connection)),
            Facts::Failed(failure) => {
                banner(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
                None
            }
        };
        let area = ScrollArea::vertical().max_height(room).auto_shrink([false, true]);
        area.show(ui, |ui| facts.iter().flatten().for_each(|fact| line(ui, fact)));
        if self.offers_relays(ui) {
            let (request, mode) = (frame.requests.next(), NetworkMode::PublicRelays);
            self.facts = Facts::Switching(request);
            return Some(Clicked::Ask(request, Command::SetNetworkMode { mode }));
        }
        let (back, (copy, again)) = buttons(ui, entered);
        if again {
            return Some(self.look_again(frame));
        }
        match facts {
            Some(facts) if copy => Some(Clicked::Copy(text::facts_to_copy(&facts))),
            _ => back.then_some(Clicked::Back),
        }
    }

    fn look_again(&mut self, frame: &Frame<'_>) -> Clicked {
        let (asked, request, command) = Self::ask(self.of, frame);
        *self = asked;
        Clicked::Ask(request, command)
    }

    /// Where no relay is used that might help, the button that allows it. Whether it was clicked.
    fn offers_relays(&self, ui: &mut Ui) -> bool {
        let Facts::Known(connection) = &self.facts else {
            return false;
        };
        let button = Button::new(Kind::Secondary, text::button(Remedy::UseRelays)).small();
        connection.lacks_relays() && ui.add(button).clicked()
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
