//! A named pipe that only this user can write to: the system's own rule for pipes lets others at most read.
//!
//! Any process may make a pipe of any name before we do, so the name is random, and stands in the profile's folder, where only
//! this user writes.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rand::TryRng as _;
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};

/// Where the pipe's name stands, in the profile's folder.
const NAME: &str = "window.pipe";
const PREFIX: &str = r"\\.\pipe\partyline-";

/// The pipe, until it is dropped.
pub(in crate::desktop::instance) struct Door {
    name: String,
    next: NamedPipeServer,
    told: PathBuf,
}

impl Door {
    /// Opens it, and tells its name. Only whoever holds the profile's lock may do this.
    pub(in crate::desktop::instance) fn open(profile: &Path) -> io::Result<Self> {
        let mut random = [0_u8; 16];
        rand::rngs::SysRng
            .try_fill_bytes(&mut random)
            .map_err(io::Error::other)?;
        let name = random.iter().fold(PREFIX.to_owned(), |mut name, byte| {
            write!(name, "{byte:02x}").ok();
            name
        });
        let next = ServerOptions::new().first_pipe_instance(true).create(&name)?;
        let told = profile.join(NAME);
        fs::write(&told, &name)?;
        Ok(Self { name, next, told })
    }

    /// The next visitor. Cancel safe.
    pub(in crate::desktop::instance) async fn visitor(&mut self) -> io::Result<NamedPipeServer> {
        if let Err(error) = self.next.connect().await {
            // Ready for the next one again.
            self.next.disconnect().ok();
            return Err(error);
        }
        let next = ServerOptions::new().create(&self.name)?;
        Ok(std::mem::replace(&mut self.next, next))
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.told) {
            tracing::debug!(%error, "the name of the window's pipe stays");
        }
    }
}

/// Connects to the window of this profile.
#[expect(clippy::unused_async, reason = "the same door on every system")]
pub(in crate::desktop::instance) async fn knock(profile: &Path) -> io::Result<NamedPipeClient> {
    let name = fs::read_to_string(profile.join(NAME))?;
    if !name.starts_with(PREFIX) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    ClientOptions::new().open(name)
}
