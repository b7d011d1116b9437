//! The real program, killed while two people pair, as a power cut would do it, and started again. Whatever the moment and
//! whoever it hits: nobody is half in, the code and its tries are as they were, and in the end both are members, once.
//!
//! A killed program is told nothing and closes nothing. The moments are the events that the programs print, and lines of
//! their logs, which lie closer together. What these tests cannot show is that a commit survives the machine losing power,
//! not only the process: that is the store's `synchronous=FULL`.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Mutex;
use std::thread;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::Value;

#[path = "crash/scene.rs"]
mod scene;

use scene::{Said, Scene, Who};

/// How many scenes run at a time: most of their time is waiting.
const AT_ONCE: usize = 8;

const ALICE: &[Who] = &[Who::Alice];
const BOB: &[Who] = &[Who::Bob];
const BOTH: &[Who] = &[Who::Alice, Who::Bob];

/// About how many lines one program writes while two people pair. A cut that would come later does not come.
const LINES: usize = 400;

/// When who is killed.
#[derive(Clone, Copy, Debug)]
struct Cut {
    moment: Moment,
    victims: &'static [Who],
    /// Whether the first PIN that is typed is a wrong one.
    wrong_first: bool,
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    /// This person's program has printed the event.
    Event(Who, &'static str),
    /// This person's program has written so many lines, its log included.
    Lines(Who, usize),
}

/// What is known of a pairing, as the two people know it.
#[derive(Debug, Default)]
struct Pairing {
    code: Option<String>,
    /// The PIN that Alice sees.
    pin: Option<String>,
    /// The PIN that was typed last on this link.
    typed: Option<String>,
    /// Whether Bob is asked for it.
    asked: bool,
    /// How many wrong PINs are to be typed before the right one.
    wrong_to_type: u32,
    /// Who knows that Bob is in.
    done: BTreeSet<Who>,
    /// How many wrong PINs Alice has been told of, and how many PINs have been typed in all.
    wrong_told: u64,
    pins_typed: u64,
}

impl Pairing {
    /// Lets both go on until Bob is in and both know it, or until the moment has come. Whether it has.
    fn play(&mut self, scene: &mut Scene, cut: Option<Moment>) -> bool {
        let mut lines = 0;
        while self.done.len() < Who::BOTH.len() {
            let (who, said) = scene.hear();
            lines += usize::from(matches!(cut, Some(Moment::Lines(counted, _)) if counted == who));
            let event = match said {
                Said::Event(event) => event,
                Said::Log => Value::Null,
                Said::Gone => {
                    self.gone(scene, who);
                    continue;
                }
            };
            match who {
                Who::Alice => self.alice(scene, &event),
                Who::Bob => self.bob(scene, &event),
            }
            let is_now = match cut {
                Some(Moment::Event(speaker, name)) => speaker == who && event["event"] == name,
                Some(Moment::Lines(speaker, limit)) => speaker == who && lines >= limit,
                None => false,
            };
            if is_now {
                return true;
            }
        }
        false
    }

    fn alice(&mut self, scene: &mut Scene, event: &Value) {
        match event["event"].as_str().unwrap_or_default() {
            "invitation_created" | "invitation_resumed" => {
                self.same_code(scene, event);
                if !scene.is_running(Who::Bob) && !self.done.contains(&Who::Bob) {
                    self.redeem(scene);
                }
            }
            "pin" => {
                self.pin = event["pin"].as_str().map(str::to_owned);
                self.type_pin(scene);
            }
            "peer_left" => self.pin = None,
            "wrong_pin" => self.wrong_told = event["wrong_in_all"].as_u64().unwrap(),
            "admitted" => self.is_done(Who::Alice),
            "failed" => panic!("Alice failed:\n{}", scene.story()),
            _ => {}
        }
    }

    fn bob(&mut self, scene: &mut Scene, event: &Value) {
        match event["event"].as_str().unwrap_or_default() {
            "connecting" => {
                self.asked = false;
                self.typed = None;
            }
            "pin_requested" => {
                self.asked = true;
                self.type_pin(scene);
            }
            "joined" => self.is_done(Who::Bob),
            // What was left to do was done between the start of the program and its first look at the code.
            "failed" if event["code"] == "redeem_already_member" => self.is_done(Who::Bob),
            "failed" => panic!("Bob failed:\n{}", scene.story()),
            _ => {}
        }
    }

