//! `redeem`: reads the code, then the PIN whenever one is asked for, until this person is in, or
//! this device is one of a person's.

mod paste;

use std::time::Duration;

use self::paste::{Pasted, read_pasted};
use super::args::Redeem;
use super::interrupt::Interrupt;
use super::invite::next_trouble;
use super::json::{self, Report};
use super::narrate;
use super::nearby;
use super::output::Output;
use super::problem::{self, Ending, Slip};
use super::service::browse;
use super::session::Session;
use crate::client::{ClientError, Redemption};
use crate::email::MailCode;
use crate::failure::{Failure, words};
use crate::invitation::{CodeKind, Pin, PinNotice, RedeemError, RedemptionStage};
use crate::party::PartyId;
use crate::worker::{MailWay, ProfileView};

/// How long to wait for the party's data. It comes later too, whenever both are online.
const SYNC_LIMIT: Duration = Duration::from_secs(5);

pub(super) async fn redeem(session: &mut Session, args: &Redeem) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let mut redemption = match begin(session, args, &mut interrupt).await? {
        Begun::Started(redemption) => redemption,
        Begun::InAlready(party) => return joined(session, party).await,
    };
    let invitation = redemption.view().invitation.to_string();
    session.output.report(&Report::RedemptionStarted { invitation })?;
    let end = match watch(session, &mut redemption, &mut interrupt, args).await {
        Ok(end) => end,
        // It goes on whenever this profile is open.
        Err(ending @ Ending::Waits) => return Err(ending),
        Err(ending) => {
            // Whoever ends this command does not want it to go on behind their back at the next start.
            redemption.cancel().await.or_else(|error| match error {
                ClientError::Failed(_) => Ok(()),
                other => Err(other),
            })?;
            return Err(ending);
        }
    };
    match end {
        End::Joined(party) => {
            joined(session, party).await?;
            session.settle(party, SYNC_LIMIT).await;
        }
        End::Paired => {
            paired(session)?;
            session.settle_devices(SYNC_LIMIT).await;
        }
    }
    Ok(())
}

/// What a code has led to.
enum End {
    /// This person is in a party.
    Joined(PartyId),
    /// This device is one of a person's.
    Paired,
}

fn paired(session: &Session) -> Result<(), Ending> {
    match session.client.profile() {
        ProfileView::Open { name, identity, .. } => session.output.report(&Report::Paired {
            identity: identity.to_string(),
            name,
        }),
        ProfileView::New { .. } | ProfileView::Locked | ProfileView::KeyringSilent { .. } => {
            Err(Failure::ProfileClosed.into())
        }
    }
}

/// What became of the wish to redeem.
enum Begun {
    Started(Redemption),
    /// An earlier redemption has waited, and came to its end when the profile was opened.
    InAlready(PartyId),
}

/// Begins with the code that is pasted, or with what is picked among those nearby.
async fn begin(session: &mut Session, args: &Redeem, interrupt: &mut Interrupt) -> Result<Begun, Ending> {
    if args.is_nearby() {
        let picked = nearby::pick(session, interrupt).await?;
        return Ok(Begun::Started(session.client.redeem_nearby(picked, None).await?));
    }
    if let Some(issuer) = &args.service {
        session.output.prompt("The code on the page: ");
        let typed = session.input.line().await.ok_or(Slip::NoCode)?;
        let code = MailCode::parse(&typed).map_err(Failure::Mail)?;
        let issuer = issuer.clone();
        return by_mail(session, MailWay::Code { issuer, code }, interrupt).await;
    }
    let pasted = tokio::select! {
        pasted = read_pasted(&mut session.input, &session.output) => pasted?,
        () = interrupt.next() => return Err(Ending::Cancelled),
    };
    let code = match pasted {
        Pasted::Code(code) => code,
        Pasted::Link(link) => return by_mail(session, MailWay::Link(link), interrupt).await,
    };
    if code.kind() == CodeKind::DevicePairing && !args.becomes_device() {
        return Err(Slip::DeviceCode.into());
    }
    let (tag, is_delegated) = (code.party_tag(), code.kind() == CodeKind::Delegated);
    let started = if args.allow_relay {
        session.client.redeem_over_its_relay(code).await
    } else {
        session.client.redeem(code).await
    };
    match started {
        Ok(redemption) => Ok(Begun::Started(redemption)),
        Err(ClientError::Failed(Failure::Redeem(RedeemError::AlreadyMember))) if is_delegated => {
            let parties = session.client.parties();
            let party = parties.iter().find(|party| party.id.tag() == tag);
            Ok(Begun::InAlready(party.ok_or(Failure::PartyUnknown)?.id))
        }
        Err(error) => Err(error.into()),
    }
}

