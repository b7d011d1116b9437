//! Who tries to come in without the code, as somebody else, or with what was said before.

use super::*;
use crate::invitation::{Evidence, Join, Mode, Redeem, VERSION};

/// What a machine at Bob's device says to frames of somebody with these keys on a link.
struct Door {
    crowd: Crowd,
    admitter: Option<Admitter>,
    guest: Arc<Keys>,
    link: u64,
}

impl Door {
    fn new(method: DelegationMethod, guest: u8, link: u64) -> Self {
        let crowd = Crowd::new(method, 1);
        let guest = keys(guest);
        let host = &crowd.hosts[1];
        let own = (host.keys.identity.id(), host.keys.endpoint.id());
        let facts = read(&host.party, crowd.id(), guest.endpoint.id(), own, crowd.now).expect("known");
        let admitter = Some(Admitter::new(guest.endpoint.id(), exporter(link), facts));
        Self {
            crowd,
            admitter,
            guest,
            link,
        }
    }

    fn hello(&self, secret: &Secret, exporter_of: u64, mode: Mode) -> Vec<u8> {
        let versions = vec![VERSION];
        let nonce = [3; 32];
        let proof = secret.sign_redeem(&Redeem {
            exporter: &exporter(exporter_of),
            inviter: self.crowd.hosts[1].keys.endpoint.id(),
            invitee: self.guest.endpoint.id(),
            nonce,
            versions: &versions,
        });
        let invitation = self.crowd.id();
        Message::Hello {
            versions,
            mode,
            invitation,
            nonce,
            proof,
        }
        .encode()
    }

    /// A good `Join` of these keys, made for the link with this exporter.
    fn join(&self, who: &Keys, exporter_of: u64) -> Join {
        let certificate = &who.certificate;
        let evidence = Evidence {
            party_tag: self.crowd.hosts[1].party.id().tag(),
            identity: certificate.identity,
            device: certificate.device,
            endpoint: certificate.endpoint,
        };
        let mut join = Join {
            blind: [1; 32],
            identity: certificate.identity,
            device: certificate.device,
            endpoint: certificate.endpoint,
            certificate: certificate.signature,
            name: "Bob".to_owned(),
            evidence: self.crowd.secret.sign_evidence(&evidence),
            possession: [0; 64],
            attestation: Vec::new(),
        };
        let text = join.possession_text(&exporter(exporter_of), self.crowd.hosts[1].keys.endpoint.id());
        join.possession = who.device.sign(&text);
        join
    }

    fn says(&mut self, frame: Vec<u8>) -> Vec<admitter::Output> {
        let mut env = Env {
            now: self.crowd.now,
            rng: &mut self.crowd.rng,
            wrong_pins_today: 0,
        };
        let machine = self.admitter.take().expect("still there");
        let step = machine.handle(admitter::Input::Frame(frame), &mut env);
        self.admitter = (!step.next.has_ended()).then_some(step.next);
        step.outputs
    }

    fn code(outputs: &[admitter::Output]) -> Option<ErrorCode> {
        outputs.iter().find_map(|output| match output {
            admitter::Output::Send(frame) => match Message::decode(frame) {
                Ok(Message::Error { code, .. }) => Some(code),
                _ => None,
            },
            _ => None,
        })
    }
}

#[test]
fn who_does_not_hold_the_code_learns_nothing() {
    let good = Secret::from_bytes([9; 16]);
    for (secret, exporter_of) in [(Secret::from_bytes([8; 16]), 1), (good, 2)] {
        let mut door = Door::new(DelegationMethod::Link, 4, 1);
        let hello = door.hello(&secret, exporter_of, Mode::Delegated);
        let said = door.says(hello);
        assert!(
            matches!(&said[..], [admitter::Output::Close(closing)]
                if closing.code == ErrorCode::UnknownInvitation.close_code()),
            "{said:?}"
        );
    }
}

#[test]
fn a_join_of_another_link_person_or_code_is_refused() {
    type Change = fn(&Door, &mut Join);
    let changes: [(&str, Change); 6] = [
        ("replayed from another link", |door, join| {
            *join = door.join(&door.guest, 2);
        }),
        ("of another person", |door, join| *join = door.join(&keys(5), door.link)),
        ("with another name", |_, join| join.name = "Eve".to_owned()),
        ("with evidence of nobody", |_, join| join.evidence = [7; 64]),
        ("with another certificate", |_, join| join.certificate = [7; 64]),
        ("of another device", |_, join| join.device = keys(5).device.id()),
    ];
    for (what, change) in changes {
        let mut door = Door::new(DelegationMethod::Link, 4, 1);
        let hello = door.hello(&Secret::from_bytes([9; 16]), 1, Mode::Delegated);
        door.says(hello);
        let mut join = door.join(&door.guest, 1);
        change(&door, &mut join);
        let said = door.says(Message::Join(Box::new(join)).encode());
        assert_eq!(Door::code(&said), Some(ErrorCode::BadIdentity), "{what}");
    }
}

#[test]
fn what_is_not_expected_ends_the_session() {
    for mode in [Mode::New, Mode::Resume] {
        let mut door = Door::new(DelegationMethod::Link, 4, 1);
        let hello = door.hello(&Secret::from_bytes([9; 16]), 1, mode);
        let said = door.says(hello);
        assert_eq!(Door::code(&said), Some(ErrorCode::BadMessage));
    }
    let mut door = Door::new(DelegationMethod::Link, 4, 1);
    let hello = door.hello(&Secret::from_bytes([9; 16]), 1, Mode::Delegated);
    door.says(hello.clone());
    assert_eq!(Door::code(&door.says(hello)), Some(ErrorCode::BadMessage));
    assert!(door.admitter.is_none());
    let mut door = Door::new(DelegationMethod::Link, 4, 1);
    assert_eq!(Door::code(&door.says(vec![0xff; 40])), Some(ErrorCode::BadMessage));
}

#[test]
fn who_has_not_asked_is_not_told_that_it_waits() {
    let mut door = Door::new(DelegationMethod::Approval, 4, 1);
    let hello = door.hello(&Secret::from_bytes([9; 16]), 1, Mode::Poll);
    assert_eq!(Door::code(&door.says(hello)), Some(ErrorCode::UseElsewhere));
}

#[test]
fn one_who_never_says_who_they_are_is_sent_away() {
    let mut door = Door::new(DelegationMethod::Link, 4, 1);
    let hello = door.hello(&Secret::from_bytes([9; 16]), 1, Mode::Delegated);
    let said = door.says(hello);
    let Some(admitter::Output::WakeAt(at)) = said.last() else {
        panic!("{said:?}")
    };
    door.crowd.now = *at;
    let late = door.join(&door.guest, 1);
    let said = door.says(Message::Join(Box::new(late)).encode());
    assert_eq!(Door::code(&said), Some(ErrorCode::Timeout));
}

#[test]
fn nothing_of_a_session_is_printed() {
    let door = Door::new(DelegationMethod::Link, 4, 1);
    let join = door.join(&door.guest, 1);
    let input = admitter::Input::Frame(Message::Join(Box::new(join)).encode());
    assert_eq!(format!("{input:?}"), "Frame");
    let text = format!("{:?}", door.admitter.as_ref().expect("there"));
    assert!(!text.contains("Crew") && !text.contains("Alice"), "{text}");
}
