//! The devices, the links between them and what is under way on each, and an order of events that a seed decides.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use partyline::identity::Keys;
use partyline::party::sync::{Part, SyncMessage, SyncOutput};
use partyline::party::{Op, Party};
use partyline::time::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

use crate::acts;
use crate::device::{Device, Opened, frame};

/// How many things happen before everybody can meet.
const HAPPENINGS: usize = 250;

/// What people do besides writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum People {
    /// Nothing.
    Peaceful,
    /// They change roles and remove each other.
    Quarrelling,
}

/// What goes over a link in one direction, in order.
pub(crate) enum Parcel {
    Frame(Vec<u8>),
    /// The link is closed after everything before has arrived.
    Close,
}

/// What has happened, counted.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) cuts: usize,
    pub(crate) restarts: usize,
    /// Pushes and answers for which there was no room.
    pub(crate) left_out: usize,
    pub(crate) written: usize,
    /// How often an op was sent from one device to another.
    pub(crate) ops_sent: BTreeMap<(usize, usize, Vec<u8>), usize>,
}

pub(crate) struct World {
    pub(crate) devices: Vec<Device>,
    wires: BTreeMap<(usize, usize), VecDeque<Parcel>>,
    pub(crate) rng: StdRng,
    people: People,
    minute: u64,
    opened: Opened,
    /// Whether peers may be too slow, and programs may stop between two steps.
    is_calm: bool,
    pub(crate) tally: Tally,
}