    fn is_done(&mut self, who: Who) {
        self.done.insert(who);
    }

    fn gone(&self, scene: &mut Scene, who: Who) {
        match who {
            // She has let him in and goes on using the program.
            Who::Alice if self.done.contains(&who) => scene.start(Who::Alice, &["party", "show", "Home", "--follow"]),
            Who::Bob if self.done.contains(&who) => {}
            _ => panic!("{who:?} ended too early:\n{}", scene.story()),
        }
    }

    /// Types the PIN that Alice sees, once, if Bob is asked for it.
    fn type_pin(&mut self, scene: &mut Scene) {
        if !self.asked || self.pin.is_none() || self.pin == self.typed {
            return;
        }
        let pin = self.pin.clone().unwrap();
        self.asked = false;
        self.pins_typed += 1;
        if self.wrong_to_type > 0 {
            self.wrong_to_type -= 1;
            scene.say(Who::Bob, if pin == "123456" { "654321" } else { "123456" });
        } else {
            scene.say(Who::Bob, &pin);
            self.typed = Some(pin);
        }
    }

    fn redeem(&mut self, scene: &mut Scene) {
        let Some(code) = &self.code else { return };
        scene.start(Who::Bob, &["redeem"]);
        scene.say(Who::Bob, code);
        self.asked = false;
        self.typed = None;
    }

    /// The code is the one it was, with the tries it had: at least what was told is counted, at most what was typed.
    fn same_code(&mut self, scene: &Scene, invitation: &Value) {
        let code = invitation["code"].as_str().unwrap();
        assert_eq!(
            self.code.get_or_insert_with(|| code.to_owned()),
            code,
            "{}",
            scene.story()
        );
        let wrong = invitation["wrong_in_all"].as_u64().unwrap();
        assert!(
            (self.wrong_told..=self.pins_typed).contains(&wrong),
            "{wrong} wrong PINs:\n{}",
            scene.story()
        );
    }

    /// Starts again whoever was killed.
    fn start_again(&mut self, scene: &mut Scene) {
        if !scene.is_running(Who::Bob) {
            let parties = scene.run(Who::Bob, &["party", "list"]);
            for party in &parties {
                assert_eq!(party["role"], "editor", "half joined:\n{}", scene.story());
            }
            if parties.is_empty() {
                assert!(!self.done.contains(&Who::Bob), "Bob was in:\n{}", scene.story());
            } else {
                self.is_done(Who::Bob);
            }
        }
        if !scene.is_running(Who::Alice) {
            self.pin = None;
            let open = scene.run(Who::Alice, &["invitation", "list"]);
            assert!(open.len() <= 1, "{open:?}\n{}", scene.story());
            let admitted = has_bob(&scene.run(Who::Alice, &["party", "show", "Home"])[0]);
            assert!(
                admitted || !self.done.contains(&Who::Alice),
                "Bob was in:\n{}",
                scene.story()
            );
            match open.first() {
                Some(invitation) => {
                    assert!(!admitted, "Bob is in, and the code still works:\n{}", scene.story());
                    self.same_code(scene, invitation);
                    scene.start(Who::Alice, &["invite", "Home", "--resume"]);
                }
                None if admitted => {
                    self.is_done(Who::Alice);
                    scene.start(Who::Alice, &["party", "show", "Home", "--follow"]);
                }
                None => {
                    assert_eq!(self.code, None, "the code is lost:\n{}", scene.story());
                    scene.start(Who::Alice, &["invite", "Home"]);
                }
            }
        }
        if !scene.is_running(Who::Bob) && !self.done.contains(&Who::Bob) {
            self.redeem(scene);
        }
    }
}

fn has_bob(party: &Value) -> bool {
    party["members"].as_array().unwrap().len() == 2
}

/// Both see two members, the same ones, and the task.
fn both_are_members(scene: &mut Scene) {
    let whole = |party: &Value| {
        let members = party["members"].as_array()?;
        let mut names: Vec<_> = members.iter().map(|member| member["name"].as_str()).collect();
        names.sort_unstable();
        let has_task = party["tasks"]
            .as_array()?
            .iter()
            .any(|task| task["title"] == "Bring chairs");
        let people: Vec<_> = members.iter().map(|member| member["identity"].clone()).collect();
        (names == [Some("Alice"), Some("Bob")] && has_task).then_some(people)
    };
    for who in Who::BOTH {
        scene.kill(who);
    }
    assert_eq!(
        scene.run(Who::Alice, &["invitation", "list"]),
        [] as [Value; 0],
        "{}",
        scene.story()
    );
    let bob = scene.run(Who::Bob, &["profile", "show"])[0]["identity"].clone();
    for who in Who::BOTH {
        scene.start(who, &["party", "show", "Home", "--follow"]);
    }
    let mut seen = BTreeMap::new();
    while seen.len() < Who::BOTH.len() {
        match scene.hear() {
            (who, Said::Event(party)) => seen.extend(whole(&party).map(|people| (who, people))),
            (_, Said::Log) => {}
            (who, Said::Gone) => panic!("{who:?} ended:\n{}", scene.story()),
        }
    }
    assert_eq!(seen[&Who::Alice], seen[&Who::Bob], "{}", scene.story());
    assert!(seen[&Who::Bob].contains(&bob), "{}", scene.story());
}

/// One pairing with one cut.
fn pair(cut: Cut) {
    let mut scene = Scene::new(format!("{cut:?}"));
    let mut pairing = Pairing {
        wrong_to_type: cut.wrong_first.into(),
        ..Pairing::default()
    };
    scene.start(Who::Alice, &["invite", "Home"]);
    if pairing.play(&mut scene, Some(cut.moment)) {
        for who in cut.victims {
            scene.kill(*who);
        }
        pairing.start_again(&mut scene);
        pairing.play(&mut scene, None);
    }
    both_are_members(&mut scene);
}

/// Plays them all, several at a time. A panic in one of them fails the test when the scope ends.
fn pair_all(cuts: Vec<Cut>) {
    let cuts = Mutex::new(VecDeque::from(cuts));
    let next = || cuts.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(cut) = next() {
                    pair(cut);
                }
            });
        }
    });
}

