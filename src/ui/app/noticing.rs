//! What the window says although no dialog is open for it.

use std::sync::Arc;

use egui::{Context, UserAttentionType, ViewportCommand};

use super::dialogs::Open;
use super::{App, Asked};
use crate::failure::{Failure, MailTrouble};
use crate::invitation::{CodeKind, InvitationStage, RedemptionStage};
use crate::party::Role;
use crate::ui::main_window::Notice;
use crate::ui::model::{Condition, Model, answered, is_pending, is_running};
use crate::ui::opener;
use crate::worker::{
    AdmittedView, Command, Event, InvitationView, PartyView, ProfileView, RedemptionId, RedemptionView, RequestId,
};

impl App {
    /// What happens behind a closed dialog is worth a notice, and a PIN is worth the person's attention.
    pub(super) fn notice(&mut self, ctx: &Context, event: &Event) {
        self.mend(event);
        match event {
            Event::InvitationChanged { invitation } if !self.shows(invitation) => {
                self.notice_invitation(ctx, invitation);
            }
            Event::PartyChanged { party } => self.notice_requests(party),
            Event::RedemptionChanged { redemption } if !self.shows_redemption(redemption.id) => {
                self.notice_redemption(redemption);
            }
            Event::Failed { request, failure } if self.is_for_window(*request) => {
                let asked = request.and_then(|request| self.asked.get(&request));
                self.push(Notice::Failed {
                    failure: failure.clone(),
                    attempt: asked.map(|(_, attempt)| attempt.clone()),
                });
            }
            Event::Restarted => {
                self.asked.clear();
                self.dialog = None;
                self.push(Notice::of(Failure::Internal));
            }
            Event::FileSaved { request, path } if self.is_to_open(*request) => {
                opener::open(path.clone());
            }
            Event::BrowserNeeded { request, .. } => self.in_browser = Some(*request),
            Event::PartyExported { missing_files, .. } => self.push(Notice::Exported(*missing_files)),
            _ => {}
        }
        if let Some(request) = answered(event) {
            let asked = self.in_browser.take_if(|asked| *asked == request);
            if asked.is_some() && has_come_back(event) {
                // The browser is in front, and it goes on here.
                ctx.send_viewport_cmd_to(self.viewport, ViewportCommand::Focus);
            }
            self.asked.remove(&request);
        }
    }

    fn notice_invitation(&mut self, ctx: &Context, invitation: &InvitationView) {
        let view = self.model.invitation(invitation.id).map(Arc::clone);
        let before = view.as_ref().map(|before| &before.stage);
        let was_pending = before.is_some_and(is_pending);
        for name in newcomers(view.as_deref(), invitation) {
            self.push(if invitation.is_for_device() {
                Notice::DeviceAdded(name)
            } else {
                let party = invitation.party;
                Notice::Joined { party, name }
            });
        }
        match &invitation.stage {
            InvitationStage::Pin { .. } if !matches!(before, Some(InvitationStage::Pin { .. })) => {
                self.push(Notice::PinDue(invitation.id));
                let call = ViewportCommand::RequestUserAttention(UserAttentionType::Informational);
                ctx.send_viewport_cmd_to(self.viewport, call);
            }
            InvitationStage::Locked if was_pending && invitation.is_for_device() => self.push(Notice::DeviceLocked),
            InvitationStage::Locked if was_pending => {
                self.push(Notice::Locked {
                    party: invitation.party,
                    label: invitation.label.clone(),
                });
            }
            _ => {}
        }
    }

    /// Whoever waits for approval and was not seen before waits for this person, if they may decide.
    fn notice_requests(&mut self, party: &PartyView) {
        if self.has_new_requests(party) {
            self.push(Notice::Requests(party.id));
        }
    }

    pub(super) fn has_new_requests(&self, party: &PartyView) -> bool {
        let may_decide = party.role.is_some_and(|role| role >= Role::Admin);
        let before = self.model.party(party.id);
        let known = |id| before.is_some_and(|before| before.requests.iter().any(|old| old.id == id));
        may_decide && party.requests.iter().any(|request| !known(request.id))
    }

