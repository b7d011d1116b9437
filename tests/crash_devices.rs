//! The real program, killed while a new device becomes a person's, as a power cut would do it, and started again. Whatever the
//! moment and whichever it hits: the new device is nobody's or the person's, never half, and in the end both are the person's and
//! have the same. See `crash.rs`.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy takes only the tests themselves for tests, not what helps them"
)]

use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;
use std::thread;

use serde_json::Value;

#[path = "crash/scene.rs"]
mod scene;

use scene::{Said, Scene, Who};

/// How many scenes run at a time: most of their time is waiting.
const AT_ONCE: usize = 6;

/// Alice's laptop, which has her identity's key.
const OLD: Who = Who::Alice;
/// The new device.
const NEW: Who = Who::Bob;

/// Which of them has printed what when who is killed.
#[derive(Clone, Copy, Debug)]
struct Cut {
    speaker: Who,
    event: &'static str,
    victims: &'static [Who],
}

/// What is known of the pairing.
#[derive(Default)]
struct Pairing {
    code: Option<String>,
    /// The PIN that the old device shows.
    pin: Option<String>,
    typed: Option<String>,
    /// Whether the new device is asked for it.
    asked: bool,
    /// Who knows that the new device is Alice's.
    done: BTreeSet<Who>,
    /// Who Alice is.
    alice: Value,
}

impl Pairing {
    /// Lets both go on until both know it, or until the moment has come. Whether it has.
    fn play(&mut self, scene: &mut Scene, cut: Option<Cut>) -> bool {
        while self.done.len() < Who::BOTH.len() {
            let (who, said) = scene.hear();
            let event = match said {
                Said::Event(event) => event,
                Said::Log => continue,
                Said::Gone => {
                    self.gone(scene, who);
                    continue;
                }
            };
            let name = event["event"].as_str().unwrap_or_default().to_owned();
            match (who, name.as_str()) {
                (_, "failed") if event["code"] == "redeem_has_parties" => drop(self.done.insert(who)),
                (_, "failed") => panic!("{who:?} failed:\n{}", scene.story()),
                (OLD, "device_code") => {
                    let code = event["code"].as_str().unwrap();
                    let known = self.code.get_or_insert_with(|| code.to_owned());
                    assert_eq!(known, code, "the code is another one:\n{}", scene.story());
                    self.redeem(scene);
                }
                (OLD, "pin") => self.pin = event["pin"].as_str().map(str::to_owned),
                (OLD, "peer_left") => self.pin = None,
                (OLD, "device_added") | (NEW, "paired") => drop(self.done.insert(who)),
                (NEW, "connecting") => (self.asked, self.typed) = (false, None),
                (NEW, "pin_requested") => self.asked = true,
                _ => {}
            }
            self.type_pin(scene);
            if cut.is_some_and(|cut| cut.speaker == who && cut.event == name) {
                return true;
            }
        }
        false
    }

    fn gone(&self, scene: &mut Scene, who: Who) {
        assert!(self.done.contains(&who), "{who:?} ended too early:\n{}", scene.story());
        if who == OLD {
            scene.start(OLD, &["party", "show", "Home", "--follow"]);
        }
    }

    /// Types the PIN that is shown, once, if it is asked for.
    fn type_pin(&mut self, scene: &mut Scene) {
        if let Some(pin) = self
            .pin
            .clone()
            .filter(|pin| self.asked && self.typed.as_ref() != Some(pin))
        {
            self.asked = false;
            scene.say(NEW, &pin);
            self.typed = Some(pin);
        }
    }

    fn redeem(&mut self, scene: &mut Scene) {
        let Some(code) = self
            .code
            .clone()
            .filter(|_| !scene.is_running(NEW) && !self.done.contains(&NEW))
        else {
            return;
        };
        scene.start(NEW, &["redeem", "--device"]);
        scene.say(NEW, &code);
        (self.asked, self.typed) = (false, None);
    }

