//! Where a task stands among others: a key between any two keys. No IO.

/// Longest place, in bytes.
pub const MAX_PLACE: usize = 64;

/// A place in an order that a person makes by dragging. Places compare as their bytes do; between any two there is room.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(pub(super) Vec<u8>);
