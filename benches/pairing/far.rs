//! An invitee who is 100 ms away: a second process behind a forwarder that holds every datagram for 50 ms.
//!
//! The transport tells each end the other's own addresses and would soon go around the forwarder. So the invitee runs in a
//! network namespace of its own, whose loopback is another one: no packet gets from one to the other but through the
//! forwarder, which is UDP at both ends and a Unix socket, which knows no namespaces, in between.
//!
//! ```text
//! inviter <-UDP-> [Near half, holds both ways] <-Unix-> [Far half] <-UDP-> invitee
//!          127.0.0.1                           ‖ namespace          127.0.0.1
//! ```

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use partyline::invitation::{Hint, InviteCode, Pin, Secret};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::figure::{now, say};
use super::peer::Peer;

/// To the other and back.
pub(crate) const ROUND_TRIP: Duration = Duration::from_millis(100);

/// Tells the second process what it is, and where the forwarder's halves meet.
const ROLE: &str = "PARTYLINE_BENCH_INVITEE";

/// Longer than any datagram of the transport.
const DATAGRAM: usize = 4096;

/// How often a forwarder without work looks whether it is still wanted.
const GLANCE: Duration = Duration::from_millis(500);

/// Where a forwarder gets its datagrams from, and where it puts them.
trait Take: FnMut(&mut [u8]) -> io::Result<usize> + Send + 'static {}
impl<F: FnMut(&mut [u8]) -> io::Result<usize> + Send + 'static> Take for F {}
trait Give: FnMut(&[u8]) -> io::Result<usize> + Send + 'static {}
impl<F: FnMut(&[u8]) -> io::Result<usize> + Send + 'static> Give for F {}

/// How a process gets a network namespace of its own.
#[derive(Clone, Copy)]
pub(crate) struct Wall(&'static [&'static str]);

/// Tries the ways: as root, or with a user namespace.
pub(crate) fn wall() -> Result<Wall, String> {
    let mut why = String::new();
    for arguments in [["--net"].as_slice(), ["--net", "--map-root-user"].as_slice()] {
        let tried = Command::new("unshare")
            .args(arguments)
            .args(["ip", "link", "set", "lo", "up"])
            .output();
        match tried {
            Ok(output) if output.status.success() => return Ok(Wall(arguments)),
            Ok(output) => why = String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            Err(error) => why = format!("unshare: {error}"),
        }
    }
    Err(why)
}

/// The invitee behind the wall, as the inviter's process sees him. He ends with the value.
pub(crate) struct Bob {
    child: Child,
    orders: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
    /// The invite code whose only address is the forwarder's.
    pub(crate) code: Zeroizing<String>,
    _meeting: TempDir,
}