    /// Starts again whoever was killed.
    fn start_again(&mut self, scene: &mut Scene) {
        if !scene.is_running(NEW) {
            let parties = scene.run(NEW, &["party", "list"]);
            let is_hers = identity(scene, NEW) == self.alice;
            assert_eq!(!parties.is_empty(), is_hers, "half hers:\n{}", scene.story());
            if is_hers {
                assert_eq!(parties[0]["role"], "owner", "{}", scene.story());
                self.done.insert(NEW);
            } else {
                assert!(!self.done.contains(&NEW), "it was hers:\n{}", scene.story());
            }
        }
        if !scene.is_running(OLD) {
            self.pin = None;
            let devices = scene.run(OLD, &["device", "list"]).len();
            assert!(
                devices == 2 || !self.done.contains(&OLD),
                "it was added:\n{}",
                scene.story()
            );
            if devices == 2 {
                self.done.insert(OLD);
                scene.start(OLD, &["party", "show", "Home", "--follow"]);
            } else {
                scene.start(OLD, &["device", "add"]);
            }
        }
        self.redeem(scene);
    }
}

fn identity(scene: &Scene, who: Who) -> Value {
    scene.run(who, &["profile", "show"])[0]["identity"].clone()
}

/// Both are Alice's, know two devices, and have the task.
fn both_are_hers(scene: &mut Scene, alice: &Value) {
    for who in Who::BOTH {
        scene.kill(who);
        assert_eq!(identity(scene, who), *alice, "{}", scene.story());
        assert_eq!(scene.run(who, &["device", "list"]).len(), 2, "{}", scene.story());
    }
    for who in Who::BOTH {
        scene.start(who, &["party", "show", "Home", "--follow"]);
    }
    let mut seen = BTreeSet::new();
    while seen.len() < Who::BOTH.len() {
        let (who, said) = scene.hear();
        let Said::Event(party) = said else { continue };
        let tasks = party["tasks"].as_array();
        if tasks.is_some_and(|tasks| tasks.iter().any(|task| task["title"] == "Bring chairs")) {
            assert_eq!(party["members"].as_array().unwrap().len(), 1, "{}", scene.story());
            seen.insert(who);
        }
    }
}

fn pair(cut: Cut) {
    let mut scene = Scene::new(format!("{cut:?}"));
    let mut pairing = Pairing {
        alice: identity(&scene, OLD),
        ..Pairing::default()
    };
    scene.start(OLD, &["device", "add"]);
    if pairing.play(&mut scene, Some(cut)) {
        for who in cut.victims {
            scene.kill(*who);
        }
        pairing.start_again(&mut scene);
        pairing.play(&mut scene, None);
    }
    both_are_hers(&mut scene, &pairing.alice);
}

#[test]
fn whichever_is_killed_at_any_step_both_devices_end_as_the_persons() {
    const ONLY_OLD: &[Who] = &[OLD];
    const ONLY_NEW: &[Who] = &[NEW];
    const BOTH: &[Who] = &[OLD, NEW];
    let at = |speaker, event, victims| Cut {
        speaker,
        event,
        victims,
    };
    let cuts = vec![
        at(OLD, "device_code", BOTH),
        at(OLD, "pin", BOTH),
        at(OLD, "pin", ONLY_OLD),
        at(OLD, "pin_accepted", BOTH),
        at(OLD, "pin_accepted", ONLY_OLD),
        at(OLD, "pin_accepted", ONLY_NEW),
        at(OLD, "device_added", BOTH),
        at(OLD, "device_added", ONLY_OLD),
        at(OLD, "device_added", ONLY_NEW),
        at(NEW, "redemption_started", ONLY_NEW),
        at(NEW, "pin_requested", ONLY_NEW),
        at(NEW, "checking", BOTH),
        at(NEW, "checking", ONLY_NEW),
        at(NEW, "pairing", BOTH),
        at(NEW, "pairing", ONLY_OLD),
        at(NEW, "pairing", ONLY_NEW),
        at(NEW, "paired", BOTH),
        at(NEW, "paired", ONLY_OLD),
        at(NEW, "paired", ONLY_NEW),
    ];
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
