//! Files come in and go out: chosen with the system's dialog, or dropped on the window. What does not work says why.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::channel;

use partyline::desktop::{Choice, ChooseError, Surface};
use partyline::engine::{SaveTo, TransferStage};

use super::content::tab;
use super::*;

const DROP: &str = "Drop files here, or click to choose";

/// Draws until this is there. What chooses has a thread of its own, so nobody knows how many frames it takes.
fn draw_until<T>(screen: &mut Screen, mut met: impl FnMut(&mut Screen) -> Option<T>) -> T {
    loop {
        screen.step();
        if let Some(met) = met(screen) {
            return met;
        }
        std::thread::yield_now();
    }
}

/// Draws until the thread that chooses has answered.
fn chosen(screen: &mut Screen) -> Command {
    draw_until(screen, |screen| screen.state_mut().sent()).1
}

fn wait_for(screen: &mut Screen, text: &str) {
    draw_until(screen, |screen| says(screen, text).then_some(()));
}

fn files_of(set_up: impl FnOnce(partyline::ui::App) -> partyline::ui::App) -> Screen {
    let mut screen = window_of(builder(egui::Theme::Light), set_up);
    alice(&mut screen);
    click(&mut screen, "Files (4)");
    screen
}

#[test]
fn files_and_folders_are_chosen_with_the_systems_dialog() {
    let mut screen = tab("Files (4)");
    let path = Path::new("/home/alice/hut.jpg");
    click(&mut screen, DROP);
    assert!(matches!(chosen(&mut screen), Command::AddFile { party: CREW, path: added } if added == path));
    click(&mut screen, "Change file: route-saturday.gpx");
    click(&mut screen, "Save as");
    assert!(matches!(chosen(&mut screen), Command::SaveFile { to: SaveTo::Path(to), .. } if to == path));
    click(&mut screen, "More about this party");
    click(&mut screen, "Export party");
    let Command::ExportParty { folder, .. } = chosen(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(folder, path);
    tell(
        &mut screen,
        Event::PartyExported {
            request: RequestId(99),
            missing_files: 1,
        },
    );
    assert!(says(&screen, "One file is missing"));
    click(&mut screen, "More about this party");
    click(&mut screen, "Import a party");
    assert!(matches!(chosen(&mut screen), Command::ImportParty { folder } if folder == path));
}

#[test]
fn a_second_click_opens_no_second_dialog() {
    let (answer, answers) = channel::<Vec<PathBuf>>();
    let (open, opened) = channel::<Choice>();
    let answers = Mutex::new(answers);
    let mut screen = files_of(|app| {
        app.choosing_with(move |choice| {
            open.send(choice).expect("the test");
            Ok(answers.lock().expect("no panic").recv().expect("an answer"))
        })
    });
    click(&mut screen, DROP);
    assert_eq!(opened.recv(), Ok(Choice::Files));
    click(&mut screen, DROP);
    answer.send(vec!["/a".into(), "/b".into()]).expect("a dialog");
    for expected in ["/a", "/b"] {
        let (_, command) = draw_until(&mut screen, |screen| screen.state_mut().next_sent());
        assert!(matches!(command, Command::AddFile { path, .. } if path == Path::new(expected)));
    }
    assert!(opened.try_recv().is_err(), "one dialog");
    click(&mut screen, DROP);
    assert_eq!(opened.recv(), Ok(Choice::Files), "the next one");
    answer.send(Vec::new()).expect("a dialog");
}

#[test]
fn a_desktop_without_dialogs_says_so_and_what_to_do() {
    for (error, happened) in [
        (ChooseError::NoBus, "its session bus does not answer"),
        (ChooseError::NotOffered, "This desktop has no file dialog for programs"),
        (ChooseError::Failed, "did not open, or ended by itself"),
    ] {
        let mut screen = files_of(|app| app.choosing_with(move |_| Err(error)));
        click(&mut screen, DROP);
        wait_for(&mut screen, "drop the files on this window");
        assert!(says(&screen, happened), "{error:?}");
        assert!(screen.state_mut().sent().is_none());
        click(&mut screen, "More about this party");
        click(&mut screen, "Export party");
        wait_for(&mut screen, "partyline party export");
        click(&mut screen, "Settings");
        click(&mut screen, "Import a party");
        wait_for(&mut screen, "partyline party import");
        assert!(!says(&screen, "Your name"), "the sentence is not behind a dialog");
    }
}

#[test]
fn a_desktop_without_dialogs_says_so_where_a_picture_is_asked_for() {
    let mut screen = window_of(builder(egui::Theme::Light), |app| {
        app.choosing_with(|_| Err(ChooseError::NotOffered))
    });
    alice(&mut screen);
    click(&mut screen, "Join with a code");
    click(&mut screen, "QR in a picture");
    wait_for(&mut screen, "has no file dialog for programs");
}

#[test]
fn where_nothing_can_be_dropped_nothing_is_promised() {
    let screen = files_of(|app| app.shown_by(Surface::Wayland));
    assert!(says(&screen, "Click to choose files") && !says(&screen, "Drop files"));
    let mut screen = files_of(|app| {
        let app = app.choosing_with(|_| Err(ChooseError::NotOffered));
        app.shown_by(Surface::Wayland)
    });
    click(&mut screen, "Click to choose files");
    wait_for(&mut screen, "partyline file add");
}

#[test]
fn what_is_dropped_anywhere_is_added() {
    for name in ["Tasks (4)", "Messages (6)", "Files (4)"] {
        let mut screen = tab(name);
        drag(&mut screen);
        let words = "Let go to add them to this party's files";
        assert_eq!(says(&screen, words), name != "Files (4)", "{name}");
        assert!(says(&screen, "Let go to add them to this party"), "{name}");
        drop_file(&mut screen, "/home/alice/route.gpx");
        assert!(matches!(sent(&mut screen).1, Command::AddFile { path, .. } if path.ends_with("route.gpx")));
        assert!(!says(&screen, "Let go"), "{name}");
    }
}

#[test]
fn nothing_is_promised_behind_a_dialog() {
    let mut screen = tab("Files (4)");
    click(&mut screen, "Settings");
    drag(&mut screen);
    assert!(!says(&screen, "Let go"));
    drop_file(&mut screen, "/home/alice/route.gpx");
    assert!(screen.state_mut().sent().is_none());
}

#[test]
fn what_cannot_be_added_is_told_by_its_name_and_goes_when_it_is_dismissed() {
    let mut screen = tab("Files (4)");
    drop_file(&mut screen, "/home/alice/Photos");
    let (request, _) = sent(&mut screen);
    let name = "Photos";
    tell(&mut screen, transfer(9, name, 0, 0, TransferStage::Adding));
    assert!(says(&screen, "Stop: Photos"));
    let failed = TransferStage::Failed(Failure::FileIsFolder);
    tell(&mut screen, transfer(9, name, 0, 0, failed));
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: Failure::FileIsFolder,
        },
    );
    assert!(says(&screen, "Photos was not added. Folders cannot be added."));
    click(&mut screen, "Dismiss: Photos");
    assert!(!says(&screen, "Dismiss: Photos"), "the row has gone");
    assert!(
        screen.state_mut().sent().is_none(),
        "the worker knows nothing of it any more"
    );
    assert!(
        says(&screen, "Photos was not added"),
        "the notice stays until it is read"
    );
}
