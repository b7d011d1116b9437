//! `invite`: shows the code, then a PIN for each person, until all are in. And the codes that still work.

use std::sync::Arc;
use std::time::Duration;

use super::args::{Invitation as InvitationArgs, Invite};
use super::find;
use super::interrupt::Interrupt;
use super::json::{DelegatedReport, InvitationReport, Report};
use super::narrate;
use super::output::Output;
use super::problem::{self, Ending, Slip};
use super::service;
use super::session::{Session, ends_pairing};
use crate::client::{ClientError, Invitation, Troubles};
use crate::failure::Failure;
use crate::invitation::InvitationStage;
use crate::party::PartyId;
use crate::worker::{DelegatedView, InvitationOptions, InvitationView, PartyView};

/// How long the new member gets to fetch the party's data. If their link was cut just now, it takes them 15 s to notice and to
/// come again.
const SYNC_LIMIT: Duration = Duration::from_secs(30);

/// What a line on standard input asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    New,
    Next,
    Show,
    Hide,
    Cancel,
}

impl Order {
    fn read(line: &str) -> Option<Self> {
        match line.trim().to_lowercase().as_str() {
            "new" => Some(Self::New),
            "next" => Some(Self::Next),
            "show" => Some(Self::Show),
            "hide" => Some(Self::Hide),
            "cancel" => Some(Self::Cancel),
            _ => None,
        }
    }
}

pub(super) async fn invite(session: &mut Session, args: &Invite) -> Result<(), Ending> {
    // Before the code is shown: who reads it may send Ctrl-C at once.
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let mut invitation = open(session, args).await?;
    let afterwards = if args.keep {
        Afterwards::Kept
    } else {
        Afterwards::Revoked
    };
    let ended = match show(&invitation, args).await {
        Ok(()) => watch(session, &mut invitation, &mut interrupt).await,
        Err(ending) => Err(ending),
    };
    conclude(session, &invitation, ended, afterwards).await?;
    session.settle(invitation.view().party, SYNC_LIMIT).await;
    Ok(())
}

/// What becomes of a code when the command ends before anybody is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Afterwards {
    Kept,
    Revoked,
}

/// Tells what happens until somebody is in, whoever or whatever ends it.
pub(super) async fn attend(
    session: &mut Session,
    invitation: &mut Invitation,
    interrupt: &mut Interrupt,
    afterwards: Afterwards,
) -> Result<(), Ending> {
    let ended = watch(session, invitation, interrupt).await;
    conclude(session, invitation, ended, afterwards).await
}

/// Shows it nearby too, if the command says so.
async fn show(invitation: &Invitation, args: &Invite) -> Result<(), Ending> {
    if args.is_nearby() {
        invitation.show_nearby().await?;
    }
    Ok(())
}

/// Keeps or revokes a code whose command has ended before everybody is in.
async fn conclude(
    session: &Session,
    invitation: &Invitation,
    ended: Result<(), Ending>,
    afterwards: Afterwards,
) -> Result<(), Ending> {
    match ended {
        Ok(()) => {}
        Err(Ending::Slip(slip)) => return Err(slip.into()),
        // The command ends before everybody is in. Without --keep the code ends with it, whatever the reason.
        Err(ending) if afterwards == Afterwards::Kept => {
            let expires_ms = invitation.view().expires.as_millis();
            session.output.report(&Report::InvitationKept {
                invitation: invitation.id().to_string(),
                expires_ms,
            })?;
            return Err(ending);
        }
        Err(ending) => match invitation.revoke().await {
            Ok(()) => {
                session
                    .output
                    .report(&Report::InvitationRevoked {
                        invitation: invitation.id().to_string(),
                    })
                    .ok();
                return Err(ending);
            }
            // It was too late: the person is in, and the command has done what it was for.
            Err(ClientError::Failed(Failure::AlreadyAdmitted)) => {
                let before = invitation.view();
                invitation.done().await?;
                tell(session, &before, &invitation.view())?;
            }
            Err(error) => {
                session.output.ending(&ending);
                return Err(error.into());
            }
        },
    }
    Ok(())
}

