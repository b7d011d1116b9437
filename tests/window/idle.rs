//! What a window costs when nobody does anything.

use super::*;

/// How many frames ten seconds take when nobody does anything.
fn frames_in_ten_seconds(prepare: impl FnOnce(&mut Screen)) -> u64 {
    let mut screen = screen();
    prepare(&mut screen);
    settle(&mut screen);
    let (mut millis, mut frames) = (0_u64, 0);
    while millis < 10_000 {
        screen.state_mut().now = NOW.plus(Duration::from_millis(5_000 + millis));
        screen.step();
        let output = screen
            .output()
            .viewport_output
            .get(&egui::ViewportId::ROOT)
            .expect("the window");
        let delay = u64::try_from(output.repaint_delay.as_millis()).unwrap_or(u64::MAX);
        millis = millis.saturating_add(delay.max(16));
        frames += 1;
    }
    frames
}

#[test]
fn an_idle_window_is_not_drawn_and_a_countdown_once_a_second() {
    assert!(frames_in_ten_seconds(alice) <= 3);
    assert!(frames_in_ten_seconds(|screen| tell(screen, open("Bob", BOB))) <= 3);
    for tab in ["Notes (2)", "Messages (6)", "Files (4)"] {
        let tab = |screen: &mut Screen| {
            alice(screen);
            click(screen, tab);
        };
        assert!(frames_in_ten_seconds(tab) <= 3);
    }
    let with = |stage| move |screen: &mut Screen| *screen = inviting(stage);
    assert!(frames_in_ten_seconds(with(InvitationStage::Code { device_left: false })) <= 25);
    assert!(frames_in_ten_seconds(with(pin_stage(0, 0))) <= 25);
    assert!(frames_in_ten_seconds(with(InvitationStage::Locked)) <= 3);
    assert!(frames_in_ten_seconds(|screen| *screen = redeeming(RedemptionStage::InviterOffline)) <= 25);
    // Whoever looks into the camera waits for the next picture, and nothing else is drawn.
    let (lens, hand) = lens();
    assert!(frames_in_ten_seconds(|screen| *screen = camera::looking(lens)) <= 3);
    drop(hand);
    // A caret blinks twice a second, besides.
    assert!(frames_in_ten_seconds(|screen| *screen = redeeming(enter_pin(3, None))) <= 50);
    assert!(frames_in_ten_seconds(|screen| *screen = code_typed("")) <= 40);
}
