//! The Redeem dialog: code, PIN, end. One stage at a time; each stage is a file.

mod acting;
mod asking;
mod browser;
mod camera;
mod code;
mod ending;
mod entry;
mod live;
mod nearby;
mod pin;
mod relay;
mod stage;
mod waiting;

use std::fmt;
use std::sync::{Arc, Weak};

use egui::{Context, Id, Ui};
use zeroize::Zeroizing;

use self::camera::Looking;
use self::entry::CodeEntry;
use self::live::Live;
use self::stage::Stage;
use super::explanation::{Clicked, Explanation};
use super::frame::Frame;
use super::scanner::{Answer, CameraChoice, QrPicture, Scanned};
use super::text;
use super::widgets::{Dialog, Entrance, steps};
use crate::desktop::{CameraId, CameraOffer, ScanError, Viewfinder};
use crate::email::{Issuer, MailCode, MailLink};
use crate::failure::{Failure, Remedy};
use crate::invitation::nearby::Sightings;
use crate::invitation::{CodeKind, InviteCode, NearbyInvitation, RedeemError, RedemptionStage};
use crate::party::{PartyId, PartyTag};
use crate::worker::{Command, Event, RedemptionId, RedemptionView, RequestId};

/// Width of what is inside the dialog, in points.
const WIDTH: f32 = 440.0;

/// Joins a party: an invite code to paste, then a PIN to type.
///
/// Show it in every frame, send what it asks for to the worker, and apply every event to it.
pub struct RedeemDialog {
    id: Id,
    stage: Stage,
    /// Shown in place of the stage, while the two devices do not find each other.
    explanation: Option<Explanation>,
    entrance: Entrance,
    purpose: Purpose,
    /// The party that changed last: a party appears just before the redemption says that it is joined.
    latest_party: Option<(PartyId, String)>,
    /// What is heard in the local network.
    nearby: Arc<Sightings>,
    cameras: Cameras,
}

/// What is known of this computer's cameras.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Cameras {
    #[default]
    Unknown,
    AskedFor,
    Found(CameraChoice),
}

impl Cameras {
    /// The one that is used.
    fn used(&self) -> Option<CameraId> {
        match self {
            Self::Found(choice) => choice.used.clone(),
            Self::Unknown | Self::AskedFor => None,
        }
    }

    /// Those to choose from, if there is a choice.
    fn several(&self) -> &[CameraOffer] {
        match self {
            Self::Found(choice) if choice.all.len() > 1 => &choice.all,
            _ => &[],
        }
    }
}

/// What the person is asked for a code for. A code of the other kind works all the same; one that makes this device somebody's
/// only once they have said that this is what they want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    JoinParty,
    JoinDevice,
}

/// What the dialog wants of the app that shows it.
pub enum RedeemAction {
    /// Send this to the worker.
    Send(RequestId, Command),
    /// Send this to the worker, then drop the dialog.
    SendAndClose(RequestId, Command),
    /// Let a [`super::Scanner`] read this picture, and give its answer to [`RedeemDialog::take_scanned`].
    Scan(RequestId, QrPicture),
    /// Let the [`super::Scanner`] watch this camera for a code, and give its answers to [`RedeemDialog::take_scanned`].
    Watch(RequestId, CameraId, Weak<Viewfinder>),
    /// Let the [`super::Scanner`] find out which cameras there are, and give its answer to [`RedeemDialog::take_scanned`].
    FindCameras,
    /// Drop the dialog and open this party.
    Open(PartyId),
    /// Drop the dialog and open the party that has this tag: the person was a member already.
    OpenTagged(PartyTag),
    /// Copy the person's own key, [`crate::identity::IdentityId`] as text: no secret.
    CopyOwnKey,
    /// Copy this text: no secret.
    CopyText(String),
    /// Drop the dialog. [`RedeemDialog::typed_code`] is worth keeping for the next one.
    Close,
}

