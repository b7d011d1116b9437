//! What needs the person's eye although no dialog is open: a PIN that is due, a failure, somebody who has come in.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use egui::{FontSelection, Frame as Panel, Galley, Margin, TextWrapMode, Ui, WidgetText};
use lucide_icons::Icon;

use super::MainAction;
use crate::desktop::ChooseError;
use crate::failure::Failure;
use crate::invitation::{InvitationId, InvitationStage, RedeemError, RedemptionStage};
use crate::party::PartyId;
use crate::ui::attempt::{Attempt, Thing};
use crate::ui::fonts::Type;
use crate::ui::model::Model;
use crate::ui::text;
use crate::ui::theme::{radius, space};
use crate::ui::widgets::{Button, Kind, Tone, icon, icon_button, label_truncated, rich, right, row, tokens};
use crate::worker::{PartyView, RedemptionId};

/// One thing to be noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Somebody uses a code while its dialog is closed.
    PinDue(InvitationId),
    /// Somebody came in while the dialog was closed.
    Joined { party: PartyId, name: String },
    /// A code was locked while its dialog was closed.
    Locked { party: PartyId, label: String },
    /// A further device has become this person's while the dialog was closed.
    DeviceAdded(String),
    /// The code for a further device was locked while its dialog was closed.
    DeviceLocked,
    /// Somebody waits to be let in by this person.
    Requests(PartyId),
    /// A redemption waits whose dialog is closed.
    Redemption(RedemptionId),
    /// This person came in while the dialog was closed.
    YouJoined(PartyId),
    /// Something did not happen: what was asked for, or what nobody had to ask for.
    Failed { failure: Failure, attempt: Option<Attempt> },
    /// This person did not come in by this invitation while the dialog was closed.
    NotJoined(InvitationId, RedeemError),
    /// The person could not choose files; what they can do instead.
    NoFileDialog(ChooseError, &'static str),
    /// A party was written into a folder, without so many files.
    Exported(usize),
    /// Words that somebody typed into a note and that the engine did not take.
    LostWords(String),
}

impl Notice {
    /// A failure that concerns nothing that was asked for.
    pub(crate) const fn of(failure: Failure) -> Self {
        let attempt = None;
        Self::Failed { failure, attempt }
    }

    /// The party that it is about.
    pub(crate) const fn party(&self) -> Option<PartyId> {
        match self {
            Self::Joined { party, .. }
            | Self::Locked { party, .. }
            | Self::Requests(party)
            | Self::YouJoined(party) => Some(*party),
            Self::Failed {
                attempt: Some(attempt), ..
            } => attempt.party,
            Self::Failed { attempt: None, .. }
            | Self::PinDue(_)
            | Self::DeviceAdded(_)
            | Self::DeviceLocked
            | Self::Redemption(_)
            | Self::NotJoined(..)
            | Self::NoFileDialog(..)
            | Self::Exported(_)
            | Self::LostWords(_) => None,
        }
    }

    /// The party whose page alone it is of: it speaks of "this party", or of something that was typed or clicked there.
    pub(crate) fn page(&self) -> Option<PartyId> {
        let Self::Failed { failure, .. } = self else {
            return None;
        };
        self.party().filter(|_| {
            matches!(
                failure,
                Failure::NotAllowed
                    | Failure::LastOwner
                    | Failure::NoLongerMember
                    | Failure::PartyIncomplete
                    | Failure::TitleInvalid
                    | Failure::MessageInvalid
                    | Failure::NoteTextInvalid
                    | Failure::TaskUnknown
                    | Failure::ItemUnknown
                    | Failure::MemberUnknown
                    | Failure::RequestUnknown
                    | Failure::InvitationUnknown
                    | Failure::InvitationOver
                    | Failure::AlreadyAdmitted
            )
        })
    }

    /// What its sentence names: a file that was not added, or an invitation whose mail was not sent.
    const fn named(&self) -> Option<&Thing> {
        let Self::Failed {
            failure,
            attempt: Some(Attempt { thing, .. }),
        } = self
        else {
            return None;
        };
        match (thing, failure) {
            (Thing::NewFile(_), _) | (Thing::Invitation(_), Failure::Mail(_)) => Some(thing),
            _ => None,
        }
    }

    /// Whether both read the same.
    pub(crate) fn reads_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Failed { failure: one, .. }, Self::Failed { failure: another, .. }) => {
                one == another && self.named() == other.named() && self.page() == other.page()
            }
            _ => self == other,
        }
    }
}

