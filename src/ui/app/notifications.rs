//! What the desktop tells the person of while the window is not in front.

use egui::Context;

use super::{App, Open};
use crate::desktop::{About, Notification, Notifier};
use crate::invitation::InvitationStage;
use crate::ui::main_window::{MainAction, Notice};
use crate::ui::text;
use crate::worker::{Event, InvitationView, MemberView, PartyView};

impl App {
    /// Also tells the desktop of what needs the person, see [`Notifier`].
    #[must_use]
    pub fn with_notifier(mut self, notifier: Notifier) -> Self {
        self.desk.notifier = Some(notifier);
        self
    }

    /// Notifies of an event that the model has not taken in yet.
    pub(super) fn notify(&self, ctx: &Context, event: &Event) {
        let Some(notifier) = &self.desk.notifier else { return };
        let in_front = ctx.input(|input| input.focused);
        match event {
            Event::InvitationChanged { invitation } => {
                let about = About::Invitation(invitation.id);
                if !is_pin_due(invitation) {
                    notifier.withdraw(about);
                } else if !(self.pin_was_due(invitation) || in_front && self.shows(invitation)) {
                    let (title, body) = if invitation.is_for_device() {
                        (text::DEVICE_PIN_DUE, text::DEVICE_PIN_IS_DUE.to_owned())
                    } else {
                        (text::PIN_IS_DUE, text::pin_is_due(&self.party_name(invitation.party)))
                    };
                    let title = title.to_owned();
                    notifier.show(Notification { about, title, body });
                }
            }
            Event::PartyChanged { party } => {
                if party.requests.is_empty() {
                    notifier.withdraw(About::Requests(party.id));
                }
                if in_front {
                    return;
                }
                if self.has_new_requests(party) {
                    notifier.show(Notification {
                        about: About::Requests(party.id),
                        title: text::SOMEBODY_ASKS.to_owned(),
                        body: text::somebody_asks(&party.name),
                    });
                }
                if let Some(title) = self.who_joined(party) {
                    notifier.show(Notification {
                        about: About::Party(party.id),
                        title,
                        body: String::new(),
                    });
                }
            }
            _ => {}
        }
    }

    fn pin_was_due(&self, invitation: &InvitationView) -> bool {
        self.model
            .invitation(invitation.id)
            .is_some_and(|before| is_pin_due(before))
    }

    /// Who is a member now and was none before, by name: a name comes a moment after its member. Of a party that is new here
    /// nobody has joined.
    fn who_joined(&self, party: &PartyView) -> Option<String> {
        let before = self.model.party(party.id)?;
        let was_known = |member: &MemberView| {
            let mut named = before.members.iter().filter(|before| before.name.is_some());
            named.any(|before| before.identity == member.identity)
        };
        let mut new = party.members.iter().filter(|member| !was_known(member));
        let name = new.find_map(|member| member.name.as_deref())?;
        let others = new.filter(|member| member.name.is_some()).count();
        Some(text::joined_with(name, others, &party.name))
    }

    /// Leads to what a notification was about.
    pub(super) fn follow(&mut self, ctx: &Context, about: About) {
        match about {
            About::Party(party) if self.model.party(party).is_some() => self.window.select(party),
            About::Invitation(id) => {
                let shown = matches!(&self.dialog, Some(Open::Invite(dialog)) if dialog.shows(id));
                if self.model.invitation(id).is_some() && !shown {
                    self.put_aside(ctx);
                    self.carry_out(ctx, MainAction::ShowInvitation(id));
                }
            }
            About::Requests(party) if self.model.party(party).is_some() => {
                self.put_aside(ctx);
                self.carry_out(ctx, MainAction::ShowInvitations(party));
            }
            About::Party(_) | About::Requests(_) => {}
        }
    }

    /// Closes a dialog in whose place another is to open. A redemption goes on, and a notice leads back to it.
    fn put_aside(&mut self, ctx: &Context) {
        if let Some(Open::Redeem(dialog)) = &self.dialog
            && let Some(redemption) = dialog.redemption()
        {
            self.push(Notice::Redemption(redemption));
        }
        if self.dialog.is_some() {
            self.close(ctx);
        }
    }
}

const fn is_pin_due(invitation: &InvitationView) -> bool {
    matches!(invitation.stage, InvitationStage::Pin { .. })
}
