//! A real mail server, exim4 of Debian, in a folder and on a port of its own.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use partyline::service::config::{Encryption, Smtp};
use tempfile::TempDir;

const PROGRAM: &str = "/usr/sbin/exim4";

/// How long the server may take for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// The server. It takes mail from `partyline` with the password `a secret`, and only encrypted. Mail to `bounce@` is refused for good, to `busy@` for now;
/// `greylist@` and whole senders are refused for now or for good as long as there is a file; with another it takes addresses beyond ASCII.
pub(crate) struct Exim {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl Exim {
    /// A server that is not started yet; none where there is no exim4, or no root to start it as.
    pub(crate) fn new() -> Option<Self> {
        // It starts as root and delivers as a user of its own.
        let is_root = fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
        if !Path::new(PROGRAM).exists() || !is_root {
            println!("SKIPPED: there is no {PROGRAM}, or no root to start it as");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let exim = Self {
            folder,
            port,
            process: None,
        };
        exim.prepare();
        Some(exim)
    }

    fn prepare(&self) {
        let folder = self.folder.path();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["spool", "Maildir"] {
            fs::create_dir(folder.join(name)).unwrap();
        }
        run(Command::new("openssl").current_dir(folder).args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            "key.pem",
            "-out",
            "cert.pem",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ]));
        let config = CONFIG
            .replace("FOLDER", &folder.display().to_string())
            .replace("PORT", &self.port.to_string());
        fs::write(folder.join("exim.conf"), config).unwrap();
        fs::set_permissions(folder.join("exim.conf"), fs::Permissions::from_mode(0o644)).unwrap();
        run(Command::new("chown").arg("-R").arg("Debian-exim:Debian-exim").args([
            folder.join("spool"),
            folder.join("Maildir"),
            folder.join("key.pem"),
        ]));
    }

    /// Starts it, and waits until it answers.
    pub(crate) async fn start(&mut self) {
        let child = Command::new(PROGRAM)
            .arg("-C")
            .arg(self.folder.path().join("exim.conf"))
            .args(["-bdf", "-q30m"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(child);
        let address = ("127.0.0.1", self.port);
        wait("exim answers", async || {
            tokio::net::TcpStream::connect(address).await.is_ok()
        })
        .await;
    }

    /// Ends it.
    pub(crate) fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// The way to it, with this protection.
    pub(crate) fn smtp(&self, encryption: Encryption) -> Smtp {
        Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            encryption,
            extra_root: Some(self.folder.path().join("cert.pem")),
            login: Some(("partyline".to_owned(), "a secret".to_owned())),
            connections: 4,
        }
    }

    /// A file that its rules look for.
    pub(crate) fn switch(&self, name: &str, is_on: bool) {
        let path = self.folder.path().join(name);
        if is_on {
            fs::write(path, "").unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }

    /// The mails that it has delivered, once there are `count`.
    pub(crate) async fn mails(&self, count: usize) -> Vec<Vec<u8>> {
        wait("the mails are there", async || self.files().len() >= count).await;
        let mails: Vec<Vec<u8>> = self.files().iter().map(|path| fs::read(path).unwrap()).collect();
        assert_eq!(mails.len(), count);
        mails
    }

    fn files(&self) -> Vec<PathBuf> {
        let new = self.folder.path().join("Maildir/new");
        let entries = fs::read_dir(new).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Exim {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Waits for something that another program does.
pub(crate) async fn wait(what: &str, is_so: impl AsyncFn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(waited.await.is_ok(), "waited in vain: {what}");
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

const CONFIG: &str = r#"
primary_hostname = mx.example.test
spool_directory = FOLDER/spool
log_file_path = FOLDER/spool/%slog
pid_file_path = FOLDER/spool/exim.pid
exim_user = Debian-exim
exim_group = Debian-exim
local_interfaces = 127.0.0.1
daemon_smtp_ports = PORT
tls_advertise_hosts = *
tls_certificate = FOLDER/cert.pem
tls_privatekey = FOLDER/key.pem
auth_advertise_hosts = ${if eq {$tls_in_cipher}{}{}{*}}
smtputf8_advertise_hosts = ${if exists {FOLDER/smtputf8}{*}{:}}
host_lookup =
rfc1413_query_timeout = 0s
acl_smtp_mail = senders
acl_smtp_rcpt = recipients
acl_smtp_data = contents

begin acl

senders:
  deny condition = ${if exists {FOLDER/refuse_senders}}
       message = 5.7.1 we do not know you
  accept

recipients:
  deny !authenticated = *
       message = 5.7.0 authentication required
  deny local_parts = bounce
       message = 5.1.1 no such user
  defer local_parts = busy
       message = 4.3.2 too much to do
  defer local_parts = greylist
       condition = ${if exists {FOLDER/greylist}}
       message = 4.7.1 come back later
  accept

contents:
  accept

begin routers

all:
  driver = accept
  transport = maildir

begin transports

maildir:
  driver = appendfile
  directory = FOLDER/Maildir
  maildir_format
  envelope_to_add
  return_path_add
  user = Debian-exim
  group = Debian-exim

begin authenticators

plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${if and {{eq {$auth2}{partyline}}{eq {$auth3}{a secret}}}}
  server_set_id = $auth2
"#;
