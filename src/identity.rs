//! Who somebody is: identity, device and endpoint keys, and the certificate that ties them together. No IO.
//!
//! Three keys, so that no signature made for one purpose can serve another, and an endpoint can be rotated:
//!
//! | key | stands for | signs |
//! |---|---|---|
//! | [`IdentityKey`] | the person | device certificates, nothing else |
//! | [`DeviceKey`] | one machine of that person | ops, and certificates of further devices |
//! | [`EndpointKey`] | that machine on the network | the transport's handshake; proofs of possession for a mail service (RFC 9449) |
//!
//! The identity key stays on the machine where it was made, and in a [`RecoveryPhrase`] on paper; further machines of the person
//! have a certificate by it.
//!
//! A [`Certificate`] says "this device, reachable at this endpoint, is this person's". Everything else about a person (name,
//! role) is a claim that a party's log decides on.

mod certificate;
mod email_address;
mod fingerprint;
mod id;
mod key;
mod link_like;
mod lv;
mod phrase;

pub use certificate::{Certificate, CertificateError};
pub use email_address::{EmailAddress, MAX_ADDRESS, NotAnAddress};
pub use fingerprint::Fingerprint;
pub use id::{DeviceId, EndpointId, IdentityId, SignatureError};
pub use key::{DeviceKey, EndpointKey, Identity, IdentityKey, Keys};
pub use link_like::reads_like_an_address;
pub use phrase::{PHRASE_WORDS, PhraseError, RecoveryPhrase};

pub(crate) use id::{id_type, verify};
pub(crate) use lv::{lv, parts};