/// The button of a notice.
struct Next {
    words: &'static str,
    label: String,
    action: MainAction,
}

struct Line {
    tone: Tone,
    icon: Icon,
    sentence: String,
    next: Option<Next>,
}

/// Draws them over the page of the party that is shown, if one is.
pub(super) fn view(ui: &mut Ui, model: &Model, shown: Option<PartyId>, notices: &[Notice]) -> Option<MainAction> {
    let mut action = None;
    for (index, notice) in notices.iter().enumerate() {
        if let Some(line) = line(model, shown, notice) {
            action = action.or(ui.push_id(("notice", index), |ui| bar(ui, &line, index)).inner);
        }
    }
    if !notices.is_empty() {
        ui.add_space(space::S);
    }
    action
}

/// Height of a bar's row, and of its buttons, in points.
const HEIGHT: f32 = 32.0;
/// Room for the icon, the button that dismisses and what is between them, in points.
const BESIDE: f32 = 72.0;

/// A sentence over as many lines as it needs beside the icon and the button that dismisses.
fn wrapped(ui: &Ui, sentence: &str) -> Arc<Galley> {
    let text = WidgetText::from(rich(Type::SmallStrong, tokens(ui).text, sentence));
    let room = ui.available_width() - BESIDE;
    text.into_galley(ui, Some(TextWrapMode::Wrap), room, FontSelection::Default)
}

fn bar(ui: &mut Ui, line: &Line, index: usize) -> Option<MainAction> {
    let t = tokens(ui);
    let margin = Margin {
        left: 12,
        right: 8,
        top: 6,
        bottom: 6,
    };
    let frame = Panel::new()
        .fill(line.tone.ground(t))
        .corner_radius(radius::CONTROL)
        .inner_margin(margin);
    frame
        .show(ui, |ui| {
            // What asks for nothing more is read to its end; what has a button says the rest behind it.
            let wrapped = line.next.is_none().then(|| wrapped(ui, &line.sentence));
            let height = wrapped.as_ref().map_or(HEIGHT, |text| text.size().y.max(HEIGHT));
            row(ui, height, |ui| {
                icon(ui, 16.0, line.tone.front(t), line.icon);
                right(ui, |ui| {
                    let dismiss = icon_button(ui, Icon::X, text::DISMISS).clicked();
                    let next = line.next.as_ref().filter(|next| {
                        ui.add(Button::new(Kind::Primary, next.words).small().named(&next.label))
                            .clicked()
                    });
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        let response = match wrapped {
                            Some(galley) => ui.label(galley),
                            None => label_truncated(ui, Type::SmallStrong, t.text, &line.sentence),
                        };
                        let live = egui::accesskit::Live::Assertive;
                        ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(live));
                    });
                    next.map(|next| next.action.clone())
                        .or(dismiss.then_some(MainAction::Dismiss(index)))
                })
            })
        })
        .inner
}

fn line(model: &Model, shown: Option<PartyId>, notice: &Notice) -> Option<Line> {
    Some(match notice {
        Notice::PinDue(id) => pin_due(model, *id)?,
        Notice::Joined { party, name } => Line {
            tone: Tone::Good,
            icon: Icon::UserPlus,
            sentence: text::joined(name, party_name(model, *party)),
            next: None,
        },
        Notice::Locked { party, label } => {
            let action = MainAction::InviteAgain(*party);
            let next = Next {
                words: text::NEW_CODE,
                label: text::NEW_CODE.to_owned(),
                action,
            };
            Line {
                tone: Tone::Bad,
                icon: Icon::Ban,
                sentence: text::code_locked(label),
                next: Some(next),
            }
        }
        Notice::DeviceAdded(name) => Line {
            tone: Tone::Good,
            icon: Icon::Check,
            sentence: text::device_added(name),
            next: None,
        },
        Notice::DeviceLocked => Line {
            tone: Tone::Bad,
            icon: Icon::Ban,
            sentence: text::DEVICE_CODE_LOCKED.to_owned(),
            next: None,
        },
        Notice::Requests(party) => Line {
            tone: Tone::Plain,
            icon: Icon::UserPlus,
            sentence: asks(model.party(*party)?)?,
            next: Some(Next {
                words: text::SHOW,
                label: format!("{}: {}", text::SHOW, text::WAIT_FOR_APPROVAL),
                action: MainAction::ShowInvitations(*party),
            }),
        },
        Notice::Redemption(id) => waiting(model, *id)?,
        Notice::YouJoined(party) => Line {
            tone: Tone::Good,
            icon: Icon::Check,
            sentence: text::you_joined(Some(party_name(model, *party))),
            next: Some(Next {
                words: text::OPEN_PARTY,
                label: text::OPEN_PARTY.to_owned(),
                action: MainAction::Select(*party),
            }),
        },
        Notice::Failed { failure, .. } => trouble(failed(model, shown, notice, failure)),
        Notice::NotJoined(_, error) => trouble(text::both(error)),
        Notice::NoFileDialog(error, instead) => trouble(text::no_file_dialog(*error, instead)),
        Notice::Exported(missing) => Line {
            tone: if *missing == 0 { Tone::Good } else { Tone::Warning },
            icon: Icon::FolderOutput,
            sentence: text::exported(*missing),
            next: None,
        },
        Notice::LostWords(words) => Line {
            tone: Tone::Bad,
            icon: Icon::CircleAlert,
            sentence: text::WORDS_NOT_TAKEN.to_owned(),
            next: Some(Next {
                words: text::COPY,
                label: text::COPY.to_owned(),
                action: MainAction::Copy(words.clone()),
            }),
        },
    })
}