impl Bob {
    pub(crate) fn start(wall: Wall, code: &InviteCode) -> Self {
        let meeting = TempDir::new().unwrap();
        let inviter = code.hints().iter().find_map(|hint| match hint {
            Hint::Address(address) if address.ip().is_loopback() => Some(*address),
            _ => None,
        });
        near_half(meeting.path(), inviter.expect("a loopback address in the code"));
        let mut child = Command::new("unshare")
            .args(wall.0)
            .args(["sh", "-c", "ip link set lo up && exec \"$0\""])
            .arg(std::env::current_exe().unwrap())
            .env(ROLE, meeting.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (orders, said) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut bob = Self {
            child,
            orders,
            said,
            code: Zeroizing::default(),
            _meeting: meeting,
        };
        let forwarder = bob.next();
        bob.code = by_way_of(
            code,
            forwarder.strip_prefix("ready ").expect("ready first").parse().unwrap(),
        );
        bob
    }

    /// Gives an order.
    pub(crate) fn tell(&self, order: &str) {
        writeln!(self.orders.as_ref().unwrap(), "{order}").unwrap();
    }

    /// Waits until he says this.
    pub(crate) fn hear(&mut self, expected: &str) {
        assert_eq!(self.next(), expected);
    }

    fn next(&mut self) -> String {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Bob {
    fn drop(&mut self) {
        // The end of his input is the order to leave.
        self.orders = None;
        self.child.wait().unwrap();
    }
}

/// The same code with this address as its only hint.
fn by_way_of(code: &InviteCode, forwarder: SocketAddr) -> Zeroizing<String> {
    let secret = Secret::from_bytes(*code.secret().as_bytes());
    let hints = vec![Hint::Address(forwarder)];
    let expires = code.expires();
    let code = InviteCode::new(
        code.kind(),
        code.flags(),
        secret,
        code.party_tag(),
        code.endpoint(),
        expires,
        hints,
    );
    code.unwrap().to_text()
}

/// Whether this process is the invitee.
pub(crate) fn is_invitee() -> bool {
    std::env::var_os(ROLE).is_some()
}

/// The life of the invitee's process.
pub(crate) async fn invitee() {
    let meeting = PathBuf::from(std::env::var_os(ROLE).unwrap());
    let mut bob = Peer::start("Bob").await;
    say(&format!("ready {}", far_half(&meeting)));
    let mut redemption = None;
    for order in io::stdin().lines() {
        let order = Zeroizing::new(order.unwrap());
        match (order.split_once(' ').unwrap(), redemption) {
            (("redeem", code), _) => {
                let begun = bob.redeem(code).await;
                redemption = Some(begun);
                bob.field(begun).await;
                say("field");
            }
            (("pin", digits), Some(redemption)) => {
                bob.type_pin(redemption, &Pin::parse(digits, 6).unwrap());
                bob.joined(redemption).await;
                say("joined");
            }
            _ => panic!("no such order"),
        }
    }
    bob.stop().await;
}

/// The inviter's half, which holds the datagrams of both directions.
fn near_half(meeting: &Path, inviter: SocketAddr) {
    let (udp, unix) = sockets(meeting, "near");
    udp.connect(inviter).unwrap();
    let far = meeting.join("far");
    let (udp_in, unix_in) = (Arc::clone(&udp), Arc::clone(&unix));
    hold(
        meeting,
        move |buffer| udp_in.recv(buffer),
        move |datagram| unix.send_to(datagram, &far),
    );
    hold(
        meeting,
        move |buffer| unix_in.recv(buffer),
        move |datagram| udp.send(datagram),
    );
}

/// The invitee's half. Where the invitee can reach it.
fn far_half(meeting: &Path) -> SocketAddr {
    let (udp, unix) = sockets(meeting, "far");
    let address = udp.local_addr().unwrap();
    let near = meeting.join("near");
    let invitee = Arc::new(OnceLock::new());
    let (udp_in, unix_in, seen) = (Arc::clone(&udp), Arc::clone(&unix), Arc::clone(&invitee));
    let from_invitee = move |buffer: &mut [u8]| {
        let (length, from) = udp_in.recv_from(buffer)?;
        seen.get_or_init(|| from);
        Ok(length)
    };
    let to_invitee = move |datagram: &[u8]| invitee.get().map_or(Ok(0), |invitee| udp.send_to(datagram, invitee));
    forward(meeting, from_invitee, move |datagram| unix.send_to(datagram, &near));
    forward(meeting, move |buffer| unix_in.recv(buffer), to_invitee);
    address
}

fn sockets(meeting: &Path, name: &str) -> (Arc<UdpSocket>, Arc<UnixDatagram>) {
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let unix = UnixDatagram::bind(meeting.join(name)).unwrap();
    udp.set_read_timeout(Some(GLANCE)).unwrap();
    unix.set_read_timeout(Some(GLANCE)).unwrap();
    (Arc::new(udp), Arc::new(unix))
}

/// Passes datagrams on at once, on a thread of its own.
fn forward(meeting: &Path, take: impl Take, mut give: impl Give) {
    let meeting = meeting.to_owned();
    // A datagram that cannot be delivered is lost, as UDP's are.
    spawn(move || each(&meeting, take, |datagram| drop(give(datagram))));
}

/// Passes datagrams on half a round trip after they came.
fn hold(meeting: &Path, take: impl Take, mut give: impl Give) {
    let meeting = meeting.to_owned();
    let (sender, held) = channel::<(Instant, Vec<u8>)>();
    spawn(move || {
        each(&meeting, take, |datagram| {
            drop(sender.send((now() + ROUND_TRIP / 2, datagram.to_vec())));
        });
    });
    spawn(move || {
        for (due, datagram) in held {
            thread::sleep(due.saturating_duration_since(now()));
            drop(give(&datagram));
        }
    });
}

/// Takes datagrams as long as the meeting place is there.
fn each(meeting: &Path, mut take: impl Take, mut then: impl FnMut(&[u8])) {
    let mut buffer = [0; DATAGRAM];
    loop {
        match take(&mut buffer) {
            Ok(length) => then(buffer.get(..length).unwrap_or_default()),
            Err(_nothing_came) if meeting.exists() => {}
            Err(_nothing_will) => return,
        }
    }
}

fn spawn(body: impl FnOnce() + Send + 'static) {
    thread::Builder::new().name("forwarder".to_owned()).spawn(body).unwrap();
}
