//! What has become of one thing.

use egui::{Context, Id, Layout, ScrollArea, Ui};
use lucide_icons::Icon;

use super::SmallAction;
use crate::failure::Failure;
use crate::party::{Change, ItemId, PartyId, Standing, What};
use crate::ui::calendar;
use crate::ui::fonts::Type;
use crate::ui::main_window::member_name;
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::widgets::{Dialog, Tile, Tone, avatar, label_truncated, lines, notice_line, paragraph, row, tokens};
use crate::worker::{Command, Event, PartyView, RequestId};

/// Height of a row, in points.
const ROW: f32 = 52.0;
/// Height of what can be seen of them, in points.
const HEIGHT: f32 = 416.0;

/// The history of one thing.
pub(crate) struct HistoryDialog {
    party: PartyId,
    item: ItemId,
    title: String,
    stage: Stage,
}

/// How far the reading is.
enum Stage {
    Wanted,
    Asked(RequestId),
    /// The newest first.
    Read(Vec<Change>),
    Refused(Failure),
}

impl HistoryDialog {
    pub(crate) const fn new(party: PartyId, item: ItemId, title: String) -> Self {
        Self {
            party,
            item,
            title,
            stage: Stage::Wanted,
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        let Stage::Asked(asked) = &self.stage else { return };
        match event {
            Event::HistoryRead { request, changes } if request == asked => {
                self.stage = Stage::Read(changes.iter().rev().cloned().collect());
            }
            Event::Failed {
                request: Some(request),
                failure,
            } if request == asked => self.stage = Stage::Refused(failure.clone()),
            _ => {}
        }
    }

    pub(crate) fn show(&mut self, ctx: &Context, id: Id, scene: &Scene<'_>) -> Option<SmallAction> {
        let Some(party) = scene.model.party(self.party) else {
            return Some(SmallAction::Close);
        };
        if matches!(self.stage, Stage::Wanted) {
            let request = scene.frame.requests.next();
            self.stage = Stage::Asked(request);
            let (party, item) = (self.party, self.item);
            return Some(SmallAction::Send(request, Command::ReadHistory { party, item }));
        }
        let short: String = self.title.chars().take(80).collect();
        let dialog = Dialog {
            id,
            width: 460.0,
            title: text::HISTORY,
            subtitle: &short,
            name: text::HISTORY,
        };
        let ((), close) = dialog.show(ctx, |ui| {
            let t = tokens(ui);
            match &self.stage {
                Stage::Wanted | Stage::Asked(_) => {
                    paragraph(ui, Type::Body, t.muted, text::READING_HISTORY);
                }
                Stage::Refused(failure) => {
                    notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::both(failure));
                }
                Stage::Read(changes) => {
                    let area = ScrollArea::vertical().max_height(HEIGHT).min_scrolled_height(HEIGHT);
                    area.show_rows(ui, ROW - 8.0, changes.len(), |ui, rows| {
                        for at in changes.iter().skip(rows.start).take(rows.len()) {
                            change(ui, party, at, scene);
                        }
                    });
                }
            }
        });
        close.map(|_| SmallAction::Close)
    }
}

fn change(ui: &mut Ui, party: &PartyView, change: &Change, scene: &Scene<'_>) {
    let t = tokens(ui);
    let name = member_name(party, change.by);
    row(ui, ROW - 8.0, |ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let id = change.by.as_bytes();
        avatar(ui, 32.0, Tile { id, name });
        ui.with_layout(Layout::left_to_right(egui::Align::Center), |ui| {
            lines(ui, 40.0, |ui| {
                let assignee = match &change.what {
                    What::Assigned(Some(member)) => Some(member_name(party, *member)),
                    _ => None,
                };
                let day = match &change.what {
                    What::Due(Some(day)) => calendar::date(*day).map(|date| text::due_inside(date, scene.today())),
                    _ => None,
                };
                let color = if change.standing == Standing::Cancelled {
                    t.muted
                } else {
                    t.text
                };
                let words = format!("{name} {}", text::change(&change.what, assignee, day.as_deref()));
                label_truncated(ui, Type::Body, color, words);
                let when = text::moment(&scene.calendar.local(change.at), scene.today());
                let standing = text::standing(change.standing);
                let below = if standing.is_empty() {
                    when
                } else {
                    format!("{when}, {standing}")
                };
                label_truncated(ui, Type::Small, t.muted, below);
            });
        });
    });
}
