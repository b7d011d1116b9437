//! The page of a party's invitations.

use super::*;

const CODE: InvitationStage = InvitationStage::Code { device_left: false };

fn crew_is(screen: &mut Screen, party: PartyView) {
    tell(screen, Event::PartyChanged { party: Arc::new(party) });
}

fn change(screen: &mut Screen, invitation: Arc<InvitationView>) {
    tell(screen, Event::InvitationChanged { invitation });
}

/// Alice's page with two codes of hers.
fn page() -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    change(&mut screen, invitation(CODE));
    click(&mut screen, "Invitations (1)");
    screen
}

#[test]
fn without_invitations_the_page_leads_to_the_first_one() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Invitations (0)");
    assert!(says(&screen, "No open invitations"));
    click(&mut screen, "Invite somebody");
    assert!(says(&screen, "Create code"));
}

#[test]
fn whoever_may_not_invite_has_no_such_page() {
    let mut screen = screen();
    alice(&mut screen);
    let mut party = crew();
    party.role = Some(Role::Editor);
    crew_is(&mut screen, party);
    assert!(!says(&screen, "Invitations ("));
}

#[test]
fn an_own_code_tells_kind_role_attempts_maker_and_time() {
    let mut screen = page();
    for told in [
        "Invitation for Bob",
        "Editor",
        "Waiting for the code to be used",
        "With a PIN · no wrong PINs",
        "Created by you, today at 12:00",
        "23:59:55",
    ] {
        assert!(says(&screen, told), "{told}");
    }
    let wrong = InvitationView {
        wrong_pins: 2,
        ..InvitationView::clone(&invitation_for_five(CODE, vec![admitted(BOB, "Bob")]))
    };
    change(&mut screen, Arc::new(wrong));
    assert!(says(&screen, "1 of 5 joined · 2 of 9 wrong PINs"));
    change(&mut screen, invitation(pin_stage(0, 0)));
    assert!(says(&screen, "PIN is due"));
}

#[test]
fn a_code_is_copied_again_as_the_secret_that_it_is() {
    let mut screen = page();
    screen.get_by_label("Copy code: Invitation for Bob").click();
    let copied = (0..4).find_map(|_| {
        screen.step();
        let commands = &screen.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    assert_eq!(copied.as_deref(), Some(code().to_text().as_str()));
}

#[test]
fn an_invitation_is_reopened_at_the_step_that_it_has_come_to() {
    let mut screen = page();
    click(&mut screen, "Show: Invitation for Bob");
    assert!(says(&screen, "QR code of the invite code"));
    screen.key_press(Key::Escape);
    settle(&mut screen);
    change(&mut screen, invitation(pin_stage(0, 0)));
    click(&mut screen, "Show: Invitation for Bob");
    assert!(says(&screen, "PIN 4 8 2 9 1 3"));
}

#[test]
fn offers_of_other_members_are_seen_and_can_be_revoked() {
    let mut screen = screen();
    alice(&mut screen);
    crew_is(&mut screen, crew_with_requests());
    click(&mut screen, "Invitations (3)");
    assert!(
        says(&screen, "Invitation by Clara Novak") && says(&screen, "With approval") && says(&screen, "1 of 10 joined")
    );
    click(&mut screen, "Revoke: Invitation by Clara Novak");
    assert!(matches!(sent(&mut screen).1, Command::RevokeInvitation { .. }));
}

#[test]
fn who_waits_is_seen_from_everywhere_and_let_in_after_a_question() {
    let mut screen = screen();
    alice(&mut screen);
    crew_is(&mut screen, crew_with_requests());
    assert!(says(&screen, "2 people wait for approval"), "in the sidebar");
    assert!(says(&screen, "2 people ask to join Hiking crew"), "as a notice");
    click(&mut screen, "Show: Waiting for approval");
    let words = request(11, "Dan Berg").fingerprint.to_string();
    for told in [
        "Says to be Dan Berg",
        &words,
        "through an invitation by Clara Novak, today at 11:50",
    ] {
        assert!(says(&screen, told), "{told}");
    }
    click(&mut screen, "Approve: Dan Berg");
    assert!(screen.state_mut().sent().is_none(), "asked before anything happens");
    assert!(says(&screen, "Let Dan Berg into Hiking crew?") && says(&screen, "ask them by voice"));
    click(&mut screen, "Approve");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::ApproveRequest { party: CREW, .. }));
    let failure = Failure::RequestUnknown;
    let request = Some(request);
    tell(&mut screen, Event::Failed { request, failure });
    assert!(says(&screen, "Nobody waits for approval here any more"));
    click(&mut screen, "Cancel");

    click(&mut screen, "Decline: Eve");
    assert!(says(&screen, "Keep Eve out of Hiking crew?"));
    click(&mut screen, "Decline");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::DenyRequest { party: CREW, .. }));
    tell(&mut screen, Event::Done { request });
    crew_is(&mut screen, crew());
    assert!(!says(&screen, "Eve") && !says(&screen, "ask to join"));
}

#[test]
fn whoever_may_not_decide_is_not_asked() {
    let mut screen = screen();
    alice(&mut screen);
    let party = PartyView {
        role: Some(Role::Editor),
        ..crew_with_requests()
    };
    crew_is(&mut screen, party);
    assert!(!says(&screen, "wait for approval") && !says(&screen, "ask to join"));
    click(&mut screen, "Invitations (3)");
    assert!(says(&screen, "An admin decides") && !says(&screen, "Approve: Dan Berg"));
    crew_is(
        &mut screen,
        PartyView {
            role: Some(Role::Editor),
            ..crew()
        },
    );
    assert!(says(&screen, "Book the hut"), "the page has gone with what was on it");
}
