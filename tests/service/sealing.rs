//! The events' numbers and the chain of their hashes.

use std::time::Duration;

use partyline::service::audit::{self, Broken, Check};
use partyline::service::database::chain::Sealed;
use partyline::service::database::events::{self, Event, Kind};
use partyline::service::{sealing, sweeper};

use crate::support::{Served, on_both};

pub(crate) async fn happened(served: &Served, times: usize) {
    let now = served.now();
    let written = served.service.database.write(move |connection| {
        Box::pin(async move {
            for _ in 0..times {
                let event = Event {
                    client_id: "choir",
                    invitation_id: None,
                    kind: Kind::InvitationSent,
                    actor: "mail",
                    data: "{\"note\":\"Grüße, \\\"quoted\\\"\"}".to_owned(),
                };
                events::add(connection, &event, now).await?;
            }
            Ok(())
        })
    });
    written.await.unwrap();
}

async fn all(served: &Served) -> Vec<Sealed> {
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, |event: &Sealed| event.seq);
        let page = audit::page(&served.service, after).await.unwrap();
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

fn checked(events: Vec<Sealed>) -> Result<(i64, String), Broken> {
    let mut check = Check::default();
    for event in events {
        check.next(event)?;
    }
    check.end()
}

#[test]
fn each_event_gets_one_number_without_a_gap() {
    on_both(|served| async move {
        happened(&served, 1203).await;
        assert_eq!(sealing::once(&served.service).await.unwrap(), 500);
        // Two processes at once: each event is sealed by one of them.
        let (one, two) = tokio::join!(sealing::once(&served.service), sealing::once(&served.service));
        assert_eq!(one.unwrap() + two.unwrap(), 703);
        assert_eq!(sealing::once(&served.service).await.unwrap(), 0);
        happened(&served, 1).await;
        assert_eq!(sealing::once(&served.service).await.unwrap(), 1);
        let events = all(&served).await;
        assert_eq!(checked(events.clone()).unwrap().0, 1204);
        let mut without = events;
        without.remove(700);
        assert_eq!(checked(without), Err(Broken::Gap(700)));
    });
}

#[test]
fn events_of_a_year_ago_are_taken_away_and_the_chain_still_holds() {
    on_both(|served| async move {
        happened(&served, 10).await;
        sealing::once(&served.service).await.unwrap();
        served.pass(Duration::from_secs(364 * 24 * 3600));
        happened(&served, 5).await;
        sealing::once(&served.service).await.unwrap();
        served.pass(Duration::from_secs(3 * 24 * 3600));
        assert_eq!(sweeper::once(&served.service).await.unwrap().removed, 10);
        assert_eq!(sweeper::once(&served.service).await.unwrap().removed, 0);
        sealing::once(&served.service).await.unwrap();
        let events = all(&served).await;
        assert_eq!((events.len(), events[0].seq), (6, 11));
        assert_eq!(checked(events.clone()).unwrap().0, 16);
        // Whoever takes away more than is written down is noticed.
        assert_eq!(checked(events[1..].to_vec()), Err(Broken::Start(12)));
    });
}

#[test]
fn the_chain_goes_on_after_a_year_in_which_nothing_happened() {
    on_both(|served| async move {
        happened(&served, 10).await;
        sealing::once(&served.service).await.unwrap();
        let last = all(&served).await.pop().unwrap();
        served.pass(Duration::from_secs(400 * 24 * 3600));
        assert_eq!(sweeper::once(&served.service).await.unwrap().removed, 9);
        sealing::once(&served.service).await.unwrap();
        let events = all(&served).await;
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [10, 11]);
        assert_eq!(events[0], last);
        assert_eq!(checked(events).unwrap().0, 11);
        // The one that was the last is old too, now that another follows it; then nothing is old any more.
        assert_eq!(sweeper::once(&served.service).await.unwrap().removed, 1);
        assert_eq!(sweeper::once(&served.service).await.unwrap().removed, 0);
        sealing::once(&served.service).await.unwrap();
        assert_eq!(checked(all(&served).await).unwrap().0, 12);
    });
}
