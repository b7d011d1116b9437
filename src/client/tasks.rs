//! Tasks: what is to be done, by whom and by when.

use super::Client;
use super::error::ClientError;
use super::pump::Answer;
use crate::identity::IdentityId;
use crate::party::{ItemId, PartyId, TaskId};
use crate::time::Day;
use crate::worker::Command;

#[cfg(doc)]
use crate::failure::Failure;

impl Client {
    /// Adds a task.
    ///
    /// # Errors
    /// [`Failure::TitleInvalid`], [`Failure::NotAllowed`], [`Failure::PartyUnknown`].
    pub async fn add_task(&self, party: PartyId, title: &str) -> Result<TaskId, ClientError> {
        let title = title.to_owned();
        match self.link.ask(Command::AddTask { party, title }).await? {
            Answer::Task(task) => Ok(task),
            other => Err(other.unexpected()),
        }
    }

    /// Checks a task.
    ///
    /// # Errors
    /// [`Failure::TaskUnknown`], [`Failure::NotAllowed`], [`Failure::PartyUnknown`].
    pub async fn check_task(&self, party: PartyId, task: TaskId) -> Result<(), ClientError> {
        let done = true;
        self.link.order(Command::SetTaskDone { party, task, done }).await
    }

    /// Unchecks a task.
    ///
    /// # Errors
    /// As [`Self::check_task`].
    pub async fn uncheck_task(&self, party: PartyId, task: TaskId) -> Result<(), ClientError> {
        let done = false;
        self.link.order(Command::SetTaskDone { party, task, done }).await
    }

    /// Changes a task's title.
    ///
    /// # Errors
    /// As [`Self::check_task`], and [`Failure::TitleInvalid`].
    pub async fn retitle_task(&self, party: PartyId, task: TaskId, title: &str) -> Result<(), ClientError> {
        let title = title.to_owned();
        self.link.order(Command::RetitleTask { party, task, title }).await
    }

    /// Gives a task to a member, or to nobody.
    ///
    /// # Errors
    /// As [`Self::check_task`], and [`Failure::MemberUnknown`].
    pub async fn assign_task(
        &self,
        party: PartyId,
        task: TaskId,
        member: Option<IdentityId>,
    ) -> Result<(), ClientError> {
        self.link.order(Command::AssignTask { party, task, member }).await
    }

    /// Sets the day that a task is due, or takes it away.
    ///
    /// # Errors
    /// As [`Self::check_task`].
    pub async fn set_task_due(&self, party: PartyId, task: TaskId, due: Option<Day>) -> Result<(), ClientError> {
        self.link.order(Command::SetTaskDue { party, task, due }).await
    }

    /// Puts a task after another, or first.
    ///
    /// # Errors
    /// As [`Self::check_task`].
    pub async fn move_task(&self, party: PartyId, task: TaskId, after: Option<TaskId>) -> Result<(), ClientError> {
        self.link.order(Command::MoveTask { party, task, after }).await
    }

    /// Deletes a task. [`Self::restore_item`] brings it back.
    ///
    /// # Errors
    /// As [`Self::check_task`].
    pub async fn delete_task(&self, party: PartyId, task: TaskId) -> Result<(), ClientError> {
        self.delete_item(party, ItemId::Task(task)).await
    }

    /// Restores a deleted task.
    ///
    /// # Errors
    /// As [`Self::check_task`].
    pub async fn restore_task(&self, party: PartyId, task: TaskId) -> Result<(), ClientError> {
        self.restore_item(party, ItemId::Task(task)).await
    }
}
