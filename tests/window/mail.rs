//! Inviting by e-mail: the service, the addresses, and what becomes of each mail. And coming in with the code of a page.

use egui::Modifiers;
use partyline::engine::{MailAdmission, MailOptions, MailWay};
use partyline::invitation::CodeKind;
use zeroize::Zeroizing;

use super::*;

const READY: InvitationStage = InvitationStage::OfflineReady { devices: 2 };

/// Alice's dialog, by e-mail; signed in nowhere.
fn by_mail() -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Invite");
    click(&mut screen, "They come in: By e-mail");
    screen
}

/// The same, signed in at a service.
fn signed_in() -> Screen {
    let mut screen = by_mail();
    tell(&mut screen, services());
    screen
}

fn type_into(screen: &mut Screen, field: &str, text: &str) {
    screen.get_by_label(field).focus();
    settle(screen);
    screen.get_by_label(field).type_text(text);
    settle(screen);
}

fn change(screen: &mut Screen, invitation: Arc<InvitationView>) {
    tell(screen, Event::InvitationChanged { invitation });
}

fn fail(screen: &mut Screen, request: RequestId, trouble: MailTrouble) {
    let (request, failure) = (Some(request), Failure::Mail(trouble));
    tell(screen, Event::Failed { request, failure });
}

/// Who is invited by the commands that were sent.
fn invited(screen: &mut Screen) -> Vec<(RequestId, MailOptions)> {
    let sent = screen.state_mut().all_sent().into_iter();
    let invited = sent.filter_map(|(request, command)| match command {
        Command::InviteByMail { options } => Some((request, *options)),
        _ => None,
    });
    invited.collect()
}

fn is_disabled(screen: &Screen, label: &str) -> bool {
    screen.get_by_label(label).accesskit_node().is_disabled()
}

#[test]
fn one_signs_in_in_the_browser_and_goes_on_where_one_was() {
    let mut screen = by_mail();
    type_into(&mut screen, "E-mail addresses", "bonny@example.org");
    assert!(is_disabled(&screen, "Send invitation") && is_disabled(&screen, "Sign in"));
    type_into(&mut screen, "Invitation service", "http://invite.example.org");
    assert!(says(&screen, "This service is not reached over HTTPS") && is_disabled(&screen, "Sign in"));
    screen.get_by_label("Invitation service").focus();
    settle(&mut screen);
    screen.key_press_modifiers(Modifiers::COMMAND, Key::A);
    screen
        .get_by_label("Invitation service")
        .type_text("invite.example.org");
    settle(&mut screen);
    click(&mut screen, "Sign in");
    let (request, Command::SignIn { issuer }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(issuer.as_str(), SERVICE);
    assert!(says(&screen, "Your browser opens the page of invite.example.org"));
    assert!(is_disabled(&screen, "Open again"));

    let url = Zeroizing::new("https://invite.example.org/oauth/authorize?x".to_owned());
    screen.state().tell_only(Event::BrowserNeeded { request, url });
    let opened = (0..4).find_map(|_| {
        screen.step();
        let commands = &screen.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::OpenUrl(open) => Some(open.url.clone()),
            _ => None,
        })
    });
    assert_eq!(opened.as_deref(), Some("https://invite.example.org/oauth/authorize?x"));
    tell(&mut screen, services());
    tell(&mut screen, Event::Done { request });
    assert!(says(&screen, "invite.example.org") && says(&screen, "as alice@example.org"));
    assert!(!is_disabled(&screen, "Send invitation"), "what was typed has stayed");
}

#[test]
fn waiting_for_the_browser_can_be_given_up_and_can_fail() {
    let mut screen = by_mail();
    type_into(&mut screen, "Invitation service", "invite.example.org");
    click(&mut screen, "Sign in");
    sent(&mut screen);
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(matches!(sent(&mut screen).1, Command::StopBrowser));
    assert!(says(&screen, "E-mail addresses"), "the dialog stays");
    click(&mut screen, "Sign in");
    let (request, _) = sent(&mut screen);
    fail(&mut screen, request, MailTrouble::TimedOut);
    assert!(says(&screen, "Nobody came back from the browser in time"));
}

