//! Files: added from the disk, fetched from members, saved to the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Client;
use super::error::ClientError;
use super::pump::{Answer, Link};
use super::world::World;
use crate::failure::Failure;
use crate::party::{FileId, PartyId};
use crate::worker::{Command, ContentView, SaveTo, ThumbnailView, TransferStage, TransferView};

impl Client {
    /// Adds a file: keeps a copy of its content and tells the others. Returns when both have been done;
    /// [`Self::transfers`] tells how far the copy is.
    ///
    /// # Errors
    /// [`ClientError::Cancelled`]; [`Failure::FileUnreadable`], [`Failure::FileIsFolder`], [`Failure::FileNameInvalid`],
    /// [`Failure::DiskFull`], [`Failure::NotAllowed`], [`Failure::PartyUnknown`].
    pub async fn add_file(&self, party: PartyId, path: &Path) -> Result<FileId, ClientError> {
        let path = path.to_owned();
        match self.link.ask(Command::AddFile { party, path }).await? {
            Answer::File(file) => Ok(file),
            Answer::NotAdded => Err(ClientError::Cancelled),
            other => Err(other.unexpected()),
        }
    }

    /// Renames a file: 1 to 255 bytes, no separators of folders.
    ///
    /// # Errors
    /// [`Failure::FileNameInvalid`], [`Failure::ItemUnknown`], [`Failure::NotAllowed`], [`Failure::PartyUnknown`].
    pub async fn rename_file(&self, party: PartyId, file: FileId, name: &str) -> Result<(), ClientError> {
        let name = name.to_owned();
        self.link.order(Command::RenameFile { party, file, name }).await
    }

    /// Gets a file's content from members who have it, and waits until it is here, however long it takes until one of them
    /// is there. Who stops waiting stops nothing: [`Self::cancel_transfer`] does. [`Self::transfers`] tells how far it is.
    ///
    /// # Errors
    /// [`ClientError::Cancelled`]; [`Failure::DiskFull`], [`Failure::ItemUnknown`], [`Failure::PartyUnknown`].
    pub async fn fetch_file(&self, party: PartyId, file: FileId) -> Result<(), ClientError> {
        // An ending that was told earlier is that of an earlier try.
        let (told, restarts) = self.link.look(|world| (world.transfers_version, world.restarts));
        self.link.order(Command::FetchFile { party, file }).await?;
        let fetched = |world: &World| {
            if world.restarts == restarts {
                fetched(world, (party, file), told)
            } else {
                Some(Err(Failure::Internal.into()))
            }
        };
        self.link.wait(fetched).await?
    }

    /// Stops getting or adding a file's content. What has come is kept for the next try.
    ///
    /// # Errors
    /// [`Failure::ItemUnknown`], [`Failure::PartyUnknown`].
    pub async fn cancel_transfer(&self, party: PartyId, file: FileId) -> Result<(), ClientError> {
        self.link.order(Command::CancelTransfer { party, file }).await
    }

    /// Writes a file's content to the disk, and gives the place.
    ///
    /// # Errors
    /// [`Failure::ContentElsewhere`] before [`Self::fetch_file`]; [`Failure::ContentDamaged`],
    /// [`Failure::FileUnwritable`], [`Failure::DiskFull`], [`Failure::ItemUnknown`], [`Failure::PartyUnknown`].
    pub async fn save_file(&self, party: PartyId, file: FileId, to: SaveTo) -> Result<PathBuf, ClientError> {
        match self.link.ask(Command::SaveFile { party, file, to }).await? {
            Answer::Saved(path) => Ok(path),
            other => Err(other.unexpected()),
        }
    }

    /// A small picture of an image file that is here; none of a file that is no picture.
    ///
    /// # Errors
    /// [`Failure::ContentElsewhere`], [`Failure::ItemUnknown`], [`Failure::PartyUnknown`].
    pub async fn thumbnail(&self, party: PartyId, file: FileId) -> Result<Option<Arc<ThumbnailView>>, ClientError> {
        match self.link.ask(Command::MakeThumbnail { party, file }).await? {
            Answer::Thumbnail(thumbnail) => Ok(thumbnail),
            other => Err(other.unexpected()),
        }
    }

    /// Tells how far the contents of files are, from now on.
    #[must_use]
    pub fn transfers(&self) -> Transfers {
        Transfers {
            link: self.link.clone(),
            seen: self.link.look(|world| world.transfers_version),
        }
    }
}

/// How a fetch has ended, if it has.
fn fetched(world: &World, (party, file): (PartyId, FileId), told: u64) -> Option<Result<(), ClientError>> {
    let Some(view) = world.parties.get(&party) else {
        return Some(Err(Failure::PartyUnknown.into()));
    };
    let Some(here) = view.files.iter().find(|view| view.file.id == file) else {
        return Some(Err(Failure::ItemUnknown.into()));
    };
    if here.content == ContentView::Here {
        return Some(Ok(()));
    }
    let transfer = world
        .transfers
        .get(&(party, file))
        .filter(|(version, _)| *version > told);
    match &transfer?.1.stage {
        TransferStage::Done => Some(Ok(())),
        TransferStage::Cancelled => Some(Err(ClientError::Cancelled)),
        TransferStage::Failed(failure) => Some(Err(failure.clone().into())),
        TransferStage::Adding | TransferStage::Waiting | TransferStage::Coming { .. } => None,
    }
}

/// Tells how far the contents of files are. See [`Client::transfers`].
#[derive(Debug)]
pub struct Transfers {
    link: Link,
    seen: u64,
}

impl Transfers {
    /// Waits until one has come further. Of several steps of one file in quick succession the last is given; that it has
    /// ended is never missed. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn next(&mut self) -> Result<TransferView, ClientError> {
        let seen = self.seen;
        let next = |world: &World| {
            let unseen = world.transfers.values().filter(|(version, _)| *version > seen);
            unseen.min_by_key(|(version, _)| *version).cloned()
        };
        let (version, transfer) = self.link.wait(next).await?;
        self.seen = version;
        Ok(transfer)
    }
}
