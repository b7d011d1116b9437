//! The Invite dialog: options, code, PIN, end. One stage at a time; each stage is a file.

mod choice;
mod code;
mod ending;
mod large;
mod live;
mod mail;
mod mailing;
mod nearby;
mod newcomers;
mod options;
mod pin;
mod refusal;
mod way;

use std::fmt;
use std::sync::Arc;

use egui::{Context, Id, Ui};
use zeroize::Zeroizing;

use self::choice::{Options, Way};
use self::live::Live;
use self::mail::{Click, Mail, SigningIn, SigningOut};
pub(crate) use self::way::Acquaintance;
use super::explanation::{Clicked, Explanation};
use super::frame::Frame;
use super::text;
use super::widgets::{Dialog, Entrance};
use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::invitation::{InvitationId, InvitationStage};
use crate::party::{PartyId, Role};
use crate::worker::{AdmittedView, Command, Event, InvitationView, RequestId, ServiceView};

/// Width of what is inside the dialog, in points.
const WIDTH: f32 = 520.0;
/// Height of the code stage and of the PIN stage, so that the swap does not jump.
const STAGE_HEIGHT: f32 = 392.0;

/// Invites people to a party: a code to send, then a PIN to tell to each.
///
/// Show it in every frame, send what it asks for to the worker, and apply every event to it. Closing it cancels nothing:
/// [`InviteDialog::resume`] shows the same invitation at the same stage again.
pub struct InviteDialog {
    id: Id,
    party: PartyId,
    party_name: String,
    own_role: Role,
    /// Whose keys can be offered.
    known: Vec<Acquaintance>,
    stage: Stage,
    /// Shown in place of the code.
    explanation: Option<Explanation>,
    entrance: Entrance,
    mail: Mail,
}

/// What the dialog wants of the app that shows it.
pub enum InviteAction {
    /// Send this to the worker.
    Send(RequestId, Command),
    /// Send all of these to the worker.
    SendAll(Vec<(RequestId, Command)>),
    /// Copy this secret to the clipboard, see [`super::Clipboard`].
    Copy(Zeroizing<String>),
    /// Copy this text: no secret.
    CopyText(String),
    /// Drop the dialog. The invitation, if there is one, goes on.
    Close,
}

impl fmt::Debug for InviteAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send(request, _) => f.debug_tuple("Send").field(request).finish_non_exhaustive(),
            Self::SendAll(all) => f.debug_tuple("SendAll").field(&all.len()).finish(),
            Self::Copy(_) => f.write_str("Copy(<redacted>)"),
            Self::CopyText(_) => f.write_str("CopyText"),
            Self::Close => f.write_str("Close"),
        }
    }
}

impl fmt::Debug for InviteDialog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InviteDialog")
            .field("party", &self.party)
            .field("stage", &self.stage.name())
            .finish_non_exhaustive()
    }
}

enum Stage {
    /// Who is invited, and for how long.
    Options(Options),
    /// The worker makes the code.
    Creating { request: RequestId, options: Options },
    /// There is no code.
    NotCreated { failure: Failure, options: Options },
    /// There is an invitation; its own stage says what to show.
    Live(Live),
    /// The person signs in at an invitation service.
    SigningIn(SigningIn),
    /// The person is asked whether to sign out there.
    SigningOut(SigningOut),
    /// What has become of the invitations by e-mail.
    Mailed,
}

/// How the code is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    /// As a small QR beside its text.
    Small,
    /// As a QR that fills the window.
    Large,
}

/// What was copied last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Copied {
    Code,
    Link,
}

/// What the person has asked for since the last change of the invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Order {
    None,
    Sent(RequestId, Intent),
    /// What was refused, and the click that asked for it.
    Refused(Failure, Intent),
    /// Somebody who came in is to go again.
    Remove(AdmittedView, Removal),
}

/// How far a removal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Removal {
    /// [Remove] was clicked: are you sure?
    Asked,
    Sent(RequestId),
    Done,
}

/// A click inside a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    /// Why can't we connect?
    Explain,
    Create,
    /// Back to the options, as they were chosen.
    OtherOptions,
    Copy(Copied),
    ShowLarge,
    ShowSmall,
    Revoke,
    Next,
    ShowNewPin,
    ShowNearby,
    HideNearby,
    Another,
    AskRemoval,
    Remove(IdentityId),
    KeepMember,
    Close,
}

