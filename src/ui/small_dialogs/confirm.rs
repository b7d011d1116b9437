//! Asks before something that cannot be taken back.

use egui::{Context, Id, Ui};

use super::{Order, SmallAction, WIDTH, refusal};
use crate::identity::{Fingerprint, IdentityId};
use crate::party::{JoinRequestId, PartyId, Role};
use crate::ui::fonts::Type;
use crate::ui::frame::Frame;
use crate::ui::text;
use crate::ui::widgets::{Button, Dialog, Kind, footer, label, tokens, well};
use crate::worker::{Command, Event};

/// What is to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Leave {
        party: PartyId,
        name: String,
    },
    Remove {
        party: PartyId,
        name: String,
        member: IdentityId,
        member_name: String,
    },
    /// Lets somebody in who waits for approval.
    Approve(Applicant),
    /// Refuses them.
    Decline(Applicant),
}

/// Somebody who waits for approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Applicant {
    pub(crate) party: PartyId,
    pub(crate) party_name: String,
    pub(crate) request: JoinRequestId,
    /// The name that they give.
    pub(crate) name: String,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) role: Role,
}

impl Question {
    /// The question, and what saying yes means.
    fn words(&self) -> (String, String) {
        match self {
            Self::Leave { name, .. } => (text::leave_question(name), text::LEAVE_MEANS.to_owned()),
            Self::Remove { name, member_name, .. } => {
                (text::remove_question(member_name, name), text::REMOVE_MEANS.to_owned())
            }
            Self::Approve(who) => (
                text::approve_question(&who.name, &who.party_name),
                text::approve_means(who.role),
            ),
            Self::Decline(who) => (
                text::decline_question(&who.name, &who.party_name),
                text::DECLINE_MEANS.to_owned(),
            ),
        }
    }

    /// The button that says yes.
    const fn yes(&self) -> (Kind, &'static str) {
        match self {
            Self::Leave { .. } => (Kind::Danger, text::LEAVE),
            Self::Remove { .. } => (Kind::Danger, text::REMOVE),
            Self::Approve(_) => (Kind::Primary, text::APPROVE),
            Self::Decline(_) => (Kind::Danger, text::DECLINE),
        }
    }

    const fn command(&self) -> Command {
        match self {
            Self::Leave { party, .. } => Command::LeaveParty { party: *party },
            Self::Remove { party, member, .. } => Command::RemoveMember {
                party: *party,
                member: *member,
            },
            Self::Approve(Applicant { party, request, .. }) => Command::ApproveRequest {
                party: *party,
                request: *request,
            },
            Self::Decline(Applicant { party, request, .. }) => Command::DenyRequest {
                party: *party,
                request: *request,
            },
        }
    }
}

/// The question, with a way back.
pub(crate) struct ConfirmDialog {
    question: Question,
    order: Order,
}

impl ConfirmDialog {
    pub(crate) const fn new(question: Question) -> Self {
        Self {
            question,
            order: Order::None,
        }
    }

    pub(crate) fn apply(&mut self, event: &Event) {
        self.order.apply(event);
    }

    pub(crate) fn show(&mut self, ctx: &Context, id: Id, frame: &Frame<'_>) -> Option<SmallAction> {
        if self.order == Order::Carried {
            return Some(SmallAction::Close);
        }
        let (title, subtitle) = self.question.words();
        let (kind, words) = self.question.yes();
        let dialog = Dialog {
            id,
            width: WIDTH,
            title: &title,
            subtitle: &subtitle,
            name: &title,
        };
        let ((go, cancel), close) = dialog.show(ctx, |ui| {
            if let Question::Approve(who) = &self.question {
                fingerprint(ui, who.fingerprint);
            }
            refusal(ui, &self.order);
            footer(
                ui,
                |_| (),
                |ui| {
                    let go = ui.add(Button::new(kind, words).state(self.order.state())).clicked();
                    (go, ui.add(Button::new(Kind::Ghost, text::CANCEL)).clicked())
                },
            )
            .1
        });
        if go {
            let request = frame.requests.next();
            self.order = Order::Sent(request);
            return Some(SmallAction::Send(request, self.question.command()));
        }
        (cancel || close.is_some()).then_some(SmallAction::Close)
    }
}

/// Four words to be compared by voice.
fn fingerprint(ui: &mut Ui, words: Fingerprint) {
    let t = tokens(ui);
    well(ui).show(ui, |ui| {
        ui.vertical_centered(|ui| label(ui, Type::Mono, t.text, words.to_string()));
    });
}
