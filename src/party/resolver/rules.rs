//! What one op may do in one state. No IO.
//!
//! Nothing written in a field counts until the thing itself is checked: "device X of identity Y" only by certificate, "came
//! by invitation Z" only by evidence, "at time T" only as a bound.

use sha2::{Digest as _, Sha256};

use super::graph::Node;
use super::state::{Delegation, Entry, State};
use crate::identity::{DeviceId, IdentityId};
use crate::party::evidence::invitation_id;
use crate::party::name::is_name;
use crate::party::{Act, How, JoinRequestId, MAX_REQUESTS, Role};

/// How many signatures may lie between an identity key and a device.
const MAX_CHAIN: u8 = 8;
/// How far an admission's past may reach beyond the end of its invitation and what clocks may differ by: it bounds back-dating by causality.
const PAST_SLACK_MS: u64 = 24 * 60 * 60 * 1000;
/// The methods of a delegated invitation.
const LINK: u8 = 0;
const KNOWN_KEY: u8 = 1;
const EMAIL: u8 = 2;
const APPROVAL: u8 = 3;

/// Why an op has no effect in a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::party) enum Denied {
    /// The author, or the author's device, is not in.
    NotAMember,
    /// The role is too low, or somebody outranks the author.
    NotAllowed,
    /// A party keeps an owner.
    LastOwner,
    /// It is about somebody who is not in.
    MemberUnknown,
    /// Who is to be admitted is in, or the device is.
    AlreadyMember,
    /// A name is not one.
    Name,
    /// A certificate or evidence does not verify.
    Proof,
    /// The invitation is unknown, revoked or over.
    InvitationClosed,
    /// The invitation has admitted as many as it may.
    UsedUp,
    /// A kind that this version does not know.
    Unknown,
}

/// Whether an op may take effect in a state, evidence aside ([`is_proven`], which needs checking only once).
pub(super) fn allowed(state: &State, node: &Node) -> Result<(), Denied> {
    let op = &node.op;
    if let Act::Genesis { name, .. } = op.act() {
        ensure(
            op.names_no_party() && op.deps().is_empty() && op.seq() == 0,
            Denied::NotAllowed,
        )?;
        ensure(node.op.is_certified(), Denied::Proof)?;
        return ensure(is_name(name), Denied::Name);
    }
    let author = state.member(op.author()).ok_or(Denied::NotAMember)?;
    ensure(author.device(op.device()).is_some(), Denied::NotAMember)?;
    ensure(node.op.is_certified(), Denied::Proof)?;
    let is_admin = author.role >= Role::Admin;
    match op.act() {
        Act::MemberAdmitted { .. } => may_admit(state, node, author),
        Act::InvitationDelegated { .. } => may_delegate(state, node, author),
        Act::InvitationRevoked { invitation } => {
            let delegation = state.delegations.get(invitation).ok_or(Denied::InvitationClosed)?;
            ensure(is_admin || delegation.by == op.author(), Denied::NotAllowed)
        }
        Act::RoleChanged { member, role, .. } => {
            let now = state.member(*member).ok_or(Denied::MemberUnknown)?;
            let may = if *member == op.author() {
                *role < author.role
            } else {
                *role <= author.role && outranks(state, op.author(), author, *member, now)
            };
            ensure(is_admin && may, Denied::NotAllowed)?;
            ensure(!state.is_last_owner(*member), Denied::LastOwner)
        }
        Act::MemberRemoved { member, .. } => {
            let now = state.member(*member).ok_or(Denied::MemberUnknown)?;
            let may = *member == op.author() || is_admin && outranks(state, op.author(), author, *member, now);
            ensure(may, Denied::NotAllowed)?;
            ensure(!state.is_last_owner(*member), Denied::LastOwner)
        }
        Act::DeviceAdded {
            device,
            endpoint,
            signer,
            ..
        } => {
            let signer_device = author.device(DeviceId::from_bytes(*signer));
            let vouched =
                signer == op.author().as_bytes() || signer_device.is_some_and(|above| above.chain < MAX_CHAIN);
            ensure(author.has_room_for_a_device(), Denied::NotAllowed)?;
            ensure(vouched && !state.gone.contains(device), Denied::Proof)?;
            ensure(!state.is_taken(*device, *endpoint), Denied::AlreadyMember)
        }
        Act::DeviceRemoved { device, .. } => {
            let (owner, entry) = state.owner_of(*device).ok_or(Denied::MemberUnknown)?;
            let may = owner == op.author() || is_admin && outranks(state, op.author(), author, owner, entry);
            // Without a device a member could not act: remove the member instead.
            ensure(may && entry.has_several_devices(), Denied::NotAllowed)
        }
        Act::JoinRequested { .. } => may_take_request(state, node, author),
        Act::RequestDenied { invitation, member } => {
            let id = JoinRequestId::of(invitation, *member);
            ensure(is_admin, Denied::NotAllowed)?;
            ensure(state.requests.contains(&id), Denied::MemberUnknown)?;
            // Whoever is in by now is removed like any member.
            let is_decided = state.denied.contains(&id) || state.has_used(invitation, *member);
            ensure(!is_decided, Denied::InvitationClosed)
        }
        Act::Renamed { name } => {
            ensure(is_admin, Denied::NotAllowed)?;
            ensure(is_name(name), Denied::Name)
        }
        Act::Named { name } => ensure(is_name(name), Denied::Name),
        Act::DeviceNamed { device, name } => {
            ensure(author.device(*device).is_some(), Denied::MemberUnknown)?;
            ensure(is_name(name), Denied::Name)
        }
        _ => Err(Denied::Unknown),
    }
}

