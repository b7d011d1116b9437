//! Parties: founding, looking, members and their roles; deleted things, history and search; export, import and compaction.

use std::path::Path;
use std::sync::Arc;

use super::Client;
use super::error::ClientError;
use super::pump::{Answer, Link};
use crate::identity::IdentityId;
use crate::party::{Change, Found, ItemId, PartyId, Role};
use crate::worker::{Command, PartyView};

#[cfg(doc)]
use crate::failure::Failure;

impl Client {
    /// The parties as they are now, in an order that does not change.
    #[must_use]
    pub fn parties(&self) -> Vec<Arc<PartyView>> {
        self.link.look(|world| world.parties.values().map(Arc::clone).collect())
    }

    /// One party as it is now.
    #[must_use]
    pub fn party(&self, party: PartyId) -> Option<Arc<PartyView>> {
        self.link.look(|world| world.parties.get(&party).map(Arc::clone))
    }

    /// Tells of changes of the parties from now on.
    #[must_use]
    pub fn subscribe(&self) -> Changes {
        Changes {
            link: self.link.clone(),
            version: self.link.look(|world| world.parties_version),
        }
    }

    /// Founds a party.
    ///
    /// # Errors
    /// [`Failure::NameInvalid`], [`Failure::ProfileClosed`].
    pub async fn create_party(&self, name: &str) -> Result<PartyId, ClientError> {
        let name = name.to_owned();
        self.found(Command::CreateParty { name }).await
    }

    /// Founds a party from a folder that [`Self::export_party`] wrote.
    ///
    /// # Errors
    /// [`Failure::ImportInvalid`]; nothing has been imported then.
    pub async fn import_party(&self, folder: &Path) -> Result<PartyId, ClientError> {
        let folder = folder.to_owned();
        self.found(Command::ImportParty { folder }).await
    }

    async fn found(&self, command: Command) -> Result<PartyId, ClientError> {
        match self.link.ask(command).await? {
            Answer::Party(party) => Ok(party),
            other => Err(other.unexpected()),
        }
    }

    /// Writes a party with all its files into a folder, which must be missing or empty: JSON, Markdown, files. Gives the
    /// number of files whose content is not on this machine and so not in the folder.
    ///
    /// # Errors
    /// [`Failure::FolderNotEmpty`], [`Failure::FileUnwritable`], [`Failure::DiskFull`], [`Failure::PartyUnknown`].
    pub async fn export_party(&self, party: PartyId, folder: &Path) -> Result<usize, ClientError> {
        let folder = folder.to_owned();
        match self.link.ask(Command::ExportParty { party, folder }).await? {
            Answer::Exported { missing_files } => Ok(missing_files),
            other => Err(other.unexpected()),
        }
    }

    /// Renames a party.
    ///
    /// # Errors
    /// [`Failure::NotAllowed`], [`Failure::NameInvalid`], [`Failure::PartyUnknown`].
    pub async fn rename_party(&self, party: PartyId, name: &str) -> Result<(), ClientError> {
        let name = name.to_owned();
        self.link.order(Command::RenameParty { party, name }).await
    }

    /// Leaves a party.
    ///
    /// # Errors
    /// [`Failure::LastOwner`], [`Failure::PartyUnknown`].
    pub async fn leave_party(&self, party: PartyId) -> Result<(), ClientError> {
        self.link.order(Command::LeaveParty { party }).await
    }

    /// Removes a member.
    ///
    /// # Errors
    /// [`Failure::NotAllowed`], [`Failure::MemberUnknown`], [`Failure::PartyUnknown`].
    pub async fn remove_member(&self, party: PartyId, member: IdentityId) -> Result<(), ClientError> {
        self.link.order(Command::RemoveMember { party, member }).await
    }

    /// Changes a member's role.
    ///
    /// # Errors
    /// As [`Self::remove_member`], and [`Failure::LastOwner`].
    pub async fn change_role(&self, party: PartyId, member: IdentityId, role: Role) -> Result<(), ClientError> {
        self.link.order(Command::ChangeRole { party, member, role }).await
    }

    /// Deletes a task, note, message or file. [`Self::restore_item`] brings it back.
    ///
    /// # Errors
    /// [`Failure::ItemUnknown`], [`Failure::TaskUnknown`], [`Failure::NotAllowed`], [`Failure::PartyUnknown`].
    pub async fn delete_item(&self, party: PartyId, item: ItemId) -> Result<(), ClientError> {
        self.link.order(Command::DeleteItem { party, item }).await
    }

    /// Restores what was deleted; [`PartyView::deleted`] has the list.
    ///
    /// # Errors
    /// As [`Self::delete_item`].
    pub async fn restore_item(&self, party: PartyId, item: ItemId) -> Result<(), ClientError> {
        self.link.order(Command::RestoreItem { party, item }).await
    }

    /// What has become of one thing, oldest first: also what was replaced or has lost its effect.
    ///
    /// # Errors
    /// [`Failure::ItemUnknown`], [`Failure::TaskUnknown`], [`Failure::PartyUnknown`].
    pub async fn history(&self, party: PartyId, item: ItemId) -> Result<Vec<Change>, ClientError> {
        match self.link.ask(Command::ReadHistory { party, item }).await? {
            Answer::History(changes) => Ok(changes),
            other => Err(other.unexpected()),
        }
    }

    /// Finds things in which all of these words occur, in any case: in one party, or in all. At most
    /// [`crate::party::MAX_FOUND`] for each party.
    ///
    /// # Errors
    /// [`Failure::PartyUnknown`], [`Failure::ProfileClosed`].
    pub async fn search(&self, party: Option<PartyId>, words: &str) -> Result<Vec<(PartyId, Found)>, ClientError> {
        let words = words.to_owned();
        match self.link.ask(Command::Search { party, words }).await? {
            Answer::Found(found) => Ok(found),
            other => Err(other.unexpected()),
        }
    }

    /// Gives back the room on the disk that nothing needs any more.
    ///
    /// # Errors
    /// [`Failure::DiskFull`], [`Failure::ProfileClosed`].
    pub async fn compact_storage(&self) -> Result<Compacted, ClientError> {
        match self.link.ask(Command::CompactStorage).await? {
            Answer::Compacted(sizes) => Ok(sizes),
            other => Err(other.unexpected()),
        }
    }
}

/// What compaction has given back. See [`Client::compact_storage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Bytes that the profile took before.
    pub before: u64,
    /// Bytes that it takes now.
    pub after: u64,
}

/// Tells of changes of the parties. See [`Client::subscribe`].
#[derive(Debug)]
pub struct Changes {
    link: Link,
    version: u64,
}

impl Changes {
    /// Waits until a party looks different, has come or has gone, and gives all of them as they are then. Several changes in
    /// quick succession may be given as one; the last is never missed. Cancel safe.
    ///
    /// # Errors
    /// [`ClientError::Stopped`].
    pub async fn changed(&mut self) -> Result<Vec<Arc<PartyView>>, ClientError> {
        let seen = self.version;
        let (version, parties) = self
            .link
            .wait(|world| {
                (world.parties_version != seen)
                    .then(|| (world.parties_version, world.parties.values().map(Arc::clone).collect()))
            })
            .await?;
        self.version = version;
        Ok(parties)
    }
}
