//! A code for several people: the inviter's side and the line that the others wait in.

use super::*;

fn of_five(stage: InvitationStage, joined: Vec<AdmittedView>) -> Event {
    let invitation = invitation_for_five(stage, joined);
    Event::InvitationChanged { invitation }
}

const CODE: InvitationStage = InvitationStage::Code { device_left: false };

/// Alice's Invite dialog with a code for five.
pub(crate) fn inviting_five(joined: Vec<AdmittedView>) -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Invite");
    click(&mut screen, "Create code");
    let (request, _) = sent(&mut screen);
    let invitation = invitation_for_five(CODE, joined);
    tell(&mut screen, Event::InvitationCreated { request, invitation });
    screen
}

#[test]
fn the_number_of_people_is_chosen_with_the_options() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Invite");
    assert!(says(&screen, "The code works once"));
    assert!(screen.get_by_label("One person fewer").accesskit_node().is_disabled());
    click(&mut screen, "One person more");
    click(&mut screen, "One person more");
    assert!(says(&screen, "The code works 3 times") && says(&screen, "one code for 3 people"));
    click(&mut screen, "One person fewer");
    click(&mut screen, "Create code");
    let (_, Command::CreateInvitation { options, .. }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(options.max_uses, 2);
}

#[test]
fn the_code_comes_back_after_each_person_and_tells_who_is_in() {
    let mut screen = inviting_five(Vec::new());
    assert!(says(&screen, "Nobody has joined yet, of 5") && says(&screen, "Copy code"));
    tell(&mut screen, of_five(pin_stage(0, 2), Vec::new()));
    assert!(says(&screen, "2 more people wait in line") && !says(&screen, "leaked"));
    click(&mut screen, "Next: send this device away and take the other one");
    assert!(matches!(sent(&mut screen).1, Command::NextInvitee { .. }));

    let bob = admitted(BOB, "Bob");
    tell(&mut screen, of_five(CODE, vec![bob.clone()]));
    assert!(says(&screen, "1 of 5 joined") && says(&screen, "Copy code"));
    tell(&mut screen, of_five(CODE, vec![bob.clone(), admitted(CLARA, "Clara")]));
    assert!(says(&screen, "2 of 5 joined") && says(&screen, "Clara, Bob"));

    click(&mut screen, "Remove Clara");
    assert!(says(&screen, "Remove Clara from Hiking crew?"));
    click(&mut screen, "Remove");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::RemoveMember { member: CLARA, .. }));
    tell(&mut screen, Event::Done { request });
    assert!(says(&screen, "Clara is no longer in Hiking crew"));
    click(&mut screen, "Back to the code");
    assert!(says(&screen, "Copy code"));
}

#[test]
fn more_devices_than_people_mean_a_leak() {
    let joined = || {
        vec![
            admitted(BOB, "Bob"),
            admitted(CLARA, "Clara"),
            admitted(ALICE, "A"),
            admitted(ALICE, "B"),
        ]
    };
    let mut screen = inviting_five(joined());
    tell(&mut screen, of_five(pin_stage(0, 1), joined()));
    assert!(says(&screen, "Another device has the same code. It may have leaked."));
}

#[test]
fn the_last_person_ends_it() {
    let mut screen = inviting_five(Vec::new());
    let names = ["Bob", "Clara", "Dan", "Eve", "Fay"];
    let joined: Vec<_> = names.iter().map(|name| admitted(BOB, name)).collect();
    let (member, name) = (BOB, "Fay".to_owned());
    tell(&mut screen, of_five(InvitationStage::Admitted { member, name }, joined));
    assert!(says(&screen, "All 5 people joined Hiking crew") && says(&screen, "Fay, Eve, Dan, Clara, Bob"));
    assert_eq!(focused(&screen), "Done");
    assert!(says(&screen, "Remove Fay"));
}

#[test]
fn whoever_comes_in_behind_a_closed_dialog_is_told() {
    let mut screen = inviting_five(Vec::new());
    click(&mut screen, "Keep in background");
    tell(&mut screen, of_five(CODE, vec![admitted(BOB, "Bob")]));
    assert!(says(&screen, "Bob joined Hiking crew"));
    tell(
        &mut screen,
        of_five(CODE, vec![admitted(BOB, "Bob"), admitted(CLARA, "Clara")]),
    );
    assert!(says(&screen, "Clara joined Hiking crew"));
}

#[test]
fn an_expired_code_tells_how_many_came() {
    let mut screen = inviting_five(vec![admitted(BOB, "Bob")]);
    tell(
        &mut screen,
        of_five(InvitationStage::Expired, vec![admitted(BOB, "Bob")]),
    );
    assert!(says(&screen, "1 of 5 people joined with it"));
}

#[test]
fn in_line_for_a_code_of_several_nobody_is_alarmed() {
    let mut screen = screen();
    tell(&mut screen, open("Bob", BOB));
    click(&mut screen, "Join with a code");
    let code = code_with(Flags::PIN.with(Flags::MULTI_USE));
    screen.get_by_label("Invite code or link").type_text(&code.to_text());
    settle(&mut screen);
    click(&mut screen, "Continue");
    let (request, _) = sent(&mut screen);
    let redemption = redemption(RedemptionStage::Queued { position: 3 });
    tell(&mut screen, Event::RedemptionStarted { request, redemption });
    assert!(says(&screen, "Waiting in line, place 3") && says(&screen, "a PIN of your own"));
    assert!(!says(&screen, "tell the inviter"));
}
