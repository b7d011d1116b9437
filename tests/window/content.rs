//! Tasks, messages and files: what each click asks for, and what comes of the answers.

use partyline::engine::{SaveTo, TransferStage, UnreadView};
use partyline::party::{FileId, ItemId, MessageId};
use partyline::time::Day;

use super::*;

fn task_id(byte: u8) -> TaskId {
    TaskId::from_bytes([byte; 16])
}

pub(crate) fn tab(name: &str) -> Screen {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, name);
    screen
}

fn press(screen: &mut Screen, modifiers: egui::Modifiers, key: Key) {
    screen.key_press_modifiers(modifiers, key);
    settle(screen);
}

fn write(screen: &mut Screen, label: &str, text: &str) {
    screen.get_by_label(label).focus();
    settle(screen);
    screen.get_by_label(label).type_text(text);
    settle(screen);
}

#[test]
fn a_task_is_given_to_a_member_or_to_nobody() {
    let mut screen = tab("Tasks (4)");
    click(&mut screen, "Assign: Buy gas cartridges");
    let item = egui::accesskit::Role::MenuItem;
    screen.get_by_role_and_label(item, "Bob Tanaka").click();
    settle(&mut screen);
    assert!(matches!(sent(&mut screen).1, Command::AssignTask { task, member: Some(BOB), .. } if task == task_id(4)));
    click(&mut screen, "Assigned to Bob Tanaka: Book the hut for Saturday night");
    click(&mut screen, "Nobody");
    assert!(matches!(sent(&mut screen).1, Command::AssignTask { task, member: None, .. } if task == task_id(1)));
}

#[test]
fn a_day_is_chosen_from_the_menu_or_from_a_month() {
    let mut screen = tab("Tasks (4)");
    click(&mut screen, "Set a day: Buy gas cartridges");
    click(&mut screen, "Tomorrow");
    let due = |screen: &mut Screen| match sent(screen).1 {
        Command::SetTaskDue { due, .. } => due,
        other => panic!("another command: {other:?}"),
    };
    assert_eq!(due(&mut screen), Some(Day(TODAY.0 + 1)));
    click(&mut screen, "Set a day: Buy gas cartridges");
    click(&mut screen, "Choose a day");
    click(&mut screen, "Month after");
    click(&mut screen, "14 July 2026");
    assert_eq!(due(&mut screen), Some(Day(TODAY.0 + 34)));
    assert!(!says(&screen, "Month after"));
    click(&mut screen, "Due Yesterday: Plan the train there and back");
    click(&mut screen, "No date");
    assert_eq!(due(&mut screen), None);
}

#[test]
fn a_task_is_moved_by_the_keyboard_and_by_dragging() {
    let mut screen = tab("Tasks (4)");
    let check = egui::accesskit::Role::CheckBox;
    screen
        .get_by_role_and_label(check, "Plan the train there and back")
        .focus();
    settle(&mut screen);
    let moved = |screen: &mut Screen| match sent(screen).1 {
        Command::MoveTask { task, after, .. } => (task, after),
        other => panic!("another command: {other:?}"),
    };
    press(&mut screen, egui::Modifiers::ALT, Key::ArrowUp);
    assert_eq!(moved(&mut screen), (task_id(3), Some(task_id(1))));
    press(&mut screen, egui::Modifiers::ALT, Key::ArrowDown);
    assert_eq!(moved(&mut screen), (task_id(3), Some(task_id(4))));

    let row = |screen: &Screen, title: &str| screen.get_by_role_and_label(check, title).rect().center();
    let from = row(&screen, "Buy gas cartridges") + egui::vec2(250.0, 0.0);
    let to = row(&screen, "Book the hut for Saturday night") + egui::vec2(250.0, -20.0);
    screen.drag_at(from);
    screen.step();
    screen.hover_at(from + egui::vec2(0.0, -30.0));
    screen.step();
    screen.hover_at(to);
    screen.step();
    screen.drop_at(to);
    settle(&mut screen);
    assert_eq!(moved(&mut screen), (task_id(4), None));
}

#[test]
fn what_was_done_to_tasks_is_undone_and_done_again() {
    let mut screen = tab("Tasks (4)");
    let check = egui::accesskit::Role::CheckBox;
    screen.get_by_role_and_label(check, "Buy gas cartridges").click();
    settle(&mut screen);
    let done = |screen: &mut Screen| match sent(screen).1 {
        Command::SetTaskDone { done, .. } => done,
        other => panic!("another command: {other:?}"),
    };
    assert!(done(&mut screen));
    press(&mut screen, egui::Modifiers::COMMAND, Key::Z);
    assert!(!done(&mut screen));
    press(&mut screen, egui::Modifiers::COMMAND | egui::Modifiers::SHIFT, Key::Z);
    assert!(done(&mut screen));
    click(&mut screen, "Change task: Buy gas cartridges");
    click(&mut screen, "Delete");
    press(&mut screen, egui::Modifiers::COMMAND, Key::Z);
    assert!(matches!(sent(&mut screen).1, Command::RestoreItem { item: ItemId::Task(task), .. } if task == task_id(4)));
}

#[test]
fn enter_sends_a_message_and_a_refused_one_is_not_lost() {
    let mut screen = tab("Messages (6)");
    write(&mut screen, "Message", "On my way");
    press(&mut screen, egui::Modifiers::SHIFT, Key::Enter);
    assert!(screen.state_mut().sent().is_none(), "Shift+Enter begins a line");
    screen.get_by_label("Message").type_text("with cake");
    settle(&mut screen);
    press(&mut screen, egui::Modifiers::NONE, Key::Enter);
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::SendMessage { text, reply_to: None, .. } if text == "On my way\nwith cake"));
    assert_eq!(focused(&screen), "Message");
    let failure = Failure::DiskFull;
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure,
        },
    );
    let text = screen.get_by_label("Message").value();
    assert_eq!(text.as_deref(), Some("On my way\nwith cake"));
}

