//! One code for several people, between real programs on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "shared with other tests")]
mod peer;

use std::sync::Arc;

use partyline::invitation::{Flags, InvitationStage, Pin, RedeemError, RedemptionStage};
use partyline::party::PartyId;
use partyline::worker::{Command, Event, InvitationOptions, InvitationView, RedemptionId};
use peer::Peer;

/// Alice, a party, and a code for so many.
async fn inviting(max_uses: u32) -> (Peer, PartyId, Arc<InvitationView>) {
    let mut alice = Peer::start("Alice").await;
    let party = alice.create_party("Choir").await;
    let options = InvitationOptions {
        max_uses,
        ..InvitationOptions::default()
    };
    let invitation = alice.invite_with(party, options).await;
    (alice, party, invitation)
}

async fn in_line(peer: &mut Peer, redemption: RedemptionId, place: u8) {
    peer.stage(redemption, "a place in line", |stage| {
        matches!(stage, RedemptionStage::Queued { position } if *position == place).then_some(())
    })
    .await;
}

/// The PIN that is shown now, once so many are in.
async fn pin_after(alice: &mut Peer, joined: usize) -> Arc<Pin> {
    alice
        .wait("the next PIN", |event| match event {
            Event::InvitationChanged { invitation } if invitation.admitted.len() == joined => match &invitation.stage {
                InvitationStage::Pin { pin, .. } => Some(Arc::clone(pin)),
                _ => None,
            },
            _ => None,
        })
        .await
}

#[tokio::test]
async fn each_gets_a_pin_of_their_own_and_after_the_last_the_code_is_used_up() {
    let (mut alice, party, invitation) = inviting(2).await;
    assert!(invitation.code.flags().contains(Flags::MULTI_USE));
    let code = invitation.code.to_text();
    let (mut bob, mut clara, mut dan) = (
        Peer::start("Bob").await,
        Peer::start("Clara").await,
        Peer::start("Dan").await,
    );
    let bobs = bob.redeem(&code).await;
    let first = pin_after(&mut alice, 0).await;
    let claras = clara.redeem(&code).await;
    in_line(&mut clara, claras, 1).await;
    let dans = dan.redeem(&code).await;
    in_line(&mut dan, dans, 2).await;

    bob.enter_pin(bobs, &first).await;
    assert_eq!(bob.joined(bobs).await, party);
    let second = pin_after(&mut alice, 1).await;
    assert_ne!(first, second, "each PIN is for one device");
    in_line(&mut dan, dans, 1).await;
    clara.enter_pin(claras, &second).await;
    assert_eq!(clara.joined(claras).await, party);

    assert_eq!(alice.admitted(invitation.id).await, "Clara");
    assert_eq!(dan.failed(dans).await, RedeemError::AlreadyUsed);
    alice.sees_members(party, &["Alice", "Bob", "Clara"]).await;
}

#[tokio::test]
async fn next_sends_one_away_and_takes_the_one_who_waits() {
    let (mut alice, party, invitation) = inviting(3).await;
    let code = invitation.code.to_text();
    let (mut bob, mut clara) = (Peer::start("Bob").await, Peer::start("Clara").await);
    let bobs = bob.redeem(&code).await;
    let first = pin_after(&mut alice, 0).await;
    let claras = clara.redeem(&code).await;
    in_line(&mut clara, claras, 1).await;
    alice.send(Command::NextInvitee {
        invitation: invitation.id,
    });
    let second = alice.pin_other_than(invitation.id, &first).await;
    assert_eq!(bob.failed(bobs).await, RedeemError::CancelledByInviter);
    clara.enter_pin(claras, &second).await;
    assert_eq!(clara.joined(claras).await, party);

    // The code goes on working, for Bob, too, and over a restart.
    let mut alice = alice.restart().await;
    let again = alice
        .wait("the open invitation", |event| match event {
            Event::InvitationChanged { invitation } => Some(Arc::clone(invitation)),
            _ => None,
        })
        .await;
    assert_eq!((again.admitted.len(), again.uses_left()), (1, 2));
    let bobs = bob.redeem(&again.code.to_text()).await;
    let third = pin_after(&mut alice, 1).await;
    bob.enter_pin(bobs, &third).await;
    assert_eq!(bob.joined(bobs).await, party);
}
