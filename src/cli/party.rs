//! `party`, `task` and `member`: look at a party and change it.

use super::args::{Member, OneTask, Party, Task};
use super::find;
use super::interrupt::Interrupt;
use super::json::{self, MemberReport, PartyReport, Report};
use super::problem::Ending;
use super::session::Session;
use crate::failure::Failure;
use crate::party::{PartyId, TaskId};

pub(super) async fn party(session: &Session, args: &Party) -> Result<(), Ending> {
    match args {
        Party::Create { name } => {
            let party = session.client.create_party(name).await?;
            session.output.report(&Report::PartyCreated {
                party: party.to_string(),
                name: name.clone(),
            })
        }
        Party::List => {
            let mut parties = session.client.parties();
            parties.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
            parties
                .iter()
                .try_for_each(|party| session.output.report(&Report::Party(PartyReport::of(party))))
        }
        Party::Show { party, follow } => {
            let party = session.party(party)?;
            session.output.report(&Report::Party(PartyReport::of(&party)))?;
            if *follow {
                self::follow(session, party.id).await
            } else {
                Ok(())
            }
        }
        Party::Rename { party, name, sync } => {
            let party = session.party(party)?.id;
            session.client.rename_party(party, name).await?;
            session.output.report(&Report::PartyRenamed {
                party: party.to_string(),
                name: name.clone(),
            })?;
            session.settle_with_others(party, sync.limit()).await;
            Ok(())
        }
        Party::Leave { party, sync } => {
            let party = session.party(party)?.id;
            // First, because who has left no longer sees who is there. What is sent over an open link arrives before it closes.
            session.settle_with_others(party, sync.limit()).await;
            session.client.leave_party(party).await?;
            session.output.report(&Report::PartyLeft {
                party: party.to_string(),
            })
        }
    }
}

/// Shows a party whenever it changes, until Ctrl-C, which is how this ends well.
async fn follow(session: &Session, party: PartyId) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let mut changes = session.client.subscribe();
    let mut shown = session.client.party(party);
    loop {
        tokio::select! {
            changed = changes.changed() => drop(changed?),
            () = interrupt.next() => return Ok(()),
        }
        let now = session.client.party(party).ok_or(Failure::NoLongerMember)?;
        if shown.as_ref() != Some(&now) {
            session.output.report(&Report::PartyChanged(PartyReport::of(&now)))?;
            shown = Some(now);
        }
    }
}

pub(super) async fn task(session: &Session, args: &Task) -> Result<(), Ending> {
    match args {
        Task::Add { party, title, sync } => {
            let party = session.party(party)?.id;
            let task = session.client.add_task(party, title).await?.to_string();
            session.output.report(&Report::TaskAdded {
                party: party.to_string(),
                task,
                title: title.clone(),
            })?;
            session.settle_with_others(party, sync.limit()).await;
            Ok(())
        }
        Task::List { party } => {
            let party = session.party(party)?;
            json::tasks(&party)
                .into_iter()
                .try_for_each(|task| session.output.report(&Report::Task(task)))
        }
        Task::Done(one) => {
            let (party, task) = one_task(session, one)?;
            session.client.check_task(party, task).await?;
            session.output.report(&Report::TaskChanged {
                party: party.to_string(),
                task: task.to_string(),
                done: true,
            })?;
            session.settle_with_others(party, one.sync.limit()).await;
            Ok(())
        }
        Task::Undo(one) => {
            let (party, task) = one_task(session, one)?;
            session.client.uncheck_task(party, task).await?;
            session.output.report(&Report::TaskChanged {
                party: party.to_string(),
                task: task.to_string(),
                done: false,
            })?;
            session.settle_with_others(party, one.sync.limit()).await;
            Ok(())
        }
        Task::Delete(one) => {
            let (party, task) = one_task(session, one)?;
            session.client.delete_task(party, task).await?;
            session.output.report(&Report::TaskDeleted {
                party: party.to_string(),
                task: task.to_string(),
            })?;
            session.settle_with_others(party, one.sync.limit()).await;
            Ok(())
        }
    }
}

fn one_task(session: &Session, one: &OneTask) -> Result<(PartyId, TaskId), Ending> {
    let party = session.party(&one.party)?;
    Ok((party.id, find::task(&party, &one.task)?.id))
}

pub(super) async fn member(session: &Session, args: &Member) -> Result<(), Ending> {
    match args {
        Member::List { party } => {
            let party = session.party(party)?;
            let mut members = party.members.iter();
            members.try_for_each(|member| session.output.report(&Report::Member(MemberReport::of(member))))
        }
        Member::Remove { party, member, sync } => {
            let party = session.party(party)?;
            let member = find::member(&party, member)?.identity;
            session.client.remove_member(party.id, member).await?;
            session.output.report(&Report::MemberRemoved {
                party: party.id.to_string(),
                member: member.to_string(),
            })?;
            session.settle_with_others(party.id, sync.limit()).await;
            Ok(())
        }
    }
}
