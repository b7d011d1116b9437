//! A session bus of the test's own, without any service but those that the test brings.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use zbus::blocking::{Connection, connection};
use zbus::object_server::Interface;

use super::display::REMEDY;

/// Everybody may do everything, and nothing is started by itself.
const RULES: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:dir=FOLDER</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>"#;

/// Ends with the test.
pub(crate) struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    /// Starts it; returns when it takes connections.
    pub(crate) fn start(folder: &Path) -> Self {
        let rules = folder.join("bus.conf");
        fs::write(&rules, RULES.replace("FOLDER", &folder.display().to_string())).expect("a file");
        let started = Command::new("dbus-daemon")
            .arg("--config-file")
            .arg(&rules)
            .args(["--nofork", "--print-address"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut daemon = started.unwrap_or_else(|error| panic!("dbus-daemon cannot be started ({error}). {REMEDY}"));
        let mut address = String::new();
        let stdout = daemon.stdout.take().expect("a pipe");
        // The daemon writes its address once it is ready, or ends.
        BufReader::new(stdout).read_line(&mut address).expect("an address");
        let address = address.trim().to_owned();
        assert!(!address.is_empty(), "dbus-daemon gives no address. {REMEDY}");
        Self { daemon, address }
    }

    /// For `DBUS_SESSION_BUS_ADDRESS`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Brings a service to the bus, as long as the connection lives.
    pub(crate) fn serve(&self, name: &str, path: &str, service: impl Interface) -> Connection {
        let builder = connection::Builder::address(self.address.as_str()).expect("an address");
        let builder = builder.name(name).and_then(|builder| builder.serve_at(path, service));
        builder
            .and_then(connection::Builder::build)
            .expect("a service on the bus")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().ok();
        self.daemon.wait().ok();
    }
}
