//! The camera in the Redeem dialog: where there is one, what it sees, how it ends.

use std::sync::atomic::{AtomicBool, Ordering};

use partyline::desktop::{CameraError, CameraId, CameraOffer, Cameras, Frames};

use super::qr::{draw_until, qr};
use super::*;

const SEES: &str = "What the camera sees";

/// Bob's Redeem dialog on a computer with these cameras.
fn with_cameras(cameras: impl Cameras + 'static) -> Screen {
    let mut screen = window_of(builder(egui::Theme::Light), |app| app.looking_through(cameras));
    tell(&mut screen, open("Bob", BOB));
    click(&mut screen, "Join with a code");
    screen
}

/// Waits until the camera is on.
fn let_it_see(screen: &mut Screen, hand: &Hand) {
    hand.hold_up(image::GrayImage::new(320, 180));
    draw_until(screen, SEES);
    settle(screen);
    assert_eq!(focused(screen), "Cancel");
}

/// The camera is on, and sees nothing yet.
pub(crate) fn looking(lens: Lens) -> Screen {
    let mut screen = with_cameras(lens);
    press_camera(&mut screen);
    screen
}

fn press_camera(screen: &mut Screen) {
    draw_until(screen, "Camera");
    click(screen, "Camera");
    assert!(says(screen, "Hold the code in front of the camera"));
    assert_eq!(focused(screen), "Cancel");
}

fn field(screen: &Screen) -> String {
    screen.get_by_label("Invite code or link").value().unwrap_or_default()
}

#[test]
fn a_code_that_is_held_up_fills_the_field_and_starts_nothing() {
    let (lens, hand) = lens();
    let mut screen = looking(lens);
    assert!(says(&screen, "The camera starts"));
    let_it_see(&mut screen, &hand);
    hand.show(None);
    hand.hold_up(qr(&code().to_qr_text()));
    draw_until(&mut screen, "The code is complete");
    hand.wait_until_off();
    assert_eq!(field(&screen), code().to_text().as_str());
    settle(&mut screen);
    assert_eq!(focused(&screen), "Invite code or link");
    assert!(screen.state_mut().sent().is_none());
}

#[test]
fn another_qr_is_told_and_the_camera_goes_on_looking() {
    let (lens, hand) = lens();
    let mut screen = looking(lens);
    hand.hold_up(qr("https://example.org/menu"));
    draw_until(&mut screen, "That QR code is no invite code");
    hand.hold_up(image::GrayImage::new(320, 180));
    hand.hold_up(qr(&code().to_qr_text()));
    draw_until(&mut screen, "The code is complete");
    hand.wait_until_off();
}

#[test]
fn a_code_on_a_dark_ground_is_read_within_a_few_frames() {
    let (lens, hand) = lens();
    let mut screen = looking(lens);
    let mut dark = qr(&code().to_qr_text());
    image::imageops::invert(&mut dark);
    for _ in 0..4 {
        hand.hold_up(dark.clone());
    }
    draw_until(&mut screen, "The code is complete");
}

#[test]
fn whoever_changes_their_mind_is_back_at_the_code_and_the_camera_is_off() {
    let (lens, hand) = lens();
    let mut screen = with_cameras(lens);
    screen
        .get_by_label("Invite code or link")
        .type_text("party1 half of it");
    settle(&mut screen);
    press_camera(&mut screen);
    let_it_see(&mut screen, &hand);
    click(&mut screen, "Cancel");
    hand.wait_until_off();
    assert_eq!(field(&screen), "party1 half of it");
    press_camera(&mut screen);
    let_it_see(&mut screen, &hand);
    screen.key_press(Key::Escape);
    settle(&mut screen);
    hand.wait_until_off();
    assert_eq!(focused(&screen), "Invite code or link");
    // At once again: it is on once at a time.
    press_camera(&mut screen);
    let_it_see(&mut screen, &hand);
    click(&mut screen, "Cancel");
    press_camera(&mut screen);
    hand.wait_until_off();
    hand.hold_up(qr(&code().to_qr_text()));
    draw_until(&mut screen, "The code is complete");
}

#[test]
fn the_camera_goes_off_with_the_window() {
    let (lens, hand) = lens();
    let mut screen = looking(lens);
    let_it_see(&mut screen, &hand);
    drop(screen);
    hand.wait_until_off();
}

#[test]
fn a_link_takes_the_place_of_the_camera() {
    let (lens, hand) = lens();
    let mut screen = looking(lens);
    let_it_see(&mut screen, &hand);
    screen.state().link_opened(&code().to_link());
    settle(&mut screen);
    assert!(says(&screen, "The code is complete"));
    hand.wait_until_off();
}

/// Cameras that cannot be switched on.
struct Dark(CameraError);

impl Cameras for Dark {
    fn list(&self) -> Vec<CameraOffer> {
        vec![offer("Integrated Camera")]
    }

    fn open(&self, _: &CameraId) -> Result<Box<dyn Frames>, CameraError> {
        Err(self.0)
    }
}