#[test]
fn a_client_of_ones_own_takes_the_place_of_the_browser() {
    let mut screen = by_mail();
    click(&mut screen, "Use a client id instead");
    type_into(&mut screen, "Invitation service", "invite.example.org");
    type_into(&mut screen, "Client id", "choir");
    assert!(is_disabled(&screen, "Use it"));
    type_into(&mut screen, "Client secret", "pls_bad");
    click(&mut screen, "Use it");
    let (request, Command::UseClient { issuer, id, secret }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(
        (issuer.as_str(), id.as_str(), secret.as_str()),
        (SERVICE, "choir", "pls_bad")
    );
    fail(&mut screen, request, MailTrouble::SignedOut);
    assert!(says(&screen, "The invitation service does not know you"));
    click(&mut screen, "Use it");
    let (request, _) = sent(&mut screen);
    tell(&mut screen, services());
    tell(&mut screen, Event::Done { request });
    assert!(says(&screen, "as alice@example.org") && !says(&screen, "Client secret"));
}

/// The question whether to sign out.
fn signing_out(screen: &mut Screen) {
    click(screen, "Change the invitation service");
    click(screen, "Sign out here");
    assert!(says(screen, "Sign out at invite.example.org?"));
}

#[test]
fn signing_out_says_what_goes_and_what_stays_before_it_is_done() {
    let mut screen = signed_in();
    type_into(&mut screen, "E-mail addresses", "bonny@example.org");
    signing_out(&mut screen);
    assert!(says(&screen, "Invitations that were mailed stay valid") && says(&screen, "Until you sign in again"));
    assert_eq!(focused(&screen), "Cancel", "Enter changes nothing");
    screen.key_press(Key::Enter);
    settle(&mut screen);
    signing_out(&mut screen);
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(screen.state_mut().sent().is_none());
    assert!(
        says(&screen, "as alice@example.org") && !is_disabled(&screen, "Send invitation"),
        "nothing typed is lost"
    );
}

#[test]
fn one_signs_out_where_the_service_is_chosen() {
    let mut screen = signed_in();
    signing_out(&mut screen);
    click(&mut screen, "Sign out");
    let (request, Command::SignOut { issuer }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(issuer.as_str(), SERVICE);
    let (request, failure) = (Some(request), Failure::DiskFull);
    tell(&mut screen, Event::Failed { request, failure });
    assert!(says(&screen, "as alice@example.org") && says(&screen, "The disk is full"));
    signing_out(&mut screen);
    click(&mut screen, "Sign out");
    tell(&mut screen, Event::ServicesChanged { services: Vec::new() });
    assert!(!says(&screen, "as alice@example.org") && is_disabled(&screen, "Sign in"));
}

#[test]
fn addresses_are_checked_while_they_are_typed() {
    let mut screen = signed_in();
    type_into(
        &mut screen,
        "E-mail addresses",
        "bonny@example.org, carl(at)example.org",
    );
    assert!(!says(&screen, "is not an address"), "it may be half typed");
    type_into(&mut screen, "E-mail addresses", "; Bonny@example.org");
    assert!(says(
        &screen,
        "“carl(at)example.org” is not an address that mail can be sent to"
    ));
    assert!(is_disabled(&screen, "Send invitation"));
}

#[test]
fn everybody_gets_an_invitation_of_their_own_and_nobody_two() {
    let mut screen = signed_in();
    change(&mut screen, mailed("dora", READY, MailStage::Sent));
    type_into(
        &mut screen,
        "E-mail addresses",
        "bonny@example.org\nCarl <carl@example.org>; BONNY@example.org dora@example.org",
    );
    assert!(says(
        &screen,
        "2 addresses · 1 stands there twice · dora@example.org is invited already"
    ));
    click(&mut screen, "They join as: Reader");
    click(&mut screen, "Link works for: 7 days");
    type_into(&mut screen, "A few words of yours", "Come and sing!");
    screen
        .get_by_role_and_label(
            egui::accesskit::Role::CheckBox,
            "Say your name and the party’s in the mail; the service learns them, too",
        )
        .click();
    settle(&mut screen);
    assert!(says(&screen, "comes in without a PIN"));
    screen
        .get_by_role_and_label(
            egui::accesskit::Role::CheckBox,
            "An admin compares four words with them before they come in",
        )
        .click();
    settle(&mut screen);
    assert!(says(&screen, "the service alone lets nobody in"));
    click(&mut screen, "Send 2 invitations");
    let invited = invited(&mut screen);
    let addresses: Vec<&str> = invited.iter().map(|(_, options)| options.address.as_str()).collect();
    assert_eq!(addresses, ["bonny@example.org", "carl@example.org"]);
    for (_, options) in &invited {
        assert_eq!(options.admission, MailAdmission::Approved);
        assert_eq!(
            (options.party, options.issuer.as_str(), options.role),
            (CREW, SERVICE, Role::Reader)
        );
        assert_eq!(options.lifetime, Duration::from_secs(7 * 24 * 3600));
        let told = &options.told;
        assert_eq!(
            (told.inviter.as_str(), told.party.as_str(), told.message.as_str()),
            ("Alice", "Hiking crew", "Come and sing!")
        );
    }
    assert!(says(&screen, "Inviting") && says(&screen, "carl@example.org"));
    for ((request, _), name) in invited.iter().zip(["bonny", "carl"]) {
        let invitation = mailed(name, InvitationStage::OnlyHere, MailStage::Waiting);
        let request = *request;
        tell(&mut screen, Event::InvitationCreated { request, invitation });
    }
    assert!(!says(&screen, "Inviting") && says(&screen, "Not handed over"));
    change(&mut screen, mailed("bonny", READY, MailStage::Queued));
    change(&mut screen, mailed("carl", READY, MailStage::Bounced));
    for told in [
        "Queued",
        "Came back",
        "No such mailbox",
        "Sent",
        "Nobody has joined yet, of 3",
    ] {
        assert!(says(&screen, told), "{told}");
    }
}

#[test]
fn a_service_that_does_not_answer_is_tried_again_with_a_click() {
    let mut screen = signed_in();
    type_into(&mut screen, "E-mail addresses", "bonny@example.org carl@example.org");
    click(&mut screen, "Send 2 invitations");
    for (request, _) in invited(&mut screen) {
        fail(&mut screen, request, MailTrouble::Unreachable);
    }
    assert!(says(&screen, "The invitation service does not answer."));
    assert!(says(&screen, "Not invited: bonny@example.org, carl@example.org"));
    assert!(is_disabled(&screen, "Done"), "what was typed is kept nowhere else");
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(says(&screen, "Not invited: bonny@example.org, carl@example.org"));
    click(&mut screen, "Try again");
    let again = invited(&mut screen);
    assert_eq!(again.len(), 2);
    for (request, _) in again {
        fail(&mut screen, request, MailTrouble::NotAllowed);
    }
    assert!(says(&screen, "does not let you send invitations"));
    click(&mut screen, "Do not invite");
    assert!(says(&screen, "Nobody is invited by e-mail now") && !says(&screen, "bonny"));
}

#[test]
fn words_that_a_service_would_refuse_are_told_while_they_are_typed() {
    let mut screen = signed_in();
    type_into(&mut screen, "E-mail addresses", "bonny@example.org");
    type_into(&mut screen, "A few words of yours", "See you on Saturday.Bring tea");
    assert!(says(&screen, "Services take no links") && is_disabled(&screen, "Send invitation"));
    type_into(&mut screen, "A few words of yours", "");
    screen.key_press_modifiers(Modifiers::COMMAND, Key::A);
    screen
        .get_by_label("A few words of yours")
        .type_text("See you on Saturday. Bring tea");
    settle(&mut screen);
    assert!(!says(&screen, "Services take no links"));
    click(&mut screen, "Send invitation");
    assert_eq!(invited(&mut screen)[0].1.told.message, "See you on Saturday. Bring tea");
}

#[test]
fn who_joined_is_told_when_their_name_has_come() {
    let mut screen = signed_in();
    let invitation = mailed("bob", READY, MailStage::Accepted);
    change(&mut screen, Arc::clone(&invitation));
    screen.key_press(Key::Escape);
    settle(&mut screen);
    let came = |name: &str| InvitationView {
        admitted: vec![admitted(BOB, name)],
        ..InvitationView::clone(&invitation)
    };
    change(&mut screen, Arc::new(came("")));
    assert!(!says(&screen, "joined Hiking crew"));
    change(&mut screen, Arc::new(came("Bob Tanaka")));
    assert!(says(&screen, "Bob Tanaka joined Hiking crew"));
}

#[test]
fn who_is_signed_out_signs_in_again_and_what_waited_is_sent() {
    let mut screen = signed_in();
    type_into(&mut screen, "E-mail addresses", "bonny@example.org");
    click(&mut screen, "Send invitation");
    for (request, _) in invited(&mut screen) {
        fail(&mut screen, request, MailTrouble::SignedOut);
    }
    click(&mut screen, "Sign in");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::SignIn { .. }));
    fail(&mut screen, request, MailTrouble::Declined);
    assert!(says(&screen, "You have not agreed in the browser") && says(&screen, "Not invited: bonny@example.org"));
    click(&mut screen, "Sign in");
    let (request, _) = sent(&mut screen);
    tell(&mut screen, Event::Done { request });
    let again = invited(&mut screen);
    assert_eq!(again.len(), 1, "without another click");
}

