//! The life of invitations compared with a slow, literal reading of SERVICE.md, chapter 3, over random sequences of what happens to them.

use std::time::Duration;

use partyline::service::database::{invitations, suppressions};
use partyline::service::status::Change;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use reqwest::Method;
use serde_json::json;

use crate::api_support::invite;
use crate::support::{Served, on_both, on_both_with};

const REDIRECT: &str = "https://myapp.test/welcome";
const STEPS: usize = 60;
const LIVES: u64 = 18;

/// What happens to an invitation: by a worker, by the person, by the client, by the clock.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Happening {
    Worker(Change),
    Resend,
    Revoke,
    Pass(Duration),
}

/// What the chapter says.
struct Model {
    /// How it began: with a mail, without one, or of an address that wants none.
    begin: &'static str,
    /// It leads into a party, which does not let it live longer.
    into_party: bool,
    state: &'static str,
    ends_in: Duration,
    sent: i64,
}

const OPEN: [&str; 7] = ["created", "queued", "sent", "opened", "bounced", "failed", "suppressed"];
const LIFE: Duration = Duration::from_secs(3600);

impl Model {
    fn shown(&self) -> &'static str {
        match self.state {
            state if OPEN.contains(&state) && self.ends_in.is_zero() => "expired",
            // The client is told nothing of it.
            "suppressed" => "queued",
            state => state,
        }
    }

    fn may_be_sent_again(&self) -> bool {
        let is_open = OPEN.contains(&self.state);
        if self.into_party {
            (is_open || self.state == "accepted") && !self.ends_in.is_zero()
        } else {
            is_open || self.state == "expired"
        }
    }

    /// Whether it happens.
    fn step(&mut self, happening: Happening) -> bool {
        let is_over = self.ends_in.is_zero();
        let is_open = OPEN.contains(&self.state);
        let next = match happening {
            Happening::Pass(time) => {
                self.ends_in = self.ends_in.saturating_sub(time);
                return true;
            }
            Happening::Worker(Change::Sent) if self.state == "queued" => "sent",
            Happening::Worker(Change::Failed) if self.state == "queued" => "failed",
            Happening::Worker(Change::Bounced) if ["queued", "sent"].contains(&self.state) => "bounced",
            Happening::Worker(Change::Opened) if is_open && !is_over => "opened",
            Happening::Worker(Change::Accepted) if is_open && !is_over => "accepted",
            Happening::Worker(Change::Declined) if is_open && !is_over => "declined",
            Happening::Worker(Change::Expired) if is_open && is_over => "expired",
            Happening::Revoke if is_open || self.state == "expired" => "revoked",
            Happening::Revoke if self.into_party && self.state == "accepted" => "revoked",
            // Once more changes nothing.
            Happening::Revoke if self.state == "revoked" => return true,
            Happening::Resend if self.begin != "created" && self.may_be_sent_again() => {
                if !self.into_party {
                    self.ends_in = LIFE;
                }
                self.sent += 1;
                self.begin
            }
            _ => return false,
        };
        self.state = next;
        true
    }
}

fn any(random: &mut StdRng) -> Happening {
    use Change::{Accepted, Bounced, Declined, Expired, Failed, Opened, Sent};
    // What is final comes seldom, so that lives are long.
    match random.random_range(0..40) {
        0 => Happening::Worker(Accepted),
        1 => Happening::Worker(Declined),
        2 => Happening::Revoke,
        3..9 => Happening::Worker(Opened),
        9..16 => Happening::Worker(Sent),
        16..19 => Happening::Worker(Failed),
        19..22 => Happening::Worker(Bounced),
        22..28 => Happening::Worker(Expired),
        28..33 => Happening::Resend,
        // To the end to the millisecond, and one short of it.
        33 => Happening::Pass(LIFE),
        34 => Happening::Pass(LIFE - Duration::from_millis(1)),
        35 => Happening::Pass(Duration::from_millis(1)),
        _ => Happening::Pass(Duration::from_secs(random.random_range(0..1800))),
    }
}