#[test]
fn every_failure_says_what_happened_and_what_to_do() {
    let all = [
        (CameraError::Gone, "The camera is not there any more. Plug it in again"),
        (CameraError::Busy, "Another program uses the camera. Close it there"),
        (CameraError::NotAllowed, "The system does not let you use the camera"),
        (
            CameraError::UnknownKind,
            "gives no picture that Partyline knows. Use another",
        ),
        (CameraError::Silent, "No picture comes from the camera. See whether"),
        (CameraError::Failed, "The camera does not work. Plug it in anew"),
    ];
    for (error, sentence) in all {
        let mut screen = with_cameras(Dark(error));
        draw_until(&mut screen, "Camera");
        click(&mut screen, "Camera");
        draw_until(&mut screen, sentence);
        assert!(field(&screen).is_empty());
    }
    // The same while it looks, and typing takes the place of what was said.
    let (lens, hand) = lens();
    let mut screen = looking(lens);
    let_it_see(&mut screen, &hand);
    hand.fail(CameraError::Gone);
    draw_until(&mut screen, "The camera is not there any more");
    hand.wait_until_off();
    screen.get_by_label("Invite code or link").type_text("hello!");
    settle(&mut screen);
    assert!(says(&screen, "does not look like an invite code"));
}

/// A camera that is plugged in or not.
struct Plug(Arc<AtomicBool>);

impl Cameras for Plug {
    fn list(&self) -> Vec<CameraOffer> {
        let plugged = self.0.load(Ordering::Relaxed);
        plugged.then(|| offer("Integrated Camera")).into_iter().collect()
    }

    fn open(&self, _: &CameraId) -> Result<Box<dyn Frames>, CameraError> {
        Err(CameraError::Gone)
    }
}

#[test]
fn a_camera_that_comes_later_is_there_when_the_dialog_opens_next() {
    let plugged = Arc::new(AtomicBool::new(false));
    let mut screen = with_cameras(Plug(Arc::clone(&plugged)));
    assert!(says(&screen, "QR on screen") && !says(&screen, "Camera"));
    plugged.store(true, Ordering::Relaxed);
    click(&mut screen, "Cancel");
    click(&mut screen, "Join with a code");
    draw_until(&mut screen, "Camera");
}

const CHOOSE: &str = "Choose a camera";

/// Bob's Redeem dialog on a laptop with a webcam, looking through the laptop's own camera.
fn two_cameras() -> (Screen, Lenses, Hand, Hand) {
    let lenses = Lenses::default();
    let own = lenses.plug_in("Integrated Camera");
    let webcam = lenses.plug_in("Webcam");
    let mut screen = with_cameras(lenses.clone());
    press_camera(&mut screen);
    (screen, lenses, own, webcam)
}

fn choose(screen: &mut Screen, name: &str) {
    click(screen, CHOOSE);
    click(screen, name);
}

#[test]
fn of_several_cameras_the_person_chooses_and_the_choice_holds() {
    let (mut screen, _lenses, own, webcam) = two_cameras();
    let_it_see(&mut screen, &own);
    choose(&mut screen, "Webcam");
    own.wait_until_off();
    assert!(says(&screen, "The camera starts"), "not what the other one saw");
    webcam.hold_up(image::GrayImage::new(320, 180));
    draw_until(&mut screen, SEES);
    click(&mut screen, "Cancel");
    webcam.wait_until_off();
    // In the next dialog, too.
    click(&mut screen, "Cancel");
    click(&mut screen, "Join with a code");
    press_camera(&mut screen);
    webcam.hold_up(qr(&code().to_qr_text()));
    draw_until(&mut screen, "The code is complete");
    webcam.wait_until_off();
}

#[test]
fn a_single_camera_leaves_nothing_to_choose() {
    let (lens, hand) = lens();
    let mut screen = looking(lens);
    let_it_see(&mut screen, &hand);
    assert!(!says(&screen, CHOOSE));
}

#[test]
fn a_camera_that_does_not_work_leaves_the_others() {
    for (error, sentence) in [
        (CameraError::Gone, "This camera is not there any more"),
        (CameraError::Busy, "Another program uses this camera"),
        (CameraError::NotAllowed, "The system does not let you use this camera"),
        (
            CameraError::UnknownKind,
            "This camera gives no picture that Partyline knows",
        ),
        (CameraError::Silent, "No picture comes from this camera"),
        (CameraError::Failed, "This camera does not work"),
    ] {
        let (mut screen, _lenses, own, webcam) = two_cameras();
        own.fail(error);
        draw_until(&mut screen, sentence);
        assert!(
            says(&screen, "choose another one") || says(&screen, "Choose another one"),
            "{error:?}"
        );
        assert!(says(&screen, "The camera is off"));
        own.wait_until_off();
        // Not before somebody asks for it.
        own.hold_up(qr(&code().to_qr_text()));
        choose(&mut screen, "Webcam");
        assert!(!says(&screen, sentence));
        let_it_see(&mut screen, &webcam);
        choose(&mut screen, "Integrated Camera");
        draw_until(&mut screen, "The code is complete");
    }
}

#[test]
fn what_was_plugged_in_or_out_is_seen_when_a_camera_is_chosen() {
    let (mut screen, lenses, own, webcam) = two_cameras();
    let_it_see(&mut screen, &own);
    let third = lenses.plug_in("Telescope");
    lenses.plug_out("Integrated Camera");
    choose(&mut screen, "Webcam");
    own.wait_until_off();
    let_it_see(&mut screen, &webcam);
    click(&mut screen, CHOOSE);
    assert!(!says(&screen, "Integrated Camera"));
    click(&mut screen, "Telescope");
    webcam.wait_until_off();
    let_it_see(&mut screen, &third);
    // The last one that is left needs no choice; what was chosen and has gone is not waited for.
    lenses.plug_out("Telescope");
    lenses.plug_out("Webcam");
    third.fail(CameraError::Gone);
    draw_until(&mut screen, "This camera is not there any more");
    choose(&mut screen, "Webcam");
    draw_until(&mut screen, "This camera is not there any more");
}
