//! What is told about the way to another device.

use crate::ui::explanation::Fact;
use crate::ui::widgets::Tone;
use crate::worker::{CloseReason, ConnectionView, HereView, ReachedView, ThereView, TriedView, Way};

pub(crate) const WHY_NOT: &str = "Why can't we connect?";
pub(crate) const WHY_NOT_MEANS: &str = "What this device knows about the way to the other one.";
pub(crate) const WHY_NOT_HERE: &str = "What this device knows about how it can be reached.";
pub(crate) const COPY_FACTS: &str = "Copy as text";
pub(crate) const LOOK_AGAIN: &str = "Look again";

/// Clocks that differ by less are as good as the same: a code tells its end in whole minutes.
const SAME_CLOCK: u64 = 120;

/// The facts, the one that explains most first.
pub(crate) fn facts(connection: &ConnectionView) -> Vec<Fact> {
    let mut facts: Vec<Fact> = connection.there.iter().flat_map(there).collect();
    facts.extend(here(&connection.here));
    facts.push(versions(connection.there.as_ref()));
    facts
}

/// The same as plain text, for a chat with somebody who helps.
pub(crate) fn facts_to_copy(facts: &[Fact]) -> String {
    let lines: Vec<String> = facts
        .iter()
        .map(|fact| format!("{}: {}\n", fact.about, fact.told))
        .collect();
    lines.concat()
}

fn fact(tone: Tone, about: &'static str, told: impl Into<String>) -> Fact {
    let told = told.into();
    Fact { tone, about, told }
}

fn there(there: &ThereView) -> Vec<Fact> {
    let mut facts = vec![reached(&there.reached), addresses(there)];
    facts.push(match &there.relay {
        None => fact(
            Tone::Plain,
            "Relay in the code",
            "None. Without one, the two devices must reach each other directly.",
        ),
        Some((host, TriedView::Tried)) => fact(
            Tone::Good,
            "Relay in the code",
            format!("{host}, tried in case there is no direct way."),
        ),
        Some((host, TriedView::LeftOut)) => fact(
            Tone::Warning,
            "Relay in the code",
            format!("{host}, left out: this Partyline does not use it."),
        ),
    });
    facts.push(clock(there.clock_ahead));
    facts
}

fn versions(there: Option<&ThereView>) -> Fact {
    const ABOUT: &str = "Versions";
    let here = format!("{} here, protocol party-invite/1.", super::version());
    let other_protocol = matches!(
        there.map(|there| &there.reached),
        Some(ReachedView::Before(CloseReason::NoCommonProtocol) | ReachedView::Never(CloseReason::NoCommonProtocol))
    );
    match there.and_then(|there| there.version) {
        _ if other_protocol => fact(
            Tone::Bad,
            ABOUT,
            format!("{here} The other app speaks another protocol."),
        ),
        Some(version) => fact(
            Tone::Good,
            ABOUT,
            format!("{here} The other app speaks it, too, in version {version}."),
        ),
        None => fact(
            Tone::Plain,
            ABOUT,
            format!("{here} The other app must speak the same protocol."),
        ),
    }
}

fn reached(reached: &ReachedView) -> Fact {
    const ABOUT: &str = "The other device";
    match reached {
        ReachedView::NotYet => fact(Tone::Plain, ABOUT, "It is being sought."),
        ReachedView::Now(Way::Direct(address)) => {
            fact(Tone::Good, ABOUT, format!("It is online, on a direct way ({address})."))
        }
        ReachedView::Now(Way::Relayed(host)) => {
            fact(Tone::Good, ABOUT, format!("It is online, through the relay {host}."))
        }
        ReachedView::Before(reason) => fact(
            Tone::Warning,
            ABOUT,
            format!("It has answered before. Now: {}.", ended(*reason)),
        ),
        ReachedView::Never(reason) => fact(Tone::Bad, ABOUT, format!("It has not answered: {}.", ended(*reason))),
    }
}

const fn ended(reason: CloseReason) -> &'static str {
    match reason {
        CloseReason::Unreachable => "it is away or overrun, or something on the way blocks it",
        CloseReason::Refused => "it is there, but takes no more connections just now",
        CloseReason::NoCommonProtocol => "it is there, but its app is of another version",
        CloseReason::Code(_) => "it has ended the conversation",
        CloseReason::Misbehaved(_) => "it does not keep to the rules of the protocol",
        CloseReason::Lost => "the connection was lost",
        CloseReason::Local => "this device has ended the conversation",
    }
}