    fn notice_redemption(&mut self, redemption: &RedemptionView) {
        match (&redemption.stage, self.model.redemption(redemption.id)) {
            // One of an earlier run.
            (stage, None) if is_running(stage) => self.push(Notice::Redemption(redemption.id)),
            (RedemptionStage::Joined { party }, Some(_)) => self.push(Notice::YouJoined(*party)),
            (RedemptionStage::Failed { error }, Some(_)) => {
                self.push(Notice::NotJoined(redemption.invitation, error.clone()));
            }
            _ => {}
        }
    }

    /// The dialog was closed while the worker began: nobody waits for this redemption any more. One by e-mail goes on: its invitation is
    /// used up by now.
    pub(super) fn cancel_unwanted(&mut self, event: &Event) {
        if let Event::RedemptionStarted { redemption, .. } = event
            && redemption.kind != CodeKind::Email
            && !self.shows_redemption(redemption.id)
        {
            self.send(
                self.requests.next(),
                Command::CancelRedemption {
                    redemption: redemption.id,
                },
            );
        }
    }

    fn shows_redemption(&self, id: RedemptionId) -> bool {
        matches!(&self.dialog, Some(Open::Redeem(dialog)) if dialog.redemption() == Some(id))
    }

    /// Of those that read the same the newest stands for all.
    pub(super) fn push(&mut self, notice: Notice) {
        match self.notices.iter_mut().find(|old| old.reads_like(&notice)) {
            Some(old) => *old = notice,
            None => self.notices.push(notice),
        }
    }

    pub(super) fn shows(&self, invitation: &InvitationView) -> bool {
        matches!(&self.dialog, Some(Open::Invite(dialog)) if dialog.shows(invitation.id))
    }

    /// Whether a failure is told in the main window: dialogs and the screens before it tell their own.
    fn is_for_window(&self, request: Option<RequestId>) -> bool {
        let open = matches!(self.model.condition, Condition::Profile(ProfileView::Open { .. }));
        open && request.is_none_or(|request| match self.asked.get(&request) {
            Some((Asked::Loudly | Asked::ToOpen, _)) => true,
            Some((Asked::Quietly, _)) => false,
            Some((Asked::ByDialog, _)) | None => self.dialog.is_none(),
        })
    }

    fn is_to_open(&self, request: RequestId) -> bool {
        matches!(self.asked.get(&request), Some((Asked::ToOpen, _)))
    }
}

/// Whether a person has come back from the browser, with whatever answer; not if nobody came.
const fn has_come_back(event: &Event) -> bool {
    !matches!(
        event,
        Event::Failed {
            failure: Failure::Mail(MailTrouble::TimedOut | MailTrouble::Stopped | MailTrouble::Unreachable),
            ..
        }
    )
}

/// The names of those who have come in by an invitation since it looked like `before`. A name may come later than its person: they are
/// told of then. Whoever came in before this run is no news.
fn newcomers(before: Option<&InvitationView>, now: &InvitationView) -> Vec<String> {
    let Some(before) = before else { return Vec::new() };
    let is_told = |one: &AdmittedView| {
        let known = before.admitted.iter().find(|known| known.member == one.member);
        one.name.is_empty() || known.is_some_and(|known| !known.name.is_empty())
    };
    let new = now.admitted.iter().filter(|one| !is_told(one));
    new.map(|one| one.name.clone()).collect()
}

/// Whether a notice still says something true.
pub(super) fn is_current(model: &Model, notice: &Notice) -> bool {
    match notice {
        Notice::PinDue(id) => model.invitation(*id).is_some_and(|invitation| {
            matches!(
                invitation.stage,
                InvitationStage::Pin { .. } | InvitationStage::PinVoid { .. }
            )
        }),
        Notice::Redemption(id) => model
            .redemption(*id)
            .is_some_and(|redemption| is_running(&redemption.stage)),
        Notice::Requests(party) => model.party(*party).is_some_and(|party| !party.requests.is_empty()),
        Notice::YouJoined(_)
        | Notice::Joined { .. }
        | Notice::DeviceAdded(_)
        | Notice::DeviceLocked
        | Notice::Locked { .. }
        | Notice::Failed { .. }
        | Notice::NotJoined(..)
        | Notice::NoFileDialog(..)
        | Notice::Exported(_)
        | Notice::LostWords(_) => true,
    }
}
