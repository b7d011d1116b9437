//! A socket that only this user reaches: in a folder of the user's own, mode 0600, and each visitor's user is compared.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio::net::{UnixListener, UnixStream};

/// What the runtime folder has of this program, and the end of the names in it.
const FOLDER: &str = "partyline";
const ENDING: &str = "window";

/// The socket, until it is dropped.
pub(in crate::desktop::instance) struct Door {
    listener: UnixListener,
    path: PathBuf,
    /// Whose this process is.
    user: u32,
}

impl Door {
    /// Opens it; one that a killed process has left is replaced. Only whoever holds the profile's lock may do this.
    pub(in crate::desktop::instance) fn open(profile: &Path) -> io::Result<Self> {
        let path = path(profile);
        if let Some(folder) = path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let user = fs::metadata(&path)?.uid();
        Ok(Self { listener, path, user })
    }

    /// Where it is.
    #[cfg(test)]
    pub(in crate::desktop::instance) fn path(&self) -> &Path {
        &self.path
    }

    /// The next visitor of the same user. Cancel safe.
    #[expect(clippy::needless_pass_by_ref_mut, reason = "the same door on every system")]
    pub(in crate::desktop::instance) async fn visitor(&mut self) -> io::Result<UnixStream> {
        loop {
            let (stream, _) = self.listener.accept().await?;
            if stream.peer_cred()?.uid() == self.user {
                return Ok(stream);
            }
            tracing::warn!("another user's process was turned away");
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the window's socket stays");
        }
    }
}

/// Connects to the window of this profile, if it is this user's.
pub(in crate::desktop::instance) async fn knock(profile: &Path) -> io::Result<UnixStream> {
    let path = path(profile);
    let stream = UnixStream::connect(&path).await?;
    if stream.peer_cred()?.uid() == fs::metadata(profile)?.uid() {
        Ok(stream)
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// In the user's runtime folder if there is one; its name is short, since a socket's path may have about 100 bytes.
fn path(profile: &Path) -> PathBuf {
    let runtime = directories::BaseDirs::new().and_then(|dirs| dirs.runtime_dir().map(Path::to_owned));
    match runtime {
        Some(runtime) => {
            let digest = Sha256::digest(profile.as_os_str().as_bytes());
            let name = digest.iter().take(8).fold(String::new(), |mut name, byte| {
                write!(name, "{byte:02x}").ok();
                name
            });
            runtime.join(FOLDER).join(name).with_extension(ENDING)
        }
        None => profile.join(ENDING).with_extension("socket"),
    }
}
