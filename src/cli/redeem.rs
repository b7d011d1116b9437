//! `redeem`: reads the code, then the PIN whenever one is asked for, until this person is in, or
//! this device is one of a person's.

use std::time::Duration;

use zeroize::Zeroizing;

use super::args::Redeem;
use super::input::Input;
use super::interrupt::Interrupt;
use super::invite::next_trouble;
use super::json::{self, Report};
use super::narrate;
use super::nearby;
use super::output::Output;
use super::problem::{Ending, Slip};
use super::session::Session;
use crate::client::{ClientError, Redemption};
use crate::failure::{Failure, words};
use crate::invitation::{CodeError, InviteCode, Pin, PinNotice, RedemptionStage};
use crate::party::PartyId;
use crate::worker::ProfileView;

/// How long to wait for the party's data. It comes later too, whenever both are online.
const SYNC_LIMIT: Duration = Duration::from_secs(5);

pub(super) async fn redeem(session: &mut Session, args: &Redeem) -> Result<(), Ending> {
    let mut interrupt = Interrupt::new().map_err(|_no_signals| Failure::Internal)?;
    let mut redemption = begin(session, args, &mut interrupt).await?;
    let invitation = redemption.view().invitation.to_string();
    session.output.report(&Report::RedemptionStarted { invitation })?;
    let end = match watch(session, &mut redemption, &mut interrupt).await {
        Ok(end) => end,
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

/// Begins with the code that is pasted, or with what is picked among those nearby.
async fn begin(session: &mut Session, args: &Redeem, interrupt: &mut Interrupt) -> Result<Redemption, Ending> {
    if args.is_nearby() {
        let picked = nearby::pick(session, interrupt).await?;
        return Ok(session.client.redeem_nearby(picked, None).await?);
    }
    let code = tokio::select! {
        code = read_code(&mut session.input, &session.output) => code?,
        () = interrupt.next() => return Err(Ending::Cancelled),
    };
    Ok(if args.allow_relay {
        session.client.redeem_over_its_relay(code).await?
    } else {
        session.client.redeem(code).await?
    })
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

/// Reads the code, and no line more than it needs.
async fn read_code(input: &mut Input, output: &Output) -> Result<InviteCode, Ending> {
    let mut pasted = Pasted::new();
    output.prompt("Invite code (paste the code, then press Enter): ");
    while let Some(line) = input.line().await {
        if let Some(code) = pasted.add(&line) {
            return Ok(code.map_err(Failure::Code)?);
        }
        output.prompt("The rest of the code, or Enter if that was all: ");
    }
    if pasted.is_blank() {
        return Err(Slip::NoCode.into());
    }
    Ok(pasted.read().map_err(Failure::Code)?)
}

/// The lines pasted so far. A chat may have broken the code into several, and there may be other text around it. No IO.
struct Pasted(Zeroizing<String>);

impl Pasted {
    /// More than any code with a message around it.
    const LONGEST: usize = 4096;

    fn new() -> Self {
        // Never moved to a larger place: that would leave a copy of the secret behind.
        Self(Zeroizing::new(String::with_capacity(Self::LONGEST)))
    }

    /// Takes one more line. Gives what there is to say, or none while the code may go on in the next line.
    fn add(&mut self, line: &str) -> Option<Result<InviteCode, CodeError>> {
        if self.0.len() + line.len() + 1 > Self::LONGEST {
            return Some(Err(CodeError::TooLong));
        }
        if line.trim().is_empty() && !self.is_blank() {
            return Some(self.read());
        }
        // Blank lines are kept too: an error names a place in what was pasted.
        self.0.push_str(line);
        self.0.push('\n');
        match self.read() {
            Ok(code) => Some(Ok(code)),
            Err(error) if is_about_a_whole_code(&error) => Some(Err(error)),
            Err(_unfinished) => None,
        }
    }

    fn is_blank(&self) -> bool {
        self.0.trim().is_empty()
    }

    fn read(&self) -> Result<InviteCode, CodeError> {
        InviteCode::parse(&self.0)
    }
}

/// Whether more lines cannot help: the checksum says where the code ends.
const fn is_about_a_whole_code(error: &CodeError) -> bool {
    match error {
        CodeError::Checksum { at: Some(_) }
        | CodeError::Version(_)
        | CodeError::Kind(_)
        | CodeError::NeedsNewer(_)
        | CodeError::Hint(_) => true,
        CodeError::Checksum { at: None }
        | CodeError::Empty
        | CodeError::NotACode
        | CodeError::MixedCase
        | CodeError::Character { .. }
        | CodeError::Truncated
        | CodeError::TooLong => false,
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
async fn watch(session: &mut Session, redemption: &mut Redemption, interrupt: &mut Interrupt) -> Result<End, Ending> {
    let mut troubles = session.client.troubles();
    let output = session.output.clone();
    let mut wanted = tell(session, redemption)?;
    loop {
        match redemption.stage() {
            RedemptionStage::Joined { party } => return Ok(End::Joined(party)),
            RedemptionStage::Paired { .. } => return Ok(End::Paired),
            RedemptionStage::Failed { error } => return Err(Failure::Redeem(error).into()),
            RedemptionStage::Cancelled => return Err(Ending::Cancelled),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Vector 1 of PROTOCOL.md section 3.5.
    const CODE: &str = "party1zyqpzyg3zyg3zyg3zyg3zyg3zyg3zg3zyg3zyg3zyg3zyg3zyg3zygsqqypqxpq9qcrsszg2pvxq6rs0zqg3yyc5z5tpwxqergd3c8g7ruyq4sqepklx0";

    /// Adds lines until something is said; gives how many it took.
    fn paste(lines: &[&str]) -> Option<(usize, Result<InviteCode, CodeError>)> {
        let mut pasted = Pasted::new();
        lines
            .iter()
            .enumerate()
            .find_map(|(index, line)| Some((index + 1, pasted.add(line)?)))
    }

    #[test]
    fn a_code_starts_with_its_last_line_however_it_was_pasted() {
        let (first, rest) = CODE.split_at(60);
        let (second, third) = rest.split_at(40);
        let quoted = |part: &str| format!("> {part}");
        for (lines, taken) in [
            (vec![CODE.to_owned(), "042317".to_owned()], 1),
            (vec![String::new(), CODE.to_owned()], 2),
            (vec!["Come to our party!".to_owned(), format!("Here: \"{CODE}\".")], 2),
            (vec![first.to_owned(), second.to_owned(), third.to_owned()], 3),
            (vec!["Alice wrote:".to_owned(), quoted(first), quoted(rest)], 3),
        ] {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let (took, code) = paste(&lines).unwrap();
            assert_eq!(
                (took, &*code.unwrap().to_text()),
                (taken, &CODE.to_owned()),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn an_empty_line_after_text_ends_the_paste() {
        assert!(paste(&["", " ", "hello"]).is_none());
        let (took, code) = paste(&["", "hello", ""]).unwrap();
        assert_eq!((took, code.unwrap_err()), (3, CodeError::NotACode));
        let (took, code) = paste(&[CODE.split_at(80).0, ""]).unwrap();
        assert_eq!((took, code.unwrap_err()), (2, CodeError::Truncated));
    }

    #[test]
    fn a_whole_code_with_a_wrong_character_is_refused_at_once_with_its_place() {
        let damaged = CODE.replacen("qqypqx", "qqypqq", 1);
        let at = CODE.find("qqypqx").unwrap() + 5;
        let (took, code) = paste(&["Join:", &damaged]).unwrap();
        assert_eq!((took, code.unwrap_err()), (2, CodeError::Checksum { at: Some(6 + at) }));
    }

    #[test]
    fn what_is_pasted_has_a_limit() {
        let line = "a".repeat(1000);
        let (took, code) = paste(&[line.as_str(); 9]).unwrap();
        assert_eq!((took, code.unwrap_err()), (5, CodeError::TooLong));
    }
}
