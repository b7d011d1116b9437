//! The Redeem dialog, stage by stage.

use super::*;

/// Bob's Redeem dialog with the code typed.
pub(crate) fn code_typed(text: &str) -> Screen {
    let mut screen = screen();
    tell(&mut screen, open("Bob", BOB));
    click(&mut screen, "Join with a code");
    assert_eq!(focused(&screen), "Invite code or link");
    screen.get_by_label("Invite code or link").type_text(text);
    settle(&mut screen);
    screen
}

/// Bob's Redeem dialog with a redemption at a stage.
pub(crate) fn redeeming(stage: RedemptionStage) -> Screen {
    let mut screen = code_typed(&code().to_text());
    click(&mut screen, "Continue");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::Redeem { allow_relay: false, .. }));
    tell(
        &mut screen,
        Event::RedemptionStarted {
            request,
            redemption: redemption(stage),
        },
    );
    screen
}

fn go(screen: &mut Screen, stage: RedemptionStage) {
    tell(
        screen,
        Event::RedemptionChanged {
            redemption: redemption(stage),
        },
    );
}

fn typed_pin(screen: &mut Screen, digits: &str) {
    screen.get_by_label("Six-digit PIN").type_text(digits);
    settle(screen);
}

#[test]
fn a_code_is_read_while_it_is_typed() {
    let screen = code_typed("");
    assert!(screen.get_by_label("Continue").accesskit_node().is_disabled());
    assert!(says(&screen, "Codes begin with party1"));
    assert!(
        !says(&code_typed("part"), "does not look like"),
        "a beginning is no mistake"
    );
    assert!(says(&code_typed("hello!"), "does not look like an invite code"));
    assert!(says(
        &code_typed(&format!("Join us: <{}>\n", code().to_link().as_str())),
        "The code is complete"
    ));
    let code = code().to_text();
    let half: String = code.chars().take(60).collect();
    assert!(screen_refuses(&half));
    let wrong = code_typed(&code.replacen("kj6", "kx6", 1));
    assert!(says(&wrong, "The marked character looks wrong"), "{wrong:?}");
    assert!(says(
        &code_typed(&code.replacen("kj6", "kb6", 1)),
        "The marked character never occurs in a code"
    ));
}

fn screen_refuses(text: &str) -> bool {
    code_typed(text).get_by_label("Continue").accesskit_node().is_disabled()
}

#[test]
fn enter_continues_and_a_refusal_is_told_at_the_code() {
    let mut screen = code_typed(&code().to_text());
    screen.key_press(Key::Enter);
    settle(&mut screen);
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::Redeem { .. }));
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::CodeKindUnsupported,
        },
    );
    assert!(says(&screen, "This kind of invite code cannot be used here"));
    click(&mut screen, "Continue");
    let (request, _) = sent(&mut screen);
    let failure = Failure::RelayNotAllowed {
        host: "relay.example".to_owned(),
    };
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure,
        },
    );
    assert!(says(&screen, "relay.example"));
    click(&mut screen, "Join through it");
    assert!(matches!(sent(&mut screen).1, Command::Redeem { allow_relay: true, .. }));
}

#[test]
fn a_code_that_makes_this_device_somebodys_asks_first() {
    let mut screen = code_typed(&device_code().to_text());
    click(&mut screen, "Continue");
    assert!(says(
        &screen,
        "This code makes this device one of somebody's devices. Your own identity here is forgotten."
    ));
    click(&mut screen, "Back");
    assert!(says(&screen, "The code is complete"), "nothing was begun");
    click(&mut screen, "Continue");
    click(&mut screen, "Become their device");
    assert!(matches!(sent(&mut screen).1, Command::Redeem { .. }));
}

#[test]
fn an_expired_code_warns_and_may_be_tried() {
    let mut screen = code_typed(&code().to_text());
    screen.state_mut().now = NOW.plus(Duration::from_secs(25 * 3600));
    settle(&mut screen);
    assert!(says(&screen, "By this computer's clock the code has expired"));
    click(&mut screen, "Try anyway");
    assert!(matches!(sent(&mut screen).1, Command::Redeem { .. }));
}

#[test]
fn waiting_for_the_inviter_says_what_it_means() {
    let mut screen = redeeming(RedemptionStage::Connecting { failed_tries: 0 });
    assert!(says(&screen, "Connecting to the inviter's device"));
    go(&mut screen, RedemptionStage::InviterOffline);
    assert!(says(&screen, "The inviter must be online") && says(&screen, "Partyline keeps trying"));
    click(&mut screen, "Try now");
    assert!(matches!(
        sent(&mut screen).1,
        Command::RetryRedemption { redemption: REDEMPTION }
    ));
    go(&mut screen, RedemptionStage::Queued { position: 1 });
    assert!(says(&screen, "Another device is using this code"));
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(matches!(
        sent(&mut screen).1,
        Command::CancelRedemption { redemption: REDEMPTION }
    ));
    click(&mut screen, "Join with a code");
    assert!(says(&screen, "The code is complete"), "the code is still there");
}

