//! The invitation protocol's bytes, from outside: golden vectors, the standards it stands on, an independent key agreement.

#[cfg(test)]
#[path = "protocol/cpace.rs"]
mod cpace;
#[cfg(test)]
#[path = "protocol/delegated.rs"]
mod delegated;
#[cfg(test)]
#[path = "protocol/golden.rs"]
mod golden;
#[cfg(test)]
#[path = "protocol/hex.rs"]
mod hex;
#[cfg(test)]
#[path = "protocol/mailbox.rs"]
mod mailbox;
#[cfg(test)]
#[path = "protocol/reference.rs"]
mod reference;
#[cfg(test)]
#[path = "protocol/standards.rs"]
mod standards;
