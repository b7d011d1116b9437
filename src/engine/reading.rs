//! Questions about what is in parties, and what of it has been read.

use crate::failure::Failure;
use crate::party::{ItemId, Op, Party, PartyId};
use crate::store::Change;

use super::open::Open;
use super::view::UnreadView;
use super::{Event, RequestId};

impl Open {
    /// Everything of a party that is there now counts as read.
    pub(super) async fn mark_read(&mut self, party: PartyId) -> Result<(), Failure> {
        let entries = self.party(party)?.entry_count();
        if self.read_marks.get(&party) == Some(&entries) {
            return Ok(());
        }
        self.store(vec![Change::SetReadMark { party, entries }]).await?;
        self.read_marks.insert(party, entries);
        self.publish_party(party).await;
        Ok(())
    }

    /// What of a party is new. What was written before this device came in is not: the person has had it elsewhere, or was not
    /// there.
    pub(super) fn unread(&self, party: &Party) -> UnreadView {
        let me = self.keys.identity.id();
        let Some(member) = party.membership().member(me) else {
            return UnreadView::default();
        };
        let read = self.read_marks.get(&party.id()).copied().unwrap_or_default();
        let since = party.brought(self.keys.device.id()).map_or(member.since, Op::time);
        let (messages, first) = party.unread(me, since, read);
        UnreadView { messages, first }
    }

    /// What has become of one thing.
    pub(super) fn read_history(&self, request: RequestId, party: PartyId, item: ItemId) -> Result<Event, Failure> {
        let changes = self.party(party)?.history(item);
        if changes.is_empty() {
            return Err(Failure::ItemUnknown);
        }
        Ok(Event::HistoryRead { request, changes })
    }

    /// Finds things by their words, in one party or in all.
    pub(super) fn search(&self, request: RequestId, party: Option<PartyId>, words: &str) -> Result<Event, Failure> {
        let parties = match party {
            Some(party) => vec![self.party(party)?],
            None => self.shown_parties().collect(),
        };
        let in_party = |party: &Party| {
            let found = party.search(words).into_iter();
            found.map(|found| (party.id(), found)).collect::<Vec<_>>()
        };
        let found = parties.into_iter().flat_map(in_party).collect();
        Ok(Event::SearchDone { request, found })
    }
}
