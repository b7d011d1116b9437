//! What comes to the window from the desktop: another start, a click on a notification, and a link that only ever fills a field.

use std::sync::mpsc::Receiver;

use egui::{Context, UserAttentionType, ViewportCommand};

use super::{App, Open};
use crate::desktop::{Arrival, Notifier};
use crate::ui::model::Condition;
use crate::worker::ProfileView;

/// Where arrivals come in, the link that waits for its field, and the way back to the desktop.
#[derive(Default)]
pub(super) struct Desk {
    inbox: Option<Receiver<Arrival>>,
    /// The newest link. It waits until the profile is open and no other dialog is.
    link: Option<zeroize::Zeroizing<String>>,
    pub(super) notifier: Option<Notifier>,
}

impl App {
    /// Takes in what comes from the desktop.
    #[must_use]
    pub fn with_arrivals(mut self, inbox: Receiver<Arrival>) -> Self {
        self.desk.inbox = Some(inbox);
        self
    }

    pub(super) fn take_arrivals(&mut self, ctx: &Context) {
        while let Some(arrival) = self.desk.inbox.as_ref().and_then(|inbox| inbox.try_recv().ok()) {
            self.come_forward(ctx);
            match arrival {
                Arrival::Raise => {}
                Arrival::Link(link) => self.desk.link = Some(link),
                Arrival::Clicked(about) => self.follow(ctx, about),
            }
        }
        self.fill_in_link(ctx);
    }

    /// Puts the link into the field for a code. Nothing that is under way gives way to a link.
    fn fill_in_link(&mut self, ctx: &Context) {
        if !matches!(self.model.condition, Condition::Profile(ProfileView::Open { .. })) {
            return;
        }
        let Some(link) = self.desk.link.take() else { return };
        if self.dialog.is_none() {
            let dialog = self.redeem_dialog(&link);
            return self.open(ctx, Open::Redeem(Box::new(dialog)));
        }
        let filled = match &mut self.dialog {
            Some(Open::Redeem(dialog)) => dialog.fill(&link),
            _ => false,
        };
        if !filled {
            self.desk.link = Some(link);
        }
    }

    /// Brings the window before all others. Desktops that let no program do this itself are asked to point to it.
    fn come_forward(&self, ctx: &Context) {
        for command in [
            ViewportCommand::Minimized(false),
            ViewportCommand::Focus,
            ViewportCommand::RequestUserAttention(UserAttentionType::Informational),
        ] {
            ctx.send_viewport_cmd_to(self.viewport, command);
        }
    }
}
