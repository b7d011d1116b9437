//! Partyline brings a person into a shared private space.
//!
//! Alice has a *party*: a space that its members replicate to each other, with no server in the middle. She creates an
//! invitation and sends the code to Bob in any chat. Bob redeems it; in that moment Alice sees a PIN, which she tells him by
//! voice. He types it, and he is a member.
//!
//! # Five arrows
//!
//! ```text
//! person --click--> [dialog] --Action--> [App] --Command--> [Engine] --Input--> [machine] --Message--> peer
//! person <--frame-- [dialog] <--apply--- [App] <--Event---- [Engine] <-Output-- [machine] <-Message--- peer
//! ```
//!
//! Each word means one arrow and nothing else. Nothing flows the other way, nobody keeps a reference into somebody else's
//! state, and every answer carries the id of its question.
//!
//! # Code map, pure rooms first
//!
//! | room | what it is |
//! |---|---|
//! | [`time`] | a moment, as an argument |
//! | [`identity`] | who somebody is: keys and device certificates |
//! | [`invitation`] | the invitation protocol as sans-IO machines; its documentation is the specification |
//! | [`party`] | what is replicated: the log of signed ops, its resolver, tasks, notes, messages and files, the sync machine; its documentation is the specification of the log |
//! | [`failure`] | the closed list of what can go wrong for a person |
//! | [`store`] | the profile on disk: its database, its keys and the keyring |
//! | [`blobs`] | the contents of files by their hash: kept, served, fetched; the only room that names iroh-blobs and image |
//! | [`net`] | links and connections between endpoints; the only room that names iroh, but for the connections that `blobs` speaks over |
//! | [`email`] | invitations by e-mail: the only room that speaks to an invitation service |
//! | [`desktop`] | what the operating system's desktop gives to the window: pictures of a QR, the camera, links, other starts, notifications |
//! | [`service`] | the invitation service over HTTP: it shares only the pure rooms with the rest, and holds no party and no key of one |
//! | [`engine`] | one task owns all live state; commands in, events out |
//! | [`worker`] | the named thread, its runtime, the clock, the wake callback |
//! | [`client`] | the async library over the same door |
//! | [`ui`] | the window and its dialogs: the only room that names egui |
//! | [`cli`] | the command line |
//!
//! Who may import whom, top to bottom only: `ui`, `cli` → `worker`, `client` → `engine` → `net`, `email`, `store`, `blobs` → `party`,
//! `invitation` → `identity`, `time`. `desktop` and `service` stand beside `net`: the faces use them, the engine does not. `tests/architecture.rs` reads the `use` lines and fails on an arrow that points up.
//!
//! # Invariants
//!
//! - **Invariant:** nothing below `worker` reads a clock; a pure room reads neither clock, disk, network nor randomness.
//! - **Invariant:** what an [`engine::Event`] says has happened is on disk.
//! - **Invariant:** with a wrong PIN nobody is ever admitted; each session ends exactly once.
//! - **Invariant:** PINs, codes, keys, frames and party contents are never logged; `Debug` of a PIN, code, key or passphrase
//!   prints `<redacted>`, of an op or frame its kind and length.
//! - **Invariant:** the window never waits: no frame touches the network or the disk, or waits for a lock.

pub mod blobs;
pub mod cli;
pub mod client;
#[cfg(feature = "desktop")]
pub mod desktop;
pub mod email;
pub mod engine;
pub mod failure;
pub mod identity;
pub mod invitation;
pub mod net;
pub mod party;
#[cfg(feature = "service")]
pub mod service;
pub mod store;
pub mod time;
#[cfg(feature = "desktop")]
pub mod ui;
pub mod worker;
