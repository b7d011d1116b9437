//! Further devices, the recovery phrase, and coming back.

use partyline::engine::KeyView;
use partyline::identity::{IdentityKey, RecoveryPhrase};

use super::*;

fn phrase() -> Arc<RecoveryPhrase> {
    Arc::new(RecoveryPhrase::of(&IdentityKey::from_seed(&[0x7f; 32])))
}

fn list(screen: &mut Screen, key: KeyView) {
    alice(screen);
    tell(screen, devices(key));
    click(screen, "Settings");
    click(screen, "Devices and recovery");
}

fn first_start(screen: &mut Screen) {
    let profile = ProfileView::New {
        keyring: KeyringView::Available,
    };
    tell(screen, Event::ProfileChanged { request: None, profile });
}

#[test]
fn the_list_says_which_device_this_is_and_a_removal_is_asked_about() {
    let mut screen = screen();
    list(&mut screen, KeyView::Written);
    assert!(says(&screen, "This device, yours since") && says(&screen, "Not connected, yours since"));
    click(&mut screen, "Remove Phone");
    assert!(says(&screen, "Remove Phone from all your parties?") && says(&screen, "does not come back"));
    click(&mut screen, "Cancel");
    click(&mut screen, "Remove Phone");
    click(&mut screen, "Remove");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::RemoveDevice { device } if device == PHONE));
    tell(&mut screen, Event::Done { request });
    assert!(says(&screen, "Only you see this list."));
}

#[test]
fn a_device_is_added_with_the_invite_dialog() {
    let mut screen = screen();
    list(&mut screen, KeyView::Written);
    click(&mut screen, "Add a device");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::AddDevice));
    let invitation = device_invitation(InvitationStage::Code { device_left: false });
    tell(&mut screen, Event::InvitationCreated { request, invitation });
    assert!(says(&screen, "Add your device") && says(&screen, "Give this code to nobody."));
    let stage = |stage| Event::InvitationChanged {
        invitation: device_invitation(stage),
    };
    tell(&mut screen, stage(pin_stage(0, 0)));
    assert!(says(&screen, "Your device is there"));
    let (member, name) = (ALICE, "Phone".to_owned());
    tell(&mut screen, stage(InvitationStage::Admitted { member, name }));
    assert!(says(&screen, "Phone is your device now"));
    click(&mut screen, "Done");
    assert!(!says(&screen, "Phone is your device now"));
}

#[test]
fn a_device_without_the_key_adds_none() {
    let mut screen = screen();
    list(&mut screen, KeyView::Elsewhere);
    assert!(!says(&screen, "Add a device") && !says(&screen, "Write it down"));
    assert!(says(&screen, "the one where you began"));
}

#[test]
fn the_phrase_lets_a_further_device_add_others() {
    let mut screen = screen();
    list(&mut screen, KeyView::Elsewhere);
    click(&mut screen, "Enter my phrase");
    assert!(screen.get_by_label("Keep the key here").accesskit_node().is_disabled());
    let words: Vec<String> = phrase().words().map(str::to_owned).collect();
    screen.get_by_label("Recovery phrase").focus();
    settle(&mut screen);
    screen.get_by_label("Recovery phrase").type_text(&words.join(" "));
    settle(&mut screen);
    click(&mut screen, "Keep the key here");
    let (request, Command::HoldIdentity { phrase: typed }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(typed.identity(), phrase().identity());
    tell(&mut screen, Event::Done { request });
    tell(&mut screen, devices(KeyView::Written));
    assert!(says(&screen, "Add a device"));
}

#[test]
fn the_phrase_is_shown_and_asked_back() {
    let mut screen = screen();
    list(&mut screen, KeyView::Unwritten);
    click(&mut screen, "Write it down");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::ShowPhrase));
    let phrase = phrase();
    let words: Vec<&str> = phrase.words().collect();
    tell(&mut screen, Event::PhraseShown { request, phrase });
    assert!(words.iter().all(|word| says(&screen, word)));
    click(&mut screen, "I have written them down");
    assert!(!says(&screen, "winner"), "the words are not there to be copied");
    let numbers: Vec<usize> = (1..=24)
        .filter(|number| screen.query_by_label(&format!("Word {number}")).is_some())
        .collect();
    assert_eq!(numbers.len(), 3);
    let type_word = |screen: &mut Screen, number: usize, word: &str| {
        let label = format!("Word {number}");
        screen.get_by_label(&label).focus();
        settle(screen);
        screen.get_by_label(&label).type_text(word);
        settle(screen);
    };
    for number in &numbers {
        type_word(&mut screen, *number, "zoo");
    }
    click(&mut screen, "Check");
    assert!(says(&screen, "That is not the word."));
    assert!(screen.state_mut().sent().is_none());
    click(&mut screen, "Show the words");
    click(&mut screen, "I have written them down");
    for number in 1..=24 {
        if screen.query_by_label(&format!("Word {number}")).is_some() {
            type_word(&mut screen, number, words[number - 1]);
        }
    }
    click(&mut screen, "Check");
    assert!(matches!(sent(&mut screen).1, Command::ConfirmPhrase));
}

