//! A bad piece of network between two machines: what runs in the machine between them, passes UDP packets on and loses and
//! delays them as it is told. Orders come on stdin, answers go to stdout.

use std::io::BufRead as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// The longest packet.
const MAX_PACKET: usize = 65_535;

/// Runs the forwarder if the environment asks for it: `forward <address towards b> <address towards a>`.
pub(super) fn run_if_asked() {
    let Ok(role) = std::env::var("PARTYLINE_ACTOR") else {
        return;
    };
    let words: Vec<&str> = role.split(' ').collect();
    let ["forward", towards_b, towards_a] = words[..] else {
        panic!("no such role: {role}")
    };
    let (sender, orders) = mpsc::channel(16);
    let read = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    };
    std::thread::Builder::new()
        .name("orders".to_owned())
        .spawn(read)
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let bind = |address: String| async { Arc::new(UdpSocket::bind(address).await.unwrap()) };
        let left = bind(format!("{towards_b}:0")).await;
        let right = bind(format!("{towards_a}:0")).await;
        println!("@ready forwarder {}", left.local_addr().unwrap().port());
        Forwarder::new(left, right).run(orders).await;
    });
}

struct Forwarder {
    /// Bob speaks to this one, and is known as soon as he has.
    left: Arc<UdpSocket>,
    bob: Option<SocketAddr>,
    /// Alice speaks to this one.
    right: Arc<UdpSocket>,
    alice: Option<SocketAddr>,
    weather: Weather,
}

/// What happens to packets.
struct Weather {
    rng: StdRng,
    loss: f64,
    delay: Duration,
    cut: bool,
    /// How many more packets have to be lost until that is told.
    lost_until_told: u32,
    /// Packets on their way.
    flying: JoinSet<()>,
}

impl Forwarder {
    fn new(left: Arc<UdpSocket>, right: Arc<UdpSocket>) -> Self {
        let rng = StdRng::seed_from_u64(30_150);
        let weather = Weather {
            rng,
            loss: 0.0,
            delay: Duration::ZERO,
            cut: false,
            lost_until_told: 0,
            flying: JoinSet::new(),
        };
        Self {
            left,
            bob: None,
            right,
            alice: None,
            weather,
        }
    }

    async fn run(mut self, mut orders: mpsc::Receiver<String>) {
        let (mut from_bob, mut from_alice) = (vec![0; MAX_PACKET], vec![0; MAX_PACKET]);
        loop {
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(&order),
                    None => return,
                },
                Ok((length, from)) = self.left.recv_from(&mut from_bob) => {
                    self.bob = Some(from);
                    self.weather.pass(&self.right, self.alice, &from_bob[..length]);
                }
                Ok((length, _)) = self.right.recv_from(&mut from_alice) => {
                    self.weather.pass(&self.left, self.bob, &from_alice[..length]);
                }
            }
        }
    }

    fn obey(&mut self, order: &str) {
        match order.split(' ').collect::<Vec<_>>()[..] {
            ["to", alice] => self.alice = Some(alice.parse().unwrap()),
            ["loss", percent] => self.weather.loss = percent.parse::<f64>().unwrap() / 100.0,
            ["delay", millis] => self.weather.delay = Duration::from_millis(millis.parse().unwrap()),
            ["cut", lost] => {
                self.weather.cut = true;
                self.weather.lost_until_told = lost.parse().unwrap();
            }
            ["heal"] => self.weather.cut = false,
            _ => panic!("no such order: {order}"),
        }
        println!("@done");
    }
}

impl Weather {
    fn pass(&mut self, through: &Arc<UdpSocket>, to: Option<SocketAddr>, packet: &[u8]) {
        let Some(to) = to else { return };
        if self.cut || self.rng.random_bool(self.loss) {
            if self.lost_until_told > 0 {
                self.lost_until_told -= 1;
                if self.lost_until_told == 0 {
                    println!("@lost");
                }
            }
            return;
        }
        let (through, packet, delay) = (Arc::clone(through), packet.to_vec(), self.delay);
        while self.flying.try_join_next().is_some() {}
        self.flying.spawn(async move {
            tokio::time::sleep(delay).await;
            // A socket that nobody reads any more is a lost packet too.
            through.send_to(&packet, to).await.ok();
        });
    }
}
