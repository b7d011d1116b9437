//! How much is taken from whom.

use std::sync::Arc;
use std::time::Duration;

use partyline::service::client::ClientKind;
use partyline::service::database::counters::SHARDS;
use partyline::service::limits::{self, Limit, Shard};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::api_support::{Answered, invite};
use crate::support::{Kind, Served, client, on_both, on_both_with};

const REDIRECT: &str = "https://myapp.test/welcome";
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

fn to(address: &str) -> Value {
    invite(&json!({ "email_address": address }))
}

fn too_much(answer: &Answered, retry_after: &str) {
    assert_eq!(answer.refusal(), (429, "slow_down".to_owned()));
    assert_eq!(answer.header("retry-after"), Some(retry_after));
}

#[test]
fn an_address_is_written_to_once_a_minute_and_three_times_a_day_by_all_together() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        served.register("orchestra", REDIRECT).await;
        served.pass(Duration::from_millis(500));
        let bonny = to("bonny@example.com");
        assert_eq!(served.submit("/api/invite", &bonny).await.status, 200);
        let orchestra = invite(&json!({ "client_id": "orchestra", "email_address": "BONNY@Example.com" }));
        too_much(&served.submit("/api/invite", &orchestra).await, "60");
        // What the client mails itself is no mail from here.
        let passed_on = invite(&json!({ "deliver": "none" }));
        assert_eq!(served.submit("/api/invite", &passed_on).await.status, 200);
        for _second_and_third in 0..2 {
            served.pass(MINUTE);
            assert_eq!(served.submit("/api/invite", &orchestra).await.status, 200);
        }
        served.pass(MINUTE);
        too_much(
            &served.submit("/api/invite", &bonny).await,
            &(24 * 3600 - 180).to_string(),
        );
        assert_eq!(served.submit("/api/invite", &to("clyde@example.com")).await.status, 200);
        served.pass(DAY);
        assert_eq!(served.submit("/api/invite", &bonny).await.status, 200);
    });
}

#[test]
fn a_client_sends_so_many_in_a_minute_and_a_day() {
    on_both(|served| async move {
        let mut small = client("choir", ClientKind::Confidential);
        (small.invites_per_minute, small.invites_per_day) = (3, 5);
        served.register_as(small, REDIRECT).await;
        let send = async |n: u32| served.submit("/api/invite", &to(&format!("p{n}@example.com"))).await;
        for n in 0..3 {
            assert_eq!(send(n).await.status, 200);
        }
        too_much(&send(3).await, "60");
        served.pass(MINUTE);
        // What was refused was not counted.
        for n in 3..5 {
            assert_eq!(send(n).await.status, 200);
        }
        too_much(&send(5).await, &(24 * 3600 - 60).to_string());
        assert_eq!(served.count("SELECT COUNT(*) FROM invitations").await, 5);
    });
}

#[test]
fn a_domain_is_written_to_so_often_in_an_hour() {
    on_both_with(
        |config| config.limits.domain_per_hour = 2,
        |served| async move {
            served.register("choir", REDIRECT).await;
            for n in 0..2 {
                assert_eq!(
                    served
                        .submit("/api/invite", &to(&format!("p{n}@example.com")))
                        .await
                        .status,
                    200
                );
            }
            too_much(&served.submit("/api/invite", &to("p3@EXAMPLE.com")).await, "3600");
            assert_eq!(served.submit("/api/invite", &to("p3@example.org")).await.status, 200);
        },
    );
}

#[test]
fn limits_hold_over_a_restart() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        assert_eq!(served.submit("/api/invite", &to("bonny@example.com")).await.status, 200);
        let served = served.restart().await;
        too_much(&served.submit("/api/invite", &to("bonny@example.com")).await, "60");
    });
}

#[test]
fn of_sixty_four_at_once_no_more_get_through_than_may() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let served = Arc::new(served);
        let mut tasks = JoinSet::new();
        for _one in 0..64 {
            let served = Arc::clone(&served);
            tasks.spawn(async move { served.submit("/api/invite", &to("bonny@example.com")).await.status });
        }
        let mut statuses = tasks.join_all().await;
        statuses.sort_unstable();
        assert_eq!((statuses[0], statuses[1], statuses[63]), (200, 429, 429));
        assert_eq!(served.count("SELECT COUNT(*) FROM outbox").await, 1);
    });
}

#[test]
fn a_limit_is_taken_to_its_number_and_not_beyond() {
    on_both(|served| async move {
        let limit = Limit::new("renew/abc".to_owned(), 3, Duration::from_secs(600), "This");
        let shared = Limit::new("shared/abc".to_owned(), 3, Duration::from_secs(600), "This").shared();
        served.pass(Duration::from_secs(599));
        for limit in [limit, shared] {
            for expected in [None, None, None, Some(1), Some(1)] {
                assert_eq!(take(&served, &limit).await, expected);
            }
        }
    });
}

#[test]
fn what_many_share_is_counted_over_all_its_rows_on_postgresql() {
    on_both(|served| async move {
        if served.kind == Kind::Sqlite {
            return;
        }
        let now = served.now();
        let limits = [4, 5].map(|most| Limit::new(format!("shared/{most}"), most, MINUTE, "This").shared());
        let mut taken = 0;
        for row in 0..SHARDS {
            let limits = limits.clone();
            let take = served.service.database.write(move |connection| {
                Box::pin(async move { limits::take_all(connection, &limits, Shard::OneOf(row), now).await })
            });
            taken += i32::from(take.await.unwrap().is_ok());
        }
        assert_eq!(taken, 4);
    });
}

async fn take(served: &Served, limit: &Limit) -> Option<u64> {
    let (limit, now) = (limit.clone(), served.now());
    let taken = served
        .service
        .database
        .write(move |connection| Box::pin(async move { limits::take(connection, &limit, now).await }));
    taken.await.unwrap().err().map(|reached| reached.seconds)
}
