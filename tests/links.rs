//! `partyline links`, with the real program and a home of its own.
#![cfg(all(feature = "desktop", target_os = "linux"))]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn links(home: &Path, what: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_partyline"))
        .args(["links", what])
        .env("HOME", home)
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn links_are_registered_for_this_user_and_removed() {
    let home = tempfile::tempdir().expect("a folder");
    let read = |path: &str| fs::read_to_string(home.path().join(path));
    assert!(links(home.path(), "register").contains("open with this program"));
    let file = read(".local/share/applications/partyline.desktop").expect("a desktop file");
    let program = env!("CARGO_BIN_EXE_partyline");
    // Quoted only where it has to be.
    let line = if program.contains(char::is_whitespace) {
        format!("Exec=\"{program}\" %u\n")
    } else {
        format!("Exec={program} %u\n")
    };
    assert!(file.contains(&line), "{file}");
    assert!(file.contains("MimeType=x-scheme-handler/partyline;"), "{file}");
    let list = read(".config/mimeapps.list").expect("a list of programs");
    assert!(list.contains("x-scheme-handler/partyline=partyline.desktop"), "{list}");
    assert!(links(home.path(), "remove").contains("no longer"));
    assert!(read(".local/share/applications/partyline.desktop").is_err());
    assert!(!read(".config/mimeapps.list").expect("a list").contains("partyline"));
}
