//! The Invite dialog, stage by stage.

use super::*;

/// Alice's Invite dialog with an invitation at a stage.
pub(crate) fn inviting(stage: InvitationStage) -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Invite");
    click(&mut screen, "Create code");
    let (request, _) = sent(&mut screen);
    let invitation = invitation(InvitationStage::Code { device_left: false });
    tell(&mut screen, Event::InvitationCreated { request, invitation });
    turn(&mut screen, stage);
    screen
}

fn turn(screen: &mut Screen, stage: InvitationStage) {
    tell(
        screen,
        Event::InvitationChanged {
            invitation: invitation(stage),
        },
    );
}

#[test]
fn the_options_become_the_invitation() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Invite");
    assert_eq!(focused(&screen), "For whom");
    screen.get_by_label("For whom").type_text("Bob");
    settle(&mut screen);
    click(&mut screen, "They join as: Reader");
    click(&mut screen, "Code works for: 1 hour");
    click(&mut screen, "Create code");
    let (request, Command::CreateInvitation { party, options }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(party, CREW);
    assert_eq!(
        (options.role, options.lifetime, options.label.as_str()),
        (Role::Reader, Duration::from_secs(3600), "Bob")
    );
    assert!(says(&screen, "Creating code"));
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::DiskFull,
        },
    );
    assert!(says(&screen, "There is no code yet") && says(&screen, "The disk is full"));
    click(&mut screen, "Try again");
    assert!(matches!(sent(&mut screen).1, Command::CreateInvitation { .. }));
}

#[test]
fn nobody_gives_a_higher_role_than_their_own_and_editors_do_not_invite() {
    let mut screen = screen();
    alice(&mut screen);
    let mut party = crew();
    party.role = Some(Role::Admin);
    tell(
        &mut screen,
        Event::PartyChanged {
            party: Arc::new(party.clone()),
        },
    );
    click(&mut screen, "Invite");
    assert!(says(&screen, "They join as: Admin") && !says(&screen, "They join as: Owner"));
    click(&mut screen, "Cancel");
    party.role = Some(Role::Editor);
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    assert!(screen.get_by_label("Invite").accesskit_node().is_disabled());
}

#[test]
fn the_code_is_shown_and_copied_plain() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    let code = code().to_text();
    assert!(says(&screen, &format!("Invite code {}", code.as_str())));
    assert!(says(&screen, "QR code of the invite code") && says(&screen, "Waiting for the code to be used"));
    screen.get_by_label("Copy code").click();
    let copied = (0..4).find_map(|_| {
        screen.step();
        let commands = &screen.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    assert_eq!(copied.as_deref(), Some(code.as_str()));
    settle(&mut screen);
    assert!(says(&screen, "Copied"));
    turn(&mut screen, InvitationStage::Code { device_left: true });
    assert!(says(&screen, "A device used the code and left"));
}

#[test]
fn the_pin_takes_the_place_of_the_code_and_names_nobody() {
    let mut screen = inviting(pin_stage(0, 0));
    assert!(says(&screen, "PIN 4 8 2 9 1 3"));
    assert!(says(&screen, "Someone is using the code for Bob"));
    assert!(says(&screen, "Read these six digits to the person you invited"));
    assert!(!says(&screen, "Copy code") && !says(&screen, "One wrong PIN"));
    turn(&mut screen, pin_stage(1, 1));
    assert!(says(&screen, "One wrong PIN was entered (1 of 3)"));
    assert!(says(&screen, "Another device has the same code"));
    click(&mut screen, "Next: send this device away and take the other one");
    assert!(matches!(sent(&mut screen).1, Command::NextInvitee { .. }));
    turn(&mut screen, pin_stage(0, 0));
    click(&mut screen, "Show a new PIN");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::ShowNewPin { .. }));
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::DiskFull,
        },
    );
    assert!(says(&screen, "The disk is full"));
    click(&mut screen, "Not who I expected");
    assert!(matches!(sent(&mut screen).1, Command::NextInvitee { .. }));
}

#[test]
fn a_void_pin_waits_for_a_click() {
    let mut screen = inviting(InvitationStage::PinVoid {
        reason: PinVoid::TooManyWrong,
        waiting: 0,
    });
    assert!(says(&screen, "Three wrong PINs were entered"));
    assert_eq!(focused(&screen), "Show a new PIN");
    screen.key_press(Key::Enter);
    settle(&mut screen);
    assert!(matches!(sent(&mut screen).1, Command::ShowNewPin { .. }));
}