#[test]
fn who_has_partyline_on_another_device_is_asked_for_its_code() {
    let mut screen = screen();
    first_start(&mut screen);
    click(&mut screen, "I use Partyline already");
    assert!(!says(&screen, "Your name"));
    click(&mut screen, "Start");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::CreateProfile { .. }));
    let Event::ProfileChanged { profile, .. } = open("New device", BOB) else {
        panic!("another event")
    };
    let request = Some(request);
    tell(&mut screen, Event::ProfileChanged { request, profile });
    assert!(says(&screen, "Paste the code that your other device shows."));
    screen
        .get_by_label("Invite code or link")
        .type_text(&device_code().to_text());
    settle(&mut screen);
    click(&mut screen, "Continue");
    let (request, Command::Redeem { .. }) = sent(&mut screen) else {
        panic!("another command")
    };
    let (person, device) = ("Alice".to_owned(), "Laptop".to_owned());
    tell(
        &mut screen,
        Event::RedemptionStarted {
            request,
            redemption: redemption(RedemptionStage::Pairing { person, device }),
        },
    );
    assert!(says(&screen, "This becomes a device of Alice.") && says(&screen, "Laptop hands over your parties."));
    tell(
        &mut screen,
        Event::RedemptionChanged {
            redemption: redemption(RedemptionStage::Paired { home: CREW }),
        },
    );
    assert!(says(&screen, "This is your device now"));
    click(&mut screen, "Done");
    assert!(!says(&screen, "This is your device now"));
}

#[test]
fn who_has_a_phrase_comes_back_with_it() {
    let mut screen = screen();
    first_start(&mut screen);
    click(&mut screen, "Recover with my phrase");
    screen.get_by_label("Your name").type_text("Alice");
    settle(&mut screen);
    let words: Vec<&str> = phrase().words().collect();
    let type_phrase = |screen: &mut Screen, text: &str| {
        screen.get_by_label("Recovery phrase").focus();
        settle(screen);
        screen.get_by_label("Recovery phrase").type_text(text);
        settle(screen);
    };
    let start = |screen: &Screen| !screen.get_by_label("Start").accesskit_node().is_disabled();
    type_phrase(&mut screen, &words[..23].join(" "));
    assert!(!start(&screen));
    type_phrase(&mut screen, " zoo");
    assert!(!start(&screen) && says(&screen, "These words are no recovery phrase"));
    for _ in 0..4 {
        screen.key_press(Key::Backspace);
    }
    settle(&mut screen);
    type_phrase(&mut screen, &format!(" {}", words[23]));
    assert!(start(&screen));
    click(&mut screen, "Start");
    let (
        _,
        Command::RecoverProfile {
            name, phrase: typed, ..
        },
    ) = sent(&mut screen)
    else {
        panic!("another command")
    };
    assert_eq!((name.as_str(), typed.identity()), ("Alice", phrase().identity()));
}
