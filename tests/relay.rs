//! A relay that a code names and that this device does not use, until its person says so. The relay is the test's own, on
//! loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "shared with other tests")]
mod peer;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use iroh_relay::server::{RelayConfig, Server, ServerConfig};
use partyline::failure::Failure;
use partyline::invitation::{Hint, InviteCode, Secret};
use partyline::worker::{Command, Event, InvitationView, NetworkMode, RedemptionView};
use peer::Peer;

/// A relay of one's own, and the mode that uses it and nothing else.
async fn relay() -> (Server, NetworkMode) {
    let mut config = ServerConfig::default();
    config.relay = Some(RelayConfig::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))));
    let server = Server::spawn(config).await.unwrap();
    let url = format!("http://{}", server.http_addr().unwrap());
    let mode = NetworkMode::OwnRelay { url, token: None };
    (server, mode)
}

async fn use_network(peer: &mut Peer, mode: NetworkMode) {
    let asked = peer.send(Command::SetNetworkMode { mode });
    peer.wait("another network", |event| {
        matches!(event, Event::Done { request } if *request == asked).then_some(())
    })
    .await;
}

/// The code of an invitation once it names the relay; without the addresses, so that there is no other way.
async fn code_through_relay(alice: &mut Peer, shown: &InvitationView) -> Arc<InviteCode> {
    let code = alice
        .wait("a code with a relay", |event| match event {
            Event::InvitationChanged { invitation } if invitation.id == shown.id => {
                let relay = invitation
                    .code
                    .hints()
                    .iter()
                    .find(|hint| matches!(hint, Hint::RelayHost(_)));
                relay.map(|relay| (Arc::clone(&invitation.code), relay.clone()))
            }
            _ => None,
        })
        .await;
    let (code, relay) = code;
    let secret = Secret::from_bytes(*code.secret().as_bytes());
    let (tag, endpoint, end) = (code.party_tag(), code.endpoint(), code.expires());
    Arc::new(InviteCode::new(code.kind(), code.flags(), secret, tag, endpoint, end, vec![relay]).unwrap())
}

async fn redeem(bob: &mut Peer, code: Arc<InviteCode>) -> Arc<RedemptionView> {
    let allow_relay = true;
    let asked = bob.send(Command::Redeem { code, allow_relay });
    bob.wait("the redemption", |event| match event {
        Event::RedemptionStarted { request, redemption } if *request == asked => Some(Arc::clone(redemption)),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn who_allows_the_relay_later_goes_on_where_it_failed() {
    let (relay, through_relay) = relay().await;
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let shown = alice.invite(party).await;
    // Alice, too, begins without a relay: her code names it once she uses one.
    use_network(&mut alice, through_relay.clone()).await;
    let code = code_through_relay(&mut alice, &shown).await;

    let redemption = redeem(&mut bob, Arc::clone(&code)).await;
    assert!(redemption.relay_left_out.is_some(), "{redemption:?}");
    use_network(&mut bob, through_relay).await;
    let pin = alice.pin(shown.id).await;
    bob.enter_pin(redemption.id, &pin).await;
    assert_eq!(bob.joined(redemption.id).await, party);
    bob.sees_online(party, "Alice").await;
    alice.sees_members(party, &["Alice", "Bob"]).await;
    drop(relay);
}

#[tokio::test]
async fn members_find_each_other_again_after_the_network_was_changed() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    alice.lets_in(&mut bob, party).await;
    bob.sees_online(party, "Alice").await;
    use_network(&mut bob, NetworkMode::Loopback).await;
    bob.add_task(party, "Book the hall").await;
    alice.sees_task(party, "Book the hall").await;
}

#[tokio::test]
async fn what_is_written_while_the_network_is_changed_reaches_members_after_it() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    alice.lets_in(&mut bob, party).await;
    bob.sees_online(party, "Alice").await;
    let mode = NetworkMode::Loopback;
    let asked = bob.send(Command::SetNetworkMode { mode });
    bob.add_task(party, "Book the hall").await;
    bob.wait("another network", |event| {
        matches!(event, Event::Done { request } if *request == asked).then_some(())
    })
    .await;
    alice.sees_task(party, "Book the hall").await;
    bob.sees_online(party, "Alice").await;
}

#[tokio::test]
async fn a_network_that_cannot_be_had_leaves_the_one_from_before() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let url = "ftp://nowhere".to_owned();
    let mode = NetworkMode::OwnRelay { url, token: None };
    let asked = alice.send(Command::SetNetworkMode { mode });
    assert_eq!(alice.failure(asked).await, Failure::NetworkUnavailable);
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    alice.pin(invitation.id).await;
    bob.field(redemption).await;
}
