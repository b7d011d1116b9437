//! What goes wrong around a service: it is killed, its database is, two of them share one.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::own_postgres::OwnPostgres;
use crate::program::{Running, dev, done, new_folder};
use crate::support::{FreshPostgres, http, runtime};

/// Longer than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(120);

/// One client that invites.
#[derive(Clone)]
struct Inviter {
    http: reqwest::Client,
    issuer: String,
    secret: String,
}

impl Inviter {
    fn of(running: &Running, folder: &Path) -> Self {
        Self {
            http: http(),
            issuer: running.issuer.clone(),
            secret: std::fs::read_to_string(folder.join("dev-client.secret"))
                .unwrap()
                .trim()
                .to_owned(),
        }
    }

    /// The status of the answer; none if there was no answer.
    async fn invite(&self, address: &str) -> Option<u16> {
        let asked = self
            .http
            .post(format!("{}/api/invite", self.issuer))
            .basic_auth("dev", Some(&self.secret))
            .json(&json!({ "email_address": address }));
        Some(asked.send().await.ok()?.status().as_u16())
    }

    async fn ready(&self) -> (u16, Value) {
        let answer = self.http.get(format!("{}/readyz", self.issuer)).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    /// Looks until `/readyz` says so.
    async fn until(&self, fits: impl Fn(u16, &Value) -> bool) {
        let looks = async {
            loop {
                let (status, body) = self.ready().await;
                if fits(status, &body) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(DEADLINE, looks).await.unwrap();
    }
}

/// The addresses of all invitations, by the command.
fn invited(mut list: std::process::Command) -> Vec<Value> {
    list.args(["invite", "list", "dev", "--limit", "100000"]);
    let ended = done(list);
    assert_eq!(ended.code, Some(0));
    ended.events
}

fn addresses(events: &[Value]) -> BTreeSet<String> {
    events
        .iter()
        .map(|event| event["address"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_was_answered_survives_a_kill() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let inviter = Inviter::of(&running, folder.path());
    let accepted: BTreeSet<String> = runtime().block_on(async {
        let (sender, mut answered) = tokio::sync::mpsc::unbounded_channel();
        for task in 0..8 {
            let (inviter, sender) = (inviter.clone(), sender.clone());
            tokio::spawn(async move {
                for number in 0.. {
                    let address = format!("p{task}x{number}@d{task}.example.org");
                    if inviter.invite(&address).await != Some(200) {
                        break;
                    }
                    sender.send(address).unwrap();
                }
            });
        }
        drop(sender);
        let mut accepted = BTreeSet::new();
        let mut running = Some(running);
        while let Some(address) = answered.recv().await {
            accepted.insert(address);
            if accepted.len() == 60
                && let Some(running) = running.take()
            {
                running.kill();
            }
        }
        accepted
    });
    assert!(accepted.len() >= 60);

    let all = invited(dev(folder.path(), &[]));
    let kept = addresses(&all);
    assert!(accepted.is_subset(&kept), "{:?}", accepted.difference(&kept));
    // Each either has its mail out or waiting.
    let queue = done(dev(folder.path(), &["mail", "queue"])).events;
    let waits: BTreeSet<&str> = queue.iter().filter_map(|row| row["reference"].as_str()).collect();
    for one in &all {
        let id = one["invitation"].as_str().unwrap();
        assert!(one["status"] == "sent" || waits.contains(id), "{one}");
    }
    Running::start(dev(folder.path(), &["--port", "0"])).end();
}

#[test]
fn a_database_that_is_cut_off_is_used_again_when_it_is_back() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let folder = new_folder();
    let with_postgres = |words: &[&str]| {
        let mut command = dev(folder.path(), words);
        command.env("PARTYLINE_SERVE_DATABASE_URL", postgres.url());
        command
    };
    let running = Running::start(with_postgres(&["--port", "0"]));
    let inviter = Inviter::of(&running, folder.path());
    let mut accepted = BTreeSet::new();
    runtime().block_on(async {
        for number in 0..40 {
            if number == 20 {
                postgres.cut();
                assert_eq!(inviter.ready().await.0, 503);
                assert_eq!(inviter.invite("nobody@example.org").await, Some(503));
                postgres.begin();
                inviter.until(|status, _body| status == 200).await;
            }
            let address = format!("p{number}@d{number}.example.org");
            assert_eq!(inviter.invite(&address).await, Some(200));
            accepted.insert(address);
        }
        // Its own tasks go on too: everything is mailed.
        inviter.until(|_status, body| body["outbox"] == 0).await;
    });
    assert_eq!(addresses(&invited(with_postgres(&[]))), accepted);
    running.end();
}

#[test]
fn two_processes_on_one_postgresql_send_each_mail_once() {
    runtime().block_on(async {
        let Some(fresh) = FreshPostgres::make().await else {
            return;
        };
        let folder = new_folder();
        let start = || {
            let mut command = dev(folder.path(), &["--port", "0"]);
            command.env("PARTYLINE_SERVE_DATABASE_URL", &fresh.url);
            Running::start(command)
        };
        let (one, two) = (start(), start());
        let inviters = [Inviter::of(&one, folder.path()), Inviter::of(&two, folder.path())];
        let invitations = (0..300).map(|number| {
            let inviter = inviters[number % 2].clone();
            async move { inviter.invite(&format!("p{number}@d{number}.example.org")).await }
        });
        let answers = futures::future::join_all(invitations).await;
        assert!(answers.iter().all(|status| *status == Some(200)), "{answers:?}");
        inviters[0].until(|_status, body| body["outbox"] == 0).await;

        let mails: Vec<String> = std::fs::read_dir(folder.path().join("mail"))
            .unwrap()
            .map(|entry| String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()).into_owned())
            .collect();
        let header = |mail: &String, name: &str| {
            let line = mail.lines().find(|line| line.starts_with(name)).unwrap();
            line.to_owned()
        };
        let to: BTreeSet<String> = mails.iter().map(|mail| header(mail, "To: ")).collect();
        let ids: BTreeSet<String> = mails.iter().map(|mail| header(mail, "Message-ID: ")).collect();
        assert_eq!((mails.len(), to.len(), ids.len()), (300, 300, 300));
        // The same mail a second time would have the same file. Both have had their share.
        let sent = [one.end(), two.end()].map(|log| log.matches("a mail is in ").count());
        assert_eq!(sent[0] + sent[1], 300);
        assert!(sent[0] > 0 && sent[1] > 0, "{sent:?}");
        fresh.drop().await;
    });
}
