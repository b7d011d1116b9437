//! Admissions: the op by which an inviter lets somebody in, and what the invitee is handed.

use crate::failure::Failure;
use crate::identity::IdentityId;
use crate::invitation::inviter::{Admission, Record, Refusal};
use crate::invitation::{Join, has_room};
use crate::party::{Act, How, Op, OpId, Party, PartyId, Role, WriteError};

use super::open::Open;

impl Open {
    /// The op that admits whom the PIN has proved, judged by the rules of the log and not yet applied.
    pub(super) fn prepare_admission(&self, record: &Record, join: &Join) -> Result<Op, Refusal> {
        let act = Act::MemberAdmitted {
            member: join.identity,
            role: record.role,
            device: join.device,
            endpoint: join.endpoint,
            certificate: join.certificate,
            invitation: *record.id().as_bytes(),
            how: How::Pin,
            evidence: join.evidence,
        };
        let party = self.parties.get(&record.party).ok_or(Refusal::NotAllowed)?;
        if !has_room(party.admission_length()) {
            tracing::warn!("nobody is admitted: the record of the party's members is too long");
            return Err(Refusal::NotAllowed);
        }
        party
            .prepare(&self.keys, act, self.context.now())
            .map_err(|error| match error {
                WriteError::AlreadyMember => Refusal::AlreadyMember,
                other => {
                    tracing::info!(error = %other, "an admission is not allowed");
                    Refusal::NotAllowed
                }
            })
    }

    /// What an admitted device is handed: the membership as it is now, with its own admission in it. One of this person's own
    /// gets that of all parties, as far as there is room.
    pub(super) fn admission(&self, party: PartyId, op: OpId) -> Result<Admission, Refusal> {
        let party = self.parties.get(&party).ok_or(Refusal::Storage)?;
        let mut handed = vec![party];
        if self.is_home(party.id()) {
            handed.extend(self.parties_for_device(party, op));
        }
        let ops = handed.into_iter().flat_map(Party::membership_closure);
        let ops = ops.map(|op| op.bytes().to_vec()).collect();
        Ok(Admission { op, ops })
    }

    /// This person's role in a party.
    pub(super) fn own_role(&self, party: PartyId) -> Result<Role, Failure> {
        let me: IdentityId = self.keys.identity.id();
        let party = self.parties.get(&party).ok_or(Failure::PartyUnknown)?;
        // Who is in with other devices only may do nothing with this one.
        let member = party.membership().by_endpoint(self.keys.endpoint.id());
        let member = member.filter(|member| member.identity == me);
        Ok(member.ok_or(Failure::NoLongerMember)?.role)
    }
}
