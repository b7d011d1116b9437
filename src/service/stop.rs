//! How everything that runs beside the requests learns that it is to end.

use std::time::Duration;

use tokio::sync::watch;

/// Tells all tasks to end, when it is told to or dropped.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Waits to be told. Each task has its own.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

impl Stopper {
    /// A new one, and what it tells.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Tells all tasks to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Ends when the task is to end. Cancel safe.
    pub async fn asked(&mut self) {
        // Nobody who could tell is left: that is the same.
        drop(self.0.wait_for(|stop| *stop).await);
    }

    /// Waits so long; false if the task is to end, at once. Cancel safe.
    pub async fn pause(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, self.asked()).await.is_err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_ends_early_when_all_is_to_end() {
        let (stopper, mut stop) = Stopper::new();
        assert!(stop.pause(Duration::from_secs(1)).await);
        stopper.stop();
        assert!(!stop.pause(Duration::from_secs(3600)).await);
        let (dropped, mut stop) = Stopper::new();
        drop(dropped);
        stop.asked().await;
    }
}
