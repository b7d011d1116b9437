//! `task`: what is to be done, by whom and by when.

use std::sync::Arc;

use super::args::{Assignee, Change, Kind, Sync, Task};
use super::find;
use super::items::{changed, delete, restore};
use super::json::{Report, name_in};
use super::list::list;
use super::problem::Ending;
use super::session::Session;
use super::times::{DueDay, day_text};
use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::party::{self, PartyId, TaskId};
use crate::worker::PartyView;

pub(super) async fn task(session: &Session, args: &Task) -> Result<(), Ending> {
    match args {
        Task::Add {
            party,
            title,
            assign,
            due,
            sync,
        } => add(session, party, title, (assign.as_ref(), *due), *sync).await,
        Task::List(listing) => list::<Arc<party::Task>>(session, listing, None).await,
        Task::Done(change) => mark(session, change, Mark::Done).await,
        Task::Undo(change) => mark(session, change, Mark::ToBeDone).await,
        Task::Edit { change, title } => {
            let (party, task) = one(session, change)?;
            session.client.retitle_task(party.id, task, title).await?;
            let report = Report::TaskRetitled {
                party: party.id.to_string(),
                task: task.to_string(),
                title: title.clone(),
            };
            changed(session, party.id, &report, change.sync).await
        }
        Task::Assign { change, member } => {
            let (party, task) = one(session, change)?;
            let report = assign(session, &party, task, member).await?;
            changed(session, party.id, &report, change.sync).await
        }
        Task::Due { change, day } => {
            let (party, task) = one(session, change)?;
            let report = set_due(session, party.id, task, *day).await?;
            changed(session, party.id, &report, change.sync).await
        }
        Task::Move { change, after } => {
            let (party, task) = one(session, change)?;
            let after = after.as_deref().map(|typed| find::task(&party, typed)).transpose()?;
            let after = after.map(|task| task.id);
            session.client.move_task(party.id, task, after).await?;
            let report = Report::TaskMoved {
                party: party.id.to_string(),
                task: task.to_string(),
                after: after.map(|task| task.to_string()),
            };
            changed(session, party.id, &report, change.sync).await
        }
        Task::Delete(change) => delete(session, change, Kind::Task).await,
        Task::Restore(change) => restore(session, change, Kind::Task).await,
    }
}

async fn add(
    session: &Session,
    party: &str,
    title: &str,
    (assignee, due): (Option<&Assignee>, Option<DueDay>),
    sync: Sync,
) -> Result<(), Ending> {
    let party = session.party(party)?;
    // Before the task is there: a name that nobody goes by is a slip that changes nothing.
    if let Some(assignee) = assignee {
        who(session, &party, assignee)?;
    }
    let task = session.client.add_task(party.id, title).await?;
    session.output.report(&Report::TaskAdded {
        party: party.id.to_string(),
        task: task.to_string(),
        title: title.to_owned(),
    })?;
    if let Some(assignee) = assignee {
        let report = assign(session, &party, task, assignee).await?;
        session.output.report(&report)?;
    }
    if let Some(due) = due {
        let report = set_due(session, party.id, task, due).await?;
        session.output.report(&report)?;
    }
    session.settle_with_others(party.id, sync.limit()).await;
    Ok(())
}

/// What a task can be marked as.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    Done,
    ToBeDone,
}

async fn mark(session: &Session, args: &Change, mark: Mark) -> Result<(), Ending> {
    let (party, task) = one(session, args)?;
    match mark {
        Mark::Done => session.client.check_task(party.id, task).await?,
        Mark::ToBeDone => session.client.uncheck_task(party.id, task).await?,
    }
    let report = Report::TaskChanged {
        party: party.id.to_string(),
        task: task.to_string(),
        done: mark == Mark::Done,
    };
    changed(session, party.id, &report, args.sync).await
}

async fn assign(session: &Session, party: &PartyView, task: TaskId, to: &Assignee) -> Result<Report, Ending> {
    let member = who(session, party, to)?;
    session.client.assign_task(party.id, task, member).await?;
    Ok(Report::TaskAssigned {
        party: party.id.to_string(),
        task: task.to_string(),
        assignee: member.map(|member| member.to_string()),
        assignee_name: member.and_then(|member| name_in(party, member)),
    })
}

fn who(session: &Session, party: &PartyView, meant: &Assignee) -> Result<Option<IdentityId>, Ending> {
    Ok(match meant {
        Assignee::Nobody => None,
        Assignee::Me => Some(session.client.identity().ok_or(Failure::ProfileClosed)?),
        Assignee::Named(typed) => Some(find::member(party, typed)?.identity),
    })
}

async fn set_due(session: &Session, party: PartyId, task: TaskId, due: DueDay) -> Result<Report, Ending> {
    let day = due.day(session.output.wall().today());
    session.client.set_task_due(party, task, day).await?;
    Ok(Report::TaskDue {
        party: party.to_string(),
        task: task.to_string(),
        due: day.and_then(day_text),
    })
}

fn one(session: &Session, change: &Change) -> Result<(Arc<PartyView>, TaskId), Ending> {
    let party = session.party(&change.one.party)?;
    let task = find::task(&party, &change.one.item)?.id;
    Ok((party, task))
}
