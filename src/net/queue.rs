//! The frames that wait on one link, bounded by their bytes: what a peer that does not read can make this machine hold.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::SendError;
use super::event::Protocol;
use super::frame::MAX_SYNC;

/// Bytes that may wait on one link of members before its peer counts as too slow.
pub const MAX_QUEUED: usize = 1024 * 1024;

/// The same on a link of the invitation protocol, where a whole admission (4 MiB) is queued at once. Only who has proved that they are
/// invited gets one.
const MAX_QUEUED_ADMISSION: usize = 5 * 1024 * 1024;

/// What a waiting frame takes besides its bytes.
const OVERHEAD: usize = 256;

/// A frame and the room that it takes.
type Waiting = (Vec<u8>, OwnedSemaphorePermit);

/// Where frames are put in.
#[derive(Debug)]
pub(super) struct Inlet {
    frames: mpsc::Sender<Waiting>,
    room: Arc<Room>,
}

/// Where they come out, in the same order.
#[derive(Debug)]
pub(super) struct Outlet {
    frames: mpsc::Receiver<Waiting>,
    room: Arc<Room>,
    /// The room of the frame that is being written.
    writing: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
struct Room {
    most: usize,
    bytes: Arc<Semaphore>,
    /// Somebody was told that there is no room, and is to be told when there is.
    is_awaited: AtomicBool,
}

/// An empty queue for a link of this protocol.
pub(super) fn queue(protocol: Protocol) -> (Inlet, Outlet) {
    let most = match protocol {
        Protocol::Invite => MAX_QUEUED_ADMISSION,
        Protocol::Sync => MAX_QUEUED,
    };
    let (sender, receiver) = mpsc::channel(most / OVERHEAD);
    let room = Arc::new(Room {
        most,
        bytes: Arc::new(Semaphore::new(most)),
        is_awaited: AtomicBool::new(false),
    });
    let inlet = Inlet {
        frames: sender,
        room: Arc::clone(&room),
    };
    let outlet = Outlet {
        frames: receiver,
        room,
        writing: None,
    };
    (inlet, outlet)
}

impl Inlet {
    /// Puts a frame in, if it has room.
    pub(super) fn push(&self, frame: Vec<u8>) -> Result<(), SendError> {
        let bytes = u32::try_from(frame.len() + OVERHEAD).or(Err(SendError::NotAFrame))?;
        let room = Arc::clone(&self.room.bytes).try_acquire_many_owned(bytes);
        let room = room.or(Err(SendError::TooSlow))?;
        self.frames.try_send((frame, room)).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => SendError::TooSlow,
            mpsc::error::TrySendError::Closed(_) => SendError::Gone,
        })
    }

    /// Whether the longest frame has room; if not, [`Outlet::is_drained`] will be true once.
    pub(super) fn has_room(&self) -> bool {
        let has_room = || self.room.bytes.available_permits() >= MAX_SYNC + OVERHEAD;
        if has_room() {
            return true;
        }
        self.room.is_awaited.store(true, Ordering::SeqCst);
        // Perhaps the last frame was written in this moment, before it could be seen that somebody waits.
        has_room()
    }
}

impl Outlet {
    /// The next frame, or none when the inlet is gone and everything has come out.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        let (frame, room) = self.frames.recv().await?;
        self.writing = Some(room);
        Some(frame)
    }

    /// The frame of before is written. Whether that was the last one, and somebody waits for room.
    pub(super) fn is_drained(&mut self) -> bool {
        self.writing = None;
        self.room.bytes.available_permits() == self.room.most && self.room.is_awaited.swap(false, Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_goes_in_comes_out_in_order() {
        let (inlet, mut outlet) = queue(Protocol::Invite);
        inlet.push(vec![1]).unwrap();
        inlet.push(vec![2, 3]).unwrap();
        drop(inlet);
        assert_eq!(outlet.next().await, Some(vec![1]));
        assert_eq!(outlet.next().await, Some(vec![2, 3]));
        assert_eq!(outlet.next().await, None);
    }

    #[test]
    fn a_peer_that_does_not_read_holds_a_mebibyte_and_no_more() {
        for length in [1, 100, 10_000, MAX_SYNC] {
            let (inlet, _outlet) = queue(Protocol::Sync);
            let mut bytes = 0;
            while inlet.push(vec![7; length]).is_ok() {
                bytes += length;
            }
            assert_eq!(inlet.push(vec![7; length]), Err(SendError::TooSlow));
            assert!(bytes <= MAX_QUEUED, "{bytes}");
            assert!(
                inlet.push(Vec::new()).is_ok() || length < OVERHEAD,
                "a short one may still fit"
            );
        }
    }

    #[test]
    fn a_whole_admission_has_room() {
        let (inlet, _outlet) = queue(Protocol::Invite);
        let frames = 4 * 1024 / 63;
        for frame in 0..=frames {
            assert_eq!(inlet.push(vec![7; 64 * 1024]), Ok(()), "{frame}");
        }
    }

    #[tokio::test]
    async fn who_was_told_that_there_is_no_room_is_told_once_when_everything_is_out() {
        let (inlet, mut outlet) = queue(Protocol::Sync);
        while inlet.has_room() {
            inlet.push(vec![7; MAX_SYNC]).unwrap();
        }
        let mut told = 0;
        while outlet.room.bytes.available_permits() < MAX_QUEUED {
            outlet.next().await.unwrap();
            told += usize::from(outlet.is_drained());
        }
        assert_eq!(told, 1);
        assert!(inlet.has_room());
        inlet.push(vec![1]).unwrap();
        outlet.next().await.unwrap();
        assert!(!outlet.is_drained(), "nobody waits");
    }
}
