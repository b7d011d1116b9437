//! `redeem --nearby`: lists what is heard in the local network until a person types the words of one.

use super::interrupt::Interrupt;
use super::invite::next_trouble;
use super::json::{NearbyReport, Report};
use super::problem::{Ending, Slip};
use super::session::Session;
use crate::client::Nearby;
use crate::invitation::NearbyInvitation;
use crate::invitation::nearby::Sightings;

/// What a typed line means.
#[derive(Debug, PartialEq, Eq)]
enum Picked<'a> {
    One(&'a NearbyInvitation),
    /// Several have these words.
    Ambiguous,
    Unheard,
}

/// Lists, and reads the words that the inviter reads out.
pub(super) async fn pick(session: &mut Session, interrupt: &mut Interrupt) -> Result<NearbyInvitation, Ending> {
    let mut nearby = session.client.listen_nearby().await?;
    let picked = look(session, &mut nearby, interrupt).await;
    match nearby.stop().await {
        Ok(()) => picked,
        Err(error) => picked.and(Err(error.into())),
    }
}

async fn look(
    session: &mut Session,
    nearby: &mut Nearby,
    interrupt: &mut Interrupt,
) -> Result<NearbyInvitation, Ending> {
    let mut troubles = session.client.troubles();
    let output = session.output.clone();
    output.prompt("Listening. Type the two words that the inviter reads out, then Enter.\n");
    loop {
        tokio::select! {
            changed = nearby.changed() => {
                let heard = changed?;
                output.report(&listed(&heard))?;
            }
            line = session.input.line() => {
                let line = line.ok_or(Slip::NoCode)?;
                let heard = nearby.heard();
                match read(&heard, &line) {
                    Picked::One(one) => return Ok(one.clone()),
                    _ if line.trim().is_empty() => {}
                    Picked::Ambiguous => output.report(&Report::NearbyInvalid {
                        sentence: "Two devices show these words, and one of them is not the inviter's.".to_owned(),
                        next: "Ask the inviter for the code.".to_owned(),
                    })?,
                    Picked::Unheard => output.report(&Report::NearbyInvalid {
                        sentence: "No invitation with these words is heard here.".to_owned(),
                        next: "Check the words, and that both computers are in the same network.".to_owned(),
                    })?,
                }
            }
            () = interrupt.next() => return Err(Ending::Cancelled),
            trouble = next_trouble(&output, &mut troubles) => trouble?,
        }
    }
}

fn listed(heard: &Sightings) -> Report {
    Report::Nearby {
        heard: heard
            .shown()
            .iter()
            .map(|one| NearbyReport {
                label: one.label().to_string(),
                ambiguous: heard.is_ambiguous(one.label()),
            })
            .collect(),
        left_out: heard.left_out(),
    }
}

/// Words are compared without regard to case and spaces.
fn read<'a>(heard: &'a Sightings, line: &str) -> Picked<'a> {
    let typed: Vec<String> = line.split_whitespace().map(str::to_lowercase).collect();
    let typed = typed.join(" ");
    match heard.shown().iter().find(|one| one.label().to_string() == typed) {
        None => Picked::Unheard,
        Some(one) if heard.is_ambiguous(one.label()) => Picked::Ambiguous,
        Some(one) => Picked::One(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::EndpointId;
    use crate::invitation::Handle;

    fn nearby(handle: u128) -> NearbyInvitation {
        NearbyInvitation {
            endpoint: EndpointId::from_bytes([1; 32]),
            handle: Handle::from_bytes(handle.to_be_bytes()),
            addresses: vec![],
        }
    }

    #[test]
    fn the_words_are_read_as_people_type_them() {
        let mut heard = Sightings::default();
        heard.heard(nearby(1));
        let label = nearby(1).label().to_string();
        let one = nearby(1);
        for typed in [
            label.clone(),
            label.to_uppercase(),
            format!(" {} ", label.replace(' ', "   ")),
        ] {
            assert_eq!(read(&heard, &typed), Picked::One(&one), "{typed}");
        }
        for typed in ["", "amber", &format!("{label}s")] {
            assert_eq!(read(&heard, typed), Picked::Unheard, "{typed}");
        }
    }

    #[test]
    fn words_that_two_have_are_not_picked() {
        let alike = (2..).map(nearby).find(|other| other.label() == nearby(1).label());
        let mut heard = Sightings::default();
        heard.heard(nearby(1));
        heard.heard(alike.unwrap());
        assert_eq!(read(&heard, &nearby(1).label().to_string()), Picked::Ambiguous);
    }
}