#[test]
fn a_message_is_answered_and_esc_stops_answering() {
    let mut screen = tab("Messages (6)");
    let reply = "Reply to Bob Tanaka: Bring the tent?";
    click(&mut screen, reply);
    assert!(says(&screen, "Replying to Bob Tanaka"));
    assert_eq!(focused(&screen), "Message");
    press(&mut screen, egui::Modifiers::NONE, Key::Escape);
    assert!(!says(&screen, "Replying to"));
    click(&mut screen, reply);
    write(&mut screen, "Message", "Yes");
    press(&mut screen, egui::Modifiers::NONE, Key::Enter);
    let expected = MessageId::from_bytes([6; 16]);
    assert!(matches!(sent(&mut screen).1, Command::SendMessage { reply_to: Some(message), .. } if message == expected));
}

#[test]
fn only_the_own_messages_can_be_deleted() {
    let mut screen = tab("Messages (6)");
    assert!(!says(&screen, "Delete: Bring the tent?"));
    click(&mut screen, "Delete: Me. I booked two seats, yours is 42.");
    let item = ItemId::Message(MessageId::from_bytes([3; 16]));
    assert!(matches!(sent(&mut screen).1, Command::DeleteItem { item: deleted, .. } if deleted == item));
}

#[test]
fn what_is_seen_counts_as_read_once_and_the_line_stays() {
    let mut screen = tab("Tasks (4)");
    let mut party = crew();
    party.unread = UnreadView {
        messages: 2,
        first: Some(MessageId::from_bytes([5; 16])),
    };
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    assert!(says(&screen, "Hiking crew, 2 unread") && screen.state_mut().sent().is_none());
    click(&mut screen, "Messages (6)");
    assert!(matches!(sent(&mut screen).1, Command::MarkRead { party: CREW }));
    settle(&mut screen);
    assert!(screen.state_mut().sent().is_none(), "once");
    tell(
        &mut screen,
        Event::PartyChanged {
            party: Arc::new(crew()),
        },
    );
    assert!(screen.state_mut().sent().is_none());
}

#[test]
fn of_ten_thousand_messages_only_what_can_be_seen_is_drawn() {
    let mut screen = tab("Messages (6)");
    let mut party = crew();
    party.messages = many_messages(10_000);
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    screen.run_steps(80);
    let drawn = screen.query_all_by_label_contains("Reply to").count();
    assert!((3..40).contains(&drawn), "{drawn}");
    assert!(says(&screen, "Message 9999"), "the newest is at the bottom");
    let delay = |screen: &Screen| screen.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert!(delay(&screen) > Duration::from_millis(100), "all are measured");
}

#[test]
fn further_up_a_button_leads_back_to_the_newest_message() {
    let mut screen = tab("Messages (6)");
    let mut party = crew();
    party.messages = many_messages(200);
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    screen.run_steps(20);
    assert!(!says(&screen, "To the newest message"), "there already");
    screen.hover_at(egui::pos2(560.0, 400.0));
    screen.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 900.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    });
    screen.run_steps(40);
    assert!(!says(&screen, "Message 199,"), "out of sight");
    click(&mut screen, "To the newest message");
    screen.run_steps(20);
    assert!(says(&screen, "Message 199,") && !says(&screen, "To the newest message"));
}

#[test]
fn files_are_got_stopped_opened_saved_renamed_and_deleted() {
    let mut screen = tab("Files (4)");
    let id = |byte: u8| FileId::from_bytes([byte; 16]);
    click(&mut screen, "Download hut-north-face.jpg");
    assert!(matches!(sent(&mut screen).1, Command::FetchFile { file, .. } if file == id(2)));
    let coming = TransferStage::Coming {
        rate: 800_000,
        seconds_left: Some(3),
    };
    tell(
        &mut screen,
        transfer(2, "hut-north-face.jpg", 1_200_000, 3_449_000, coming),
    );
    assert!(says(&screen, "1.2 MB of 3.4 MB, 800 kB/s, 3 s left"));
    click(&mut screen, "Stop: hut-north-face.jpg");
    assert!(matches!(sent(&mut screen).1, Command::CancelTransfer { file, .. } if file == id(2)));
    tell(
        &mut screen,
        transfer(2, "hut-north-face.jpg", 0, 0, TransferStage::Cancelled),
    );
    assert!(says(&screen, "Download hut-north-face.jpg"));

    click(&mut screen, "Open minutes.pdf");
    assert!(matches!(sent(&mut screen).1, Command::SaveFile { file, to: SaveTo::Open, .. } if file == id(1)));
    click(&mut screen, "Change file: minutes.pdf");
    click(&mut screen, "Rename");
    assert_eq!(focused(&screen), "File name");
    screen.get_by_label("File name").type_text("x");
    settle(&mut screen);
    press(&mut screen, egui::Modifiers::NONE, Key::Enter);
    assert!(matches!(sent(&mut screen).1, Command::RenameFile { file, .. } if file == id(1)));
    click(&mut screen, "Change file: minutes.pdf");
    click(&mut screen, "Delete");
    assert!(matches!(sent(&mut screen).1, Command::DeleteItem { item: ItemId::File(file), .. } if file == id(1)));
}

#[test]
fn an_incomplete_party_says_so_and_is_not_changed() {
    let mut screen = tab("Messages (6)");
    let mut party = crew();
    party.health = partyline::engine::PartyHealth::Incomplete;
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    assert!(says(&screen, "Part of this party could not be read"));
    assert!(screen.query_by_label("Message").is_none() && !says(&screen, "Reply to"));
}
