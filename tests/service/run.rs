//! The service as a program: it starts, ends, is killed and started again, and its commands work beside it.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::program::{Running, dev, done, new_folder};

fn get(url: &str) -> (u16, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let answer = crate::support::http().get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    })
}

#[test]
fn it_is_tried_out_with_one_word_and_ends_well() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let client = running.expect("dev_client");
    let secret = client["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("pls_") && client["try"].as_str().unwrap().contains("/api/invite"));
    assert_eq!(get(&format!("{}/healthz", running.issuer)), (200, "ok".to_owned()));
    let (status, ready) = get(&format!("{}/readyz", running.issuer));
    let ready: Value = serde_json::from_str(&ready).unwrap();
    assert_eq!((status, &ready["database"]), (200, &Value::from("ok")));
    assert!(!running.end().contains(&secret), "a secret in the log");

    let again = Running::start(dev(folder.path(), &["--port", "0"]));
    assert_eq!(again.expect("dev_client")["secret"], Value::Null);
    again.kill();
    Running::start(dev(folder.path(), &["--port", "0"])).end();
}

#[test]
fn a_port_that_is_taken_is_said_before_anything_is_made() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let ended = done(dev(folder.path(), &["--port", &port]));
    assert_eq!(ended.problem(), "serve_address_taken");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn it_runs_with_the_configuration_that_is_handed_out_and_tells_figures() {
    let folder = new_folder();
    let figures = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
    // As it is but for what belongs to a machine.
    command
        .args([
            "serve",
            "--json",
            "--config",
            concat!(env!("CARGO_MANIFEST_DIR"), "/assets/serve.toml"),
        ])
        .env("PARTYLINE_SERVE_FOLDER", folder.path())
        .env("PARTYLINE_SERVE_LISTEN", "127.0.0.1:0")
        .env("PARTYLINE_SERVE_METRICS", figures.to_string());
    let running = Running::start(command);
    assert_eq!(running.issuer, "https://invite.example.org");
    let listen = &running.listen;
    assert_eq!(get(&format!("http://{listen}/healthz")), (200, "ok".to_owned()));
    assert_eq!(get(&format!("http://{listen}/i/not-a-link")).0, 404);
    assert_eq!(get(&format!("http://{listen}/metrics")).0, 404);
    let (status, told) = get(&format!("http://{figures}/metrics"));
    assert_eq!(status, 200);
    for line in [
        "partyline_http_requests_total{method=\"GET\",route=\"/i/{token}\",status=\"404\"} 1",
        "partyline_outbox_depth 0",
        "# TYPE partyline_db_write_seconds histogram",
    ] {
        assert!(told.contains(line), "{line} in {told}");
    }
    assert!(!told.contains("not-a-link"), "{told}");
    running.end();
}

#[test]
fn clients_are_registered_beside_a_running_service() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let command = |words: &[&str]| done(dev(folder.path(), words));
    let create = [
        "client",
        "create",
        "choir",
        "--name",
        "Choir",
        "--redirect",
        "https://choir.test/welcome",
    ];
    let created = command(&create).only();
    assert!(created["secret"].as_str().unwrap().starts_with("pls_"));
    assert_eq!(command(&create).problem(), "serve_client_exists");
    let shown = command(&["client", "show", "choir"]).only();
    assert_eq!(shown["redirect_uris"], Value::from(vec!["https://choir.test/welcome"]));
    assert_eq!(shown.get("secret"), None);
    // The desktop application is there from the start.
    assert_eq!(command(&["client", "list"]).events.len(), 3);

    let rotated = command(&["client", "rotate-secret", "choir"]).only();
    assert_ne!(rotated["secret"], created["secret"]);
    command(&["client", "disable", "choir"]).only();
    assert_eq!(command(&["client", "show", "choir"]).only()["disabled"], true);
    command(&["client", "enable", "choir"]).only();

    command(&["redirect", "add", "choir", "http://127.0.0.1/callback"]).only();
    assert_eq!(
        command(&["redirect", "add", "choir", "http://choir.test/"]).problem(),
        "serve_redirect"
    );
    assert_eq!(command(&["redirect", "list", "choir"]).events.len(), 2);
    command(&["redirect", "remove", "choir", "http://127.0.0.1/callback"]).only();
    assert_eq!(
        command(&["redirect", "remove", "choir", "http://127.0.0.1/callback"]).problem(),
        "serve_no_redirect"
    );
    assert_eq!(command(&["client", "show", "nobody"]).problem(), "serve_no_client");
    running.end();
}

#[test]
fn the_unit_is_one_that_systemd_starts() {
    const ANALYZE: &str = "/usr/bin/systemd-analyze";
    if !Path::new(ANALYZE).exists() {
        println!("SKIPPED: there is no {ANALYZE}");
        return;
    }
    // As it is but for the program and its user, who are not on this machine.
    let unit = include_str!("../../assets/partyline-serve.service")
        .replace("/usr/local/bin/partyline", env!("CARGO_BIN_EXE_partyline"))
        .replace("User=partyline", "User=root");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("partyline-serve.service");
    std::fs::write(&file, unit).unwrap();
    let verified = Command::new(ANALYZE).arg("verify").arg(&file).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&verified.stderr), "");
    assert!(verified.status.success());
}