#[test]
fn a_pasted_pin_is_submitted_by_its_sixth_digit() {
    for pasted in ["482 913", "４８２９１３", "PIN: 48-29-13", "٤٨٢٩١٣"] {
        let mut screen = redeeming(enter_pin(3, None));
        assert_eq!(focused(&screen), "Six-digit PIN");
        screen.event(egui::Event::Paste(pasted.to_owned()));
        settle(&mut screen);
        let (_, Command::SubmitPin { redemption, pin }) = sent(&mut screen) else {
            panic!("another command")
        };
        assert_eq!((redemption, pin.digits()), (REDEMPTION, "482913"), "{pasted}");
    }
}

#[test]
fn a_wrong_pin_says_so_and_the_next_digit_begins_anew() {
    let mut screen = redeeming(enter_pin(3, None));
    typed_pin(&mut screen, "48291");
    assert!(screen.state_mut().sent().is_none());
    screen.key_press(Key::Backspace);
    settle(&mut screen);
    typed_pin(&mut screen, "14");
    assert!(matches!(sent(&mut screen).1, Command::SubmitPin { .. }));
    go(&mut screen, RedemptionStage::Checking);
    assert!(says(&screen, "Checking the PIN"));
    go(&mut screen, enter_pin(2, Some(PinNotice::Wrong)));
    assert!(says(&screen, "That PIN is wrong. 2 tries left."));
    assert!(says(&screen, "If the inviter sees no wrong PIN, stop"));
    assert_eq!(focused(&screen), "Six-digit PIN");
    assert!(
        screen.state_mut().sent().is_none(),
        "a wrong PIN is not sent again by itself"
    );
    typed_pin(&mut screen, "4");
    assert!(!says(&screen, "That PIN is wrong"));
    typed_pin(&mut screen, "82913");
    let (_, Command::SubmitPin { pin, .. }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(pin.digits(), "482913");
}

#[test]
fn a_new_pin_empties_the_field_with_a_reason() {
    let mut screen = redeeming(enter_pin(3, None));
    typed_pin(&mut screen, "482");
    assert_eq!(screen.get_by_label("Six-digit PIN").value().as_deref(), Some("482"));
    go(&mut screen, enter_pin(3, Some(PinNotice::Changed)));
    assert!(says(&screen, "The inviter shows a new PIN."));
    assert_eq!(screen.get_by_label("Six-digit PIN").value().unwrap_or_default(), "");
    go(&mut screen, enter_pin(0, Some(PinNotice::Void)));
    assert!(says(&screen, "That PIN works no more.") && says(&screen, "Ask the inviter to show a new PIN"));
    screen.event(egui::Event::Text("482913".to_owned()));
    settle(&mut screen);
    assert!(screen.state_mut().sent().is_none(), "there is no PIN to be typed");
    assert!(says(&screen, "That PIN works no more."));
    go(&mut screen, enter_pin(3, Some(PinNotice::Changed)));
    assert_eq!(focused(&screen), "Six-digit PIN");
}

#[test]
fn joining_ends_with_the_party_open() {
    let mut screen = redeeming(enter_pin(3, None));
    typed_pin(&mut screen, "482913");
    sent(&mut screen);
    let (party, inviter) = ("Hiking crew".to_owned(), "Alice".to_owned());
    go(
        &mut screen,
        RedemptionStage::Joining {
            party,
            inviter,
            role: Role::Editor,
        },
    );
    assert!(says(&screen, "Joining Hiking crew") && says(&screen, "Alice lets you in as an editor"));
    tell(
        &mut screen,
        Event::PartyChanged {
            party: Arc::new(crew()),
        },
    );
    go(&mut screen, RedemptionStage::Joined { party: CREW });
    assert!(says(&screen, "You joined Hiking crew"));
    assert_eq!(focused(&screen), "Open party");
    screen.key_press(Key::Enter);
    settle(&mut screen);
    assert!(!says(&screen, "You joined") && says(&screen, "Book the hut"));
    click(&mut screen, "Join with a code");
    assert!(
        says(&screen, "Codes begin with party1"),
        "a code that has served is forgotten"
    );
}

#[test]
fn every_failure_to_join_has_a_reason_and_a_button() {
    for (error, words, button) in [
        (RedeemError::Expired, "This code has expired", "Use another code"),
        (RedeemError::Revoked, "has revoked this code", "Use another code"),
        (RedeemError::Locked, "locked for good", "Use another code"),
        (
            RedeemError::AlreadyUsed,
            "already joined with this code",
            "Use another code",
        ),
        (RedeemError::CancelledByInviter, "Cancelled by the inviter", "Try again"),
        (RedeemError::VersionMismatch, "different versions", "Try again"),
        (
            RedeemError::PeerMisbehaved,
            "does not keep to the rules",
            "Use another code",
        ),
        (RedeemError::Internal, "tries again when it starts", "Done"),
        (
            RedeemError::BlockedHere {
                until: NOW.plus(Duration::from_secs(600)),
            },
            "Try again in 10 minutes",
            "Try again",
        ),
    ] {
        let mut screen = redeeming(enter_pin(3, None));
        go(&mut screen, RedemptionStage::Failed { error });
        assert!(says(&screen, words), "{words}: {screen:?}");
        assert_eq!(focused(&screen), button);
    }
    let mut screen = redeeming(RedemptionStage::Failed {
        error: RedeemError::TimedOut,
    });
    click(&mut screen, "Try again");
    assert!(says(&screen, "The code is complete"));
}

#[test]
fn a_member_is_led_to_the_party() {
    let mut screen = redeeming(RedemptionStage::Connecting { failed_tries: 0 });
    tell(
        &mut screen,
        Event::PartyChanged {
            party: Arc::new(crew()),
        },
    );
    go(
        &mut screen,
        RedemptionStage::Failed {
            error: RedeemError::AlreadyMember,
        },
    );
    assert!(says(&screen, "You are already a member of this party"));
    click(&mut screen, "Open party");
    assert!(says(&screen, "Book the hut") && !says(&screen, "already a member"));
}

#[test]
fn the_code_of_an_own_party_leads_to_the_party_and_not_to_a_pin() {
    let mut screen = code_typed(&code().to_text());
    tell(
        &mut screen,
        Event::PartyChanged {
            party: Arc::new(crew()),
        },
    );
    click(&mut screen, "Continue");
    let (request, _) = sent(&mut screen);
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::Redeem(RedeemError::AlreadyMember),
        },
    );
    assert!(says(&screen, "You are already a member of this party"));
    assert_eq!(focused(&screen), "Open party");
    screen.key_press(Key::Enter);
    settle(&mut screen);
    assert!(says(&screen, "Book the hut") && !says(&screen, "already a member"));
}

