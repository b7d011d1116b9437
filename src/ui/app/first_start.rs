//! A first start that answers its questions by itself.

use super::App;
use crate::worker::{Command, Event, ProfileView, Protection};

/// Answers the questions of a first start by itself: the demo's profiles are thrown away with it.
#[derive(Debug)]
pub(in crate::ui) struct FirstStart {
    pub(in crate::ui) name: String,
    /// A party to begin with.
    pub(in crate::ui) party: Option<String>,
}

impl App {
    pub(in crate::ui) fn with_first_start(mut self, first_start: FirstStart) -> Self {
        self.first_start = Some(first_start);
        self
    }

    pub(super) fn answer_first_start(&mut self, event: &Event) {
        let Event::ProfileChanged { profile, .. } = event else {
            return;
        };
        let Some(first_start) = &mut self.first_start else {
            return;
        };
        let command = match profile {
            ProfileView::New { .. } => {
                let name = first_start.name.clone();
                Some(Command::CreateProfile {
                    name,
                    protection: Protection::Unprotected,
                })
            }
            ProfileView::Open { .. } => first_start.party.take().map(|name| Command::CreateParty { name }),
            ProfileView::Locked | ProfileView::KeyringSilent { .. } => None,
        };
        if let Some(command) = command {
            self.send(self.requests.next(), command);
        }
    }
}
