//! The commands that look after a service, beside one that runs.

use std::path::Path;

use serde_json::Value;

use crate::program::{Ended, Running, dev, done, new_folder};

fn command(folder: &Path, words: &[&str]) -> Ended {
    done(dev(folder, words))
}

fn word(event: &Value, name: &str) -> String {
    event[name].as_str().unwrap().to_owned()
}

#[test]
fn an_invitation_is_sent_looked_at_sent_again_and_taken_back() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let command = |words: &[&str]| command(folder.path(), words);
    let sent = command(&[
        "invite",
        "send",
        "dev",
        "Bonny@example.org",
        "--data",
        "inviter_name=Ann",
    ])
    .only();
    assert_eq!(
        (word(&sent, "status"), word(&sent, "address")),
        ("queued".to_owned(), "Bonny@example.org".to_owned())
    );
    let id = word(&sent, "invitation");
    assert_eq!(
        command(&["invite", "list", "dev", "--email", "bonny@EXAMPLE.org"]).only()["invitation"],
        id.as_str()
    );
    assert_eq!(
        command(&["invite", "list", "dev", "--email", "clyde@example.org"])
            .events
            .len(),
        0
    );
    let shown = command(&["invite", "show", &id]).events;
    assert!(
        shown
            .iter()
            .any(|event| event["kind"] == "invitation.created" && event["actor"] == "operator"),
        "{shown:?}"
    );

    command(&["invite", "resend", &id, "--rotate"]).only();
    assert_eq!(word(&command(&["invite", "revoke", &id]).only(), "status"), "revoked");
    assert_eq!(command(&["invite", "resend", &id]).problem(), "serve_refused");
    assert_eq!(
        command(&["invite", "list", "dev", "--status", "revoked"]).events.len(),
        1
    );
    assert_eq!(
        command(&["invite", "list", "dev", "--status", "lost"]).problem(),
        "serve_status"
    );
    assert_eq!(command(&["invite", "show", "nothing"]).problem(), "serve_no_invitation");
    assert_eq!(command(&["mail", "retry", "nothing"]).problem(), "serve_nothing_waits");

    let link = command(&["invite", "send", "dev", "clyde@example.org", "--no-mail"]).only();
    assert!(word(&link, "link").contains("/i/"));
    assert_eq!(
        command(&["invite", "send", "dev", "no address"]).problem(),
        "serve_address"
    );
    assert_eq!(
        command(&["invite", "forget", "bonny@example.org"]).only()["invitations"],
        1
    );
    assert_eq!(command(&["invite", "show", &id]).events[0]["address"], Value::Null);
    running.end();
}

#[test]
fn a_file_of_people_is_imported_once() {
    let folder = new_folder();
    let file = folder.path().join("people.csv");
    std::fs::write(
        &file,
        "Email,inviter_name\nbonny@example.org,\"Ann, the choir\"\nnobody,Ann\nclyde@example.org,Ann\n",
    )
    .unwrap();
    let import = ["invite", "import", "dev", file.to_str().unwrap()];
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let first = command(folder.path(), &import);
    let results: Vec<&Value> = first.events.iter().map(|event| &event["result"]).collect();
    assert_eq!(results[..3], ["invited", "refused", "invited"]);
    assert_eq!(first.problem(), "serve_import_refused");
    let again = command(folder.path(), &import);
    let results: Vec<&Value> = again.events.iter().map(|event| &event["result"]).collect();
    assert_eq!(results[..3], ["known", "refused", "known"]);
    std::fs::write(&file, "name\nAnn\n").unwrap();
    assert_eq!(command(folder.path(), &import).problem(), "serve_csv");
    running.end();
}

#[test]
fn an_address_that_wants_no_mail_gets_none() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let command = |words: &[&str]| command(folder.path(), words);
    command(&["suppress", "add", "Bonny@example.org", "--reason", "asked by phone"]).only();
    let listed = command(&["suppress", "list"]).only();
    assert_eq!(
        (word(&listed, "address"), word(&listed, "reason")),
        ("bonny@example.org".to_owned(), "asked by phone".to_owned())
    );
    assert_eq!(
        word(
            &command(&["invite", "send", "dev", "bonny@example.org"]).only(),
            "status"
        ),
        "suppressed"
    );
    command(&["suppress", "remove", "bonny@example.org"]).only();
    assert_eq!(
        command(&["suppress", "remove", "bonny@example.org"]).problem(),
        "serve_not_suppressed"
    );
    running.end();
}

