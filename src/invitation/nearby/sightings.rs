//! The announcements that are heard: bounded, whatever is said on the network. No IO.

use super::{Handle, Label, NearbyInvitation};

/// How many announcements are shown to a person.
pub const MAX_SHOWN: usize = 8;

/// How many announcements are remembered. Where there are more, somebody floods the network.
pub const MAX_HEARD: usize = 64;

/// The announcements that are heard now, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sightings(Vec<NearbyInvitation>);

impl Sightings {
    /// One is heard, for the first time or again. Whether that changes anything; more than [`MAX_HEARD`] change nothing.
    pub fn heard(&mut self, invitation: NearbyInvitation) -> bool {
        // Both: or whoever repeats a handle under another endpoint would take its owner off the list.
        let names = |one: &NearbyInvitation| (one.handle, one.endpoint);
        if let Some(known) = self.0.iter_mut().find(|known| names(known) == names(&invitation)) {
            let changed = *known != invitation;
            *known = invitation;
            return changed;
        }
        let room = !self.is_flooded();
        if room {
            self.0.push(invitation);
        }
        room
    }

    /// One is not heard any more. Whether that changes anything.
    pub fn lost(&mut self, handle: Handle) -> bool {
        let before = self.0.len();
        self.0.retain(|known| known.handle != handle);
        self.0.len() < before
    }

    /// Those that a person is shown: the first [`MAX_SHOWN`].
    #[must_use]
    pub fn shown(&self) -> &[NearbyInvitation] {
        self.0.get(..MAX_SHOWN).unwrap_or(&self.0)
    }

    /// How many there are beyond those that are shown.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.0.len().saturating_sub(MAX_SHOWN)
    }

    /// Whether [`MAX_HEARD`] are reached: nobody need listen any longer.
    #[must_use]
    pub fn is_flooded(&self) -> bool {
        self.0.len() >= MAX_HEARD
    }

    /// Whether several announcements have these words: one of them pretends, or it is a coincidence. None may be chosen.
    #[must_use]
    pub fn is_ambiguous(&self, label: Label) -> bool {
        self.0.iter().filter(|known| known.label() == label).count() > 1
    }
}
