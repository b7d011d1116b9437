//! How high each message is. Laying out ten thousand texts takes longer than a frame may: heights begin as estimates, and
//! a few are measured in each frame, the newest first, until all are known.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use egui::{Ui, WidgetText};
use jiff::civil::Date;

use crate::party::{Message, MessageId, PartyId};
use crate::ui::calendar::Calendar;
use crate::ui::fonts::Type;
use crate::ui::widgets::{rich, tokens};
use crate::worker::PartyView;

/// Room for the avatar on the left and the buttons on the right, in points.
pub(super) const LEFT: f32 = 48.0;
pub(super) const RIGHT: f32 = 72.0;
/// Heights of what may stand above a text, in points.
pub(super) const DAY: f32 = 40.0;
pub(super) const NEW: f32 = 24.0;
pub(super) const AUTHOR: f32 = 20.0;
pub(super) const QUOTE: f32 = 24.0;
pub(super) const GAP: f32 = 4.0;
pub(super) const GROUP_GAP: f32 = 14.0;
/// Texts that are measured in one frame.
const MEASURED: usize = 150;
/// Messages of one author within so many milliseconds stand together.
const TOGETHER: u64 = 10 * 60 * 1000;

/// Where one message stands, and what stands above its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) top: f32,
    pub(super) height: f32,
    /// The first message of a day says which.
    pub(super) day: Option<Date>,
    pub(super) above: Above,
    pub(super) group: Group,
}

/// Whether the "New" line stands above a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Above {
    New,
    Nothing,
}

/// Whether a message begins what one person said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Begins,
    GoesOn,
}

/// What the places were computed for.
#[derive(Clone, PartialEq)]
struct Basis {
    party: PartyId,
    messages: Arc<[Arc<Message>]>,
    new_from: Option<MessageId>,
    width: u32,
}

/// All heights, and where they add up to.
#[derive(Default)]
pub(super) struct Heights {
    width: u32,
    /// Heights of texts at this width.
    texts: HashMap<MessageId, f32>,
    basis: Option<Basis>,
    spans: Vec<Span>,
    /// Messages before this one have not been looked at for measuring.
    unmeasured: usize,
    /// The row at the upper edge, while the person is not at the end.
    anchored: Option<(MessageId, f32)>,
}

/// The text of a message as it is measured and drawn.
pub(super) fn text(ui: &Ui, text: &str, width: f32) -> Arc<egui::Galley> {
    let words: WidgetText = rich(Type::Body, tokens(ui).text, text).into();
    words.into_galley(ui, Some(egui::TextWrapMode::Wrap), width, egui::TextStyle::Body)
}

impl Heights {
    /// Brings the places up to date. Tells by how much the row at the upper edge has moved, if it has.
    pub(super) fn update(
        &mut self,
        ui: &Ui,
        party: &PartyView,
        new_from: Option<MessageId>,
        calendar: &Calendar,
    ) -> Option<f32> {
        let width = (ui.available_width() - LEFT - RIGHT).max(80.0);
        if self.width != width.to_bits() {
            self.width = width.to_bits();
            self.texts.clear();
        }
        let is_current = self.basis.as_ref().is_some_and(|basis| {
            basis.party == party.id
                && Arc::ptr_eq(&basis.messages, &party.messages)
                && basis.new_from == new_from
                && basis.width == self.width
        });
        if !is_current {
            self.unmeasured = party.messages.len();
        }
        let measured = self.measure(ui, party, width);
        if is_current && measured == 0 {
            return None;
        }
        self.basis = Some(Basis {
            party: party.id,
            messages: Arc::clone(&party.messages),
            new_from,
            width: self.width,
        });
        self.add_up(party, new_from, width, calendar);
        let (message, before) = self.anchored?;
        let moved = self.top_of(message)? - before;
        (moved.abs() > 0.5).then_some(moved)
    }

    /// Measures a few texts, the newest first; tells how many were new.
    fn measure(&mut self, ui: &Ui, party: &PartyView, width: f32) -> usize {
        let mut measured = 0;
        while measured < MEASURED && self.unmeasured > 0 {
            self.unmeasured -= 1;
            if let Some(message) = party.messages.get(self.unmeasured)
                && !self.texts.contains_key(&message.id)
            {
                self.texts.insert(message.id, text(ui, &message.text, width).size().y);
                measured += 1;
            }
        }
        if self.unmeasured > 0 {
            ui.ctx().request_repaint();
        }
        measured
    }

    fn add_up(&mut self, party: &PartyView, new_from: Option<MessageId>, width: f32, calendar: &Calendar) {
        self.spans.clear();
        let (mut top, mut before): (f32, Option<(&Message, Date)>) = (0.0, None);
        for message in party.messages.iter() {
            let date = calendar.date(message.sent);
            let day = before.is_none_or(|(_, other)| other != date).then_some(date);
            let above = if new_from == Some(message.id) {
                Above::New
            } else {
                Above::Nothing
            };
            let goes_on = day.is_none()
                && above == Above::Nothing
                && message.reply_to.is_none()
                && before.is_some_and(|(other, _)| {
                    other.author == message.author
                        && message.sent.as_millis().abs_diff(other.sent.as_millis()) < TOGETHER
                });
            let group = if goes_on { Group::GoesOn } else { Group::Begins };
            let known = self.texts.get(&message.id).copied();
            let text = known.unwrap_or_else(|| estimate(&message.text, width));
            let head = if goes_on { GAP } else { GROUP_GAP + AUTHOR };
            let height = text
                + head
                + day.map_or(0.0, |_| DAY)
                + if above == Above::New { NEW } else { 0.0 }
                + message.reply_to.map_or(0.0, |_| QUOTE);
            self.spans.push(Span {
                top,
                height,
                day,
                above,
                group,
            });
            top += height;
            before = Some((message, date));
        }
    }

    /// Height of all.
    pub(super) fn total(&self) -> f32 {
        self.spans.last().map_or(0.0, |last| last.top + last.height)
    }

    pub(super) fn span(&self, index: usize) -> Option<Span> {
        self.spans.get(index).copied()
    }

    /// The rows that are seen between these two heights.
    pub(super) fn visible(&self, top: f32, bottom: f32) -> Range<usize> {
        let first = self.spans.partition_point(|span| span.top + span.height < top);
        let end = self.spans.partition_point(|span| span.top < bottom);
        first..end.max(first)
    }

    pub(super) fn top_of(&self, message: MessageId) -> Option<f32> {
        let messages = &self.basis.as_ref()?.messages;
        let index = messages.iter().position(|other| other.id == message)?;
        self.span(index).map(|span| span.top)
    }

    /// Notes which row is at the upper edge. None at the end, where nothing has to stay.
    pub(super) fn anchor(&mut self, offset: Option<f32>) {
        self.anchored = offset.and_then(|offset| {
            let index = self.visible(offset, offset + 1.0).start;
            let message = self.basis.as_ref()?.messages.get(index)?.id;
            Some((message, self.span(index)?.top))
        });
    }
}

/// A guess from the number of characters.
fn estimate(text: &str, width: f32) -> f32 {
    let in_row = (width / 7.2).max(8.0) as usize;
    let rows: usize = text
        .lines()
        .map(|line| line.chars().count().div_ceil(in_row).max(1))
        .sum();
    rows.max(1) as f32 * Type::Body.line()
}
