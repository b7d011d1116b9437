//! Places in which parcels of one kind are sent side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::LEASE;
use crate::service::database::DatabaseError;
use crate::service::database::outbox::{self, Leased, Parcel};
use crate::service::state::Service;

/// The places for one kind of parcel.
pub(super) struct Lane {
    parcel: Parcel,
    under_way: Arc<Mutex<UnderWay>>,
}

/// Which places are taken, and whether it is worth looking for more.
struct UnderWay {
    places: usize,
    may_be_more: bool,
    /// Clients whose server is being told. It gets one message after the other: one that does not answer holds up nobody else.
    clients: BTreeSet<String>,
}

/// What is sent in one place, one after the other. The place is free again when it is dropped.
pub(super) struct Load {
    pub(super) rows: Vec<Leased>,
    client: Option<String>,
    lane: Arc<Mutex<UnderWay>>,
}

/// Places for a kind of parcel, and how many of them have to be free before more is leased: for invitations one transaction for several. A mail server
/// has eight connections by default.
const fn places(parcel: Parcel) -> (usize, usize) {
    match parcel {
        Parcel::Invitation => (6, 3),
        Parcel::SignIn => (2, 1),
        Parcel::Webhook => (8, 1),
    }
}

impl Lane {
    /// All of its places are free.
    pub(super) fn new(parcel: Parcel) -> Self {
        Self {
            parcel,
            under_way: Arc::new(Mutex::new(UnderWay {
                places: 0,
                may_be_more: true,
                clients: BTreeSet::new(),
            })),
        }
    }

    /// Something may have come, or become due.
    pub(super) fn look_again(&mut self) {
        locked(&self.under_way).may_be_more = true;
    }

    /// Leases what is due for the free places, if it is worth it.
    ///
    /// # Errors
    ///
    /// [`DatabaseError`]; it is not tried again before [`look_again`](Self::look_again).
    pub(super) async fn lease(&mut self, service: &Service) -> Result<Vec<Load>, DatabaseError> {
        let (all, worth) = places(self.parcel);
        let mut loads = Vec::new();
        loop {
            let (free, without) = {
                let mut under_way = locked(&self.under_way);
                let free = all.saturating_sub(under_way.places);
                if !under_way.may_be_more || free < worth {
                    return Ok(loads);
                }
                under_way.may_be_more = false;
                (free, under_way.clients.iter().cloned().collect::<Vec<_>>())
            };
            let leased = lease(service, self.parcel, without, free).await?;
            if leased.len() == free {
                self.look_again();
            }
            loads.extend(self.load(leased));
        }
    }

    /// One place for each row, but one for all rows of a client.
    fn load(&self, leased: Vec<Leased>) -> Vec<Load> {
        let mut of_clients: BTreeMap<String, Vec<Leased>> = BTreeMap::new();
        let mut loads: Vec<(Option<String>, Vec<Leased>)> = Vec::new();
        for row in leased {
            match row.client.clone() {
                Some(client) => of_clients.entry(client).or_default().push(row),
                None => loads.push((None, vec![row])),
            }
        }
        loads.extend(of_clients.into_iter().map(|(client, rows)| (Some(client), rows)));
        let mut under_way = locked(&self.under_way);
        under_way.places += loads.len();
        under_way
            .clients
            .extend(loads.iter().filter_map(|(client, _rows)| client.clone()));
        drop(under_way);
        let load = |(client, rows)| Load {
            rows,
            client,
            lane: Arc::clone(&self.under_way),
        };
        loads.into_iter().map(load).collect()
    }
}

async fn lease(
    service: &Service,
    parcel: Parcel,
    without: Vec<String>,
    most: usize,
) -> Result<Vec<Leased>, DatabaseError> {
    let now = service.clock.now();
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let leased = service.database.write(move |connection| {
        Box::pin(async move { outbox::lease(connection, parcel, &without, most, now, now.plus(LEASE)).await })
    });
    leased.await
}

fn locked(lane: &Mutex<UnderWay>) -> MutexGuard<'_, UnderWay> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Load {
    fn drop(&mut self) {
        let mut lane = locked(&self.lane);
        lane.places = lane.places.saturating_sub(1);
        if let Some(client) = &self.client {
            lane.clients.remove(client);
            // What else it is to be told was left out meanwhile.
            lane.may_be_more = true;
        }
    }
}
