//! From what a person typed to what is meant: by number, by name, by the beginning of an id or of a name. No IO.

use std::fmt;
use std::sync::Arc;

use super::args::Kind;
use super::json::item_id;
use super::problem::{Ending, Slip};
use crate::client::Invitation;
use crate::failure::Failure;
use crate::party::{Deleted, File, ItemId, Message, Note, Task};
use crate::worker::{DelegatedView, DeviceView, InvitationView, MemberView, PartyView, RequestView};

/// Fewer characters of an id name nothing: they are too easily a name.
const SHORTEST_ID: usize = 6;
/// So many are named when more than one goes by what was typed.
const MOST_CANDIDATES: usize = 5;
/// So many characters of a name tell it from others.
const LONGEST_CANDIDATE: usize = 40;

/// What can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thing {
    Party,
    Task,
    Note,
    Message,
    File,
    Member,
    Invitation,
    Device,
    Request,
}

/// What goes by what was typed, for the person to choose from.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Candidates(Vec<String>);

/// How many: a title is not for logs.
impl fmt::Debug for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Candidates({})", self.0.len())
    }
}

impl fmt::Display for Candidates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.get(..MOST_CANDIDATES).unwrap_or(&self.0);
        f.write_str(&shown.join(", "))?;
        if shown.len() < self.0.len() {
            f.write_str(", …")?;
        }
        Ok(())
    }
}

/// What something goes by.
struct Names {
    name: String,
    id: String,
}

impl Names {
    fn candidate(&self) -> String {
        let mut name: String = self.name.chars().take(LONGEST_CANDIDATE).collect();
        if name.len() < self.name.len() {
            name.push('…');
        }
        format!("“{name}” ({})", self.id.get(..8).unwrap_or(&self.id))
    }
}

/// A whole name counts before an id, and an id before the beginning of a name; upper and lower case count only where whole
/// names differ in nothing else.
fn find<T: Copy>(thing: Thing, all: &[T], typed: &str, names: impl Fn(T) -> Names) -> Result<T, Ending> {
    let lower = typed.to_lowercase();
    let known: Vec<_> = all.iter().map(|item| (*item, names(*item))).collect();
    let ways: [&dyn Fn(&Names) -> bool; 4] = [
        &|names| names.name == typed,
        &|names| names.name.to_lowercase() == lower,
        &|names| typed.len() >= SHORTEST_ID && names.id.starts_with(&lower),
        &|names| !lower.is_empty() && names.name.to_lowercase().starts_with(&lower),
    ];
    for goes_by in ways {
        let mut found = known.iter().filter(|(_, names)| goes_by(names));
        match (found.next(), found.next()) {
            (None, _) => {}
            (Some((item, _)), None) => return Ok(*item),
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(found);
                let candidates = Candidates(all.map(|(_, names)| names.candidate()).collect());
                return Err(Slip::Ambiguous { thing, candidates }.into());
            }
        }
    }
    Err(thing.unknown())
}

/// As [`find`], in a list whose numbers count first.
fn find_in_list<T: Copy>(thing: Thing, all: &[T], typed: &str, names: impl Fn(T) -> Names) -> Result<T, Ending> {
    let number = typed.parse::<usize>().ok();
    match number.and_then(|number| all.get(number.checked_sub(1)?)) {
        Some(item) => Ok(*item),
        None => find(thing, all, typed, names),
    }
}

impl Thing {
    fn unknown(self) -> Ending {
        match self {
            Self::Party => Failure::PartyUnknown.into(),
            Self::Task => Failure::TaskUnknown.into(),
            Self::Note | Self::Message | Self::File => Failure::ItemUnknown.into(),
            Self::Member => Failure::MemberUnknown.into(),
            Self::Invitation => Slip::NoOpenInvitation.into(),
            Self::Device => Failure::DeviceUnknown.into(),
            Self::Request => Failure::RequestUnknown.into(),
        }
    }
}

