//! Shown nearby, and picked without a code.

use partyline::invitation::NearbyInvitation;
use partyline::invitation::nearby::Sightings;

use super::*;

/// Another one with the same words.
fn look_alike(of: &NearbyInvitation) -> NearbyInvitation {
    (100..)
        .map(announced)
        .find(|other| other.label() == of.label())
        .expect("there are few words")
}

fn hear(screen: &mut Screen, all: &[NearbyInvitation]) {
    let mut nearby = Sightings::default();
    for one in all {
        nearby.heard(one.clone());
    }
    tell(
        screen,
        Event::NearbyChanged {
            nearby: Arc::new(nearby),
        },
    );
}

fn button(one: &NearbyInvitation) -> String {
    format!("Join {}", one.label())
}

#[test]
fn the_redeem_dialog_listens_as_long_as_it_shows_what_is_heard() {
    let listens = |screen: &mut Screen| {
        let sent = screen.state_mut().all_sent();
        sent.iter().rev().find_map(|(_, command)| match command {
            Command::ListenNearby => Some(true),
            Command::StopListening => Some(false),
            _ => None,
        })
    };
    let mut screen = screen();
    tell(&mut screen, open("Bob", BOB));
    assert_eq!(listens(&mut screen), None, "idle costs nothing");
    click(&mut screen, "Join with a code");
    assert_eq!(listens(&mut screen), Some(true));
    screen.key_press(Key::Escape);
    settle(&mut screen);
    assert_eq!(listens(&mut screen), Some(false));

    let mut screen = redeeming(enter_pin(3, None));
    assert_eq!(listens(&mut screen), Some(false), "the code has served");
}

#[test]
fn what_is_heard_is_listed_and_picked_without_a_code() {
    let mut screen = code_typed("");
    assert!(says(&screen, "None is shown right now"));
    let (alice, carol) = (announced(1), announced(2));
    hear(&mut screen, &[alice.clone(), carol.clone()]);
    assert!(says(&screen, &carol.label().to_string()));
    click(&mut screen, &button(&alice));
    let (request, Command::RedeemNearby { picked }) = sent(&mut screen) else {
        panic!("another command")
    };
    assert_eq!(*picked, alice);
    tell(
        &mut screen,
        Event::RedemptionStarted {
            request,
            redemption: redemption(enter_pin(3, None)),
        },
    );
    assert!(says(&screen, "Six-digit PIN"));
}

#[test]
fn the_keyboard_alone_reaches_it() {
    let mut screen = code_typed("");
    let alice = announced(1);
    hear(&mut screen, std::slice::from_ref(&alice));
    let reached = (0..6).any(|_| {
        screen.key_press(Key::Tab);
        settle(&mut screen);
        focused(&screen) == button(&alice)
    });
    assert!(reached);
    screen.key_press(Key::Enter);
    settle(&mut screen);
    assert!(matches!(sent(&mut screen).1, Command::RedeemNearby { .. }));
}

#[test]
fn words_that_two_devices_show_cannot_be_picked() {
    let mut screen = code_typed("");
    let alice = announced(1);
    hear(&mut screen, &[alice.clone(), look_alike(&alice)]);
    let label = button(&alice);
    let buttons: Vec<_> = screen.query_all_by_label(&label).collect();
    assert_eq!(buttons.len(), 2);
    assert!(buttons.iter().all(|one| one.accesskit_node().is_disabled()));
    assert!(says(&screen, "Two devices show the same words"));
}

#[test]
fn a_refusal_is_told_where_it_was_picked() {
    let mut screen = code_typed("");
    hear(&mut screen, &[announced(1)]);
    click(&mut screen, &button(&announced(1)));
    let (request, _) = sent(&mut screen);
    let failure = Failure::Redeem(RedeemError::BlockedHere {
        until: partyline::time::Timestamp::from_millis(0),
    });
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure,
        },
    );
    assert!(says(&screen, "Too many wrong PINs"));
    assert!(
        says(&screen, &announced(1).label().to_string()),
        "and others can still be picked"
    );
}

#[test]
fn the_invite_dialog_shows_it_says_what_that_means_and_hides_it() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    assert!(says(&screen, "find the invitation without the code"));
    click(&mut screen, "Show this invitation nearby");
    let (request, Command::ShowNearby { invitation: shown }) = sent(&mut screen) else {
        panic!("another command")
    };
    let nearby = Some(Arc::new(announced(1)));
    let now = |stage| {
        let view = InvitationView::clone(&invitation(stage));
        assert_eq!(view.id, shown);
        let nearby = nearby.clone();
        Event::InvitationChanged {
            invitation: Arc::new(InvitationView { nearby, ..view }),
        }
    };
    tell(&mut screen, now(InvitationStage::Code { device_left: false }));
    tell(&mut screen, Event::Done { request });
    assert!(says(&screen, &format!("as {}", announced(1).label())));
    assert!(says(&screen, "Everybody in this network sees them"));
    tell(&mut screen, now(pin_stage(0, 1)));
    assert!(says(&screen, "Read it only when their screen asks for a PIN"));
    assert!(!says(&screen, "leaked"), "nearby anybody may try");
    tell(&mut screen, now(InvitationStage::Code { device_left: true }));
    click(&mut screen, "Show this invitation nearby");
    assert!(matches!(sent(&mut screen).1, Command::HideNearby { .. }));
}
