//! A mail server of a few lines, for what a real one cannot be asked to do: it takes a mail, and the service is killed before it hears of that.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use partyline::service::database::query;
use partyline::service::run::OpenTables;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Running, done, new_folder};

/// Longer than anything here takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

struct Sink {
    port: u16,
    mails: Receiver<Mail>,
}

/// A mail that has come whole, and waits for its answer.
struct Mail {
    text: String,
    connection: TcpStream,
    go_on: Sender<()>,
}

impl Sink {
    fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, mails) = channel();
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                // Whoever is killed hangs up in the middle.
                thread::spawn(move || serve(&connection, &sender).ok());
            }
        });
        Self { port, mails }
    }

    fn next(&self) -> Mail {
        self.mails.recv_timeout(DEADLINE).unwrap()
    }
}

impl Mail {
    fn answer(self, line: &str) {
        (&self.connection).write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.go_on.send(()).unwrap();
    }

    fn message_id(&self) -> &str {
        self.text.lines().find(|line| line.starts_with("Message-ID: ")).unwrap()
    }
}

fn serve(connection: &TcpStream, mails: &Sender<Mail>) -> std::io::Result<()> {
    let mut lines = BufReader::new(connection.try_clone()?).lines();
    let say = |line: &str| {
        let mut connection = connection;
        connection.write_all(format!("{line}\r\n").as_bytes())
    };
    say("220 sink")?;
    while let Some(line) = lines.next().transpose()? {
        match line.split(' ').next() {
            Some("DATA") => {
                say("354 go on")?;
                let text: Vec<String> = lines
                    .by_ref()
                    .map_while(Result::ok)
                    .take_while(|line| line != ".")
                    .collect();
                let (go_on, answered) = channel();
                let mail = Mail {
                    text: text.join("\n"),
                    connection: connection.try_clone()?,
                    go_on,
                };
                if mails.send(mail).is_err() || answered.recv().is_err() {
                    break;
                }
            }
            Some("QUIT") => break,
            _ => say("250 sink")?,
        }
    }
    Ok(())
}

/// A service that mails to the sink, and a client of it.
struct Scene {
    folder: TempDir,
    sink: Sink,
}

impl Scene {
    fn new() -> Self {
        let (folder, sink) = (new_folder(), Sink::open());
        let text = format!(
            "issuer = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:0\"\nfolder = \".\"\n[mail]\nfrom = \"invites@example.org\"\n\
             [mail.smtp]\nhost = \"127.0.0.1\"\nport = {port}\nencryption = \"none\"\n",
            port = sink.port
        );
        std::fs::write(folder.path().join("serve.toml"), text).unwrap();
        let scene = Self { folder, sink };
        let words = "client create choir --name Choir --redirect https://choir.test/welcome";
        done(scene.serve(&words.split(' ').collect::<Vec<_>>())).only();
        scene
    }

    fn serve(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
        let config = self.folder.path().join("serve.toml");
        command.args(["serve", "--json", "--config"]).arg(config).args(words);
        command.env("PARTYLINE_LOG", "partyline=debug");
        command
    }

    /// Invites somebody, and answers with the invitation's id.
    fn invite(&self, address: &str) -> String {
        let sent = done(self.serve(&["invite", "send", "choir", address])).only();
        sent["invitation"].as_str().unwrap().to_owned()
    }

    /// Looks at what a command tells until it fits; each look is a program of its own.
    fn until(&self, words: &[&str], fits: impl Fn(&Value) -> bool) -> Value {
        let looks = std::iter::repeat_with(|| done(self.serve(words)).events);
        let mut events = looks.take(200).flatten();
        events.find(|event| fits(event)).unwrap()
    }
}

#[test]
fn a_mail_that_was_taken_while_the_service_was_killed_comes_again_as_the_same() {
    let scene = Scene::new();
    let id = scene.invite("bonny@example.org");
    let running = Running::start(scene.serve(&[]));
    let first = scene.sink.next();
    let message_id = first.message_id().to_owned();
    // The answer is on its way, and whoever waits for it never reads it.
    running.freeze();
    first.answer("250 2.0.0 taken");
    running.kill();
    assert_eq!(
        done(scene.serve(&["invite", "show", &id])).events[0]["status"],
        "queued"
    );

    a_minute_passes_for_what_was_leased(&scene.folder.path().join("service.sqlite"));
    let running = Running::start(scene.serve(&[]));
    let again = scene.sink.next();
    assert_eq!(again.message_id(), message_id);
    again.answer("250 2.0.0 taken");
    scene.until(&["invite", "show", &id], |event| event["status"] == "sent");
    assert_eq!(done(scene.serve(&["mail", "queue"])).only()["rows"], 0);
    running.end();
    assert!(scene.sink.mails.try_recv().is_err(), "a third one");
}

fn a_minute_passes_for_what_was_leased(file: &Path) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tables = OpenTables::sqlite(file).await.unwrap();
        let written = tables.database.write(|connection| {
            Box::pin(async move {
                let leases = query("UPDATE outbox SET lease_until = lease_until - 60000");
                Ok(leases.execute(connection).await?)
            })
        });
        assert_eq!(written.await.unwrap(), 1);
        tables.close().await;
    });
}

#[test]
fn no_address_of_a_person_is_in_the_log_whatever_the_mail_server_says() {
    let scene = Scene::new();
    let later = scene.invite("bonny@example.org");
    let running = Running::start(scene.serve(&[]));
    let said = "451 4.7.1 <bonny@example.org>: Recipient address rejected: Greylisted";
    scene.sink.next().answer(said);
    scene.until(&["mail", "queue"], |event| {
        event["reference"] == later.as_str() && event["last_error"] == said
    });
    let never = scene.invite("clyde@example.org");
    scene.sink.next().answer("550 5.1.1 <clyde@example.org>: User unknown");
    let shown = scene.until(&["invite", "show", &never], |event| event["status"] == "bounced");
    assert_eq!(shown["last_smtp"], "550 5.1.1 <clyde@example.org>: User unknown");
    let log = running.end();
    assert!(log.contains("451 4.7.1") && log.contains(&never), "{log}");
    assert!(!log.contains("bonny") && !log.contains("clyde"), "{log}");
}

#[test]
fn a_check_asks_the_mail_server_and_fails_if_it_would_get_no_mail() {
    let scene = Scene::new();
    let verdict = |events: &[Value], what: &str| {
        let found = events.iter().find(|event| event["what"] == what).unwrap();
        found["verdict"].as_str().unwrap().to_owned()
    };
    let checked = done(scene.serve(&["check"]));
    assert_eq!(verdict(&checked.events, "mail"), "fine", "{:?}", checked.events);
    // What is there is no service of ours, and nothing that it could not do without.
    assert_eq!(
        (verdict(&checked.events, "issuer").as_str(), checked.code),
        ("doubtful", Some(0))
    );

    let mut encrypted = scene.serve(&["check"]);
    encrypted.env("PARTYLINE_SERVE_MAIL_SMTP_ENCRYPTION", "starttls");
    let checked = done(encrypted);
    assert_eq!(verdict(&checked.events, "mail"), "wrong");
    assert_eq!(checked.problem(), "serve_check_failed");
}
