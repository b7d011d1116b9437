//! A disk that is full: whatever could not be written is said so, nothing that was there is lost, and it all goes on once there
//! is room again. The disk is a small one in memory, which takes root (Linux); elsewhere each test says so and passes.

#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::sync::Arc;

use partyline::failure::Failure;
use partyline::invitation::{InvitationId, InvitationStage, InviteCode, Pin, PinNotice, RedemptionStage};
use partyline::party::PartyId;
use partyline::worker::{Command, Event, InvitationView, RedemptionId};

#[path = "blobs/disk.rs"]
mod disk;
#[expect(dead_code, reason = "other tests use more of it")]
mod peer;

use disk::Disk;
use peer::Peer;

/// What the disk holds: enough for a profile and a party or two.
const SIZE: &str = "size=1m";

/// How a redemption ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Bob is in.
    In,
    /// It failed; somebody's disk was full.
    Failed,
    /// The same, and the answer to a command has said so.
    Refused,
}

#[tokio::test]
async fn a_task_that_does_not_fit_is_refused_and_fits_once_there_is_room() {
    let Some(disk) = Disk::mount(SIZE) else { return };
    let mut alice = Peer::start_in("Alice", disk.folder()).await;
    let party = alice.create_party("Choir").await;
    alice.add_task(party, "Before").await;

    disk.fill(0);
    let title = "Does not fit".to_owned();
    let request = alice.send(Command::AddTask { party, title });
    assert_eq!(alice.failure(request).await, Failure::DiskFull);
    let request = alice.send(Command::CreateParty {
        name: "Flat".to_owned(),
    });
    assert_eq!(alice.failure(request).await, Failure::DiskFull);

    disk.make_room();
    alice.add_task(party, "After").await;
    let mut alice = alice.restart().await;
    alice
        .sees(party, "the tasks that were written", |view| {
            let titles: Vec<&str> = view.tasks.iter().map(|task| task.title.as_str()).collect();
            titles == ["Before", "After"]
        })
        .await;
}

#[tokio::test]
async fn what_a_member_writes_while_the_disk_is_full_comes_with_what_they_write_next() {
    let Some(disk) = Disk::mount(SIZE) else { return };
    let mut alice = Peer::start("Alice").await;
    let mut bob = Peer::start_in("Bob", disk.folder()).await;
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    assert_eq!(goes_on(&mut alice, &mut bob, &invitation, redemption).await, End::In);
    bob.sees_online(party, "Alice").await;

    disk.fill(0);
    alice.add_task(party, "Print the scores").await;
    told_that_the_disk_is_full(&mut bob).await;

    disk.make_room();
    alice.add_task(party, "Book the room").await;
    bob.sees(party, "both tasks", |view| view.tasks.len() == 2).await;
}

#[tokio::test]
async fn an_inviter_whose_disk_fills_up_lets_the_invitee_in_once_there_is_room() {
    let mut filled = 0;
    for free in 0..6 {
        let Some(disk) = Disk::mount(SIZE) else { return };
        let mut alice = Peer::start_in("Alice", disk.folder()).await;
        let mut bob = Peer::start("Bob").await;
        let party = alice.create_party("Choir").await;
        let invitation = alice.invite(party).await;
        let redemption = bob.redeem(&invitation.code.to_text()).await;
        alice.pin(invitation.id).await;
        disk.fill(free);
        let end = goes_on(&mut alice, &mut bob, &invitation, redemption).await;
        if end == End::Failed {
            told_that_the_disk_is_full(&mut alice).await;
        }
        filled += u32::from(end != End::In);
        disk.make_room();
        both_are_in(&mut alice, &mut bob, &invitation, party).await;
    }
    assert!(filled > 0, "the disk was never full");
}

#[tokio::test]
async fn an_invitee_whose_disk_fills_up_is_in_once_there_is_room() {
    let mut filled = 0;
    for free in 0..12 {
        let Some(disk) = Disk::mount(SIZE) else { return };
        let mut alice = Peer::start("Alice").await;
        let mut bob = Peer::start_in("Bob", disk.folder()).await;
        let party = alice.create_party("Choir").await;
        let invitation = alice.invite(party).await;
        disk.fill(free);
        let code = Arc::new(InviteCode::parse(&invitation.code.to_text()).unwrap());
        let request = bob.send(Command::Redeem {
            code,
            allow_relay: false,
        });
        let started = bob
            .wait("an answer", |event| match event {
                Event::RedemptionStarted {
                    request: answered,
                    redemption,
                } if *answered == request => Some(Ok(redemption.id)),
                Event::Failed {
                    request: Some(answered),
                    failure,
                } if *answered == request => Some(Err(failure.clone())),
                _ => None,
            })
            .await;
        let end = match started {
            Ok(redemption) => goes_on(&mut alice, &mut bob, &invitation, redemption).await,
            Err(failure) => {
                assert_eq!(failure, Failure::DiskFull);
                End::Refused
            }
        };
        if end == End::Failed {
            told_that_the_disk_is_full(&mut bob).await;
        }
        filled += u32::from(end != End::In);
        disk.make_room();
        both_are_in(&mut alice, &mut bob, &invitation, party).await;
    }
    assert!(filled > 0, "the disk was never full");
}

