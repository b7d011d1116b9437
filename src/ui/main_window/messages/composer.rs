//! Where a message is typed: it grows to six rows, Enter sends.

use egui::{Frame as Panel, Id, Key, KeyboardShortcut, Margin, Modifiers, ScrollArea, Stroke, TextEdit, Ui, vec2};
use lucide_icons::Icon;

use super::Conversation;
use crate::party::MessageId;
use crate::ui::fonts::Type;
use crate::ui::main_window::{MainAction, member_name, one_line};
use crate::ui::scene::Scene;
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{
    State, Tone, icon, icon_button, label, label_truncated, notice_line, right, row, small_icon_button, tokens,
};
use crate::worker::{Command, PartyView};

/// The longest message, in bytes.
const MAX_TEXT: usize = 3000;
/// Rows that can be seen at once.
const ROWS: f32 = 6.0;

/// A message that is being written.
#[derive(Clone, Default)]
pub(super) struct Draft {
    pub(super) text: String,
    reply_to: Option<MessageId>,
    keyboard: Keyboard,
}

/// Whether the field is to be given the keyboard.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Keyboard {
    #[default]
    Leave,
    Give,
}

impl Draft {
    /// Answers a message from now on.
    pub(super) const fn reply(&mut self, message: MessageId) {
        self.reply_to = Some(message);
        self.keyboard = Keyboard::Give;
    }
}

impl Conversation {
    pub(super) fn composer(&mut self, ui: &mut Ui, party: &PartyView, scene: &Scene<'_>) -> Option<MainAction> {
        let t = tokens(ui);
        let draft = self.drafts.entry(party.id).or_default();
        let id = ui.scope_id().with(("composer", party.id));
        let focused = ui.memory(|memory| memory.has_focus(id));
        quoted(ui, party, draft, id);
        // Only the bare key: with Shift it begins a line.
        let enter = focused && ui.input(|input| input.key_pressed(Key::Enter) && input.modifiers.is_none());
        let outline = if focused {
            Stroke::new(2.0, t.focus)
        } else {
            Stroke::new(1.0, t.outline)
        };
        let frame = Panel::new()
            .fill(t.surface)
            .stroke(outline)
            .corner_radius(radius::CONTROL)
            .inner_margin(Margin {
                left: 14,
                right: 6,
                top: 6,
                bottom: 6,
            });
        let good = !draft.text.trim().is_empty() && draft.text.trim().len() <= MAX_TEXT;
        let mut clicked = false;
        // A wider outline must not move what is inside.
        let frame = if focused {
            frame.inner_margin(frame.inner_margin - Margin::same(1))
        } else {
            frame
        };
        frame.show(ui, |ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Max), |ui| {
                ui.spacing_mut().item_spacing.x = space::S;
                clicked = ui
                    .add_enabled_ui(State::from(good) == State::Ready, |ui| {
                        icon_button(ui, Icon::SendHorizontal, text::SEND)
                    })
                    .inner
                    .clicked();
                field(ui, id, party, draft);
            });
        });
        let over = draft.text.trim().len().saturating_sub(MAX_TEXT);
        if over > 0 {
            notice_line(ui, Tone::Bad, Icon::CircleAlert, &text::too_long(over));
        }
        if !(good && (enter || clicked)) {
            return None;
        }
        let sent = Draft {
            text: draft.text.trim().to_owned(),
            ..std::mem::take(draft)
        };
        draft.keyboard = Keyboard::Give;
        self.new_from = None;
        let request = scene.frame.requests.next();
        let command = Command::SendMessage {
            party: party.id,
            text: sent.text.clone(),
            reply_to: sent.reply_to,
        };
        self.sending.insert(request, (party.id, sent));
        Some(MainAction::Send(request, command))
    }
}

fn field(ui: &mut Ui, id: Id, party: &PartyView, draft: &mut Draft) {
    let line = Type::Body.line();
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), 32.0),
        egui::Layout::top_down(egui::Align::Min),
        |ui| {
            ScrollArea::vertical()
                .id_salt("composer rows")
                .max_height(ROWS * line + 12.0)
                .min_scrolled_height(ROWS * line + 12.0)
                .show(ui, |ui| {
                    let edit = TextEdit::multiline(&mut draft.text)
                        .id(id)
                        .frame(Panel::NONE.inner_margin(Margin::symmetric(0, 6)))
                        .hint_text(text::message_hint(&party.name))
                        .desired_rows(1)
                        .desired_width(f32::INFINITY)
                        .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter));
                    let response = ui.add(edit);
                    ui.ctx()
                        .accesskit_node_builder(response.id, |node| node.set_label(text::MESSAGE));
                    if draft.keyboard == Keyboard::Give {
                        response.request_focus();
                        draft.keyboard = Keyboard::Leave;
                    }
                });
        },
    );
}

/// What is being answered, above the field. Esc stops answering.
fn quoted(ui: &mut Ui, party: &PartyView, draft: &mut Draft, id: Id) {
    let Some(other) = draft.reply_to else { return };
    let t = tokens(ui);
    // egui has taken the keyboard away by now, as Esc does.
    let wrote = ui.memory(|memory| memory.had_focus_last_frame(id));
    let escaped = wrote && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
    let found = party.messages.iter().rev().find(|message| message.id == other);
    let (name, words) = found.map_or((text::UNNAMED, text::MESSAGE_GONE.to_owned()), |message| {
        (member_name(party, message.author), one_line(&message.text))
    });
    let stop = row(ui, 28.0, |ui| {
        icon(ui, 14.0, t.muted, Icon::Reply);
        right(ui, |ui| {
            let stop = small_icon_button(ui, Icon::X, text::STOP_REPLYING).clicked();
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                label(ui, Type::SmallStrong, t.text, text::replying_to(name));
                label_truncated(ui, Type::Small, t.muted, words);
            });
            stop
        })
    });
    if stop || escaped {
        draft.reply_to = None;
        // The message is still being written.
        draft.keyboard = Keyboard::Give;
    }
}