#[test]
fn each_mail_is_sent_again_or_its_invitation_revoked() {
    let mut screen = signed_in();
    for invitation in mixed() {
        change(&mut screen, invitation);
    }
    click(&mut screen, "Invited so far (6)");
    for told in [
        "Joined as Bob Tanaka",
        "Revoked",
        "Opened",
        "Came back",
        "Declined",
        "Queued",
        "To Hiking crew. 1 of 5 joined.",
    ] {
        assert!(says(&screen, told), "{told}");
    }
    for gone in [
        "Send again: bob@example.org",
        "Revoke: bob@example.org",
        "Revoke: emil@example.org",
        "Send again: dora@example.org",
    ] {
        assert!(!says(&screen, gone), "{gone}");
    }
    click(&mut screen, "Send again: carl.lindqvist@example.org");
    let (request, Command::SendAgain { invitation }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(invitation, mailed("carl.lindqvist", READY, MailStage::Bounced).id);
    fail(&mut screen, request, MailTrouble::TooMany);
    assert!(says(&screen, "An address gets only a few mails a day"));
    click(&mut screen, "Send again: carl.lindqvist@example.org");
    let (request, _) = sent(&mut screen);
    tell(&mut screen, Event::Done { request });
    assert!(!says(&screen, "An address gets only a few mails a day"));
    click(&mut screen, "Revoke: dora@example.org");
    assert!(matches!(sent(&mut screen).1, Command::RevokeInvitation { .. }));
}

#[test]
fn who_is_to_be_approved_is_not_said_to_come_in_by_themselves() {
    let mut screen = signed_in();
    let told = |screen: &mut Screen, stage, mail| {
        let invitation = InvitationView {
            kind: InvitationKind::Delegated(DelegationMethod::ApprovedMailbox([7; 32])),
            ..InvitationView::clone(&mailed("bonny", stage, mail))
        };
        change(screen, Arc::new(invitation));
    };
    told(&mut screen, READY, MailStage::Accepted);
    click(&mut screen, "Invited so far (1)");
    let approved = "The address is proved. An admin lets them in once they have asked.";
    assert!(says(&screen, approved) && !says(&screen, "as soon as they reach a member"));
    for (mail, known) in [
        (MailStage::Sent, "The link has not been opened yet."),
        (MailStage::Opened, "The link was opened."),
        (MailStage::Accepted, "The address is proved."),
    ] {
        told(&mut screen, InvitationStage::OnlyHere, mail);
        let here = format!("{known} Keep Partyline open: they can ask only this device, and an admin approves.");
        assert!(says(&screen, &here), "{mail:?}");
        change(&mut screen, mailed("bonny", InvitationStage::OnlyHere, mail));
        assert!(
            says(&screen, &format!("{known} Only this device can let them in")),
            "{mail:?}"
        );
    }
    change(&mut screen, mailed("bonny", READY, MailStage::Accepted));
    assert!(says(&screen, "They are in as soon as they reach a member."));
}

#[test]
fn a_mail_that_was_not_sent_again_is_told_when_the_service_answers_again() {
    let mut screen = signed_in();
    change(&mut screen, mailed("bonny", READY, MailStage::Sent));
    click(&mut screen, "Invited so far (1)");
    click(&mut screen, "Send again: bonny@example.org");
    let (request, _) = sent(&mut screen);
    change(
        &mut screen,
        kept_back("bonny", MailStage::Sent, MailTrouble::Unreachable),
    );
    fail(&mut screen, request, MailTrouble::Unreachable);
    assert_eq!(screen.query_all_by_label_contains("does not answer").count(), 1);
    change(&mut screen, mailed("bonny", READY, MailStage::Sent));
    assert!(says(&screen, "No mail went to bonny@example.org"));
    click(&mut screen, "Send again: bonny@example.org");
    let (request, _) = sent(&mut screen);
    tell(&mut screen, Event::Done { request });
    assert!(!says(&screen, "No mail went to"));
}

#[test]
fn what_keeps_mails_back_is_told_once_with_its_remedy() {
    let mut screen = signed_in();
    for name in ["bonny", "carl"] {
        change(
            &mut screen,
            kept_back(name, MailStage::Waiting, MailTrouble::Unreachable),
        );
    }
    click(&mut screen, "Invited so far (2)");
    assert_eq!(screen.query_all_by_label_contains("does not answer").count(), 1);
    assert!(says(&screen, "This concerns bonny@example.org, carl@example.org"));
    click(&mut screen, "Try again");
    let sent = screen.state_mut().all_sent();
    let again = sent
        .iter()
        .filter(|(_, command)| matches!(command, Command::SendAgain { .. }));
    assert_eq!(again.count(), 2);
}

#[test]
fn the_list_is_the_same_after_the_dialog_was_closed() {
    let mut screen = signed_in();
    for invitation in mixed() {
        change(&mut screen, invitation);
    }
    screen.key_press(Key::Escape);
    settle(&mut screen);
    click(&mut screen, "Invitations (4)");
    for told in [
        "bonny@example.org",
        "Opened",
        "Came back",
        "From invite.example.org, today at 12:00",
    ] {
        assert!(says(&screen, told), "{told}");
    }
    assert!(
        !says(&screen, "bob@example.org") && !says(&screen, "Copy code"),
        "codes of mails are not passed on by hand"
    );
    click(&mut screen, "Send again: bonny@example.org");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::SendAgain { .. }));
    fail(&mut screen, request, MailTrouble::Unreachable);
    assert!(says(&screen, "The invitation service does not answer"), "as a notice");
    click(&mut screen, "Revoke: bonny@example.org");
    assert!(matches!(sent(&mut screen).1, Command::RevokeInvitation { .. }));
    click(&mut screen, "Show: carl.lindqvist@example.org");
    assert!(says(&screen, "Invitations by e-mail") && says(&screen, "Joined as Bob Tanaka"));
    click(&mut screen, "Invite more");
    assert_eq!(focused(&screen), "E-mail addresses");
}

