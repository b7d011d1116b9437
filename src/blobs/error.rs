//! What can go wrong with the content of a file, and whose fault it is.

use std::error::Error;
use std::io;
use std::path::PathBuf;

/// Why a content could not be added, kept, fetched, served or saved. What had been stored of it before is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The file that was to be added cannot be read, or is no file.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[source] io::Error),
    /// What is stored does not match its hash, or is cut short. To be forgotten and fetched again.
    #[error("the stored file is damaged")]
    Damaged,
    /// The content, or a part of it, is not on this device.
    #[error("the file is not on this device")]
    NotHere,
    /// There is a file at the place to save to, and it shall not be replaced.
    #[error("there is a file of that name")]
    Exists,
    /// The place to save to cannot be written to.
    #[error("the file cannot be written: {0}")]
    Unwritable(#[source] io::Error),

    /// Other users of this machine may read or write the folder.
    #[error("other users can get at {}", .0.display())]
    Exposed(PathBuf),
    /// The files of the profile cannot be used for another reason.
    #[error("the stored files cannot be used: {0}")]
    Io(#[source] io::Error),
    /// [`Blobs::shut_down`](super::Blobs::shut_down) was called.
    #[error("the files have been closed")]
    Closed,

    /// The provider sent bytes that do not match the hash. None of them was kept.
    #[error("the other device sent something else")]
    WrongContent,
    /// The provider's content has another length than it should. Nothing was kept.
    #[error("the file has another length")]
    WrongLength,
    /// The provider does not let this device have it, or not any more.
    #[error("the other device refused")]
    Refused,
    /// The provider does not have it, or cannot read it.
    #[error("the other device does not have it")]
    NotHeld,
    /// The connection broke, or the provider went silent.
    #[error("the connection was lost")]
    Lost,
}

impl BlobError {
    /// Whether another provider may do better.
    #[must_use]
    pub const fn is_of_provider(&self) -> bool {
        matches!(
            self,
            Self::WrongContent | Self::WrongLength | Self::Refused | Self::NotHeld | Self::Lost
        )
    }

    /// A trouble of the store's, judged by the error of the operating system somewhere below it.
    pub(super) fn below(error: &(dyn Error + 'static)) -> Self {
        let mut kind = io::ErrorKind::Other;
        let mut below = Some(error);
        while let Some(error) = below {
            below = match error.downcast_ref::<io::Error>() {
                Some(io) => {
                    if io.kind() != io::ErrorKind::Other {
                        kind = io.kind();
                    }
                    io.get_ref().map(|inner| inner as &(dyn Error + 'static))
                }
                None => error.source(),
            };
        }
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData => Self::Damaged,
            kind => Self::Io(io::Error::new(kind, error.to_string())),
        }
    }
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        Self::below(&error)
    }
}

impl From<iroh_blobs::api::RequestError> for BlobError {
    fn from(error: iroh_blobs::api::RequestError) -> Self {
        Self::below(&error)
    }
}