#[test]
fn who_came_in_has_a_name_and_can_be_removed_right_there() {
    let mut screen = inviting(InvitationStage::Admitting);
    assert!(says(&screen, "The PIN was right"));
    turn(
        &mut screen,
        InvitationStage::Admitted {
            member: BOB,
            name: "Bob".to_owned(),
        },
    );
    assert!(says(&screen, "Bob joined Hiking crew"));
    click(&mut screen, "Remove Bob");
    assert!(screen.state_mut().sent().is_none(), "asked before anything happens");
    assert!(says(&screen, "Remove Bob from Hiking crew?"));
    click(&mut screen, "Remove");
    let (request, command) = sent(&mut screen);
    assert!(matches!(
        command,
        Command::RemoveMember {
            party: CREW,
            member: BOB
        }
    ));
    tell(&mut screen, Event::Done { request });
    assert!(says(&screen, "Bob is no longer in Hiking crew"));
    click(&mut screen, "Invite another");
    assert!(says(&screen, "Create code"));
}

#[test]
fn every_end_of_an_invitation_has_a_next_step() {
    for (stage, words) in [
        (InvitationStage::Locked, "This code is locked"),
        (InvitationStage::Revoked, "The code is revoked"),
        (InvitationStage::Expired, "The code has expired"),
    ] {
        let mut screen = inviting(stage);
        assert!(says(&screen, words), "{words}");
        assert_eq!(focused(&screen), "Create a new code");
        screen.key_press(Key::Enter);
        settle(&mut screen);
        assert!(says(&screen, "Create code"));
    }
}

#[test]
fn an_invitation_goes_on_behind_a_closed_dialog_and_comes_back_where_it_is() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(
        !says(&screen, "Copy code") && screen.state_mut().sent().is_none(),
        "closing cancels nothing"
    );
    click(&mut screen, "Invitations (1)");
    assert!(says(&screen, "Invitation for Bob") && says(&screen, "23:59:55"));
    click(&mut screen, "Show: Invitation for Bob");
    assert!(says(&screen, "Copy code"));
    click(&mut screen, "Keep in background");

    // The PIN becomes due.
    let due = Event::InvitationChanged {
        invitation: invitation(pin_stage(0, 0)),
    };
    tell(&mut screen, due);
    assert!(says(&screen, "A PIN is due for Bob in Hiking crew"));
    let reason = PinVoid::TooManyWrong;
    turn(&mut screen, InvitationStage::PinVoid { reason, waiting: 0 });
    assert!(says(&screen, "A new PIN is needed for Bob in Hiking crew"));
    turn(&mut screen, pin_stage(0, 0));
    click(&mut screen, "Show PIN for Bob");
    assert!(says(&screen, "PIN 4 8 2 9 1 3"));
    screen.key_press(Key::Escape);
    settle(&mut screen);
    turn(
        &mut screen,
        InvitationStage::Admitted {
            member: BOB,
            name: "Bob".to_owned(),
        },
    );
    assert!(!says(&screen, "A PIN is due") && says(&screen, "Bob joined Hiking crew"));
    click(&mut screen, "Dismiss");
    assert!(!says(&screen, "Bob joined Hiking crew"));
}

#[test]
fn a_pin_that_is_due_asks_for_attention_once() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    click(&mut screen, "Keep in background");
    let calls = |screen: &Screen| {
        let output = screen
            .output()
            .viewport_output
            .get(&egui::ViewportId::ROOT)
            .expect("the window");
        let call = |command: &&egui::ViewportCommand| matches!(command, egui::ViewportCommand::RequestUserAttention(_));
        output.commands.iter().filter(call).count()
    };
    let mut seen = 0;
    screen.state_mut().now = NOW.plus(Duration::from_secs(1));
    for wrong in [0, 1] {
        screen.state().tell_only(Event::InvitationChanged {
            invitation: invitation(pin_stage(wrong, 0)),
        });
        for _ in 0..3 {
            screen.step();
            seen += calls(&screen);
        }
    }
    assert_eq!(seen, 1);
}

#[test]
fn a_pending_invitation_can_be_revoked_from_the_page() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    click(&mut screen, "Keep in background");
    click(&mut screen, "Invitations (1)");
    click(&mut screen, "Revoke: Invitation for Bob");
    assert!(matches!(sent(&mut screen).1, Command::RevokeInvitation { .. }));
    turn(&mut screen, InvitationStage::Revoked);
    assert!(!says(&screen, "Invitation for Bob"));
}