/// A new invitation, or the one to go on with; its code is shown.
async fn open(session: &Session, args: &Invite) -> Result<Invitation, Ending> {
    let party = session.party(&args.party)?;
    if args.resume() {
        let invitation = newest(session, party.id, &args.label).ok_or(Slip::NoOpenInvitation)?;
        session.output.report(&Report::InvitationResumed(InvitationReport::of(
            &invitation.view(),
            Some(&party),
        )))?;
        return Ok(invitation);
    }
    let options = InvitationOptions {
        role: args.role(),
        max_uses: args.uses,
        lifetime: args.expires(),
        label: args.label.clone(),
        kind: args.kind(),
    };
    let invitation = session.client.invite(party.id, options).await?;
    session.output.report(&Report::InvitationCreated(InvitationReport::of(
        &invitation.view(),
        Some(&party),
    )))?;
    Ok(invitation)
}

/// Tells what happens until everybody is in, or the invitation or the command ends.
async fn watch(session: &mut Session, invitation: &mut Invitation, interrupt: &mut Interrupt) -> Result<(), Ending> {
    let mut troubles = session.client.troubles();
    let output = session.output.clone();
    let mut typing = true;
    // What the code's line has told: nobody is here yet.
    let mut before = untouched(&invitation.view());
    loop {
        let now = invitation.view();
        tell(session, &before, &now)?;
        match &now.stage {
            // It works without this command from now on.
            InvitationStage::Admitted { .. } | InvitationStage::OfflineReady { .. } => return Ok(()),
            stage @ (InvitationStage::Locked | InvitationStage::Revoked | InvitationStage::Expired) => {
                return Err(ClientError::InvitationEnded(stage.clone()).into());
            }
            InvitationStage::Code { .. }
            | InvitationStage::OnlyHere
            | InvitationStage::Pin { .. }
            | InvitationStage::PinVoid { .. }
            | InvitationStage::Admitting => {}
        }
        before = InvitationView::clone(&now);
        tokio::select! {
            changed = invitation.changed() => drop(changed?),
            line = session.input.line(), if typing => match line {
                Some(line) => obey(session, invitation, &line).await?,
                // A script that has nothing to say; the command goes on.
                None => typing = false,
            },
            () = interrupt.next() => return Err(Ending::Cancelled),
            trouble = next_trouble(&output, &mut troubles) => trouble?,
        }
    }
}

async fn obey(session: &Session, invitation: &Invitation, line: &str) -> Result<(), Ending> {
    let done = match Order::read(line) {
        Some(Order::New) => invitation.reset_pin().await,
        Some(Order::Next) => invitation.next().await,
        Some(Order::Show) => invitation.show_nearby().await,
        Some(Order::Hide) => invitation.hide_nearby().await,
        Some(Order::Cancel) => return Err(Ending::Cancelled),
        None => {
            if !line.trim().is_empty() {
                session.output.prompt("Type new, next, show, hide or cancel.\n");
            }
            return Ok(());
        }
    };
    match done {
        Ok(()) => Ok(()),
        // It came too late or too early; the stage that follows says what holds.
        Err(ClientError::Failed(failure)) => session.output.trouble(problem::of_failure(&failure)),
        Err(error) => Err(error.into()),
    }
}

fn tell(session: &Session, before: &InvitationView, now: &InvitationView) -> Result<(), Ending> {
    narrate::invitation(before, now)
        .iter()
        .try_for_each(|report| session.output.report(report))
}

/// The invitation as it was when it was made, with the wrong PINs of earlier runs.
fn untouched(now: &InvitationView) -> InvitationView {
    InvitationView {
        stage: InvitationStage::Code { device_left: false },
        nearby: None,
        ..now.clone()
    }
}