async fn happens(served: &Served, id: &str, happening: Happening) -> bool {
    match happening {
        Happening::Worker(change) => {
            let (id, now) = (id.to_owned(), served.now());
            let written = served.service.database.write(move |connection| {
                Box::pin(async move { invitations::change(connection, &id, change, now, now).await })
            });
            written.await.unwrap()
        }
        Happening::Resend => {
            let answer = served
                .ask(Method::POST, &format!("/api/invitations/{id}/resend"), "choir")
                .await;
            assert!(matches!(answer.status, 202 | 409), "{}", answer.text);
            answer.status == 202
        }
        Happening::Revoke => {
            let answer = served
                .ask(Method::DELETE, &format!("/api/invitations/{id}"), "choir")
                .await;
            assert!(matches!(answer.status, 200 | 409), "{}", answer.text);
            answer.status == 200
        }
        Happening::Pass(time) => {
            served.pass(time);
            true
        }
    }
}

/// The address wants no mail from anybody.
async fn unwanted(served: &Served, address: &str) {
    let (address, now) = (address.to_owned(), served.now());
    let written = served.service.database.write(move |connection| {
        Box::pin(async move { suppressions::add(connection, suppressions::EVERYBODY, &address, "asked", now).await })
    });
    assert!(written.await.unwrap());
}

#[test]
fn every_life_goes_as_the_chapter_says() {
    on_both_with(
        |config| {
            config.limits.address_per_minute = 1_000_000;
            config.limits.address_per_day = 1_000_000;
        },
        |served| async move {
            served.register("choir", REDIRECT).await;
            for seed in 0..LIVES {
                let mut random = StdRng::seed_from_u64(seed);
                let begin = ["queued", "created", "suppressed"][usize::try_from(seed % 3).unwrap()];
                let address = format!("p{seed}@example.com");
                if begin == "suppressed" {
                    unwanted(&served, &address).await;
                }
                let deliver = if begin == "created" { "none" } else { "email" };
                let mut request = invite(&json!({ "ttl_sec": 3600, "email_address": address, "deliver": deliver }));
                let into_party = begin != "created" && random.random();
                if into_party {
                    request["party"] = json!({ "invitation": "abc-_1", "party_ref": "A".repeat(43) });
                }
                let made = served.submit("/api/invitations", &request).await.json();
                let id = made["id"].as_str().unwrap();
                let mut model = Model {
                    begin,
                    into_party,
                    state: begin,
                    ends_in: LIFE,
                    sent: made["send_count"].as_i64().unwrap(),
                };
                let mut story = Vec::new();
                for _step in 0..STEPS {
                    let happening = any(&mut random);
                    story.push(happening);
                    let happened = happens(&served, id, happening).await;
                    assert_eq!(happened, model.step(happening), "seed {seed}: {story:?}");
                    let shown = served.look(&format!("/api/invitations/{id}")).await.json();
                    assert_eq!(shown["status"], model.shown(), "seed {seed}: {story:?}");
                    assert_eq!(shown["send_count"], model.sent, "seed {seed}: {story:?}");
                }
            }
        },
    );
}

#[test]
fn of_many_that_end_it_at_once_one_does() {
    on_both(|served| async move {
        served.register("choir", REDIRECT).await;
        let made = served.submit("/api/invitations", &invite(&json!({}))).await.json();
        let id = made["id"].as_str().unwrap().to_owned();
        let mut tasks = tokio::task::JoinSet::new();
        for turn in 0..64 {
            let (id, now, database) = (id.clone(), served.now(), served.service.database.clone());
            let change = [Change::Accepted, Change::Declined, Change::Revoked][turn % 3];
            tasks.spawn(async move {
                let write = database.write(move |connection| {
                    Box::pin(async move { invitations::change(connection, &id, change, now, now).await })
                });
                write.await.unwrap()
            });
        }
        let ended = tasks.join_all().await.into_iter().filter(|ended| *ended);
        assert_eq!(ended.count(), 1);
    });
}
