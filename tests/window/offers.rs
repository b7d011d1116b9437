//! Codes, invitations and redemptions as the engine tells of them.

use std::sync::Arc;
use std::time::Duration;

use partyline::engine::{
    AdmittedView, Event, HereView, InvitationView, MailView, ReachedView, RedemptionView, ServiceView, ThereView,
    TriedView,
};
use partyline::failure::MailTrouble;
use partyline::identity::{EndpointId, IdentityId};
use partyline::invitation::mailbox::MailStage;
use partyline::invitation::{
    CodeKind, DelegationMethod, Flags, Handle, Hint, InvitationKind, InvitationStage, InviteCode, NearbyInvitation,
    Pin, PinNotice, RedemptionStage, Secret,
};
use partyline::party::{PartyTag, Role};
use partyline::worker::{CloseReason, NetworkMode};

use super::{BOB, CREW, NOW, REDEMPTION};

/// The code of the tests; made like a real one.
pub(crate) fn code() -> Arc<InviteCode> {
    code_with(Flags::PIN)
}

/// A code that works while its maker is away.
pub(crate) fn delegated_code() -> Arc<InviteCode> {
    code_of(CodeKind::Delegated, Flags::APPROVAL)
}

/// The same with other flags.
pub(crate) fn code_with(flags: Flags) -> Arc<InviteCode> {
    code_of(CodeKind::Interactive, flags)
}

fn code_of(kind: CodeKind, flags: Flags) -> Arc<InviteCode> {
    let tag = CREW.tag();
    let expires = Some(NOW.plus(Duration::from_secs(24 * 3600)));
    let hint = Hint::Address("192.0.2.7:40000".parse().expect("an address"));
    let secret = Secret::from_bytes([0x5a; 16]);
    let endpoint = EndpointId::from_bytes([9; 32]);
    Arc::new(InviteCode::new(kind, flags, secret, tag, endpoint, expires, vec![hint]).expect("a code"))
}

/// The code of Alice's laptop for her new phone.
pub(crate) fn device_code() -> Arc<InviteCode> {
    let (kind, flags, tag) = (CodeKind::DevicePairing, Flags::PIN, PartyTag::NONE);
    let (secret, endpoint) = (Secret::from_bytes([0x5b; 16]), EndpointId::from_bytes([9; 32]));
    Arc::new(InviteCode::new(kind, flags, secret, tag, endpoint, None, vec![]).expect("a code"))
}

pub(crate) fn device_invitation(stage: InvitationStage) -> Arc<InvitationView> {
    let code = device_code();
    Arc::new(InvitationView {
        id: code.invitation_id(),
        label: String::new(),
        role: Role::Owner,
        expires: NOW.plus(Duration::from_secs(3595)),
        code,
        ..InvitationView::clone(&invitation(stage))
    })
}

pub(crate) fn invitation(stage: InvitationStage) -> Arc<InvitationView> {
    let (kind, code) = match stage {
        InvitationStage::OnlyHere | InvitationStage::OfflineReady { .. } => {
            (InvitationKind::Delegated(DelegationMethod::Approval), delegated_code())
        }
        _ => (InvitationKind::Interactive, code()),
    };
    let admitted = match &stage {
        InvitationStage::Admitted { member, name } => vec![admitted(*member, name)],
        _ => Vec::new(),
    };
    Arc::new(InvitationView {
        id: code.invitation_id(),
        party: CREW,
        label: "Bob".to_owned(),
        role: Role::Editor,
        kind,
        code,
        created: NOW,
        expires: NOW.plus(Duration::from_secs(24 * 3600 - 5)),
        max_uses: 1,
        admitted,
        wrong_pins: 0,
        stage,
        nearby: None,
        mail: None,
    })
}

/// The service of the tests.
pub(crate) const SERVICE: &str = "https://invite.example.org";

/// Alice is known there.
pub(crate) fn services() -> Event {
    let (issuer, name) = (SERVICE.to_owned(), "alice@example.org".to_owned());
    let services = vec![ServiceView { issuer, name }];
    Event::ServicesChanged { services }
}

/// An invitation by e-mail, to somebody of this name at example.org.
pub(crate) fn mailed(name: &str, stage: InvitationStage, mail: MailStage) -> Arc<InvitationView> {
    let mut secret = [0x5c; 16];
    for (byte, c) in secret.iter_mut().zip(name.bytes()) {
        *byte = c;
    }
    let (endpoint, flags) = (EndpointId::from_bytes([9; 32]), Flags::default());
    let hint = Hint::Address("192.0.2.7:40000".parse().expect("an address"));
    let expires = Some(NOW.plus(Duration::from_secs(72 * 3600)));
    let secret = Secret::from_bytes(secret);
    let code = InviteCode::new(
        CodeKind::Email,
        flags,
        secret,
        CREW.tag(),
        endpoint,
        expires,
        vec![hint],
    );
    let code = Arc::new(code.expect("a code"));
    Arc::new(InvitationView {
        id: code.invitation_id(),
        label: String::new(),
        kind: InvitationKind::Delegated(DelegationMethod::Mailbox([7; 32])),
        code,
        expires: NOW.plus(Duration::from_secs(72 * 3600 - 5)),
        mail: Some(MailView {
            address: format!("{name}@example.org"),
            issuer: SERVICE.to_owned(),
            stage: mail,
            trouble: None,
        }),
        ..InvitationView::clone(&invitation(stage))
    })
}

