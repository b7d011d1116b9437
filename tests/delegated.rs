//! Delegated invitations between real programs on loopback: the inviter goes, and other members let people in.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "other tests use more of it")]
mod peer;

use std::time::Duration;

use partyline::failure::Failure;
use partyline::invitation::{
    DelegationMethod, InvitationId, InvitationKind, InvitationStage, RedeemError, RedemptionStage,
};
use partyline::party::{JoinRequestId, PartyId, Role};
use partyline::worker::{Command, Event, InvitationOptions, RedemptionId};
use peer::{Away, Peer};

/// Alice, who founded the party, and Bob, an administrator, linked.
async fn alice_and_bob() -> (Peer, Peer, PartyId) {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let options = InvitationOptions {
        role: Role::Admin,
        ..InvitationOptions::default()
    };
    let invitation = alice.invite_with(party, options).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    let pin = alice.pin(invitation.id).await;
    bob.enter_pin(redemption, &pin).await;
    bob.joined(redemption).await;
    alice.sees_online(party, "Bob").await;
    (alice, bob, party)
}

fn options(method: DelegationMethod) -> InvitationOptions {
    InvitationOptions {
        kind: InvitationKind::Delegated(method),
        lifetime: Duration::from_secs(3600),
        ..InvitationOptions::default()
    }
}

/// A code that works while its inviter is away, once it does.
async fn ready_code(alice: &mut Peer, party: PartyId, method: DelegationMethod) -> (InvitationId, String) {
    let invitation = alice.invite_with(party, options(method)).await;
    alice
        .stage_of_invitation(invitation.id, "another device to have it", |stage| {
            matches!(stage, InvitationStage::OfflineReady { devices: 1 }).then_some(())
        })
        .await;
    (invitation.id, invitation.code.to_text().to_string())
}

async fn waits(peer: &mut Peer, redemption: RedemptionId) -> String {
    peer.stage(redemption, "the request to wait", |stage| match stage {
        RedemptionStage::WaitsForApproval { fingerprint, .. } => Some(fingerprint.to_string()),
        _ => None,
    })
    .await
}

/// Who waits at a member: the request, the name, the words.
async fn request(peer: &mut Peer, party: PartyId) -> (JoinRequestId, String, String) {
    peer.wait("a request", |event| match event {
        Event::PartyChanged { party: view } if view.id == party => {
            let request = view.requests.first()?;
            Some((request.id, request.name.clone(), request.fingerprint.to_string()))
        }
        _ => None,
    })
    .await
}

async fn done(peer: &mut Peer, command: Command) {
    let request = peer.send(command);
    peer.wait("the answer", |event| match event {
        Event::Done { request: answered } if *answered == request => Some(()),
        Event::Failed {
            request: Some(answered),
            failure,
        } if *answered == request => panic!("{failure:?}"),
        _ => None,
    })
    .await;
}

#[tokio::test]
async fn somebody_comes_in_while_the_inviter_is_away_and_the_inviter_finds_them_there() {
    let (mut alice, mut bob, party) = alice_and_bob().await;
    let (id, code) = ready_code(&mut alice, party, DelegationMethod::Link).await;
    let away = alice.stop().await;

    let mut carol = Peer::start("Carol").await;
    let redemption = carol.redeem(&code).await;
    assert_eq!(carol.joined(redemption).await, party);
    bob.sees_members(party, &["Alice", "Bob", "Carol"]).await;

    let mut alice = away.start_again().await;
    alice.sees_members(party, &["Alice", "Bob", "Carol"]).await;
    let name = alice
        .wait("the end of the code", |event| match event {
            Event::InvitationChanged { invitation } if invitation.id == id => match &invitation.stage {
                InvitationStage::Admitted { name, .. } => Some(name.clone()),
                _ => None,
            },
            _ => None,
        })
        .await;
    assert!(name.is_empty() || name == "Carol", "{name}");

    let mut dave = Peer::start("Dave").await;
    let redemption = dave.redeem(&code).await;
    assert_eq!(dave.failed(redemption).await, RedeemError::AlreadyUsed);
}

