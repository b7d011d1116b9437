//! What a click does while inviting by e-mail.

use super::mail::{Back, Click, SigningOut};
use super::{InviteAction, InviteDialog, Options, Stage, Way};
use crate::ui::frame::Frame;
use crate::worker::Command;

impl InviteDialog {
    pub(super) fn clicked(&mut self, click: Click, frame: &Frame<'_>) -> Option<InviteAction> {
        match click {
            Click::Close => Some(InviteAction::Close),
            Click::SignIn(issuer) => {
                let back = match &self.stage {
                    Stage::Options(options) => Back::Options(options.clone()),
                    _ => Back::List,
                };
                let (signing_in, action) = self.mail.sign_in(issuer, back, frame);
                self.stage = Stage::SigningIn(signing_in);
                Some(action)
            }
            Click::AskToSignOut(issuer) => {
                if let Stage::Options(options) = &self.stage {
                    let back = options.clone();
                    self.stage = Stage::SigningOut(SigningOut { issuer, back });
                }
                None
            }
            Click::SignOut(issuer) => {
                self.leave_question();
                Some(self.mail.sign_out(issuer, frame))
            }
            Click::StaySignedIn => {
                self.leave_question();
                None
            }
            Click::LeaveBrowser => {
                self.leave_browser();
                Some(InviteAction::Send(frame.requests.next(), Command::StopBrowser))
            }
            Click::TryClient => self.mail.try_client(frame),
            Click::Send => {
                let Stage::Options(options) = &self.stage else {
                    return None;
                };
                let action = self.mail.send((self.party, &self.party_name), options, frame)?;
                self.stage = Stage::Mailed;
                Some(action)
            }
            Click::ShowList => {
                self.mail.turn_page();
                self.stage = Stage::Mailed;
                None
            }
            Click::InviteMore => {
                self.mail.turn_page();
                let mut options = Options::default();
                options.choose(Way::Mail);
                self.stage = Stage::Options(options);
                None
            }
            Click::Act(invitation, act) => Some(self.mail.act(invitation, act, frame)),
            Click::TryAgain(hitch) => Some(self.mail.try_again(&hitch, frame)),
            Click::GiveUp(hitch) => {
                self.mail.give_up(&hitch);
                None
            }
        }
    }

    /// Back from the question whether to sign out, to where the person has come from.
    fn leave_question(&mut self) {
        if let Stage::SigningOut(signing_out) = &self.stage {
            self.stage = Stage::Options(signing_out.back.clone());
        }
    }

    /// Back from the browser, to where the person has come from.
    pub(super) fn leave_browser(&mut self) {
        if let Stage::SigningIn(signing_in) = &self.stage {
            self.stage = match &signing_in.back {
                Back::Options(options) => Stage::Options(options.clone()),
                Back::List => Stage::Mailed,
            };
        }
    }
}
