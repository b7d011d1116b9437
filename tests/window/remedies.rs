//! Where one click can do what a failure's sentence says, there is a button that does it.

use super::*;
use partyline::engine::{ConnectionView, HereView};
use partyline::failure::Remedy;
use partyline::worker::{NetworkMode, NetworkView};

/// The last order of the Invite dialog is refused.
fn refuse(screen: &mut Screen, failure: Failure) -> Command {
    let (request, command) = sent(screen);
    let request = Some(request);
    tell(screen, Event::Failed { request, failure });
    command
}

fn copied(screen: &mut Screen) -> Option<String> {
    (0..4).find_map(|_| {
        screen.step();
        let commands = &screen.output().platform_output.commands;
        commands.iter().find_map(|command| match command {
            egui::OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    })
}

/// Comes to the remedy's button, clicks it, and looks at what it did.
fn is_done_by_its_button(remedy: Remedy) {
    match remedy {
        Remedy::TryAgain => {
            let mut screen = inviting(InvitationStage::Code { device_left: false });
            click(&mut screen, "Revoke code");
            refuse(&mut screen, Failure::DiskFull);
            assert!(says(&screen, "The disk is full"));
            click(&mut screen, "Try again");
            assert!(matches!(sent(&mut screen).1, Command::RevokeInvitation { .. }));
        }
        Remedy::ShowNewPin => {
            let reason = PinVoid::Expired;
            let mut screen = inviting(InvitationStage::PinVoid { reason, waiting: 0 });
            click(&mut screen, "Show a new PIN");
            assert!(matches!(sent(&mut screen).1, Command::ShowNewPin { .. }));
        }
        Remedy::NewCode => {
            let mut screen = inviting(pin_stage(0, 0));
            click(&mut screen, "Show a new PIN");
            refuse(&mut screen, Failure::TooManyPins);
            click(&mut screen, "Create a new code");
            assert!(says(&screen, "Code works for"));
        }
        Remedy::OtherCode => {
            let error = RedeemError::Locked;
            let mut screen = redeeming(RedemptionStage::Failed { error });
            click(&mut screen, "Use another code");
            assert_eq!(focused(&screen), "Invite code or link");
        }
        Remedy::AllowRelay => {
            let mut screen = code_typed(&code().to_text());
            click(&mut screen, "Continue");
            let host = "relay.example".to_owned();
            refuse(&mut screen, Failure::RelayNotAllowed { host });
            click(&mut screen, "Join through it");
            assert!(matches!(sent(&mut screen).1, Command::Redeem { allow_relay: true, .. }));
        }
        Remedy::UseRelays => {
            let mut screen = redeeming(RedemptionStage::InviterOffline);
            let redemption = left_out(RedemptionStage::InviterOffline);
            tell(&mut screen, Event::RedemptionChanged { redemption });
            assert!(says(&screen, "names the relay relay.example"));
            click(&mut screen, "Use public relays");
            let mode = NetworkMode::PublicRelays;
            assert!(matches!(sent(&mut screen).1, Command::SetNetworkMode { mode: asked } if asked == mode));
        }
        Remedy::OpenParty => {
            let mut screen = code_typed(&code().to_text());
            click(&mut screen, "Continue");
            let party = Arc::new(crew());
            tell(&mut screen, Event::PartyChanged { party });
            refuse(&mut screen, Failure::Redeem(RedeemError::AlreadyMember));
            click(&mut screen, "Open party");
            assert!(says(&screen, "3 members") && !says(&screen, "already a member"));
        }
        Remedy::CopyOwnKey => {
            let error = RedeemError::ForSomebodyElse;
            let mut screen = redeeming(RedemptionStage::Failed { error });
            screen.get_by_label("Copy your key").click();
            assert_eq!(copied(&mut screen), Some(BOB.to_string()));
        }
    }
}

#[test]
fn each_remedy_is_reached_and_done_by_its_button() {
    Remedy::ALL.into_iter().for_each(is_done_by_its_button);
}

#[test]
fn a_code_that_cannot_be_made_leads_back_to_its_options() {
    let mut screen = screen();
    alice(&mut screen);
    click(&mut screen, "Invite");
    screen.get_by_label("For whom").type_text("Bob");
    settle(&mut screen);
    click(&mut screen, "Create code");
    refuse(&mut screen, Failure::LinkRoleTooHigh);
    assert!(says(&screen, "can make an editor at most"));
    click(&mut screen, "Change options");
    assert_eq!(screen.get_by_label("For whom").value().as_deref(), Some("Bob"));
}

#[test]
fn a_network_that_cannot_be_had_is_said_where_it_was_asked_for() {
    let mut screen = redeeming(RedemptionStage::InviterOffline);
    let redemption = left_out(RedemptionStage::InviterOffline);
    tell(&mut screen, Event::RedemptionChanged { redemption });
    click(&mut screen, "Use public relays");
    refuse(&mut screen, Failure::NetworkUnavailable);
    assert!(says(&screen, "cannot reach the network"));
    click(&mut screen, "Use public relays");
    let (request, _) = sent(&mut screen);
    tell(&mut screen, Event::Done { request });
    let redemption = support::redemption(RedemptionStage::Connecting { failed_tries: 0 });
    tell(&mut screen, Event::RedemptionChanged { redemption });
    assert!(!says(&screen, "Use public relays") && says(&screen, "Connecting to the inviter's device"));
}

#[test]
fn the_facts_offer_relays_where_none_are_used() {
    let mut screen = inviting(InvitationStage::Code { device_left: false });
    click(&mut screen, "Why can't we connect?");
    let answer = |screen: &mut Screen, mode| {
        let (request, command) = sent(screen);
        assert!(matches!(command, Command::ExplainConnection { .. }));
        let here = HereView { mode, ..here() };
        let connection = Arc::new(ConnectionView { here, there: None });
        tell(screen, Event::ConnectionExplained { request, connection });
    };
    answer(&mut screen, NetworkMode::LocalNetwork);
    click(&mut screen, "Use public relays");
    let (request, command) = sent(&mut screen);
    assert!(matches!(command, Command::SetNetworkMode { .. }));
    tell(&mut screen, Event::Done { request });
    // It looks again by itself.
    answer(&mut screen, NetworkMode::PublicRelays);
    assert!(says(&screen, "It can be reached at") && !says(&screen, "Use public relays"));
}

#[test]
fn settings_say_what_is_contacted_and_change_it() {
    let mut screen = screen();
    alice(&mut screen);
    let told = |mode| Event::NetworkChanged {
        network: NetworkView {
            mode,
            ..NetworkView::default()
        },
    };
    tell(&mut screen, told(NetworkMode::PublicRelays));
    click(&mut screen, "Settings");
    assert!(says(&screen, "else through public relays"));
    click(&mut screen, "Network: This local network");
    let (request, command) = sent(&mut screen);
    let local = NetworkMode::LocalNetwork;
    assert!(matches!(command, Command::SetNetworkMode { mode } if mode == local));
    let network = NetworkView {
        next: Some(local.clone()),
        ..NetworkView::default()
    };
    tell(&mut screen, Event::NetworkChanged { network });
    assert!(says(&screen, "Changing the network"));
    tell(&mut screen, told(local));
    tell(&mut screen, Event::Done { request });
    assert!(says(&screen, "Nothing else is contacted") && !says(&screen, "Changing the network"));
}

#[test]
fn who_thinks_better_of_it_changes_the_network_once_more() {
    let mut screen = screen();
    alice(&mut screen);
    let told = |next| Event::NetworkChanged {
        network: NetworkView {
            next,
            ..NetworkView::default()
        },
    };
    tell(&mut screen, told(None));
    click(&mut screen, "Settings");
    click(&mut screen, "Network: This local network");
    let (first, _) = sent(&mut screen);
    tell(&mut screen, told(Some(NetworkMode::LocalNetwork)));
    click(&mut screen, "Network: Anywhere");
    let (second, command) = sent(&mut screen);
    assert!(matches!(command, Command::SetNetworkMode { mode } if mode == NetworkMode::PublicRelays));
    tell(&mut screen, told(None));
    for request in [first, second] {
        tell(&mut screen, Event::Done { request });
    }
    assert!(says(&screen, "else through public relays"));
}
