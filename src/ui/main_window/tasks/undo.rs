//! What a person did to tasks, so that it can be taken back: for each command the one that undoes it.

use crate::party::PartyId;
use crate::worker::Command;

/// How many steps are kept.
const KEPT: usize = 100;

/// One thing that was done.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) party: PartyId,
    pub(super) back: Command,
    pub(super) forth: Command,
}

/// What can be undone and what can be done again, the last at the end.
#[derive(Default)]
pub(super) struct Undo {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl Undo {
    /// Something new was done: what had been undone is out of reach from now on.
    pub(super) fn did(&mut self, step: Step) {
        self.undone.clear();
        self.done.push(step);
        if self.done.len() > KEPT {
            self.done.remove(0);
        }
    }

    /// Notes a command that is sent, and what undoes it; gives the command.
    pub(super) fn step(&mut self, party: PartyId, forth: Command, back: Command) -> Command {
        self.did(Step {
            party,
            back,
            forth: forth.clone(),
        });
        forth
    }

    /// What takes the last step in this party back.
    pub(super) fn undo(&mut self, party: PartyId) -> Option<Command> {
        let step = take_last(&mut self.done, party)?;
        let command = step.back.clone();
        self.undone.push(step);
        Some(command)
    }

    /// What does again what was undone last in this party.
    pub(super) fn redo(&mut self, party: PartyId) -> Option<Command> {
        let step = take_last(&mut self.undone, party)?;
        let command = step.forth.clone();
        self.done.push(step);
        Some(command)
    }
}

fn take_last(steps: &mut Vec<Step>, party: PartyId) -> Option<Step> {
    let at = steps.iter().rposition(|step| step.party == party)?;
    Some(steps.remove(at))
}
