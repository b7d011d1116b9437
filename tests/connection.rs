//! Why two devices do not find each other, asked of real programs on loopback.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "shared with other tests")]
mod peer;

use std::sync::Arc;

use partyline::worker::{Command, ConnectionView, Event, ReachedView, RedemptionId, TriedView, Way};
use peer::Peer;

async fn explained(peer: &mut Peer, redemption: Option<RedemptionId>) -> Arc<ConnectionView> {
    let asked = peer.send(Command::ExplainConnection { redemption });
    peer.wait("the facts", |event| match event {
        Event::ConnectionExplained { request, connection } if *request == asked => Some(Arc::clone(connection)),
        _ => None,
    })
    .await
}

#[tokio::test]
async fn a_device_that_is_there_is_told_with_its_way_and_its_clock() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let invitation = alice.invite(party).await;
    let redemption = bob.redeem(&invitation.code.to_text()).await;
    bob.field(redemption).await;
    let told = explained(&mut bob, Some(redemption)).await;
    let there = told.there.as_ref().unwrap();
    assert!(
        matches!(there.reached, ReachedView::Now(Way::Direct(address)) if address.ip().is_loopback()),
        "{there:?}"
    );
    assert!(there.clock_ahead.unwrap().abs() < 120, "{there:?}");
    assert_eq!(there.version, Some(1));
    assert!(there.addresses.iter().all(|(_, tried)| *tried == TriedView::Tried));
    assert!(told.here.port.is_some() && explained(&mut alice, None).await.there.is_none());
}

#[tokio::test]
async fn a_device_that_is_away_has_not_answered() {
    let (mut alice, mut bob) = (Peer::start("Alice").await, Peer::start("Bob").await);
    let party = alice.create_party("Choir").await;
    let code = alice.invite(party).await.code.to_text();
    drop(alice.stop().await);
    let redemption = bob.redeem(&code).await;
    let told = explained(&mut bob, Some(redemption)).await;
    let there = told.there.as_ref().unwrap();
    assert!(
        matches!(there.reached, ReachedView::NotYet | ReachedView::Never(_)),
        "{there:?}"
    );
    assert_eq!((there.clock_ahead, there.relay.clone()), (None, None));
}
