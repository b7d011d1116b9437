//! `service`: signing in at invitation services. And `invite --by email`, which uses them.

use std::time::Duration;

use super::args::{Invite, Service};
use super::interrupt::Interrupt;
use super::json::{MailReport, Report};
use super::output::Output;
use super::problem::{Ending, Slip};
use super::session::Session;
use crate::client::Invitation;
use crate::email::Issuer;
use crate::failure::{Failure, MailTrouble};
use crate::invitation::mailbox::{MailStage, Told};
use crate::worker::{MailOptions, Passphrase, ProfileView};

/// How long the command stays for a service to take the invitations. What it has not taken by then it gets whenever this profile
/// is open.
const HAND_OVER_LIMIT: Duration = Duration::from_secs(20);

/// How long other members' devices get to hear of the invitations.
const SYNC_LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn service(session: &mut Session, args: &Service) -> Result<(), Ending> {
    match args {
        Service::Login { service, client: None } => {
            let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
            let output = session.output.clone();
            tokio::select! {
                signed_in = session.client.sign_in(service.clone(), |url| browse(&output, url)) => signed_in?,
                () = interrupt.next() => return Err(Ending::Cancelled),
            }
            added(session, service)
        }
        Service::Login {
            service,
            client: Some(id),
        } => {
            let secret = session.input.hidden_line("The client's secret: ").await;
            let secret = Passphrase::new(secret.ok_or(Slip::PassphraseUnreadable)?);
            session.client.use_client(service.clone(), id.clone(), secret).await?;
            added(session, service)
        }
        Service::Logout { service } => {
            session.client.sign_out(service.clone()).await?;
            session.output.report(&Report::ServiceRemoved {
                service: service.to_string(),
            })
        }
        Service::List => session.client.services().into_iter().try_for_each(|known| {
            session.output.report(&Report::Service {
                service: known.issuer,
                name: known.name,
            })
        }),
    }
}

fn added(session: &Session, issuer: &Issuer) -> Result<(), Ending> {
    let services = session.client.services();
    let known = services.into_iter().find(|known| known.issuer == issuer.as_str());
    session.output.report(&Report::ServiceAdded {
        service: issuer.to_string(),
        name: known.map(|known| known.name).unwrap_or_default(),
    })
}

/// Says what the person's browser has to open.
pub(super) fn browse(output: &Output, url: &str) {
    // A face that is gone opens nothing.
    output.report(&Report::BrowserNeeded { url: url.to_owned() }).ok();
}

/// `invite --by email`.
pub(super) async fn invite(session: &mut Session, args: &Invite) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let party = session.party(&args.party)?;
    let issuer = issuer(session, args)?;
    let told = Told {
        message: args.mailing.message.clone(),
        ..if args.mailing.tell_names {
            Told {
                inviter: own_name(session),
                party: party.name.clone(),
                message: String::new(),
            }
        } else {
            Told::default()
        }
    };
    let mut invitations = Vec::new();
    for address in addresses(session, args).await? {
        let options = MailOptions {
            party: party.id,
            issuer: issuer.clone(),
            address,
            role: args.role(),
            lifetime: args.expires(),
            label: args.label.clone(),
            told: told.clone(),
            admission: args.mailing.admission(),
        };
        let invitation = session.client.invite_by_mail(options).await?;
        if let Some(mail) = MailReport::of(&invitation.view()) {
            session.output.report(&Report::MailInvitation(mail))?;
        }
        invitations.push(invitation);
    }
    tokio::select! {
        handed = tokio::time::timeout(HAND_OVER_LIMIT, handed_over(&mut invitations)) => {
            // What is not handed over by then is told, too.
            handed.unwrap_or(Ok(()))?;
        }
        () = interrupt.next() => return Err(Ending::Cancelled),
    }
    for invitation in &invitations {
        tell_mail(session, invitation)?;
    }
    session.settle_with_others(party.id, SYNC_LIMIT).await;
    Ok(())
}

fn own_name(session: &Session) -> String {
    match session.client.profile() {
        ProfileView::Open { name, .. } => name,
        ProfileView::New { .. } | ProfileView::Locked | ProfileView::KeyringSilent { .. } => String::new(),
    }
}

/// The service that the command names, or the only one where the person is signed in.
fn issuer(session: &Session, args: &Invite) -> Result<Issuer, Ending> {
    if let Some(named) = &args.mailing.service {
        return Ok(named.clone());
    }
    match session.client.services().as_slice() {
        [only] => Ok(Issuer::parse(&only.issuer).map_err(Failure::Mail)?),
        _ => Err(Failure::Mail(MailTrouble::NoAccount).into()),
    }
}

async fn addresses(session: &mut Session, args: &Invite) -> Result<Vec<String>, Ending> {
    if !args.mailing.addresses.is_empty() {
        return Ok(args.mailing.addresses.clone());
    }
    let mut addresses = Vec::new();
    session
        .output
        .prompt("Addresses, one a line; an empty line ends them:\n");
    while let Some(line) = session.input.line().await {
        if line.trim().is_empty() {
            break;
        }
        addresses.push(line.trim().to_owned());
    }
    if addresses.is_empty() {
        Err(Failure::Mail(MailTrouble::NotAnAddress).into())
    } else {
        Ok(addresses)
    }
}

/// Stays until the service has taken an invitation back, too. If it does not answer, it hears of that whenever this profile is open.
pub(super) async fn taken_back(session: &Session, mut invitation: Invitation) -> Result<(), Ending> {
    let goes_on = |invitation: &Invitation| {
        let view = invitation.view();
        let mail = view.mail.as_ref();
        mail.is_some_and(|mail| {
            let signed_out = matches!(mail.trouble, Some(MailTrouble::NoAccount | MailTrouble::SignedOut));
            mail.stage != MailStage::Waiting && mail.stage.is_to_be_taken_back() && !signed_out
        })
    };
    let told = async {
        while goes_on(&invitation) {
            invitation.changed().await?;
        }
        Ok::<(), Ending>(())
    };
    if let Ok(told) = tokio::time::timeout(HAND_OVER_LIMIT, told).await {
        told?;
    }
    tell_mail(session, &invitation)
}

/// Waits until the service has each mail, or does not take it.
async fn handed_over(invitations: &mut [Invitation]) -> Result<(), Ending> {
    let is_waiting = |invitation: &Invitation| {
        let view = invitation.view();
        let mail = view.mail.as_ref();
        // With one of these it is tried again later; with another one the service does not take it, which its stage says next.
        let comes_later = |trouble| {
            use MailTrouble::{NoAccount, SignedOut, TooMany, Unreachable};
            matches!(trouble, Unreachable | TooMany | SignedOut | NoAccount)
        };
        mail.is_some_and(|mail| mail.stage == MailStage::Waiting && !mail.trouble.is_some_and(comes_later))
    };
    for invitation in invitations {
        while is_waiting(invitation) {
            invitation.changed().await.map_err(Ending::from)?;
        }
    }
    Ok(())
}

/// Says how far the mail of an invitation is, if one carries it.
fn tell_mail(session: &Session, invitation: &Invitation) -> Result<(), Ending> {
    match MailReport::of(&invitation.view()) {
        Some(mail) => session.output.report(&Report::MailChanged(mail)),
        None => Ok(()),
    }
}

/// `invitation send-again`.
pub(super) async fn send_again(session: &Session, invitation: &Invitation) -> Result<(), Ending> {
    if invitation.view().mail.is_none() {
        return Err(Slip::NotByEmail.into());
    }
    invitation.send_again().await?;
    tell_mail(session, invitation)
}