#[tokio::test]
async fn a_redemption_that_is_cancelled_on_a_full_disk_ends() {
    let Some(disk) = Disk::mount(SIZE) else { return };
    let mut alice = Peer::start("Alice").await;
    let mut bob = Peer::start_in("Bob", disk.folder()).await;
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    bob.field(redemption).await;
    disk.fill(0);
    let request = bob.send(Command::CancelRedemption { redemption });
    assert_eq!(bob.failure(request).await, Failure::DiskFull);
    bob.stage(redemption, "the end", |stage| {
        matches!(stage, RedemptionStage::Cancelled).then_some(())
    })
    .await;
    alice
        .stage_of_invitation(invitation.id, "the code again", |stage| {
            matches!(stage, InvitationStage::Code { device_left: true }).then_some(())
        })
        .await;
    disk.make_room();
    both_are_in(&mut alice, &mut bob, &invitation, party).await;
}

/// Bob types the PIN when he is asked for it.
async fn goes_on(alice: &mut Peer, bob: &mut Peer, invitation: &InvitationView, redemption: RedemptionId) -> End {
    let end = |stage: &RedemptionStage| match stage {
        RedemptionStage::Joined { .. } => Some(Some(End::In)),
        RedemptionStage::Failed { .. } => Some(Some(End::Failed)),
        _ => None,
    };
    let asked = bob
        .stage(redemption, "the PIN field or the end", |stage| match stage {
            RedemptionStage::EnterPin { .. } => Some(None),
            other => end(other),
        })
        .await;
    if let Some(end) = asked {
        return end;
    }
    let Some(pin) = fresh_pin(alice, invitation.id).await else {
        // Her app has closed the link.
        bob.failed(redemption).await;
        return End::Refused;
    };
    let asked_again = bob
        .stage(redemption, "the new PIN or the end", |stage| match stage {
            RedemptionStage::EnterPin {
                notice: Some(PinNotice::Changed),
                ..
            } => Some(None),
            other => end(other),
        })
        .await;
    if let Some(end) = asked_again {
        return end;
    }
    bob.type_pin(redemption, &pin);
    bob.stage(redemption, "the end", end).await.unwrap()
}

/// A PIN that is surely the one of now. None if Alice's disk does not take the change.
async fn fresh_pin(alice: &mut Peer, id: InvitationId) -> Option<Arc<Pin>> {
    let request = alice.send(Command::ShowNewPin { invitation: id });
    let mut pin = None;
    alice
        .wait("the answer", |event| match event {
            Event::InvitationChanged { invitation } if invitation.id == id => {
                if let InvitationStage::Pin { pin: shown, .. } = &invitation.stage {
                    pin = Some(Arc::clone(shown));
                }
                None
            }
            Event::Done { request: answered } if *answered == request => Some(()),
            Event::Failed {
                request: Some(answered),
                failure,
            } if *answered == request => {
                assert_eq!(*failure, Failure::DiskFull);
                pin = None;
                Some(())
            }
            _ => None,
        })
        .await;
    pin
}

async fn told_that_the_disk_is_full(peer: &mut Peer) {
    peer.wait("the reason", |event| {
        let full = matches!(
            event,
            Event::Failed {
                failure: Failure::DiskFull,
                ..
            }
        );
        full.then_some(())
    })
    .await;
}

/// There is room again: the same code still leads in, or has done so, and after a restart both see each other.
async fn both_are_in(alice: &mut Peer, bob: &mut Peer, invitation: &InvitationView, party: PartyId) {
    let code = Arc::new(InviteCode::parse(&invitation.code.to_text()).unwrap());
    let request = bob.send(Command::Redeem {
        code,
        allow_relay: false,
    });
    let again = bob
        .wait("an answer", |event| match event {
            Event::RedemptionStarted {
                request: answered,
                redemption,
            } if *answered == request => Some(Some(redemption.id)),
            Event::Failed {
                request: Some(answered),
                ..
            } if *answered == request => Some(None),
            _ => None,
        })
        .await;
    if let Some(redemption) = again {
        let end = goes_on(alice, bob, invitation, redemption).await;
        assert_eq!(end, End::In, "there is room, and Bob is not in");
    }
    for peer in [alice, bob] {
        peer.sees_members(party, &["Alice", "Bob"]).await;
    }
}
