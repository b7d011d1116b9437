//! What has to be true when everybody has met everybody.

use std::collections::BTreeMap;

use partyline::identity::IdentityId;
use partyline::party::{Act, Op, Party, Role};
use partyline::time::Timestamp;

use crate::world::World;

/// Checks a healed world.
pub(crate) fn check(world: &World) {
    everybody_sees_the_same(world);
    everybody_knows_that_the_others_do(world);
    for device in &world.devices {
        no_effect_after_a_removal(device.party());
        readers_wrote_nothing(device.party());
    }
}

/// Members only: somebody removed need not know what came after.
fn everybody_sees_the_same(world: &World) {
    let members = world.members();
    let mut devices = members.iter().map(|n| (*n, world.devices[*n].party()));
    let (_, first) = devices.next().expect("a party keeps an owner");
    let text_of = |party: &Party| -> Vec<String> {
        let notes = party.notes();
        let texts = notes
            .iter()
            .map(|note| party.text(note.id).expect("a text").as_string());
        texts.collect()
    };
    for (n, party) in devices {
        assert_eq!(party.membership(), first.membership(), "members, {n}");
        assert_eq!(party.have(), first.have(), "ops, {n}");
        assert_eq!(party.tasks(), first.tasks(), "tasks, {n}");
        assert_eq!(party.notes(), first.notes(), "notes, {n}");
        assert_eq!(text_of(party), text_of(first), "texts, {n}");
        assert_eq!(party.messages(), first.messages(), "messages, {n}");
        assert_eq!(party.files(), first.files(), "files, {n}");
        assert_eq!(party.deleted(), first.deleted(), "deleted things, {n}");
    }
    assert_eq!(
        first.membership().members().len(),
        members.len(),
        "who thinks to be in is in"
    );
}

fn everybody_knows_that_the_others_do(world: &World) {
    for n in world.members() {
        let device = &world.devices[n];
        let digest = device.party().digest();
        for (to, link) in &device.links {
            let held = link.sync.is_held(device.id(), digest);
            assert_eq!(held, Some(true), "{n} of {to}");
        }
    }
}

/// Nothing that somebody wrote after being removed shows. The title of each thing says when it was written.
fn no_effect_after_a_removal(party: &Party) {
    let mut removed: BTreeMap<IdentityId, Timestamp> = BTreeMap::new();
    for op in party.ops() {
        if let Act::MemberRemoved { member, .. } = op.act()
            && party.membership().member(*member).is_none()
        {
            let at = removed.entry(*member).or_insert(op.time());
            *at = op.time().min(*at);
        }
    }
    // Whose removal was cancelled by another is not out by it, so only those who are out count, from their last removal on.
    let last = |member: &IdentityId| {
        let removals = party
            .ops()
            .filter(|op| matches!(op.act(), Act::MemberRemoved { member: who, .. } if who == member));
        removals.map(Op::time).max()
    };
    for (author, written) in party
        .tasks()
        .iter()
        .map(|task| (task.author, task.created))
        .chain(party.messages().iter().map(|message| (message.author, message.sent)))
        .chain(party.files().iter().map(|file| (file.author, file.added)))
    {
        if removed.contains_key(&author) {
            assert!(last(&author) >= Some(written), "written after the removal");
        }
    }
}

/// Who has been a Reader from the beginning has written nothing.
fn readers_wrote_nothing(party: &Party) {
    let is_more = |identity: IdentityId| {
        party.ops().any(|op| match op.act() {
            Act::Genesis { .. } => op.author() == identity,
            Act::MemberAdmitted { member, role, .. } | Act::RoleChanged { member, role, .. } => {
                *member == identity && *role > Role::Reader
            }
            _ => false,
        })
    };
    for op in party.ops().filter(|op| !op.act().is_membership()) {
        assert!(is_more(op.author()), "a Reader has written");
    }
}
