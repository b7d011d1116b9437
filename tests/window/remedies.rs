//! Where one click can do what a failure's sentence says, there is a button that does it.

use super::*;
use partyline::failure::Remedy;

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
