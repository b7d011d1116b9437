//! What the keyboard alone can do, and where a dialog stands.

use super::*;

#[test]
fn the_keyboard_stays_in_the_dialog_and_comes_back_after_it() {
    let mut screen = screen();
    alice(&mut screen);
    screen.get_by_label("Invite").focus();
    settle(&mut screen);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    let mut seen = vec![focused(&screen)];
    for _ in 0..18 {
        screen.key_press(Key::Tab);
        settle(&mut screen);
        seen.push(focused(&screen));
    }
    let at = |label: &str| {
        seen.iter()
            .position(|seen| seen == label)
            .unwrap_or_else(|| panic!("no {label} in {seen:?}"))
    };
    assert!(
        at("For whom") < at("Create code") && at("Create code") < at("Close"),
        "{seen:?}"
    );
    assert!(
        !seen.iter().any(|label| label == "New task" || label == "Hiking crew"),
        "{seen:?}"
    );
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert!(!says(&screen, "Create code"));
    assert_eq!(focused(&screen), "Invite");
}

#[test]
fn a_fresh_code_is_copied_by_enter() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    assert_eq!(focused(&screen), "Copy code");
    screen.key_press(Key::Enter);
    settle(&mut screen);
    assert!(says(&screen, "Copied"));
}

/// Every control that can be pressed or typed into has a name that tells it from the others.
#[track_caller]
fn all_named(screen: &Screen) {
    use egui::accesskit::{Action, Role};
    let mut names: Vec<String> = Vec::new();
    for node in screen.root().children_recursive() {
        let node = node.accesskit_node();
        let control = matches!(
            node.role(),
            Role::Button
                | Role::CheckBox
                | Role::RadioButton
                | Role::TextInput
                | Role::MultilineTextInput
                | Role::MenuItem
        );
        if control && node.data().supports_action(Action::Click) || node.role() == Role::TextInput {
            let name = node.label().unwrap_or_default();
            assert!(
                !name.trim().is_empty(),
                "a {:?} without a name: {screen:?}",
                node.role()
            );
            assert!(!names.contains(&name), "two controls are called {name}: {screen:?}");
            names.push(name);
        }
    }
    assert!(names.len() >= 2, "{names:?}");
}

#[test]
fn every_control_has_a_name_of_its_own() {
    let mut window = screen();
    tell(&mut window, open("Bob", BOB));
    all_named(&window);
    alice(&mut window);
    for stage in [InvitationStage::Code { device_left: false }, pin_stage(0, 0)] {
        tell(
            &mut window,
            Event::InvitationChanged {
                invitation: invitation(stage),
            },
        );
        all_named(&window);
    }
    click(&mut window, "Settings");
    all_named(&window);
    for stage in [
        InvitationStage::Code { device_left: false },
        pin_stage(1, 1),
        InvitationStage::Locked,
        InvitationStage::Admitted {
            member: BOB,
            name: "Bob".to_owned(),
        },
    ] {
        all_named(&inviting(stage));
    }
    all_named(&code_typed("party1"));
    for stage in [enter_pin(3, None), RedemptionStage::InviterOffline] {
        all_named(&redeeming(stage));
    }
}

#[test]
fn a_click_beside_the_dialog_does_nothing() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    screen.drag_at(egui::pos2(20.0, 400.0));
    screen.drop_at(egui::pos2(20.0, 400.0));
    settle(&mut screen);
    assert!(says(&screen, "Copy code"));
}

#[test]
fn a_dialog_is_never_off_centre() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    let before = screen.get_by_label("Close").rect().top();
    screen.state().tell_only(Event::InvitationChanged {
        invitation: invitation(InvitationStage::Locked),
    });
    screen.step();
    let first = screen.get_by_label("Close").rect().top();
    settle(&mut screen);
    let settled = screen.get_by_label("Close").rect().top();
    assert!(
        (first - settled).abs() < 0.6 && (before - settled).abs() > 1.0,
        "{before} {first} {settled}"
    );
}
