//! Notes: typing, sending, what others write meanwhile, and what the engine refuses.

use operational_transform::OperationSeq;
use partyline::engine::{CursorView, TextChange};
use partyline::party::NoteId;

use super::*;

const PACKING: NoteId = NoteId::from_bytes([1; 16]);

fn opened() -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Notes (2)");
    click(&mut screen, "Packing list");
    note_opened(&mut screen);
    screen
}

/// What was sent, but for what nobody sees.
fn edits(screen: &mut Screen) -> Option<(RequestId, u64, OperationSeq)> {
    screen
        .state_mut()
        .all_sent()
        .into_iter()
        .find_map(|(request, command)| match command {
            Command::EditNote { revision, change, .. } => Some((request, revision, change.0)),
            _ => None,
        })
}

fn pass(screen: &mut Screen, millis: u64) {
    let now = screen.state().now;
    screen.state_mut().now = now.plus(Duration::from_millis(millis));
    settle(screen);
}

fn text(screen: &Screen) -> String {
    screen.get_by_label("Note text").value().unwrap_or_default()
}

fn write(screen: &mut Screen, words: &str) {
    screen.get_by_label("Note text").focus();
    settle(screen);
    screen.key_press_modifiers(egui::Modifiers::COMMAND, Key::End);
    settle(screen);
    screen.get_by_label("Note text").type_text(words);
    settle(screen);
}

fn edited(request: Option<RequestId>, revision: u64, change: OperationSeq) -> Event {
    Event::NoteEdited {
        request,
        party: CREW,
        note: PACKING,
        revision,
        change: TextChange(change),
    }
}

/// Somebody writes at the very beginning.
fn at_the_front(words: &str, length: usize) -> OperationSeq {
    let mut change = OperationSeq::default();
    change.insert(words);
    change.retain(length as u64);
    change
}

#[test]
fn typed_words_are_sent_after_a_moment_one_change_at_a_time() {
    let mut screen = opened();
    write(&mut screen, "And tea.");
    assert!(edits(&mut screen).is_none(), "more may be typed");
    pass(&mut screen, 200);
    let (request, revision, change) = edits(&mut screen).expect("an edit");
    assert_eq!(revision, 7);
    assert_eq!(change.apply(NOTE).expect("fits"), format!("{NOTE}And tea."));
    write(&mut screen, " And cake.");
    pass(&mut screen, 200);
    assert!(edits(&mut screen).is_none(), "one is in flight");
    tell(&mut screen, edited(Some(request), 8, change));
    pass(&mut screen, 200);
    let (_, revision, change) = edits(&mut screen).expect("an edit");
    assert_eq!(revision, 8);
    let before = format!("{NOTE}And tea.");
    assert_eq!(
        change.apply(&before).expect("fits"),
        format!("{NOTE}And tea. And cake.")
    );
}

#[test]
fn what_others_write_meanwhile_stays_and_undo_takes_back_only_the_own_words() {
    let mut screen = opened();
    write(&mut screen, "And tea.");
    tell(
        &mut screen,
        edited(None, 8, at_the_front("Bob: ", NOTE.chars().count())),
    );
    assert_eq!(text(&screen), format!("Bob: {NOTE}And tea."));
    screen.key_press_modifiers(egui::Modifiers::COMMAND, Key::Z);
    settle(&mut screen);
    assert_eq!(text(&screen), format!("Bob: {NOTE}"));
    screen.key_press_modifiers(egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, Key::Z);
    settle(&mut screen);
    assert_eq!(text(&screen), format!("Bob: {NOTE}And tea."));
}

#[test]
fn words_that_are_refused_can_be_copied() {
    let mut screen = opened();
    write(&mut screen, "And tea.");
    pass(&mut screen, 200);
    let (request, ..) = edits(&mut screen).expect("an edit");
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::DiskFull,
        },
    );
    assert_eq!(text(&screen), NOTE);
    assert!(says(&screen, "These words could not be added"));
    screen.get_by_label("Copy").click();
    screen.run_steps(2);
    assert!(says(&screen, "These words"));
}

#[test]
fn a_note_that_is_left_is_sent_and_closed() {
    let mut screen = opened();
    write(&mut screen, "And tea.");
    screen.state_mut().all_sent();
    click(&mut screen, "Tasks (4)");
    let (request, _, change) = edits(&mut screen).expect("an edit");
    tell(&mut screen, edited(Some(request), 8, change));
    let sent = screen.state_mut().all_sent();
    assert!(
        sent.iter()
            .any(|(_, command)| matches!(command, Command::CloseNote { note: PACKING, .. }))
    );
}

