//! Search, members, deleted things, history, shortcuts, storage.

use partyline::party::ItemId;

use super::*;

fn alone() -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    screen
}

#[test]
fn a_search_finds_by_kind_and_enter_goes_there() {
    let mut screen = alone();
    screen.key_press_modifiers(egui::Modifiers::COMMAND, Key::F);
    settle(&mut screen);
    assert_eq!(focused(&screen), "Search in all parties");
    screen.get_by_label("Search in all parties").type_text("hut");
    settle(&mut screen);
    screen.state_mut().now = NOW.plus(Duration::from_secs(1));
    settle(&mut screen);
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::Search { party: None, words } if words == "hut"));
    tell(&mut screen, found(request));
    assert!(says(&screen, "Note: Packing list") && says(&screen, "File: hut-north-face.jpg"));
    screen.key_press(Key::ArrowDown);
    settle(&mut screen);
    screen.key_press(Key::ArrowDown);
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    assert!(!says(&screen, "Search in all parties"));
    assert!(screen.query_by_label("Message").is_some(), "the tab with the message");
}

#[test]
fn a_member_has_a_page_on_which_the_role_is_changed() {
    let mut screen = alone();
    click(&mut screen, "About Bob Tanaka");
    assert!(says(&screen, "Let in by Alice Meier") && says(&screen, "with an invite code and a PIN"));
    click(&mut screen, "Role: Reader");
    let (request, command) = sent(&mut screen);
    assert!(matches!(
        command,
        Command::ChangeRole {
            member: BOB,
            role: Role::Reader,
            ..
        }
    ));
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::DiskFull,
        },
    );
    assert!(says(&screen, "The disk is full"));
    click(&mut screen, "Close");
    click(&mut screen, "About Alice Meier");
    assert!(says(&screen, "Founded this party") && !says(&screen, "Role: Reader"));
}

#[test]
fn what_was_deleted_is_restored() {
    let mut screen = alone();
    let mut party = crew();
    party.deleted = deleted();
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    click(&mut screen, "More about this party");
    click(&mut screen, "Deleted");
    click(&mut screen, "Restore Buy a new rope");
    let item = ItemId::Task(TaskId::from_bytes([21; 16]));
    assert!(matches!(sent(&mut screen).1, Command::RestoreItem { item: restored, .. } if restored == item));
}

#[test]
fn the_history_of_a_thing_is_read() {
    let mut screen = alone();
    click(&mut screen, "Change task: Book the hut for Saturday night");
    click(&mut screen, "History");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::ReadHistory { .. }));
    let changes = history();
    tell(&mut screen, Event::HistoryRead { request, changes });
    assert!(says(&screen, "Clara Novak gave it to Bob Tanaka") && says(&screen, "replaced since"));
}

#[test]
fn a_question_mark_shows_the_shortcuts_and_digits_the_tabs() {
    let mut screen = alone();
    screen.event(egui::Event::Text("?".to_owned()));
    settle(&mut screen);
    assert!(says(&screen, "Keyboard shortcuts"));
    screen.key_press(Key::Escape);
    settle(&mut screen);
    for (key, there) in [
        (Key::Num2, "New note"),
        (Key::Num3, "Message"),
        (Key::Num4, "Drop files here, or click to choose"),
    ] {
        screen.key_press_modifiers(egui::Modifiers::COMMAND, key);
        settle(&mut screen);
        assert!(screen.query_by_label(there).is_some(), "{there}");
    }
}

#[test]
fn the_storage_is_compacted() {
    let mut screen = alone();
    click(&mut screen, "Settings");
    click(&mut screen, "Compact");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::CompactStorage));
    let (before, after) = (5_000_000, 3_000_000);
    tell(&mut screen, Event::StorageCompacted { request, before, after });
    assert!(says(&screen, "From 5 MB to 3 MB"));
}
