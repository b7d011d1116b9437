//! The tasks for files, and which command each answers: one that panics must leave nobody waiting.

use std::collections::BTreeMap;

use tokio::task::{AbortHandle, Id, JoinSet};

use crate::engine::RequestId;

/// All tasks that have not ended.
#[derive(Default)]
pub(super) struct Tasks {
    running: JoinSet<()>,
    /// The commands that tasks answer by their reports.
    asked: BTreeMap<Id, RequestId>,
}

/// A task that has panicked, before it could report.
#[derive(Debug)]
pub(crate) struct Lost {
    pub(super) task: Id,
    /// The command that it was to answer.
    pub(super) request: Option<RequestId>,
}

impl Tasks {
    /// Starts the task of a transfer.
    pub(super) fn spawn(&mut self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        self.running.spawn(task)
    }

    /// Starts a task whose report answers a command.
    pub(super) fn spawn_for(&mut self, request: RequestId, task: impl Future<Output = ()> + Send + 'static) {
        let id = self.running.spawn(task).id();
        self.asked.insert(id, request);
    }

    /// The next task that is lost; none if none is running. Nothing goes amiss if this is not waited for to its end.
    pub(super) async fn next_lost(&mut self) -> Option<Lost> {
        loop {
            match self.running.join_next_with_id().await? {
                Ok((task, ())) => drop(self.asked.remove(&task)),
                Err(error) => {
                    let (task, request) = (error.id(), self.asked.remove(&error.id()));
                    if error.is_panic() {
                        tracing::error!("a task for a file ended early: {error}");
                        return Some(Lost { task, request });
                    }
                }
            }
        }
    }

    /// Stops all.
    pub(super) async fn shut_down(&mut self) {
        self.running.shutdown().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_says_whose_command_it_leaves() {
        let mut tasks = Tasks::default();
        tasks.spawn_for(RequestId(1), async {});
        tasks.spawn_for(RequestId(2), async { panic!("on purpose") });
        let lost = tasks.next_lost().await.unwrap();
        assert_eq!(lost.request, Some(RequestId(2)));
        assert!(tasks.next_lost().await.is_none(), "the other one has reported");
        assert!(tasks.asked.is_empty());
    }

    #[tokio::test]
    async fn a_task_that_is_stopped_is_not_lost() {
        let mut tasks = Tasks::default();
        tasks.spawn(std::future::pending()).abort();
        assert!(tasks.next_lost().await.is_none());
    }
}
