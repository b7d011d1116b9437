//! Somebody who was invited: the protocol's machine over a connection of its own, without a person and without a disk.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use partyline::identity::Keys;
use partyline::invitation::invitee::{self, Gone, Input, Joiner, Output, Pending, Stored};
use partyline::invitation::{Env, Exporter, InviteCode, Pin, RedemptionStage, SessionId};
use partyline::net::{CloseReason, LinkId, Net, NetConfig, NetEvent, NetworkMode, Protocol};
use partyline::party::{Act, Op};
use partyline::time::Timestamp;
use partyline::worker::Clock;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// The PINs in the order in which their devices got the slot.
#[derive(Clone)]
pub(crate) struct Pins(Arc<Mutex<mpsc::UnboundedReceiver<Pin>>>);

/// Where the inviter's person reads them out.
pub(crate) struct Shown(mpsc::UnboundedSender<Pin>);

impl Pins {
    pub(crate) fn new() -> (Self, Shown) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(Arc::new(Mutex::new(receiver))), Shown(sender))
    }

    async fn hear(&self) -> Pin {
        self.0
            .lock()
            .await
            .recv()
            .await
            .expect("a PIN for each who has the slot")
    }
}

impl Shown {
    pub(crate) fn show(&self, pin: &Pin) {
        let heard = Pin::parse(pin.digits(), 6).unwrap();
        self.0.send(heard).expect("somebody listens");
    }
}

/// Somebody with the code.
pub(crate) struct Invitee {
    code: Arc<InviteCode>,
    machine: Option<invitee::Invitee>,
    keys: Arc<Keys>,
    net: Net,
    events: mpsc::Receiver<NetEvent>,
    link: Option<LinkId>,
    wake: Option<Timestamp>,
}

impl Invitee {
    pub(crate) async fn start(code: Arc<InviteCode>) -> Self {
        let keys = Arc::new(Keys::generate(&mut rand::rng()));
        let (sender, events) = mpsc::channel(64);
        let config = NetConfig::new(NetworkMode::Loopback);
        let net = Net::start(config, &keys.endpoint, sender, None).await.unwrap();
        let joiner = Joiner {
            keys: Arc::clone(&keys),
            name: "Bob".to_owned(),
        };
        let pending = Pending::new(Arc::clone(&code), Clock::system().now());
        Self {
            machine: Some(invitee::Invitee::new(pending, joiner)),
            code,
            keys,
            net,
            events,
            link: None,
            wake: None,
        }
    }

    /// Redeems the code, types the PIN, and is in.
    pub(crate) async fn join(mut self, pins: &Pins) {
        self.take(Input::Start);
        let mut typed = false;
        loop {
            match self.stage() {
                RedemptionStage::Joined { .. } => break,
                RedemptionStage::EnterPin { .. } if !typed => {
                    typed = true;
                    let pin = Arc::new(pins.hear().await);
                    self.take(Input::SubmitPin(pin));
                }
                RedemptionStage::Failed { error } => panic!("not in: {error:?}"),
                _ => self.next().await,
            }
        }
        self.net.shutdown().await;
    }

    /// Redeems the code and goes on by itself, until it is to leave.
    pub(crate) fn comes(mut self) -> Seated {
        let (leave, mut left) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            self.take(Input::Start);
            loop {
                tokio::select! {
                    biased;
                    _ = left.recv() => break,
                    () = self.next() => {}
                }
            }
            self.net.shutdown().await;
        });
        Seated { leave, task }
    }

    fn stage(&self) -> RedemptionStage {
        self.machine.as_ref().expect("a machine").stage()
    }

    /// Waits for the network or the clock. Cancel safe.
    async fn next(&mut self) {
        let until = self
            .wake
            .map_or(Duration::from_secs(60), |at| Clock::system().now().until(at));
        let input = tokio::select! {
            event = self.events.recv() => match event.expect("a running network") {
                NetEvent::Opened { link, .. } => {
                    let exporter = self.net.exporter(link, self.code.invitation_id().as_bytes());
                    let exporter = Exporter::from_bytes(exporter.expect("an open link"));
                    let session = SessionId(link.0);
                    Input::Connected { session, exporter }
                }
                NetEvent::Frame { link, frame } => {
                    let session = SessionId(link.0);
                    Input::Frame { session, frame }
                }
                NetEvent::Closed { link, reason } if self.link == Some(link) => {
                    let session = SessionId(link.0);
                    let reason = gone(reason);
                    Input::Gone { session, reason }
                }
                _ => return,
            },
            () = tokio::time::sleep(until) => {
                self.wake = None;
                Input::Wake
            }
        };
        self.take(input);
    }

    fn take(&mut self, input: Input) {
        let mut inputs = VecDeque::from([input]);
        while let Some(input) = inputs.pop_front() {
            let mut rng = rand::rng();
            let mut env = Env {
                now: Clock::system().now(),
                rng: &mut rng,
                wrong_pins_today: 0,
            };
            let step = self.machine.take().expect("a machine").handle(input, &mut env);
            self.machine = Some(step.next);
            for output in step.outputs {
                inputs.extend(self.does(output));
            }
        }
    }

    fn does(&mut self, output: Output) -> Option<Input> {
        match output {
            Output::Connect => {
                let addresses = self.code.address_hints().collect();
                let dialled = self
                    .net
                    .connect(Protocol::Invite, self.code.endpoint(), addresses, None);
                self.link = Some(dialled.unwrap());
            }
            Output::Send { session, frame } => self.net.send(LinkId(session.0), frame).unwrap_or_default(),
            Output::Close { session, closing } => {
                self.link = None;
                self.net.close(LinkId(session.0), closing.code, closing.wait_for_peer);
            }
            Output::StoreAdmission { ops, .. } => return Some(Input::Stored(Ok(self.own_admission(&ops)))),
            Output::WakeAt(at) => self.wake = Some(at),
            Output::Save(_) | Output::Delete | Output::StageChanged => {}
        }
        None
    }

    /// Where its own admission is among the ops: at or near the end, as nobody has come later.
    fn own_admission(&self, ops: &[Vec<u8>]) -> Stored {
        let me = self.keys.identity.id();
        let admits = |op: &Op| matches!(op.act(), Act::MemberAdmitted { member, .. } if *member == me);
        let mut latest = ops.iter().rev().map(|op| Op::open(op).expect("an op"));
        let own = latest.find(admits).expect("an admission");
        Stored {
            party: own.party(),
            op: own.id(),
        }
    }
}

/// Somebody who has come, and has not gone.
pub(crate) struct Seated {
    leave: mpsc::Sender<()>,
    task: JoinHandle<()>,
}

impl Seated {
    pub(crate) async fn leaves(self) {
        self.leave.send(()).await.unwrap_or_default();
        self.task.await.unwrap();
    }
}

fn gone(reason: CloseReason) -> Gone {
    match reason {
        CloseReason::Unreachable | CloseReason::Refused => Gone::Unreachable,
        CloseReason::NoCommonProtocol => Gone::NoCommonProtocol,
        CloseReason::Code(code) => Gone::Closed(code),
        CloseReason::Misbehaved(_) | CloseReason::Lost | CloseReason::Local => Gone::Lost,
    }
}