#[test]
fn templates_are_kept_in_versions() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let command = |words: &[&str]| command(folder.path(), words);
    let text = folder.path().join("text.txt");
    let put = |content: &str| {
        std::fs::write(&text, content).unwrap();
        command(&[
            "template",
            "put",
            "dev",
            "hello",
            "--subject",
            "Come in",
            "--text",
            text.to_str().unwrap(),
        ])
    };
    assert_eq!(put("no link in here").problem(), "serve_refused");
    assert_eq!(put("Hello {{ email }}, open {{ action_url }}").only()["version"], 1);
    assert_eq!(put("Dear {{ email }}, open {{ action_url }}").only()["version"], 2);
    assert_eq!(command(&["template", "list", "dev"]).only()["alias"], "hello");
    assert!(word(&command(&["template", "show", "dev", "hello"]).only(), "text").starts_with("Dear"));
    let preview = command(&["template", "preview", "dev", "hello"]).only();
    assert!(word(&preview, "text").contains("https://"));
    let english = [
        "--locale",
        "english",
        "--subject",
        "a",
        "--text",
        text.to_str().unwrap(),
    ];
    let refused = command(&[&["template", "put", "dev", "hello"], &english[..]].concat());
    assert_eq!(refused.problem(), "serve_refused");
    command(&["template", "remove", "dev", "hello"]).only();
    assert_eq!(
        command(&["template", "show", "dev", "hello"]).problem(),
        "serve_no_template"
    );
    running.end();
}

#[test]
fn what_happened_is_exported_and_checked() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let command = |words: &[&str]| command(folder.path(), words);
    command(&["client", "rotate-secret", "dev"]).only();
    // The service seals within a second; each look is a program of its own.
    let verified = std::iter::repeat_with(|| command(&["audit", "verify"]).only())
        .take(100)
        .find(|verified| verified["events"] != 0)
        .unwrap();
    let exported = command(&["audit", "export"]);
    assert_eq!(exported.events.len() as u64, verified["events"].as_u64().unwrap());
    assert!(
        exported
            .events
            .iter()
            .any(|event| event["kind"] == "client.secret_rotated")
    );
    let file = folder.path().join("audit.jsonl");
    let lines = |events: &[Value]| events.iter().map(|event| format!("{event}\n")).collect::<String>();
    std::fs::write(&file, lines(&exported.events)).unwrap();
    let verify = ["audit", "verify", file.to_str().unwrap()];
    assert_eq!(
        command(&verify).only()["chain"],
        exported.events.last().unwrap()["chain"]
    );
    let mut changed = exported.events;
    changed[0]["actor"] = "somebody".into();
    std::fs::write(&file, lines(&changed)).unwrap();
    assert_eq!(command(&verify).problem(), "serve_chain_broken");
    running.end();
}

#[test]
fn keys_are_shown_and_a_key_for_mails_is_made() {
    let folder = new_folder();
    let command = |words: &[&str]| command(folder.path(), words);
    let keys = command(&["keys", "show"]).only();
    assert_eq!(keys["jwks"]["keys"].as_array().unwrap().len(), 3);
    assert!(!keys.to_string().contains("\"d\""), "a private half");
    let made = command(&["keys", "dkim", "--domain", "example.org"]).only();
    assert_eq!(made["name"], "partyline._domainkey.example.org");
    assert!(word(&made, "record").starts_with("v=DKIM1; k=rsa; p=MIIB"));
    let again = command(&["keys", "dkim", "--domain", "example.org"]).only();
    assert_eq!(again["record"], made["record"]);
    assert_eq!(
        command(&["keys", "dkim", "--domain", "example.org", "--selector", "../x"]).problem(),
        "serve_selector"
    );
}

#[test]
fn a_check_says_what_is_there() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let port = running.issuer.rsplit(':').next().unwrap().to_owned();
    let checked = command(folder.path(), &["check", "--port", &port]);
    let verdict = |what: &str| {
        let found = checked.events.iter().find(|event| event["what"] == what);
        found.map(|event| word(event, "verdict"))
    };
    for what in ["database", "proxy", "issuer"] {
        assert_eq!(verdict(what).as_deref(), Some("fine"), "{what}: {:?}", checked.events);
    }
    assert_eq!((verdict("mail").as_deref(), checked.code), (Some("doubtful"), Some(0)));
    running.end();
}

#[test]
fn a_report_is_not_lost_on_a_folder_that_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.eml");
    std::fs::write(&report, "To: bounce+aa.bb@example.org\n\nx\n").unwrap();
    let service = folder.path().join("service");
    std::fs::create_dir(&service).unwrap();
    let ingest = ["mail", "ingest-dsn", report.to_str().unwrap()];
    assert_eq!(command(&service, &ingest).problem(), "serve_not_there");
    assert_eq!(std::fs::read_dir(&service).unwrap().count(), 0);

    let begun = new_folder();
    command(begun.path(), &["client", "list"]);
    assert_eq!(command(begun.path(), &ingest).only()["result"], "not_ours");
    std::fs::remove_file(begun.path().join("service.sqlite")).unwrap();
    assert_eq!(command(begun.path(), &ingest).problem(), "serve_not_there");
}

