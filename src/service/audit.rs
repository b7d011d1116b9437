//! Checks the chain of events: that none was changed, added or taken away.

use serde::Deserialize;

use super::database::DatabaseError;
use super::database::chain::{self, Row, Sealed};
use super::database::events::Kind;
use super::sealing::link;
use super::state::Service;

/// What does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An event was changed, or the one before it was.
    #[error("event {0} does not fit to the one before it: one of them was changed")]
    Changed(i64),
    /// A number is missing.
    #[error("after event {0} one is missing")]
    Gap(i64),
    /// Older events are missing, and no event tells where the chain begins.
    #[error("the events before {0} are missing, and it is not written down that they were taken away")]
    Start(i64),
}

/// Checks events one after the other, in the order of their numbers.
#[derive(Debug, Default)]
pub struct Check {
    last: Option<(i64, String)>,
    /// The first event, as long as it is not known what came before it.
    first: Option<Sealed>,
    /// How many fit.
    pub count: u64,
}

/// What the event says that tells where the chain begins.
#[derive(Deserialize)]
struct Retired {
    seq: i64,
    chain: String,
}

impl Check {
    /// Checks the next event.
    ///
    /// # Errors
    ///
    /// [`Broken`].
    pub fn next(&mut self, event: Sealed) -> Result<(), Broken> {
        match &self.last {
            Some((seq, _)) if event.seq != seq + 1 => return Err(Broken::Gap(*seq)),
            Some((_, chain)) => proves(chain, &event)?,
            None if event.seq == 1 => proves("", &event)?,
            None => self.first = Some(event.clone()),
        }
        if event.row.kind == Kind::EventsRetired.word()
            && let Some(first) = &self.first
            && let Ok(before) = serde_json::from_str::<Retired>(&event.row.data)
            && before.seq + 1 == first.seq
        {
            proves(&before.chain, first)?;
            self.first = None;
        }
        self.last = Some((event.seq, event.chain));
        self.count += 1;
        Ok(())
    }

    /// After the last event: the number and the hash that the chain ends with.
    ///
    /// # Errors
    ///
    /// [`Broken::Start`].
    pub fn end(self) -> Result<(i64, String), Broken> {
        match self.first {
            Some(first) => Err(Broken::Start(first.seq)),
            None => Ok(self.last.unwrap_or_default()),
        }
    }
}

fn proves(before: &str, event: &Sealed) -> Result<(), Broken> {
    if link(before, event.seq, &event.row) == event.chain {
        Ok(())
    } else {
        Err(Broken::Changed(event.seq))
    }
}

/// Events of the tables after this number, a page of them.
///
/// # Errors
///
/// [`DatabaseError`].
pub async fn page(service: &Service, after: i64) -> Result<Vec<Sealed>, DatabaseError> {
    service
        .database
        .read(|connection| Box::pin(async move { chain::after(connection, after).await }))
        .await
}

/// An event as `serve audit export --json` writes it.
///
/// # Errors
///
/// The line is no such event.
pub fn of_line(line: &str) -> Result<Sealed, serde_json::Error> {
    let line: Line = serde_json::from_str(line)?;
    Ok(Sealed {
        seq: line.seq,
        chain: line.chain,
        row: Row {
            id: line.id,
            at: line.at_ms,
            client_id: line.client,
            invitation_id: line.invitation,
            kind: line.kind,
            actor: line.actor,
            data: line.data,
        },
    })
}

#[derive(Deserialize)]
struct Line {
    seq: i64,
    chain: String,
    id: String,
    at_ms: i64,
    client: String,
    invitation: Option<String>,
    kind: String,
    actor: String,
    data: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(from: i64, before: &str, kinds: &[(&str, &str)]) -> Vec<Sealed> {
        let mut last = before.to_owned();
        let numbered = (from..).zip(kinds);
        numbered
            .map(|(seq, (kind, data))| {
                let row = Row {
                    id: format!("{seq:012x}"),
                    at: seq,
                    client_id: "choir".to_owned(),
                    invitation_id: None,
                    kind: (*kind).to_owned(),
                    actor: "service".to_owned(),
                    data: (*data).to_owned(),
                };
                last = link(&last, seq, &row);
                Sealed {
                    seq,
                    chain: last.clone(),
                    row,
                }
            })
            .collect()
    }

    fn checked(events: &[Sealed]) -> Result<(i64, String), Broken> {
        let mut check = Check::default();
        for event in events {
            check.next(event.clone())?;
        }
        check.end()
    }

    #[test]
    fn a_whole_chain_fits() {
        let events = chain(1, "", &[("a", "{}"), ("b", "{}"), ("c", "{}")]);
        assert_eq!(checked(&events), Ok((3, events[2].chain.clone())));
        assert_eq!(checked(&[]), Ok((0, String::new())));
    }

    #[test]
    fn every_change_shows() {
        let events = chain(1, "", &[("a", "{}"), ("b", "{}"), ("c", "{}")]);
        let mut changed = events.clone();
        changed[1].row.actor = "client".to_owned();
        assert_eq!(checked(&changed), Err(Broken::Changed(2)));
        let mut without = events.clone();
        without.remove(1);
        assert_eq!(checked(&without), Err(Broken::Gap(1)));
        assert_eq!(checked(&events[1..]), Err(Broken::Start(2)));
    }

    #[test]
    fn a_chain_may_begin_where_it_says() {
        let before = "the hash of event 40";
        let told = format!("{{\"seq\":40,\"chain\":\"{before}\"}}");
        let events = chain(
            41,
            before,
            &[("a", "{}"), (Kind::EventsRetired.word(), &told), ("b", "{}")],
        );
        assert!(checked(&events).is_ok());
        let other = chain(
            41,
            "another hash",
            &[("a", "{}"), (Kind::EventsRetired.word(), &told), ("b", "{}")],
        );
        assert_eq!(checked(&other), Err(Broken::Changed(41)));
    }
}
