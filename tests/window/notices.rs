//! What the window says of a failure goes when its cause has gone, or when it is dismissed, and not before.

use partyline::engine::PartyHealth;
use partyline::party::PartyId;

use super::*;

const NOT_ALLOWED: &str = "Your role in this party does not allow this";
const DISK_FULL: &str = "The disk is full";
const CHOIR: PartyId = PartyId::from_bytes([8; 32]);

/// Alice's window, and a check mark that she has set.
fn checked() -> (Screen, RequestId) {
    let mut screen = screen();
    alice(&mut screen);
    let request = check(&mut screen, "Buy gas cartridges");
    (screen, request)
}

fn check(screen: &mut Screen, task: &str) -> RequestId {
    let role = egui::accesskit::Role::CheckBox;
    screen.get_by_role_and_label(role, task).click();
    settle(screen);
    sent(screen).0
}

fn refuse(screen: &mut Screen, request: RequestId, failure: Failure) {
    let request = Some(request);
    tell(screen, Event::Failed { request, failure });
}

fn change(screen: &mut Screen, change: impl FnOnce(&mut PartyView)) {
    let mut party = crew();
    change(&mut party);
    tell(screen, Event::PartyChanged { party: Arc::new(party) });
}

/// Alice has a second party, and is in the first.
fn with_choir(screen: &mut Screen) {
    change(screen, |party| {
        party.id = CHOIR;
        party.name = "Choir".to_owned();
    });
}

fn add_task(screen: &mut Screen) {
    screen.get_by_label("New task").focus();
    settle(screen);
    screen.get_by_label("New task").type_text("Pack the stove");
    settle(screen);
    screen.key_press(Key::Enter);
    settle(screen);
    let (request, command) = sent(screen);
    assert!(matches!(command, Command::AddTask { .. }));
    let task = TaskId::from_bytes([9; 16]);
    tell(screen, Event::TaskAdded { request, task });
}

#[test]
fn what_a_role_does_not_allow_is_told_until_the_role_has_risen() {
    let (mut screen, request) = checked();
    change(&mut screen, |party| party.role = Some(Role::Editor));
    refuse(&mut screen, request, Failure::NotAllowed);
    assert!(says(&screen, NOT_ALLOWED));
    change(&mut screen, |party| party.role = Some(Role::Editor));
    change(&mut screen, |party| party.role = Some(Role::Reader));
    assert!(says(&screen, NOT_ALLOWED), "it is still true");
    change(&mut screen, |party| party.role = Some(Role::Admin));
    assert!(!says(&screen, NOT_ALLOWED));
}

#[test]
fn the_role_in_another_party_changes_nothing() {
    let (mut screen, request) = checked();
    with_choir(&mut screen);
    refuse(&mut screen, request, Failure::NotAllowed);
    let choir = |role| {
        move |party: &mut PartyView| {
            party.id = CHOIR;
            party.name = "Choir".to_owned();
            party.role = Some(role);
        }
    };
    change(&mut screen, choir(Role::Reader));
    change(&mut screen, choir(Role::Owner));
    assert!(says(&screen, NOT_ALLOWED));
}

#[test]
fn what_was_refused_in_a_party_is_not_told_on_the_page_of_another() {
    let (mut screen, request) = checked();
    with_choir(&mut screen);
    refuse(&mut screen, request, Failure::NotAllowed);
    click(&mut screen, "Notes (2)");
    assert!(says(&screen, NOT_ALLOWED), "it is the same party");
    click(&mut screen, "Choir");
    assert!(!says(&screen, NOT_ALLOWED));
    click(&mut screen, "Hiking crew");
    assert!(!says(&screen, NOT_ALLOWED));
}