/// Begins with what an invitation mail has brought.
async fn by_mail(session: &Session, way: MailWay, interrupt: &mut Interrupt) -> Result<Begun, Ending> {
    let output = session.output.clone();
    tokio::select! {
        redemption = session.client.redeem_mail(way, |url| browse(&output, url)) => Ok(Begun::Started(redemption?)),
        () = interrupt.next() => Err(Ending::Cancelled),
    }
}

async fn joined(session: &Session, party: PartyId) -> Result<(), Ending> {
    let view = session.arrival(party, SYNC_LIMIT).await;
    session.output.report(&Report::Joined {
        party: party.to_string(),
        name: view.as_ref().map(|view| view.name.clone()).unwrap_or_default(),
        role: view.and_then(|view| view.role).map(json::role),
    })
}

/// Tells what happens and hands in PINs until this person is in, or the redemption or the command ends.
async fn watch(
    session: &mut Session,
    redemption: &mut Redemption,
    interrupt: &mut Interrupt,
    args: &Redeem,
) -> Result<End, Ending> {
    let mut troubles = session.client.troubles();
    let output = session.output.clone();
    if let Some(host) = redemption.view().relay_left_out.clone() {
        output.trouble(problem::of_failure(&Failure::RelayLeftOut { host }))?;
    }
    let mut wanted = tell(session, redemption)?;
    loop {
        match redemption.stage() {
            RedemptionStage::Joined { party } => return Ok(End::Joined(party)),
            RedemptionStage::Paired { .. } => return Ok(End::Paired),
            RedemptionStage::Failed { error } => return Err(Failure::Redeem(error).into()),
            RedemptionStage::Cancelled => return Err(Ending::Cancelled),
            RedemptionStage::WaitsForApproval { .. } if !args.waits() => return Err(Ending::Waits),
            _ => {}
        }
        // A line that comes while no PIN works is meant for the old one: it must not be taken for the next.
        let is_void = matches!(
            redemption.stage(),
            RedemptionStage::EnterPin {
                notice: Some(PinNotice::Void),
                ..
            }
        );
        tokio::select! {
            changed = redemption.changed() => {
                changed?;
                wanted = tell(session, redemption)?;
            }
            line = session.input.line(), if is_void || wanted.is_some() => {
                let line = line.ok_or(Slip::NoPin)?;
                wanted = if is_void {
                    output.report(&Report::PinInvalid {
                        sentence: "This PIN works no more.".to_owned(),
                        next: "Wait until the inviter shows a new one.".to_owned(),
                    })?;
                    None
                } else {
                    read_pin(&output, redemption, &line, wanted.unwrap_or_default()).await?
                };
            }
            () = interrupt.next() => return Err(Ending::Cancelled),
            trouble = next_trouble(&output, &mut troubles) => trouble?,
        }
    }
}

/// Hands in the PIN that was typed. Gives the number of digits that are still wanted: none until the next stage asks, or
/// the same again if this cannot be a PIN.
async fn read_pin(output: &Output, redemption: &mut Redemption, line: &str, digits: u8) -> Result<Option<u8>, Ending> {
    // The end of a pasted code, or Enter pressed once too often.
    if line.trim().is_empty() {
        return Ok(Some(digits));
    }
    let pin = match Pin::parse(line, digits) {
        Ok(pin) => pin,
        Err(error) => {
            let (sentence, next) = (words::problem(&error).into_owned(), words::remedy(&error).into_owned());
            output.report(&Report::PinInvalid { sentence, next })?;
            output.prompt("PIN: ");
            return Ok(Some(digits));
        }
    };
    match redemption.set_pin(pin).await {
        // It has ended meanwhile; the stage says how.
        Ok(()) | Err(ClientError::Failed(Failure::RedemptionUnknown)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Tells the stage; gives the number of digits if it asks for a PIN.
fn tell(session: &Session, redemption: &Redemption) -> Result<Option<u8>, Ending> {
    let view = redemption.view();
    narrate::redemption(&view)
        .iter()
        .try_for_each(|report| session.output.report(report))?;
    match view.stage {
        RedemptionStage::EnterPin {
            notice: Some(PinNotice::Void),
            ..
        } => Ok(None),
        RedemptionStage::EnterPin { digits, .. } => {
            session.output.prompt("PIN: ");
            Ok(Some(digits))
        }
        _ => Ok(None),
    }
}
