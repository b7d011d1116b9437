//! Invitations by e-mail with the real programs: `partyline serve`, an inviter who goes, a member whose node stays, and whoever reads the mail.
//! The test plays their browsers. Nothing leaves this machine.

#![cfg(all(unix, feature = "service"))]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

#[path = "by_email/browser.rs"]
mod browser;
#[path = "by_email/office.rs"]
mod office;
#[expect(dead_code, reason = "shared with the tests of the command line")]
#[path = "cli/program.rs"]
mod program;

use std::path::Path;

use browser::{Browser, Page};
use office::Office;
use program::{Program, text};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A service; Alice, who founded the party; Carol, a member, whose node runs.
struct Story {
    office: Office,
    people: TempDir,
    carol: Program,
}

impl Story {
    fn begin() -> Self {
        let people = tempfile::tempdir().unwrap();
        for name in ["Alice", "Bob", "Carol", "Dave"] {
            let create = ["profile", "create", "--unprotected", "--name", name];
            Program::start_words(people.path(), &name.to_lowercase(), &create).succeed();
        }
        let office = Office::open();
        let carol = member_with_a_node(people.path());
        Self { office, people, carol }
    }

    /// The same, and Alice is signed in.
    fn signed_in() -> Self {
        let mut story = Self::begin();
        let mut alice = story.alice(&format!("service login {}", story.office.issuer));
        story.sign_in(&mut alice);
        assert_eq!(alice.expect("service_added")["name"], "alice@example.org");
        alice.succeed();
        story
    }

    /// Alice in her browser: she types her address, and follows the link in her mail.
    fn sign_in(&mut self, alice: &mut Program) {
        let mut browser = Browser::new();
        let page = browser.open(&asked(alice));
        browser.press(&page, "/oauth/sign-in", &[("email", "alice@example.org")]);
        let page = browser.open(&self.office.mailed("alice@example.org"));
        came_back(&browser.press(&page, "", &[("answer", "continue")]));
    }

    fn alice(&self, words: &str) -> Program {
        Program::start(self.people.path(), "alice", words)
    }

    /// Alice invites by e-mail, and her program ends. The link of the mail.
    fn invited(&mut self, address: &str) -> String {
        self.invited_so(address, "--tell-names", "email")
    }

    /// The same, in this manner.
    fn invited_so(&mut self, address: &str, more: &str, by: &str) -> String {
        let mut alice = self.alice(&format!("invite Choir --by email {more} {address}"));
        let invitation = alice.expect("mail_invitation");
        assert_eq!(
            (&invitation["stage"], &invitation["by"]),
            (&json!("waiting"), &json!(by))
        );
        alice.expect("mail_changed");
        alice.succeed();
        self.office.mailed(address)
    }

    /// Somebody's program with what they have from the mail, up to the browser.
    fn redeeming(&self, who: &str, link: &str) -> (Program, String) {
        self.redeeming_so(who, link, "redeem")
    }

    /// The same, in this manner.
    fn redeeming_so(&self, who: &str, link: &str, words: &str) -> (Program, String) {
        let mut program = Program::start(self.people.path(), who, words);
        program.say(link);
        let url = asked(&mut program);
        (program, url)
    }

    /// Somebody pastes the link of the mail, and agrees in the browser.
    fn redeemed(&self, who: &str, link: &str) -> Program {
        let (program, url) = self.redeeming(who, link);
        agree(&url);
        program
    }

    /// The same with a link that does not work: why.
    fn refused(&self, who: &str, link: &str) -> Value {
        let (program, url) = self.redeeming(who, link);
        came_back_in_vain(&Browser::new().open(&url));
        program.fail(1)
    }

    /// The members that somebody sees.
    fn members(&self, who: &str) -> Vec<String> {
        let party = Program::start(self.people.path(), who, "party show Choir").succeed();
        let party = party.iter().find(|event| event["event"] == "party").unwrap();
        let members = party["members"].as_array().unwrap();
        let mut names: Vec<String> = members.iter().map(|member| text(member, "name").to_owned()).collect();
        names.sort();
        names
    }

    fn end(self) {
        self.carol.interrupt();
        self.carol.succeed();
    }
}

fn member_with_a_node(people: &Path) -> Program {
    Program::start(people, "alice", "party create Choir").succeed();
    let mut alice = Program::start(people, "alice", "invite Choir");
    let code = text(&alice.expect("invitation_created"), "code").to_owned();
    let mut carol = Program::start(people, "carol", "redeem");
    carol.say(&code);
    let pin = text(&alice.expect("pin"), "pin").to_owned();
    carol.expect("pin_requested");
    carol.say(&pin);
    carol.succeed();
    alice.succeed();
    let mut node = Program::start(people, "carol", "node");
    node.expect_where("node_status", |status| status["parties"] == 1);
    node
}

/// What the browser is to open.
fn asked(program: &mut Program) -> String {
    text(&program.expect("browser_needed"), "url").to_owned()
}

/// Agrees on the page that a program opens.
fn agree(url: &str) {
    let mut browser = Browser::new();
    let page = browser.open(url);
    came_back(&browser.press(&page, "/oauth/continue", &[("answer", "continue")]));
}