impl Stage {
    fn name(&self) -> &'static str {
        match self {
            Self::Options(_) => "options",
            Self::Creating { .. } => "creating",
            Self::NotCreated { .. } => "not created",
            Self::SigningIn(_) => "signing in",
            Self::SigningOut(_) => "signing out",
            Self::Mailed => "mailed",
            Self::Live(live) => match live.invitation.stage {
                InvitationStage::Code { .. } | InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. }
                    if live.size == Size::Large =>
                {
                    "large code"
                }
                InvitationStage::Code { .. } => "code",
                InvitationStage::OnlyHere => "only here",
                InvitationStage::OfflineReady { .. } => "offline-ready",
                InvitationStage::Pin { .. } => "pin",
                InvitationStage::PinVoid { .. } => "pin void",
                InvitationStage::Admitting => "admitting",
                InvitationStage::Admitted { .. } => "admitted",
                InvitationStage::Locked => "locked",
                InvitationStage::Revoked => "revoked",
                InvitationStage::Expired => "expired",
            },
        }
    }
}

impl InviteDialog {
    /// Begins with the options. `party_name` is what the person knows the party by.
    #[must_use]
    pub fn new(party: PartyId, party_name: impl Into<String>) -> Self {
        Self::at(party, party_name.into(), Stage::Options(Options::default()))
    }

    /// Shows an invitation that exists, at the stage that it has come to.
    #[must_use]
    pub fn resume(invitation: Arc<InvitationView>, party_name: impl Into<String>) -> Self {
        if invitation.mail.is_none() {
            return Self::at(invitation.party, party_name.into(), Stage::Live(Live::new(invitation)));
        }
        let mut dialog = Self::at(invitation.party, party_name.into(), Stage::Mailed);
        dialog.mail.seek(invitation.id);
        dialog.with_mailed([invitation])
    }

    fn at(party: PartyId, party_name: String, stage: Stage) -> Self {
        let id = Id::unique("partyline invite dialog");
        Self {
            id,
            party,
            party_name,
            own_role: Role::Owner,
            known: Vec::new(),
            stage,
            explanation: None,
            entrance: Entrance::default(),
            mail: Mail::default(),
        }
    }

    /// The inviter's own role: nobody gives a higher one. Without it every role that can be given is offered.
    #[must_use]
    pub const fn with_role(mut self, role: Role) -> Self {
        self.own_role = role;
        self
    }

    /// People of whom the inviter knows the keys, such as members of other parties.
    #[must_use]
    pub(crate) fn with_known(mut self, known: Vec<Acquaintance>) -> Self {
        self.known = known;
        self
    }