#[test]
fn what_is_refused_too_late_for_its_page_names_its_party() {
    let (mut screen, request) = checked();
    with_choir(&mut screen);
    click(&mut screen, "Choir");
    refuse(&mut screen, request, Failure::NotAllowed);
    assert!(says(&screen, &format!("Hiking crew: {NOT_ALLOWED}")));
    let request = check(&mut screen, "Plan the train there and back");
    refuse(&mut screen, request, Failure::NotAllowed);
    let told = screen.query_all_by_label_contains(NOT_ALLOWED).count();
    assert_eq!(told, 2, "one of each party");
    click(&mut screen, "Hiking crew");
    let told = screen.query_all_by_label_contains(NOT_ALLOWED).count();
    assert!(told == 1 && !says(&screen, &format!("Hiking crew: {NOT_ALLOWED}")));
    click(&mut screen, "Choir");
    assert!(!says(&screen, NOT_ALLOWED));
}

#[test]
fn a_full_disk_is_told_on_every_page_until_something_is_stored() {
    let (mut screen, request) = checked();
    with_choir(&mut screen);
    refuse(&mut screen, request, Failure::DiskFull);
    let request = check(&mut screen, "Check the weather and the avalanche report");
    refuse(&mut screen, request, Failure::DiskFull);
    assert_eq!(
        screen.query_all_by_label_contains(DISK_FULL).count(),
        1,
        "once is enough"
    );
    click(&mut screen, "Choir");
    assert!(says(&screen, DISK_FULL));
    add_task(&mut screen);
    assert!(!says(&screen, DISK_FULL));
}

#[test]
fn the_same_thing_done_after_all_takes_the_failure_away() {
    let (mut screen, request) = checked();
    refuse(&mut screen, request, Failure::Internal);
    let happened = "Something went wrong";
    assert!(says(&screen, happened));
    let other = check(&mut screen, "Plan the train there and back");
    tell(&mut screen, Event::Done { request: other });
    assert!(says(&screen, happened), "another task");
    let again = check(&mut screen, "Buy gas cartridges");
    assert!(says(&screen, happened), "nobody knows yet");
    tell(&mut screen, Event::Done { request: again });
    assert!(!says(&screen, happened));
}

#[test]
fn a_file_that_was_not_added_is_told_until_it_is() {
    let mut screen = screen();
    alice(&mut screen);
    let not_added = "hut.mp4 was not added. The disk is full";
    let add = |screen: &mut Screen, path| {
        drop_file(screen, path);
        sent(screen).0
    };
    let file = |byte| partyline::party::FileId::from_bytes([byte; 16]);
    let request = add(&mut screen, "/home/alice/hut.mp4");
    refuse(&mut screen, request, Failure::DiskFull);
    assert!(says(&screen, not_added));
    add_task(&mut screen);
    let request = add(&mut screen, "/home/alice/route.gpx");
    tell(&mut screen, Event::FileAdded { request, file: file(8) });
    assert!(says(&screen, not_added), "small things have room");
    let request = add(&mut screen, "/home/alice/hut.mp4");
    tell(&mut screen, Event::FileAdded { request, file: file(9) });
    assert!(!says(&screen, not_added));
}

#[test]
fn what_is_told_of_a_party_goes_with_it() {
    let (mut screen, request) = checked();
    with_choir(&mut screen);
    refuse(&mut screen, request, Failure::Internal);
    tell(&mut screen, Event::PartyLeft { party: CHOIR });
    assert!(says(&screen, "Something went wrong"));
    tell(&mut screen, Event::PartyLeft { party: CREW });
    assert!(!says(&screen, "Something went wrong"));
}

#[test]
fn the_last_owner_may_go_once_there_is_another() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "More about this party");
    click(&mut screen, "Leave party");
    click(&mut screen, "Leave");
    let (request, _) = sent(&mut screen);
    screen.key_press(Key::Escape);
    settle(&mut screen);
    refuse(&mut screen, request, Failure::LastOwner);
    assert!(
        says(&screen, "You are the only owner"),
        "the dialog that asked has gone"
    );
    change(&mut screen, |party| party.role = Some(Role::Owner));
    assert!(says(&screen, "You are the only owner"));
    change(&mut screen, |party| party.members[1].role = Role::Owner);
    assert!(!says(&screen, "You are the only owner"));
}