/// Bob's node runs until he is in, in one party.
fn bob_comes_in(story: &Story) {
    let mut bob = Program::start(story.people.path(), "bob", "node");
    bob.expect_where("node_status", |status| status["parties"] == 1);
    bob.interrupt();
    bob.succeed();
}

fn came_back(page: &Page) {
    shows(page, "You can close this window");
}

fn came_back_in_vain(page: &Page) {
    shows(page, "That did not work");
}

fn shows(page: &Page, words: &str) {
    assert!(page.status == 200 && page.text.contains(words), "{page:?}");
}

fn joined(mut program: Program) {
    let joined = program.expect("joined");
    assert_eq!((&joined["name"], &joined["role"]), (&"Choir".into(), &"editor".into()));
    program.succeed();
}

#[test]
fn who_reads_the_mail_comes_in_while_the_inviter_is_away() {
    let mut story = Story::signed_in();
    let link = story.invited("bob@example.org");
    joined(story.redeemed("bob", &link));
    assert_eq!(story.members("bob"), ["Alice", "Bob", "Carol"]);
    let used = story.refused("dave", &link);
    assert_eq!(
        (text(&used, "code"), text(&used, "sentence")),
        ("mail_link_used", "The link in this mail has been used already.")
    );
    story.end();
}

#[test]
fn the_page_of_the_mail_opens_the_program_or_shows_a_code_for_another_device() {
    let mut story = Story::signed_in();
    let link = story.invited("bob@example.org");
    let mut browser = Browser::new();
    let page = browser.open(&link);
    assert!(page.status == 200 && page.text.contains("Alice"), "{page:?}");
    let page = browser.press(&page, &link[story.office.issuer.len()..], &[]);
    let (bob, url) = story.redeeming("bob", &page.app_link());
    // The browser that has pressed the button needs no second one.
    came_back(&browser.open(&url));
    joined(bob);

    let link = story.invited("dave@example.org");
    let mut browser = Browser::new();
    let page = browser.open(&link);
    let page = browser.press(&page, &link[story.office.issuer.len()..], &[]);
    let redeem = format!("redeem --service {}", story.office.issuer);
    let mut dave = Program::start(story.people.path(), "dave", &redeem);
    dave.say("0000-0000");
    let refused = dave.fail(1);
    assert_eq!(
        (text(&refused, "code"), text(&refused, "sentence")),
        ("mail_over", "This does not work any more, or never did.")
    );
    let mut dave = Program::start(story.people.path(), "dave", &redeem);
    dave.say(&page.typed_code().to_lowercase());
    joined(dave);
    assert_eq!(story.members("dave"), ["Alice", "Bob", "Carol", "Dave"]);
    story.end();
}

#[test]
fn a_link_that_does_not_work_says_why() {
    let mut story = Story::signed_in();
    let told = |refused: &Value| (text(refused, "code").to_owned(), text(refused, "sentence").to_owned());
    let says = |code: &str, sentence: &str| (code.to_owned(), sentence.to_owned());

    let declined = story.invited("a@example.org");
    let mut browser = Browser::new();
    let page = browser.open(&format!("{declined}/decline"));
    browser.press(&page, "/decline", &[]);
    assert_eq!(
        told(&story.refused("bob", &declined)),
        says("mail_link_declined", "This invitation was declined.")
    );

    let revoked = story.invited("b@example.org");
    let listed = story.alice("invitation list").succeed();
    let of = listed.iter().find(|one| one["address"] == "b@example.org").unwrap();
    let id = text(of, "invitation");
    story.alice(&format!("invitation send-again {id}")).succeed();
    assert_eq!(story.office.mailed("b@example.org"), revoked, "the same link");
    let told_of = story.alice(&format!("invitation revoke {id}")).succeed();
    assert_eq!(told_of.last().unwrap()["stage"], "revoked");
    assert_eq!(
        told(&story.refused("bob", &revoked)),
        says("mail_link_revoked", "The inviter has taken this invitation back.")
    );

    let cut = &revoked[..revoked.len() - 3];
    assert_eq!(
        told(&story.refused("bob", cut)),
        says("mail_over", "This does not work any more, or never did.")
    );

    // Whoever says no on the page that the program opens can still say yes later.
    let expired = story.invited("c@example.org");
    let (bob, url) = story.redeeming("bob", &expired);
    let page = browser.open(&url);
    came_back_in_vain(&browser.press(&page, "/oauth/continue", &[("answer", "cancel")]));
    assert_eq!(
        told(&bob.fail(1)),
        says("mail_declined", "You have not agreed in the browser.")
    );
    story.office.let_all_expire();
    assert_eq!(
        told(&story.refused("bob", &expired)),
        says("mail_link_expired", "The link in this mail has expired.")
    );
    story.end();
}