/// Checks the evidence of a delegated invitation under the key that the state has for it.
pub(super) fn is_proven(state: &State, node: &Node) -> Result<(), Denied> {
    let invitation = match node.op.act() {
        Act::MemberAdmitted { how, invitation, .. } if is_delegated(*how) => invitation,
        Act::JoinRequested { invitation, .. } => invitation,
        _ => return Ok(()),
    };
    let delegation = state.delegations.get(invitation).ok_or(Denied::InvitationClosed)?;
    ensure(node.op.is_proven(&delegation.key), Denied::Proof)
}

/// Whether the authority is the invitation's rather than the admitter's.
pub(super) fn is_delegated(how: How) -> bool {
    !matches!(how, How::Direct | How::Pin)
}

fn may_delegate(state: &State, node: &Node, author: &Entry) -> Result<(), Denied> {
    let Act::InvitationDelegated {
        key,
        role,
        max_uses,
        method,
        min_admitter_role,
        ..
    } = node.op.act()
    else {
        return Err(Denied::Unknown);
    };
    ensure(
        author.role >= Role::Admin && *role <= author.role.min(Role::Admin),
        Denied::NotAllowed,
    )?;
    // A bearer link admits whoever is first, so it never makes an admin.
    let method_fits = if *method == LINK {
        *role <= Role::Editor
    } else {
        *method <= APPROVAL
    };
    ensure(
        method_fits && *max_uses >= 1 && *min_admitter_role >= Role::Editor,
        Denied::NotAllowed,
    )?;
    ensure(
        !state.delegations.contains(&invitation_id(key)),
        Denied::InvitationClosed,
    )
}

