//! Parties, tasks, members, settings.

use super::*;

#[test]
fn the_first_thing_is_to_create_a_party_or_to_join_one() {
    let mut screen = screen();
    tell(&mut screen, open("Alice", ALICE));
    click(&mut screen, "Create a party");
    assert_eq!(focused(&screen), "Name of the party");
    screen.get_by_label("Name of the party").type_text("Hiking crew");
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::CreateParty { name } if name == "Hiking crew"));
    tell(
        &mut screen,
        Event::PartyChanged {
            party: Arc::new(crew()),
        },
    );
    tell(&mut screen, Event::PartyCreated { request, party: CREW });
    assert!(!says(&screen, "Name of the party") && says(&screen, "3 members, 2 online"));
}

#[test]
fn tasks_are_added_checked_renamed_and_deleted() {
    let mut screen = screen();
    alice(&mut screen);
    screen.get_by_label("New task").focus();
    settle(&mut screen);
    screen.get_by_label("New task").type_text("Pack the stove");
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::AddTask { title, .. } if title == "Pack the stove"));
    assert!(!says(&screen, "Pack the stove"), "it shows when it is on the disk");
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::DiskFull,
        },
    );
    assert_eq!(
        screen.get_by_label("New task").value().as_deref(),
        Some("Pack the stove"),
        "nothing typed is lost"
    );
    assert!(says(&screen, "The disk is full"));
    click(&mut screen, "Dismiss");

    screen
        .get_by_role_and_label(egui::accesskit::Role::CheckBox, "Buy gas cartridges")
        .click();
    settle(&mut screen);
    let task = TaskId::from_bytes([4; 16]);
    assert!(matches!(sent(&mut screen).1, Command::SetTaskDone { task: done, done: true, .. } if done == task));

    click(&mut screen, "Change task: Buy gas cartridges");
    click(&mut screen, "Edit");
    assert_eq!(focused(&screen), "Task title");
    screen.get_by_label("Task title").type_text("!");
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    let (_, Command::RetitleTask { title, .. }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert!(title.contains("Buy gas cartridges") && title.contains('!'), "{title}");

    click(&mut screen, "Change task: Buy gas cartridges");
    click(&mut screen, "Delete");
    assert!(matches!(sent(&mut screen).1, Command::DeleteItem { item: ItemId::Task(deleted), .. } if deleted == task));
}

#[test]
fn in_a_narrow_window_the_members_are_a_click_away() {
    let mut screen = window(builder(egui::Theme::Light).with_size([780.0, 640.0]));
    alice(&mut screen);
    assert!(!says(&screen, "About Clara Novak"));
    click(&mut screen, "Show or hide members");
    assert!(says(&screen, "About Clara Novak") && says(&screen, "Book the hut"));
    click(&mut screen, "Show or hide members");
    assert!(!says(&screen, "About Clara Novak"));
}

#[test]
fn removing_and_leaving_are_confirmed() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "About Bob Tanaka");
    click(&mut screen, "Remove Bob Tanaka");
    assert!(says(&screen, "Remove Bob Tanaka from Hiking crew?"));
    click(&mut screen, "Remove");
    let (request, command) = sent(&mut screen);
    assert!(matches!(
        command,
        Command::RemoveMember {
            party: CREW,
            member: BOB
        }
    ));
    tell(&mut screen, Event::Done { request });
    assert!(!says(&screen, "from Hiking crew?"));

    click(&mut screen, "More about this party");
    click(&mut screen, "Leave party");
    assert!(says(&screen, "Leave Hiking crew?"));
    click(&mut screen, "Leave");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::LeaveParty { party: CREW }));
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::LastOwner,
        },
    );
    assert!(says(&screen, "You are the only owner"));
}

#[test]
fn settings_change_the_name_and_the_theme() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Settings");
    assert!(says(&screen, "This computer only") && says(&screen, "Partyline 0."));
    click(&mut screen, "Appearance: Dark");
    assert_eq!(screen.ctx.theme(), egui::Theme::Dark);
    screen.get_by_label("Your name").focus();
    settle(&mut screen);
    screen.get_by_label("Your name").type_text("x");
    settle(&mut screen);
    click(&mut screen, "Save");
    assert!(matches!(sent(&mut screen).1, Command::RenameSelf { .. }));
}

#[test]
fn readers_change_nothing() {
    let mut screen = screen();
    alice(&mut screen);
    let mut party = crew();
    party.role = Some(Role::Reader);
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    assert!(says(&screen, "You are a reader here") && !says(&screen, "New task") && !says(&screen, "Change task"));
}

#[test]
fn of_ten_thousand_tasks_only_what_can_be_seen_is_drawn() {
    let mut screen = screen();
    alice(&mut screen);
    let mut party = crew();
    party.tasks = (0..10_000_u32)
        .map(|number| {
            let mut task = task(0, &format!("Task {number}"), BOB);
            let mut id = [0; 16];
            id[..4].copy_from_slice(&number.to_be_bytes());
            task.id = TaskId::from_bytes(id);
            Arc::new(task)
        })
        .collect();
    tell(&mut screen, Event::PartyChanged { party: Arc::new(party) });
    let drawn = screen.query_all_by_label_contains("Change task").count();
    assert!((5..30).contains(&drawn), "{drawn}");
}
