//! A PostgreSQL of one test's own, which it stops and starts.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A server in a folder of its own.
pub(crate) struct OwnPostgres {
    programs: PathBuf,
    folder: TempDir,
    port: u16,
    is_root: bool,
    /// More words for the server.
    also: &'static str,
}

impl OwnPostgres {
    /// Makes and starts one; none, with a word about it, where its programs are missing.
    pub(crate) fn start() -> Option<Self> {
        let own = Self::new()?;
        own.begin();
        Some(own)
    }

    /// One that speaks TLS, with this certificate and key in PEM.
    pub(crate) fn start_with_tls(certificate: &str, key: &str) -> Option<Self> {
        let mut own = Self::new()?;
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = own.folder.path().join("data").join(name);
            std::fs::write(&path, text).unwrap();
            // Its server refuses a key that others may read.
            std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            own.own_by_server(&path);
        }
        own.also = "-c ssl=on";
        own.begin();
        Some(own)
    }

    fn new() -> Option<Self> {
        let Some(programs) = programs() else {
            println!("SKIPPED: the programs of a PostgreSQL server are not here");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let is_root = text(Command::new("id").arg("-u")) == "0";
        let own = Self {
            programs,
            folder,
            port,
            is_root,
            also: "",
        };
        own.own_by_server(own.folder.path());
        own.carry_out("initdb", &["-U", "partyline", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        Some(own)
    }

    /// Its server refuses to be root.
    fn own_by_server(&self, path: &Path) {
        if self.is_root {
            let owned = Command::new("chown").arg("postgres").arg(path).status().unwrap();
            assert!(owned.success());
        }
    }

    /// Its address by this name of the machine.
    pub(crate) fn url_at(&self, host: &str) -> String {
        format!("postgres://partyline@{host}:{}/postgres", self.port)
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.url_at("127.0.0.1")
    }

    /// Starts it again.
    pub(crate) fn begin(&self) {
        let folder = self.folder.path().display();
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} {}",
            self.port, self.also
        );
        let log = format!("{folder}/log");
        self.carry_out("pg_ctl", &["-s", "-w", "-l", &log, "-o", &options, "start"]);
    }

    /// Stops it as a power cut does.
    pub(crate) fn cut(&self) {
        self.carry_out("pg_ctl", &["-s", "-m", "immediate", "stop"]);
    }

    fn carry_out(&self, program: &str, words: &[&str]) {
        let path = self.programs.join(program);
        let mut command = if self.is_root {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        // What it starts keeps its outputs, so they must not be pipes.
        let data = self.folder.path().join("data");
        let done = command
            .arg("-D")
            .arg(data)
            .args(words)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success(), "{program} {words:?}");
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.cut();
    }
}

fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    found.pop()
}

fn text(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout)
        .unwrap()
        .trim()
        .to_owned()
}
