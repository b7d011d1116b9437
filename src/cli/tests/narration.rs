//! What is told between two views of an invitation or a redemption.

use std::sync::Arc;

use crate::cli::json::Report;
use crate::cli::narrate;
use crate::identity::IdentityId;
use crate::invitation::{
    CodeKind, InvitationId, InvitationKind, InvitationStage, InviteCode, Pin, PinNotice, PinVoid, RedemptionStage,
};
use crate::party::{PartyId, Role};
use crate::time::Timestamp;
use crate::worker::{AdmittedView, InvitationView, RedemptionId, RedemptionView};

/// Vector 1 of PROTOCOL.md, "The invite code".
const CODE: &str = "party1zyqpzyg3zyg3zyg3zyg3zyg3zyg3zg3zyg3zyg3zyg3zyg3zyg3zygsqqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7ruyq4sqepklx0";

pub(super) fn at(stage: InvitationStage, wrong_pins: u8) -> InvitationView {
    InvitationView {
        id: InvitationId::from_bytes([4; 16]),
        party: PartyId::from_bytes([1; 32]),
        label: String::new(),
        role: Role::Editor,
        kind: InvitationKind::Interactive,
        code: Arc::new(InviteCode::parse(CODE).unwrap()),
        created: Timestamp::default(),
        expires: Timestamp::from_millis(1000),
        max_uses: 1,
        wrong_pins,
        admitted: Vec::new(),
        stage,
        nearby: None,
        mail: None,
    }
}

const CODE_SHOWN: InvitationStage = InvitationStage::Code { device_left: false };

const DEVICE_LEFT: InvitationStage = InvitationStage::Code { device_left: true };

fn pin_shown(digits: &str, wrong: u8, waiting: u8) -> InvitationStage {
    let pin = Arc::new(Pin::parse(digits, 6).unwrap());
    InvitationStage::Pin {
        pin,
        expires: Timestamp::from_millis(500),
        wrong,
        waiting,
    }
}

/// The names of what is told between two views of an invitation.
pub(super) fn told(before: &InvitationView, now: &InvitationView) -> Vec<String> {
    names(&narrate::invitation(before, now))
}

fn names(reports: &[Report]) -> Vec<String> {
    let name = |report| {
        serde_json::to_value(report).unwrap()["event"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    reports.iter().map(name).collect()
}

#[test]
fn the_inviter_is_told_each_step_once() {
    let code = at(CODE_SHOWN, 0);
    let pin = at(pin_shown("123456", 0, 0), 0);
    assert_eq!(told(&code, &code), [""; 0]);
    assert_eq!(told(&code, &pin), ["peer_connected", "pin"]);
    assert_eq!(told(&pin, &at(pin_shown("123456", 1, 0), 1)), ["wrong_pin"]);
    assert_eq!(told(&pin, &at(pin_shown("654321", 0, 0), 0)), ["pin"]);
    assert_eq!(told(&pin, &at(DEVICE_LEFT, 0)), ["peer_left"]);
    assert_eq!(told(&pin, &at(pin_shown("123456", 0, 1), 0)), ["others_waiting"]);
    assert_eq!(
        told(&pin, &at(InvitationStage::Admitting, 1)),
        ["pin_accepted"],
        "the right PIN is no wrong one"
    );
    assert_eq!(
        told(&at(InvitationStage::Admitting, 1), &at(DEVICE_LEFT, 1)),
        ["peer_left"]
    );
}

#[test]
fn what_happened_between_two_looks_is_told_all_the_same() {
    let admitted = InvitationView {
        admitted: newcomers(1),
        ..at(
            InvitationStage::Admitted {
                member: IdentityId::from_bytes([0; 32]),
                name: "Bob".into(),
            },
            0,
        )
    };
    assert_eq!(
        told(&at(CODE_SHOWN, 0), &at(DEVICE_LEFT, 0)),
        ["peer_connected", "peer_left"]
    );
    assert_eq!(
        told(&at(CODE_SHOWN, 0), &admitted),
        ["peer_connected", "pin_accepted", "admitted"]
    );
    let void = InvitationStage::PinVoid {
        reason: PinVoid::TooManyWrong,
        waiting: 0,
    };
    let reports = narrate::invitation(&at(pin_shown("123456", 1, 0), 1), &at(void, 3));
    assert_eq!(names(&reports), ["wrong_pin", "wrong_pin", "pin_void"]);
    let left: Vec<_> = reports
        .iter()
        .map(|report| serde_json::to_value(report).unwrap()["tries_left"].clone())
        .collect();
    assert_eq!((&left[0], &left[1]), (&1.into(), &0.into()));
}

fn newcomers(count: u8) -> Vec<AdmittedView> {
    let newcomer = |byte| AdmittedView {
        member: IdentityId::from_bytes([byte; 32]),
        name: "Bob".into(),
    };
    (0..count).map(newcomer).collect()
}

#[test]
fn each_of_several_people_is_told_once() {
    let after = |count, stage, wrong| InvitationView {
        max_uses: 5,
        admitted: newcomers(count),
        ..at(stage, wrong)
    };
    let admitting = after(0, InvitationStage::Admitting, 1);
    assert_eq!(told(&admitting, &after(1, CODE_SHOWN, 0)), ["admitted"]);
    assert_eq!(
        told(&admitting, &after(1, pin_shown("123456", 0, 0), 0)),
        ["admitted", "peer_connected", "pin"],
        "the next one was waiting"
    );
    assert_eq!(
        told(&admitting, &after(1, pin_shown("123456", 1, 0), 1)),
        ["admitted", "peer_connected", "wrong_pin", "pin"]
    );
    assert_eq!(
        told(&after(1, CODE_SHOWN, 0), &after(3, CODE_SHOWN, 0)),
        [
            "peer_connected",
            "pin_accepted",
            "admitted",
            "peer_connected",
            "pin_accepted",
            "admitted"
        ]
    );
    let waits = |waiting| {
        let reports = narrate::invitation(
            &after(3, pin_shown("123456", 0, 0), 0),
            &after(3, pin_shown("123456", 0, waiting), 0),
        );
        serde_json::to_value(&reports[0]).unwrap()["leaked"].clone()
    };
    assert_eq!((waits(1), waits(2)), (false.into(), true.into()), "two uses are left");
}

#[test]
fn wrong_pins_of_an_earlier_run_are_not_told_again() {
    assert_eq!(
        told(&at(CODE_SHOWN, 2), &at(pin_shown("123456", 0, 0), 2)),
        ["peer_connected", "pin"]
    );
}

#[test]
fn the_invitee_is_told_of_a_wrong_pin_and_asked_again() {
    let at = |notice| RedemptionView {
        id: RedemptionId(1),
        invitation: InvitationId::from_bytes([4; 16]),
        kind: CodeKind::Interactive,
        stage: RedemptionStage::EnterPin {
            digits: 6,
            expires: Timestamp::default(),
            tries_left: 2,
            notice,
        },
        relay_left_out: None,
    };
    let told = |notice| names(&narrate::redemption(&at(notice)));
    assert_eq!(told(None), ["pin_requested"]);
    assert_eq!(told(Some(PinNotice::Wrong)), ["wrong_pin", "pin_requested"]);
    assert_eq!(told(Some(PinNotice::Changed)), ["pin_requested"]);
    assert_eq!(told(Some(PinNotice::Void)), ["pin_void"]);
}