    /// The inviter's own name, which a mail may say.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.mail.set_own_name(name.into());
        self
    }

    /// The invitation services where the inviter is known.
    #[must_use]
    pub fn with_services(mut self, services: Vec<ServiceView>) -> Self {
        self.mail.set_services(services);
        self
    }

    /// The invitations to this party that mails carry, oldest first; others are left out.
    #[must_use]
    pub fn with_mailed(mut self, invitations: impl IntoIterator<Item = Arc<InvitationView>>) -> Self {
        for invitation in invitations {
            if invitation.party == self.party {
                self.mail.put(&invitation);
            }
        }
        self
    }

    /// Tells this dialog from others in the same egui context.
    #[must_use]
    pub const fn with_id(mut self, id: Id) -> Self {
        self.id = id;
        self
    }

    /// The invitation that is shown, once there is one.
    #[must_use]
    pub fn invitation(&self) -> Option<InvitationId> {
        match &self.stage {
            Stage::Live(live) => Some(live.invitation.id),
            Stage::Options(_)
            | Stage::Creating { .. }
            | Stage::NotCreated { .. }
            | Stage::SigningIn(_)
            | Stage::SigningOut(_)
            | Stage::Mailed => None,
        }
    }

    /// Whether the person sees how far this invitation is.
    #[must_use]
    pub fn shows(&self, invitation: InvitationId) -> bool {
        match &self.stage {
            Stage::Mailed => self.mail.has(invitation),
            _ => self.invitation() == Some(invitation),
        }
    }

    /// Takes in what the worker tells. Events of other invitations change nothing.
    pub fn apply(&mut self, event: &Event) {
        if let Some(explanation) = &mut self.explanation {
            explanation.apply(event);
        }
        self.mail.apply(event, self.party);
        if let Stage::SigningIn(signing_in) = &mut self.stage {
            signing_in.browser.apply(event);
            if self.mail.back_from(signing_in, event) {
                self.leave_browser();
            }
        }
        match (event, &mut self.stage) {
            (Event::InvitationCreated { request, invitation }, Stage::Creating { request: asked, .. })
                if request == asked =>
            {
                self.stage = Stage::Live(Live::new(Arc::clone(invitation)));
            }
            (Event::InvitationChanged { invitation }, Stage::Live(live)) if live.invitation.id == invitation.id => {
                live.invitation = Arc::clone(invitation);
                live.order = Order::None;
                // Somebody has come.
                if !live.shows_code() {
                    self.explanation = None;
                }
            }
            (Event::Done { request }, Stage::Live(live)) => match &mut live.order {
                Order::Sent(asked, _) if *asked == *request => live.order = Order::None,
                Order::Remove(_, removal) if *removal == Removal::Sent(*request) => *removal = Removal::Done,
                _ => {}
            },
            (
                Event::Failed {
                    request: Some(request),
                    failure,
                },
                stage,
            ) => stage.refuse(*request, failure),
            (Event::PartyChanged { party }, _) if party.id == self.party => {
                self.party_name.clone_from(&party.name);
                self.own_role = party.role.unwrap_or(self.own_role);
            }
            _ => {}
        }
    }

    /// Shows the dialog over everything else.
    pub fn show(&mut self, ctx: &Context, frame: &Frame<'_>) -> Option<InviteAction> {
        let (title, subtitle) = self.heading();
        let name = if self.is_for_device() {
            text::DEVICE_CODE.to_owned()
        } else {
            text::invite_title(&self.party_name)
        };
        let dialog = Dialog {
            id: self.id,
            width: self.width(ctx),
            title: &title,
            subtitle: &subtitle,
            name: &name,
        };
        let (action, close) = dialog.show(ctx, |ui| self.view(ui, frame));
        action.or_else(|| close.and_then(|_| self.on_close(frame)))
    }

    /// The large QR, if it is shown.
    fn large(&mut self) -> Option<&mut Live> {
        match &mut self.stage {
            Stage::Live(live) if live.is_large() => Some(live),
            _ => None,
        }
    }

    fn width(&mut self, ctx: &Context) -> f32 {
        self.large().map_or(WIDTH, |_| large::side(ctx))
    }

    /// Esc and the close button: from the large QR back to the small one, from the browser and from a question back to where
    /// one came from.
    fn on_close(&mut self, frame: &Frame<'_>) -> Option<InviteAction> {
        if matches!(self.stage, Stage::SigningIn(_)) {
            return self.clicked(Click::LeaveBrowser, frame);
        }
        if matches!(self.stage, Stage::SigningOut(_)) {
            return self.clicked(Click::StaySignedIn, frame);
        }
        // Who could not be invited is known here alone: the person says what becomes of them.
        if matches!(self.stage, Stage::Mailed) && !self.mail.is_settled() {
            return None;
        }
        match self.large() {
            Some(live) => {
                live.size = Size::Small;
                None
            }
            None => Some(InviteAction::Close),
        }
    }

    /// Draws the stage without a dialog around it, for an app that gives it a page of its own.
    pub fn view(&mut self, ui: &mut Ui, frame: &Frame<'_>) -> Option<InviteAction> {
        if let Some(explanation) = &mut self.explanation {
            let entered = self.entrance.stage(explanation.name());
            let clicked = explanation.view(ui, frame, entered);
            return self.explained(clicked);
        }
        let entered = self.entrance.stage(self.stage.name());
        let party = self.party_name.as_str();
        let (mail, own) = (&mut self.mail, self.own_role);
        let clicked = match &mut self.stage {
            Stage::Options(options) if options.way() == Way::Mail => mail.view_form(ui, self.id, options, own, entered),
            Stage::SigningIn(signing_in) => signing_in.view(ui),
            Stage::SigningOut(signing_out) => signing_out.view(ui, entered),
            Stage::Mailed => mail.view_list(ui, entered),
            Stage::Options(_) | Stage::Creating { .. } | Stage::NotCreated { .. } | Stage::Live(_) => None,
        };
        if let Some(click) = clicked {
            return self.clicked(click, frame);
        }
        let intent = match &mut self.stage {
            Stage::Options(options) if options.way() == Way::Mail => None,
            Stage::Options(options) => options::view(ui, self.id, options, &self.known, self.own_role, entered),
            Stage::Creating { options, .. } => options::view_creating(ui, self.id, options, self.own_role),
            Stage::NotCreated { failure, .. } => ending::view_not_created(ui, failure),
            Stage::Live(live) => live.view(ui, frame.now, party, entered),
            Stage::SigningIn(_) | Stage::SigningOut(_) | Stage::Mailed => None,
        };
        intent.and_then(|intent| self.carry_out(intent, frame))
    }

    /// Whether the code makes a new device this person's, rather than somebody a member.
    fn is_for_device(&self) -> bool {
        matches!(&self.stage, Stage::Live(live) if live.is_for_device())
    }

    fn explained(&mut self, clicked: Option<Clicked>) -> Option<InviteAction> {
        match clicked? {
            Clicked::Back => self.explanation = None,
            Clicked::Copy(text) => return Some(InviteAction::CopyText(text)),
            Clicked::Ask(request, command) => return Some(InviteAction::Send(request, command)),
        }
        None
    }

    fn heading(&self) -> (String, String) {
        if self.explanation.is_some() {
            return (text::WHY_NOT.to_owned(), text::WHY_NOT_HERE.to_owned());
        }
        match &self.stage {
            Stage::Options(options) | Stage::Creating { options, .. } => (
                text::invite_title(&self.party_name),
                match options.way() {
                    Way::There => text::invite_options(options.people),
                    Way::Away(_) => text::INVITE_AWAY.to_owned(),
                    Way::Mail => text::INVITE_BY_MAIL.to_owned(),
                },
            ),
            Stage::SigningIn(signing_in) => (signing_in.title(), text::SIGNING_IN_SUBTITLE.to_owned()),
            Stage::SigningOut(signing_out) => (signing_out.title(), text::SIGN_OUT_MEANS.to_owned()),
            Stage::Mailed => (text::MAILED.to_owned(), self.mail.subtitle(&self.party_name)),
            Stage::NotCreated { .. }
            | Stage::Live(Live {
                order: Order::Remove(..),
                ..
            }) => Default::default(),
            Stage::Live(live) if live.is_for_device() => device_heading(&live.invitation.stage),
            Stage::Live(live) => match live.invitation.stage {
                InvitationStage::Code { .. } | InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. } => {
                    let subtitle = match live.size {
                        Size::Small => text::invite_send(live.invitation.max_uses),
                        Size::Large => text::QR_LARGE_SUBTITLE.to_owned(),
                    };
                    (text::invite_title(&self.party_name), subtitle)
                }
                InvitationStage::Pin { .. } | InvitationStage::PinVoid { .. } => {
                    (text::pin_title(&live.invitation.label), text::PIN_SUBTITLE.to_owned())
                }
                InvitationStage::Admitting
                | InvitationStage::Admitted { .. }
                | InvitationStage::Locked
                | InvitationStage::Revoked
                | InvitationStage::Expired => Default::default(),
            },
        }
    }

    fn carry_out(&mut self, intent: Intent, frame: &Frame<'_>) -> Option<InviteAction> {
        match (intent, &mut self.stage) {
            (Intent::Close, _) => Some(InviteAction::Close),
            (Intent::Explain, _) => {
                let (explanation, request, command) = Explanation::ask(None, frame);
                self.explanation = Some(explanation);
                Some(InviteAction::Send(request, command))
            }
            (Intent::Create, Stage::Options(options) | Stage::NotCreated { options, .. }) => {
                let (request, options) = (frame.requests.next(), options.clone());
                let command = Command::CreateInvitation {
                    party: self.party,
                    options: options.to_engine()?,
                };
                self.stage = Stage::Creating { request, options };
                Some(InviteAction::Send(request, command))
            }
            (Intent::Another, Stage::Live(live)) if live.is_for_device() => Some(InviteAction::Close),
            (Intent::OtherOptions, Stage::NotCreated { options, .. }) => {
                self.stage = Stage::Options(options.clone());
                None
            }
            (Intent::Another, Stage::Live(live)) => {
                self.stage = Stage::Options(Options::like(&live.invitation));
                None
            }
            (intent, Stage::Live(live)) => live.carry_out(intent, frame),
            _ => None,
        }
    }
}