#[test]
fn a_new_note_begins_with_its_title() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Notes (2)");
    click(&mut screen, "New note");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::AddNote { .. }));
    let mut party = crew();
    let new = NoteId::from_bytes([9; 16]);
    party.notes = std::iter::once(Arc::new(note(9, "Untitled note", "", ALICE, 0)))
        .chain(party.notes.iter().cloned())
        .collect();
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    tell(&mut screen, Event::NoteAdded { request, note: new });
    note_opened(&mut screen);
    assert_eq!(focused(&screen), "Note title");
    screen.get_by_label("Note title").type_text("Menu");
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    let sent = screen.state_mut().all_sent();
    let is_saved = |command: &Command| matches!(command, Command::RetitleNote { title, .. } if title == "Menu");
    assert!(sent.iter().any(|(_, command)| is_saved(command)));
    assert_eq!((focused(&screen).as_str(), text(&screen).as_str()), ("Note text", NOTE));
}

#[test]
fn the_title_leads_to_the_text_and_nowhere_else() {
    for key in [Key::Tab, Key::Enter] {
        let mut screen = opened();
        screen.get_by_label("Note title").focus();
        settle(&mut screen);
        screen.get_by_label("Note title").type_text("!");
        settle(&mut screen);
        screen.key_press(key);
        settle(&mut screen);
        assert_eq!((focused(&screen).as_str(), text(&screen).as_str()), ("Note text", NOTE));
        let sent = screen.state_mut().all_sent();
        let saved = sent
            .iter()
            .any(|(_, command)| matches!(command, Command::RetitleNote { .. }));
        assert!(saved, "{key:?}");
    }
    let mut screen = opened();
    screen.get_by_label("Note title").focus();
    settle(&mut screen);
    screen.key_press_modifiers(egui::Modifiers::SHIFT, Key::Tab);
    settle(&mut screen);
    assert!(!focused(&screen).starts_with("Note "), "backwards it is as everywhere");
}

#[test]
fn a_selection_becomes_bold() {
    let mut screen = opened();
    write(&mut screen, "tea");
    let word = egui::Modifiers::CTRL | egui::Modifiers::COMMAND | egui::Modifiers::SHIFT;
    screen.key_press_modifiers(word, Key::ArrowLeft);
    settle(&mut screen);
    screen.key_press_modifiers(egui::Modifiers::COMMAND, Key::B);
    settle(&mut screen);
    assert_eq!(text(&screen), format!("{NOTE}**tea**"));
}

#[test]
fn cursors_are_shown_and_told() {
    let mut screen = opened();
    let cursors = vec![CursorView { member: BOB, at: 4 }];
    tell(
        &mut screen,
        Event::CursorsMoved {
            party: CREW,
            note: PACKING,
            revision: 7,
            cursors,
        },
    );
    screen.state_mut().all_sent();
    screen.get_by_label("Note text").focus();
    settle(&mut screen);
    pass(&mut screen, 150);
    let sent = screen.state_mut().all_sent();
    assert!(sent.iter().any(|(_, command)| matches!(
        command,
        Command::ShowCursor {
            at: Some(_),
            revision: 7,
            ..
        }
    )));
    click(&mut screen, "Tasks (4)");
    assert!(screen.query_by_label("Note text").is_none());
}

#[test]
fn in_a_narrow_window_there_is_a_way_back_to_the_list() {
    let mut screen = window(builder(egui::Theme::Light).with_size([760.0, 600.0]));
    alice(&mut screen);
    click(&mut screen, "Notes (2)");
    click(&mut screen, "Packing list");
    note_opened(&mut screen);
    assert!(!says(&screen, "Huts we liked"));
    click(&mut screen, "Back to the notes");
    assert!(says(&screen, "Huts we liked") && screen.query_by_label("Note text").is_none());
}

#[test]
fn a_reader_reads_a_note_and_writes_nothing() {
    let mut screen = screen();
    alice(&mut screen);
    let mut party = crew();
    party.role = Some(Role::Reader);
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    click(&mut screen, "Notes (2)");
    assert!(!says(&screen, "New note"));
    click(&mut screen, "Packing list");
    note_opened(&mut screen);
    write(&mut screen, "And tea.");
    assert_eq!(text(&screen), NOTE);
}