impl World {
    /// The first founds a party and lets the others in; nobody is linked yet.
    pub(crate) fn new(seed: u64, people: &[Arc<Keys>], mood: People) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let founder = &people[0];
        let start = Timestamp::from_millis(1_800_000_000_000);
        let (mut party, _) = Party::found(founder, "Alice", "Choir", start, &mut rng).expect("a party");
        for (n, keys) in people.iter().enumerate().skip(1) {
            let role = acts::role_of(n, mood);
            party
                .write(founder, acts::admits(keys, role), start)
                .expect("an Owner admits");
        }
        let ops: Vec<Op> = party.ops().cloned().collect();
        Self {
            devices: people.iter().map(|keys| Device::new(keys, ops.clone())).collect(),
            wires: BTreeMap::new(),
            rng,
            people: mood,
            minute: 1,
            opened: Opened::default(),
            is_calm: true,
            tally: Tally::default(),
        }
    }

    /// People write, links come and go, programs stop and start.
    pub(crate) fn play(&mut self) {
        self.is_calm = false;
        for _ in 0..HAPPENINGS {
            let who = self.somebody();
            match self.rng.random_range(0..100) {
                0..55 => drop(self.deliver()),
                55..75 => self.write(who),
                75..85 => {
                    let other = self.somebody();
                    if who != other {
                        self.link(who, other);
                    }
                }
                85..92 => {
                    let other = self.somebody();
                    self.cut(who, other);
                }
                92..95 => self.restart(who),
                _ => self.let_time_pass(who),
            }
        }
    }

    /// Everything works again: everybody meets, in partial meshes that change, and in the end all with all.
    pub(crate) fn heal(&mut self) {
        self.is_calm = true;
        let count = self.devices.len();
        for round in 0..3 {
            for n in 1..count {
                let other = if round == 0 { n - 1 } else { self.rng.random_range(0..n) };
                self.link(n, other);
            }
            self.settle();
            self.cut_all();
        }
        for a in 0..count {
            for b in a + 1..count {
                self.link(a, b);
            }
        }
        self.settle();
    }

    fn somebody(&mut self) -> usize {
        self.rng.random_range(0..self.devices.len())
    }

    fn now(&mut self) -> Timestamp {
        self.minute += 1;
        Timestamp::from_millis(1_800_000_000_000 + self.minute * 60_000)
    }

    /// Both dial and accept; a device that shares nothing with the other says so and closes.
    pub(crate) fn link(&mut self, a: usize, b: usize) {
        self.cut(a, b);
        self.wires.insert((a, b), VecDeque::new());
        self.wires.insert((b, a), VecDeque::new());
        for (from, to) in [(a, b), (b, a)] {
            let other = Arc::clone(&self.devices[to].keys);
            let device = &mut self.devices[from];
            if device.shares_with(&other) {
                let (link, party) = device.new_link(to);
                let asked = link.sync.share(party);
                self.put(from, to, asked);
            } else {
                let farewell = device.farewell(&other);
                self.send_all(from, to, farewell);
                self.send(from, to, Parcel::Close);
            }
        }
    }

    /// A link is gone, with all that is under way on it.
    pub(crate) fn cut(&mut self, a: usize, b: usize) {
        for (from, to) in [(a, b), (b, a)] {
            if self.wires.remove(&(from, to)).is_some() {
                self.tally.cuts += 1;
            }
            self.devices[from].links.remove(&to);
        }
    }

    fn cut_all(&mut self) {
        self.wires.clear();
        for device in &mut self.devices {
            device.links.clear();
        }
    }

    fn restart(&mut self, who: usize) {
        for other in 0..self.devices.len() {
            self.cut(who, other);
        }
        self.devices[who].restart();
        self.tally.restarts += 1;
    }

    /// Somebody does something, whether linked or not.
    pub(crate) fn write(&mut self, who: usize) {
        let now = self.now();
        let act = acts::random(&self.devices[who], self.people, now, &mut self.rng);
        let Ok(op) = self.devices[who].write(act, now) else {
            return;
        };
        self.tally.written += 1;
        self.announce(who, None, &[op]);
    }

    /// Pushes new ops to everybody who is linked, and takes the consequences of those that change the membership.
    fn announce(&mut self, who: usize, but: Option<usize>, ops: &[Op]) {
        let others: Vec<usize> = self.devices[who].links.keys().copied().collect();
        for to in others.iter().copied().filter(|to| Some(*to) != but) {
            let keys = Arc::clone(&self.devices[to].keys);
            let id = self.devices[who].id();
            let shares = self.devices[who].shares_with(&keys);
            if shares && self.is_slow() {
                let link = self.devices[who].links.get_mut(&to);
                link.expect("linked").sync.missed(id);
                continue;
            }
            let ops: Vec<Op> = ops
                .iter()
                .filter(|op| shares || op.act().is_membership())
                .cloned()
                .collect();
            let pushed = self.devices[who].links[&to].sync.push(id, &ops);
            self.put(who, to, pushed);
        }
        if ops.iter().any(|op| op.act().is_membership()) {
            for to in others {
                self.membership_changed(who, to);
            }
        }
    }

    fn membership_changed(&mut self, who: usize, to: usize) {
        let keys = Arc::clone(&self.devices[to].keys);
        let device = &mut self.devices[who];
        let (shares, id) = (device.shares_with(&keys), device.id());
        let outputs = if shares {
            let (link, party) = device.link(to);
            link.sync.share(party)
        } else {
            let (link, _) = device.link(to);
            link.sync.unshare(id)
        };
        self.put(who, to, outputs);
        if !shares {
            self.send(who, to, Parcel::Close);
        }
    }

    /// There is no room for a frame to a peer, now and then.
    fn is_slow(&mut self) -> bool {
        let slow = !self.is_calm && self.rng.random_range(0..10) == 0;
        self.tally.left_out += usize::from(slow);
        slow
    }

    /// Delivers the next parcel of a random wire; whether there was one.
    fn deliver(&mut self) -> bool {
        let busy: Vec<(usize, usize)> = self
            .wires
            .iter()
            .filter(|(_, parcels)| !parcels.is_empty())
            .map(|(wire, _)| *wire)
            .collect();
        if busy.is_empty() {
            return false;
        }
        let (from, to) = busy[self.rng.random_range(0..busy.len())];
        match self.wires.get_mut(&(from, to)).and_then(VecDeque::pop_front) {
            Some(Parcel::Frame(frame)) => self.arrive(from, to, &frame),
            _ => self.cut(from, to),
        }
        true
    }

    fn arrive(&mut self, from: usize, to: usize, bytes: &[u8]) {
        let keys = Arc::clone(&self.devices[from].keys);
        let device = &mut self.devices[to];
        if !device.links.contains_key(&from) {
            // It has refused the link and waits for its end.
            return;
        }
        let shares = device.shares_with(&keys);
        let (link, party) = device.link(from);
        let shared = [party];
        let handled = link.sync.handle(bytes, if shares { &shared } else { &[] });
        for output in handled.expect("a frame of a member") {
            match output {
                SyncOutput::Take { ops, part, .. } => self.take(to, from, &ops, part),
                SyncOutput::Answer { have, .. } => {
                    self.devices[to].link(from).0.owed = Some(have);
                    self.answer(to, from);
                }
                other => self.put(to, from, vec![other]),
            }
        }
    }

    /// Answers what was asked, if there is room.
    fn answer(&mut self, who: usize, to: usize) {
        if !self.is_slow()
            && let Some(answer) = self.devices[who].answer(to)
        {
            self.put(who, to, vec![answer]);
        }
    }

    fn take(&mut self, who: usize, from: usize, ops: &[Vec<u8>], part: Part) {
        let taken = self.devices[who].take(from, ops, part, &mut self.opened);
        assert_eq!(taken.useless, 0, "members send nothing that others refuse");
        self.put(who, from, taken.outputs);
        if !self.is_calm && self.rng.random_range(0..50) == 0 {
            // The program dies before the disk has it.
            return self.restart(who);
        }
        self.devices[who].store(&taken.new);
        self.announce(who, Some(from), &taken.new);
    }

    /// A device tells what it holds, answers what waits, and asks who holds something else.
    fn let_time_pass(&mut self, who: usize) {
        let others: Vec<usize> = self.devices[who].links.keys().copied().collect();
        for to in others {
            self.answer(who, to);
            let (link, party) = self.devices[who].link(to);
            let said = link
                .sync
                .tell(party)
                .into_iter()
                .chain(link.sync.compare(party))
                .collect();
            self.put(who, to, said);
        }
    }

    /// Delivers everything and lets time pass until nobody has anything to say.
    pub(crate) fn settle(&mut self) {
        let mut quiet = 0;
        for _ in 0..200_000 {
            if self.deliver() {
                quiet = 0;
                continue;
            }
            if quiet == 4 {
                return;
            }
            quiet += 1;
            for who in 0..self.devices.len() {
                self.let_time_pass(who);
            }
        }
        panic!("the machines never stop talking");
    }

    fn put(&mut self, from: usize, to: usize, outputs: Vec<SyncOutput>) {
        for output in outputs {
            assert!(
                !matches!(output, SyncOutput::Misbehaved(_)),
                "{from} takes {to} for hostile"
            );
            self.send_all(from, to, frame(output));
        }
    }

    fn send_all(&mut self, from: usize, to: usize, frames: impl IntoIterator<Item = Vec<u8>>) {
        for frame in frames {
            self.send(from, to, Parcel::Frame(frame));
        }
    }

    fn send(&mut self, from: usize, to: usize, parcel: Parcel) {
        if let Parcel::Frame(frame) = &parcel
            && let Ok(SyncMessage::Ops { ops, .. }) = SyncMessage::decode(frame)
        {
            for op in ops {
                *self.tally.ops_sent.entry((from, to, op)).or_default() += 1;
            }
        }
        if let Some(wire) = self.wires.get_mut(&(from, to)) {
            wire.push_back(parcel);
        }
    }

    /// The devices whose people are members, as far as they know.
    pub(crate) fn members(&self) -> BTreeSet<usize> {
        (0..self.devices.len())
            .filter(|n| self.devices[*n].is_member())
            .collect()
    }
}