/// At an event.
fn at(speaker: Who, event: &'static str, victims: &'static [Who]) -> Cut {
    Cut {
        moment: Moment::Event(speaker, event),
        victims,
        wrong_first: event == "wrong_pin",
    }
}

/// Between events: random moments, the same in every run as far as two programs can be the same twice.
fn seeded(victims: &[&'static [Who]], count: usize) -> Vec<Cut> {
    let mut rng = StdRng::seed_from_u64(0x70_61_72_74_79);
    let mut cut = |victims: &&'static [Who]| {
        let (moment, wrong_first) = (Moment::Lines(victims[0], rng.random_range(1..=LINES)), rng.random());
        Cut {
            moment,
            victims,
            wrong_first,
        }
    };
    victims.iter().cycle().take(count).map(&mut cut).collect()
}

#[test]
fn whoever_is_killed_at_any_step_both_end_as_members() {
    pair_all(vec![
        at(Who::Alice, "invitation_created", ALICE),
        at(Who::Alice, "invitation_created", BOTH),
        at(Who::Alice, "pin", BOTH),
        at(Who::Alice, "wrong_pin", BOTH),
        at(Who::Alice, "pin_accepted", BOTH),
        at(Who::Alice, "pin_accepted", BOB),
        at(Who::Alice, "admitted", BOTH),
        at(Who::Alice, "admitted", BOB),
        at(Who::Bob, "redemption_started", BOB),
        at(Who::Bob, "pin_requested", BOB),
        at(Who::Bob, "wrong_pin", BOB),
        at(Who::Bob, "checking", BOB),
        at(Who::Bob, "checking", BOTH),
        at(Who::Bob, "joining", BOB),
        at(Who::Bob, "joining", BOTH),
        at(Who::Bob, "joined", ALICE),
        at(Who::Bob, "joined", BOB),
        at(Who::Bob, "joined", BOTH),
    ]);
}

#[test]
fn whoever_is_killed_between_two_steps_both_end_as_members() {
    pair_all(seeded(&[BOB, BOTH], 24));
}

#[test]
fn an_invitee_goes_on_by_themselves_when_the_killed_inviter_is_back() {
    let mut cuts = seeded(&[ALICE], 6);
    cuts.extend([
        at(Who::Alice, "pin", ALICE),
        at(Who::Alice, "wrong_pin", ALICE),
        at(Who::Alice, "pin_accepted", ALICE),
        at(Who::Alice, "admitted", ALICE),
        at(Who::Bob, "checking", ALICE),
        at(Who::Bob, "joining", ALICE),
    ]);
    pair_all(cuts);
}