pub(super) fn party(parties: &[Arc<PartyView>], typed: &str) -> Result<Arc<PartyView>, Ending> {
    let all: Vec<_> = parties.iter().collect();
    find(Thing::Party, &all, typed, |party| Names {
        name: party.name.clone(),
        id: party.id.to_string(),
    })
    .map(Arc::clone)
}

pub(super) fn task<'a>(party: &'a PartyView, typed: &str) -> Result<&'a Task, Ending> {
    let all: Vec<_> = party.tasks.iter().map(Arc::as_ref).collect();
    find_in_list(Thing::Task, &all, typed, |task| Names {
        name: task.title.clone(),
        id: task.id.to_string(),
    })
}

pub(super) fn note<'a>(party: &'a PartyView, typed: &str) -> Result<&'a Note, Ending> {
    let all: Vec<_> = party.notes.iter().map(Arc::as_ref).collect();
    find_in_list(Thing::Note, &all, typed, |note| Names {
        name: note.title.clone(),
        id: note.id.to_string(),
    })
}

pub(super) fn message<'a>(party: &'a PartyView, typed: &str) -> Result<&'a Message, Ending> {
    let all: Vec<_> = party.messages.iter().map(Arc::as_ref).collect();
    find_in_list(Thing::Message, &all, typed, |message| Names {
        name: message.text.clone(),
        id: message.id.to_string(),
    })
}

pub(super) fn file<'a>(party: &'a PartyView, typed: &str) -> Result<&'a File, Ending> {
    let all: Vec<_> = party.files.iter().map(|view| view.file.as_ref()).collect();
    find_in_list(Thing::File, &all, typed, |file| Names {
        name: file.name.clone(),
        id: file.id.to_string(),
    })
}

/// One thing of a kind.
pub(super) fn item(party: &PartyView, kind: Kind, typed: &str) -> Result<ItemId, Ending> {
    Ok(match kind {
        Kind::Task => ItemId::Task(task(party, typed)?.id),
        Kind::Note => ItemId::Note(note(party, typed)?.id),
        Kind::Message => ItemId::Message(message(party, typed)?.id),
        Kind::File => ItemId::File(file(party, typed)?.id),
    })
}

/// A deleted thing of a kind. Its number is that in the list of everything that was deleted.
pub(super) fn deleted(party: &PartyView, kind: Kind, typed: &str) -> Result<ItemId, Ending> {
    let (thing, of_kind): (Thing, fn(&Deleted) -> bool) = match kind {
        Kind::Task => (Thing::Task, |deleted| matches!(deleted.item, ItemId::Task(_))),
        Kind::Note => (Thing::Note, |deleted| matches!(deleted.item, ItemId::Note(_))),
        Kind::Message => (Thing::Message, |deleted| matches!(deleted.item, ItemId::Message(_))),
        Kind::File => (Thing::File, |deleted| matches!(deleted.item, ItemId::File(_))),
    };
    let number = typed.parse::<usize>().ok();
    if let Some(deleted) = number.and_then(|number| party.deleted.get(number.checked_sub(1)?))
        && of_kind(deleted)
    {
        return Ok(deleted.item);
    }
    let all: Vec<_> = party.deleted.iter().filter(|deleted| of_kind(deleted)).collect();
    find(thing, &all, typed, |deleted| Names {
        name: deleted.title.clone(),
        id: item_id(deleted.item),
    })
    .map(|deleted| deleted.item)
}

pub(super) fn member<'a>(party: &'a PartyView, typed: &str) -> Result<&'a MemberView, Ending> {
    let all: Vec<_> = party.members.iter().collect();
    find(Thing::Member, &all, typed, |member| Names {
        name: member.name.clone().unwrap_or_default(),
        id: member.identity.to_string(),
    })
}

pub(super) fn request<'a>(party: &'a PartyView, typed: &str) -> Result<&'a RequestView, Ending> {
    let all: Vec<_> = party.requests.iter().collect();
    find_in_list(Thing::Request, &all, typed, |request| Names {
        name: request.name.clone(),
        id: request.id.to_string(),
    })
}