#[test]
fn a_party_that_is_whole_again_can_be_changed() {
    let (mut screen, request) = checked();
    change(&mut screen, |party| party.health = PartyHealth::Incomplete);
    refuse(&mut screen, request, Failure::PartyIncomplete);
    let told = "nothing in it can be changed for now";
    assert_eq!(screen.query_all_by_label_contains(told).count(), 1);
    change(&mut screen, |party| party.health = PartyHealth::Incomplete);
    assert!(says(&screen, told));
    change(&mut screen, |_| ());
    assert!(!says(&screen, told));
}

/// Alice's window, where the service does not answer to "Send again".
fn not_sent_again(mail: MailStage) -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    tell(&mut screen, services());
    mail_is(&mut screen, mailed("bonny", READY, mail));
    click(&mut screen, "Invitations (1)");
    let request = send_again(&mut screen);
    mail_is(&mut screen, kept_back("bonny", mail, MailTrouble::Unreachable));
    refuse(&mut screen, request, Failure::Mail(MailTrouble::Unreachable));
    assert!(says(&screen, NOT_MAILED));
    screen
}

const READY: InvitationStage = InvitationStage::OfflineReady { devices: 2 };
const NOT_MAILED: &str = "No mail went to bonny@example.org. The invitation service does not answer.";

fn mail_is(screen: &mut Screen, invitation: Arc<InvitationView>) {
    tell(screen, Event::InvitationChanged { invitation });
}

fn send_again(screen: &mut Screen) -> RequestId {
    click(screen, "Send again: bonny@example.org");
    sent(screen).0
}

#[test]
fn a_mail_that_was_not_sent_again_is_told_until_it_is() {
    let mut screen = not_sent_again(MailStage::Sent);
    mail_is(&mut screen, mailed("bonny", READY, MailStage::Opened));
    assert!(says(&screen, NOT_MAILED), "the service answers, and has sent nothing");
    let request = send_again(&mut screen);
    assert!(says(&screen, NOT_MAILED), "nobody knows yet");
    tell(&mut screen, Event::Done { request });
    assert!(!says(&screen, NOT_MAILED));
}

#[test]
fn a_mail_that_the_service_did_not_have_goes_without_another_click() {
    let mut screen = not_sent_again(MailStage::Waiting);
    mail_is(&mut screen, mailed("bonny", READY, MailStage::Waiting));
    assert!(says(&screen, NOT_MAILED));
    mail_is(&mut screen, mailed("bonny", READY, MailStage::Queued));
    assert!(!says(&screen, NOT_MAILED));
}

#[test]
fn whoever_is_in_needs_no_mail_any_more() {
    let mut screen = not_sent_again(MailStage::Sent);
    let (member, name) = (BOB, "Bob Tanaka".to_owned());
    let stage = InvitationStage::Admitted { member, name };
    mail_is(&mut screen, mailed("bonny", stage, MailStage::Accepted));
    assert!(!says(&screen, NOT_MAILED));
}

#[test]
fn whoever_tries_a_code_again_reads_no_more_of_the_last_try() {
    let mut screen = screen();
    tell(&mut screen, open("Bob", BOB));
    let stage = RedemptionStage::Connecting { failed_tries: 0 };
    let redemption = redemption(stage);
    tell(&mut screen, Event::RedemptionChanged { redemption });
    let error = RedeemError::ApprovalDenied;
    let redemption = support::redemption(RedemptionStage::Failed { error });
    let told = Arc::clone(&redemption);
    tell(&mut screen, Event::RedemptionChanged { redemption: told });
    assert!(screen.query_by_label("Dismiss").is_some());
    let request = RequestId(99);
    tell(&mut screen, Event::RedemptionStarted { request, redemption });
    assert!(screen.query_by_label("Dismiss").is_none());
}

#[test]
fn the_person_may_dismiss_what_is_still_true() {
    let (mut screen, request) = checked();
    refuse(&mut screen, request, Failure::DiskFull);
    click(&mut screen, "Dismiss");
    assert!(!says(&screen, DISK_FULL));
}
