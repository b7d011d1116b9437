//! The notifications of Windows and macOS. A click on one brings nothing: neither tells a program without a package of it.

use std::sync::mpsc::Receiver;

use super::Order;

/// Carries out orders until the last one.
pub(super) fn serve(inbox: &Receiver<Order>) {
    while let Ok(order) = inbox.recv() {
        let notification = match order {
            Order::Show(notification) => notification,
            Order::End => return,
            Order::Withdraw(_) | Order::Clicked(_) | Order::Closed(_) => continue,
        };
        let shown = notify_rust::Notification::new()
            .appname("Partyline")
            .summary(&notification.title)
            .body(&notification.body)
            .show();
        if let Err(error) = shown {
            tracing::debug!(%error, "no notifications here");
        }
    }
}