fn addresses(there: &ThereView) -> Fact {
    const ABOUT: &str = "Addresses in the code";
    if there.addresses.is_empty() {
        return fact(
            Tone::Plain,
            ABOUT,
            "None: the device is looked for by its name, on this network and on the internet where that is allowed.",
        );
    }
    let list: Vec<String> = there
        .addresses
        .iter()
        .map(|(address, tried)| match tried {
            TriedView::Tried => format!("{address} tried"),
            TriedView::LeftOut => format!("{address} left out, it is of another network"),
        })
        .collect();
    let some = there.addresses.iter().any(|(_, tried)| *tried == TriedView::Tried);
    let tone = if some { Tone::Plain } else { Tone::Warning };
    fact(tone, ABOUT, format!("{}.", list.join("; ")))
}

fn clock(ahead: Option<i64>) -> Fact {
    const ABOUT: &str = "Clocks";
    let Some(ahead) = ahead else {
        return fact(Tone::Plain, ABOUT, "Not known before the two devices have spoken.");
    };
    let apart = ahead.unsigned_abs();
    if apart < SAME_CLOCK {
        return fact(Tone::Good, ABOUT, "They agree.");
    }
    let which = if ahead > 0 { "ahead of" } else { "behind" };
    let minutes = apart / 60;
    fact(
        Tone::Warning,
        ABOUT,
        format!("The other clock is about {minutes} minutes {which} this one. Codes may seem expired."),
    )
}

fn here(here: &HereView) -> Vec<Fact> {
    let Some(port) = here.port else {
        return vec![fact(
            Tone::Bad,
            "This device",
            "It has no network: no connection can be opened here.",
        )];
    };
    let list: Vec<String> = here.addresses.iter().map(ToString::to_string).collect();
    let reachable = if list.is_empty() {
        fact(
            Tone::Warning,
            "This device",
            format!("It listens at UDP port {port}, and knows no address of its own yet."),
        )
    } else {
        fact(
            Tone::Good,
            "This device",
            format!("It can be reached at {}.", list.join(", ")),
        )
    };
    let relay = match &here.relay {
        Some(host) => fact(Tone::Good, "Relay of this device", format!("{host}, connected.")),
        None => fact(
            Tone::Plain,
            "Relay of this device",
            "None: only devices on the same network, or with an open way, find it.",
        ),
    };
    vec![reachable, relay]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::NetworkMode;

    fn told(there: ThereView) -> String {
        let here = HereView {
            port: Some(4433),
            addresses: Vec::new(),
            relay: None,
            mode: NetworkMode::LocalNetwork,
        };
        let there = Some(there);
        facts_to_copy(&facts(&ConnectionView { here, there }))
    }

    #[test]
    fn the_facts_are_told_in_sentences() {
        let address = "192.0.2.7:40000".parse().unwrap();
        let text = told(ThereView {
            reached: ReachedView::Never(CloseReason::Unreachable),
            addresses: vec![(address, TriedView::LeftOut)],
            relay: Some(("relay.example".to_owned(), TriedView::LeftOut)),
            clock_ahead: Some(-1200),
            version: None,
        });
        for sentence in [
            "it is away or overrun",
            "192.0.2.7:40000 left out",
            "relay.example, left out",
            "20 minutes behind",
            "UDP port 4433",
            "party-invite/1",
        ] {
            assert!(text.contains(sentence), "{sentence}: {text}");
        }
    }

    #[test]
    fn a_minute_is_no_difference() {
        assert_eq!(clock(Some(-61)).told, "They agree.");
        assert!(clock(Some(600)).told.contains("10 minutes ahead of"));
    }

    #[test]
    fn the_version_of_the_other_app_is_told_once_it_has_spoken() {
        let there = |reached, version| ThereView {
            reached,
            addresses: Vec::new(),
            relay: None,
            clock_ahead: None,
            version,
        };
        assert!(told(there(ReachedView::NotYet, None)).contains("must speak the same"));
        assert!(told(there(ReachedView::Before(CloseReason::Lost), Some(1))).contains("in version 1"));
        let other = ReachedView::Never(CloseReason::NoCommonProtocol);
        assert!(told(there(other, None)).contains("another protocol"));
    }
}