impl fmt::Debug for RedeemAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request, _) => f.debug_tuple("Send").field(request).finish_non_exhaustive(),
            Self::SendAndClose(request, _) => f.debug_tuple("SendAndClose").field(request).finish_non_exhaustive(),
            Self::Scan(request, picture) => f.debug_tuple("Scan").field(request).field(picture).finish(),
            Self::Watch(request, ..) => f.debug_tuple("Watch").field(request).finish_non_exhaustive(),
            Self::FindCameras => f.write_str("FindCameras"),
            Self::Open(party) => f.debug_tuple("Open").field(party).finish(),
            Self::OpenTagged(_) => f.write_str("OpenTagged"),
            Self::CopyOwnKey => f.write_str("CopyOwnKey"),
            Self::CopyText(_) => f.write_str("CopyText"),
            Self::Close => f.write_str("Close"),
        }
    }
}

impl fmt::Debug for RedeemDialog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedeemDialog")
            .field("stage", &self.stage.name())
            .finish_non_exhaustive()
    }
}

/// A click inside a stage.
enum Intent {
    /// Why can't we connect?
    Explain,
    Redeem(Arc<InviteCode>),
    /// Go through the browser with the link of a mail.
    OpenLink(MailLink),
    /// Ask the service for what the code of its page stands for.
    RedeemPage(Issuer, MailCode),
    LeaveBrowser,
    BecomeDevice,
    BackToCode,
    Remedy(Remedy),
    Scan(QrPicture),
    /// Look for the code with a camera.
    Look(CameraId),
    PickNearby(Arc<NearbyInvitation>),
    SubmitPin(Arc<crate::invitation::Pin>),
    TryNow,
    Cancel,
    Close,
    Open(PartyId),
    OpenTagged(PartyTag),
}

impl Default for RedeemDialog {
    fn default() -> Self {
        Self::new()
    }
}

impl RedeemDialog {
    /// Begins with an empty code field.
    #[must_use]
    pub fn new() -> Self {
        Self::at(Stage::Code(CodeEntry::default()))
    }

    /// Begins with a code that is typed already, such as one from a link or from a dialog that was closed.
    #[must_use]
    pub fn with_code(text: &str) -> Self {
        Self::at(Stage::Code(CodeEntry::typed(text)))
    }

    /// Shows a redemption that exists, at the stage that it has come to.
    #[must_use]
    pub fn resume(redemption: &RedemptionView) -> Self {
        Self::at(Stage::Live(Live::new(redemption, None, Zeroizing::default())))
    }

    fn at(stage: Stage) -> Self {
        let id = Id::unique("partyline redeem dialog");
        Self {
            id,
            stage,
            explanation: None,
            entrance: Entrance::default(),
            purpose: Purpose::JoinParty,
            latest_party: None,
            nearby: Arc::default(),
            cameras: Cameras::default(),
        }
    }

    /// Begins with an empty field for the code that another device of this person shows.
    #[must_use]
    pub fn for_device() -> Self {
        Self {
            purpose: Purpose::JoinDevice,
            ..Self::new()
        }
    }

    /// The invitation service whose page is likely to have shown a code: used last, or the one where the person is known.
    #[must_use]
    pub fn with_service(mut self, service: &str) -> Self {
        if let Stage::Code(entry) = self.stage {
            self.stage = Stage::Code(entry.with_service(service));
        }
        self
    }

    /// Tells this dialog from others in the same egui context.
    #[must_use]
    pub const fn with_id(mut self, id: Id) -> Self {
        self.id = id;
        self
    }

    /// The redemption that is shown, once there is one.
    #[must_use]
    pub const fn redemption(&self) -> Option<RedemptionId> {
        match &self.stage {
            Stage::Live(live) => Some(live.redemption),
            Stage::Code(_)
            | Stage::Camera(_)
            | Stage::Relay { .. }
            | Stage::Device { .. }
            | Stage::Starting { .. }
            | Stage::Asking { .. }
            | Stage::Browser(_)
            | Stage::Member(_) => None,
        }
    }

    /// Whether it shows what is heard in the local network, or is about to again: as long as it does, the app that shows it lets the worker listen
    /// ([`Command::ListenNearby`]), and no longer ([`Command::StopListening`]).
    #[must_use]
    pub const fn listens_nearby(&self) -> bool {
        matches!(
            self.stage,
            Stage::Code(_) | Stage::Camera(_) | Stage::Starting { .. } | Stage::Asking { .. }
        )
    }

