//! Tells the person of something while the window is elsewhere, in the desktop's own way.
//!
//! A notification may stand on a locked screen: it never has a secret, a PIN or a code in it. When and how loudly it is shown is
//! the system's to say. A desktop without notifications is no failure.

#[cfg(target_os = "linux")]
mod bus;
#[cfg(any(windows, target_os = "macos"))]
mod toast;

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use super::Arrivals;
use crate::invitation::InvitationId;
use crate::party::PartyId;

/// Orders that can wait; more at once than this nobody could read.
const QUEUE: usize = 16;

/// How much of a text is shown, in characters.
const MAX_TEXT: usize = 160;

/// What a notification is about, and where a click on it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// An invitation that waits for the person.
    Invitation(InvitationId),
    /// A party in which something has happened.
    Party(PartyId),
}

/// What is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Where a click leads. A later notification about the same takes the place of this one.
    pub about: About,
    /// What happened.
    pub title: String,
    /// What to do; may be empty.
    pub body: String,
}

/// What is asked of the thread, and what the system tells it.
#[cfg_attr(
    not(target_os = "linux"),
    expect(
        dead_code,
        reason = "other systems tell nothing of what has become of a notification"
    )
)]
enum Order {
    Show(Notification),
    Withdraw(About),
    /// The notification of this number was clicked.
    Clicked(u32),
    /// It is no longer there.
    Closed(u32),
    /// The window is gone.
    End,
}

/// Shows notifications, on a thread of its own.
#[derive(Debug)]
pub struct Notifier {
    orders: Option<SyncSender<Order>>,
}

impl Notifier {
    /// Starts the thread. Clicks arrive as [`super::Arrival::Clicked`].
    #[must_use]
    pub fn new(arrivals: Arrivals) -> Self {
        let (orders, inbox) = sync_channel(QUEUE);
        let back = orders.clone();
        let serve = move || {
            #[cfg(target_os = "linux")]
            bus::serve(&inbox, &back, &arrivals);
            #[cfg(any(windows, target_os = "macos"))]
            toast::serve(&inbox);
            drop((inbox, back, arrivals));
        };
        let thread = thread::Builder::new().name("notifications".to_owned()).spawn(serve);
        if let Err(error) = &thread {
            tracing::warn!(%error, "no thread for notifications");
        }
        Self {
            orders: thread.is_ok().then_some(orders),
        }
    }

    /// Shows it. Never waits: with many in a row the last ones are left out.
    pub fn show(&self, notification: Notification) {
        self.order(Order::Show(Notification {
            title: short(&notification.title),
            body: short(&notification.body),
            ..notification
        }));
    }

    /// Takes back what is shown about this: it is no longer true.
    pub fn withdraw(&self, about: About) {
        self.order(Order::Withdraw(about));
    }

    fn order(&self, order: Order) {
        let sent = self.orders.as_ref().map(|orders| orders.try_send(order).is_ok());
        if sent == Some(false) {
            tracing::debug!("a notification is left out");
        }
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.order(Order::End);
    }
}

/// Names come from others: one line of what can be read.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect()
}