/// Tells the next trouble, or ends the command if nothing can come of it.
pub(super) async fn next_trouble(output: &Output, troubles: &mut Troubles) -> Result<(), Ending> {
    let trouble = troubles.next().await?;
    if ends_pairing(&trouble) {
        return Err(trouble.into());
    }
    output.trouble(problem::of_failure(&trouble))
}

pub(super) async fn invitations(session: &Session, args: &InvitationArgs) -> Result<(), Ending> {
    match args {
        InvitationArgs::List { party } => {
            let only = party.as_deref().map(|typed| session.party(typed)).transpose()?;
            for invitation in open_ones(session) {
                let view = invitation.view();
                if !view.is_for_device() && only.as_ref().is_none_or(|party| party.id == view.party) {
                    let party = session.client.party(view.party);
                    session
                        .output
                        .report(&Report::Invitation(InvitationReport::of(&view, party.as_ref())))?;
                }
            }
            for (party, delegated) in of_others(session) {
                if only.as_ref().is_none_or(|only| only.id == party.id) {
                    let report = DelegatedReport::of(&delegated, &party);
                    session.output.report(&Report::InvitationOfAnother(report))?;
                }
            }
            Ok(())
        }
        InvitationArgs::Revoke { invitation } => {
            let id = match find::invitation(&open_ones(session), invitation) {
                Ok(own) => own.id(),
                Err(Ending::Slip(Slip::NoOpenInvitation)) => {
                    let others: Vec<_> = of_others(session).into_iter().map(|(_, delegated)| delegated).collect();
                    find::delegated(&others, invitation)?.invitation
                }
                Err(ending) => return Err(ending),
            };
            let own = session.client.invitation(id);
            session.client.revoke_invitation(id).await?;
            session.output.report(&Report::InvitationRevoked {
                invitation: id.to_string(),
            })?;
            match own {
                Some(own) => service::taken_back(session, own).await,
                None => Ok(()),
            }
        }
        InvitationArgs::SendAgain { invitation } => {
            service::send_again(session, find::invitation(&open_ones(session), invitation)?).await
        }
    }
}

/// What other members, or other devices, have left with the parties and what still works.
fn of_others(session: &Session) -> Vec<(Arc<PartyView>, DelegatedView)> {
    let parties = session.client.parties().into_iter();
    parties
        .flat_map(|party| {
            let all: Vec<_> = party.delegated.to_vec();
            all.into_iter().map(move |delegated| (Arc::clone(&party), delegated))
        })
        .filter(|(_, delegated)| session.client.invitation(delegated.invitation).is_none())
        .collect()
}

/// The codes that still work, oldest first.
fn open_ones(session: &Session) -> Vec<Invitation> {
    let ended = |stage: &InvitationStage| {
        matches!(
            stage,
            InvitationStage::Admitted { .. }
                | InvitationStage::Locked
                | InvitationStage::Revoked
                | InvitationStage::Expired
        )
    };
    let mut open: Vec<_> = session
        .client
        .invitations()
        .into_iter()
        .filter(|invitation| !ended(&invitation.stage()))
        .collect();
    open.sort_by_key(|invitation| invitation.view().created);
    open
}

fn newest(session: &Session, party: PartyId, label: &str) -> Option<Invitation> {
    open_ones(session).into_iter().rfind(|invitation| {
        let view = invitation.view();
        view.party == party && (label.is_empty() || view.label == label)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_as_people_type_them() {
        assert_eq!(Order::read(" New "), Some(Order::New));
        assert_eq!(Order::read("next"), Some(Order::Next));
        assert_eq!(Order::read("show"), Some(Order::Show));
        assert_eq!(Order::read("Hide"), Some(Order::Hide));
        assert_eq!(Order::read("CANCEL"), Some(Order::Cancel));
        assert_eq!(Order::read("renew"), None);
        assert_eq!(Order::read(""), None);
    }
}