#[test]
fn what_is_said_of_an_application_is_changed() {
    let folder = new_folder();
    let command = |words: &[&str]| command(folder.path(), words);
    let made = command(&["client", "create", "choir", "--name", "Choir"]).only();
    assert_eq!(
        (&made["invites_per_day"], &made["sign_up"]),
        (&50.into(), &"invite_only".into())
    );
    let words = "client set choir --per-day 5000 --locale de --trusted --open-sign-up=true --initiate-login https://choir.test/login";
    let set = command(&words.split(' ').collect::<Vec<_>>()).only();
    assert_eq!(set["event"], "client_changed");
    let shown = command(&["client", "show", "choir"]).only();
    for (name, value) in [
        ("name", Value::from("Choir")),
        ("invites_per_minute", 100.into()),
        ("invites_per_day", 5000.into()),
        ("locale", "de".into()),
        ("trusted", true.into()),
        ("sign_up", "open".into()),
        ("initiate_login_uri", "https://choir.test/login".into()),
        ("dead_link", "redirect".into()),
        ("algorithm", "ES256".into()),
        ("subject_type", "public".into()),
    ] {
        assert_eq!((&shown[name], &set[name]), (&value, &value), "{name}");
    }
    let words = "client set choir --name Chor --trusted=false --dead-link page --algorithm rs256 --subjects pairwise --per-minute 7 --initiate-login";
    let mut words: Vec<&str> = words.split(' ').collect();
    words.push("");
    let set = command(&words).only();
    assert_eq!(
        (
            &set["name"],
            &set["trusted"],
            &set["invites_per_minute"],
            &set["subject_type"]
        ),
        (&"Chor".into(), &false.into(), &7.into(), &"pairwise".into())
    );
    assert_eq!(
        (&set["initiate_login_uri"], &set["algorithm"], &set["dead_link"]),
        (&Value::Null, &"RS256".into(), &"page".into())
    );
    // Also when nothing else is changed.
    command(&["client", "set", "choir", "--initiate-login", "https://choir.test/login"]).only();
    command(&["client", "set", "choir", "--initiate-login", ""]).only();
    assert_eq!(
        command(&["client", "show", "choir"]).only().get("initiate_login_uri"),
        Some(&Value::Null)
    );

    for (words, problem) in [
        (&["set", "nobody", "--per-day", "1"][..], "serve_no_client"),
        (&["set", "choir", "--locale", "english"], "serve_locale"),
        (&["set", "choir", "--name", " "], "serve_client_name"),
        (
            &["set", "choir", "--initiate-login", "http://choir.test/"],
            "serve_redirect",
        ),
        (
            &["create", "other", "--name", "Other", "--locale", "english"],
            "serve_locale",
        ),
    ] {
        assert_eq!(command(&[&["client"], words].concat()).problem(), problem, "{words:?}");
    }
    assert_eq!(command(&["client", "show", "choir"]).only()["invites_per_day"], 5000);
}

#[test]
fn what_an_operator_changes_is_written_down() {
    let folder = new_folder();
    let running = Running::start(dev(folder.path(), &["--port", "0"]));
    let command = |words: &[&str]| command(folder.path(), words);
    let text = folder.path().join("text.txt");
    std::fs::write(&text, "Open {{ action_url }}").unwrap();
    let put = [
        "template",
        "put",
        "choir",
        "hello",
        "--subject",
        "Come in",
        "--text",
        text.to_str().unwrap(),
    ];
    for words in [
        &["client", "create", "choir", "--name", "Choir"][..],
        &["client", "set", "choir", "--per-day", "70"],
        // Nothing is different.
        &["client", "set", "choir", "--per-day", "70"],
        &["redirect", "add", "choir", "https://choir.test/welcome"],
        &["redirect", "remove", "choir", "https://choir.test/welcome"],
        &put,
        &["template", "remove", "choir", "hello"],
        &["client", "disable", "choir"],
        &["client", "enable", "choir"],
        &["suppress", "add", "bonny@example.org"],
        &["suppress", "remove", "bonny@example.org"],
        &["invite", "forget", "bonny@example.org"],
        &["keys", "rotate"],
    ] {
        command(words).only();
    }
    let sealed = std::iter::repeat_with(|| command(&["audit", "export"]).events)
        .take(100)
        .find(|events| events.iter().any(|event| event["kind"] == "keys.rotated"))
        .unwrap();
    let by_operator = sealed.iter().filter(|event| event["actor"] == "operator");
    let (kinds, data): (Vec<&str>, Vec<&str>) = by_operator
        .map(|event| (event["kind"].as_str().unwrap(), event["data"].as_str().unwrap()))
        .unzip();
    assert_eq!(
        kinds,
        [
            "client.created",
            "client.changed",
            "client.redirect_added",
            "client.redirect_removed",
            "client.template_changed",
            "client.template_removed",
            "client.disabled",
            "client.enabled",
            "mail.suppressed",
            "mail.allowed",
            "person.forgotten",
            "keys.rotated",
        ]
    );
    assert_eq!(data[1], "{\"invites_per_day\":70}");
    assert_eq!(data[2], "{\"uri\":\"https://choir.test/welcome\"}");
    assert!(!data.concat().contains("bonny"));
    running.end();
}
