//! Whether the worker listens to the local network: as long as a dialog shows what is heard there.

use crate::worker::Command;

/// What the worker was last asked for.
#[derive(Debug, Default)]
pub(super) struct Listening(bool);

impl Listening {
    /// What to ask of the worker now that a dialog shows what is heard, or none does; none if nothing has changed. Where the
    /// network has no such thing, the list stays empty.
    #[expect(clippy::fn_params_excessive_bools, reason = "what it follows")]
    pub(super) fn follow(&mut self, shown: bool) -> Option<Command> {
        let changed = std::mem::replace(&mut self.0, shown) != shown;
        changed.then_some(if shown {
            Command::ListenNearby
        } else {
            Command::StopListening
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_for_once_and_ended_once() {
        let mut listening = Listening::default();
        assert!(listening.follow(false).is_none());
        assert!(matches!(listening.follow(true), Some(Command::ListenNearby)));
        assert!(listening.follow(true).is_none());
        assert!(matches!(listening.follow(false), Some(Command::StopListening)));
    }
}
