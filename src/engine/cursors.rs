//! Where others are in open notes, and telling them where this person is. Never stored.

use std::collections::BTreeMap;

use crate::failure::Failure;
use crate::identity::EndpointId;
use crate::party::sync::{Cursor, Sync, SyncOutput, Topic};
use crate::party::{NoteId, PartyId, Role};

use super::Event;
use super::open::Open;
use super::view::CursorView;

/// The cursors of linked devices: one for each device and party.
#[derive(Default)]
pub(super) struct Cursors(BTreeMap<(PartyId, EndpointId), Cursor>);

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
        let shared = self
            .shared_with(endpoint)
            .into_iter()
            .find(|party| Topic::of(party.id()) == topic);
        let Some(party) = shared else { return };
        let member = party.membership().by_endpoint(endpoint);
        if member.is_none_or(|member| member.role < Role::Editor) {
            return;
        }
        let party = party.id();
        match cursor {
            Cursor::In { .. } => self.cursors.0.insert((party, endpoint), cursor),
            Cursor::Nowhere => self.cursors.0.remove(&(party, endpoint)),
        };
        self.tell_cursors(party).await;
    }

    /// A device is gone, and its cursors with it.
    pub(super) async fn cursors_gone(&mut self, endpoint: EndpointId) {
        let gone = |(_, at): &&(PartyId, EndpointId)| *at == endpoint;
        let parties: Vec<PartyId> = self.cursors.0.keys().filter(gone).map(|(party, _)| *party).collect();
        for party in parties {
            self.cursors.0.remove(&(party, endpoint));
            self.tell_cursors(party).await;
        }
    }

    /// Tells the window where others are in the notes that it has open.
    pub(super) async fn tell_cursors(&self, party: PartyId) {
        let Some(known) = self.parties.get(&party) else { return };
        for (open, revision) in self.open_notes(party) {
            let Some(text) = known.text(open) else { continue };
            let here = self.cursors.0.iter().filter(|((of, _), _)| *of == party);
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
            for link in self.links_to_sharers(party) {
                self.send_frame(link, frame.clone());
            }
        }
    }
}
