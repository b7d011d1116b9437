//! A list that is asked for more often than it changes: put together once, then shared. No IO.

use std::sync::{Arc, OnceLock};

/// The list as it was put together, until something in it changes.
#[derive(Clone)]
pub(super) struct List<T>(OnceLock<Arc<[T]>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(OnceLock::new())
    }
}

impl<T> List<T> {
    /// Something in it has changed.
    pub(super) fn forget(&mut self) {
        self.0.take();
    }

    /// The list, put together now if need be.
    pub(super) fn get(&self, items: impl FnOnce() -> Vec<T>) -> Arc<[T]> {
        Arc::clone(self.0.get_or_init(|| items().into()))
    }
}
