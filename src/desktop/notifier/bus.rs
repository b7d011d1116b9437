//! The notification server of a freedesktop.org desktop (Desktop Notifications Specification 1.3), over the session's bus.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, SyncSender};
use std::thread;

use zbus::blocking::Connection;
use zbus::zvariant::Value;

use super::{About, Notification, Order};
use crate::desktop::{Arrival, Arrivals};

/// What a click on the notification itself is called.
const DEFAULT_ACTION: &str = "default";
/// The server decides how long a notification is shown.
const SERVER_DECIDES: i32 = -1;
/// Neither low nor critical: critical ones would be shown in quiet hours, too.
const NORMAL: u8 = 1;

#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications",
    gen_async = false
)]
trait Notifications {
    #[expect(clippy::too_many_arguments, reason = "the specification's own")]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Value<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// The server, and what it shows of ours.
struct Server {
    proxy: NotificationsProxy<'static>,
    /// Whether a body is read as markup there.
    markup: bool,
    shown: Vec<(u32, About)>,
}

/// Carries out orders until the last one. The bus is first needed, and connected to, by the first notification.
pub(super) fn serve(inbox: &Receiver<Order>, back: &SyncSender<Order>, arrivals: &Arrivals) {
    let mut server = None;
    while let Ok(order) = inbox.recv() {
        if matches!(order, Order::End) {
            return;
        }
        if server.is_none() && matches!(order, Order::Show(_)) {
            server = Server::connect(back)
                .inspect_err(|error| tracing::debug!(%error, "no notifications here"))
                .ok();
        }
        let Some(connected) = &mut server else { continue };
        if let Err(error) = connected.carry_out(order, arrivals) {
            tracing::debug!(%error, "the notification server does not answer");
        }
    }
}

impl Server {
    fn connect(back: &SyncSender<Order>) -> zbus::Result<Self> {
        let connection = Connection::session()?;
        let proxy = NotificationsProxy::new(&connection)?;
        let markup = proxy.get_capabilities()?.iter().any(|can| can == "body-markup");
        let (clicks, ends) = (proxy.receive_action_invoked()?, proxy.receive_notification_closed()?);
        let orders = back.clone();
        listen("notification clicks", move || {
            for click in clicks {
                let clicked = click.args().ok().filter(|told| told.action_key == DEFAULT_ACTION);
                if clicked.is_some_and(|told| orders.send(Order::Clicked(told.id)).is_err()) {
                    return;
                }
            }
        })?;
        let orders = back.clone();
        listen("notification ends", move || {
            for end in ends {
                if end
                    .args()
                    .is_ok_and(|told| orders.send(Order::Closed(told.id)).is_err())
                {
                    return;
                }
            }
        })?;
        let shown = Vec::new();
        Ok(Self { proxy, markup, shown })
    }

    fn carry_out(&mut self, order: Order, arrivals: &Arrivals) -> zbus::Result<()> {
        match order {
            Order::Show(notification) => self.show(&notification)?,
            Order::Withdraw(about) => {
                if let Some(id) = self.shown_about(about) {
                    self.forget(id);
                    self.proxy.close_notification(id)?;
                }
            }
            Order::Clicked(id) => {
                if let Some((_, about)) = self.shown.iter().find(|(shown, _)| *shown == id) {
                    arrivals.deliver(Arrival::Clicked(*about));
                }
            }
            Order::Closed(id) => self.forget(id),
            Order::End => {}
        }
        Ok(())
    }

    fn show(&mut self, notification: &Notification) -> zbus::Result<()> {
        let before = self.shown_about(notification.about).unwrap_or_default();
        let body = if self.markup {
            plain(&notification.body)
        } else {
            notification.body.clone()
        };
        let hints = HashMap::from([
            ("desktop-entry", Value::from("partyline")),
            ("urgency", Value::from(NORMAL)),
        ]);
        let actions = [DEFAULT_ACTION, "Open"];
        let id = self.proxy.notify(
            "Partyline",
            before,
            "partyline",
            &notification.title,
            &body,
            &actions,
            hints,
            SERVER_DECIDES,
        )?;
        self.forget(before);
        self.shown.push((id, notification.about));
        Ok(())
    }

    fn shown_about(&self, about: About) -> Option<u32> {
        let shown = self.shown.iter().find(|(_, shown)| *shown == about);
        shown.map(|(id, _)| *id)
    }

    fn forget(&mut self, id: u32) {
        self.shown.retain(|(shown, _)| *shown != id);
    }
}

fn listen(name: &str, listen: impl FnOnce() + Send + 'static) -> zbus::Result<()> {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(listen);
    thread.map(drop).map_err(|error| zbus::Error::InputOutput(error.into()))
}

/// What is markup to the server as plain text.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_markup() {
        assert_eq!(plain("<b>Tom & Ann</b>"), "&lt;b&gt;Tom &amp; Ann&lt;/b&gt;");
    }
}
