//! From what a person typed to what is meant: by name, by number, or by the beginning of an id. No IO.

use std::sync::Arc;

use super::problem::{Ending, Slip};
use crate::client::Invitation;
use crate::failure::Failure;
use crate::party::Task;
use crate::worker::{MemberView, PartyView};

/// Fewer characters of an id name nothing: they are too easily a name.
const SHORTEST_ID: usize = 6;

/// How many of a list go by what was typed.
enum Found<T> {
    None,
    One(T),
    Many,
}

/// A name counts before an id; upper and lower case count only where names differ in nothing else.
fn find<T>(
    all: impl Iterator<Item = T> + Clone,
    typed: &str,
    name: impl Fn(&T) -> String,
    id: impl Fn(&T) -> String,
) -> Found<T> {
    let lower = typed.to_lowercase();
    let exact = one(all.clone().filter(|item| name(item) == typed));
    let near = || one(all.clone().filter(|item| name(item).to_lowercase() == lower));
    let by_id = || {
        one(all
            .clone()
            .filter(|item| typed.len() >= SHORTEST_ID && id(item).starts_with(&lower)))
    };
    exact.or_else(near).or_else(by_id)
}

impl<T> Found<T> {
    fn or_else(self, other: impl FnOnce() -> Self) -> Self {
        if matches!(self, Self::None) { other() } else { self }
    }

    fn or(self, none: impl Into<Ending>, many: impl Into<Ending>) -> Result<T, Ending> {
        match self {
            Self::None => Err(none.into()),
            Self::One(item) => Ok(item),
            Self::Many => Err(many.into()),
        }
    }
}

fn one<T>(mut items: impl Iterator<Item = T>) -> Found<T> {
    match (items.next(), items.next()) {
        (None, _) => Found::None,
        (Some(item), None) => Found::One(item),
        (Some(_), Some(_)) => Found::Many,
    }
}

pub(super) fn party(parties: &[Arc<PartyView>], typed: &str) -> Result<Arc<PartyView>, Ending> {
    let found = find(
        parties.iter(),
        typed,
        |party| party.name.clone(),
        |party| party.id.to_string(),
    );
    found.or(Failure::PartyUnknown, Failure::PartyAmbiguous).map(Arc::clone)
}

pub(super) fn task<'a>(party: &'a PartyView, typed: &str) -> Result<&'a Task, Ending> {
    let by_number = typed
        .parse::<usize>()
        .ok()
        .and_then(|number| party.tasks.get(number.checked_sub(1)?));
    match by_number {
        Some(task) => Ok(task.as_ref()),
        None => find(
            party.tasks.iter().map(Arc::as_ref),
            typed,
            |task| task.title.clone(),
            |task| task.id.to_string(),
        )
        .or(Failure::TaskUnknown, Slip::TaskAmbiguous),
    }
}

pub(super) fn member<'a>(party: &'a PartyView, typed: &str) -> Result<&'a MemberView, Ending> {
    let name = |member: &&MemberView| member.name.clone().unwrap_or_default();
    find(party.members.iter(), typed, name, |member| member.identity.to_string())
        .or(Failure::MemberUnknown, Slip::MemberAmbiguous)
}

pub(super) fn invitation<'a>(invitations: &'a [Invitation], typed: &str) -> Result<&'a Invitation, Ending> {
    let label = |invitation: &&Invitation| invitation.view().label.clone();
    find(invitations.iter(), typed, label, |invitation| {
        invitation.id().to_string()
    })
    .or(Slip::NoOpenInvitation, Slip::InvitationAmbiguous)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::IdentityId;
    use crate::party::{PartyId, TaskId};
    use crate::time::Timestamp;

    fn party_of(id: u8, name: &str, titles: &[&str]) -> Arc<PartyView> {
        let tasks = titles.iter().zip(1..).map(|(title, n)| TaskView {
            id: TaskId::from_bytes([n; 16]),
            title: (*title).to_owned(),
            done: false,
            author: IdentityId::from_bytes([1; 32]),
            created: Timestamp::default(),
        });
        let id = PartyId::from_bytes([id; 32]);
        Arc::new(PartyView {
            id,
            name: name.to_owned(),
            role: None,
            members: vec![],
            tasks: tasks.collect(),
        })
    }

    #[test]
    fn a_party_goes_by_its_name_or_the_beginning_of_its_id() {
        let parties = [
            party_of(0xaa, "Home", &[]),
            party_of(0xab, "home", &[]),
            party_of(0xac, "Work", &[]),
        ];
        let id = |typed| party(&parties, typed).map(|party| party.id.as_bytes()[0]);
        assert_eq!(id("Home").unwrap(), 0xaa);
        assert_eq!(id("home").unwrap(), 0xab);
        assert_eq!(id("work").unwrap(), 0xac);
        assert_eq!(id("ababab").unwrap(), 0xab);
        assert!(matches!(id("HOME"), Err(Ending::Failure(Failure::PartyAmbiguous))));
        assert!(matches!(id("abab"), Err(Ending::Failure(Failure::PartyUnknown))));
        assert!(matches!(id(""), Err(Ending::Failure(Failure::PartyUnknown))));
    }

    #[test]
    fn a_task_goes_by_its_number_its_id_or_its_title() {
        let party = party_of(1, "Home", &["water", "water", "7"]);
        assert_eq!(task(&party, "2").unwrap().id, TaskId::from_bytes([2; 16]));
        assert_eq!(task(&party, "020202").unwrap().id, TaskId::from_bytes([2; 16]));
        assert_eq!(task(&party, "7").unwrap().id, TaskId::from_bytes([3; 16]));
        assert!(matches!(task(&party, "water"), Err(Ending::Slip(Slip::TaskAmbiguous))));
        assert!(matches!(task(&party, "0"), Err(Ending::Failure(Failure::TaskUnknown))));
    }
}
