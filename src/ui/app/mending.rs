//! When what the window says of a failure is over: its cause has gone, or the same thing has been done after all.

use super::App;
use crate::failure::Failure;
use crate::invitation::mailbox::MailStage;
use crate::party::{ItemId, Role};
use crate::ui::attempt::{Attempt, Thing};
use crate::ui::main_window::Notice;
use crate::ui::model::{Model, answered, is_pending};
use crate::worker::{ContentView, Event, InvitationView, PartyHealth, PartyView};

impl App {
    /// Takes away what this event makes untrue. The model is the one from before it.
    pub(super) fn mend(&mut self, event: &Event) {
        let done = answered(event)
            .filter(|_| !matches!(event, Event::Failed { .. } | Event::FileNotAdded { .. }))
            .and_then(|request| self.asked.get(&request))
            .map(|(_, attempt)| attempt);
        let model = &self.model;
        self.notices.retain(|notice| !is_mended(notice, event, done, model));
    }

    /// What was refused on the page of a party is asked no more when the person has gone to another one.
    pub(super) fn leave_page(&mut self) {
        let shown = self.window.party_shown(&self.model);
        if std::mem::replace(&mut self.page, shown) != shown {
            self.notices
                .retain(|notice| notice.page().is_none_or(|page| Some(page) == shown));
        }
    }
}

fn is_mended(notice: &Notice, event: &Event, done: Option<&Attempt>, before: &Model) -> bool {
    match (notice, event) {
        (about, Event::PartyLeft { party }) => about.party() == Some(*party),
        (Notice::Failed { attempt, .. }, _) if done.is_some() && attempt.as_ref() == done => true,
        (Notice::Failed { failure, attempt }, _) => has_gone(failure, attempt.as_ref(), event, before),
        // It is told anew how that goes.
        (Notice::NotJoined(invitation, _), Event::RedemptionStarted { redemption, .. }) => {
            redemption.invitation == *invitation
        }
        (Notice::Locked { party, label }, Event::InvitationCreated { invitation, .. }) => {
            !invitation.is_for_device() && invitation.party == *party && invitation.label == *label
        }
        (Notice::DeviceLocked, Event::InvitationCreated { invitation, .. }) => invitation.is_for_device(),
        (Notice::Exported(_), Event::PartyExported { .. }) => true,
        _ => false,
    }
}

/// Whether the cause of a failure has gone. What has none that could be seen here goes when the same is done, or when it is
/// dismissed.
fn has_gone(failure: &Failure, attempt: Option<&Attempt>, event: &Event, before: &Model) -> bool {
    match (failure, event) {
        // The profile's disk has taken something.
        (
            Failure::DiskFull,
            Event::PartyCreated { .. }
            | Event::TaskAdded { .. }
            | Event::NoteAdded { .. }
            | Event::NoteEdited { request: Some(_), .. }
            | Event::MessageSent { .. }
            | Event::FileAdded { .. }
            | Event::InvitationCreated { .. },
        ) => !attempt.is_some_and(Attempt::writes_files),
        (Failure::NetworkUnavailable, Event::NetworkChanged { network }) => network.peers > 0,
        (Failure::PartyIncomplete, Event::PartyChanged { party }) if attempt.is_none() => {
            let mut others = before.parties.iter().filter(|other| other.id != party.id);
            is_whole_again(before, party) && others.all(|other| other.health == PartyHealth::Whole)
        }
        (failure, Event::PartyChanged { party }) => attempt
            .filter(|attempt| attempt.party == Some(party.id))
            .is_some_and(|attempt| is_allowed_now(failure, attempt, before, party)),
        (Failure::Mail(_), Event::InvitationChanged { invitation }) => attempt
            .filter(|attempt| attempt.thing == Thing::Invitation(invitation.id))
            .is_some_and(|_| !is_pending(&invitation.stage) || is_handed_over(invitation, before)),
        _ => false,
    }
}

/// Whether a party has changed so that what was refused in it need not be refused again.
fn is_allowed_now(failure: &Failure, attempt: &Attempt, before: &Model, party: &PartyView) -> bool {
    match failure {
        Failure::NotAllowed | Failure::NoLongerMember => {
            let before = before.party(party.id);
            before.is_some_and(|before| before.role < party.role)
        }
        Failure::LastOwner => {
            let owners = party.members.iter().filter(|member| member.role == Role::Owner);
            party.role != Some(Role::Owner) || owners.count() > 1
        }
        Failure::PartyIncomplete => is_whole_again(before, party),
        Failure::ContentElsewhere | Failure::ContentDamaged => {
            let before = before.party(party.id);
            !before.is_some_and(|before| is_here(attempt, before)) && is_here(attempt, party)
        }
        _ => false,
    }
}

fn is_whole_again(before: &Model, party: &PartyView) -> bool {
    let before = before.party(party.id);
    party.health == PartyHealth::Whole && before.is_some_and(|before| before.health == PartyHealth::Incomplete)
}

/// Whether the content of the file that something was asked of is on this machine.
fn is_here(attempt: &Attempt, party: &PartyView) -> bool {
    let (Thing::Item(ItemId::File(file)) | Thing::Opened(file)) = &attempt.thing else {
        return false;
    };
    let mut files = party.files.iter();
    files.any(|one| one.file.id == *file && one.content == ContentView::Here)
}

/// Whether the service has got a mail that it did not have. One that it had is sent again only if the person asks for that once
/// more: that the service answers again changes nothing.
fn is_handed_over(invitation: &InvitationView, before: &Model) -> bool {
    let waits = |invitation: &InvitationView| {
        let mail = invitation.mail.as_ref();
        mail.is_some_and(|mail| mail.stage == MailStage::Waiting)
    };
    before.invitation(invitation.id).is_some_and(|before| waits(before)) && !waits(invitation)
}