fn may_admit(state: &State, node: &Node, author: &Entry) -> Result<(), Denied> {
    let Act::MemberAdmitted {
        member,
        role,
        device,
        endpoint,
        invitation,
        how,
        ..
    } = node.op.act()
    else {
        return Err(Denied::Unknown);
    };
    if is_delegated(*how) {
        let delegation = state.delegations.get(invitation).ok_or(Denied::InvitationClosed)?;
        admits_by(delegation, node, author)?;
        ensure(*role == delegation.role, Denied::NotAllowed)?;
        // The same evidence twice would undo a removal.
        ensure(!delegation.used_by.contains(member), Denied::InvitationClosed)?;
        let denied = state.denied.contains(&JoinRequestId::of(invitation, *member));
        ensure(!denied, Denied::InvitationClosed)?;
        ensure(
            (delegation.used_by.len() as u64) < u64::from(delegation.max_uses),
            Denied::UsedUp,
        )?;
    } else {
        ensure(author.role >= Role::Admin && *role <= author.role, Denied::NotAllowed)?;
    }
    // Who is in already comes with a further device, which the own identity has certified: an administrator lets it in. An
    // invitation that others may admit by is for those who are not in.
    let is_new = state.member(*member).is_none() || !is_delegated(*how);
    ensure(is_new && !state.is_taken(*device, *endpoint), Denied::AlreadyMember)?;
    let has_room = state.member(*member).is_none_or(Entry::has_room_for_a_device);
    ensure(has_room, Denied::NotAllowed)?;
    ensure(!state.gone.contains(device), Denied::Proof)
}

/// Whether this author may use the invitation in this way at this time.
fn admits_by(delegation: &Delegation, node: &Node, author: &Entry) -> Result<(), Denied> {
    let Act::MemberAdmitted { member, how, .. } = node.op.act() else {
        return Err(Denied::Unknown);
    };
    ensure(!delegation.revoked, Denied::InvitationClosed)?;
    let is_over = delegation.is_over(node.op.time(), node.newest, PAST_SLACK_MS);
    ensure(!is_over, Denied::InvitationClosed)?;
    let method_holds = match delegation.method {
        LINK => *how == How::Link,
        KNOWN_KEY => *how == How::KnownKey && delegation.bind == *Sha256::digest(member.as_bytes()),
        EMAIL => *how == How::Email,
        APPROVAL => *how == How::Approved && author.role >= Role::Admin,
        _ => false,
    };
    ensure(
        method_holds && author.role >= delegation.min_admitter_role,
        Denied::NotAllowed,
    )
}

/// Whether this author may pass on that somebody asks to come in: once for each person, and not without end.
fn may_take_request(state: &State, node: &Node, author: &Entry) -> Result<(), Denied> {
    let Act::JoinRequested {
        member,
        invitation,
        name,
        ..
    } = node.op.act()
    else {
        return Err(Denied::Unknown);
    };
    let delegation = state.delegations.get(invitation).ok_or(Denied::InvitationClosed)?;
    ensure(
        author.role >= delegation.min_admitter_role && delegation.method == APPROVAL,
        Denied::NotAllowed,
    )?;
    let is_over = delegation.is_over(node.op.time(), node.newest, PAST_SLACK_MS);
    ensure(!delegation.revoked && !is_over, Denied::InvitationClosed)?;
    ensure(
        delegation.requests < delegation.max_uses.saturating_add(MAX_REQUESTS),
        Denied::InvitationClosed,
    )?;
    let is_known = state.requests.contains(&JoinRequestId::of(invitation, *member));
    ensure(!is_known && state.member(*member).is_none(), Denied::AlreadyMember)?;
    ensure(is_name(name), Denied::Name)
}

/// A higher role outranks, and among equals who came first; nobody outranks an Owner.
fn outranks(state: &State, x: IdentityId, x_entry: &Entry, y: IdentityId, y_entry: &Entry) -> bool {
    y_entry.role != Role::Owner
        && (x_entry.role > y_entry.role || x_entry.role == y_entry.role && state.seniority(x) < state.seniority(y))
}

#[expect(
    clippy::fn_params_excessive_bools,
    reason = "the condition is what it is about, as with assert!"
)]
fn ensure(holds: bool, otherwise: Denied) -> Result<(), Denied> {
    if holds { Ok(()) } else { Err(otherwise) }
}
