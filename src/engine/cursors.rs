//! Where others are in open notes, and telling them where this person is. Never stored.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::failure::Failure;
use crate::identity::EndpointId;
use crate::party::sync::{Cursor, Sync, SyncOutput, Topic};
use crate::party::{NoteId, PartyId, Role};
use crate::time::Timestamp;

use super::Event;
use super::open::Open;
use super::timers::Timer;
use super::view::CursorView;

/// How often the window is told at most, however often others move.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// How often a device may move its cursor within [`EARSHOT`] before it is not listened to: what `PROTOCOL.md` allows, twice,
/// because some may come late.
const MOVES: u32 = 20;
/// See [`MOVES`].
const EARSHOT: Duration = Duration::from_secs(1);

/// The cursors of linked devices: one for each device and party.
#[derive(Default)]
pub(super) struct Cursors {
    places: BTreeMap<(PartyId, EndpointId), Cursor>,
    /// When the window was last told.
    told: BTreeMap<PartyId, Timestamp>,
    /// Since when each device's moves are counted, and how many there have been.
    heard: BTreeMap<EndpointId, (Timestamp, u32)>,
}

impl Cursors {
    /// Whether a device that moves its cursor now is listened to.
    fn listens(&mut self, to: EndpointId, now: Timestamp) -> bool {
        let (since, moves) = self.heard.entry(to).or_insert((now, 0));
        if since.plus(EARSHOT) <= now || now < *since {
            (*since, *moves) = (now, 0);
        }
        *moves = moves.saturating_add(1);
        *moves <= MOVES
    }
}

impl Open {
    /// Tells the others where this person's cursor is in an open note.
    pub(super) fn place_cursor(
        &self,
        (party, note): (PartyId, NoteId),
        revision: u64,
        at: Option<usize>,
    ) -> Result<(), Failure> {
        let at = at.and_then(|at| self.carry_place(party, note, revision, at));
        self.party(party)?;
        self.show_cursor(party, note, at);
        Ok(())
    }

    /// The same for a place in the text as it is now; none takes the cursor away.
    pub(super) fn show_cursor(&self, party: PartyId, note: NoteId, at: Option<usize>) {
        let Some(known) = self.parties.get(&party) else { return };
        let text = known.text(note);
        let cursor = match (at, text) {
            (Some(at), Some(text)) => Cursor::In {
                note,
                after: text.element_before(at),
            },
            _ => Cursor::Nowhere,
        };
        self.to_sharers(party, &Sync::tell_cursor(party, cursor));
    }

    /// A member's device says where its person is.
    pub(super) async fn cursor_moved(&mut self, endpoint: EndpointId, topic: Topic, cursor: Cursor) {
        let now = self.now();
        if !self.cursors.listens(endpoint, now) {
            return;
        }
        let shared = self
            .shared_with(endpoint)
            .into_iter()
            .find(|party| Topic::of(party.id()) == topic);
        let Some(party) = shared else { return };
        let member = party.membership().by_endpoint(endpoint);
        if member.is_none_or(|member| member.role < Role::Editor) {
            return;
        }
        let id = party.id();
        match cursor {
            Cursor::In { note, .. } if party.note(note).is_some() => self.cursors.places.insert((id, endpoint), cursor),
            Cursor::In { .. } | Cursor::Nowhere => self.cursors.places.remove(&(id, endpoint)),
        };
        let due = self.cursors.told.get(&id).map_or(now, |told| told.plus(TELL_EVERY));
        if due <= now {
            self.tell_cursors(id).await;
        } else {
            self.timers.set_once(due, Timer::TellCursors(id));
        }
    }

    /// A device is gone, and its cursors with it.
    pub(super) async fn cursors_gone(&mut self, endpoint: EndpointId) {
        self.cursors.heard.remove(&endpoint);
        let gone = |(_, at): &&(PartyId, EndpointId)| *at == endpoint;
        let parties: Vec<PartyId> = self
            .cursors
            .places
            .keys()
            .filter(gone)
            .map(|(party, _)| *party)
            .collect();
        for party in parties {
            self.cursors.places.remove(&(party, endpoint));
            self.tell_cursors(party).await;
        }
    }

    /// Tells the window where others are in the notes that it has open.
    pub(super) async fn tell_cursors(&mut self, party: PartyId) {
        self.cursors.told.insert(party, self.now());
        let Some(known) = self.parties.get(&party) else { return };
        for (open, revision) in self.open_notes(party) {
            let Some(text) = known.text(open) else { continue };
            let here = self.cursors.places.iter().filter(|((of, _), _)| *of == party);
            let cursors = here.filter_map(|((_, endpoint), cursor)| match cursor {
                Cursor::In { note, after } if *note == open => {
                    let member = known.membership().by_endpoint(*endpoint)?.identity;
                    let at = after.map_or(Some(0), |after| text.position_after(after))?;
                    Some(CursorView { member, at })
                }
                _ => None,
            });
            let cursors = cursors.collect();
            let event = Event::CursorsMoved {
                party,
                note: open,
                revision,
                cursors,
            };
            self.context.events.send(event).await;
        }
    }

    fn to_sharers(&self, party: PartyId, output: &SyncOutput) {
        if let SyncOutput::Send(frame) = output {
            let Some(net) = &self.net else { return };
            for link in self.links_to_sharers(party) {
                // Who is too slow for it has no use for it later.
                if net.has_room(link)
                    && let Err(error) = net.send(link, frame.clone())
                {
                    tracing::debug!(%error, "a cursor was not told");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_moves_all_the_time_is_not_listened_to_for_the_rest_of_the_second() {
        let mut cursors = Cursors::default();
        let (one, other) = (EndpointId::from_bytes([1; 32]), EndpointId::from_bytes([2; 32]));
        let start = Timestamp::from_millis(1000);
        let heard = (0..1000).filter(|_| cursors.listens(one, start)).count();
        assert_eq!(heard, 20);
        assert!(cursors.listens(other, start));
        assert!(cursors.listens(one, start.plus(EARSHOT)));
    }
}
