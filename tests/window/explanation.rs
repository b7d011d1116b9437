//! "Why can't we connect?"

use super::*;
use partyline::engine::{ConnectionView, ReachedView, ThereView};
use partyline::failure::Failure;
use partyline::worker::Way;

fn connection(there: Option<ThereView>) -> Arc<ConnectionView> {
    Arc::new(ConnectionView { here: here(), there })
}

fn answer(screen: &mut Screen, there: Option<ThereView>) -> Command {
    let (request, command) = sent(screen);
    let connection = connection(there);
    tell(screen, Event::ConnectionExplained { request, connection });
    command
}

#[test]
fn the_facts_about_the_other_device_are_told_and_copied_without_secrets() {
    let mut screen = redeeming(RedemptionStage::InviterOffline);
    click(&mut screen, "Why can't we connect?");
    let command = answer(&mut screen, Some(unreached()));
    assert_eq!(
        focused(&screen),
        "Back",
        "the keyboard stays there when the facts come in"
    );
    assert!(matches!(
        command,
        Command::ExplainConnection {
            redemption: Some(REDEMPTION)
        }
    ));
    for told in [
        "It has not answered: it is away or overrun",
        "192.0.2.7:40000 tried",
        "192.168.7.2:40000 left out",
        "relay.example, left out",
        "20 minutes behind this one",
        "protocol party-invite/1",
    ] {
        assert!(says(&screen, told), "{told}");
    }
    screen.get_by_label("Copy as text").click();
    let copied = (0..4).find_map(|_| {
        screen.step();
        let commands = &screen.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    let copied = copied.expect("a text");
    assert!(copied.contains("The other device: It has not answered"));
    assert!(!copied.contains("party1"), "no code: {copied}");

    click(&mut screen, "Look again");
    let there = ThereView {
        reached: ReachedView::Now(Way::Relayed("relay.example".to_owned())),
        ..unreached()
    };
    answer(&mut screen, Some(there));
    assert!(says(&screen, "It is online, through the relay relay.example"));
    click(&mut screen, "Back");
    assert!(says(&screen, "Try now"));
}

#[test]
fn a_pin_takes_the_place_of_the_facts() {
    let mut screen = redeeming(RedemptionStage::Connecting { failed_tries: 3 });
    click(&mut screen, "Why can't we connect?");
    answer(&mut screen, Some(unreached()));
    let redemption = redemption(enter_pin(3, None));
    tell(&mut screen, Event::RedemptionChanged { redemption });
    assert_eq!(focused(&screen), "Six-digit PIN");
}

#[test]
fn an_inviter_sees_how_this_device_can_be_reached() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    click(&mut screen, "Why can't we connect?");
    let command = answer(&mut screen, None);
    assert!(matches!(command, Command::ExplainConnection { redemption: None }));
    assert!(says(&screen, "It can be reached at 192.168.1.5:4433") && says(&screen, "eu.relay.example, connected"));
    assert!(!says(&screen, "The other device"));
    click(&mut screen, "Back");
    assert!(says(&screen, "Copy code"));
    click(&mut screen, "Why can't we connect?");
    let invitation = invitation(pin_stage(0, 0));
    tell(&mut screen, Event::InvitationChanged { invitation });
    assert!(says(&screen, "PIN 4 8 2 9 1 3"), "a PIN is more urgent");
}

#[test]
fn a_redemption_that_has_ended_meanwhile_has_a_sentence_and_no_facts() {
    let mut screen = redeeming(RedemptionStage::InviterOffline);
    click(&mut screen, "Why can't we connect?");
    let (request, _) = sent(&mut screen);
    let failure = Failure::RedemptionUnknown;
    tell(
        &mut screen,
        Event::Failed {
            request: Some(request),
            failure: failure.clone(),
        },
    );
    assert!(says(&screen, &partyline::failure::words::problem(&failure)));
    assert_eq!(focused(&screen), "Back");
    click(&mut screen, "Back");
    assert!(says(&screen, "Try now"));
}