    /// What has been typed or pasted as code; empty once it has served.
    #[must_use]
    pub fn typed_code(&self) -> &str {
        match &self.stage {
            Stage::Code(entry)
            | Stage::Relay { entry, .. }
            | Stage::Device { entry, .. }
            | Stage::Starting { entry, .. }
            | Stage::Asking { entry, .. } => entry.text(),
            Stage::Camera(looking) => looking.entry.text(),
            Stage::Browser(waiting) => waiting.entry.text(),
            Stage::Member(_)
            | Stage::Live(Live {
                stage: RedemptionStage::Joined { .. } | RedemptionStage::Paired { .. },
                ..
            }) => "",
            Stage::Live(live) => &live.typed,
        }
    }

    /// Takes in what the worker tells. Events of other redemptions change nothing.
    pub fn apply(&mut self, event: &Event) {
        if let Some(explanation) = &mut self.explanation {
            explanation.apply(event);
        }
        if let Stage::Live(live) = &mut self.stage {
            live.left_out.apply(event);
        }
        match (event, &mut self.stage) {
            (
                Event::RedemptionStarted { request, redemption },
                Stage::Starting {
                    request: asked,
                    entry,
                    code,
                },
            ) if request == asked => {
                let typed = Zeroizing::new(entry.text().to_owned());
                // What was picked nearby is no code that leads anywhere later.
                let code = Some(Arc::clone(code)).filter(|code| code.kind() != CodeKind::Nearby);
                self.stage = Stage::Live(Live::new(redemption, code, typed));
            }
            (Event::BrowserNeeded { .. }, Stage::Browser(waiting)) => waiting.browser.apply(event),
            (Event::RedemptionStarted { request, redemption }, stage) if stage.asks_service(*request) => {
                *stage = Stage::Live(Live::new(redemption, None, Zeroizing::default()));
            }
            (Event::RedemptionChanged { redemption }, Stage::Live(live)) if live.redemption == redemption.id => {
                live.change(redemption);
                // There is something to be done now.
                if !live.seeks() {
                    self.explanation = None;
                }
            }
            (
                Event::Failed {
                    request: Some(request),
                    failure,
                },
                _,
            ) => self.refuse(*request, failure),
            (Event::NearbyChanged { nearby }, _) => self.nearby = Arc::clone(nearby),
            (Event::PartyChanged { party }, _) => self.latest_party = Some((party.id, party.name.clone())),
            _ => {}
        }
    }

    /// Takes in what a [`super::Scanner`] answers. A code only fills the field. The answer to another dialog's scan changes nothing.
    pub fn take_scanned(&mut self, scanned: Scanned) {
        let (request, code) = match scanned.0 {
            Answer::Code(request, code) => (request, code),
            // Where one was, the button stays: it is plugged in again, and pressed.
            Answer::Cameras(none) if none.all.is_empty() && self.cameras.used().is_some() => return,
            Answer::Cameras(choice) => {
                self.cameras = Cameras::Found(choice);
                return;
            }
        };
        if let Stage::Camera(looking) = &mut self.stage
            && looking.request == request
        {
            match code {
                // There are others to look through.
                Err(ScanError::Camera(error)) if !self.cameras.several().is_empty() => return looking.fail(error),
                _ => self.stage = Stage::Code(looking.found()),
            }
        }
        if let Stage::Code(entry) = &mut self.stage {
            entry.take_scanned(request, code);
            // The keyboard goes from the button back to the field.
            self.entrance.again();
        }
    }

    /// Puts a code or link into the field, in the place of what was typed. Whether there was a field: not once a redemption
    /// has begun.
    pub fn fill(&mut self, text: &str) -> bool {
        let (Stage::Code(entry) | Stage::Camera(Looking { entry, .. })) = &self.stage else {
            return false;
        };
        self.stage = Stage::Code(CodeEntry::typed(text).with_service(&entry.service));
        self.entrance.again();
        true
    }

