//! `partyline serve` itself, in a folder of its own, with its mails.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Program, text};

/// The running service.
pub(crate) struct Office {
    folder: TempDir,
    program: Option<Program>,
    pub issuer: String,
}

impl Office {
    /// A new one, at a port that was free.
    pub(crate) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        put_keys(&folder.path().join("keys"));
        let mut office = Self {
            folder,
            program: None,
            issuer: String::new(),
        };
        office.start("0");
        office
    }

    fn start(&mut self, port: &str) {
        let mut program = Program::over(self.command(&["--port", port]), "serve");
        self.issuer = text(&program.expect("serving"), "issuer").to_owned();
        program.expect("dev_client");
        self.program = Some(program);
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partyline"));
        command
            .args(["serve", "--dev", "--json", "--folder"])
            .arg(self.folder.path())
            .args(words);
        command
    }

    /// One of the operator's commands, which goes well.
    pub(crate) fn operate(&self, words: &str) -> Vec<Value> {
        let words: Vec<&str> = words.split(' ').collect();
        Program::over(self.command(&words), "an operator's command").succeed()
    }

    /// Ends it, as an operator does.
    pub(crate) fn close(&mut self) {
        let program = self.program.take().unwrap();
        program.interrupt();
        program.succeed();
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(&mut self) {
        self.program.take().unwrap().kill();
    }

    /// Starts it again where it was.
    pub(crate) fn reopen(&mut self) {
        let port = self.issuer.rsplit(':').next().unwrap().to_owned();
        self.start(&port);
    }

    /// The link of the next mail to this address, as its reader sees it.
    pub(crate) fn mailed(&mut self, address: &str) -> String {
        let program = self.program.as_mut().unwrap();
        let mail = program.expect_where("mail", |mail| mail["to"] == address);
        let words = text(&mail, "text").split_whitespace();
        let paths = ["/i/", "/oauth/sign-in/"].map(|path| format!("{}{path}", self.issuer));
        let mut links = words.filter(|word| paths.iter().any(|path| word.starts_with(path)));
        links.next().unwrap_or_else(|| panic!("no link in {mail}")).to_owned()
    }

    /// Lets the end of every invitation pass.
    pub(crate) fn let_all_expire(&self) {
        let path = self.folder.path().join("service.sqlite");
        let tables = rusqlite::Connection::open(path).unwrap();
        tables.busy_timeout(Duration::from_secs(5)).unwrap();
        let change = "UPDATE invitations SET expires_at = created_at";
        tables.execute(change, ()).unwrap();
    }
}

/// An RSA key that is there, as making one takes seconds in a build without optimisation.
fn put_keys(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join("sign-RS256-0000.p8");
    std::fs::write(&path, include_bytes!("../service/rs256.p8")).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}