/// What did not happen, and what to do.
const fn trouble(sentence: String) -> Line {
    Line {
        tone: Tone::Bad,
        icon: Icon::CircleAlert,
        sentence,
        next: None,
    }
}

/// What has failed: also what nobody would know by the failure alone, or on another page than the one it is of.
fn failed(model: &Model, shown: Option<PartyId>, notice: &Notice, failure: &Failure) -> String {
    let sentence = match notice.named() {
        Some(Thing::NewFile(path)) => text::not_added(&file_name(path), failure),
        Some(Thing::Invitation(id)) => text::not_mailed(address(model, *id), failure),
        _ => text::both(failure),
    };
    match notice.page().filter(|page| Some(*page) != shown) {
        Some(elsewhere) => text::told_of(party_name(model, elsewhere), &sentence),
        None => sentence,
    }
}

/// To whom the mail of an invitation goes.
fn address(model: &Model, id: InvitationId) -> &str {
    let mail = model.invitation(id).and_then(|invitation| invitation.mail.as_ref());
    mail.map_or("", |mail| mail.address.as_str())
}

/// What a file is called, without its folders.
fn file_name(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()
}

fn party_name(model: &Model, id: PartyId) -> &str {
    model.party(id).map_or("", |party| party.name.as_str())
}

/// A redemption that goes on behind a closed dialog, with the way back to it.
fn waiting(model: &Model, id: RedemptionId) -> Option<Line> {
    let sentence = match &model.redemption(id)?.stage {
        RedemptionStage::WaitsForApproval { .. } => text::REQUEST_WAITS,
        RedemptionStage::MembersOffline { .. } => text::SEEKS_MEMBERS,
        _ => text::REDEMPTION_WAITS,
    };
    Some(Line {
        tone: Tone::Plain,
        icon: Icon::Ticket,
        sentence: sentence.to_owned(),
        next: Some(Next {
            words: text::GO_ON,
            label: text::GO_ON.to_owned(),
            action: MainAction::ShowRedemption(id),
        }),
    })
}

/// None once nobody waits any more.
fn asks(party: &PartyView) -> Option<String> {
    let first = party.requests.first()?;
    Some(match party.requests.len() {
        1 => text::asks_to_join(&first.name, &party.name),
        more => text::ask_to_join(more, &party.name),
    })
}

/// None once the PIN is no longer due.
fn pin_due(model: &Model, id: InvitationId) -> Option<Line> {
    let invitation = model.invitation(id)?;
    let (party, label) = (party_name(model, invitation.party), &invitation.label);
    let (tone, sentence, words, button) = match invitation.stage {
        InvitationStage::Pin { .. } => {
            let sentence = if invitation.is_for_device() {
                text::DEVICE_PIN_DUE.to_owned()
            } else {
                text::pin_due(label, party)
            };
            (Tone::Plain, sentence, text::SHOW_PIN, text::show_pin_for(label))
        }
        InvitationStage::PinVoid { .. } => {
            let sentence = if invitation.is_for_device() {
                text::DEVICE_PIN_NEEDED.to_owned()
            } else {
                text::pin_needed(label, party)
            };
            let button = format!("{}: {sentence}", text::SHOW);
            (Tone::Warning, sentence, text::SHOW, button)
        }
        _ => return None,
    };
    Some(Line {
        tone,
        icon: Icon::KeyRound,
        sentence,
        next: Some(Next {
            words,
            label: button,
            action: MainAction::ShowInvitation(id),
        }),
    })
}
