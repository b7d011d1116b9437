//! How far an invitation and a redemption are, written for the dialogs: each variant is one screen. No IO.

use std::sync::Arc;

use crate::identity::{Fingerprint, IdentityId};
use crate::party::{PartyId, Role};
use crate::time::Timestamp;

use super::Pin;

/// How far an invitation is, written for the dialog: each variant is one screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvitationStage {
    /// Show the code; nobody redeems it now. With more than one use also between two people.
    Code {
        /// A device redeemed the code and left again.
        device_left: bool,
    },
    /// Show the PIN: a device has redeemed the code.
    Pin {
        /// The PIN to tell by voice.
        pin: Arc<Pin>,
        /// When it stops working.
        expires: Timestamp,
        /// How many wrong entries this PIN has seen, of [`crate::invitation::MAX_WRONG_PER_PIN`].
        wrong: u8,
        /// How many other devices wait with the same code. More than the invitation has uses for means that the code has
        /// leaked.
        waiting: u8,
    },
    /// The PIN is void: offer to show a new one.
    PinVoid {
        /// Why.
        reason: PinVoid,
        /// How many other devices wait with the same code.
        waiting: u8,
    },
    /// The PIN was right; the admission is being written.
    Admitting,
    /// The last person for whom the invitation was made is in.
    Admitted {
        /// Who.
        member: IdentityId,
        /// The name that the member gives.
        name: String,
    },
    /// Too many wrong PINs: the code is locked for good.
    Locked,
    /// Revoked by the inviter.
    Revoked,
    /// Expired.
    Expired,
    /// Delegated: show the code; no other member's device is known to have the invitation yet, so it works only while this one
    /// is online.
    OnlyHere,
    /// Delegated: show the code; other members' devices have the invitation, and this one may go.
    OfflineReady {
        /// How many devices are known to have it, without this one. At least one.
        devices: usize,
    },
}

/// Why a PIN is void.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinVoid {
    /// Three wrong entries.
    TooManyWrong,
    /// Five minutes have passed.
    Expired,
}

/// How far a redemption is, written for the dialog: each variant is one screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedemptionStage {
    /// Reaching the inviter's device.
    Connecting {
        /// How many tries have failed so far.
        failed_tries: u32,
    },
    /// Two minutes of tries have failed; the app goes on trying slowly, a button tries at once.
    InviterOffline,
    /// Another device is using the code.
    Queued {
        /// Place in the queue, from 1.
        position: u8,
    },
    /// Enter the PIN.
    EnterPin {
        /// How many digits.
        digits: u8,
        /// When the PIN stops working; as far as this device can tell.
        expires: Timestamp,
        /// How many tries are left for this PIN.
        tries_left: u8,
        /// Why the field is empty again, if it is.
        notice: Option<PinNotice>,
    },
    /// The PIN is being checked.
    Checking,
    /// The PIN was right; waiting for the admission.
    Joining {
        /// The party's name.
        party: String,
        /// The inviter's name.
        inviter: String,
        /// The role.
        role: Role,
    },
    /// A member.
    Joined {
        /// The party.
        party: PartyId,
    },
    /// It ended without a membership.
    Failed {
        /// Why.
        error: RedeemError,
    },
    /// Cancelled by the person at this machine.
    Cancelled,
    /// Delegated: no device that the code names could be reached.
    MembersOffline {
        /// When this device tries again by itself.
        next_try: Timestamp,
    },
    /// Delegated: the request is in the party's log; an administrator has to approve it.
    WaitsForApproval {
        /// This person in words, to be compared with what the administrator sees.
        fingerprint: Fingerprint,
        /// When this device asks again by itself.
        next_poll: Timestamp,
    },
    /// The PIN was right; this device becomes a further one of a person.
    Pairing {
        /// The person's name.
        person: String,
        /// The name of the device that adds this one.
        device: String,
    },
    /// A further device of the person, with all their parties.
    Paired {
        /// Where the person's devices meet. It is not shown as a party.
        home: PartyId,
    },
}

/// Why the PIN field is empty again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinNotice {
    /// The PIN was wrong. If the inviter does not see that too, somebody may be in between.
    Wrong,
    /// The inviter shows a new PIN.
    Changed,
    /// The PIN has expired or is void: ask for a new one.
    Void,
}

/// Why a redemption ended without a membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RedeemError {
    /// The inviter's app does not know this invitation.
    UnknownInvitation,
    /// The invitation has expired.
    Expired,
    /// Somebody else has used the invitation.
    AlreadyUsed,
    /// The inviter has revoked the invitation.
    Revoked,
    /// Too many wrong PINs: the code is locked for good.
    Locked,
    /// This device has made as many wrong tries as one device may, at a code for several people.
    OutOfTries,
    /// The inviter cancelled, or gave the slot to another device.
    CancelledByInviter,
    /// Too many wrong PINs were typed here: this code is blocked on this device for a while.
    BlockedHere {
        /// When it may be tried again.
        until: Timestamp,
    },
    /// The peer asked to slow down.
    RateLimited {
        /// When to try again, in seconds.
        seconds: u32,
    },
    /// The other side did not answer in time.
    TimedOut,
    /// The two apps have no version of the protocol in common.
    VersionMismatch,
    /// The identity is a member of the party already.
    AlreadyMember,
    /// The inviter may not admit anybody with this role.
    NotAllowed,
    /// The party is not the one that the code promised.
    WrongParty,
    /// What the inviter handed over does not prove the membership.
    BadAdmission,
    /// The PIN was right, but this device could not prove its identity.
    BadIdentity,
    /// The peer broke the protocol.
    PeerMisbehaved,
    /// Something failed inside the peer's app.
    PeerFailed,
    /// Something failed inside this app, such as a full disk. If the PIN was right, the app tries again at its next start.
    Internal,
    /// An administrator has denied the request: final for this person and this code.
    ApprovalDenied,
    /// The code is for somebody else, whose key the inviter knows.
    ForSomebodyElse,
    /// This profile has parties of its own, so it cannot become another person's device.
    HasParties,
    /// Another code is being redeemed with this profile, whose identity would be forgotten meanwhile.
    OthersUnderWay,
    /// No member takes what the mail service says of this person: the proof is too old, or for another invitation.
    MailboxUnproved,
}
