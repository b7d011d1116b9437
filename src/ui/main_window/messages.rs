//! The messages of a party: a list of rows of different heights, of which only those that can be seen are drawn.

mod composer;
mod heights;
mod message;
mod newest;

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Frame as Panel, Margin, Rect, ScrollArea, Ui, UiBuilder, pos2, vec2};
use lucide_icons::Icon;

use self::composer::Draft;
use self::heights::Heights;
use super::{MainAction, empty, may_write};
use crate::party::{Message, MessageId, PartyId};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::worker::{Command, Event, PartyView, RequestId, UnreadView};

/// As near to the end as this counts as the end, in points.
const AT_END: f32 = 4.0;

/// What is half typed, and what of the list is known. The messages themselves are in the model.
#[derive(Default)]
pub(super) struct Conversation {
    drafts: BTreeMap<PartyId, Draft>,
    /// Messages on their way: put back into the field if they are refused.
    sending: BTreeMap<RequestId, (PartyId, Draft)>,
    heights: Heights,
    /// Where the "New" line stands while the person reads: where reading began, not what is unread by now.
    new_from: Option<(PartyId, MessageId)>,
    /// What was marked as read last, so that it is marked once.
    marked: Option<(PartyId, UnreadView)>,
    revealed: Option<MessageId>,
}

impl Conversation {
    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::MessageSent { request, .. } => {
                self.sending.remove(request);
            }
            Event::Failed {
                request: Some(request), ..
            } => {
                if let Some((party, draft)) = self.sending.remove(request) {
                    self.give_back(party, draft);
                }
            }
            // Whether they were stored shows when the party is shown again; to lose one is worse than to see it twice.
            Event::Restarted => {
                for (_, (party, draft)) in std::mem::take(&mut self.sending) {
                    self.give_back(party, draft);
                }
            }
            _ => {}
        }
    }

    /// Puts a message that was not taken back into the field, unless something else is typed there by now.
    fn give_back(&mut self, party: PartyId, draft: Draft) {
        let now = self.drafts.entry(party).or_default();
        if now.text.trim().is_empty() {
            *now = draft;
        }
    }

    /// Scrolls to a message when the list is drawn next.
    pub(super) const fn reveal(&mut self, message: MessageId) {
        self.revealed = Some(message);
    }

    /// The person looks at something else.
    pub(super) const fn leave(&mut self) {
        self.new_from = None;
        self.marked = None;
    }

    pub(super) fn view(&mut self, ui: &mut Ui, party: &PartyView, scene: &Scene<'_>, out: &mut Vec<MainAction>) {
        self.notice_new(party);
        if may_write(party) {
            let margin = Margin {
                top: 12,
                bottom: 20,
                ..Margin::ZERO
            };
            egui::Panel::bottom("composer")
                .resizable(false)
                .show_separator_line(false)
                .frame(Panel::new().inner_margin(margin))
                .show(ui, |ui| {
                    if let Some(sent) = self.composer(ui, party, scene) {
                        out.push(sent);
                    }
                });
        }
        if party.messages.is_empty() {
            ui.add_space(64.0);
            empty(ui, Icon::MessagesSquare, text::NO_MESSAGES, text::NO_MESSAGES_MEANS);
            return;
        }
        let at_end = self.list(ui, party, scene, out);
        if at_end {
            out.extend(self.mark_read(ui, party, scene));
        }
    }

    fn notice_new(&mut self, party: &PartyView) {
        if self.new_from.is_some_and(|(of, _)| of != party.id) {
            self.leave();
        }
        if self.new_from.is_none() {
            self.new_from = party.unread.first.map(|first| (party.id, first));
        }
    }

    /// Draws what can be seen; tells whether that is the end.
    fn list(&mut self, ui: &mut Ui, party: &PartyView, scene: &Scene<'_>, out: &mut Vec<MainAction>) -> bool {
        let new_from = self.new_from.map(|(_, first)| first);
        let shifted = self.heights.update(ui, party, new_from, scene.calendar);
        let id = ui.scope_id().with(("messages", party.id));
        let mut area = ScrollArea::vertical()
            .id_salt(("messages", party.id))
            .auto_shrink([false, false])
            .stick_to_bottom(true);
        if let Some(top) = self.revealed.take().and_then(|message| self.heights.top_of(message)) {
            area = area.vertical_scroll_offset((top - 80.0).max(0.0));
        } else if let Some(by) = shifted
            && let Some(before) = ui.ctx().data(|data| data.get_temp::<f32>(id))
        {
            // Rows above have turned out higher or lower than thought: what is read stays where it is.
            area = area.vertical_scroll_offset(before + by);
        }
        let shown = area.show_viewport(ui, |ui, viewport| {
            let corner = ui.max_rect().min;
            // Few messages stand at the bottom, next to where the next one is typed.
            let lack = (viewport.height() - self.heights.total()).max(0.0);
            ui.set_height(self.heights.total().max(viewport.height()));
            for index in self.heights.visible(viewport.top() - lack, viewport.bottom() - lack) {
                let (Some(message), Some(span)) = (party.messages.get(index), self.heights.span(index)) else {
                    continue;
                };
                let top = corner.y + span.top + lack;
                let size = vec2(ui.available_width(), span.height);
                let rect = Rect::from_min_size(pos2(corner.x, top), size);
                let place = UiBuilder::new().id_salt(message.id).max_rect(rect);
                let mut child = ui.new_child(place);
                let said = message::view(&mut child, rect, party, message, &span, scene);
                out.extend(self.answer(said, party, message, scene));
            }
        });
        let room = (shown.content_size.y - shown.inner_rect.height()).max(0.0);
        let at_end = shown.state.clamped_offset().y >= room - AT_END;
        let here = (!at_end).then_some(shown.state.clamped_offset().y);
        self.heights.anchor(here);
        ui.ctx().data_mut(|data| match here {
            Some(offset) => {
                data.insert_temp(id, offset);
            }
            None => data.remove::<f32>(id),
        });
        if !at_end && newest::view(ui, shown.inner_rect, party.unread.messages) {
            self.revealed = party.messages.last().map(|message| message.id);
        }
        at_end
    }

    fn answer(
        &mut self,
        said: Option<message::Done>,
        party: &PartyView,
        message: &Arc<Message>,
        scene: &Scene<'_>,
    ) -> Option<MainAction> {
        match said? {
            message::Done::Reply => {
                self.drafts.entry(party.id).or_default().reply(message.id);
                None
            }
            message::Done::Delete => Some(scene.send(Command::DeleteItem {
                party: party.id,
                item: crate::party::ItemId::Message(message.id),
            })),
            message::Done::GoTo(other) => {
                self.revealed = Some(other);
                None
            }
        }
    }

    /// What somebody sees at the end of the list, in a window that has the keyboard, is read.
    fn mark_read(&mut self, ui: &Ui, party: &PartyView, scene: &Scene<'_>) -> Option<MainAction> {
        let looks = ui.input(|input| input.focused) && ui.ctx().memory(|memory| memory.top_modal_layer().is_none());
        let now = (party.id, party.unread);
        if !looks || party.unread.messages == 0 || self.marked == Some(now) {
            return None;
        }
        self.marked = Some(now);
        let command = Command::MarkRead { party: party.id };
        Some(MainAction::SendQuietly(scene.frame.requests.next(), command))
    }
}