#[test]
fn a_redemption_of_an_earlier_run_can_be_taken_up() {
    let mut screen = screen();
    tell(&mut screen, open("Bob", BOB));
    go(&mut screen, RedemptionStage::Connecting { failed_tries: 0 });
    click(&mut screen, "Go on");
    assert!(says(&screen, "Connecting to the inviter's device"));
}

#[test]
fn answers_to_nobody_change_nothing() {
    let mut screen = redeeming(enter_pin(3, None));
    let other = partyline::engine::RedemptionView {
        id: partyline::engine::RedemptionId(99),
        invitation: code().invitation_id(),
        kind: code().kind(),
        stage: RedemptionStage::Cancelled,
        relay_left_out: None,
    };
    tell(
        &mut screen,
        Event::RedemptionChanged {
            redemption: Arc::new(other),
        },
    );
    tell(
        &mut screen,
        Event::Done {
            request: RequestId(4711),
        },
    );
    tell(
        &mut screen,
        Event::Failed {
            request: Some(RequestId(4711)),
            failure: Failure::Internal,
        },
    );
    assert!(says(&screen, "Enter the PIN"));
}

#[test]
fn no_secret_is_in_what_a_debugger_prints() {
    use partyline::ui::{InviteAction, InviteDialog, RedeemDialog};
    let code = code().to_text();
    let mut screen = redeeming(enter_pin(3, None));
    typed_pin(&mut screen, "482913");
    let printed = [
        format!("{:?}", RedeemDialog::with_code(&code)),
        format!("{:?}", InviteDialog::resume(invitation(pin_stage(0, 0)), "Hiking crew")),
        format!("{:?}", InviteAction::Copy(code.clone())),
        format!("{:?}", invitation(pin_stage(0, 0))),
        format!("{:?}", screen.state().app),
    ];
    for printed in printed {
        assert!(
            !printed.contains("482913") && !printed.contains(code.as_str()),
            "{printed}"
        );
    }
}

#[test]
fn what_was_closed_while_it_began_is_cancelled() {
    let mut screen = code_typed(&code().to_text());
    click(&mut screen, "Continue");
    let (request, _) = sent(&mut screen);
    screen.key_press(Key::Escape);
    settle(&mut screen);
    let started = redemption(RedemptionStage::Connecting { failed_tries: 0 });
    tell(
        &mut screen,
        Event::RedemptionStarted {
            request,
            redemption: started,
        },
    );
    assert!(matches!(
        sent(&mut screen).1,
        Command::CancelRedemption { redemption: REDEMPTION }
    ));
}

#[test]
fn what_goes_wrong_behind_a_closed_dialog_is_told() {
    let mut screen = redeeming(enter_pin(3, None));
    let (party, inviter) = ("Hiking crew".to_owned(), "Alice".to_owned());
    go(
        &mut screen,
        RedemptionStage::Joining {
            party,
            inviter,
            role: Role::Editor,
        },
    );
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(
        screen.state_mut().sent().is_none(),
        "after the right PIN there is nothing to cancel"
    );
    go(
        &mut screen,
        RedemptionStage::Failed {
            error: RedeemError::BadAdmission,
        },
    );
    assert!(says(&screen, "does not prove that you are a member"));
}
