//! Who may have what.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::identity::EndpointId;
use crate::party::ContentHash;

/// Which device may have which contents now. The engine makes it anew whenever members or files change.
#[derive(Clone, Default)]
pub struct Access {
    /// The contents of each party that a device shares.
    shared: BTreeMap<EndpointId, Vec<Arc<BTreeSet<ContentHash>>>>,
}

impl Access {
    /// Lets a device have these contents: those of one party, whose devices share the set.
    pub fn allow(&mut self, endpoint: EndpointId, contents: &Arc<BTreeSet<ContentHash>>) {
        self.shared.entry(endpoint).or_default().push(Arc::clone(contents));
    }

    /// Whether a device may have this content.
    #[must_use]
    pub fn allows(&self, endpoint: EndpointId, hash: ContentHash) -> bool {
        self.shared
            .get(&endpoint)
            .is_some_and(|parties| parties.iter().any(|contents| contents.contains(&hash)))
    }

    /// Whether a device is a member's at all.
    #[must_use]
    pub fn knows(&self, endpoint: EndpointId) -> bool {
        self.shared.contains_key(&endpoint)
    }
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Access({} devices)", self.shared.len())
    }
}