/// Bob, with the code of a page in the Redeem dialog.
fn page_code() -> Screen {
    let mut screen = screen();
    tell(&mut screen, open("Bob", BOB));
    click(&mut screen, "Join with a code");
    screen.get_by_label("Invite code or link").type_text("7kq2-m4");
    settle(&mut screen);
    assert!(says(&screen, "eight letters and digits"));
    screen.get_by_label("Invite code or link").type_text("xv");
    settle(&mut screen);
    screen
}

#[test]
fn the_code_of_a_page_asks_for_its_service() {
    let mut screen = page_code();
    assert!(says(&screen, "A code from an invitation page") && is_disabled(&screen, "Continue"));
    type_into(&mut screen, "Invitation service", "invite.example.org");
    click(&mut screen, "Continue");
    let (request, Command::RedeemMail { way }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert!(matches!(*way, MailWay::Code { issuer, .. } if issuer.as_str() == SERVICE));
    assert!(says(&screen, "Asking the service"));
    let redemption = application(CodeKind::Email, RedemptionStage::Connecting { failed_tries: 0 });
    tell(&mut screen, Event::RedemptionStarted { request, redemption });
    assert!(!says(&screen, "Asking the service") && screen.state_mut().sent().is_none());
    assert!(!says(&screen, "PIN") && !says(&screen, "Cancel") && says(&screen, "who withdraws now can have a new one"));
    // Its invitation is used up: whoever closes the dialog loses nothing.
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(screen.state_mut().sent().is_none());
}

#[test]
fn a_dialog_that_is_closed_while_the_service_is_asked_loses_nothing() {
    let mut screen = page_code();
    type_into(&mut screen, "Invitation service", "invite.example.org");
    click(&mut screen, "Continue");
    let (request, _command) = sent(&mut screen);
    screen.key_press(Key::Escape);
    settle(&mut screen);
    while screen.state_mut().sent().is_some() {}
    let redemption = application(CodeKind::Email, RedemptionStage::Connecting { failed_tries: 0 });
    tell(&mut screen, Event::RedemptionStarted { request, redemption });
    assert!(screen.state_mut().sent().is_none());
}

#[test]
fn a_code_of_a_page_that_does_not_work_says_why_and_can_be_tried_again() {
    let mut screen = page_code();
    type_into(&mut screen, "Invitation service", "invite.example.org");
    for (trouble, words) in [
        (MailTrouble::Unreachable, "The invitation service does not answer"),
        (MailTrouble::NotAService, "At this address is no invitation service"),
        (MailTrouble::Over, "This does not work any more, or never did"),
        (MailTrouble::TooMany, "has been asked too often"),
        (MailTrouble::LinkUsed, "has been used already"),
        (MailTrouble::LinkExpired, "has expired"),
        (MailTrouble::LinkRevoked, "taken this invitation back"),
        (MailTrouble::NoParty, "leads into no party"),
        (MailTrouble::Refused, "The invitation service refuses"),
    ] {
        click(&mut screen, "Continue");
        let (request, command) = sent(&mut screen);
        assert!(matches!(command, Command::RedeemMail { .. }));
        fail(&mut screen, request, trouble);
        assert!(says(&screen, words), "{trouble:?}");
    }
}

#[test]
fn the_service_that_was_used_last_is_offered() {
    let mut screen = page_code();
    type_into(&mut screen, "Invitation service", "invite.example.org");
    click(&mut screen, "Continue");
    let (request, _) = sent(&mut screen);
    fail(&mut screen, request, MailTrouble::Unreachable);
    screen.key_press(Key::Escape);
    settle(&mut screen);
    click(&mut screen, "Join with a code");
    assert_eq!(
        screen.get_by_label("Invitation service").value().as_deref(),
        Some(SERVICE)
    );
    assert!(!is_disabled(&screen, "Continue"));
}