pub(super) fn invitation<'a>(invitations: &'a [Invitation], typed: &str) -> Result<&'a Invitation, Ending> {
    let all: Vec<_> = invitations.iter().collect();
    let by = |name: fn(&InvitationView) -> String| {
        find(Thing::Invitation, &all, typed, |invitation| Names {
            name: name(&invitation.view()),
            id: invitation.id().to_string(),
        })
    };
    match by(|view| view.label.clone()) {
        Err(Ending::Slip(Slip::NoOpenInvitation)) => {
            by(|view| view.mail.as_ref().map(|mail| mail.address.clone()).unwrap_or_default())
        }
        found => found,
    }
}

/// One that another member or another device has left with a party: it has no label here.
pub(super) fn delegated<'a>(all: &'a [DelegatedView], typed: &str) -> Result<&'a DelegatedView, Ending> {
    let all: Vec<_> = all.iter().collect();
    find(Thing::Invitation, &all, typed, |delegated| Names {
        name: String::new(),
        id: delegated.invitation.to_string(),
    })
}

pub(super) fn device<'a>(devices: &'a [DeviceView], typed: &str) -> Result<&'a DeviceView, Ending> {
    let all: Vec<_> = devices.iter().collect();
    find_in_list(Thing::Device, &all, typed, |device| Names {
        name: device.name.clone().unwrap_or_default(),
        id: device.device.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tests::party_of;
    use crate::party::TaskId;

    /// What the person is told to choose from.
    fn candidates<T>(found: Result<T, Ending>) -> String {
        match found {
            Err(Ending::Slip(Slip::Ambiguous { candidates, .. })) => candidates.to_string(),
            _ => panic!("one or none goes by this"),
        }
    }

    #[test]
    fn a_party_goes_by_its_name_or_a_beginning() {
        let parties = [
            Arc::new(party_of(0xaa, "Home", &[])),
            Arc::new(party_of(0xab, "home", &[])),
            Arc::new(party_of(0xac, "Work", &[])),
        ];
        let id = |typed| party(&parties, typed).map(|party| party.id.as_bytes()[0]);
        assert_eq!(id("Home").unwrap(), 0xaa);
        assert_eq!(id("home").unwrap(), 0xab);
        assert_eq!(id("work").unwrap(), 0xac);
        assert_eq!(id("wo").unwrap(), 0xac);
        assert_eq!(id("ababab").unwrap(), 0xab);
        for many in ["HOME", "ho"] {
            assert_eq!(candidates(id(many)), "“Home” (aaaaaaaa), “home” (abababab)");
        }
        for none in ["abab", "", "Office"] {
            assert!(
                matches!(id(none), Err(Ending::Failure(Failure::PartyUnknown))),
                "{none}"
            );
        }
    }

    #[test]
    fn a_task_goes_by_its_number_its_id_its_title_or_the_beginning_of_it() {
        let party = party_of(
            1,
            "Home",
            &["water", "water", "7", "Sweep the stairs", "Sweep the yard"],
        );
        let number = |typed| task(&party, typed).map(|task| task.id);
        assert_eq!(number("2").unwrap(), TaskId::from_bytes([2; 16]));
        assert_eq!(number("020202").unwrap(), TaskId::from_bytes([2; 16]));
        assert_eq!(number("7").unwrap(), TaskId::from_bytes([3; 16]));
        assert_eq!(number("sweep the y").unwrap(), TaskId::from_bytes([5; 16]));
        assert_eq!(candidates(number("water")), "“water” (01010101), “water” (02020202)");
        assert!(candidates(number("sweep")).contains("stairs"));
        assert!(matches!(number("0"), Err(Ending::Failure(Failure::TaskUnknown))));
    }

    #[test]
    fn many_candidates_are_cut_and_never_logged() {
        let party = party_of(1, "Home", &["water the plants"; 9]);
        let Err(Ending::Slip(slip)) = task(&party, "water") else {
            panic!("nine tasks go by this");
        };
        assert!(!format!("{slip:?}").contains("water"), "{slip:?}");
        assert!(candidates(task(&party, "water")).ends_with("(05050505), …"));
    }
}
