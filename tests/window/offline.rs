//! Codes that work while their maker is away: how they are made, and how one comes in by them.

use partyline::invitation::CodeKind;

use super::*;

fn options(screen: &mut Screen) -> InvitationOptions {
    click(screen, "Create code");
    let (_, Command::CreateInvitation { options, .. }) = sent(screen) else {
        panic!("another command")
    };
    options
}

/// Alice's Invite dialog, for people who come while she is away.
fn away() -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Invite");
    click(&mut screen, "They come in: While you are away");
    screen
}

const fn delegated_kind(method: DelegationMethod) -> InvitationKind {
    InvitationKind::Delegated(method)
}

/// Bob's Join dialog with a delegated code, at a stage.
pub(crate) fn asking(stage: RedemptionStage) -> Screen {
    let mut screen = screen();
    tell(&mut screen, open("Bob", BOB));
    click(&mut screen, "Join with a code");
    let code = delegated_code();
    screen.get_by_label("Invite code or link").type_text(&code.to_text());
    settle(&mut screen);
    click(&mut screen, "Continue");
    let (request, _) = sent(&mut screen);
    let redemption = application(CodeKind::Delegated, stage);
    tell(&mut screen, Event::RedemptionStarted { request, redemption });
    screen
}

fn turn(screen: &mut Screen, stage: RedemptionStage) {
    let redemption = application(CodeKind::Delegated, stage);
    tell(screen, Event::RedemptionChanged { redemption });
}

#[test]
fn approval_is_the_usual_way_while_one_is_away() {
    let mut screen = away();
    assert!(says(&screen, "approves or declines"));
    let options = options(&mut screen);
    assert_eq!(options.kind, delegated_kind(DelegationMethod::Approval));
    assert_eq!((options.max_uses, options.lifetime.as_secs()), (1, 72 * 3600));
}

#[test]
fn a_link_for_whoever_is_first_warns_and_is_for_one_editor() {
    let mut screen = away();
    click(&mut screen, "They join as: Admin");
    click(&mut screen, "One person more");
    click(&mut screen, "Who may: Whoever is first");
    assert!(says(&screen, "If it gets to the wrong person, so does the party"));
    assert!(!says(&screen, "They join as: Admin"));
    let options = options(&mut screen);
    assert_eq!(options.kind, delegated_kind(DelegationMethod::Link));
    assert_eq!((options.max_uses, options.role), (1, Role::Editor));
}

#[test]
fn one_known_person_is_named_by_their_key() {
    let mut screen = away();
    click(&mut screen, "Who may: One person you know");
    assert!(screen.get_by_label("Create code").accesskit_node().is_disabled());
    assert!(!says(&screen, "How many people"), "one key is one person");
    screen.get_by_label("Their key").focus();
    settle(&mut screen);
    screen.get_by_label("Their key").type_text("not a key");
    settle(&mut screen);
    assert!(says(&screen, "This is not a whole key"));
    let dan = partyline::identity::IdentityId::from_bytes([11; 32]);
    screen.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    screen.get_by_label("Their key").type_text(&dan.to_string());
    settle(&mut screen);
    assert!(says(&screen, &dan.fingerprint().to_string()));
    assert_eq!(
        options(&mut screen).kind,
        delegated_kind(DelegationMethod::KnownKey(dan))
    );
}

#[test]
fn somebody_known_from_another_party_is_chosen_by_name() {
    let mut screen = screen();
    alice(&mut screen);
    let mut choir = crew();
    choir.id = partyline::party::PartyId::from_bytes([8; 32]);
    let dan = partyline::identity::IdentityId::from_bytes([11; 32]);
    choir
        .members
        .push(member(dan, "Dan Berg", Role::Editor, Presence::Online));
    let party = Arc::new(choir);
    tell(&mut screen, Event::PartyChanged { party });
    click(&mut screen, "Invite");
    click(&mut screen, "They come in: While you are away");
    click(&mut screen, "Who may: One person you know");
    click(&mut screen, "People you know");
    assert!(!says(&screen, "Bob Tanaka") || says(&screen, "Dan Berg"));
    click(&mut screen, "Dan Berg");
    assert!(says(&screen, &format!("Dan Berg: {}", dan.fingerprint())));
    assert_eq!(
        options(&mut screen).kind,
        delegated_kind(DelegationMethod::KnownKey(dan))
    );
}

#[test]
fn the_code_says_whether_one_may_go() {
    let mut screen = inviting(InvitationStage::OnlyHere);
    assert!(says(&screen, "Works only while you are online") && says(&screen, "Copy code"));
    let ready = InvitationStage::OfflineReady { devices: 2 };
    let invitation = invitation(ready);
    tell(&mut screen, Event::InvitationChanged { invitation });
    assert!(says(&screen, "Ready while you are away: 2 other devices have it"));
}

#[test]
fn nobody_has_to_wait_for_a_member_in_front_of_the_dialog() {
    let next_try = NOW.plus(Duration::from_secs(40));
    let mut screen = asking(RedemptionStage::MembersOffline { next_try });
    assert!(says(&screen, "No member who could let you in is online") && says(&screen, "0:40"));
    assert!(says(&screen, "You may close this window") && !says(&screen, "PIN"));
    assert_eq!(focused(&screen), "Wait in background");
    click(&mut screen, "Try now");
    assert!(matches!(sent(&mut screen).1, Command::RetryRedemption { .. }));
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(screen.state_mut().sent().is_none(), "closing cancels nothing");
    assert!(says(&screen, "Partyline looks for a member who can let you in"));
    click(&mut screen, "Go on");
    assert!(says(&screen, "No member who could let you in is online"));
}

#[test]
fn a_request_shows_ones_words_and_when_it_asks_again() {
    let next_poll = NOW.plus(Duration::from_secs(154));
    let fingerprint = BOB.fingerprint();
    let stage = RedemptionStage::WaitsForApproval { fingerprint, next_poll };
    let mut screen = asking(stage.clone());
    assert!(says(&screen, "Your request has arrived") && says(&screen, &fingerprint.to_string()));
    assert!(says(&screen, "2:34") && says(&screen, "You may close this window"));
    click(&mut screen, "Ask now");
    assert!(matches!(sent(&mut screen).1, Command::RetryRedemption { .. }));
    click(&mut screen, "Wait in background");
    assert!(says(&screen, "Your request to join a party waits for approval"));

    // Let in behind the closed dialog.
    let party = Arc::new(crew());
    tell(&mut screen, Event::PartyChanged { party });
    turn(&mut screen, RedemptionStage::Joined { party: CREW });
    assert!(says(&screen, "You joined Hiking crew") && !says(&screen, "waits for approval"));
    click(&mut screen, "Open party");
    assert!(says(&screen, "3 members"));

    let mut screen = asking(stage);
    click(&mut screen, "Withdraw");
    assert!(matches!(sent(&mut screen).1, Command::CancelRedemption { .. }));
}

#[test]
fn a_no_is_told_with_what_can_be_done() {
    let screen = asking(RedemptionStage::Failed {
        error: RedeemError::ApprovalDenied,
    });
    assert!(says(&screen, "An admin of the party has said no to your request"));
    assert_eq!(focused(&screen), "Use another code");
}

#[test]
fn the_own_key_is_copied_from_the_settings() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Settings");
    assert!(says(&screen, &ALICE.fingerprint().to_string()));
    screen.get_by_label("Copy your key").click();
    let copied = (0..4).find_map(|_| {
        screen.step();
        let commands = &screen.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    assert_eq!(copied, Some(ALICE.to_string()));
}