#[tokio::test]
async fn an_admin_approves_who_asked_while_the_inviter_was_away() {
    let (mut alice, mut bob, party) = alice_and_bob().await;
    let (_, code) = ready_code(&mut alice, party, DelegationMethod::Approval).await;
    let _away: Away = alice.stop().await;

    let mut carol = Peer::start("Carol").await;
    let redemption = carol.redeem(&code).await;
    let words = waits(&mut carol, redemption).await;
    let (asked, name, shown) = request(&mut bob, party).await;
    assert_eq!((name.as_str(), shown), ("Carol", words));

    let carol = carol.stop().await;
    done(&mut bob, Command::ApproveRequest { party, request: asked }).await;
    bob.sees(party, "nobody to wait", |view| view.requests.is_empty()).await;
    let again = bob.send(Command::ApproveRequest { party, request: asked });
    assert_eq!(bob.failure(again).await, Failure::RequestUnknown);

    // She asks again by herself as soon as her app starts.
    let mut carol = carol.start_again().await;
    carol
        .sees(party, "the party", |view| view.role == Some(Role::Editor))
        .await;
    bob.sees_online(party, "Carol").await;
}

#[tokio::test]
async fn a_denial_is_told_and_is_final_for_this_code() {
    let (mut alice, mut bob, party) = alice_and_bob().await;
    let (_, code) = ready_code(&mut alice, party, DelegationMethod::Approval).await;
    let mut carol = Peer::start("Carol").await;
    let redemption = carol.redeem(&code).await;
    waits(&mut carol, redemption).await;
    let (asked, ..) = request(&mut bob, party).await;
    done(&mut bob, Command::DenyRequest { party, request: asked }).await;
    alice.sees(party, "the denial", |view| view.requests.is_empty()).await;

    done(&mut carol, Command::RetryRedemption { redemption }).await;
    assert_eq!(carol.failed(redemption).await, RedeemError::ApprovalDenied);
    let redemption = carol.redeem(&code).await;
    assert_eq!(carol.failed(redemption).await, RedeemError::ApprovalDenied);
}

#[tokio::test]
async fn another_admin_revokes_a_code_and_everybody_says_so() {
    let (mut alice, mut bob, party) = alice_and_bob().await;
    let (id, code) = ready_code(&mut alice, party, DelegationMethod::Link).await;
    bob.sees(party, "the open code", |view| {
        view.delegated.iter().any(|one| one.invitation == id)
    })
    .await;
    done(&mut bob, Command::RevokeInvitation { invitation: id }).await;
    alice
        .stage_of_invitation(id, "the end", |stage| {
            matches!(stage, InvitationStage::Revoked).then_some(())
        })
        .await;
    let mut carol = Peer::start("Carol").await;
    let redemption = carol.redeem(&code).await;
    assert_eq!(carol.failed(redemption).await, RedeemError::Revoked);
}

#[tokio::test]
async fn a_code_for_one_key_lets_in_that_person_only() {
    let (mut alice, _bob, party) = alice_and_bob().await;
    let mut carol = Peer::start("Carol").await;
    let home = carol.create_party("Home").await;
    let key = carol.member(home, "Carol").await;
    let (_, code) = ready_code(&mut alice, party, DelegationMethod::KnownKey(key)).await;
    let mut mallory = Peer::start("Mallory").await;
    let redemption = mallory.redeem(&code).await;
    assert_eq!(mallory.failed(redemption).await, RedeemError::ForSomebodyElse);
    let redemption = carol.redeem(&code).await;
    assert_eq!(carol.joined(redemption).await, party);
}

#[tokio::test]
async fn what_a_link_may_not_give_is_refused_before_a_code_exists() {
    let mut alice = Peer::start("Alice").await;
    let party = alice.create_party("Choir").await;
    let request = alice.send(Command::CreateInvitation {
        party,
        options: InvitationOptions {
            role: Role::Admin,
            ..options(DelegationMethod::Link)
        },
    });
    assert_eq!(alice.failure(request).await, Failure::LinkRoleTooHigh);
}

#[tokio::test]
async fn a_code_is_shown_again_after_a_restart_and_still_says_who_has_it() {
    let (mut alice, _bob, party) = alice_and_bob().await;
    let (id, code) = ready_code(&mut alice, party, DelegationMethod::Approval).await;
    let mut alice = alice.restart().await;
    let again = alice
        .wait("the code", |event| match event {
            Event::InvitationChanged { invitation } if invitation.id == id => Some(std::sync::Arc::clone(invitation)),
            _ => None,
        })
        .await;
    assert_eq!(again.stage, InvitationStage::OfflineReady { devices: 1 });
    assert_eq!(again.code.invitation_id().to_string(), id.to_string());
    assert!(!code.is_empty());
}
