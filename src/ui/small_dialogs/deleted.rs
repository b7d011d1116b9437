//! What was deleted in a party, and how to get it back.

use std::collections::BTreeMap;

use egui::{Context, Id, Layout, ScrollArea};
use lucide_icons::Icon;

use super::SmallAction;
use crate::failure::Failure;
use crate::party::{ItemId, PartyId};
use crate::ui::fonts::Type;
use crate::ui::main_window::{may_write, member_name};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::widgets::{
    Button, Dialog, Kind, State, Tone, label_truncated, lines, notice_line, paragraph, right, row, tokens,
};
use crate::worker::{Command, Event, RequestId};

/// Height of a row, in points.
const ROW: f32 = 52.0;
/// Height of what can be seen of them, in points.
const HEIGHT: f32 = 364.0;

/// The deleted things of one party; they are in the model.
pub(crate) struct DeletedDialog {
    party: PartyId,
    restoring: BTreeMap<RequestId, ItemId>,
    refused: Option<Failure>,
}

impl DeletedDialog {
    pub(crate) const fn new(party: PartyId) -> Self {
        Self {
            party,
            restoring: BTreeMap::new(),
            refused: None,
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        match event {
            Event::Done { request } => {
                self.restoring.remove(request);
            }
            Event::Failed {
                request: Some(request),
                failure,
            } if self.restoring.remove(request).is_some() => self.refused = Some(failure.clone()),
            _ => {}
        }
    }

    pub(crate) fn show(&mut self, ctx: &Context, id: Id, scene: &Scene<'_>) -> Option<SmallAction> {
        let Some(party) = scene.model.party(self.party) else {
            return Some(SmallAction::Close);
        };
        let dialog = Dialog {
            id,
            width: 480.0,
            title: text::DELETED,
            subtitle: text::DELETED_MEANS,
            name: text::DELETED,
        };
        let (action, close) = dialog.show(ctx, |ui| {
            let t = tokens(ui);
            if party.deleted.is_empty() {
                paragraph(ui, Type::Body, t.muted, text::NOTHING_DELETED);
                return None;
            }
            if let Some(failure) = &self.refused {
                notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
            }
            let mut action = None;
            let area = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT);
            area.show_rows(ui, ROW, party.deleted.len(), |ui, rows| {
                for deleted in party.deleted.iter().skip(rows.start).take(rows.len()) {
                    let clicked = row(ui, ROW - 8.0, |ui| {
                        right(ui, |ui| {
                            let busy = self.restoring.values().any(|item| *item == deleted.item);
                            let state = if busy {
                                State::Busy
                            } else {
                                State::from(may_write(party))
                            };
                            let label = text::restore(&deleted.title);
                            let button = Button::new(Kind::Secondary, text::RESTORE).small().named(&label);
                            let clicked = ui.add(button.state(state)).clicked();
                            ui.with_layout(Layout::left_to_right(egui::Align::Center), |ui| {
                                lines(ui, 40.0, |ui| {
                                    let when = text::moment(&scene.calendar.local(deleted.at), scene.today());
                                    let by = member_name(party, deleted.by);
                                    label_truncated(ui, Type::Strong, t.text, &deleted.title);
                                    let kind = text::kind(deleted.item);
                                    label_truncated(ui, Type::Small, t.muted, text::deleted_by(kind, by, &when));
                                });
                            });
                            clicked
                        })
                    });
                    if clicked {
                        action = Some(deleted.item);
                    }
                }
            });
            action
        });
        if let Some(item) = action {
            let request = scene.frame.requests.next();
            self.restoring.insert(request, item);
            self.refused = None;
            let party = self.party;
            return Some(SmallAction::Send(request, Command::RestoreItem { party, item }));
        }
        close.map(|_| SmallAction::Close)
    }
}
