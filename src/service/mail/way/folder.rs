//! Mails as files, for trying the service out: one `*.eml` each, which mail programs open.

use std::fs;
use std::path::{Path, PathBuf};

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::{Handed, Way};
use crate::service::mail::compose::Letter;
use crate::service::mail::sender::MailSetupError;
use crate::service::private;

/// A folder for mails.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at this path. It is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`MailSetupError::File`].
    pub fn new(path: &Path) -> Result<Self, MailSetupError> {
        private::create(path).map_err(|source| MailSetupError::File {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self(path.to_owned()))
    }
}

impl Way for Folder {
    fn hand<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Handed> {
        let name: String = letter
            .message_id
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || "-_.@".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .collect();
        let path = self.0.join(format!("{name}.eml"));
        let beside = path.with_extension("new");
        let written = fs::write(&beside, &letter.bytes).and_then(|()| fs::rename(&beside, &path));
        let handed = match written {
            Ok(()) => {
                tracing::info!("a mail is in {}", path.display());
                Handed::Taken(format!("in {}", path.display()))
            }
            Err(error) => Handed::Later(format!("{}: {error}", path.display())),
        };
        std::future::ready(handed).boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        std::future::ready(()).boxed()
    }
}
