//! The examples for developers of clients, run as they are: each invites somebody, who opens the link of the mail and presses the button.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::program::{Running, dev, done, new_folder};
use crate::support::http;

/// Longer than a mail takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(60);

#[test]
fn the_example_in_python_lets_somebody_in() {
    lets_somebody_in("python3", "examples/service/client.py");
}

#[test]
fn the_example_in_javascript_lets_somebody_in() {
    lets_somebody_in("node", "examples/service/client.mjs");
}

fn lets_somebody_in(interpreter: &str, example: &str) {
    let there = Command::new(interpreter)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if !there.is_ok_and(|status| status.success()) {
        println!("SKIPPED: there is no {interpreter}");
        return;
    }
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
        .to_string();
    let redirect = format!("http://127.0.0.1:{port}/welcome");
    done(dev(folder.path(), &["redirect", "add", "dev", &redirect])).only();

    let mut client = Command::new(interpreter)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join(example))
        .args(["--issuer", &running.issuer, "--port", &port, "--secret-file"])
        .arg(folder.path().join("dev-client.secret"))
        .arg("bonny@example.org")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "invited bonny@example.org");

    let link = link_of_the_mail(&folder.path().join("mail"), &running.issuer);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let page = http().get(&link).send().await.unwrap();
        assert_eq!(page.status(), 200);
        let pressed = http().post(&link).send().await.unwrap();
        assert_eq!(pressed.status(), 303);
        let welcome = pressed.headers()["location"].to_str().unwrap().to_owned();
        assert!(welcome.starts_with(&redirect), "{welcome}");
        assert_eq!(http().get(welcome).send().await.unwrap().status(), 200);
    });
    let last = lines.next().unwrap().unwrap();
    assert!(last.starts_with("bonny@example.org came in as "), "{last}");
    assert!(client.wait().unwrap().success());
    let listed = done(dev(folder.path(), &["invite", "list", "dev"])).only();
    assert_eq!(listed["status"], "accepted");
    running.end();
}

/// The link of the only mail in a folder, once it is there.
fn link_of_the_mail(folder: &Path, issuer: &str) -> String {
    let begin = Instant::now();
    let mail = loop {
        let found = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.extension().is_some_and(|extension| extension == "eml"));
        if let Some(path) = found {
            break std::fs::read_to_string(path).unwrap();
        }
        assert!(begin.elapsed() < DEADLINE, "no mail came");
        std::thread::yield_now();
    };
    // Quoted-printable (RFC 2045, 6.7): folded lines, and `=` as a code.
    let text = mail.replace("=\r\n", "").replace("=3D", "=");
    let (_, rest) = text.split_once(&format!("{issuer}/i/")).unwrap();
    let token: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .collect();
    format!("{issuer}/i/{token}")
}
