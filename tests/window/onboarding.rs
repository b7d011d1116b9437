//! What stands before the main window.

use super::*;

fn profile(screen: &mut Screen, profile: ProfileView) {
    tell(screen, Event::ProfileChanged { request: None, profile });
}

#[test]
fn a_first_start_asks_for_a_name_only() {
    let mut screen = screen();
    settle(&mut screen);
    assert!(says(&screen, "Opening your profile"));
    profile(
        &mut screen,
        ProfileView::New {
            keyring: KeyringView::Available,
        },
    );
    assert_eq!(focused(&screen), "Your name");
    assert!(!says(&screen, "Passphrase"));
    screen.get_by_label("Your name").type_text("Alice");
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    let (_, command) = sent(&mut screen);
    assert!(matches!(command, Command::CreateProfile { name, protection: Protection::Keyring } if name == "Alice"));
}

#[test]
fn without_a_keyring_a_passphrase_is_typed_twice_or_done_without_explicitly() {
    let mut screen = screen();
    profile(
        &mut screen,
        ProfileView::New {
            keyring: KeyringView::Unavailable,
        },
    );
    screen.get_by_label("Your name").type_text("Alice");
    settle(&mut screen);
    let start = |screen: &Screen| !screen.get_by_label("Start").accesskit_node().is_disabled();
    assert!(!start(&screen), "nothing is chosen silently");
    for (field, text) in [
        ("Passphrase", "correct horse"),
        ("Passphrase once more", "correct hors"),
    ] {
        screen.get_by_label(field).focus();
        settle(&mut screen);
        screen.get_by_label(field).type_text(text);
        settle(&mut screen);
    }
    assert!(!start(&screen) && says(&screen, "The two are not the same"));
    screen.get_by_label("Passphrase once more").type_text("e");
    settle(&mut screen);
    assert!(start(&screen));
    click(&mut screen, "Start");
    let (_, Command::CreateProfile { protection, .. }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert!(matches!(protection, Protection::Passphrase(passphrase) if passphrase.as_str() == "correct horse"));
}

#[test]
fn doing_without_protection_warns() {
    let mut screen = screen();
    profile(
        &mut screen,
        ProfileView::New {
            keyring: KeyringView::Unavailable,
        },
    );
    screen.get_by_label("Your name").type_text("Alice");
    settle(&mut screen);
    click(&mut screen, "Protect your data with: Nothing");
    assert!(says(&screen, "Whoever can read your files"));
    click(&mut screen, "Start");
    assert!(matches!(
        sent(&mut screen).1,
        Command::CreateProfile {
            protection: Protection::Unprotected,
            ..
        }
    ));
}

#[test]
fn a_locked_profile_asks_for_its_passphrase_again_when_it_is_wrong() {
    let mut screen = screen();
    profile(&mut screen, ProfileView::Locked);
    assert_eq!(focused(&screen), "Passphrase");
    screen.get_by_label("Passphrase").type_text("guess");
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::UnlockProfile { .. }));
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::WrongPassphrase,
        },
    );
    assert!(says(&screen, "That passphrase is wrong."));
    assert_eq!(focused(&screen), "Passphrase");
}

#[test]
fn a_profile_that_cannot_be_opened_says_why() {
    let mut screen = screen();
    tell(
        &mut screen,
        Event::Failed {
            request: None,
            failure: Failure::ProfileInUse,
        },
    );
    tell(&mut screen, Event::Stopped);
    assert!(says(&screen, "already running with this profile") && says(&screen, "Use the window that is open"));
    let mut other = support::screen();
    profile(
        &mut other,
        ProfileView::KeyringSilent {
            failure: Failure::KeyringUnavailable,
        },
    );
    click(&mut other, "Try again");
    assert!(matches!(sent(&mut other).1, Command::RetryKeyring));
}