#[test]
fn a_service_that_is_away_is_said_and_goes_on_where_it_was() {
    let mut story = Story::begin();
    let away = |refused: &Value| assert_eq!(text(refused, "code"), "mail_unreachable");
    let login = format!("service login {}", story.office.issuer);
    story.office.close();
    away(&story.alice(&login).fail(1));
    // Ended while somebody signs in: the link in the mail works afterwards, and answers to the program that still waits.
    story.office.reopen();
    let mut alice = story.alice(&login);
    let mut browser = Browser::new();
    let page = browser.open(&asked(&mut alice));
    browser.press(&page, "/oauth/sign-in", &[("email", "alice@example.org")]);
    let link = story.office.mailed("alice@example.org");
    story.office.kill();
    story.office.reopen();
    let page = browser.open(&link);
    came_back(&browser.press(&page, "", &[("answer", "continue")]));
    alice.expect("service_added");
    alice.succeed();

    story.office.close();
    away(&story.alice("invite Choir --by email bob@example.org").fail(1));
    story.office.reopen();
    let link = story.invited("bob@example.org");
    story.office.kill();
    let mut bob = Program::start(story.people.path(), "bob", "redeem");
    bob.say(&link);
    away(&bob.fail(1));
    // Ended after the button and before the exchange: nothing is used up.
    story.office.reopen();
    let (bob, url) = story.redeeming("bob", &link);
    let page = browser.open(&url);
    let callback = browser.led_to(&page, "/oauth/continue", &[("answer", "continue")]);
    story.office.kill();
    came_back(&browser.open(&callback));
    away(&bob.fail(1));
    story.office.reopen();
    joined(story.redeemed("bob", &link));
    story.end();
}

#[test]
fn a_redemption_that_finds_nobody_goes_on_after_a_crash() {
    let mut story = Story::signed_in();
    let link = story.invited("bob@example.org");
    // As a machine that sleeps.
    story.carol.signal("-STOP");
    let mut bob = story.redeemed("bob", &link);
    bob.expect("redemption_started");
    bob.kill();
    // What the service has said is on Bob's disk.
    story.office.close();
    story.carol.signal("-CONT");
    bob_comes_in(&story);
    story.end();
}

#[test]
fn where_an_administrator_approves_the_mail_only_lets_somebody_ask() {
    let mut story = Story::signed_in();
    let link = story.invited_so("bob@example.org", "--approve", "email_approval");
    let (bob, url) = story.redeeming_so("bob", &link, "redeem --no-wait");
    agree(&url);
    let waits = bob.fail(6);
    let words = text(&waits, "fingerprint");
    assert_eq!(story.members("alice"), ["Alice", "Carol"]);
    let mut alice = story.alice("party requests Choir --follow");
    let asks = alice.expect_where("request", |request| request["name"] == "Bob");
    assert_eq!(text(&asks, "fingerprint"), words);
    alice.interrupt();
    alice.succeed();
    story.alice("party approve Choir Bob --sync 20").succeed();
    bob_comes_in(&story);
    assert_eq!(story.members("bob"), ["Alice", "Bob", "Carol"]);
    story.end();
}

#[test]
fn whoever_has_lost_what_the_link_gave_gets_another_link() {
    let mut story = Story::signed_in();
    let used = story.invited("bob@example.org");
    story.carol.signal("-STOP");
    let mut bob = story.redeemed("bob", &used);
    bob.expect("redemption_started");
    // As a machine that is lost.
    bob.kill();
    story.carol.signal("-CONT");
    let refused = story.refused("dave", &used);
    assert_eq!(text(&refused, "code"), "mail_link_used");

    let mut browser = Browser::new();
    let page = browser.open(&used);
    assert!(page.text.contains("already used"), "{}", page.text);
    shows(&browser.press(&page, "/renew", &[]), "on its way");
    let link = story.office.mailed("bob@example.org");
    assert_ne!(link, used);
    joined(story.redeemed("dave", &link));
    assert_eq!(story.members("dave"), ["Alice", "Carol", "Dave"]);
    story.end();
}

#[test]
fn an_invitation_outlives_a_rotation_of_the_keys() {
    let mut story = Story::signed_in();
    let before = story.invited("bob@example.org");
    story.office.operate("keys rotate");
    story.office.close();
    story.office.reopen();
    let after = story.invited("dave@example.org");
    joined(story.redeemed("bob", &before));
    joined(story.redeemed("dave", &after));
    assert_eq!(story.members("dave"), ["Alice", "Bob", "Carol", "Dave"]);
    story.end();
}

#[test]
fn a_client_of_the_inviters_own_lets_people_in_as_well() {
    let mut story = Story::begin();
    let made = story
        .office
        .operate("client create choir --name Choir --redirect https://choir.test/welcome");
    let mut alice = story.alice(&format!("service login {} --client choir", story.office.issuer));
    alice.say(text(&made[0], "secret"));
    alice.expect("service_added");
    alice.succeed();
    let link = story.invited("bob@example.org");
    joined(story.redeemed("bob", &link));
    let link = story.invited("dave@example.org");
    let mut browser = Browser::new();
    let page = browser.open(&link);
    let page = browser.press(&page, &link[story.office.issuer.len()..], &[]);
    let mut dave = Program::start(
        story.people.path(),
        "dave",
        &format!("redeem --service {}", story.office.issuer),
    );
    dave.say(&page.typed_code());
    joined(dave);
    story.end();
}
