//! What comes to the window from the desktop: another start of the program, a link, a click on a notification.

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use zeroize::Zeroizing;

use super::About;

/// How many arrivals may wait for the window; more at once are nobody's intention.
const QUEUE: usize = 8;

/// One thing that the desktop wants of the window.
#[derive(Clone, PartialEq, Eq)]
pub enum Arrival {
    /// The program was started again: the window is to come forward.
    Raise,
    /// A link was opened: the window is to come forward with it. It only ever fills a field.
    Link(Zeroizing<String>),
    /// A notification was clicked: the window is to come forward and show what it was about.
    Clicked(About),
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raise => "Raise",
            Self::Link(_) => "Link(<redacted>)",
            Self::Clicked(_) => "Clicked",
        })
    }
}

/// The way to the window.
#[derive(Clone)]
pub struct Arrivals {
    sender: SyncSender<Arrival>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrivals").finish_non_exhaustive()
    }
}

impl Arrivals {
    /// A way and its end. `wake` is called after each arrival, on any thread.
    #[must_use]
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> (Self, Receiver<Arrival>) {
        let (sender, inbox) = sync_channel(QUEUE);
        let wake = Arc::new(wake);
        (Self { sender, wake }, inbox)
    }

    /// Hands one over. Whether the window will take this in: not if it has been closed, or eight wait already.
    pub fn deliver(&self, arrival: Arrival) -> bool {
        let taken = self.sender.try_send(arrival).is_ok();
        if taken {
            (self.wake)();
        }
        taken
    }
}
