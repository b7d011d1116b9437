//! What a click does in the Redeem dialog.

use std::sync::Arc;

use super::browser::Waiting;
use super::camera::Looking;
use super::entry::CodeEntry;
use super::stage::Stage;
use super::{Intent, Purpose, RedeemAction, RedeemDialog};
use crate::failure::Remedy;
use crate::invitation::{CodeKind, InviteCode};
use crate::ui::browser::Browser;
use crate::ui::explanation::Explanation;
use crate::ui::frame::Frame;
use crate::worker::{Command, MailWay, NetworkMode};

impl RedeemDialog {
    #[expect(clippy::too_many_lines, reason = "one line for each case")]
    pub(super) fn carry_out(&mut self, intent: Intent, frame: &Frame<'_>) -> Option<RedeemAction> {
        match (intent, &mut self.stage) {
            (Intent::Close, _) => return Some(RedeemAction::Close),
            (Intent::Open(party), _) => return Some(RedeemAction::Open(party)),
            (Intent::OpenTagged(tag), _) => return Some(RedeemAction::OpenTagged(tag)),
            (Intent::Redeem(code), Stage::Code(entry)) => {
                let entry = std::mem::take(entry);
                if code.kind() == CodeKind::DevicePairing && self.purpose == Purpose::JoinParty {
                    self.stage = Stage::Device { entry, code };
                    return None;
                }
                return Some(self.start(entry, code, frame, Relay::Known));
            }
            (Intent::OpenLink(link), Stage::Code(entry)) => {
                let (request, entry) = (frame.requests.next(), std::mem::take(entry));
                let browser = Browser::new(request);
                self.stage = Stage::Browser(Waiting { browser, entry });
                let way = Box::new(MailWay::Link(link));
                return Some(RedeemAction::Send(request, Command::RedeemMail { way }));
            }
            (Intent::RedeemPage(issuer, code), Stage::Code(entry)) => {
                let (request, entry) = (frame.requests.next(), std::mem::take(entry));
                self.stage = Stage::Asking { request, entry };
                let way = Box::new(MailWay::Code { issuer, code });
                return Some(RedeemAction::Send(request, Command::RedeemMail { way }));
            }
            (Intent::LeaveBrowser, _) => {
                return Some(RedeemAction::SendAndClose(frame.requests.next(), Command::StopBrowser));
            }
            (Intent::Explain, Stage::Live(live)) => {
                let (explanation, request, command) = Explanation::ask(Some(live.redemption), frame);
                self.explanation = Some(explanation);
                return Some(RedeemAction::Send(request, command));
            }
            (Intent::BecomeDevice, Stage::Device { entry, code }) => {
                let (entry, code) = (std::mem::take(entry), Arc::clone(code));
                self.purpose = Purpose::JoinDevice;
                return Some(self.start(entry, code, frame, Relay::Known));
            }
            (Intent::BackToCode, stage @ (Stage::Device { .. } | Stage::Camera(_))) => {
                *stage = Stage::Code(stage.take_entry());
            }
            (Intent::Remedy(remedy), _) => return self.remedy(remedy, frame),
            (Intent::Scan(picture), Stage::Code(entry)) => {
                let request = frame.requests.next();
                entry.scan(request);
                return Some(RedeemAction::Scan(request, picture));
            }
            (Intent::Look(camera), stage @ (Stage::Code(_) | Stage::Camera(_))) => {
                let (request, entry) = (frame.requests.next(), stage.take_entry());
                let looking = Looking::new(request, camera.clone(), entry);
                let viewfinder = looking.viewfinder();
                // One that was on goes off with what it was seen in.
                *stage = Stage::Camera(looking);
                // The keyboard was in a menu that has gone.
                self.entrance.again();
                return Some(RedeemAction::Watch(request, camera, viewfinder));
            }
            (Intent::PickNearby(picked), Stage::Code(entry)) => {
                let (request, entry) = (frame.requests.next(), std::mem::take(entry));
                let code = Arc::new(picked.code());
                self.stage = Stage::Starting { request, entry, code };
                return Some(RedeemAction::Send(request, Command::RedeemNearby { picked }));
            }
            (Intent::SubmitPin(pin), Stage::Live(live)) => {
                let request = frame.requests.next();
                live.pin.submit(request);
                return Some(RedeemAction::Send(
                    request,
                    Command::SubmitPin {
                        redemption: live.redemption,
                        pin,
                    },
                ));
            }
            (Intent::TryNow, Stage::Live(live)) => {
                let command = Command::RetryRedemption {
                    redemption: live.redemption,
                };
                return Some(RedeemAction::Send(frame.requests.next(), command));
            }
            (Intent::Cancel, Stage::Live(live)) => {
                let command = Command::CancelRedemption {
                    redemption: live.redemption,
                };
                return Some(RedeemAction::SendAndClose(frame.requests.next(), command));
            }
            (
                Intent::Explain
                | Intent::Redeem(_)
                | Intent::OpenLink(_)
                | Intent::RedeemPage(..)
                | Intent::BecomeDevice
                | Intent::BackToCode
                | Intent::Scan(_)
                | Intent::Look(_)
                | Intent::PickNearby(_)
                | Intent::SubmitPin(_)
                | Intent::TryNow
                | Intent::Cancel,
                _,
            ) => {}
        }
        None
    }

    /// Does what the button of a failure says.
    fn remedy(&mut self, remedy: Remedy, frame: &Frame<'_>) -> Option<RedeemAction> {
        match (remedy, &mut self.stage) {
            (Remedy::AllowRelay, Stage::Relay { entry, code, .. }) => {
                let (entry, code) = (std::mem::take(entry), Arc::clone(code));
                return Some(self.start(entry, code, frame, Relay::Any));
            }
            // Back to the code, as it was typed.
            (Remedy::TryAgain, stage) => {
                let entry = stage.take_entry();
                *stage = Stage::Code(entry);
            }
            (Remedy::OtherCode, stage) => *stage = Stage::Code(CodeEntry::default()),
            (Remedy::CopyOwnKey, _) => return Some(RedeemAction::CopyOwnKey),
            (Remedy::UseRelays, Stage::Live(live)) => {
                let request = frame.requests.next();
                live.left_out.sent(request);
                let mode = NetworkMode::PublicRelays;
                return Some(RedeemAction::Send(request, Command::SetNetworkMode { mode }));
            }
            // These stand where the party is known, or are the inviter's.
            (Remedy::AllowRelay | Remedy::UseRelays | Remedy::OpenParty | Remedy::ShowNewPin | Remedy::NewCode, _) => {}
        }
        None
    }

    fn start(&mut self, entry: CodeEntry, code: Arc<InviteCode>, frame: &Frame<'_>, relay: Relay) -> RedeemAction {
        let request = frame.requests.next();
        let command = Command::Redeem {
            code: Arc::clone(&code),
            allow_relay: relay == Relay::Any,
        };
        self.stage = Stage::Starting { request, entry, code };
        RedeemAction::Send(request, command)
    }
}

/// Which relays a code may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relay {
    Known,
    Any,
}