impl Stage {
    fn refuse(&mut self, request: RequestId, failure: &Failure) {
        match self {
            Self::Creating {
                request: asked,
                options,
            } if *asked == request => {
                *self = Self::NotCreated {
                    failure: failure.clone(),
                    options: options.clone(),
                };
            }
            Self::Live(live) => match live.order {
                Order::Sent(asked, intent) if asked == request => {
                    live.order = Order::Refused(failure.clone(), intent);
                }
                Order::Remove(ref who, Removal::Sent(asked)) if asked == request => {
                    live.order = Order::Refused(failure.clone(), Intent::Remove(who.member));
                }
                _ => {}
            },
            Self::Options(_)
            | Self::Creating { .. }
            | Self::NotCreated { .. }
            | Self::SigningIn(_)
            | Self::SigningOut(_)
            | Self::Mailed => {}
        }
    }
}

/// What stands above a code that makes a new device this person's.
fn device_heading(stage: &InvitationStage) -> (String, String) {
    let (title, subtitle) = match stage {
        InvitationStage::Code { .. } => (text::DEVICE_CODE, text::DEVICE_CODE_MEANS),
        InvitationStage::Pin { .. } | InvitationStage::PinVoid { .. } => (text::DEVICE_PIN, text::DEVICE_PIN_MEANS),
        _ => ("", ""),
    };
    (title.to_owned(), subtitle.to_owned())
}
