//! The text of a note: a sequence of characters that many people change at once. No IO.

mod edit;

pub use edit::{Edit, Edits, Element, Side};
