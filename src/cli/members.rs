//! `member`: who is in a party, and as what.

use super::args::{Member, OneMember};
use super::find;
use super::items::changed;
use super::json::{self, MemberReport, Report};
use super::list::list;
use super::problem::Ending;
use super::session::Session;
use crate::identity::IdentityId;
use crate::party::{PartyId, Role};
use crate::worker::MemberView;

pub(super) async fn member(session: &Session, args: &Member) -> Result<(), Ending> {
    match args {
        Member::List(listing) => list::<MemberView>(session, listing, None).await,
        Member::Show(who) => {
            let party = session.party(&who.party)?;
            let member = find::member(&party, &who.member)?;
            session.output.report(&Report::Member(MemberReport::of(member)))
        }
        Member::Role { who, role, sync } => {
            let (party, member) = one(session, who)?;
            let role = Role::from(*role);
            session.client.change_role(party, member, role).await?;
            let report = Report::MemberRole {
                party: party.to_string(),
                member: member.to_string(),
                role: json::role(role),
            };
            changed(session, party, &report, *sync).await
        }
        Member::Remove { who, sync } => {
            let (party, member) = one(session, who)?;
            session.client.remove_member(party, member).await?;
            let report = Report::MemberRemoved {
                party: party.to_string(),
                member: member.to_string(),
            };
            changed(session, party, &report, *sync).await
        }
    }
}

fn one(session: &Session, who: &OneMember) -> Result<(PartyId, IdentityId), Ending> {
    let party = session.party(&who.party)?;
    Ok((party.id, find::member(&party, &who.member)?.identity))
}