/// The same, while something keeps the mail back.
pub(crate) fn kept_back(name: &str, mail: MailStage, trouble: MailTrouble) -> Arc<InvitationView> {
    let mut view = InvitationView::clone(&mailed(name, InvitationStage::OnlyHere, mail));
    if let Some(mail) = &mut view.mail {
        mail.trouble = Some(trouble);
    }
    Arc::new(view)
}

/// Several, each at another stage.
pub(crate) fn mixed() -> Vec<Arc<InvitationView>> {
    let (member, name) = (BOB, "Bob Tanaka".to_owned());
    let ready = InvitationStage::OfflineReady { devices: 2 };
    vec![
        mailed("bob", InvitationStage::Admitted { member, name }, MailStage::Accepted),
        mailed("emil", InvitationStage::Revoked, MailStage::Revoked),
        mailed("bonny", ready.clone(), MailStage::Opened),
        mailed("carl.lindqvist", ready.clone(), MailStage::Bounced),
        mailed("dora", ready.clone(), MailStage::Declined),
        mailed("fatma", ready, MailStage::Queued),
    ]
}

/// Somebody who came in.
pub(crate) fn admitted(member: IdentityId, name: &str) -> AdmittedView {
    let name = name.to_owned();
    AdmittedView { member, name }
}

/// The same code for five people, of whom some are in.
pub(crate) fn invitation_for_five(stage: InvitationStage, joined: Vec<AdmittedView>) -> Arc<InvitationView> {
    Arc::new(InvitationView {
        code: code_with(Flags::PIN.with(Flags::MULTI_USE)),
        label: "the hiking club".to_owned(),
        max_uses: 5,
        admitted: joined,
        ..InvitationView::clone(&invitation(stage))
    })
}

/// An invitation as it is heard in the local network.
pub(crate) fn announced(handle: u128) -> NearbyInvitation {
    NearbyInvitation {
        endpoint: EndpointId::from_bytes([1; 32]),
        handle: Handle::from_bytes(handle.to_be_bytes()),
        addresses: vec![],
    }
}

pub(crate) fn pin_stage(wrong: u8, waiting: u8) -> InvitationStage {
    let pin = Arc::new(Pin::parse("482913", 6).expect("a PIN"));
    InvitationStage::Pin {
        pin,
        expires: NOW.plus(Duration::from_secs(292)),
        wrong,
        waiting,
    }
}

pub(crate) fn redemption(stage: RedemptionStage) -> Arc<RedemptionView> {
    Arc::new(RedemptionView {
        id: REDEMPTION,
        invitation: code().invitation_id(),
        kind: code().kind(),
        stage,
        relay_left_out: None,
    })
}

/// The same, with a code that any member answers.
pub(crate) fn application(kind: CodeKind, stage: RedemptionStage) -> Arc<RedemptionView> {
    Arc::new(RedemptionView {
        kind,
        ..RedemptionView::clone(&redemption(stage))
    })
}

/// The same, with a code that names a relay which is not used here.
pub(crate) fn left_out(stage: RedemptionStage) -> Arc<RedemptionView> {
    Arc::new(RedemptionView {
        relay_left_out: Some("relay.example".to_owned()),
        ..RedemptionView::clone(&redemption(stage))
    })
}

pub(crate) fn enter_pin(tries_left: u8, notice: Option<PinNotice>) -> RedemptionStage {
    RedemptionStage::EnterPin {
        digits: 6,
        expires: NOW.plus(Duration::from_secs(292)),
        tries_left,
        notice,
    }
}

/// How the tests' own device stands.
pub(crate) fn here() -> HereView {
    HereView {
        port: Some(4433),
        addresses: vec!["192.168.1.5:4433".parse().expect("an address")],
        relay: Some("eu.relay.example".to_owned()),
        mode: NetworkMode::PublicRelays,
    }
}

/// A device that does not answer.
pub(crate) fn unreached() -> ThereView {
    let address = |text: &str| text.parse().expect("an address");
    ThereView {
        reached: ReachedView::Never(CloseReason::Unreachable),
        addresses: vec![
            (address("192.0.2.7:40000"), TriedView::Tried),
            (address("192.168.7.2:40000"), TriedView::LeftOut),
        ],
        relay: Some(("relay.example".to_owned(), TriedView::LeftOut)),
        clock_ahead: Some(-1200),
        version: None,
    }
}