    fn refuse(&mut self, request: RequestId, failure: &Failure) {
        match &mut self.stage {
            Stage::Starting {
                request: asked,
                entry,
                code,
            } if *asked == request => {
                let (mut entry, code) = (std::mem::take(entry), Arc::clone(code));
                self.stage = match failure {
                    Failure::RelayNotAllowed { host } => Stage::Relay {
                        host: host.clone(),
                        entry,
                        code,
                    },
                    Failure::Redeem(RedeemError::AlreadyMember) => Stage::Member(code.party_tag()),
                    other => {
                        entry.refuse(other.clone());
                        Stage::Code(entry)
                    }
                };
            }
            stage if stage.asks_service(request) => {
                let mut entry = stage.take_entry();
                entry.refuse(failure.clone());
                *stage = Stage::Code(entry);
            }
            Stage::Live(live) => live.pin.refuse(request, failure),
            Stage::Code(_)
            | Stage::Camera(_)
            | Stage::Relay { .. }
            | Stage::Device { .. }
            | Stage::Starting { .. }
            | Stage::Asking { .. }
            | Stage::Browser(_)
            | Stage::Member(_) => {}
        }
    }

    /// Shows the dialog over everything else.
    pub fn show(&mut self, ctx: &Context, frame: &Frame<'_>) -> Option<RedeemAction> {
        let (title, subtitle) = self.heading();
        let dialog = Dialog {
            id: self.id,
            width: WIDTH,
            title,
            subtitle,
            name: text::JOIN_TITLE,
        };
        let (action, close) = dialog.show(ctx, |ui| self.view(ui, frame));
        action.or_else(|| close.and_then(|_| self.carry_out(self.on_close(), frame)))
    }

    /// Draws the stage without a dialog around it, for an app that gives it a page of its own.
    pub fn view(&mut self, ui: &mut Ui, frame: &Frame<'_>) -> Option<RedeemAction> {
        if let Some(explanation) = &mut self.explanation {
            let entered = self.entrance.stage(explanation.name());
            let clicked = explanation.view(ui, frame, entered);
            return self.explained(clicked);
        }
        let entered = self.entrance.stage(self.stage.name());
        if let Some(step) = self.step() {
            steps(ui, step, &[text::STEP_CODE, text::STEP_PIN]);
            ui.add_space(super::theme::space::S);
        }
        let sources = code::Sources {
            camera: self.cameras.used(),
            nearby: &self.nearby,
        };
        let intent = match &mut self.stage {
            Stage::Code(entry) => code::view(ui, self.id, entry, &sources, frame.now, entered),
            Stage::Camera(looking) => looking.view(ui, self.cameras.several(), entered),
            Stage::Relay { host, .. } => ending::view_relay(ui, host),
            Stage::Device { .. } => ending::view_device(ui, entered),
            Stage::Starting { entry, .. } => code::view_starting(ui, self.id, entry, &sources, text::CONNECTING),
            Stage::Asking { entry, .. } => code::view_starting(ui, self.id, entry, &sources, text::ASKING_SERVICE),
            Stage::Browser(waiting) => browser::view(ui, waiting),
            Stage::Member(tag) => ending::view_already_member(ui, Some(*tag), entered),
            Stage::Live(live) => live.view(ui, self.id, frame, self.latest_party.as_ref(), entered),
        };
        match intent {
            Some(intent) => self.carry_out(intent, frame),
            None => self.find_cameras(),
        }
    }

    /// Which cameras there are is asked once, and whenever one is switched on: by the time that it matters the answer is
    /// there.
    fn find_cameras(&mut self) -> Option<RedeemAction> {
        let wanted = self.cameras == Cameras::Unknown && matches!(self.stage, Stage::Code(_));
        wanted.then(|| {
            self.cameras = Cameras::AskedFor;
            RedeemAction::FindCameras
        })
    }

    fn explained(&mut self, clicked: Option<Clicked>) -> Option<RedeemAction> {
        match clicked? {
            Clicked::Back => self.explanation = None,
            Clicked::Copy(text) => return Some(RedeemAction::CopyText(text)),
            Clicked::Ask(request, command) => return Some(RedeemAction::Send(request, command)),
        }
        None
    }

    /// Which of the two steps is shown, from 0.
    fn step(&self) -> Option<usize> {
        match &self.stage {
            // There is no PIN to come.
            Stage::Code(entry) | Stage::Asking { entry, .. } if entry.is_by_mail() => None,
            Stage::Code(_) | Stage::Camera(_) | Stage::Starting { .. } | Stage::Asking { .. } => Some(0),
            Stage::Relay { .. } | Stage::Device { .. } | Stage::Browser(_) | Stage::Member(_) => None,
            // There is no PIN to come.
            Stage::Live(live) if live.needs_nobody() => None,
            Stage::Live(live) => match live.stage {
                RedemptionStage::Connecting { .. }
                | RedemptionStage::InviterOffline
                | RedemptionStage::MembersOffline { .. }
                | RedemptionStage::WaitsForApproval { .. }
                | RedemptionStage::Queued { .. } => Some(0),
                RedemptionStage::EnterPin { .. } | RedemptionStage::Checking => Some(1),
                RedemptionStage::Joining { .. }
                | RedemptionStage::Joined { .. }
                | RedemptionStage::Pairing { .. }
                | RedemptionStage::Paired { .. }
                | RedemptionStage::Failed { .. }
                | RedemptionStage::Cancelled => None,
            },
        }
    }

    fn heading(&self) -> (&'static str, &'static str) {
        if self.explanation.is_some() {
            return (text::WHY_NOT, text::WHY_NOT_MEANS);
        }
        let title = match self.purpose {
            Purpose::JoinParty => text::JOIN_TITLE,
            Purpose::JoinDevice => text::DEVICE_REDEEM,
        };
        match &self.stage {
            Stage::Code(_) | Stage::Starting { .. } | Stage::Asking { .. } => match self.purpose {
                Purpose::JoinParty => (title, text::JOIN_SUBTITLE),
                Purpose::JoinDevice => (title, text::DEVICE_REDEEM_MEANS),
            },
            Stage::Camera(_) => (title, text::HOLD_CODE),
            Stage::Browser(_) => (title, text::BROWSER_ASKS),
            Stage::Relay { .. } | Stage::Device { .. } | Stage::Member(_) => ("", ""),
            Stage::Live(live) => match live.stage {
                RedemptionStage::Connecting { .. }
                | RedemptionStage::InviterOffline
                | RedemptionStage::MembersOffline { .. }
                | RedemptionStage::WaitsForApproval { .. }
                    if live.needs_nobody() =>
                {
                    (text::JOIN_TITLE, text::LET_IN_BY_MEMBER)
                }
                RedemptionStage::Connecting { .. }
                | RedemptionStage::InviterOffline
                | RedemptionStage::MembersOffline { .. }
                | RedemptionStage::WaitsForApproval { .. }
                | RedemptionStage::Queued { .. } => (title, text::CONNECTING_SUBTITLE),
                RedemptionStage::EnterPin { .. } | RedemptionStage::Checking => (text::ENTER_PIN, text::ASK_FOR_PIN),
                RedemptionStage::Joining { .. }
                | RedemptionStage::Joined { .. }
                | RedemptionStage::Pairing { .. }
                | RedemptionStage::Paired { .. }
                | RedemptionStage::Failed { .. }
                | RedemptionStage::Cancelled => ("", ""),
            },
        }
    }

    /// Esc and the close button: the camera leads back to the code; what has not got as far as the right PIN is cancelled; the code stays good.
    fn on_close(&self) -> Intent {
        match &self.stage {
            Stage::Code(_)
            | Stage::Relay { .. }
            | Stage::Device { .. }
            | Stage::Starting { .. }
            | Stage::Asking { .. }
            | Stage::Member(_) => Intent::Close,
            Stage::Camera(_) => Intent::BackToCode,
            Stage::Browser(_) => Intent::LeaveBrowser,
            Stage::Live(live) if live.needs_nobody() => Intent::Close,
            Stage::Live(live) => match live.stage {
                RedemptionStage::Connecting { .. }
                | RedemptionStage::InviterOffline
                | RedemptionStage::Queued { .. }
                | RedemptionStage::EnterPin { .. }
                | RedemptionStage::Checking => Intent::Cancel,
                RedemptionStage::MembersOffline { .. }
                | RedemptionStage::WaitsForApproval { .. }
                | RedemptionStage::Joining { .. }
                | RedemptionStage::Joined { .. }
                | RedemptionStage::Pairing { .. }
                | RedemptionStage::Paired { .. }
                | RedemptionStage::Failed { .. }
                | RedemptionStage::Cancelled => Intent::Close,
            },
        }
    }
}
